/** Where a path lies, seen from the folder of the user's file. */
import { lstatSync, realpathSync } from 'node:fs'
import { basename, dirname, isAbsolute, relative, resolve, sep } from 'node:path'

/** `path` relative to `folder`, with `/`; undefined when it lies outside, `''` when it is the folder itself. */
export function inside(folder: string, path: string): string | undefined {
  const rest = relative(folder, resolve(folder, path))
  if (rest === '..' || rest.startsWith(`..${sep}`) || isAbsolute(rest)) return undefined
  return sep === '/' ? rest : rest.split(sep).join('/')
}

/**
 * As `inside`, of what the path really is: a link in the middle may lead out. The path need not exist. At once, since it is
 * asked for each output of each step, and three trips to the pool of threads cost more than the looks themselves.
 */
export function reallyInside(folder: string, path: string): string | undefined {
  return inside(realpathSync.native(folder), realBeginning(resolve(folder, path)))
}

/** The real path of as much as exists; the rest as it stands. */
function realBeginning(path: string): string {
  const parent = dirname(path)
  if (parent === path || lstatSync(path, { throwIfNoEntry: false }) !== undefined) {
    try {
      return realpathSync.native(path)
    } catch (problem) {
      if (errorCode(problem) !== 'ENOENT' || parent === path) throw problem
    }
  }
  return resolve(realBeginning(parent), basename(path))
}

/** `ENOENT`, `EACCES` … of a failed system call. */
export function errorCode(problem: unknown): string | undefined {
  const code = (problem as { readonly code?: unknown } | undefined)?.code
  return typeof code === 'string' ? code : undefined
}
