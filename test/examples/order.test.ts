/** The order example: it waits for people, goes on, or takes back what it did. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { join } from 'node:path'
import { run, signalRun } from 'tutti'
import { openStore, type Store } from 'tutti/store'
import type { Event } from '../../src/core/index.ts'
import { approval, order, withdrawal } from '../../examples/order/tutti.ts'

let folder: string
let store: Store
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tutti-order-'))
  store = await openStore(join(folder, '.tutti'))
})
afterEach(async () => {
  await store.close()
  await rm(folder, { recursive: true })
})

const begin = (args: Readonly<Record<string, unknown>> = {}, onEvent: (event: Event) => void = () => undefined) =>
  run(order, { cwd: folder, store, id: 'o', args, whenIdle: 'pause', onEvent })

/** What was called to undo a step, in order. */
const undoneIn = (events: readonly Event[]) =>
  events.flatMap(event =>
    event.kind === 'attempt.started' && event.step.includes('.undo/') ? [event.step.split('/').at(-1)] : [],
  )

test('an order waits for its approval, and is sent another way when the first is down', async () => {
  expect(await begin()).toMatchObject({
    kind: 'paused',
    waiting: [{ signal: approval.name }, { signal: withdrawal.name }, {}],
  })
  await signalRun(store, 'o', { signal: approval.name, value: { by: 'Grace' } })
  const result = await run(order, { cwd: folder, store, id: 'o', args: {} })
  expect(result).toMatchObject({
    status: 'succeeded',
    output: { approvedBy: 'Grace', receipt: expect.any(String), parcel: { carrier: 'post', delivered: true } },
  })
})

test('one that is withdrawn takes back what it did, last first', async () => {
  await begin()
  await signalRun(store, 'o', { signal: withdrawal.name, value: { why: 'found it' } })
  const events: Event[] = []
  const result = await run(order, { cwd: folder, store, id: 'o', args: {}, onEvent: event => events.push(event) })
  expect(result).toMatchObject({ status: 'failed', fault: { code: 'ORDER_WITHDRAWN', message: 'found it' } })
  expect(undoneIn(events)).toEqual(['refund', 'release'])
})

test('a card that the bank refuses releases the reservation at once', async () => {
  const events: Event[] = []
  const result = await begin({ card: 'stolen' }, event => events.push(event))
  expect(result).toMatchObject({ status: 'failed', fault: { code: 'PAYMENT_DECLINED' } })
  expect(undoneIn(events)).toEqual(['release'])
})
