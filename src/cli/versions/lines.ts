/** Which line of a store is meant: by the workflow's name, and by its file where one is named or has versions. */
import { resolve } from 'node:path'
import type { Store } from '../../store/index.ts'
import { refuse } from '../../util/diagnostic.ts'
import { nearestName } from '../../util/nearest.ts'
import type { Target } from '../commands/words.ts'
import type { Io } from '../io.ts'
import { lineOf, workflowOf } from './line.ts'

/** What is known of the workflow that is meant. */
export interface Meant {
  /** As named by the user. */
  readonly file?: string
  readonly workflow?: string
}

/** The one line that is meant. Refuses with NOT_PUBLISHED and VERSION_AMBIGUOUS. */
export function findLine(store: Store, cwd: string, { file, workflow }: Meant): string {
  const lines = store.versions.lines()
  const path = file === undefined ? undefined : resolve(cwd, file)
  const found = lines.filter(
    line =>
      (workflow === undefined || workflowOf(line) === workflow) &&
      (path === undefined || line === lineOf(store.path, path, workflowOf(line))),
  )
  const [only] = found
  if (only !== undefined && found.length === 1) return only
  if (found.length > 1)
    return refuse('VERSION_AMBIGUOUS', `Several workflows have versions here: ${found.join(', ')}`, {
      hint: 'Name the file and the workflow: FILE WORKFLOW@VERSION.',
    })
  const near = workflow === undefined ? undefined : nearestName(workflow, lines.map(workflowOf))
  return refuse('NOT_PUBLISHED', `There is no published version of ${workflow ?? file ?? 'any workflow'} here`, {
    hint: near ? `Did you mean ${near}?` : 'Publish one: tutti publish',
  })
}

/** A file that was not named counts only where it has versions. */
export function lineFor(io: Io, store: Store, { file, by, workflow }: Target): string {
  const named = workflow === undefined ? {} : { workflow }
  const path = resolve(io.cwd, file)
  const isKnown = store.versions.lines().some(line => line === lineOf(store.path, path, workflow ?? workflowOf(line)))
  return findLine(store, io.cwd, by === 'name' || isKnown ? { file, ...named } : named)
}
