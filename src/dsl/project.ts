/**
 * Which project a call of the language belongs to, and so where its relative paths start: the one whose file (`tutti.*`) is
 * nearest around the module that makes the call. A module of no project, a library of steps, stands for whoever calls it. So
 * a project means the same files whoever imports it.
 *
 * Folders are relative to that of the run's file; undefined is that very folder.
 */
import { joinPaths } from '../util/join-paths.ts'
import type { TaskDefinition } from './definition.ts'
import { currentProject } from './hooks.ts'

/** Where the paths of the user's call that is on the stack start. */
export const projectOfCall = (): string | undefined => currentProject() || undefined

/** Where a step of `definition` works that is called now. */
export const projectOfStep = (definition: Pick<TaskDefinition, 'dir'>): string | undefined =>
  (definition.dir ?? currentProject()) || undefined

/** `path` as seen from the folder of the run's file. */
export const pathIn = (project: string | undefined, path: string): string =>
  project === undefined ? path : joinPaths(project, path)
