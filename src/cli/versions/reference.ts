/** Which version of a line is meant: by number, range or channel. */
import semver from 'semver'
import type { Store, VersionRow } from '../../store/index.ts'
import { refuse } from '../../util/diagnostic.ts'
import { workflowOf } from './line.ts'
import { factsOf } from './row.ts'
import { CURRENT, LATEST } from './words.ts'

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
