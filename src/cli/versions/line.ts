/** The line of a workflow: under which name its versions stand in a store, and which file that name means. */
import { dirname, join, isAbsolute } from 'node:path'
import { inReplica } from '../../values/index.ts'
import { inside } from '../../values/paths.ts'

/**
 * `file#workflow`; the file as seen from the folder that holds the store, or its whole path when it lies elsewhere. What runs in
 * a replica is of the line whose version that is.
 */
export function lineOf(store: string, file: string, workflow: string): string {
  const line = inReplica(store, file)?.line
  return line !== undefined && workflowOf(line) === workflow
    ? line
    : `${inside(dirname(store), file) ?? file}#${workflow}`
}

/** Absolute. */
export function fileOf(store: string, line: string): string {
  const file = line.slice(0, line.lastIndexOf('#'))
  return isAbsolute(file) ? file : join(dirname(store), file)
}

export const workflowOf = (line: string): string => line.slice(line.lastIndexOf('#') + 1)
