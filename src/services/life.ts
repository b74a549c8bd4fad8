/**
 * One service from its first start to its end.
 *
 *   starting --up--> ready --ends by itself, is not live--> restarting --up--> ready
 *      |                                                        |
 *      ends, not up in time                     too many in a row
 *      v                                                        v
 *   failed                                                   failed           any of them --stop--> stopped
 *
 *   S6. At most one start of it is there at a time: the next one begins when nothing of the last is left.
 *   S7. A first start that fails is the attempt's failure and is not tried again here: the step's `retry` is for that. Once
 *       it was ready it is restarted, with a back-off that grows until it has lived for STEADY_MS.
 */
import type { ServicePolicy } from '../core/graph/graph.ts'
import type { Endpoint } from '../dsl/service-policy.ts'
import type { Called } from './call.ts'
import { whenUnlive } from './live.ts'
import type { Target } from './probe.ts'
import { ServiceError, showEnd, showError } from './show.ts'
import { type Begun, beginService, type ServiceSpec, targetOf, type Verdict } from './start.ts'
import { newTail } from './tail.ts'
import { aborted, timer } from './waits.ts'

export interface LifeOptions extends ServiceSpec {
  readonly args: readonly unknown[]
  readonly changed: (state: ServiceState) => void
}

export type ServiceState =
  | { readonly kind: 'starting' }
  | { readonly kind: 'ready'; readonly endpoint: Endpoint; readonly pid: number | undefined }
  /** `because`: what happened to it. `inARow`: the restarts since it last lived for a while. */
  | { readonly kind: 'restarting'; readonly because: string; readonly inARow: number }
  | { readonly kind: 'failed'; readonly error: Error }
  | { readonly kind: 'stopped' }

export interface Life {
  readonly state: ServiceState
  /** The endpoint when it is ready. Rejects with a ServiceError, what its function threw, or the signal's reason. */
  start(signal: AbortSignal): Promise<Endpoint>
  /** When it is ready again: waits for a restart that is on. */
  ready(signal: AbortSignal): Promise<Endpoint>
  /** In place of a restart; `pure`: functions as they are now. Rejects when that cannot be done. */
  reload(args: readonly unknown[], pure: Target['pure']): Promise<Endpoint>
  stop(): Promise<void>
  /** At the end of this process. */
  readonly family: Called['family'] | undefined
}

/** A start that lasts so long was none of a row. */
const STEADY_MS = 10_000

export function newLife(options: LifeOptions): Life {
  const { attempt, policy } = options
  const stopper = new AbortController()
  const waiting = new Set<() => void>()
  let { args } = options
  let state: ServiceState = { kind: 'starting' }
  let begun: Begun | undefined
  /** Losses since it last lived for a while. */
  let inARow = 0
  let supervising: Promise<void> = Promise.resolve()
  let stopping: Promise<void> | undefined

  const enter = (next: ServiceState): void => {
    if (state.kind === 'stopped') return
    state = next
    for (const wake of waiting) wake()
    waiting.clear()
    options.changed(next)
  }

  const enterReady = (endpoint: Endpoint): void => enter({ kind: 'ready', endpoint, pid: begun?.called.family.leader })

  const warn = (text: string): void => options.reports().line('log', `warning: ${text}`)

  const begin = async (signal: AbortSignal): Promise<Verdict> => {
    try {
      begun = beginService(options, args, signal)
    } catch (error) {
      return { kind: 'down', error }
    }
    return begun.verdict
  }

  const supervise = async (first: Begun): Promise<void> => {
    for (let now: Begun | undefined = first; now; ) {
      const upAtMs = performance.now()
      const because = await lost(now)
      if (performance.now() - upAtMs >= STEADY_MS) inARow = 0
      now = stopper.signal.aborted ? undefined : await restarted(because)
    }
  }

  /** The start that got ready; undefined when it was stopped, or has failed. */
  const restarted = async (first: string): Promise<Begun | undefined> => {
    for (let because = first; ; ) {
      inARow += 1
      enter({ kind: 'restarting', because, inARow })
      warn(`SERVICE_LOST: ${attempt.name} ${because}`)
      await begun?.called.stop()
      if (inARow > policy.restart.times && !stopper.signal.aborted) return void failed(because, inARow - 1)
      await timer(backoffMs(policy.restart, inARow), stopper.signal)
      if (stopper.signal.aborted) return undefined
      const again = await begin(stopper.signal)
      if (stopper.signal.aborted) return undefined
      if (again.kind === 'up') {
        enterReady(again.endpoint)
        return begun
      }
      because = `could not be started again: ${showError(again.error)}`
    }
  }

  const failed = (because: string, restarts: number): void => {
    const tries = restarts === 0 ? '' : `, and ${restarts} restart${restarts > 1 ? 's' : ''} in a row did not help`
    const error = new ServiceError('SERVICE_FAILED', `${attempt.name} ${because}${tries}`, [])
    warn(`SERVICE_FAILED: ${error.message}`)
    enter({ kind: 'failed', error })
  }

  /** Until it is over or not live any more: what happened. */
  const lost = async ({ called, given }: Begun): Promise<string> => {
    const over = new AbortController()
    const ways = [called.ended.then(showEnd), aborted(stopper.signal, over.signal).then(() => 'was stopped')]
    if (policy.live) ways.push(whenUnlive(policy.live, targetOf(options, newTail(), given), over.signal))
    const because = await Promise.race(ways)
    over.abort()
    return because
  }

  const stop = async (): Promise<void> => {
    stopper.abort(new Error(`${attempt.name} was stopped`))
    await supervising
    await begun?.called.stop()
    enter({ kind: 'stopped' })
  }

  return {
    get state() {
      return state
    },
    get family() {
      return begun?.called.family
    },
    async start(signal) {
      const verdict = await begin(AbortSignal.any([signal, stopper.signal]))
      if (verdict.kind === 'down' || !begun) {
        const error = verdict.kind === 'down' ? verdict.error : undefined
        enter(stopping ? { kind: 'stopped' } : { kind: 'failed', error: asError(error) })
        throw error
      }
      enterReady(verdict.endpoint)
      supervising = supervise(begun)
      return verdict.endpoint
    },
    async ready(signal) {
      for (;;) {
        if (state.kind === 'ready') return state.endpoint
        if (state.kind === 'failed') throw state.error
        if (state.kind === 'stopped') throw new ServiceError('SERVICE_EXITED', `${attempt.name} was stopped`, [])
        const over = new AbortController()
        const changed = new Promise<void>(resolve => waiting.add(resolve))
        await Promise.race([changed, aborted(signal, over.signal)])
        over.abort()
        if (signal.aborted) throw signal.reason
      }
    },
    async reload(next, pure) {
      const { reload } = policy
      if (state.kind !== 'ready' || !begun || !reload) throw new Error('it is not ready')
      args = next
      if (reload.kind === 'signal') begun.called.signal(reload.signal as NodeJS.Signals)
      else {
        const fn = pure(reload.fn)
        if (!fn) throw new Error(`the bundle has no function ${reload.fn}`)
        await fn(begun.given(), ...next)
      }
      if (state.kind !== 'ready') throw new Error('it did not survive it')
      return state.endpoint
    },
    stop: () => (stopping ??= stop()),
  }
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)))

function backoffMs({ delayMs, delayMsMax, factor }: ServicePolicy['restart'], inARow: number): number {
  return Math.min(delayMsMax, delayMs * factor ** (inARow - 1))
}
