/** Joins a store, the executors and the real clock to the local shell. The one place where a process becomes able to run. */
import { isAbsolute } from 'node:path'
import {
  type Bindings,
  commandsMax,
  type Configuration,
  declareSecrets,
  dispatch,
  type Executor,
  type Middleware,
  onion,
  type Use,
  usesFor,
  valueOptions,
} from '../exec/index.ts'
import { resourcesOf } from '../core/index.ts'
import { baseOf, Stamps } from '../values/index.ts'
import type { ServiceHost } from '../exec/service.ts'
import type { SourceHost } from '../exec/source.ts'
import { openServices } from '../services/index.ts'
import type { Store } from '../store/store.ts'
import { hashBytes } from '../util/hash.ts'
import { refuse } from '../util/diagnostic.ts'
import type { Definition } from '../dsl/definition.ts'
import { executorBindings } from './bindings.ts'
import type { Clock } from './clock.ts'
import { newDesk } from './flow-desk.ts'
import type { Reuse } from './fresh.ts'
import { latestResult } from './latest-result.ts'
import { prospects, type ScheduleName } from './prospect.ts'
import { newLooked } from './looked.ts'
import type { Launcher } from './launch.ts'
import type { Runnable } from './runnable.ts'
import { tellingUsers } from './service-failures.ts'
import type { Line } from './session.ts'
import { openShell, type Shell } from './shell.ts'

export interface LocalOptions {
  /** Attempts in flight at a time. */
  readonly slots?: number
  /** Who goes first of steps that wait for a slot, after their priorities. Default: 'fifo'. */
  readonly schedule?: ScheduleName
  /** Folder where relative paths start. */
  readonly cwd: string
  readonly onLine?: (line: Line) => void
  /** Middleware, codecs and routes. */
  readonly configurations?: readonly Configuration[]
  /** Executors by name, beside `inline`. */
  readonly executors?: { readonly [name: string]: Executor }
  readonly clock?: Clock
  /** Absent: nothing is taken from other runs. */
  readonly reuse?: Reuse
  /** When nothing is left of a run but waiting: 'wait' (default), or 'pause' it. */
  readonly whenIdle?: 'wait' | 'pause'
  /** When somebody asks for a run, to move it: 'keep' it (default), or 'yield' it and take it up again (cli/commands/drive.ts). */
  readonly whenAsked?: 'yield' | 'keep'
  /** Arranges a task's layers last, after all that the user arranges. */
  readonly arrange?: (task: Definition | undefined) => Use
  /** Chooses, before all layers, who runs an attempt. */
  readonly watch?: Middleware
  /** Who keeps services, and goes on keeping them; absent: they live as long as the run that they belong to. */
  readonly services?: ServiceHost
  /** A secret's value, instead of the one that lies where its graph says. */
  readonly secret?: (name: string) => string
  /** Told what each look at a source hung on. */
  readonly onLook?: SourceHost['onLook']
}

export interface Local extends Launcher {
  readonly shell: Shell
  /** Makes a runnable's names known to the executor. */
  register(runnable: Runnable): void
  /** Resolves when no service of its runs is left. */
  close(): Promise<void>
}

const asIs: Middleware = next => next

export function openLocal(store: Store, options: LocalOptions): Local {
  const { slots, clock } = options
  const shell = openShell(store, { ...(slots === undefined ? {} : { slots }), ...(clock ? { clock } : {}) })
  const desk = newDesk()
  const known = new Map<string, Bindings>()
  const runnableOf = new WeakMap<Bindings, Runnable>()
  const configurations = options.configurations ?? []
  const use = (bindings: Bindings, task: string): readonly Use[] => {
    const runnable = runnableOf.get(bindings)
    const definition = runnable?.bindings.definitions.get(task)
    return [
      ...(runnable ? usesFor(configurations, runnable.definition, definition) : []),
      ...(options.arrange ? [options.arrange(definition)] : []),
    ]
  }
  const ids = new WeakMap<Runnable, string>()
  const own = openServices(isAbsolute(store.path) ? { store: store.path } : {})
  const host: ServiceHost = options.services ?? own
  const stamps = options.reuse?.stamps ?? new Stamps()
  const looked = newLooked()
  const inline = onion({
    open: async id => known.get(id) ?? refuse('TASK_UNKNOWN', `no code is open under ${id}`),
    blobs: store.blobs,
    values: { ...valueOptions(configurations, { cwd: options.cwd, base: baseOf(store.path, options.cwd) }), stamps },
    use,
    sources: {
      stamps,
      now: () => shell.clock.now(),
      latestResult: workflow => latestResult(store, workflow),
      onLook: (attempt, seen) => {
        looked.look(attempt.run, attempt.step, seen)
        options.onLook?.(attempt, seen)
      },
    },
    services: host,
    ...(options.secret ? { secret: options.secret } : {}),
  })
  const telling = tellingUsers((options.watch ?? asIs)(dispatch({ ...options.executors, inline })), host)
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
    executor: telling.executor,
    over: run => void own.stopWhere(each => each.scope === run),
    async close() {
      telling.close()
      await own.close()
    },
    onLine: options.onLine ?? (() => undefined),
    prospect: prospects(options.schedule ?? 'fifo', store, Math.min(shell.slots, commandsMax())),
    whenIdle: options.whenIdle ?? 'wait',
    whenAsked: options.whenAsked ?? 'keep',
    ...(options.reuse ? { reuse: { ...options.reuse, looked } } : {}),
    register(runnable) {
      declareSecrets([...resourcesOf(runnable.graph)].map(({ resource }) => resource))
      const bindings = executorBindings(runnable.bindings, desk.runFlow)
      runnableOf.set(bindings, runnable)
      known.set(bundleId(runnable), bindings)
    },
  }
}
