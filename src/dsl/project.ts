/**
 * Which project a call of the language belongs to, and so where its relative paths start: the one whose `tutti.*` is nearest
 * around the module that the call stands in; for a module of no project (a library of steps), that of the workflow whose
 * body is being traced. So a project means the same files whoever imports it.
 *
 * Folders are relative to that of the run's file; undefined is that very folder.
 */
import { joinPaths } from '../util/join-paths.ts'
import type { TaskDefinition } from './definition.ts'
import { currentProject } from './hooks.ts'
import { type Builder, currentBuilder } from './trace.ts'

/** Where the paths of the user's call that is on the stack start. */
export const projectOfCall = (): string | undefined => currentProject() ?? tracedProject(currentBuilder())

/** Where a step of `definition` works. */
export const projectOfStep = (builder: Builder, definition: TaskDefinition): string | undefined =>
  definition.dir ?? tracedProject(builder)

/** `path` as seen from the folder of the run's file. */
export const pathIn = (project: string | undefined, path: string): string =>
  project === undefined ? path : joinPaths(project, path)

function tracedProject(builder: Builder | undefined): string | undefined {
  const definition = builder?.trace.open.at(-1)
  return definition && 'body' in definition ? definition.dir : undefined
}
