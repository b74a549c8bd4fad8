/** Where a path lies, seen from the folder of the user's file. */
import { realpath } from 'node:fs/promises'
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path'

/** `path` relative to `folder`, with `/`; undefined when it lies outside, `''` when it is the folder itself. */
export function inside(folder: string, path: string): string | undefined {
  const rest = relative(folder, resolve(folder, path))
  if (rest === '..' || rest.startsWith(`..${sep}`) || isAbsolute(rest)) return undefined
  return sep === '/' ? rest : rest.split(sep).join('/')
}

/**
 * What paths in a store are relative to: the folder that holds it when that is around the project, so that all projects of a
 * monorepo that share one store mean the same by a path; else the project's own folder, wherever it lies.
 */
export function baseOf(store: string, cwd: string): string {
  const folder = dirname(store)
  return isAbsolute(store) && inside(folder, cwd) !== undefined ? folder : cwd
}

/** As `inside`, of what the path really is: a link in the middle may lead out. The path need not exist. */
export async function reallyInside(folder: string, path: string): Promise<string | undefined> {
  return inside(await realpath(folder), await realBeginning(resolve(folder, path)))
}

/** The real path of as much as exists; the rest as it stands. */
async function realBeginning(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (problem) {
    const parent = dirname(path)
    if (errorCode(problem) !== 'ENOENT' || parent === path) throw problem
    return resolve(await realBeginning(parent), relative(parent, path))
  }
}

/** `ENOENT`, `EACCES` … of a failed system call. */
export function errorCode(problem: unknown): string | undefined {
  const code = (problem as { readonly code?: unknown } | undefined)?.code
  return typeof code === 'string' ? code : undefined
}
