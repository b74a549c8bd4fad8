/** Joins a store, the executors and the real clock to the local shell. The one place where a process becomes able to run. */
import {
  type Bindings,
  type Configuration,
  declareSecrets,
  dispatch,
  type Executor,
  onion,
  type Use,
  usesFor,
  valueOptions,
} from '../exec/index.ts'
import { resourcesOf } from '../core/index.ts'
import type { Store } from '../store/store.ts'
import { hashBytes } from '../util/hash.ts'
import { refuse } from '../util/diagnostic.ts'
import { executorBindings } from './bindings.ts'
import { newDesk } from './flow-desk.ts'
import type { Launcher } from './launch.ts'
import type { Runnable } from './runnable.ts'
import type { Line } from './session.ts'
import { openShell, type Shell } from './shell.ts'

export interface LocalOptions {
  /** Attempts in flight at a time. */
  readonly slots?: number
  /** Folder where relative paths start. */
  readonly cwd: string
  readonly onLine?: (line: Line) => void
  /** Middleware, codecs and routes. */
  readonly configurations?: readonly Configuration[]
  /** Executors by name, beside `inline`. */
  readonly executors?: { readonly [name: string]: Executor }
}

export interface Local extends Launcher {
  readonly shell: Shell
  /** Makes a runnable's names known to the executor. */
  register(runnable: Runnable): void
}

export function openLocal(store: Store, options: LocalOptions): Local {
  const shell = openShell(store, options.slots === undefined ? {} : { slots: options.slots })
  const desk = newDesk()
  const known = new Map<string, Bindings>()
  const runnableOf = new WeakMap<Bindings, Runnable>()
  const configurations = options.configurations ?? []
  const use = (bindings: Bindings, task: string): readonly Use[] => {
    const runnable = runnableOf.get(bindings)
    return runnable ? usesFor(configurations, runnable.definition, runnable.bindings.definitions.get(task)) : []
  }
  const ids = new WeakMap<Runnable, string>()
  const inline = onion({
    open: async id => known.get(id) ?? refuse('TASK_UNKNOWN', `no code is open under ${id}`),
    blobs: store.blobs,
    values: valueOptions(configurations, options.cwd),
    use,
  })
  let embedded = 0

  const bundleId = (runnable: Runnable): string => {
    const found = ids.get(runnable)
    if (found !== undefined) return found
    // Pure functions are numbered within a workflow's trace, so the workflow belongs to the name.
    const id = runnable.bundle ? `${hashBytes(runnable.bundle)}#${runnable.name}` : `embedded#${++embedded}`
    ids.set(runnable, id)
    return id
  }

  return {
    shell,
    desk,
    bundleId,
    executor: dispatch({ ...options.executors, inline }),
    onLine: options.onLine ?? (() => undefined),
    register(runnable) {
      declareSecrets([...resourcesOf(runnable.graph)].map(({ resource }) => resource))
      const bindings = executorBindings(runnable.bindings, desk.runFlow)
      runnableOf.set(bindings, runnable)
      known.set(bundleId(runnable), bindings)
    },
  }
}
