/**
 * What the names in order.asl.json are here. The functions are those that are deployed; the queue is a line that is printed,
 * for it is this project's to say who approves.
 */
import type { Bindings } from 'tutti/lang/asl'

export default {
  price: { lambda: './handlers/price.mjs' },
  total: { lambda: './handlers/price.mjs', handler: 'total' },
  charge: { lambda: './handlers/charge.mjs', timeoutSeconds: 5 },
  ship: { lambda: './handlers/ship.mjs' },
  'arn:aws:states:::sqs:sendMessage': (message: { readonly MessageBody: { readonly total: number } }) =>
    console.log(`somebody must approve an order of ${message.MessageBody.total}`),
} satisfies Bindings
