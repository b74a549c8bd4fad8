/** An error's name is what `ErrorEquals` of the definition is compared with. */
class CardDeclined extends Error {
  name = 'CardDeclined'
}

export const handler = async ({ id, total, card }, context) => {
  if (card === 'stolen') throw new CardDeclined('the bank says no')
  return { receipt: `${context.functionName}-${id}`, amount: total }
}
