/**
 * One start of a service: its function is called in a context of its own, and what it gives says what goes on. A command
 * that was not awaited is a process; `run` in a handle is a process or a promise; anything else lives until it is stopped.
 *
 *   S5. When `stop` has resolved nothing of it is left: no process, no timer of ours, no half line, no entry in the roster.
 */
import { type Current, outside, runIn } from '../exec/current.ts'
import { installGuards } from '../exec/guards.ts'
import type { Attempt, Reports } from '../exec/attempt.ts'
import { dropGroup, signalGroup } from '../exec/sh/groups.ts'
import { type Family, membersOf, stopFamily } from './family.ts'
import type { Roster } from './roster.ts'
import { showError } from './show.ts'
import { within } from './waits.ts'
import { type End, type ServiceProcess, startProcess, writtenCommand } from './process.ts'

export interface Calling {
  readonly attempt: Attempt
  readonly reports: Reports
  readonly fn: (...args: unknown[]) => unknown
  readonly args: readonly unknown[]
  /** Known to nobody else. */
  readonly mark: string
  readonly ports: { readonly [name: string]: number }
  readonly stop: { readonly signal: string; readonly graceMs: number }
  /** Its leader's end is not its own: what it has started goes on. */
  readonly leaves: boolean
  readonly roster: Roster
}

export interface Called {
  readonly family: Family
  /** What its function gave. Rejects with what it threw. */
  readonly given: Promise<unknown>
  /** The process that it gave has ended; its family may go on. */
  readonly exited: Promise<End>
  /** It is over, by itself or stopped. Never rejects. */
  readonly ended: Promise<End>
  /** Its function has not returned and need not: its end is the service's. */
  goesOn(): void
  /** A signal to its leader. */
  signal(signal: NodeJS.Signals): void
  stop(): Promise<void>
}

interface Handle {
  readonly run?: unknown
  readonly stop?: () => unknown
  readonly endpoint?: object
}

/** How often it is looked whether what a service has left behind still goes on. */
const LEFT_MS = 1_000

export function callService(calling: Calling): Called {
  const { attempt, roster, mark, stop } = calling
  const abort = new AbortController()
  const closers: Current['closers'] = new Set()
  const exit = settable<End>()
  const end = settable<End>()
  let process: ServiceProcess | undefined
  let handle: Handle | undefined
  let running: Promise<unknown> = Promise.resolve()
  let stopping: Promise<void> | undefined
  let over = false
  const { reports } = calling
  const current: Current = {
    attempt,
    reports,
    closers,
    signal: abort.signal,
    service: { mark },
    interrupt: error => end.set({ kind: 'threw', error }),
    get over() {
      return over
    },
  }
  roster.begin({ mark, name: attempt.name, ports: calling.ports, stop })
  installGuards()
  const given = runIn(current, () => begin())
  // Who waits for it hears of its failure by `ended`, too.
  given.catch(error => end.set({ kind: 'threw', error }))
  void exit.promise.then(how => void settle(how))

  return {
    get family() {
      return { mark, leader: process?.pid }
    },
    given,
    exited: exit.promise,
    ended: end.promise,
    goesOn: () => follow(given),
    signal: signal => void (process?.pid !== undefined && tell(process.pid, signal)),
    stop: () => (stopping ??= outside(finish)),
  }

  async function begin(): Promise<unknown> {
    const result = calling.fn(...calling.args)
    // A command is a promise of its end: it is not to be awaited here.
    if (lead(result)) return undefined
    const value = await result
    if (!isHandle(value)) return value
    handle = value
    if ('run' in handle && !lead(handle.run)) follow(handle.run)
    return value
  }

  /** Starts the process that `value` stands for; false when it is none. */
  function lead(value: unknown): boolean {
    const written = writtenCommand(value)
    if (!written) return false
    process = startProcess(written, current, stop.signal as NodeJS.Signals)
    if (process.pid !== undefined) roster.lead(mark, process.pid)
    void process.exited.then(exit.set)
    return true
  }

  function follow(value: unknown): void {
    running = Promise.resolve(value).then(
      () => end.set({ kind: 'returned' }),
      error => end.set({ kind: 'threw', error }),
    )
  }

  /** Its process has ended. */
  async function settle(how: End): Promise<void> {
    if (!calling.leaves || how.kind !== 'exited' || how.code !== 0) return end.set(how)
    const family = { mark, leader: process?.pid }
    if ((await membersOf(family)).length === 0) return
    while (stopping === undefined) {
      await new Promise(resolve => setTimeout(resolve, LEFT_MS).unref())
      if ((await membersOf(family)).length === 0) return end.set(how)
    }
  }

  async function finish(): Promise<void> {
    const { graceMs } = stop
    // What is being set up is let go of when it comes: its signal tells it.
    const ender = endingOf(handle)
    if (ender) await within(attempted(ender), graceMs)
    abort.abort(new Error('stopped'))
    await within(running, graceMs)
    for (const closer of [...closers].reverse()) await attempted(async () => closer())
    const leader = process?.pid
    const isGone = await stopFamily(
      { mark, leader },
      { signal: stop.signal as NodeJS.Signals, graceMs, ...(process ? { leaderEnded: process.exited } : {}) },
    )
    await process?.close()
    if (leader !== undefined) dropGroup(leader)
    over = true
    if (!isGone) reports.line('log', `warning: SERVICE_LEFT: something of ${attempt.name} could not be ended`)
    else roster.end(mark)
    end.set({ kind: 'returned' })
  }

  async function attempted(what: () => unknown): Promise<void> {
    try {
      await what()
    } catch (error) {
      reports.line('log', `warning: ${attempt.name} failed while it was being stopped: ${showError(error)}`)
    }
  }
}

/** Its leader, and only if there is none the whole group. */
function tell(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    signalGroup(pid, signal)
  }
}

const isHandle = (value: unknown): value is Handle =>
  (typeof value === 'object' || typeof value === 'function') && value !== null

/** Its own way to end it, or that of what is disposable. */
function endingOf(handle: Handle | undefined): (() => unknown) | undefined {
  if (!handle) return undefined
  const ways = handle as { readonly [way: PropertyKey]: unknown }
  const way = [ways['stop'], ways[Symbol.asyncDispose], ways[Symbol.dispose]].find(each => typeof each === 'function')
  return way && (() => (way as () => unknown).call(handle))
}

interface Settable<T> {
  readonly promise: Promise<T>
  /** The first time counts. */
  set(value: T): void
}

function settable<T>(): Settable<T> {
  let set: (value: T) => void = () => undefined
  const promise = new Promise<T>(resolve => (set = resolve))
  return { promise, set: value => set(value) }
}
