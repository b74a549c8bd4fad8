import { price } from './shared/prices.mjs'

const CENTS = { bread: 420, salt: 95 }

export const products = () => Object.entries(CENTS).map(([name, cents]) => ({ name, price: price(cents) }))
