/**
 * The onion that stands round every attempt: `observe > timeout > heartbeat > secrets > io > executor`. Layers are named values, so a
 * user can add, reorder, replace or drop them, for a task or for the whole file.
 */
import type { Hash } from '../util/hash.ts'
import type { Blobs } from '../store/store.ts'
import { valueStore, type ValueStoreOptions } from '../values/store.ts'
import type { Outcome } from '../core/engine/protocol.ts'
import { err, ok } from '../util/result.ts'
import { compose, type Attempt, type Executor, type Middleware } from './attempt.ts'
import { Refusal } from '../util/diagnostic.ts'
import { inline, type Bindings, type InlineOptions } from './inline.ts'
import { heartbeat } from './middleware/heartbeat.ts'
import { io } from './middleware/io.ts'
import type { ServiceHost } from './service.ts'
import { observe, type AttemptObserver } from './middleware/observe.ts'
import { secrets } from './middleware/secrets.ts'
import { timeout } from './middleware/timeout.ts'
import { guardBlobs, inspect } from './secrets/blobs.ts'
import { redact } from './secrets/vault.ts'
import type { SourceHost } from './source.ts'
import { readDepfile } from './seen.ts'

/** Opens a bundle by its hash; asked once for each. */
export type OpenBundle = (bundle: Hash) => Promise<Bindings>

export interface Layer {
  readonly name: string
  readonly middleware: Middleware
}

/**
 * What users give as `use`: middleware that goes inside `io`, where arguments and result are values
 * (`attempt.opened`); or a function from the standard layers, outermost first, to the ones they want.
 */
export type Use = readonly Middleware[] | ((layers: readonly Layer[]) => readonly Layer[])

export interface OnionOptions {
  readonly open: OpenBundle
  readonly blobs: Blobs
  readonly values: ValueStoreOptions
  readonly observers?: readonly AttemptObserver[]
  /** What the file, then the task, asks for. */
  readonly use?: (bindings: Bindings, task: string) => readonly Use[]
  readonly inline?: InlineOptions
  /** A secret's value, instead of the one that lies where its graph says. */
  readonly secret?: (name: string) => string
  /** Round the task's function alone, inside of what users arrange. */
  readonly inner?: Middleware
  /** Who keeps services; absent: there are none here. */
  readonly services?: ServiceHost
  readonly sources?: SourceHost
}

const NO_BINDINGS: Bindings = { task: () => undefined, pure: () => undefined }
/** Composed chains that are kept: a file of more tasks than this composes anew, which costs microseconds. */
const CHAINS_MAX = 10_000

/** The executor of this process, with all its layers. */
export function onion(options: OnionOptions): Executor {
  const values = valueStore(guardBlobs(options.blobs), { ...options.values, inspect })
  const bundles = new Map<Hash, Promise<Bindings>>()
  const chains = new Map<string, Executor>()

  const core = (bindings: Bindings): Executor => {
    const tasks = compose([...(options.inner ? [options.inner] : []), readDepfile], inline(bindings, options.inline))
    const services = options.services?.executor(bindings) ?? noServices
    return (attempt, signal, reports) => (attempt.work.kind === 'service' ? services : tasks)(attempt, signal, reports)
  }

  const chainFor = (bindings: Bindings, task: string): Executor => {
    const layers: readonly Layer[] = [
      { name: 'observe', middleware: observe(options.observers) },
      { name: 'timeout', middleware: timeout },
      { name: 'heartbeat', middleware: heartbeat },
      { name: 'secrets', middleware: secrets },
      {
        name: 'io',
        middleware: io({
          values,
          bindings,
          ...(options.secret ? { secret: options.secret } : {}),
          ...(options.services ? { port: options.services.port } : {}),
          ...(options.sources ? { sources: options.sources } : {}),
        }),
      },
    ]
    const used = (options.use?.(bindings, task) ?? []).reduce(arrange, layers)
    return compose(
      used.map(layer => layer.middleware),
      core(bindings),
    )
  }

  const bindingsOf = (bundle: Hash): Promise<Bindings> => {
    const known = bundles.get(bundle) ?? options.open(bundle)
    bundles.set(bundle, known)
    // A bundle that could not be opened is tried again by the next attempt.
    known.catch(() => bundles.delete(bundle))
    return known
  }

  const sources = chainFor(NO_BINDINGS, '')

  const firstOf = async (
    key: string,
    work: TaskWork,
    [attempt, signal, reports]: Parameters<Executor>,
  ): Promise<Outcome> => {
    const opened = await bindingsOf(work.bundle).then(ok, (error: unknown) => err(error))
    if (!opened.ok) return bundleFailed(attempt, opened.error)
    const chain = chainFor(opened.value, work.task)
    if (chains.size >= CHAINS_MAX) chains.clear()
    chains.set(key, chain)
    return chain(attempt, signal, reports)
  }

  return (attempt, signal, reports) => {
    const { work } = attempt
    if (work.kind === 'source') return sources(attempt, signal, reports)
    const key = `${work.bundle} ${work.task}`
    const chain = chains.get(key)
    return chain ? chain(attempt, signal, reports) : firstOf(key, work, [attempt, signal, reports])
  }
}

const noServices: Executor = ({ name }) => ({
  kind: 'failed',
  fault: { code: 'SERVICE_ELSEWHERE', message: `The service ${name} can only run in the process that owns its run` },
})

type TaskWork = Exclude<Attempt['work'], { kind: 'source' }>

const bundleFailed = (attempt: Attempt, error: unknown): Outcome => ({
  kind: 'failed',
  fault: {
    code: (error instanceof Refusal ? error.diagnostics[0]?.code : undefined) ?? 'BUNDLE_FAILED',
    message: redact(
      `The code of ${attempt.name} could not be opened: ${error instanceof Error ? error.message : String(error)}`,
    ),
  },
})

function arrange(layers: readonly Layer[], use: Use): readonly Layer[] {
  if (typeof use === 'function') return use(layers)
  return [...layers, ...use.map((middleware, index) => ({ name: `use ${index + 1}`, middleware }))]
}
