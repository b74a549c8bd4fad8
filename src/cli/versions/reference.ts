/** Which version of a store is meant by words: the line by the workflow's name, the version by number, range or channel. */
import { resolve } from 'node:path'
import semver from 'semver'
import type { Store, VersionRow } from '../../store/index.ts'
import { refuse } from '../../util/diagnostic.ts'
import { nearestName } from '../../util/nearest.ts'
import type { Facts } from '../../versions/version.ts'
import { lineOf, workflowOf } from './line.ts'
import { CURRENT, LATEST } from './words.ts'

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

/** The version of a line that `which` means. Refuses with VERSION_UNKNOWN. */
export function findVersion(store: Store, line: string, which: string): VersionRow {
  const rows = store.versions.list(line)
  const number = numberOf(store, line, rows, which)
  return rows.find(row => row.number === number) ?? unknown(store, line, rows, which)
}

function numberOf(store: Store, line: string, rows: readonly VersionRow[], which: string): string | undefined {
  if (which === CURRENT) return store.versions.current(line)?.number
  const numbers = rows.map(row => row.number)
  if (which === LATEST || which === '') return greatest(numbers)
  const exact = numbers.find(number => number === which || number === semver.valid(which))
  if (exact !== undefined) return exact
  const channel = rows.filter(row => factsOf(row).channel === which).map(row => row.number)
  if (channel.length > 0) return greatest(channel)
  return (semver.validRange(which) && semver.maxSatisfying(numbers, which)) || undefined
}

/** The greatest release; where there is none, the greatest pre-release. */
export const greatest = (numbers: readonly string[]): string | undefined =>
  semver.maxSatisfying([...numbers], '*') ?? [...numbers].sort(semver.rcompare)[0]

function unknown(store: Store, line: string, rows: readonly VersionRow[], which: string): never {
  const name = workflowOf(line)
  const numbers = rows.map(row => row.number)
  const others = [...new Set(store.versions.list().filter(row => row.number === which && row.line !== line))]
  const message =
    semver.valid(which) === null && semver.validRange(which) !== null
      ? `No version of ${name} matches ${which}`
      : `${name} has no version ${which}`
  const elsewhere = others.map(row => workflowOf(row.line)).join(', ')
  return refuse('VERSION_UNKNOWN', others.length > 0 ? `${message}; it is one of ${elsewhere}` : message, {
    hint: `It has ${fewest(numbers)}.`,
  })
}

const SHOWN = 6
const fewest = (numbers: readonly string[]): string =>
  numbers.length <= SHOWN ? numbers.join(', ') : `${numbers[0]}, …, ${numbers.slice(-(SHOWN - 2)).join(', ')}`

/** Written by nobody but `publish`. */
export const factsOf = (row: VersionRow): Facts => row.facts as unknown as Facts

/** `ci@1.2.0` */
export const nameOf = ({ line, number }: Pick<VersionRow, 'line' | 'number'>): string => `${workflowOf(line)}@${number}`
