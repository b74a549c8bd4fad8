/**
 * A store's life, to be cut off by a power failure: it appends, keeps blobs, takes snapshots, posts letters, closes and
 * opens again, by chance, and says what was acknowledged. What it writes hangs on its place alone, so that it can be told.
 */
import { createHash } from 'node:crypto'
import type { Event } from '../../src/core/engine/protocol.ts'
import { type Durability, type Lease, openStore, type Store } from '../../src/store/index.ts'
import { diceOf, trait } from '../core/dice.ts'
import { event, lease, rowOf } from '../store/data.ts'
import { RUNS } from './answers.ts'

export interface LifePlan {
  readonly seed: number
  readonly durability: Durability
  /** How many things it does. */
  readonly acts: number
  /** The runs that are its own; others may be another process's. */
  readonly runs: readonly string[]
}

/** What it prints of what was acknowledged. */
export type Acknowledged =
  | { readonly kind: 'events'; readonly run: string; readonly count: number }
  | { readonly kind: 'letter'; readonly reason: string }

const PLACES: readonly string[] = RUNS
const SIZES = [1, 30, 700, 5_000, 30_000]

/** The bytes that the event `index` of a run names, if it names any. */
export function blobOf(run: string, index: number): Buffer | undefined {
  if (trait(`${run} ${index} names`, 5) > 0) return undefined
  return Buffer.from(`blob of ${run} ${index} `.repeat(1 + trait(`${run} ${index} long`, 400)))
}

/** The event `index` of a run. */
export function eventOf(run: string, index: number): Event {
  const bytes = blobOf(run, index)
  const note = `${run} ${index} `.repeat(Math.ceil((SIZES[trait(`${run} ${index}`, 40)] ?? 20) / 8))
  if (!bytes) return event(index, note)
  const hash = createHash('sha256').update(bytes).digest('hex')
  const output = { codec: 'bytes', hash, sizeBytes: bytes.length }
  return {
    kind: 'step.settled',
    v: 1,
    step: `s${index}`,
    attempt: 1,
    outcome: { kind: 'succeeded', output },
    atMs: index,
  }
}

export async function live(folder: string, detail: string, print: (line: string) => void): Promise<void> {
  // The parent wrote it.
  const { seed, durability, acts, runs } = JSON.parse(detail) as LifePlan
  const dice = diceOf(seed)
  const tell = (what: Acknowledged): void => print(JSON.stringify(what))
  const counts = new Map<string, number>()
  let leases = new Map<string, Lease>()
  let store = await openStore(folder, { durability })

  const append = async (run: string): Promise<void> => {
    const held = leases.get(run) ?? lease(store, run)
    leases.set(run, held)
    const first = counts.get(run) ?? 0
    const count = 1 + dice.roll(3)
    counts.set(run, first + count)
    const indexes = Array.from({ length: count }, (_, index) => first + index)
    await Promise.all(indexes.flatMap(index => blobOf(run, index) ?? []).map(bytes => store.blobs.put(bytes)))
    const row =
      first === 0 || dice.roll(6) === 0
        ? { row: rowOf(run, { createdAtMs: 1 + PLACES.indexOf(run), updatedAtMs: first }) }
        : {}
    await store.append([{ lease: held, events: indexes.map(index => eventOf(run, index)), ...row }])
    tell({ kind: 'events', run, count: first + count })
  }

  for (const run of runs) await append(run)
  for (let act = 0; act < acts; act += 1) {
    const what = dice.roll(40)
    if (what === 0) {
      await store.close()
      leases = new Map()
      store = await openStore(folder, { durability })
    } else if (what < 4) {
      const reason = `letter ${seed} ${act}`
      store.mailbox.post(dice.pick(runs), { kind: 'cancel', reason })
      tell({ kind: 'letter', reason })
    } else if (what === 4) snapshot(store, dice.pick(runs), counts)
    else if (what < 10) await Promise.all(runs.map(append))
    else await append(dice.pick(runs))
  }
  if (dice.roll(2) === 0) await store.close()
}

function snapshot(store: Store, run: string, counts: ReadonlyMap<string, number>): void {
  const count = counts.get(run) ?? 0
  store.snapshots.put(run, count, Buffer.alloc(20_000, count % 256))
}
