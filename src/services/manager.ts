/**
 * All services that this process keeps, by scope and step: each is started once, found again while its key stays the same,
 * reloaded or replaced when it changes, and stopped after all that may use it.
 *
 *   S8. One step has one service at a time; what is asked of it is done in order.
 *   S9. A service that was started when another one was ready may use it, so it is stopped first. Services that were being
 *       started at the same time cannot use one another, and are stopped together.
 */
import { randomUUID } from 'node:crypto'
import type { Outcome, StepId } from '../core/index.ts'
import type { Endpoint } from '../dsl/service-policy.ts'
import type { Attempt, Opened, Reports } from '../exec/attempt.ts'
import type { Bindings } from '../exec/inline.ts'
import type { ServiceFailure, ServiceHost } from '../exec/service.ts'
import { shared } from '../exec/shared.ts'
import { resourcesIn } from '../values/bound-resources.ts'
import { invariant } from '../util/unreachable.ts'
import { killNow } from './family.ts'
import { NO_LEDGER, openRoster } from './roster.ts'
import { type Life, newLife, type ServiceState } from './life.ts'
import { type Keys, keysOf, type ServiceWork } from './keys.ts'
import { newAllotments } from './ports.ts'
import { showError } from './show.ts'

export interface ServicesOptions {
  /** Folder of the store: where it is noted what runs, and what ports are computed from. Absent: nowhere. */
  readonly store?: string
  /** Attempts of one scope and step share a service. Default: those of one run. */
  readonly scope?: (attempt: Attempt) => string
  readonly onLine?: (line: ServiceLine) => void
  /** Called at each change, also for the last one. */
  readonly onState?: (service: ServiceView) => void
}

export interface ServiceLine {
  readonly service: ServiceView
  readonly stream: 'stdout' | 'stderr' | 'log'
  readonly text: string
}

export interface ServiceView {
  readonly id: ServiceId
  readonly scope: string
  readonly step: StepId
  /** For display. */
  readonly name: string
  readonly ports: { readonly [name: string]: number }
  readonly state: ServiceState
}

export type ServiceId = string

export interface Services extends ServiceHost {
  /** In the order in which they were first started. */
  list(): readonly ServiceView[]
  /** Stops one and forgets it; the next attempt of its step starts it anew. */
  stop(id: ServiceId): Promise<void>
  /** Stops those for which `which` holds, by S9. */
  stopWhere(which: (service: ServiceView) => boolean): Promise<void>
  /** Stops all; what is started from now on is refused. */
  close(): Promise<void>
}

export const serviceId = (scope: string, step: StepId): ServiceId => `${scope} ${step}`

interface Kept {
  readonly id: ServiceId
  readonly scope: string
  readonly attempt: Attempt
  readonly life: Life
  readonly ports: { readonly [name: string]: number }
  readonly code: string
  key: string
  reports: Reports
  /** The newest that has asked for it. */
  user: string
  /** S9. Counted, not timed. Of the first start of this step: what is restarted keeps its place. */
  readonly started: number
  ready: number
}

export function openServices(options: ServicesOptions = {}): Services {
  const { store = '', scope: scopeOf = attempt => attempt.run } = options
  const roster = store === '' ? NO_LEDGER : openRoster(store)
  const ports = newAllotments()
  const kept = new Map<ServiceId, Kept>()
  /** What is asked of a service waits for what was asked before. */
  const turns = new Map<ServiceId, Promise<unknown>>()
  const listeners = new Set<(failure: ServiceFailure) => void>()
  let count = 0
  let isClosed = false
  const lives = livesOfProcess()

  const idOf = (attempt: Attempt): ServiceId => serviceId(scopeOf(attempt), attempt.step)

  const inTurn = <T>(id: ServiceId, what: () => Promise<T>): Promise<T> => {
    const turn = (turns.get(id) ?? Promise.resolve()).then(what)
    const settled = turn.catch(() => undefined)
    turns.set(id, settled)
    void settled.then(() => turns.get(id) === settled && turns.delete(id))
    return turn
  }

  const viewOf = ({ id, scope, attempt, life, ports: numbers }: Kept): ServiceView => ({
    id,
    scope,
    step: attempt.step,
    name: attempt.name,
    ports: numbers,
    state: life.state,
  })

  const ensure = async (asked: Asked): Promise<Endpoint> => {
    const { attempt, work, reports, signal } = asked
    const id = idOf(attempt)
    const now = kept.get(id)
    if (now && isAlive(now.life.state)) {
      now.user = attempt.run
      if (now.key === asked.key) {
        now.reports = reports
        return now.life.ready(signal)
      }
      if (work.service.reload && now.code === asked.code) {
        try {
          const endpoint = await now.life.reload(asked.args, pureOf(asked.bindings))
          now.reports = reports
          now.key = asked.key
          return endpoint
        } catch (error) {
          reportsOf(now).line(
            'log',
            `warning: ${attempt.name} is restarted, since its reload failed: ${showError(error)}`,
          )
        }
      }
    }
    await stopKept(id)
    if (isClosed) throw new Error(`${attempt.name} is not started: everything is being stopped`)
    return start(id, asked, now)
  }

  const start = async (id: ServiceId, asked: Asked, before: Kept | undefined): Promise<Endpoint> => {
    const { attempt, work, bindings, args, signal } = asked
    const numbers = ports.numbersOf(id, attempt.args.flatMap(resourcesIn))
    const mine: Kept = {
      id,
      scope: scopeOf(attempt),
      attempt,
      ports: numbers,
      code: asked.code,
      key: asked.key,
      reports: asked.reports,
      user: attempt.run,
      started: before?.started ?? ++count,
      ready: before?.ready ?? Number.POSITIVE_INFINITY,
      life: newLife({
        attempt,
        policy: work.service,
        fn: functionOf(bindings, work.task),
        args,
        ports: numbers,
        pure: pureOf(bindings),
        newMark: () => `${attempt.name.replace(/[^\w-]+/g, '_')}.${randomUUID().slice(0, 8)}`,
        roster,
        reports: () => reportsOf(mine),
        changed: () => changed(mine),
      }),
    }
    ports.trust(id)
    kept.set(id, mine)
    lives.add(mine.life)
    options.onState?.(viewOf(mine))
    try {
      const endpoint = await mine.life.start(signal)
      if (mine.ready === Number.POSITIVE_INFINITY) mine.ready = ++count
      return endpoint
    } catch (error) {
      forget(mine)
      ports.doubt(id)
      throw error
    }
  }

  const changed = (mine: Kept): void => {
    options.onState?.(viewOf(mine))
    const { state } = mine.life
    // What has never been ready fails its own step. Without a port nobody can be told that it is this one that they use.
    const wasReady = mine.ready < Number.POSITIVE_INFINITY
    if (state.kind !== 'failed' || !wasReady || Object.keys(mine.ports).length === 0) return
    for (const listener of listeners)
      listener({ run: mine.user, step: mine.attempt.step, message: state.error.message })
  }

  const reportsOf = (mine: Kept): Reports => ({
    ...mine.reports,
    line(stream, text) {
      mine.reports.line(stream, text)
      options.onLine?.({ service: viewOf(mine), stream, text })
    },
  })

  const forget = (mine: Kept): void => {
    lives.delete(mine.life)
    if (kept.get(mine.id) === mine) kept.delete(mine.id)
  }

  /** Its ports stay its own. */
  const stopKept = async (id: ServiceId): Promise<void> => {
    const mine = kept.get(id)
    if (!mine) return
    await mine.life.stop()
    forget(mine)
  }

  const stopAndRelease = async (id: ServiceId): Promise<void> => {
    await stopKept(id)
    ports.release(id)
  }

  const stop = async (id: ServiceId): Promise<void> => {
    const mine = kept.get(id)
    // What is being started ends its turn by being stopped.
    if (mine?.life.state.kind === 'starting') await mine.life.stop()
    await inTurn(id, () => stopAndRelease(id))
  }

  /** S9. */
  const stopInOrder = async (all: readonly Kept[]): Promise<void> => {
    const stops = new Map<Kept, Promise<void>>()
    // Those that were started last are asked first, so that what a service waits for is there.
    for (const mine of [...all].sort((a, b) => b.started - a.started)) {
      const users = [...stops].flatMap(([other, ended]) => (other.started > mine.ready ? [ended] : []))
      stops.set(mine, stopAfter(users, mine))
    }
    await Promise.all(stops.values())
  }

  const stopAfter = async (users: readonly Promise<void>[], { id }: Kept): Promise<void> => {
    await Promise.all(users)
    await stop(id)
  }

  return {
    executor: bindings => (attempt, signal, reports) => {
      const { opened, work } = attempt
      invariant(opened !== undefined && work.kind === 'service', 'a service is started inside io')
      if (signal.aborted) return { kind: 'cancelled' }
      const asked = { attempt, work, bindings, signal, reports, args: opened.args, ...keysOf(attempt, work, bindings) }
      return inTurn(idOf(attempt), () => answered(opened, signal, () => ensure(asked)))
    },
    port: (attempt, { name, number }) =>
      ports.take(idOf(attempt), { service: attempt.name, place: `${store}\0${attempt.step}`, name, number }),
    onFailed(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    list: () => [...kept.values()].map(viewOf),
    stop,
    stopWhere: which => stopInOrder([...kept.values()].filter(each => which(viewOf(each)))),
    async close() {
      isClosed = true
      await stopInOrder([...kept.values()])
      // What was on its way when we were asked.
      await Promise.all(turns.values())
      await stopInOrder([...kept.values()])
    },
  }
}

interface Asked extends Keys {
  readonly attempt: Attempt
  readonly work: ServiceWork
  readonly bindings: Bindings
  readonly signal: AbortSignal
  readonly reports: Reports
  readonly args: readonly unknown[]
}

type Call = (...args: unknown[]) => unknown

function functionOf(bindings: Bindings, task: string): Call {
  const fn = bindings.task(task)?.fn
  if (!fn) throw Object.assign(new Error(`The bundle has no service ${JSON.stringify(task)}`), { code: 'TASK_UNKNOWN' })
  return fn as Call // its types were checked where it was called
}

/** The types were checked where the service was defined. */
const pureOf =
  (bindings: Bindings) =>
  (name: string): Call | undefined =>
    bindings.pure(name) as Call | undefined

const isAlive = (state: ServiceState): boolean => state.kind === 'ready' || state.kind === 'restarting'

async function answered(opened: Opened, signal: AbortSignal, endpoint: () => Promise<Endpoint>): Promise<Outcome> {
  try {
    return { kind: 'succeeded', output: await opened.keep(await endpoint()) }
  } catch (error) {
    return signal.aborted ? { kind: 'cancelled' } : { kind: 'failed', fault: await opened.fault(error) }
  }
}

/** When the process ends without having stopped them, they are killed. */
const livesOfProcess = (): Set<Life> =>
  shared('services', () => {
    const lives = new Set<Life>()
    process.on('exit', () => killNow([...lives].flatMap(({ family }) => (family ? [family] : []))))
    return lives
  })
