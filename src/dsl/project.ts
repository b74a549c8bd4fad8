/**
 * Which project a call of the language belongs to, and so where its relative paths start: the one whose file (`tutti.*`) is
 * nearest around the module that makes the call. So a project means the same files whoever imports it.
 *
 * A library of steps stands for whoever calls it: a module of no project, and one that lies in a folder around the caller's
 * project. (Which of both it is hangs on the file that was asked for: `steps.ts` beside the file of the whole belongs to that
 * project, if it is loaded.)
 *
 * Folders are relative to that of the run's file; undefined is that very folder.
 */
import { joinPaths } from '../util/join-paths.ts'
import type { TaskDefinition } from './definition.ts'
import { currentProjects } from './hooks.ts'

/** Where the paths of the user's call that is on the stack start. */
export const projectOfCall = (): string | undefined => callingProject() || undefined

/** Where what is defined by the user's call on the stack will work; `''`: in the folder of the run's file. */
export const projectOfDefinition = (): string | undefined => callingProject()

/** Where a step of `definition` works that is called now. */
export function projectOfStep({ dir }: Pick<TaskDefinition, 'dir'>): string | undefined {
  const caller = callingProject()
  const isLibrary = dir === undefined || (caller !== undefined && isBelow(dir, caller))
  return (isLibrary ? caller : dir) || undefined
}

/** `path` as seen from the folder of the run's file. */
export const pathIn = (project: string | undefined, path: string): string =>
  project === undefined ? path : joinPaths(project, path)

/** From the inside out, as long as it goes into a project that lies in the one before. */
function callingProject(): string | undefined {
  const [first, ...others] = currentProjects()
  let found = first
  for (const project of others) {
    if (project === found || found === undefined) continue
    if (!isBelow(found, project)) break
    found = project
  }
  return found
}

/** Deeper than any file lies: leading `..` become comparable. */
const DEEP = '/-'.repeat(64)

const isBelow = (folder: string, inner: string): boolean =>
  joinPaths(DEEP, inner).startsWith(`${joinPaths(DEEP, folder)}/`)
