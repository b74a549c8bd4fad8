/**
 * Which version a run takes, if it is to be none of the file as it is: the one that is named, the one that its workflow was
 * rewound to, or, where the file is gone, the current one.
 */
import { resolve } from 'node:path'
import { encodeGraph } from '../../run/launch.ts'
import type { Runnable } from '../../run/runnable.ts'
import type { Store, VersionRow } from '../../store/index.ts'
import { refuse } from '../../util/diagnostic.ts'
import { hashBytes } from '../../util/hash.ts'
import type { Target } from '../commands/words.ts'
import type { Io } from '../io.ts'
import { lineOf, workflowOf } from './line.ts'
import { factsOf, findLine, findVersion, nameOf } from './reference.ts'
import { CURRENT, FILE } from './words.ts'

export interface MeantVersion {
  readonly row: VersionRow
  /** For people, when it is not what the words alone say. */
  readonly note?: string
}

/** `store`: undefined where there is none. */
export function versionMeant(io: Io, store: Store | undefined, target: Target): MeantVersion | undefined {
  const { which, place, workflow, file } = target
  if (which === FILE) return undefined
  if (!store)
    return which === undefined
      ? undefined
      : refuse('NOT_PUBLISHED', `There is no published version of ${workflow ?? file} here`, {
          hint: 'Publish one: tutti publish',
        })
  if (which !== undefined) return named(findVersion(store, lineFor(io, store, target), which), which)
  if (place === 'there') return pinnedVersion(io, store, target)
  if (store.versions.lines().length === 0) return undefined
  const row = findVersion(store, lineFor(io, store, target), CURRENT)
  return { row, note: `${file} is not there: ${nameOf(row)} is its current version` }
}

/** Of a range or a channel it is said what it came to. */
const named = (row: VersionRow, which: string): MeantVersion =>
  which === row.number ? { row } : { row, note: `${workflowOf(row.line)}@${which} is ${nameOf(row)}` }

/** A file that was not named counts only where it has versions. */
export function lineFor(io: Io, store: Store, { file, by, workflow }: Target): string {
  const named = workflow === undefined ? {} : { workflow }
  const path = resolve(io.cwd, file)
  const isKnown = store.versions.lines().some(line => line === lineOf(store.path, path, workflow ?? workflowOf(line)))
  return findLine(store, io.cwd, by === 'name' || isKnown ? { file, ...named } : named)
}

/** Without a workflow's name only where the file has versions of one workflow: which of several is meant only the file tells. */
function pinnedVersion(io: Io, store: Store, { file, workflow }: Target): MeantVersion | undefined {
  const path = resolve(io.cwd, file)
  const lines =
    workflow === undefined
      ? store.versions.lines().filter(line => line === lineOf(store.path, path, workflowOf(line)))
      : [lineOf(store.path, path, workflow)]
  const [line] = lines
  if (line === undefined || lines.length > 1) return undefined
  return pinOf(store, line)
}

/** The version that a line was rewound to. */
export function pinOf(store: Store, line: string): MeantVersion | undefined {
  const current = store.versions.current(line)
  if (current?.how !== 'pinned') return undefined
  const row = findVersion(store, line, current.number)
  return { row, note: `${nameOf(row)}: it was rewound to there (the file: ${workflowOf(line)}@${FILE})` }
}

/** The number of the version that a runnable of the file is to the byte, if it is one that is current or was published last. */
export function versionLike(store: Store, runnable: Runnable): string | undefined {
  const line = lineOf(store.path, runnable.file, runnable.name)
  const current = store.versions.current(line)
  if (!current || !runnable.bundle) return undefined
  const rows = [store.versions.get(line, current.number)]
  if (current.how === 'pinned') rows.push(store.versions.list(line).at(-1))
  const [bundle, graph] = [hashBytes(runnable.bundle), hashBytes(encodeGraph(runnable.graph))]
  return rows.find(row => row && factsOf(row).bundle === bundle && factsOf(row).graph === graph)?.number
}
