/** Commands that wait for a slot go in the order in which their steps would. */
import { afterEach, expect, test } from 'vitest'
import { commandsMax, setCommandsMax } from '../../src/exec/index.ts'
import { takeSlot } from '../../src/exec/sh/limiter.ts'
import { newWaits } from '../../src/exec/waits.ts'
import { effect, sh, workflow } from '../../src/index.ts'
import { run } from '../../src/run/embed.ts'
import { pastDurations } from '../../src/run/past.ts'
import { memoryStore, newMemory } from '../../src/store/index.ts'

const before = commandsMax()
afterEach(() => setCommandsMax(before))

const LIVE = new AbortController().signal

test('greater priority first, then the longest way to the end, then who asked first', async () => {
  setCommandsMax(1)
  const first = await takeSlot(LIVE)
  const started: string[] = []
  const gone = new AbortController()
  const asks = (name: string, ahead: number | undefined, priority = 0, signal = LIVE): Promise<void> =>
    takeSlot(signal, { policy: { priority }, ...(ahead === undefined ? {} : { ahead }) }).then(release => {
      if (release) started.push(name)
      release?.()
    })
  const all = [
    asks('a', undefined),
    asks('b', 10),
    asks('gone', 30, 5, gone.signal),
    asks('c', 20),
    asks('d', 10),
    asks('urgent', undefined, 1),
  ]
  gone.abort()
  first?.()
  await Promise.all(all)
  expect(started).toEqual(['urgent', 'c', 'b', 'd', 'a'])
})

test('an attempt waits while a command of its waits and none runs', () => {
  let nowMs = 0
  const waits = newWaits(() => nowMs)
  const at = (ms: number, change: () => unknown): unknown => {
    nowMs = ms
    return change()
  }
  const [first, second] = [at(0, waits.waiting), at(10, waits.waiting)] as (() => void)[]
  const ran = at(30, () => {
    first!()
    return waits.running()
  }) as () => void
  at(100, ran)
  at(105, second!)
  at(500, waits.running)
  expect(waits.ms).toBe(35)
})

test('what commands only waited is not what their steps take', async () => {
  setCommandsMax(1)
  const nap = effect(() => sh`sleep 0.3`, { name: 'nap' })
  const body = workflow(() => {
    nap()
    nap()
    nap()
  })
  const store = memoryStore(newMemory())
  expect(await run(body, { store })).toMatchObject({ status: 'succeeded' })
  const [row] = store.runs.list()
  const { workflow: name, createdAtMs, endedAtMs = 0 } = row!
  const past = await pastDurations(store, { file: '', name })
  // One after the other they fill the run; with their waits they would take twice as long as that.
  const allMs = [...past.values()].reduce((sum, ms) => sum + ms, 0)
  expect([past.size, allMs < 1.3 * (endedAtMs - createdAtMs)]).toEqual([3, true])
})
