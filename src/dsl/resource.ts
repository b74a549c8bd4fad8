/** `files`, `file`, `env`: values from outside, as source nodes. `output`, `secret`, `port`: given by name, opened by the executor. */
import type { Resource, SecretOrigin, Source } from '../core/graph/graph.ts'
import { refuse } from '../util/diagnostic.ts'
import { currentSite } from './hooks.ts'
import { pathIn, projectOfCall } from './project.ts'
import { nodeRef } from './ref.ts'
import { type FileHandle, type Files, HANDLE, type Output, type Port, type Secret } from './resources.ts'
import { addNode, mustBuild } from './trace.ts'
import type { Ref } from './types.ts'

export interface FilesOptions {
  /** `gitignore`: what .gitignore files name is left out, those of the repository around included. Default: `none`. */
  readonly ignore?: 'gitignore' | 'none'
}

/**
 * Files that match the globs when the run reaches this source, sorted; relative to the folder of the project's file. A glob
 * that begins with `!` leaves out what it matches. node_modules, .git and .tutti are entered only when a glob names them.
 */
export function files(...globs: readonly string[]): Ref<Files>
export function files(...globsAndOptions: readonly [...globs: readonly string[], options: FilesOptions]): Ref<Files>
export function files(...globsAndOptions: readonly (string | FilesOptions)[]): Ref<Files> {
  const last = globsAndOptions.at(-1)
  const options = typeof last === 'object' && last !== null ? last : undefined
  const globs = (options ? globsAndOptions.slice(0, -1) : globsAndOptions) as readonly string[] // checked below
  const { ignore } = options ?? {}
  if (globs.length === 0 || globs.some(glob => typeof glob !== 'string' || glob === '')) {
    refuse('BAD_ARGUMENT', 'files() takes one or more globs', {
      at: currentSite()?.at,
      hint: "For example files('src/**/*.ts').",
    })
  }
  if (globs.every(glob => glob.startsWith('!') && !glob.startsWith('!(')))
    refuse('BAD_ARGUMENT', 'files() takes a glob that matches something, beside those that leave out', {
      at: currentSite()?.at,
      hint: "For example files('src/**/*.ts', '!src/gen/**').",
    })
  if (ignore !== undefined && ignore !== 'gitignore' && ignore !== 'none')
    refuse('BAD_ARGUMENT', `files() knows no ignore: ${JSON.stringify(ignore)}`, {
      at: currentSite()?.at,
      hint: "It is 'gitignore' or 'none'.",
    })
  const dir = projectOfCall()
  return sourceRef<Files>('files', {
    kind: 'files',
    globs,
    ...(ignore === undefined ? {} : { ignore }),
    ...(dir === undefined ? {} : { dir }),
  })
}

/** One file, which must be there. */
export function file(path: string): Ref<FileHandle> {
  if (typeof path !== 'string' || path === '')
    refuse('BAD_ARGUMENT', 'file() takes a path', { at: currentSite()?.at, hint: "For example file('data.csv')." })
  return sourceRef<FileHandle>('file', { kind: 'file', path: pathIn(projectOfCall(), path) })
}

/** An environment variable as it is when the run reaches this source. Without a fallback it must be set. */
export function env(name: string, fallback?: string): Ref<string> {
  if (typeof name !== 'string' || name === '')
    refuse('BAD_ARGUMENT', 'env() takes the name of a variable', {
      at: currentSite()?.at,
      hint: "For example env('CI', 'false').",
    })
  return sourceRef<string>(name, { kind: 'env', name, ...(fallback === undefined ? {} : { default: fallback }) })
}

/** A step that looks at `what` when the run reaches it. */
export function sourceRef<T>(name: string, what: Source): Ref<T> {
  const builder = mustBuild(what.kind)
  return nodeRef<T>(builder, addNode(builder, name, { kind: 'source', source: what }))
}

/** A file or folder that a step writes, inside the project. Two steps never write one. */
export function output(path: string): Output {
  if (typeof path !== 'string' || path === '')
    refuse('BAD_ARGUMENT', 'output() takes a path', { at: currentSite()?.at, hint: "For example output('dist')." })
  const dir = projectOfCall()
  const resource: Resource = { kind: 'output', path: pathIn(dir, path), ...(dir === undefined ? {} : { dir }) }
  return declared<Output>(resource, { [HANDLE]: 'output', path: resource.path })
}

/** A value that no event, log, blob, page or error ever shows. Default: the environment variable of that name. */
export function secret(
  name: string,
  from: { readonly file: string } | { readonly command: string } | 'env' = 'env',
): Secret {
  if (typeof name !== 'string' || name === '')
    refuse('BAD_ARGUMENT', 'secret() takes a name', { at: currentSite()?.at, hint: "For example secret('NPM_TOKEN')." })
  const reveal = (): string =>
    refuse('SECRET_OUTSIDE_STEP', `secret ${name} can only be read inside a step`, {
      at: currentSite()?.at,
      hint: 'Pass it to a task as an argument and call .reveal() there.',
    })
  return declared<Secret>({ kind: 'secret', name, from: originOf(from) }, { [HANDLE]: 'secret', name, reveal })
}

function originOf(from: { readonly file: string } | { readonly command: string } | 'env'): SecretOrigin {
  if (from === 'env') return { kind: 'env' }
  return 'file' in from
    ? { kind: 'file', path: pathIn(projectOfCall(), from.file) }
    : { kind: 'command', command: from.command }
}

/**
 * A TCP port of this machine for a service to listen on. Without a number one is allotted: the same at each start, another
 * one in each folder, so that several worktrees run side by side.
 */
export function port(name: string, number?: number): Port {
  if (typeof name !== 'string' || name === '')
    refuse('BAD_ARGUMENT', 'port() takes a name', { at: currentSite()?.at, hint: "For example port('http')." })
  if (number !== undefined && !(Number.isInteger(number) && number > 0 && number < 65_536))
    refuse('BAD_ARGUMENT', `port() takes a number from 1 to 65535, not ${String(number)}`, {
      at: currentSite()?.at,
      hint: "For example port('http', 8080), or port('http') for any.",
    })
  const resource: Resource = { kind: 'port', name, ...(number === undefined ? {} : { number }) }
  const handle = {
    [HANDLE]: 'port' as const,
    name,
    get number(): number {
      return refuse('PORT_OUTSIDE_SERVICE', `The port ${name} has its number only inside a service`, {
        at: currentSite()?.at,
        hint: 'Pass it to a service as an argument; others take it from the endpoint that the service gives.',
      })
    },
  }
  return declared<Port>(resource, handle)
}

const RESOURCE = Symbol.for('tutti.resource')

function declared<T extends object>(resource: Resource, handle: T): T {
  return Object.defineProperty(handle, RESOURCE, { value: resource })
}

/** The resource that a declared handle stands for. */
export function resourceOf(value: unknown): Resource | undefined {
  return typeof value === 'object' && value !== null
    ? (value as { readonly [RESOURCE]?: Resource })[RESOURCE]
    : undefined
}
