import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { observe } from '../../src/observe/observe.ts'
import { openStore, type Lease, type RunRow, type Store, type StoredEvent } from '../../src/store/index.ts'
import { hashText } from '../../src/util/hash.ts'
import * as $ from './log.ts'

let folder: string
let store: Store

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tutti-observe-'))
  store = await openStore(folder, { durability: 'normal' })
})
afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

const row = (run: string): Omit<RunRow, 'lastSeq'> => ({
  run,
  workflow: 'w',
  file: 'tutti.ts',
  graph: hashText('g'),
  bundle: hashText('b'),
  args: hashText('a'),
  status: 'running',
  createdAtMs: 0,
  updatedAtMs: 0,
})

/** A writer of one run: each call appends so many events, named `run.n`. */
function writer(to: Store, run: string): (count: number) => Promise<number> {
  const taken = to.leases.acquire(run)
  if (taken.kind !== 'acquired') throw new Error(`${run} is held by ${taken.owner}`)
  const lease: Lease = taken.lease
  let written = 0
  return count =>
    to.append([
      { lease, events: Array.from({ length: count }, () => $.start(`${run}.${++written}`)(0)), row: row(run) },
    ])
}

const nameOf = ({ event }: StoredEvent): string =>
  'step' in event && event.step !== undefined ? event.step : event.kind
const named = (run: string, from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `${run}.${from + index}`)

/** A list that can be waited for: resolves when it has so many entries. */
function listing() {
  const seen: string[] = []
  let wake = () => {}
  return {
    seen,
    add(stored: StoredEvent) {
      seen.push(nameOf(stored))
      wake()
    },
    async until(count: number) {
      while (seen.length < count) await new Promise<void>(resolve => (wake = resolve))
    },
  }
}

test('O1: what was written before and after comes in order, each once', async () => {
  const write = writer(store, 'a')
  await write(3)
  const list = listing()
  const observation = observe(store, { from: 1 }, list.add)
  await list.until(3)
  for (let turn = 0; turn < 20; turn++) await write(5)
  await list.until(103)
  await observation.stop()
  expect(list.seen).toEqual(named('a', 1, 103))
})

test('O1: the next event waits until the observer has done with the last one', async () => {
  await writer(store, 'a')(50)
  let inside = 0
  let most = 0
  const observation = observe(store, { from: 1 }, async () => {
    most = Math.max(most, ++inside)
    await new Promise(resolve => setImmediate(resolve))
    inside--
  })
  await observation.drain()
  expect([most, observation.seq()]).toEqual([1, 50])
})

test('O2: another observation goes on where one stopped', async () => {
  const write = writer(store, 'a')
  await write(10)
  const first: string[] = []
  const one = observe(store, { from: 1 }, stored => {
    first.push(nameOf(stored))
    if (first.length === 4) void one.stop()
  })
  await one.stop()
  await write(2)
  const second: string[] = []
  const two = observe(store, { from: one.seq() + 1 }, stored => void second.push(nameOf(stored)))
  await two.drain()
  expect([...first, ...second]).toEqual(named('a', 1, 12))
})

test('O3: nothing comes after stop, and stop may be called twice', async () => {
  const write = writer(store, 'a')
  const list = listing()
  const observation = observe(store, { from: 1 }, list.add)
  await write(1)
  await list.until(1)
  await observation.stop()
  await observation.stop()
  await write(5)
  expect(list.seen).toEqual(['a.1'])
})

test('one run only, and other runs do not wake it for ever', async () => {
  const [a, b] = [writer(store, 'a'), writer(store, 'b')]
  const list = listing()
  const observation = observe(store, { from: 1, run: 'b' }, list.add)
  for (let turn = 0; turn < 5; turn++) {
    await a(100)
    await b(1)
  }
  await list.until(5)
  await observation.drain()
  expect(list.seen).toEqual(named('b', 1, 5))
  expect(observation.seq()).toBe(505)
})

test('from now: only what comes from here on', async () => {
  const write = writer(store, 'a')
  await write(5)
  const list = listing()
  const observation = observe(store, { from: 'now' }, list.add)
  await write(2)
  await list.until(2)
  await observation.stop()
  expect(list.seen).toEqual(['a.6', 'a.7'])
})

test('what another handle of the store appends is seen too', async () => {
  const other = await openStore(folder, { durability: 'normal' })
  const list = listing()
  const observation = observe(store, { from: 1 }, list.add)
  const [here, there] = [writer(store, 'a'), writer(other, 'b')]
  await there(3)
  await list.until(3)
  await here(1)
  await there(1)
  await list.until(5)
  await observation.stop()
  await other.close()
  expect(list.seen).toEqual(['b.1', 'b.2', 'b.3', 'a.1', 'b.4'])
})

test('an observer that throws is told so and gets the next event; the writer notices nothing', async () => {
  const write = writer(store, 'a')
  const seen: string[] = []
  const errors: string[] = []
  const observation = observe(
    store,
    { from: 1, onError: (error, stored) => errors.push(`${stored && nameOf(stored)}: ${String(error)}`) },
    async stored => {
      seen.push(nameOf(stored))
      if (nameOf(stored) === 'a.2') throw new Error('sync in async')
      if (nameOf(stored) === 'a.3') return Promise.reject('a string')
    },
  )
  expect(await write(4)).toBe(4)
  await observation.drain()
  expect(seen).toEqual(named('a', 1, 4))
  expect(errors).toEqual(['a.2: Error: sync in async', 'a.3: a string'])
})

test('an onError that throws is nobody else’s trouble', async () => {
  await writer(store, 'a')(3)
  let count = 0
  const observation = observe(
    store,
    {
      from: 1,
      onError: () => {
        throw new Error('again')
      },
    },
    () => {
      count++
      throw new Error('no')
    },
  )
  await observation.drain()
  expect(count).toBe(3)
})

test('an observer that never comes back does not hold up the run', async () => {
  const write = writer(store, 'a')
  const seen: string[] = []
  observe(store, { from: 1 }, stored => {
    seen.push(nameOf(stored))
    return new Promise<void>(() => {})
  })
  for (let turn = 0; turn < 20; turn++) await write(50)
  expect(store.head()).toBe(1_000)
  expect(seen).toEqual(['a.1'])
})

test('a store that is closed under an observation ends it, with one error at most', async () => {
  const other = await openStore(folder, { durability: 'normal' })
  const errors: unknown[] = []
  const observation = observe(other, { from: 1, onError: error => errors.push(error) }, () => {})
  await writer(store, 'a')(1)
  await other.close()
  await observation.stop()
  expect(errors.length).toBeLessThanOrEqual(1)
})
