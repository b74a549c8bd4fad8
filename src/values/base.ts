/** What paths in a store are relative to. */
import { dirname, isAbsolute } from 'node:path'
import { inside } from './paths.ts'
import { inReplica } from './replicas.ts'

/**
 * The folder that holds the store when that is around the project, so that all projects of a monorepo that share one store mean
 * the same by a path; else the project's own folder, wherever it lies. In a replica: what stands there for it.
 */
export function baseOf(store: string, cwd: string): string {
  if (!isAbsolute(store)) return cwd
  const replica = inReplica(store, cwd)
  if (replica) return replica.base
  const folder = dirname(store)
  return inside(folder, cwd) === undefined ? cwd : folder
}
