/** The shop's other systems, in miniature: each function is a request to one of them, and says what it did. */

export interface Item {
  readonly sku: string
  readonly count: number
}
export interface Reservation extends Item {
  readonly shelf: string
}
export interface Receipt {
  readonly id: string
  readonly amount: number
}
export interface Parcel {
  readonly carrier: string
  readonly hops: number
  readonly delivered: boolean
}

const STOCK: Readonly<Record<string, number>> = { tea: 20, cup: 3, pot: 1 }

export function reserve({ sku, count }: Item): Reservation {
  const left = STOCK[sku] ?? 0
  if (left < count) throw Object.assign(new Error(`${left} of ${sku} left`), { code: 'OUT_OF_STOCK' })
  return { sku, count, shelf: `${sku}-shelf` }
}

export const release = ({ sku, count }: Reservation): string => `put ${count} of ${sku} back`

export const priceOf = (reserved: readonly (Reservation | undefined)[]): number =>
  reserved.reduce((sum, item) => sum + (item?.count ?? 0) * 25, 0)

/** `key`: a bank takes the same one only once, however often it is asked. */
export function charge(card: string, amount: number, key: string): Receipt {
  if (card.startsWith('stolen')) throw Object.assign(new Error('the bank says no'), { code: 'PAYMENT_DECLINED' })
  return { id: key, amount }
}

export const refund = ({ id, amount }: Receipt, customer: string): string =>
  `paid ${amount} of ${id} back to ${customer}`

/** The first carrier has a bad day: it takes nothing. */
export function ship(carrier: 'express' | 'post', items: number): Parcel {
  if (carrier === 'express') throw Object.assign(new Error('no driver today'), { code: 'CARRIER_DOWN' })
  return { carrier, hops: items, delivered: false }
}

export const track = ({ carrier, hops }: Parcel): Parcel => ({ carrier, hops: hops - 1, delivered: hops <= 1 })
