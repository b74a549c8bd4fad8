const PRICES = { lamp: 40, desk: 350, chair: 120 }

/** One line of an order, priced. */
export const handler = async ({ sku, count = 1 }) => {
  const price = PRICES[sku]
  if (price === undefined) throw new TypeError(`there is no price for ${sku}`)
  return { sku, count, sum: price * count }
}

export const total = async lines => lines.reduce((sum, line) => sum + line.sum, 0)
