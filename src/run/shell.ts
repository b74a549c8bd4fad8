/**
 * The local shell: moves all runs of this process forward, turn by turn.
 *
 *     inputs come in -> decide, apply -> grant steps their slots -> one durable append -> perform -> inputs come in …
 *
 * Everything that one turn of the event loop brought goes into one transaction, completion and next start together; a turn
 * is cut at about EVENTS_PER_TURN events, so 100,000 enabled steps are worked off in bounded memory.
 */
import { AsyncResource } from 'node:async_hooks'
import { commandsMax } from '../exec/index.ts'
import { leaseLost } from '../store/leases.ts'
import type { Batch, Store } from '../store/store.ts'
import { type Clock, realClock } from './clock.ts'
import { newScheduler, type Scheduler } from './scheduler.ts'
import { newPostman, type Receive } from './letters.ts'
import type { Session, SessionEnd } from './session.ts'

const EVENTS_PER_TURN = 1_000
/** Attempts in flight unless the user says otherwise: enough for waiting on networks; commands have a limiter of their own. */
export const SLOTS = 256
/** How often the mailbox is looked into: what another process asks for waits at most this long. */
const MAILBOX_MS = 100
/** Well below the lease's life, so that a busy turn does not lose it. */
const RENEW_MS = 5_000

export interface Shell {
  readonly store: Store
  readonly clock: Clock
  readonly scheduler: Scheduler
  /** Attempts in flight at a time. */
  readonly slots: number
  wake(): void
  /** Moves the session on until it has ended; `receive` does what letters to its run ask for. */
  add(session: Session, receive: Receive): void
  /** Stops all sessions gently; they stay resumable. */
  pause(): Promise<void>
}

export function openShell(store: Store, options: { readonly slots?: number; readonly clock?: Clock } = {}): Shell {
  const sessions = new Set<Session>()
  const clock = options.clock ?? realClock
  let awake = false
  let turning = false
  let stopPolling = (): void => undefined
  // Turns belong to nobody's call: what woke us (a flow, a request) must not be seen by the tasks that we start.
  const own = new AsyncResource('TuttiShell')

  const wake = (): void => {
    if (awake || turning) {
      awake = true
      return
    }
    awake = true
    clock.soon(() => own.runInAsyncScope(() => void turns().catch(failAll)))
  }

  const slots = options.slots ?? SLOTS
  const scheduler = newScheduler({ slots, shared: store.slots, clock, wake, busyAt: commandsMax() })
  const postman = newPostman(store)

  /** A defect of ours: it ends the runs of this process, which can be resumed, instead of leaving them hanging. */
  const failAll = (error: unknown): void => {
    turning = false
    for (const session of sessions) session.fail(error)
  }

  const turns = async (): Promise<void> => {
    turning = true
    while (awake) {
      awake = false
      await turn()
      // Lets completions of this turn's attempts gather, so that the next commit holds them all. A chain of tasks that
      // answer at once has none to wait for; the store's append lets the event loop go on now and then.
      if (awake && isAnyWaiting()) await new Promise<void>(resolve => clock.soon(resolve))
    }
    turning = false
  }

  const isAnyWaiting = (): boolean => {
    for (const session of sessions) if (session.isWaiting) return true
    return false
  }

  const turn = async (): Promise<void> => {
    const active = [...sessions]
    let count = 0
    for (const session of active) {
      session.decideQueued(Math.max(1, EVENTS_PER_TURN - count))
      count += session.eventCount
    }
    if (!granted(active, Math.max(1, EVENTS_PER_TURN - count))) return
    const batches = active.flatMap(session => batchOf(session))
    if (batches.length > 0 && !(await committed(active, batches))) return
    for (const session of active) session.perform()
    if (active.some(session => session.hasQueued) || scheduler.canGrant) awake = true
  }

  /** A store that cannot say whether a shared slot is free has failed as one that cannot append. */
  const granted = (active: readonly Session[], limit: number): boolean => {
    try {
      scheduler.grantNext(limit)
      return true
    } catch (error) {
      for (const session of active) session.fail(error)
      return false
    }
  }

  const committed = async (active: readonly Session[], batches: readonly Batch[]): Promise<boolean> => {
    try {
      await store.append(batches)
      return true
    } catch (error) {
      // R3: which of them was refused is not known, so all let go of their state; each can be resumed.
      for (const session of active) session.fail(error)
      return false
    }
  }

  const renewLeases = (): void => {
    for (const session of sessions) if (!store.leases.renew(session.lease)) session.fail(leaseLost(session.run))
    store.slots.renew()
  }

  /** What the store refuses between two turns ends the sessions, as a refused append does; nobody else could catch it. */
  const polling = (poll: () => void) => (): void => {
    try {
      poll()
    } catch (error) {
      for (const session of sessions) session.fail(error)
    }
  }

  const remove = (session: Session, end: SessionEnd): void => {
    sessions.delete(session)
    postman.remove(session.run, end.kind === 'ended' ? 'ended' : 'stopped')
    if (sessions.size > 0) return
    stopPolling()
    polling(scheduler.close)()
  }

  return {
    store,
    clock,
    scheduler,
    slots,
    wake,
    add(session, receive) {
      if (sessions.size === 0) {
        const polls = [clock.every(MAILBOX_MS, polling(postman.collect)), clock.every(RENEW_MS, polling(renewLeases))]
        stopPolling = () => {
          for (const stop of polls) stop()
        }
      }
      sessions.add(session)
      postman.add(session.run, receive)
      void session.ended.then(end => remove(session, end))
      // What came while nobody ran the run comes first.
      polling(postman.collect)()
    },
    pause: async () => {
      await Promise.all([...sessions].map(session => session.pause()))
    },
  }
}

function batchOf(session: Session): readonly Batch[] {
  const events = session.takeEvents()
  if (events.length === 0) return []
  const row = session.takeRow()
  const traces = session.takeTraces()
  return [{ lease: session.lease, events, ...(row ? { row } : {}), ...(traces.length > 0 ? { traces } : {}) }]
}
