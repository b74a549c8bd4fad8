/**
 * Process groups: each command leads one of its own, and ends with all that it has started.
 *
 *   P1. A stop is gentle first (SIGTERM), then hard (SIGKILL) after the grace, to the whole group.
 *   P2. When this process exits, groups that are left are killed. After a `kill -9` of it nothing of ours can: who is to do
 *       it then (services/guard.ts, for a worker the process that started it) is told of every group.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { shared } from '../shared.ts'

/** `signal`: what ends it gently. */
export type GroupListener = (pid: number, state: 'started' | 'ended', signal: NodeJS.Signals) => void

interface Groups {
  /** With what ends each gently. */
  readonly live: Map<number, NodeJS.Signals>
  readonly listeners: Set<GroupListener>
}

const groups = shared<Groups>('groups', () => {
  const live = new Map<number, NodeJS.Signals>()
  process.on('exit', () => {
    for (const pid of live.keys()) signalGroup(pid, 'SIGKILL')
  })
  return { live, listeners: new Set() }
})

/** Tells `listener` of every group of this process, those that are live now included. */
export function watchGroups(listener: GroupListener): () => void {
  for (const [pid, signal] of groups.live) listener(pid, 'started', signal)
  groups.listeners.add(listener)
  return () => void groups.listeners.delete(listener)
}

export function addGroup(pid: number, signal: NodeJS.Signals = 'SIGTERM'): void {
  groups.live.set(pid, signal)
  for (const listener of groups.listeners) listener(pid, 'started', signal)
}

export function dropGroup(pid: number): void {
  const signal = groups.live.get(pid)
  if (signal === undefined) return
  groups.live.delete(pid)
  for (const listener of groups.listeners) listener(pid, 'ended', signal)
}

/** False when the group has no process left. */
export function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pid, signal)
    return true
  } catch (error) {
    // EPERM: a process of the group has changed its user (sudo); it is there, and not ours to stop.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

const POLL_MS_MAX = 100
/** How long the system may take to end what was killed. */
const KILL_MS_MAX = 2_000

/** Resolves when nothing of the group runs any more. */
export async function stopGroup(pid: number, graceMs: number): Promise<void> {
  if (signalGroup(pid, 'SIGTERM') && !(await gone(pid, graceMs))) {
    signalGroup(pid, 'SIGKILL')
    await gone(pid, KILL_MS_MAX)
  }
  dropGroup(pid)
}

async function gone(pid: number, withinMs: number): Promise<boolean> {
  const untilMs = performance.now() + withinMs
  for (let pollMs = 2; groupRuns(pid); pollMs = Math.min(2 * pollMs, POLL_MS_MAX)) {
    const leftMs = untilMs - performance.now()
    if (leftMs <= 0) return false
    await new Promise(resolve => setTimeout(resolve, Math.min(pollMs, leftMs)))
  }
  return true
}

/** False also when all that is left are zombies: in a container orphans may never be reaped, and still be listed. */
function groupRuns(pid: number): boolean {
  if (!signalGroup(pid, 0)) return false
  if (process.platform !== 'linux') return true
  return readdirSync('/proc').some(name => /^\d+$/.test(name) && isLiveMember(name, pid))
}

/** /proc/PID/stat: after the name in parentheses, which may hold anything, come state, parent and group (proc(5)). */
function isLiveMember(process: string, group: number): boolean {
  try {
    const stat = readFileSync(`/proc/${process}/stat`, 'latin1')
    const [state, , pgrp] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return Number(pgrp) === group && state !== 'Z' && state !== 'X'
  } catch {
    return false // it has just ended
  }
}
