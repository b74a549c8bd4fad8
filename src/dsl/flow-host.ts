/**
 * How a flow's calls reach the shell that runs the flow: through an async-local host.
 * A call gives a promise of its value; refs of other calls may be passed on before they are awaited.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Policy } from '../core/graph/graph.ts'
import { refuse } from '../util/diagnostic.ts'
import { someInside } from '../util/plain-data.ts'
import { unreachable } from '../util/unreachable.ts'
import type { Definition } from './definition.ts'
import { currentSite, type Site } from './hooks.ts'
import type { Json } from '../util/json.ts'
import type { Ref, Schema } from './types.ts'

export interface FlowHost {
  /** Makes the call; the promise settles when its outcome is durable. `site` is where the user's code made it. */
  call(definition: Definition, args: readonly unknown[], site: Site | undefined): Promise<unknown>
  /** Waits for an instant or a signal, as a step of its own. */
  wait(wait: FlowWait, site: Site | undefined): Promise<unknown>
  /** A value that is recorded the first time and given again ever after. */
  recorded(kind: 'now' | 'random' | 'uuid', site: Site | undefined): Promise<unknown>
  /** Calls that have not settled, those too whose arguments are still awaited; no waits, which hold nothing up. */
  readonly open: Set<Promise<unknown>>
  /** Calls that have failed. Nobody may have looked at one: then the flow itself has to say it. */
  readonly failures: CallFailure[]
}

export interface CallFailure {
  readonly error: unknown
  readonly call: Looked
}

/** Whether the body has awaited a call, or passed it on to another one. */
interface Looked {
  seen: boolean
}

/** What a flow waits for. */
export interface FlowWait {
  readonly name: string
  readonly policy: Policy
  readonly on: /** Milliseconds, or a text such as '5m'. */
    | { readonly kind: 'timer'; readonly duration: unknown }
    /** A Date, milliseconds since 1970, or ISO 8601 text. */
    | { readonly kind: 'instant'; readonly instant: unknown }
    | {
        readonly kind: 'signal'
        readonly signal: string
        readonly type: Json
        readonly early: 'kept' | 'transient'
        readonly schema: Schema | undefined
      }
}

const HOSTS = Symbol.for('tutti.flow-hosts')
const globals = globalThis as { [HOSTS]?: AsyncLocalStorage<FlowHost | undefined> }
const hosts = (globals[HOSTS] ??= new AsyncLocalStorage<FlowHost | undefined>())

/** Runs a flow's body with its host. `undefined` shuts the door: what a task does is not the flow's. */
export const withFlowHost = <T>(host: FlowHost | undefined, body: () => T): T => hosts.run(host, body)

const PENDING = Symbol.for('tutti.pending')

/** A task, effect, workflow or flow called while no body is traced. */
export function callInFlow(definition: Definition, args: readonly unknown[]): Ref<unknown> {
  const host = hosts.getStore()
  if (!host) {
    refuse('OUTSIDE_WORKFLOW', `${definition.name} was called outside of a workflow or flow`, {
      at: currentSite()?.at,
      hint: 'Call it inside workflow(() => …) or flow(async () => …). Tasks know nothing of one another: a task calls plain functions.',
    })
  }
  const site = currentSite()
  return watchedCall(
    host,
    resolved(args).then(values => host.call(definition, values as readonly unknown[], site)),
  )
}

/** `sleep`, `until` or `signal.wait` while no body is traced; undefined where no flow runs either. */
export function waitInFlow(wait: FlowWait): Ref<unknown> | undefined {
  const host = hosts.getStore()
  if (!host) return undefined
  const site = currentSite()
  return watched(
    host,
    resolvedWait(wait.on).then(on => host.wait({ ...wait, on }, site)),
  )
}

async function resolvedWait(on: FlowWait['on']): Promise<FlowWait['on']> {
  switch (on.kind) {
    case 'timer':
      return { kind: 'timer', duration: await resolved(on.duration) }
    case 'instant':
      return { kind: 'instant', instant: await resolved(on.instant) }
    case 'signal':
      return on
    default:
      return unreachable(on)
  }
}

/** A call that has been made: the flow's end waits for it. */
function watchedCall(host: FlowHost, made: Promise<unknown>): Ref<unknown> {
  host.open.add(made)
  const settled = (): void => void host.open.delete(made)
  made.then(settled, settled)
  return watched(host, made)
}

/** The flow's end asks whether anybody has looked at a failure. */
function watched(host: FlowHost, made: Promise<unknown>): Ref<unknown> {
  const call: Looked = { seen: false }
  made.catch((error: unknown) => host.failures.push({ error, call }))
  return pending(made, call)
}

/** Milliseconds since 1970, recorded: the same when the flow is re-run. */
export const now = (): Promise<number> => record('now') as Promise<number>
/** In [0, 1), recorded. */
export const random = (): Promise<number> => record('random') as Promise<number>
/** A random UUID, recorded. */
export const uuid = (): Promise<string> => record('uuid') as Promise<string>

function record(kind: 'now' | 'random' | 'uuid'): Promise<unknown> {
  const host = hosts.getStore()
  if (!host) {
    refuse('OUTSIDE_FLOW', `${kind}() was called outside of a flow`, {
      at: currentSite()?.at,
      hint: 'In a task use the plain function; a traced body has neither clock nor randomness.',
    })
  }
  return host.recorded(kind, currentSite())
}

/** A promise with the fields of a ref: `call().field` and `call().to(fn)` are promises, too. */
function pending(promise: Promise<unknown>, call: Looked): Ref<unknown> {
  // The failure of a call that nobody awaits is told by the flow, not by a crash of the process.
  promise.catch(() => undefined)
  return new Proxy(promise, {
    get(target, key) {
      switch (key) {
        case PENDING:
          call.seen = true
          return target
        case 'then':
        case 'catch':
        case 'finally':
          call.seen = true
          return (target[key] as (...args: unknown[]) => unknown).bind(target)
        case 'to':
          return (fn: (value: unknown) => unknown) => pending(target.then(fn), call)
        case 'at':
          return (field: string | number) =>
            pending(
              target.then(value => fieldOf(value, field)),
              call,
            )
        case 'undo':
          return refuse('UNDO_IN_FLOW', 'In a flow .undo() has no scope around it that could fail', {
            at: currentSite()?.at,
            hint: 'Catch the error in plain TypeScript and call what undoes the step, or call a workflow that has the undo.',
          })
        case 'after':
          return refuse('AFTER_IN_FLOW', 'In a flow a call starts when it is made, so .after() comes too late', {
            at: currentSite()?.at,
            hint: 'Await what must come first.',
          })
        default:
          return typeof key === 'symbol'
            ? Reflect.get(target, key, target)
            : pending(
                target.then(value => fieldOf(value, key)),
                call,
              )
      }
    },
  }) as unknown as Ref<unknown>
}

const fieldOf = (value: unknown, field: string | number): unknown =>
  (value as Record<string | number, unknown> | null | undefined)?.[field]

/** `value` with pending calls inside replaced by what they give. */
async function resolved(value: unknown): Promise<unknown> {
  if (typeof value !== 'object' || value === null) return value
  if (!someInside(value, isPending)) return value
  if (isPending(value)) return value[PENDING]
  if (Array.isArray(value)) return Promise.all(value.map(resolved))
  return Object.fromEntries(
    await Promise.all(Object.entries(value).map(async ([name, field]) => [name, await resolved(field)] as const)),
  )
}

/** A call of a flow that may not have settled. */
export const isPending = (value: object): value is { readonly [PENDING]: Promise<unknown> } =>
  (value as { readonly [PENDING]?: unknown })[PENDING] !== undefined
