/** Policies of steps as fields of states, and which of them a state machine does not have. */
import type { Policy, Retry } from '../../../core/graph/graph.ts'
import type { Json } from '../../../util/json.ts'
import type { Fields } from './draft.ts'

/** Policies that change what a run does: without them it is another workflow. Others only change when and where. */
export function unsayablePolicies(policy: Policy, sayable: readonly (keyof Policy)[]): readonly string[] {
  const names: { readonly [name in keyof Policy]?: string } = {
    retry: 'retry',
    timeoutMs: 'timeout',
    heartbeatMs: 'heartbeat',
    deadlineMs: 'deadline',
    locks: 'locks',
    ...(policy.exhausted === 'park' ? { exhausted: 'park' } : {}),
  }
  return Object.entries(names).flatMap(([field, name]) =>
    policy[field as keyof Policy] === undefined || sayable.includes(field as keyof Policy) ? [] : [name],
  )
}

/** Policies that a machine goes without: its account's limits, or nothing, stand instead. */
export const lostPolicies = (policy: Policy): readonly string[] => [
  ...(policy.pool ? [`pool ${policy.pool.name}`] : []),
  ...(policy.priority ? ['priority'] : []),
  ...(policy.env?.length ? ['env'] : []),
  ...(policy.retry?.some(({ jitter }) => jitter === 'equal' || jitter === 'decorrelated')
    ? ['jitter (full instead)']
    : []),
]

export const timesOf = (policy: Policy): Fields => ({
  ...(policy.timeoutMs === undefined ? {} : { TimeoutSeconds: secondsOf(policy.timeoutMs) }),
  ...(policy.heartbeatMs === undefined ? {} : { HeartbeatSeconds: secondsOf(policy.heartbeatMs) }),
})

/** A state machine knows whole seconds, and no shorter time than one. */
export const secondsOf = (ms: number): number => Math.max(1, Math.ceil(ms / 1000))

export const retryOf = (policy: Policy): Fields =>
  policy.retry?.length ? { Retry: untilAll(policy.retry, rule => rule.errors).map(retrier) } : {}

/** What follows a rule for every error is never reached, and a state machine refuses it. */
export function untilAll<T>(rules: readonly T[], errorsOf: (rule: T) => readonly string[] | undefined): readonly T[] {
  const last = rules.findIndex(rule => !errorsOf(rule)?.length)
  return last === -1 ? rules : rules.slice(0, last + 1)
}

function retrier(rule: Retry): Json {
  const interval = secondsOf(rule.delayMs)
  const longest = secondsOf(rule.delayMsMax)
  const isGrowing = rule.backoff === 'exponential'
  return {
    ErrorEquals: errorNames(rule.errors),
    IntervalSeconds: interval,
    MaxAttempts: rule.times,
    BackoffRate: isGrowing ? Math.max(1, rule.factor ?? 2) : 1,
    ...(isGrowing && longest > interval && longest <= DELAY_SECONDS_MAX ? { MaxDelaySeconds: longest } : {}),
    ...(rule.jitter === 'none' ? {} : { JitterStrategy: 'FULL' }),
  }
}

const DELAY_SECONDS_MAX = 31_622_400

export const errorNames = (errors: readonly string[] | undefined): readonly string[] =>
  errors?.length ? errors.map(name => AWS_NAMES[name] ?? name) : ['States.ALL']

const AWS_NAMES: { readonly [code: string]: string } = {
  TIMEOUT: 'States.Timeout',
  HEARTBEAT_TIMEOUT: 'States.HeartbeatTimeout',
  TASK_FAILED: 'States.TaskFailed',
}
