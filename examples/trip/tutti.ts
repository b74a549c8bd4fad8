/**
 * A business trip: booked step by step, approved by a person, paid; what was booked is undone, last first, when there is no
 * approval within three days or the payment fails for good. Days go by in it: simulate it before you run it.
 */
import { attempt, effect, signal, workflow } from 'tutti'
import { z } from 'zod'

export type Booking = { readonly id: string; readonly price: number }

/** Here a real one would call the airline. */
const bookFlight = effect((to: string): Booking => ({ id: `flight to ${to}`, price: 420 }))
const cancelFlight = effect((booking: Booking) => `${booking.id} cancelled`, { retry: 10 })
const bookHotel = effect((to: string): Booking => ({ id: `hotel in ${to}`, price: 330 }))
const cancelHotel = effect((booking: Booking) => `${booking.id} cancelled`, { retry: 10 })
const pay = effect((flight: Booking, hotel: Booking, by: string) => receipt(flight, hotel, by), {
  timeout: '1m',
  retry: { times: 5, delay: '10m', maxDelay: '6h', jitter: 'none' },
})

export const receipt = (flight: Booking, hotel: Booking, by: string): string =>
  `${flight.price + hotel.price} paid, approved by ${by}`

/** `tutti signal RUN approval '{"by":"…"}'` */
export const approval = signal(z.object({ by: z.string() }))

export const trip = workflow({ to: z.string().default('Lisbon') }, ({ to }) =>
  attempt(
    () => {
      const flight = bookFlight(to).undo(booking => cancelFlight(booking))
      const hotel = bookHotel(to).undo(booking => cancelHotel(booking))
      const approved = approval.wait({ timeout: '3d' }).after(flight, hotel)
      return pay(flight, hotel, approved.by)
    },
    { catch: error => error.code },
  ),
)
