/** What goes wrong on purpose: a process dies at a commit, something comes late, or twice. All of it is decided by the seed. */
import type { Event } from '../core/index.ts'
import type { MemoryStore } from '../store/memory.ts'
import type { Store } from '../store/store.ts'
import { type Duration, durationMs } from '../util/duration.ts'
import { between, type Random } from './random.ts'

/** A moment of a run at which its process dies: just before a commit is durable, or just after, before anything follows from it. */
export interface CrashPoint {
  /** From 1, over all lives of the run. */
  readonly commit: number
  readonly when: 'before' | 'after'
}

export interface Faults {
  /** How probable it is from 0 to 1 that the process dies at a commit; or at which it does. It is started again at once. */
  readonly crashes?: number | readonly CrashPoint[]
  /** How probable it is that a completion or a signal is told a second time. */
  readonly duplicates?: number
  /** What ends, and what was to wake up, comes late by up to so much. What is cancelled may have succeeded all the same. */
  readonly lateness?: Duration
}

/** What `faults: true` means. */
export const SOME_FAULTS: Faults = { crashes: 0.1, duplicates: 0.1, lateness: '1m' }
/** A duplicate comes within this time. */
const DUPLICATE_MS_MAX = 60_000
/** A probability of 1 would never let a run go on. */
const CRASHES_MAX = 1_000

/** The process died. */
export class Crash extends Error {
  override readonly name = 'Crash'
}

export interface Fate {
  readonly commits: number
  readonly crashes: number
  /** The store of a life. Its `append` fails with `Crash` where the process dies. */
  doom(store: MemoryStore, onCommit: (events: readonly Event[]) => void): Store
  /** When a duplicate of something comes; undefined: there is none. */
  duplicateMs(): number | undefined
  latenessMs(): number
  /** Whether what is stopped now has ended all the same. */
  isLate(): boolean
}

export function newFate(faults: Faults, chance: Random): Fate {
  const { crashes = 0, duplicates = 0 } = faults
  const latenessMsMax = faults.lateness === undefined ? 0 : durationMs(faults.lateness)
  let commits = 0
  let died = 0

  const deathAt = (commit: number): CrashPoint['when'] | undefined => {
    if (typeof crashes !== 'number') return crashes.find(point => point.commit === commit)?.when
    if (crashes === 0 || died >= CRASHES_MAX || chance() >= crashes) return undefined
    return chance() < 0.5 ? 'before' : 'after'
  }

  const die = (store: MemoryStore): never => {
    died += 1
    store.kill()
    throw new Crash('the simulated process died')
  }

  return {
    get commits() {
      return commits
    },
    get crashes() {
      return died
    },
    doom: (store, onCommit) => ({
      ...store,
      append: async batches => {
        const when = deathAt((commits += 1))
        if (when === 'before') return die(store)
        const seq = await store.append(batches)
        onCommit(batches.flatMap(batch => batch.events))
        return when === 'after' ? die(store) : seq
      },
    }),
    duplicateMs: () => (duplicates > 0 && chance() < duplicates ? between(chance, 0, DUPLICATE_MS_MAX) : undefined),
    latenessMs: () => (latenessMsMax === 0 ? 0 : between(chance, 0, latenessMsMax)),
    isLate: () => latenessMsMax > 0 && chance() < 0.5,
  }
}
