/**
 * What one commit costs, the store alone: no engine, no executors. Ratios to the raw `fdatasync` of a 200-byte append on
 * the same disk, sampled in alternation, since disks swing.
 *
 *   npx esbuild bench/store.ts --bundle --platform=node --format=esm --external:libsql --outfile=OUT.mjs && node OUT.mjs
 */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Event } from '../src/core/engine/protocol.ts'
import { type Lease, openStore, type Store, type StoreOptions } from '../src/store/index.ts'

const HASH = '0'.repeat(64)
const event = (index: number): Event => ({
  kind: 'step.settled',
  v: 1,
  step: `steps[${index}]`,
  attempt: 1,
  outcome: { kind: 'succeeded', output: { codec: 'json', hash: HASH, sizeBytes: 4, inline: 'true' } },
  atMs: 1_700_000_000_000 + index,
})

const folder = mkdtempSync(join(process.cwd(), '.bench-store-'))
let count = 0
/** Small enough that a disk's moods meet both alike. */
const SLICE = 50
const SLICES = 20

/** Operations a second. */
async function rate(operations: number, work: () => Promise<void> | void): Promise<number> {
  const start = performance.now()
  await work()
  return operations / ((performance.now() - start) / 1_000)
}

/** Microseconds of one raw sync and one commit, in alternating slices, in a store that is new. */
async function besides(): Promise<{ readonly raw: number; readonly commit: number }> {
  const file = openSync(join(folder, `raw-${(count += 1)}`), 'a')
  const line = Buffer.alloc(200, 120)
  let raw = 0
  let commit = 0
  await withStore({ durability: 'full' }, async store => {
    const lease = await begin(store)
    for (let slice = 0; slice < SLICES; slice += 1) {
      const start = performance.now()
      for (let index = 0; index < SLICE; index += 1) {
        writeSync(file, line)
        fdatasyncSync(file)
      }
      const middle = performance.now()
      for (let index = 0; index < SLICE; index += 1) await store.append([{ lease, events: [event(index)] }])
      raw += middle - start
      commit += performance.now() - middle
    }
  })
  closeSync(file)
  const each = (ms: number): number => (ms * 1_000) / (SLICE * SLICES)
  return { raw: each(raw), commit: each(commit) }
}

async function withStore<T>(options: StoreOptions, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(join(folder, `store-${(count += 1)}`), options)
  return work(store).finally(() => store.close())
}

async function appends(options: StoreOptions, shape: { commits: number; events: number }): Promise<number> {
  return withStore(options, async store => {
    const lease = await begin(store)
    const events = Array.from({ length: shape.events }, (_, index) => event(index))
    return rate(shape.commits * shape.events, async () => {
      for (let index = 0; index < shape.commits; index += 1) await store.append([{ lease, events }])
    })
  })
}

async function begin(store: Store): Promise<Lease> {
  const answer = store.leases.acquire('run')
  if (answer.kind !== 'acquired') throw new Error('held')
  const hashes = { graph: HASH, bundle: HASH, args: HASH }
  const times = { createdAtMs: 1, updatedAtMs: 1 }
  const row = { run: 'run', workflow: 'w', file: 'f', status: 'running', ...hashes, ...times } as const
  await store.append([{ lease: answer.lease, events: [event(0)], row }])
  return answer.lease
}

const median = (numbers: readonly number[]): number => [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? 0

const rounds: { readonly raw: number; readonly commit: number }[] = []
for (let round = 0; round < 9; round += 1) rounds.push(await besides())
const perSecond = (us: number): number => Math.round(1e6 / us)
const rows = [
  { name: 'raw fdatasync of 200 bytes, /s', figure: perSecond(median(rounds.map(({ raw }) => raw))), ratio: 1 },
  {
    name: 'commits of 1 event, FULL, /s',
    figure: perSecond(median(rounds.map(({ commit }) => commit))),
    ratio: Number(median(rounds.map(({ raw, commit }) => raw / commit)).toFixed(2)),
  },
]
const note = (name: string, figure: number): void =>
  void rows.push({ name, figure: Math.round(figure * 10) / 10, ratio: Number.NaN })
note('commits of 1 event, NORMAL, /s', await appends({ durability: 'normal' }, { commits: 5_000, events: 1 }))
note('events in commits of 1,000, FULL, /s', await appends({ durability: 'full' }, { commits: 10, events: 1_000 }))
const opening: number[] = []
for (let round = 0; round < 11; round += 1) {
  const start = performance.now()
  await withStore({}, async () => {})
  opening.push(performance.now() - start)
}
note('create and close a store, ms', median(opening))
console.table(rows)
rmSync(folder, { recursive: true })
