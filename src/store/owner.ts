/**
 * Who a process is, so that another one can tell at once that it died, even when its pid was given to another process.
 *
 * Linux: boot id, pid namespace, pid and start time in ticks. Elsewhere (macOS): host name, pid, and, when it comes to
 * judging, the start time that `ps` tells, compared with when the lease was taken.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { storeDamaged } from './fault.ts'

export interface Owner {
  readonly host: string
  /** '' where the system has none. */
  readonly boot: string
  /** The namespace that the pid counts in; '' where the system has none. */
  readonly namespace: string
  readonly pid: number
  /** Clock ticks since boot; 0 where unknown. */
  readonly startTicks: number
}

/** What `JSON.stringify` made of one and the store kept. Refuses with STORE_DAMAGED. */
export function parseOwner(text: string): Owner {
  try {
    // Only ours are written; what a flipped bit leaves readable names a process that is not there.
    return JSON.parse(text) as Owner
  } catch {
    return storeDamaged('what the store says about a process that uses it is not what was written')
  }
}

/** This process. */
export const thisOwner = (): Owner => ownerOf(process.pid)

/** Another process of this machine. */
export function ownerOf(pid: number): Owner {
  return {
    host: hostname(),
    boot: thisBoot(),
    namespace: reading(() => readlinkSync('/proc/self/ns/pid')) ?? '',
    pid,
    startTicks: startTicks(pid) ?? 0,
  }
}

/** Whether the process is known to be gone. `false` for one of another machine or namespace: nothing is known there. */
export function isGone(owner: Owner, takenAtMs: number, self: Owner = thisOwner()): boolean {
  if (owner.host !== self.host) return false
  // The machine was started anew: nothing that ran before still does.
  if (owner.boot !== self.boot) return true
  if (owner.namespace !== self.namespace) return false
  if (!isRunning(owner.pid)) return true
  if (owner.startTicks > 0) return startTicks(owner.pid) !== owner.startTicks
  const startedAtMs = startedAt(owner.pid)
  // `ps` tells whole seconds.
  return startedAtMs !== undefined && startedAtMs > takenAtMs + 1_000
}

/** Whether the process is there and was at `atMs`; one that was given its pid later was not. */
export function wasRunning(pid: number, atMs: number): boolean {
  if (!isRunning(pid)) return false
  const ticks = startTicks(pid)
  const bootMs = ticks === undefined ? undefined : bootedAt()
  const startedAtMs =
    ticks === undefined || bootMs === undefined ? startedAt(pid) : bootMs + (ticks * 1_000) / TICKS_PER_SECOND
  // Both tell whole seconds.
  return startedAtMs !== undefined && startedAtMs < atMs + 1_000
}

/** What the kernel shows to programs, whatever its own rate. */
const TICKS_PER_SECOND = 100

const bootedAt = (): number | undefined => {
  const seconds = /^btime (\d+)$/m.exec(reading(() => readFileSync('/proc/stat', 'latin1')) ?? '')?.[1]
  return seconds === undefined ? undefined : Number(seconds) * 1_000
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Another user's process may not be signalled, but is there.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

const thisBoot = (): string => reading(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()) ?? ''

/** Field 22 of /proc/PID/stat, counted after the command's closing parenthesis (it may hold any character). A zombie is gone. */
function startTicks(pid: number): number | undefined {
  const stat = reading(() => readFileSync(`/proc/${pid}/stat`, 'latin1'))
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields && fields[0] !== 'Z' ? Number(fields[19]) : undefined
}

function startedAt(pid: number): number | undefined {
  const { stdout } = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', env: { LC_ALL: 'C' } })
  const ms = Date.parse(stdout?.trim() ?? '')
  return Number.isNaN(ms) ? undefined : ms
}

function reading(read: () => string): string | undefined {
  try {
    return read()
  } catch {
    // No such file: another system, or the process is gone. Both are answers, not failures.
    return undefined
  }
}
