/**
 * The owner's side: an executor that hands attempts to workers, starts them when they are needed, and notices when one is
 * gone. Threads and processes differ only in how a worker is started and ended.
 *
 *   K1. A worker that is gone (killed, out of memory, silent for longer than its lease) ends its attempt at once: with
 *       WORKER_LOST when the cause came from outside, which the engine retries elsewhere without counting it; with
 *       TASK_CRASHED when the task did it.
 *   K2. Process groups that a lost worker had started are killed.
 *   K3. A worker whose attempt was stopped is not used again: its function may still be running.
 */
import type { Outcome } from '../../core/engine/protocol.ts'
import { holdOpen } from '../alive.ts'
import type { Attempt, Executor, Reports } from '../attempt.ts'
import { lineSink } from '../lines.ts'
import { silentTooLong } from '../middleware/heartbeat.ts'
import { timedOut } from '../middleware/timeout.ts'
import { hiddenEnv, redact } from '../secrets/vault.ts'
import { addGroup, dropGroup, signalGroup } from '../sh/groups.ts'
import { PROTOCOL_VERSION, type Channel, type FromWorker, type ToWorker } from './protocol.ts'

/** How a worker went. */
export type Gone =
  /** From outside: a signal that tasks do not send themselves, a broken connection, silence. */
  | { readonly kind: 'lost'; readonly how: string }
  /** Its own doing: an exit code, a segmentation fault, no memory. */
  | { readonly kind: 'crashed'; readonly how: string }

export interface Peer {
  /** For people: `process 4711`. */
  readonly name: string
  readonly channel: Channel<ToWorker, FromWorker>
  /** Resolves when the worker is no more; never rejects. */
  readonly gone: Promise<Gone>
  /** At once, with no goodbye. */
  kill(): void
  /** When it is silent for longer it is lost. Absent: only its end counts (a task may keep its thread busy for long). */
  readonly leaseMs?: number | undefined
  /** Text on the worker's stderr that no console captured. */
  onStderr?(listener: (text: string) => void): void
}

export interface PoolOptions {
  readonly start: () => Peer
  readonly workersMax: number
  /** How long an attempt may take to end after it was told to. */
  readonly stopMs?: number
}

export interface Pool {
  readonly execute: Executor
  /** Takes in a worker that was started by somebody else. */
  add(peer: Peer): void
  /** Ends all workers; attempts that run are lost. */
  close(): Promise<void>
}

const STOP_MS = 12_000

type Listener = (message: FromWorker) => void

/** A worker with the state that its messages make. */
interface Live {
  readonly peer: Peer
  readonly groups: Set<number>
  readonly ready: Promise<boolean>
  lastSeenMs: number
  listener: Listener
  raw: (stream: 'stdout' | 'stderr', text: string) => void
}

export function workerPool({ start, workersMax, stopMs = STOP_MS }: PoolOptions): Pool {
  const idle: Live[] = []
  const all = new Set<Live>()
  const waiting: ((live: Live) => void)[] = []

  function take(signal: AbortSignal): Promise<Live | undefined> {
    const free = idle.pop()
    if (free !== undefined) return Promise.resolve(free)
    if (all.size < workersMax) return Promise.resolve(enlist(start()))
    return new Promise(resolve => {
      const got = (live: Live) => {
        signal.removeEventListener('abort', leave)
        resolve(live)
      }
      const leave = () => {
        waiting.splice(waiting.indexOf(got), 1)
        resolve(undefined)
      }
      signal.addEventListener('abort', leave, { once: true })
      waiting.push(got)
    })
  }

  function enlist(peer: Peer): Live {
    const live = listenTo(peer)
    all.add(live)
    void live.peer.gone.then(() => {
      all.delete(live)
      if (idle.includes(live)) idle.splice(idle.indexOf(live), 1)
      for (const pid of live.groups) {
        signalGroup(pid, 'SIGKILL')
        dropGroup(pid)
      }
      const next = waiting.length > 0 && all.size < workersMax ? waiting.shift() : undefined
      next?.(enlist(start()))
    })
    return live
  }

  function giveBack(live: Live, outcome: Outcome): void {
    const stopped = outcome.kind === 'cancelled' || (outcome.kind === 'failed' && STOPPED.has(outcome.fault.code))
    if (stopped) return live.peer.kill()
    if (all.has(live)) offer(live)
  }

  function offer(live: Live): void {
    const next = waiting.shift()
    if (next === undefined) idle.push(live)
    else next(live)
  }

  const execute: Executor = async (attempt, signal, reports) => {
    if (signal.aborted) return { kind: 'cancelled' }
    const live = await take(signal)
    if (live === undefined) return { kind: 'cancelled' }
    const outcome = await runOn(live, { attempt, signal, reports, stopMs })
    giveBack(live, outcome)
    return outcome
  }

  const close = async () => {
    const letGo = holdOpen()
    for (const live of all) live.peer.kill()
    await Promise.all([...all].map(live => live.peer.gone))
    letGo()
  }
  return { execute, add: peer => offer(enlist(peer)), close }
}

const STOPPED: ReadonlySet<string> = new Set([
  'TIMEOUT',
  'HEARTBEAT_TIMEOUT',
  'WORKER_LOST',
  'TASK_CRASHED',
  'WORKER_VERSION',
])

function listenTo(peer: Peer): Live {
  let isReady: (compatible: boolean) => void = () => {}
  const live: Live = {
    peer,
    groups: new Set(),
    ready: new Promise(resolve => {
      isReady = resolve
    }),
    lastSeenMs: performance.now(),
    listener: () => {},
    raw: () => {},
  }
  peer.channel.listen({
    message: message => {
      live.lastSeenMs = performance.now()
      if (message.kind === 'ready') return isReady(message.v === PROTOCOL_VERSION)
      if (message.kind !== 'group') return live.listener(message)
      // As if it were ours: whoever guards our groups guards these, too.
      if (message.state === 'started') {
        live.groups.add(message.pid)
        addGroup(message.pid)
      } else if (live.groups.delete(message.pid)) dropGroup(message.pid)
    },
    raw: text => live.raw('stdout', text),
    closed: () => {},
  })
  peer.onStderr?.(text => live.raw('stderr', text))
  return live
}

interface Job {
  readonly attempt: Attempt
  readonly signal: AbortSignal
  readonly reports: Reports
  readonly stopMs: number
}

function runOn(live: Live, { attempt, signal, reports, stopMs }: Job): Promise<Outcome> {
  const { peer } = live
  return new Promise(resolve => {
    const letGo = holdOpen()
    let open = true
    const timers = new Set<NodeJS.Timeout>()
    const sinks = {
      stdout: lineSink(text => reports.line('stdout', text)),
      stderr: lineSink(text => reports.line('stderr', text)),
    }
    const end = (outcome: Outcome) => {
      if (!open) return
      open = false
      letGo()
      for (const timer of timers) clearTimeout(timer)
      signal.removeEventListener('abort', cancel)
      live.listener = () => {}
      live.raw = () => {}
      sinks.stdout.end()
      sinks.stderr.end()
      resolve(outcome)
    }
    const after = (ms: number, what: () => void) => void timers.add(setTimeout(what, ms))
    const cancel = () => {
      peer.channel.send({ kind: 'cancel' })
      after(stopMs, () => end({ kind: 'cancelled' }))
    }
    let heardMs = performance.now()
    live.raw = (stream, text) => {
      heardMs = performance.now()
      sinks[stream].write(text)
    }
    live.listener = message => {
      if (message.kind !== 'beat') heardMs = performance.now()
      if (message.kind === 'line') reports.line(message.stream, message.text)
      else if (message.kind === 'alive') reports.alive()
      else if (message.kind === 'saw') reports.saw(message.access)
      else if (message.kind === 'record') reports.record(message.name, message.value)
      else if (message.kind === 'finished') end(message.outcome)
    }
    void peer.gone.then(gone =>
      end(signal.aborted ? { kind: 'cancelled' } : { kind: 'failed', fault: faultOfGone(gone, peer, attempt) }),
    )
    const { timeoutMs, heartbeatMs } = attempt.policy
    // The worker's own clock stands still while its task keeps the thread busy; ours does not.
    if (timeoutMs !== undefined) after(timeoutMs + stopMs, () => end(timedOut(attempt, timeoutMs)))
    if (heartbeatMs !== undefined) {
      const look = (): void => {
        const leftMs = heardMs + heartbeatMs + stopMs - performance.now()
        if (leftMs <= 0) end(silentTooLong(attempt, heartbeatMs))
        else after(leftMs, look)
      }
      look()
    }
    if (peer.leaseMs !== undefined) watchLease(live, peer.leaseMs, after)
    signal.addEventListener('abort', cancel)
    void live.ready.then(compatible => {
      if (!compatible)
        return end({
          kind: 'failed',
          fault: { code: 'WORKER_VERSION', message: `${peer.name} is of another version of Tutti` },
        })
      peer.channel.send({ kind: 'attempt', attempt, hidden: [...hiddenEnv()] })
      if (signal.aborted) cancel()
    })
  })
}

/** Kills a worker that is silent; its end then ends the attempt as any other end does. */
function watchLease(live: Live, leaseMs: number, after: (ms: number, what: () => void) => void): void {
  live.lastSeenMs = performance.now()
  const look = () => {
    const leftMs = live.lastSeenMs + leaseMs - performance.now()
    if (leftMs <= 0) live.peer.kill()
    else after(leftMs, look)
  }
  look()
}

const faultOfGone = (gone: Gone, peer: Peer, attempt: Attempt) =>
  gone.kind === 'lost'
    ? { code: 'WORKER_LOST', message: redact(`${peer.name} was lost while it ran ${attempt.name}: ${gone.how}`) }
    : { code: 'TASK_CRASHED', message: redact(`${attempt.name} ended its worker, ${peer.name}: ${gone.how}`) }
