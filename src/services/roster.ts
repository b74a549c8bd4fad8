/**
 * What a process keeps running, on disk: one file for each process that does, `<store>/services/<pid>.ndjson`. Who starts
 * next ends what is left of one that was killed (`kill -9`), before it starts anything itself.
 *
 *   S3. A service is noted before its process is started: there is no moment in which an orphan would be unknown.
 *   S4. Only what is still the service is ended: by its mark, or by its leader's pid and start time. A pid that has since
 *       been given to another program is left alone.
 */
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { isGone, type Owner, ownerOf, thisOwner } from '../store/owner.ts'
import { membersOf, stopFamily } from './family.ts'

export interface RosterEntry {
  readonly mark: string
  /** For people: the step's name. */
  readonly name: string
  readonly ports: { readonly [name: string]: number }
  readonly stop: { readonly signal: string; readonly graceMs: number }
}

export interface Roster {
  /** S3. */
  begin(entry: RosterEntry): void
  /** Its process has been started. */
  lead(mark: string, pid: number): void
  end(mark: string): void
}

type Line =
  | { readonly kind: 'owner'; readonly owner: Owner }
  | ({ readonly kind: 'begun' } & RosterEntry)
  | { readonly kind: 'led'; readonly mark: string; readonly leader: Owner }
  | { readonly kind: 'ended'; readonly mark: string }

const ENDING = '.ndjson'
export const rosterFolder = (store: string): string => join(store, 'services')

/** Of this process. */
export function openRoster(store: string): Roster {
  const folder = rosterFolder(store)
  const path = join(folder, `${process.pid}${ENDING}`)
  const live = new Set<string>()

  const write = (line: Line): void => appendFileSync(path, `${JSON.stringify(line)}\n`)

  return {
    begin(entry) {
      if (live.size === 0) {
        mkdirSync(folder, { recursive: true })
        rmSync(path, { force: true })
        write({ kind: 'owner', owner: thisOwner() })
      }
      live.add(entry.mark)
      write({ kind: 'begun', ...entry })
    },
    lead: (mark, pid) => write({ kind: 'led', mark, leader: ownerOf(pid) }),
    end(mark) {
      if (!live.delete(mark)) return
      if (live.size > 0) write({ kind: 'ended', mark })
      else rmSync(path, { force: true })
    },
  }
}

/** For stores that are not on disk. */
export const NO_LEDGER: Roster = { begin: () => undefined, lead: () => undefined, end: () => undefined }

export interface Reaped {
  readonly name: string
  readonly owner: number
  readonly ports: { readonly [name: string]: number }
  /** Processes that were still there. */
  readonly count: number
  /** False: something could not be ended. */
  readonly gone: boolean
}

/** Ends what processes that are gone have left running. */
export async function reapRosters(store: string): Promise<readonly Reaped[]> {
  const reaped = await Promise.all(rostersOf(store).map(path => reapRoster(path)))
  return reaped.flat()
}

function rostersOf(store: string): readonly string[] {
  const folder = rosterFolder(store)
  try {
    return readdirSync(folder).flatMap(name => (name.endsWith(ENDING) ? [join(folder, name)] : []))
  } catch {
    return [] // nothing was ever kept here
  }
}

async function reapRoster(path: string): Promise<readonly Reaped[]> {
  const lines = readLines(path)
  const first = lines[0]
  if (first?.kind !== 'owner') {
    // Killed while it wrote its first line, so it had started nothing.
    rmSync(path, { force: true })
    return []
  }
  const atMs = writtenAtMs(path)
  if (!isGone(first.owner, atMs)) return []
  const reaped = await Promise.all(entriesOf(lines).map(entry => reapEntry(entry, first.owner, atMs)))
  rmSync(path, { force: true })
  return reaped.flat()
}

interface Entry extends RosterEntry {
  readonly leader: Owner | undefined
}

function entriesOf(lines: readonly Line[]): readonly Entry[] {
  const entries = new Map<string, Entry>()
  for (const line of lines) {
    if (line.kind === 'begun') entries.set(line.mark, { ...line, leader: undefined })
    if (line.kind === 'ended') entries.delete(line.mark)
    const known = line.kind === 'led' ? entries.get(line.mark) : undefined
    if (line.kind === 'led' && known) entries.set(line.mark, { ...known, leader: line.leader })
  }
  return [...entries.values()]
}

async function reapEntry(entry: Entry, owner: Owner, writtenAtMs: number): Promise<readonly Reaped[]> {
  const { mark, name, ports, stop, leader } = entry
  // S4. Without its leader, whose group it is cannot be told: the marks alone do.
  const isLed = leader !== undefined && !isGone(leader, writtenAtMs)
  const family = { mark, leader: isLed ? leader.pid : undefined }
  const count = (await membersOf(family)).length
  if (count === 0) return []
  const gone = await stopFamily(family, { signal: stop.signal as NodeJS.Signals, graceMs: stop.graceMs })
  return [{ name, owner: owner.pid, ports, count, gone }]
}

function readLines(path: string): readonly Line[] {
  try {
    return readFileSync(path, 'utf8').split('\n').flatMap(parseLine)
  } catch {
    return [] // another process reaps, too
  }
}

/** The last line may be torn by the kill; only ours are written. */
function parseLine(text: string): readonly Line[] {
  try {
    return text === '' ? [] : [JSON.parse(text) as Line]
  } catch {
    return []
  }
}

function writtenAtMs(path: string): number {
  try {
    return statSync(path).mtimeMs
  } catch {
    return Date.now()
  }
}
