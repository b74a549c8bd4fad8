/**
 * All processes of one service, wherever they have gone: those of its group and session, their children, and, where the
 * system shows environments (Linux), whatever carries its mark, also after it has left group and session (a daemon).
 *
 *   S1. Of a family that is stopped nothing is left: gently first, hard after the grace, and looked for again meanwhile.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { SERVICE_VARIABLE } from '../exec/service.ts'
import { signalGroup } from '../exec/sh/groups.ts'
import { within } from './waits.ts'

export interface Family {
  /** Value of TUTTI_SERVICE in the environment of its processes; undefined for what has none. */
  readonly mark: string | undefined
  /** Leads group and session; undefined when there never was one. */
  readonly leader: number | undefined
}

interface Process {
  readonly pid: number
  readonly parent: number
  readonly group: number
  readonly session: number
  /** Its service's, where environments can be read. */
  readonly mark: string | undefined
}

/** Its live processes; zombies are none. */
export const membersOf = async (family: Family): Promise<readonly number[]> =>
  pidsOf(membersAmong(family, await look()))

const pidsOf = (processes: readonly Process[]): readonly number[] => processes.map(({ pid }) => pid)

export interface Stopping {
  readonly signal: NodeJS.Signals
  readonly graceMs: number
  /** Resolves when the leader has ended, where we are its parent. */
  readonly leaderEnded?: Promise<unknown>
}

/** How long the system may take to end what was killed. */
const KILL_MS_MAX = 2_000
const POLL_MS_MAX = 100

/** S1. Resolves when nothing of it runs any more: true; false when something could not be ended. */
export async function stopFamily(family: Family, { signal, graceMs, leaderEnded }: Stopping): Promise<boolean> {
  const { leader } = family
  const untilMs = performance.now() + graceMs
  // The group alone: what the leader looks after in other groups it ends itself, and better than we can.
  const isLed = leader !== undefined && signalGroup(leader, signal)
  if (isLed && leaderEnded) await within(leaderEnded, graceMs)
  const left = membersAmong(family, await look())
  if (left.length === 0) return true
  // Told once: to some programs the second time means at once.
  const isTold = ({ group }: Process): boolean => isLed && group === leader
  if (!isLed || leaderEnded) for (const each of left) if (!isTold(each)) signalProcess(each.pid, signal)
  return (await gone(family, untilMs)) || killFamily(family)
}

async function killFamily(family: Family): Promise<boolean> {
  const untilMs = performance.now() + KILL_MS_MAX
  // Again and again: what is killed may have forked meanwhile.
  do {
    for (const pid of await membersOf(family)) signalProcess(pid, 'SIGKILL')
    if (await gone(family, performance.now() + POLL_MS_MAX)) return true
  } while (performance.now() < untilMs)
  return false
}

/** Without waiting: for the end of this process. */
export function killNow(families: readonly Family[]): void {
  if (families.length === 0) return
  const all = processes()
  for (const family of families) for (const { pid } of membersAmong(family, all)) signalProcess(pid, 'SIGKILL')
}

async function gone(family: Family, untilMs: number): Promise<boolean> {
  for (let pollMs = 5; (await membersOf(family)).length > 0; pollMs = Math.min(2 * pollMs, POLL_MS_MAX)) {
    const leftMs = untilMs - performance.now()
    if (leftMs <= 0) return false
    await new Promise(resolve => setTimeout(resolve, Math.min(pollMs, leftMs)))
  }
  return true
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has just ended, or is another user's, which we may not stop.
  }
}

function membersAmong({ mark, leader }: Family, all: readonly Process[]): readonly Process[] {
  const members = new Set<number>()
  for (const each of all) {
    const isOfLeader = leader !== undefined && (each.group === leader || each.session === leader)
    if (isOfLeader || (mark !== undefined && each.mark === mark)) members.add(each.pid)
  }
  // Children may be listed before their parents: until nothing is added.
  for (let count = -1; members.size > 0 && count !== members.size; ) {
    count = members.size
    for (const { pid, parent } of all) if (members.has(parent)) members.add(pid)
  }
  members.delete(process.pid)
  return all.filter(({ pid }) => members.has(pid))
}

/** Looking at a thousand processes takes 20 ms: who asks within this time shares the look that is made at its end. */
const LOOK_MS = 3
let looking: Promise<readonly Process[]> | undefined

function look(): Promise<readonly Process[]> {
  looking ??= new Promise(resolve => {
    setTimeout(() => {
      looking = undefined
      resolve(processes())
    }, LOOK_MS)
  })
  return looking
}

const processes = (): readonly Process[] => (process.platform === 'linux' ? processesOfProc() : processesOfPs())

function processesOfProc(): readonly Process[] {
  return readdirSync('/proc').flatMap(name => {
    if (!/^\d+$/.test(name)) return []
    // /proc/PID/stat: after the name in parentheses, which may hold anything: state, parent, group, session (proc(5)).
    const stat = reading(`/proc/${name}/stat`)
    if (stat === undefined) return []
    const [state, parent, group, session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (state === 'Z' || state === 'X') return []
    const [pid, mark] = [Number(name), markOf(name)]
    return [{ pid, parent: Number(parent), group: Number(group), session: Number(session), mark }]
  })
}

const VARIABLE = `${SERVICE_VARIABLE}=`

function markOf(pid: string): string | undefined {
  const environment = reading(`/proc/${pid}/environ`)
  if (!environment?.includes(VARIABLE)) return undefined
  return environment
    .split('\0')
    .find(each => each.startsWith(VARIABLE))
    ?.slice(VARIABLE.length)
}

/** macOS: no sessions, no environments. */
function processesOfPs(): readonly Process[] {
  const { stdout } = spawnSync('ps', ['-axo', 'pid=,ppid=,pgid=,stat='], { encoding: 'utf8' })
  return (stdout ?? '').split('\n').flatMap(line => {
    const [pid, parent, group, state] = line.trim().split(/\s+/)
    if (state === undefined || state.startsWith('Z')) return []
    return [{ pid: Number(pid), parent: Number(parent), group: Number(group), session: 0, mark: undefined }]
  })
}

function reading(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return undefined // it has just ended, or is another user's
  }
}
