/** What the values of sources hung on when they were looked at, by their content: whether they still are what tasks were given. */
import type { StepId, ValueRef } from '../core/index.ts'
import type { Hash } from '../util/hash.ts'
import type { Seen } from '../values/index.ts'

export interface Looked {
  /** A look has been taken, for an attempt that has not ended. */
  look(run: string, step: StepId, seen: Seen): void
  /** The attempt has ended with this value. */
  gave(run: string, step: StepId, value: ValueRef): void
  /** undefined: it is no source's value, or not of this process. */
  seenOf(value: ValueRef): Seen | undefined
}

/** Some hundred bytes each, and one for each file in it. */
const KEPT_MAX = 20_000

export function newLooked(): Looked {
  const open = new Map<string, Seen>()
  const byValue = new Map<Hash, Seen>()
  return {
    look: (run, step, seen) => void open.set(`${run} ${step}`, seen),
    gave(run, step, { hash }) {
      const seen = open.get(`${run} ${step}`)
      if (!seen) return
      open.delete(`${run} ${step}`)
      byValue.set(hash, seen)
      const oldest = byValue.size > KEPT_MAX ? byValue.keys().next().value : undefined
      if (oldest !== undefined) byValue.delete(oldest)
    },
    seenOf: ({ hash }) => byValue.get(hash),
  }
}
