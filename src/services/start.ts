/**
 * One start of a service, from the call of its function until it is ready, or until it is clear that it will not be. In the
 * second case nothing of it is left.
 */
import type { Probe, ServicePolicy } from '../core/graph/graph.ts'
import type { Endpoint } from '../dsl/service-policy.ts'
import type { Attempt, Reports } from '../exec/attempt.ts'
import { showMs } from '../exec/middleware/timeout.ts'
import { type Called, callService } from './call.ts'
import type { Roster } from './roster.ts'
import { type LookedAt, type Target, type Watch, watchOf } from './probe.ts'
import type { End } from './process.ts'
import { ServiceError, showEnd } from './show.ts'
import { newTail, type Tail } from './tail.ts'
import { aborted, NEVER, timer } from './waits.ts'

export interface ServiceSpec {
  readonly attempt: Attempt
  readonly policy: ServicePolicy
  readonly fn: (...args: unknown[]) => unknown
  /** In the order of the arguments. */
  readonly ports: { readonly [name: string]: number }
  readonly pure: Target['pure']
  readonly newMark: () => string
  readonly roster: Roster
  /** Asked for each line: they go to the newest attempt that uses the service. */
  readonly reports: () => Reports
}

/** A start of it that is there: it may not be ready yet. */
export interface Begun {
  readonly called: Called
  /** What its function has given so far. */
  given(): unknown
  readonly verdict: Promise<Verdict>
}

export type Verdict =
  | { readonly kind: 'up'; readonly endpoint: Endpoint }
  | { readonly kind: 'down'; readonly error: unknown }

/** A function that has not returned when it is already up has so long to give its handle. */
const GIVEN_MS = 500

/** Throws PORT_UNKNOWN before anything is started. */
export function beginService(spec: ServiceSpec, args: readonly unknown[], signal: AbortSignal): Begun {
  const { attempt, policy, fn, ports, roster } = spec
  const tail = newTail()
  let given: unknown
  const target = targetOf(spec, tail, () => given)
  const watch = isLookedAt(policy.ready) ? watchOf(policy.ready, target) : undefined
  const called = callService({
    attempt,
    reports: noting(spec.reports, tail),
    fn,
    args,
    mark: spec.newMark(),
    ports,
    stop: policy.stop,
    leaves: policy.ready.kind === 'exit',
    roster,
  })
  void called.given.then(
    value => (given = value),
    () => undefined,
  )
  const endpoint = (): Endpoint => endpointOf(ports, given)
  const verdict = judged({ spec, called, watch, tail, endpoint }, signal)
  return { called, given: () => given, verdict }
}

/** What a probe looks at. */
export const targetOf = ({ ports, attempt, pure }: ServiceSpec, lines: Tail, given: () => unknown): Target => ({
  ports,
  endpoint: () => endpointOf(ports, given()),
  cwd: attempt.cwd,
  pure,
  lines,
})

export const isLookedAt = (probe: Probe): probe is LookedAt => probe.kind !== 'exit' && probe.kind !== 'started'

const noting = (reports: () => Reports, tail: Tail): Reports => ({
  line: (stream, text) => {
    tail.add(text)
    reports().line(stream, text)
  },
  record: (name, value) => reports().record(name, value),
  alive: () => reports().alive(),
  saw: access => reports().saw(access),
})

interface Judging {
  readonly spec: ServiceSpec
  readonly called: Called
  readonly watch: Watch | undefined
  readonly tail: Tail
  readonly endpoint: () => Endpoint
}

async function judged(judging: Judging, signal: AbortSignal): Promise<Verdict> {
  const verdict = await judge(judging, signal)
  if (verdict.kind === 'down') await judging.called.stop()
  return verdict
}

async function judge({ spec, called, watch, tail, endpoint }: Judging, signal: AbortSignal): Promise<Verdict> {
  const over = new AbortController()
  const why: Why = { text: 'its function has not returned', askedAtMs: Number.POSITIVE_INFINITY }
  const first = await Promise.race([
    whenUp({ called, probe: spec.policy.ready, watch, why }, over.signal),
    called.ended,
    timer(spec.policy.readyTimeoutMs, over.signal).then(() => 'late' as const),
    aborted(signal, over.signal).then(() => 'aborted' as const),
  ])
  over.abort()
  if (first === 'aborted') return down(signal.reason)
  if (first === 'late') return down(notReady(spec, watch, whyNot(why), tail.last()))
  if (first !== 'up') {
    // What it has written before its end is still on its way.
    await called.stop()
    return down(first.kind === 'threw' ? first.error : exited(spec, first, tail.last()))
  }
  try {
    return { kind: 'up', endpoint: endpoint() }
  } catch (error) {
    return down(error)
  }
}

const down = (error: unknown): Verdict => ({ kind: 'down', error })

function notReady({ attempt, policy }: ServiceSpec, watch: Watch | undefined, why: string, lines: readonly string[]) {
  const { ready, readyTimeoutMs } = policy
  const what = watch ? `${watch.what}: ${why}` : ready.kind === 'exit' ? 'it has not ended' : why
  const sentence = `${attempt.name} was not ready within ${showMs(readyTimeoutMs)}: ${what}`
  return new ServiceError('SERVICE_NOT_READY', sentence, lines)
}

const exited = ({ attempt }: ServiceSpec, end: End, lines: readonly string[]): Error =>
  new ServiceError('SERVICE_EXITED', `${attempt.name} ${showEnd(end)} before it was ready`, lines)

/** What the last look saw, and since when one is on. */
interface Why {
  text: string
  askedAtMs: number
}

/** A look that takes longer says more than the one before it. */
const PATIENCE_MS = 100

const whyNot = ({ text, askedAtMs }: Why): string =>
  performance.now() - askedAtMs > PATIENCE_MS ? 'no answer yet' : text

interface Looking {
  readonly called: Called
  readonly probe: Probe
  readonly watch: Watch | undefined
  readonly why: Why
}

/** Resolves when it is up; `why` says meanwhile why it is not. Never rejects. */
async function whenUp({ called, probe, watch, why }: Looking, over: AbortSignal): Promise<'up'> {
  if (probe.kind === 'exit') await leftOf(called)
  else if (watch) await lookUntilUp(watch, why, over)
  const isGiven = called.given.then(
    () => true,
    () => NEVER,
  )
  // Without anything else to be seen, a handle says that it is up.
  if (probe.kind === 'started') await isGiven
  else if (!(await Promise.race([isGiven, timer(GIVEN_MS, over).then(() => false)]))) called.goesOn()
  return 'up'
}

/** A function that has set everything going is as good as a process that has ended with 0. */
async function leftOf(called: Called): Promise<void> {
  const left = called.exited.then(end => (end.kind === 'exited' && end.code === 0 ? undefined : NEVER))
  const given = called.given.then(
    () => (called.family.leader === undefined ? undefined : NEVER),
    () => NEVER,
  )
  await Promise.race([left, given])
}

/** One look is given so long. */
const LOOK_MS = 5_000
const POLL_MS_MIN = 5
const POLL_MS_MAX = 200

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

/** What its ports say, and the fields that its function has given. */
function endpointOf(ports: ServiceSpec['ports'], given: unknown): Endpoint {
  const own = (typeof given === 'object' && given !== null && 'endpoint' in given ? given.endpoint : {}) ?? {}
  if (typeof own !== 'object')
    throw new ServiceError('BAD_ENDPOINT', 'The endpoint that a service gives is a record of fields', [])
  const port = 'port' in own && typeof own.port === 'number' ? own.port : (Object.values(ports)[0] ?? 0)
  const usual: Endpoint = { host: 'localhost', port, url: port === 0 ? '' : `http://localhost:${port}`, ports }
  return { ...usual, ...own }
}
