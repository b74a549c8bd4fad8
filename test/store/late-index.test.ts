/** The index of a run's rows is written late (src/store/run-rows.ts): no reader may notice. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { doctor, openStore, type Store } from '../../src/store/index.ts'
import { open } from '../../src/store/libsql.ts'
import { ROWS_PER_FILL, selectRunRows } from '../../src/store/run-rows.ts'
import { bundleChild, event, newFolder, startChild } from './fixture.ts'
import { lease, rowOf } from './data.ts'

let script = ''
beforeAll(async () => void (script = await bundleChild()))
afterAll(() => rmSync(script, { force: true }))

async function stepsOf(store: Store, run: string, from = 1): Promise<readonly number[]> {
  const seqs: number[] = []
  for await (const { seq } of store.read({ run, from })) seqs.push(seq)
  return seqs
}

test('two runs in turns, at every length of the tail around a fill', async () => {
  const store = await openStore(newFolder(), { durability: 'normal' })
  const leases = ['a', 'b'].map(run => lease(store, run))
  const expected = new Map<string, number[]>([
    ['a', []],
    ['b', []],
  ])
  for (const each of leases) {
    expected.get(each.run)?.push(await store.append([{ lease: each, events: [event(0)], row: rowOf(each.run) }]))
  }
  for (let commit = 0; commit < 2 * ROWS_PER_FILL + 20; commit += 1) {
    const each = leases[commit % 3 === 0 ? 0 : 1]
    if (!each) continue
    expected.get(each.run)?.push(await store.append([{ lease: each, events: [event(commit)] }]))
    if (commit % ROWS_PER_FILL > 6 && commit % ROWS_PER_FILL < ROWS_PER_FILL - 6) continue
    for (const [run, seqs] of expected) {
      expect(await stepsOf(store, run)).toEqual(seqs)
      expect(store.runs.get(run)?.lastSeq).toBe(seqs.at(-1))
      expect(await stepsOf(store, run, (seqs.at(-2) ?? 0) + 1)).toEqual(seqs.slice(-1))
    }
  }
  expect(store.runs.list().map(row => row.lastSeq)).toEqual(['b', 'a'].map(run => expected.get(run)?.at(-1)))
  await store.close()
})

test('a writer that is killed leaves a tail: the next one reads it and goes on with the chain', async () => {
  const folder = newFolder()
  const child = startChild(script, ['write', folder, 'run-1'])
  await child.printed(20)
  child.process.kill('SIGKILL')
  await child.ended
  const store = await openStore(folder)
  const before = await stepsOf(store, 'run-1')
  expect(before.length).toBeGreaterThanOrEqual(20)
  const seq = await store.append([{ lease: lease(store, 'run-1'), events: [event(99)] }])
  expect(await stepsOf(store, 'run-1')).toEqual([...before, seq])
  await store.close()
  expect((await doctor(folder)).diagnostics).toEqual([])
})

test('a store that is open twice in one process takes blobs through both at once', async () => {
  const folder = newFolder()
  const stores = await Promise.all([openStore(folder), openStore(folder)])
  const texts = Array.from({ length: 40 }, (_, index) => new TextEncoder().encode(`value ${index % 20}`))
  const hashes = await Promise.all(texts.map((bytes, index) => stores[index % 2]?.blobs.put(bytes)))
  for (const [index, hash] of hashes.entries())
    expect(Buffer.from((await stores[0]?.blobs.get(hash ?? '')) ?? [])).toEqual(Buffer.from(texts[index] ?? []))
  await Promise.all(stores.map(store => store.close()))
})

test('a signal that is used for many waits keeps no listener of them', async () => {
  const store = await openStore(newFolder(), { durability: 'normal' })
  const { signal } = new AbortController()
  let listening = 0
  const counting = {
    aborted: false,
    addEventListener: (...args: Parameters<AbortSignal['addEventListener']>) => {
      listening += 1
      signal.addEventListener(...args)
    },
    removeEventListener: (...args: Parameters<AbortSignal['removeEventListener']>) => {
      listening -= 1
      signal.removeEventListener(...args)
    },
  } as AbortSignal // as much of one as the store uses
  const own = lease(store, 'a')
  await store.append([{ lease: own, events: [event(0)], row: rowOf('a') }])
  for (let wait = 0; wait < 50; wait += 1) {
    const changed = store.changed(store.head(), counting)
    await store.append([{ lease: own, events: [event(wait)] }])
    await changed
  }
  expect(listening).toBe(0)
  await store.close()
})

test('a page of a long run sorts that page, not all that is left of the run', async () => {
  const folder = newFolder()
  const store = await openStore(folder, { durability: 'normal' })
  const database = open(join(folder, 'store.db'))
  const plan = database
    .prepare(`EXPLAIN QUERY PLAN ${selectRunRows('last_seq, body', 16)}`)
    .all(['a', 1, 'a', 1])
    .map(row => String(row.at(-1)))
  expect(plan.filter(line => line.includes('TEMP B-TREE')).length, plan.join('\n')).toBe(1)
  database.close()
  await store.close()
})
