/** A process that dies at a commit: nothing of it is left but what the store holds. */
import { type Memory, memoryStore, type Store } from '../../src/store/index.ts'
import { Refusal } from '../../src/util/diagnostic.ts'

/** Before it is durable, or after that and before anything follows from it. */
export const MODES = ['before', 'after'] as const

export interface Kill {
  readonly at: number
  readonly mode: (typeof MODES)[number]
}

/** `count`: is told of each commit, and numbers it. */
export function killedAt(memory: Memory, kill: Kill | undefined, count: () => number): Store {
  const store = memoryStore(memory)
  const die = (): never => {
    store.kill()
    throw new Refusal({ code: 'STORE_CLOSED', severity: 'error', message: 'killed' })
  }
  return {
    ...store,
    append: async batches => {
      const commit = count()
      if (kill?.at === commit && kill.mode === 'before') die()
      const seq = await store.append(batches)
      return kill?.at === commit && kill.mode === 'after' ? die() : seq
    },
  }
}
