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
import { lineFor } from './lines.ts'
import { factsOf, nameOf } from './row.ts'
import { FILE } from './words.ts'

export interface MeantVersion {
  readonly row: VersionRow
  /** For people, when it is not what the words alone say. */
  readonly note?: string
}

/** `store`: undefined where there is none. */
export async function versionMeant(
  io: Io,
  store: Store | undefined,
  target: Target,
): Promise<MeantVersion | undefined> {
  const { which, place, workflow, file } = target
  if (which === FILE) return undefined
  if (!store)
    return which === undefined
      ? undefined
      : refuse('NOT_PUBLISHED', `There is no published version of ${workflow ?? file} here`, {
          hint: 'Publish one: tutti publish',
        })
  if (which !== undefined) {
    // Most runs name none: what numbers and ranges mean is loaded when it is asked.
    const { findVersion } = await import('./taken.ts')
    return named(findVersion(store, lineFor(io, store, target), which), which)
  }
  if (place === 'there') return pinnedVersion(io, store, target)
  if (store.versions.lines().length === 0) return undefined
  const row = currentOf(store, lineFor(io, store, target))
  return { row, note: `${file} is not there: ${nameOf(row)} is its current version` }
}

function currentOf(store: Store, line: string): VersionRow {
  const number = store.versions.current(line)?.number ?? ''
  return (
    store.versions.get(line, number) ??
    refuse('VERSION_UNKNOWN', `No version of ${workflowOf(line)} is current`, {
      hint: 'Name one: tutti versions lists them.',
    })
  )
}

/** Of a range or a channel it is said what it came to. */
const named = (row: VersionRow, which: string): MeantVersion =>
  which === row.number ? { row } : { row, note: `${workflowOf(row.line)}@${which} is ${nameOf(row)}` }

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
  const row = currentOf(store, line)
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
