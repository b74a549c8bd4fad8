/** What stands for the world when the trip is simulated: the airline is slow, the bank is busy at first. */
import { failing, type Mocks, takes } from 'tutti/sim'
import { type Booking, receipt } from './tutti.ts'

export const mocks: Mocks = {
  bookFlight: takes(['1m', '1h'], ([to]) => ({ id: `flight to ${to}`, price: 420 })),
  bookHotel: takes(['10s', '2m'], ([to]) => ({ id: `hotel in ${to}`, price: 330 })),
  cancelFlight: failing(1, new Error('the airline does not answer'), ([booking]) => `${booking.id} cancelled`),
  cancelHotel: ([booking]: readonly Booking[]) => `${booking?.id} cancelled`,
  pay: failing(
    2,
    new Error('the bank is busy'),
    takes('20s', ([flight, hotel, by]) => receipt(flight, hotel, by)),
  ),
}
