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
import type { Endpoint } from '../dsl/service-policy.ts'
import type { Probe, ServicePolicy } from '../core/graph/graph.ts'
import type { Attempt, Reports } from '../exec/attempt.ts'
import { showMs } from '../exec/middleware/timeout.ts'
import { type Called, callService } from './call.ts'
import type { Ledger } from './ledger.ts'
import type { End } from './process.ts'
import { type Target, type Watch, watchOf } from './probe.ts'
import { ServiceError, showEnd, showError } from './show.ts'
import { newTail } from './tail.ts'

export interface LifeOptions {
  readonly attempt: Attempt
  readonly policy: ServicePolicy
  readonly fn: (...args: unknown[]) => unknown
  readonly args: readonly unknown[]
  /** In the order of the arguments. */
  readonly ports: { readonly [name: string]: number }
  readonly pure: Target['pure']
  readonly newMark: () => string
  readonly ledger: Ledger
  /** Asked for each line: they go to the newest attempt that uses the service. */
  readonly reports: () => Reports
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
/** One look at readiness is given so long. */
const LOOK_MS = 5_000
const POLL_MS_MIN = 5
const POLL_MS_MAX = 200
/** A function that has not returned when it is already up has so long to give its handle. */
const GIVEN_MS = 500

type Verdict =
  | { readonly kind: 'up'; readonly endpoint: Endpoint }
  | { readonly kind: 'down'; readonly error: unknown; readonly because: string }

export function newLife(options: LifeOptions): Life {
  const { attempt, policy } = options
  const stopper = new AbortController()
  const waiting = new Set<() => void>()
  let { args } = options
  let state: ServiceState = { kind: 'starting' }
  let called: Called | undefined
  let given: unknown
  let supervising: Promise<void> = Promise.resolve()
  let stopping: Promise<void> | undefined

  const enter = (next: ServiceState): void => {
    state = next
    for (const wake of waiting) wake()
    waiting.clear()
    options.changed(next)
  }

  /** One start. Afterwards either it is up, or nothing of it is left. */
  const begin = async (signal: AbortSignal): Promise<Verdict> => {
    const tail = newTail()
    const reports: Reports = {
      line: (stream, text) => {
        tail.add(text)
        options.reports().line(stream, text)
      },
      record: (name, value) => options.reports().record(name, value),
      alive: () => options.reports().alive(),
      saw: access => options.reports().saw(access),
    }
    const target: Target = {
      ports: options.ports,
      endpoint: () => endpointOf(options.ports, given),
      cwd: attempt.cwd,
      pure: options.pure,
      lines: tail,
    }
    given = undefined
    let watch: Watch | undefined
    try {
      watch = isLooked(policy.ready) ? watchOf(policy.ready, target) : undefined
    } catch (error) {
      return { kind: 'down', error, because: showError(error) }
    }
    const { fn, newMark, ports, ledger } = options
    const { ready, stop } = policy
    const mine = callService({
      attempt,
      reports,
      fn,
      args,
      mark: newMark(),
      ports,
      stop,
      leaves: ready.kind === 'exit',
      ledger,
    })
    called = mine
    void mine.given.then(
      value => (given = value),
      () => undefined,
    )
    const verdict = await judge(mine, watch, tail, signal)
    if (verdict.kind === 'down') await mine.stop()
    return verdict
  }

  const judge = async (
    mine: Called,
    watch: Watch | undefined,
    tail: ReturnType<typeof newTail>,
    signal: AbortSignal,
  ): Promise<Verdict> => {
    const over = new AbortController()
    const why: Why = { text: 'its function has not returned', askedAtMs: Number.POSITIVE_INFINITY }
    const up = whenUp(mine, policy.ready, watch, why, over.signal)
    const first = await Promise.race([
      up,
      mine.ended,
      timer(policy.readyTimeoutMs, over.signal).then(() => 'late' as const),
      aborted(signal, over.signal).then(() => 'aborted' as const),
    ])
    over.abort()
    if (first === 'aborted') return down(signal.reason)
    if (first === 'late') return down(notReady(watch, whyNot(why), tail.last()))
    if (first !== 'up') {
      // What it has written before its end is still on its way.
      await mine.stop()
      return down(first.kind === 'threw' ? first.error : exited(first, tail.last()))
    }
    try {
      return { kind: 'up', endpoint: endpointOf(options.ports, given) }
    } catch (error) {
      return down(error)
    }
  }

  const notReady = (watch: Watch | undefined, why: string, lines: readonly string[]): Error => {
    const { ready, readyTimeoutMs } = policy
    const what = watch ? `${watch.what}: ${why}` : ready.kind === 'exit' ? 'it has not ended' : why
    return new ServiceError(
      'SERVICE_NOT_READY',
      `${attempt.name} was not ready within ${showMs(readyTimeoutMs)}: ${what}`,
      lines,
    )
  }

  const exited = (end: End, lines: readonly string[]): Error =>
    new ServiceError('SERVICE_EXITED', `${attempt.name} ${showEnd(end)} before it was ready`, lines)

  const supervise = async (): Promise<void> => {
    for (let inARow = 0, upMs = performance.now(); called; upMs = performance.now()) {
      let because = await lost(called, stopper.signal)
      if (stopper.signal.aborted) return
      inARow = performance.now() - upMs >= STEADY_MS ? 1 : inARow + 1
      for (; ; inARow++) {
        enter({ kind: 'restarting', because, inARow })
        warn(`SERVICE_LOST: ${attempt.name} ${because}`)
        await called?.stop()
        if (stopper.signal.aborted) return
        if (inARow > policy.restart.times) return failed(because, inARow - 1)
        await timer(backoffMs(policy.restart, inARow), stopper.signal)
        if (stopper.signal.aborted) return
        const again = await begin(stopper.signal)
        if (stopper.signal.aborted) return
        if (again.kind === 'up') {
          enter({ kind: 'ready', endpoint: again.endpoint, pid: called?.family.leader })
          break
        }
        because = again.because
      }
    }
  }

  const failed = (because: string, restarts: number): void => {
    const tries = restarts === 0 ? '' : `, and ${restarts} restart${restarts > 1 ? 's' : ''} in a row did not help`
    const error = new ServiceError('SERVICE_FAILED', `${attempt.name} ${because}${tries}`, [])
    warn(`SERVICE_FAILED: ${error.message}`)
    enter({ kind: 'failed', error })
  }

  const warn = (text: string): void => options.reports().line('log', `warning: ${text}`)

  /** Until it is over or not live any more: what happened. */
  const lost = async (mine: Called, signal: AbortSignal): Promise<string> => {
    const over = new AbortController()
    const ways = [mine.ended.then(showEnd), aborted(signal, over.signal).then(() => 'was stopped')]
    if (policy.live) ways.push(unlive(policy.live, over.signal))
    const because = await Promise.race(ways)
    over.abort()
    return because
  }

  const unlive = async (live: NonNullable<ServicePolicy['live']>, signal: AbortSignal): Promise<string> => {
    const { everyMs, failures } = live
    const target: Target = {
      ports: options.ports,
      endpoint: () => endpointOf(options.ports, given),
      cwd: attempt.cwd,
      pure: options.pure,
      lines: newTail(),
    }
    if (!isLooked(live.probe)) return aborted(signal, signal).then(() => '')
    const watch = watchOf(live.probe, target)
    for (let count = 0; ; ) {
      await timer(everyMs, signal)
      if (signal.aborted) return ''
      const seen = await watch.look(Math.min(LOOK_MS, Math.max(everyMs, 1_000)))
      count = seen.kind === 'up' ? 0 : count + 1
      if (seen.kind === 'down' && count >= failures) return `is not live any more: ${watch.what}: ${seen.why}`
    }
  }

  return {
    get state() {
      return state
    },
    get family() {
      return called?.family
    },
    async start(signal) {
      const verdict = await begin(AbortSignal.any([signal, stopper.signal]))
      if (verdict.kind === 'down') {
        enter(stopping ? { kind: 'stopped' } : { kind: 'failed', error: asError(verdict.error) })
        throw verdict.error
      }
      const { endpoint } = verdict
      enter({ kind: 'ready', endpoint, pid: called?.family.leader })
      supervising = supervise()
      return endpoint
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
      if (state.kind !== 'ready' || !called || !policy.reload) throw new Error('it is not ready')
      const { reload } = policy
      args = next
      if (reload.kind === 'signal') called.signal(reload.signal as NodeJS.Signals)
      else {
        const fn = pure(reload.fn)
        if (!fn) throw new Error(`the bundle has no function ${reload.fn}`)
        await fn(given, ...next)
      }
      if (state.kind !== 'ready') throw new Error('it did not survive it')
      return state.endpoint
    },
    stop: () =>
      (stopping ??= (async () => {
        stopper.abort(new Error('stopped'))
        await supervising
        await called?.stop()
        enter({ kind: 'stopped' })
      })()),
  }
}

/** What the last look saw, and since when one is on. */
interface Why {
  text: string
  askedAtMs: number
}

/** A look that takes longer says more than the one before it. */
const PATIENCE_MS = 100

const whyNot = ({ text, askedAtMs }: Why): string =>
  performance.now() - askedAtMs > PATIENCE_MS ? 'no answer yet' : text

/** Resolves when it is up; `why` says meanwhile why it is not. Never rejects, and ends with the signal. */
async function whenUp(
  called: Called,
  probe: Probe,
  watch: Watch | undefined,
  why: Why,
  over: AbortSignal,
): Promise<'up'> {
  if (probe.kind === 'exit') await leftOf(called)
  else if (watch) await lookUntilUp(watch, why, over)
  // Then it is waited for without an end: a handle says that it is up.
  const isGiven = called.given.then(
    () => true,
    () => NEVER,
  )
  if (probe.kind === 'started') await isGiven
  else if (!(await Promise.race([isGiven, timer(GIVEN_MS, over).then(() => false)]))) called.goesOn()
  return 'up'
}

const NEVER = new Promise<never>(() => undefined)

/** A function that has set everything going is as good as a process that has ended with 0. */
async function leftOf(called: Called): Promise<void> {
  const left = called.exited.then(end => (end.kind === 'exited' && end.code === 0 ? undefined : NEVER))
  const given = called.given.then(
    () => (called.family.leader === undefined ? undefined : NEVER),
    () => NEVER,
  )
  await Promise.race([left, given])
}

async function lookUntilUp(watch: Watch, why: Why, over: AbortSignal): Promise<void> {
  for (let pollMs = POLL_MS_MIN; !over.aborted; pollMs = Math.min(pollMs * 1.5, POLL_MS_MAX)) {
    why.askedAtMs = performance.now()
    const seen = await watch.look(LOOK_MS)
    why.askedAtMs = Number.POSITIVE_INFINITY
    if (seen.kind === 'up') return
    why.text = seen.why
    await timer(pollMs, over)
  }
  await NEVER
}

const isLooked = (probe: Probe): probe is Exclude<Probe, { kind: 'exit' | 'started' }> =>
  probe.kind !== 'exit' && probe.kind !== 'started'

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)))

const down = (error: unknown): Verdict => ({ kind: 'down', error, because: showError(error) })

function backoffMs({ delayMs, delayMsMax, factor }: ServicePolicy['restart'], inARow: number): number {
  return Math.min(delayMsMax, delayMs * factor ** (inARow - 1))
}

/** Also when `signal` aborts first. */
function timer(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) return resolve()
    const end = (): void => {
      clearTimeout(timeout)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timeout = setTimeout(end, ms)
    signal.addEventListener('abort', end)
  })
}

/** When `signal` aborts; `over`: nobody waits any more. */
function aborted(signal: AbortSignal, over: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) return resolve()
    const onAbort = (): void => resolve()
    signal.addEventListener('abort', onAbort)
    over.addEventListener('abort', () => signal.removeEventListener('abort', onAbort))
  })
}

/** What its ports say, and the fields that its function has given. */
function endpointOf(ports: LifeOptions['ports'], given: unknown): Endpoint {
  const own = (typeof given === 'object' && given !== null && 'endpoint' in given ? given.endpoint : {}) ?? {}
  if (typeof own !== 'object')
    throw new ServiceError('BAD_ENDPOINT', 'The endpoint that a service gives is a record of fields', [])
  const port = 'port' in own && typeof own.port === 'number' ? own.port : (Object.values(ports)[0] ?? 0)
  const usual: Endpoint = { host: 'localhost', port, url: port === 0 ? '' : `http://localhost:${port}`, ports }
  return { ...usual, ...own }
}
