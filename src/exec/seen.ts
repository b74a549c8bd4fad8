/**
 * What an attempt hangs on beside its arguments, told by the attempt itself: what it was seen to do, in a process that is
 * watched (`inputs: 'inferred'`), or what the dependency file says that its compiler has written (`inputs: { depfile }`).
 * Innermost of all layers: what the others read is not the task's.
 *
 *   W1. Of what is seen only the project counts: toolchains, system headers and the user's settings outside of it change
 *       rarely, and with all that is built. A dependency file is taken at its word, whatever it names.
 *   W2. Our own files (the store, this program) are no inputs, unless a command of the task reads them.
 *   W3. What the arguments name is told by them, and not once more.
 */
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import type { Outcome } from '../core/engine/protocol.ts'
import { type AnyHandle, HANDLE, isHandle } from '../dsl/resources.ts'
import { accessOf } from '../sight/access.ts'
import { depfileInputs } from '../sight/depfile.ts'
import type { Observed } from '../sight/processes.ts'
import type { LogWindow } from '../sight/window.ts'
import { unreachable } from '../util/unreachable.ts'
import { LocalFiles } from '../values/handles.ts'
import { type Access, type Attempt, type Middleware, whenDone } from './attempt.ts'

/** Reports what a dependency file names. Fails with DEPFILE_MISSING when a step that succeeded has left none. */
export const readDepfile: Middleware = next => (attempt, signal, reports) => {
  const { inputs } = attempt.policy
  if (inputs?.kind !== 'depfile') return next(attempt, signal, reports)
  return whenDone(next(attempt, signal, reports), outcome => {
    if (outcome.kind !== 'succeeded') return outcome
    const path = depfilePath(inputs.path, attempt)
    if (path === undefined)
      return missing(`${attempt.name} names its dependency file by {output}, and has no output() argument`)
    try {
      const names = depfileInputs(readFileSync(path, 'utf8'))
      const reads = names.map(name => resolve(attempt.cwd, name))
      reports.saw(besideArguments({ reads, absent: [], writes: [path] }, attempt))
      return outcome
    } catch (error) {
      return missing(
        `${attempt.name} has left no dependency file ${relative(attempt.cwd, path)}: ${(error as Error).message}. It is an option of the compiler: gcc -MD -MF FILE`,
      )
    }
  })
}

const missing = (message: string): Outcome => ({ kind: 'failed', fault: { code: 'DEPFILE_MISSING', message } })

/** `{output}` is the path of the first output among the arguments. */
function depfilePath(pattern: string, { opened, cwd }: Attempt): string | undefined {
  if (!pattern.includes('{output}')) return resolve(cwd, pattern)
  const output = opened?.args.find(arg => isHandle(arg) && arg[HANDLE] === 'output')
  if (output === undefined) return undefined
  return resolve(cwd, pattern.replaceAll('{output}', (output as { readonly path: string }).path))
}

/** W3. */
function besideArguments(access: Access, { opened }: Attempt): Access {
  const declared = (opened?.args ?? []).flatMap(handlesIn).flatMap(pathsOf)
  const without = (paths: readonly string[], known: ReadonlySet<string>): readonly string[] =>
    known.size === 0 ? paths : paths.filter(path => !isIn(path, known))
  const reads = without(access.reads, new Set(declared))
  // A link among the arguments was followed.
  return { ...access, reads: reads.length === 0 ? reads : without(reads, new Set(declared.map(realPath))) }
}

function isIn(path: string, known: ReadonlySet<string>): boolean {
  for (let at = path; at !== dirname(at); at = dirname(at)) if (known.has(at)) return true
  return false
}

function handlesIn(value: unknown): readonly AnyHandle[] {
  if (typeof value !== 'object' || value === null) return []
  if (isHandle(value)) return [value]
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype
    ? Object.values(value).flatMap(handlesIn)
    : []
}

function pathsOf(handle: AnyHandle): readonly string[] {
  switch (handle[HANDLE]) {
    case 'files':
      return handle instanceof LocalFiles ? handle.files().map(({ path }) => path) : []
    case 'file':
    case 'dir':
    case 'output':
      return [handle.path]
    case 'secret':
    case 'port':
      return []
    default:
      return unreachable(handle)
  }
}

export interface SightOptions {
  readonly window: LogWindow
  /** Which attempts; the others run as they are. */
  readonly sees: (attempt: Attempt) => boolean
  /** The store's folder: nobody's input. */
  readonly store: string
  /** The folder of the program that runs here: what this very process reads of it is not the task's. */
  readonly program: string
}

/** Reports what the attempt was seen to do. For a process that is watched and runs one attempt at a time. */
export const see =
  ({ window, sees, store, program }: SightOptions): Middleware =>
  next =>
  (attempt, signal, reports) => {
    if (!sees(attempt)) return next(attempt, signal, reports)
    const sighting = window.begin()
    return whenDone(next(attempt, signal, reports), outcome => {
      const observed = sighting.end()
      if (observed === undefined)
        reports.line(
          'stderr',
          `warning: INPUTS_UNSEEN: strace has stopped watching ${attempt.name}; its result is not kept`,
        )
      else reports.saw(besideArguments(insideProject(withoutProgram(observed, program), { attempt, store }), attempt))
      return outcome
    })
  }

/** W2. */
function withoutProgram({ processes }: Observed, program: string): Pick<Observed, 'processes'> {
  const folder = `${program}/`
  return {
    processes: processes.map(each =>
      each.pid === process.pid
        ? { ...each, touches: each.touches.filter(({ path }) => !path.startsWith(folder)) }
        : each,
    ),
  }
}

/** W1, W2. Paths lead through the project's folder as it is given, links in it or not. */
function insideProject(
  observed: Pick<Observed, 'processes'>,
  { attempt, store }: { readonly attempt: Attempt; readonly store: string },
): Access {
  const given = projectOf(attempt.root ?? attempt.cwd)
  const real = realPath(given)
  const ours = [real, given].map(root => `${root}/`)
  const hidden = `${realPath(store)}/`
  const inside = (paths: readonly string[]): readonly string[] =>
    paths
      .filter(path => path === real || (ours.some(root => path.startsWith(root)) && !path.startsWith(hidden)))
      .map(path => (path === real || path.startsWith(`${real}/`) ? given + path.slice(real.length) : path))
  const { reads, lists, absent, writes } = accessOf(observed)
  return {
    reads: [...inside(reads).filter(path => !isFolder(path)), ...inside(lists)],
    absent: inside(absent),
    writes: inside(writes),
  }
}

/** The work tree that the folder is in; without one the folder itself. */
export function projectOf(cwd: string): string {
  for (let at = cwd; ; at = dirname(at)) {
    if (existsSync(resolve(at, '.git'))) return at
    if (dirname(at) === at) return cwd
  }
}

/** Of folders the names count, and those were listed. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
