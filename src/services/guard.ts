/**
 * Ends the commands of a process that was killed (`kill -9`): nothing of ours runs then, so something else must know them.
 *
 * Which process groups are live stands in a file, `<store>/services/<pid>.groups`: a start or an end writes one slot of it, a
 * few microseconds, so that a build of 10,000 commands does not notice. A small shell waits at a pipe that nobody writes to;
 * when we end, however we end, it reads the file and ends what is in it. Should it be killed, too, who starts next does
 * that.
 *
 *   S10. A group is noted at once when it is started. (In the fraction of a millisecond before, it is known to nobody.)
 *   S11. What has ended is not in the file, so a pid that was given to another program is left alone.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { watchGroups } from '../exec/sh/groups.ts'
import { isGone, type Owner, parseOwner, thisOwner, wasRunning } from '../store/owner.ts'
import { membersOf, stopFamily } from './family.ts'
import { rosterFolder } from './roster.ts'

const ENDING = '.groups'
const OWNER_BYTES = 256
/** A pid and a signal. */
const SLOT_BYTES = 20
const EMPTY = `${' '.repeat(SLOT_BYTES - 1)}\n`

/** Short runs are over before it is worth a process: what they leave, who starts next ends. */
const WATCHDOG_AFTER_MS = 250

/**
 * Nothing ever comes from the pipe but its end. Gentle first, as when we stop a command: five seconds, looked at ten times
 * a second.
 */
const WATCHDOG = `
trap '' HUP INT TERM
read -r _
[ -f "$1" ] || exit 0
signal() { while read -r pid how; do [ -n "$pid" ] && kill -s "\${1:-$how}" -- "-$pid" && left=1; done 2>/dev/null; }
each() { left=; { read -r _; signal "$1"; } <"$2"; [ -n "$left" ]; }
each '' "$1"
tries=50
while [ $tries -gt 0 ] && each 0 "$1"; do sleep 0.1; tries=$((tries - 1)); done
each KILL "$1"
rm -f "$1"
`

/** Until it is called: whatever becomes of this process, its commands do not outlive it. */
export function guardGroups(store: string): () => void {
  const folder = rosterFolder(store)
  const path = join(folder, `${process.pid}${ENDING}`)
  const slots = new Map<number, number>()
  const free: number[] = []
  let file: number | undefined
  let watchdog: ChildProcess | undefined
  let timer: NodeJS.Timeout | undefined

  const open = (): number => {
    mkdirSync(folder, { recursive: true })
    const opened = openSync(path, 'w')
    writeSync(opened, `${JSON.stringify(thisOwner()).padEnd(OWNER_BYTES - 1)}\n`, 0)
    timer = setTimeout(() => (watchdog = startWatchdog(path)), WATCHDOG_AFTER_MS).unref()
    process.on('exit', end)
    return opened
  }
  const write = (slot: number, text: string): void => {
    try {
      writeSync((file ??= open()), text, OWNER_BYTES + slot * SLOT_BYTES)
    } catch {
      // A disk without room must not fail a command: it is only less safe.
    }
  }
  const unwatch = watchGroups((pid, state, signal) => {
    if (state === 'started') {
      const slot = free.pop() ?? slots.size
      slots.set(pid, slot)
      write(slot, `${`${pid} ${signal.slice(3)}`.padEnd(SLOT_BYTES - 1)}\n`)
      return
    }
    const slot = slots.get(pid)
    if (slot === undefined || !slots.delete(pid)) return
    free.push(slot)
    write(slot, EMPTY)
  })

  function end(): void {
    process.removeListener('exit', end)
    unwatch()
    clearTimeout(timer)
    if (file === undefined) return
    // First the file: the watchdog, which hears of our end by the pipe, has nothing to do then.
    rmSync(path, { force: true })
    closeSync(file)
    file = undefined
    watchdog?.stdin?.destroy()
  }
  return end
}

function startWatchdog(path: string): ChildProcess {
  // A session of its own: what ends us by a signal to our group or terminal must not end it.
  const child = spawn('/bin/sh', ['-c', WATCHDOG, 'tutti-watchdog', path], {
    detached: true,
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  child.on('error', () => undefined)
  child.stdin.on('error', () => undefined)
  child.unref()
  ;(child.stdin as unknown as { unref(): void }).unref() // pipes are sockets here
  return child
}

/** How many commands of processes that are gone were still running; none of them is any more. */
export async function reapGroups(store: string): Promise<number> {
  const folder = rosterFolder(store)
  const counts = await Promise.all(
    namesIn(folder).map(name => (name.endsWith(ENDING) ? reapFile(join(folder, name)) : 0)),
  )
  return counts.reduce((sum, count) => sum + count, 0)
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return [] // nothing was ever kept here
  }
}

async function reapFile(path: string): Promise<number> {
  const noted = readNoted(path)
  if (!noted || (noted.owner && !isGone(noted.owner, noted.writtenAtMs))) return 0
  const stopped = await Promise.all(noted.groups.map(group => reapGroup(group, noted.writtenAtMs)))
  rmSync(path, { force: true })
  return stopped.filter(Boolean).length
}

const GRACE_MS = 5_000

async function reapGroup(leader: number, writtenAtMs: number): Promise<boolean> {
  // No mark: commands have none.
  const family = { mark: undefined, leader }
  const members = await membersOf(family)
  // S11. A group that has come since is somebody else's.
  if (!members.some(pid => wasRunning(pid, writtenAtMs))) return false
  return stopFamily(family, { signal: 'SIGTERM', graceMs: GRACE_MS })
}

interface Noted {
  /** Undefined: it was killed while it wrote that. */
  readonly owner: Owner | undefined
  readonly groups: readonly number[]
  readonly writtenAtMs: number
}

function readNoted(path: string): Noted | undefined {
  try {
    const text = readFileSync(path, 'latin1')
    const owner = text.length < OWNER_BYTES ? undefined : parseOwner(text.slice(0, OWNER_BYTES))
    const groups = text
      .slice(OWNER_BYTES)
      .split('\n')
      .map(line => Number.parseInt(line, 10))
    return { owner, groups: groups.filter(group => group > 0), writtenAtMs: statSync(path).mtimeMs }
  } catch {
    return undefined // another process reaps, too
  }
}
