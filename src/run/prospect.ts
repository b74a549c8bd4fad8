/**
 * What a run expects of its steps: how far it is from each to the end. Read when somebody has to wait for the first time, so that
 * a run in which nobody does pays nothing.
 */
import { type Ahead, aheadOf } from '../analysis/schedule/ahead.ts'
import type { Graph } from '../core/index.ts'
import type { Store } from '../store/store.ts'
import { pastDurations } from './past.ts'
import type { Runnable } from './runnable.ts'

/** Which of the steps that wait goes first, after their priorities: the one that came first, or the one with the longest way to the end. */
export type ScheduleName = 'fifo' | 'critical-path'

export interface Prospect {
  /** Undefined until it has been learnt. */
  readonly ahead: Ahead | undefined
  /** Never rejects. */
  learn(): Promise<void>
}

const NOBODY: Ahead = () => 0
const FIFO: Prospect = { ahead: NOBODY, learn: () => Promise.resolve() }

/**
 * A workflow without a past goes as under `fifo`: its steps come in the order of its text. The past is read once for a workflow,
 * as soon as it has one: what `tutti up` does again and again must not wait for it. `slots`: so many steps are expected to get on
 * at a time.
 */
export function prospects(schedule: ScheduleName, store: Store, slots: number): (runnable: Runnable) => Prospect {
  const known = new WeakMap<Graph, Ahead>()
  const read = async (runnable: Runnable): Promise<Ahead> => {
    const past = await pastDurations(store, runnable)
    if (past.size === 0) return NOBODY
    const ahead = aheadOf(runnable.graph, past, slots)
    known.set(runnable.graph, ahead)
    return ahead
  }
  return runnable => {
    if (schedule === 'fifo') return FIFO
    let ahead = known.get(runnable.graph)
    return {
      get ahead() {
        return ahead
      },
      async learn() {
        // An estimate: a past that cannot be read puts nobody first, and whoever needs it will say what is wrong with it.
        ahead ??= await read(runnable).catch(() => NOBODY)
      },
    }
  }
}
