/** Cents as people write them. */
export const price = cents => `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`
