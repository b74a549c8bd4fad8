/** A flow: nobody knows in advance how many steps it takes, since each message that is sent may bring new ones. */
import { effect, flow } from 'tutti'
import { optional, pipe, integer, maxValue, minValue, number, string } from 'valibot'
import * as queue from './queue.ts'

/** Reading the queue and sending act on the world, so neither is ever answered from another run. */
const fill = effect(queue.fill)
const peek = effect(queue.peek)
const deliver = effect(queue.deliver, { retry: 2 })

const parameters = {
  folder: optional(string(), '.queue'),
  depth: optional(pipe(number(), integer(), minValue(0), maxValue(6)), 3),
}

export const drain = flow(parameters, async ({ folder, depth }) => {
  let left = await fill(folder, depth)
  let sent = 0
  while (left > 0) {
    const message = await peek(folder)
    if (message === undefined) break
    left = (await deliver(folder, message)).left
    sent++
  }
  return { sent }
})
