/** Which of the steps that wait goes first, once a run has told how long they take: on a virtual clock, in the real shell. */
import { expect, test } from 'vitest'
import { z } from 'zod'
import { effect, each, flow, workflow } from '../../src/dsl/index.ts'
import { definitionOf } from '../../src/dsl/definition.ts'
import { startRun } from '../../src/run/launch.ts'
import { openLocal } from '../../src/run/local.ts'
import type { ScheduleName } from '../../src/run/prospect.ts'
import { embeddedRunnable } from '../../src/run/runnable.ts'
import { memoryStore, newMemory, type Store } from '../../src/store/index.ts'
import { virtualClock } from './virtual-clock.ts'

const clock = virtualClock()

/** Works for so many virtual minutes. */
const work = effect(
  (minutes: number, _after?: unknown) =>
    new Promise<number>(resolve => clock.at(clock.now() + minutes * 60_000, () => resolve(minutes))),
  { name: 'work' },
)
const urgent = effect(() => new Promise<void>(resolve => clock.at(clock.now() + 600_000, resolve)), {
  name: 'urgent',
  priority: 1,
})

/** Six short steps come first in the text, and then a chain of three long ones. */
const late = workflow(() => {
  for (let count = 0; count < 6; count += 1) work(10)
  work(20, work(20, work(20)))
})

const items = workflow({ minutes: z.array(z.number()) }, ({ minutes }) =>
  each(minutes, minute => work(minute), { key: minute => minute }),
)

const calling = flow(async () => void (await work(1)))

let runs = 0

/** Minutes from the start of a run to its end, with two slots; and which steps were started, in order. */
async function lasts(
  store: Store,
  body: Parameters<typeof definitionOf>[0],
  schedule: ScheduleName,
  args: Readonly<Record<string, unknown>> = {},
) {
  const definition = definitionOf(body)
  if (!definition || !('body' in definition)) throw new Error('no workflow')
  const runnable = embeddedRunnable(definition, process.cwd())
  const local = openLocal(store, { cwd: runnable.cwd, slots: 2, clock, schedule })
  local.register(runnable)
  const run = `run-${++runs}`
  const startMs = clock.now()
  const { session } = await startRun(local, runnable, run, args)
  const end = await clock.until(session.ended)
  expect(end).toMatchObject({ status: 'succeeded' })
  const minutes = (clock.now() - startMs) / 60_000
  const started: string[] = []
  for await (const { event } of store.read({ run })) if (event.kind === 'attempt.started') started.push(event.step)
  await local.close()
  return { minutes, started }
}

const newStore = (): Store => memoryStore(newMemory())

test('a chain that stands last in the text goes first when a run has told how long it is: 60 minutes instead of 90', async () => {
  const store = newStore()
  expect((await lasts(store, late, 'critical-path')).minutes).toBe(90)
  const second = await lasts(store, late, 'critical-path')
  expect([second.minutes, second.started[0]]).toEqual([60, 'work~7'])
  expect((await lasts(store, late, 'fifo')).minutes).toBe(90)
})

test('items are told apart by their keys, and one that is new is taken for the longest', async () => {
  const store = newStore()
  const minutes = [1, 2, 3, 4, 9]
  expect((await lasts(store, items, 'critical-path', { minutes })).minutes).toBe(13)
  expect((await lasts(store, items, 'critical-path', { minutes })).minutes).toBe(10)
  const { started } = await lasts(store, items, 'critical-path', { minutes: [1, 9, 7] })
  expect(started).toEqual(['each[9]/work', 'each[7]/work', 'each[1]/work'])
})

test('an explicit priority goes before the way', async () => {
  const store = newStore()
  const body = workflow(() => {
    work(1)
    work(20, work(20))
    urgent()
  })
  for (const first of [
    ['urgent', 'work'],
    ['urgent', 'work~2'],
  ])
    expect((await lasts(store, body, 'critical-path')).started.slice(0, 2)).toEqual(first)
})

test('a flow only waits for others: it begins although no slot is free', async () => {
  const body = workflow(() => {
    work(10)
    work(10)
    calling()
  })
  const { started, minutes } = await lasts(newStore(), body, 'critical-path')
  expect([started, minutes]).toEqual([['work', 'work~2', 'flow', 'flow[work~0]/step'], 11])
})
