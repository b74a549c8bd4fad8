/**
 * Sources beside files and variables: a folder, an address, the time, the last result of a workflow, and whatever a function of
 * the user's finds out.
 */
import type { Duration } from '../util/duration.ts'
import { refuse } from '../util/diagnostic.ts'
import { addressIn } from './address.ts'
import { type AnyFunction, define, definitionOf, type TaskDefinition } from './definition.ts'
import { callInFlow } from './flow-host.ts'
import { DEFINITION, NAME, nameOf } from './handle.ts'
import { currentSite } from './hooks.ts'
import { msOf } from './options.ts'
import { policyOf } from './policy.ts'
import { pathIn, projectOfCall, projectOfDefinition, projectOfStep } from './project.ts'
import { nodeRef } from './ref.ts'
import { sourceRef } from './resource.ts'
import { type Dir, type FileHandle, isHandle } from './resources.ts'
import { task } from './task.ts'
import { addNode, type Builder, currentBuilder } from './trace.ts'
import type { Ref, Task, TaskOptions } from './types.ts'

/** A folder with all that is in it, as it is when the run reaches this source; node_modules, .git and .tutti are left out. */
export function dir(path: string): Ref<Dir> {
  if (typeof path !== 'string' || path === '') refuseArgument('dir() takes a path', "For example dir('migrations').")
  return sourceRef<Dir>('dir', { kind: 'dir', path: pathIn(projectOfCall(), path) })
}

export interface HttpOptions {
  /** Sent with each request. No secrets: a graph shows what is in it. */
  readonly headers?: { readonly [name: string]: string }
  /** So long after an answer the server is not asked again. Default: it is asked in every run. */
  readonly every?: Duration
}

/**
 * What an address gives, as a file. The server is asked with ETag and Last-Modified, so that what has not changed is not sent
 * again; the file's content decides whether anything runs.
 */
export function http(url: string, { headers, every }: HttpOptions = {}): Ref<FileHandle> {
  checkAddress(url)
  for (const [name, value] of Object.entries(headers ?? {})) checkHeader(name, value)
  return sourceRef('http', {
    kind: 'http',
    url,
    ...(headers === undefined ? {} : { headers: { ...headers } }),
    ...(every === undefined ? {} : { everyMs: wholeMs(every) }),
  })
}

/** The time, on a clock that moves once in so long: `clock('1h')` gives the begin of this hour (UTC), as ISO 8601 text. */
export function clock(every: Duration): Ref<string> {
  return sourceRef<string>('clock', { kind: 'time', everyMs: wholeMs(every) })
}

/** What the last succeeded run of a workflow gave, in the store of this run. It must have succeeded before. */
export function lastResult<W extends (...args: never[]) => Ref<unknown>>(workflow: W): ReturnType<W>
export function lastResult<T = unknown>(workflow: string): Ref<T>
export function lastResult(workflow: unknown): Ref<unknown> {
  const definition = definitionOf(workflow)
  const name = definition && 'body' in definition ? definition.name : workflow
  if (typeof name !== 'string' || name === '')
    refuseArgument('lastResult() takes a workflow, or its name', 'For example lastResult(nightly).')
  return sourceRef('result', { kind: 'result', workflow: name })
}

export interface SourceOptions extends Pick<TaskOptions, 'name' | 'timeout' | 'retry'> {
  /**
   * A cheaper function that is asked first: while it gives the same, the function is not called, and what it gave last is
   * taken. The function gets what the stamp gave.
   */
  readonly stamp?: () => unknown
}

/**
 * A source of your own: a function that finds out what is so outside. It is called in every run that comes to it; what it gives
 * decides whether anything else runs.
 */
export function source<R>(fn: () => R, options?: Omit<SourceOptions, 'stamp'>): Task<[], R>
export function source<S, R>(
  fn: (stamp: Awaited<S>) => R,
  options: Omit<SourceOptions, 'stamp'> & { readonly stamp: () => S },
): Task<[], R>
export function source(fn: AnyFunction, options: SourceOptions = {}): AnyFunction {
  const { stamp, ...rest } = options
  if (typeof fn !== 'function')
    refuseArgument('source() takes a function', 'For example source(() => sh`git rev-parse HEAD`).')
  if (stamp === undefined) return looker(fn, rest)
  if (typeof stamp !== 'function')
    refuseArgument('The stamp of a source is a function', 'For example { stamp: () => sh`git rev-parse HEAD` }.')
  return stamped(fn, stamp, rest)
}

/** A task whose argument is the stamp: while that is the same, so is its key. */
function stamped(fn: AnyFunction, stamp: AnyFunction, options: Omit<SourceOptions, 'stamp'>): AnyFunction {
  const whole = task(fn, options)
  const definition = definitionOf(whole) as TaskDefinition // task() has just made it
  const ask = looker(stamp, options, () => `${definition.name}-stamp`)
  return Object.defineProperties(() => whole(ask()), {
    [DEFINITION]: { value: definition },
    [NAME]: { value: nameOf(whole) },
  })
}

/** The callable of a source's function. In a flow it is a task that takes no result of another run. */
function looker(fn: AnyFunction, options: Omit<SourceOptions, 'stamp'>, naming?: () => string): AnyFunction {
  const project = projectOfDefinition()
  const definition: TaskDefinition = {
    kind: 'task',
    name: options.name ?? (fn.name || 'source'),
    pinned: options.name !== undefined || naming !== undefined,
    at: undefined,
    address: undefined,
    fn,
    policy: { ...policyOf(options), cache: 'off' },
    executor: 'inline',
    ...(project === undefined ? {} : { dir: project }),
  }
  if (naming) Object.defineProperty(definition, 'name', { get: naming, enumerable: true })
  return define(definition, (): Ref<unknown> => {
    const builder = currentBuilder()
    return builder ? addLook(builder, definition) : callInFlow(definition, [])
  })
}

function addLook(builder: Builder, definition: TaskDefinition): Ref<unknown> {
  const folder = projectOfStep(definition)
  const node = addNode(builder, definition.name, {
    kind: 'source',
    source: {
      kind: 'function',
      task: addressIn(builder.trace.bindings, definition),
      ...(folder === undefined ? {} : { dir: folder }),
    },
    policy: definition.policy,
  })
  return nodeRef(builder, node)
}

function checkAddress(url: unknown): void {
  const parsed = typeof url === 'string' && URL.canParse(url) ? new URL(url) : undefined
  if (parsed?.protocol !== 'http:' && parsed?.protocol !== 'https:')
    refuseArgument('http() takes an address that begins with http:// or https://', "For example http('https://…').")
  if (parsed.username !== '' || parsed.password !== '')
    refuseArgument('http() takes no address with a user or password: a graph shows what is in it', SECRET_HINT)
}

function checkHeader(name: string, value: unknown): void {
  if (typeof value === 'string') return
  const what = isHandle(value) ? 'no secret: a graph shows what is in it' : 'plain text'
  refuseArgument(`The header ${name} of http() takes ${what}`, SECRET_HINT)
}

const SECRET_HINT = 'Fetch it in a task that gets the secret as an argument.'

function wholeMs(duration: Duration): number {
  const ms = Math.round(msOf(duration))
  if (ms < 1) refuseArgument('It takes a duration of at least a millisecond', "For example '1h'.")
  return ms
}

function refuseArgument(message: string, hint: string): never {
  refuse('BAD_ARGUMENT', message, { at: currentSite()?.at, hint })
}
