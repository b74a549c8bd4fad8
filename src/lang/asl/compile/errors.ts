/**
 * Retry and Catch. Which retrier or catcher an error is for is the language's to say (../state/errors.ts); the engine only
 * counts: an error carries the class `Retrier.<index>`, and each rule of the policy knows one.
 */
import type { Expr, Node, Policy, Region, Retry } from '../../../core/graph/graph.ts'
import type { MapState, ParallelState, Retrier, State, TaskState } from '../machine.ts'
import { apply, own, node, paramAt, region, step } from './build.ts'
import { about, type Compiled, named } from './compiled.ts'
import { PURE, retrierType, WORK } from './words.ts'

/** What a region is made of. */
export interface Body {
  readonly nodes: readonly Node[]
  readonly result: Expr
}

export type WorkingState = TaskState | ParallelState | MapState

const works = (state: State): state is WorkingState =>
  state.Type === 'Task' || state.Type === 'Parallel' || state.Type === 'Map'

export const catches = (state: State): boolean => works(state) && (state.Catch ?? []).length > 0

/** Of the specification, for what a retrier leaves out. */
const INTERVAL_SECONDS = 1
const ATTEMPTS = 3
const RATE = 2
/** AWS's longest delay. */
const DELAY_MS_MAX = 31_622_400_000

export const retryOf = ({ Retry = [] }: WorkingState): Policy =>
  Retry.length === 0 ? {} : { retry: Retry.map(ruleOf) }

function ruleOf(retrier: Retrier, index: number): Retry {
  const { IntervalSeconds = INTERVAL_SECONDS, MaxAttempts = ATTEMPTS, BackoffRate = RATE } = retrier
  return {
    errors: [retrierType(index), ...timeoutsIn(retrier)],
    times: MaxAttempts,
    backoff: 'exponential',
    factor: BackoffRate,
    delayMs: IntervalSeconds * 1000,
    delayMsMax: retrier.MaxDelaySeconds === undefined ? DELAY_MS_MAX : retrier.MaxDelaySeconds * 1000,
    jitter: retrier.JitterStrategy === 'FULL' ? 'full' : 'none',
  }
}

/** What the engine itself raises when an attempt is out of time, where the retrier knows it. */
function timeoutsIn({ ErrorEquals }: Retrier): readonly string[] {
  const knows = (...names: readonly string[]): boolean => names.some(name => ErrorEquals.includes(name))
  return [
    ...(knows('States.ALL', 'States.Timeout') ? ['TIMEOUT'] : []),
    ...(knows('States.ALL', 'States.Timeout', 'States.HeartbeatTimeout') ? ['HEARTBEAT_TIMEOUT'] : []),
  ]
}

/**
 * The work of a state, tried again and caught as it says. `retried`: by the `step` that does the work, or here, as a `whole`.
 * `work` makes the nodes for a region at the depth that it is given.
 */
export function guarded(given: Compiled<WorkingState>, retried: 'step' | 'whole', work: (here: number) => Body): Body {
  const { state, depth } = given
  const retry = retried === 'whole' ? retryOf(state) : {}
  if (!retry.retry && !catches(state)) return work(depth)
  const inner = retry.retry ? known(given, depth + 1, work) : work(depth + 1)
  const handlers = catches(state) ? [{ errors: [], body: catching(given) }] : []
  const attempt = step('attempt', { ...named(given, '#try'), policy: retry }, { body: asRegion(inner), handlers })
  return { nodes: [attempt], result: node(attempt.id) }
}

const asRegion = ({ nodes, result }: Body, params: readonly string[] = []): Region => region(nodes, result, params)

/** What fails inside fails again with the class that this state's rules know it by. */
function known(given: Compiled<WorkingState>, depth: number, work: (here: number) => Body): Body {
  const fails = own(named(given, '#error'), WORK.rethrow, [
    about(given, depth + 1)[0],
    paramAt(depth + 1, 'error')(depth + 1),
  ])
  const handler = region([fails], node(fails.id), ['error'])
  const attempt = step('attempt', named(given, '#known'), {
    body: asRegion(work(depth + 1)),
    handlers: [{ errors: [], body: handler }],
  })
  return { nodes: [attempt], result: node(attempt.id) }
}

/** Says which catcher the machine goes on by; fails again with what none is for. */
function catching(given: Compiled): Region {
  const here = given.depth + 1
  return region([], apply(PURE.caught, [...about(given, here), paramAt(here, 'error')(here)]), ['error'])
}
