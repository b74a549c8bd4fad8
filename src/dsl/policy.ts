/** Options of tasks, checked one by one, as the graph has them. */
import type { Lock as GraphLock, Policy, Retry } from '../core/graph/graph.ts'
import { checkOptions, duration, made, msOf, oneOf, type Rule, type Rules, text, texts, whole } from './options.ts'
import type { Lock, RetryOptions, TaskOptions } from './types.ts'

const isLock = made('lock()', ['name'], 'lock()').holds
/** Of a task, or of an attempt. */
export const RETRY: Rule = {
  holds: value =>
    (Number.isSafeInteger(value) && (value as number) >= 0) || (typeof value === 'object' && value !== null),
  takes: 'a whole number of further attempts, a rule, or a list of rules',
  example: '3',
}

const isDepfile = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  Object.keys(value).join() === 'depfile' &&
  typeof Object.values(value)[0] === 'string' &&
  Object.values(value)[0] !== ''

const OPTIONS: Rules<TaskOptions> = {
  name: text("'compile'"),
  timeout: duration,
  deadline: duration,
  heartbeat: duration,
  retry: RETRY,
  exhausted: oneOf('fail', 'park'),
  pool: made('pool() or pool.take()', ['name', 'slots'], 'pool(2)'),
  locks: { holds: value => Array.isArray(value) && value.every(isLock), takes: 'a list of locks', example: '[ledger]' },
  priority: { holds: Number.isFinite, takes: 'a number', example: '10' },
  cache: oneOf('on', 'off'),
  inputs: {
    holds: value => value === 'inferred' || isDepfile(value),
    takes: "'inferred' or { depfile: 'path' }",
    example: "{ depfile: '{output}.d' }",
  },
  env: texts("['CI']"),
  executor: { ...text("'thread'"), takes: "'inline', 'thread' or 'process'" },
}

const RETRY_OPTIONS: Rules<RetryOptions> = {
  errors: texts("['TIMEOUT']"),
  times: whole(0, 'a whole number of further attempts', '3'),
  backoff: oneOf('exponential', 'fixed'),
  factor: {
    holds: value => Number.isFinite(value) && (value as number) >= 1,
    takes: 'a number from 1',
    example: '2',
  },
  delay: duration,
  maxDelay: duration,
  jitter: oneOf('full', 'none', 'equal', 'decorrelated'),
}

/** The policy that `options` ask for. Refuses BAD_OPTION and BAD_DURATION at the place of the definition. */
export function policyOf(options: TaskOptions): Policy {
  checkOptions(options, OPTIONS)
  const { retry, timeout, deadline, heartbeat, exhausted, pool, locks, priority, cache, env, inputs } = options
  return {
    ...(retry === undefined ? {} : { retry: retryOf(retry) }),
    ...(exhausted === undefined ? {} : { exhausted }),
    ...(timeout === undefined ? {} : { timeoutMs: msOf(timeout) }),
    ...(heartbeat === undefined ? {} : { heartbeatMs: msOf(heartbeat) }),
    ...(deadline === undefined ? {} : { deadlineMs: msOf(deadline) }),
    ...(pool === undefined ? {} : { pool: poolOf(pool) }),
    ...(locks === undefined ? {} : { locks: locksOf(locks) }),
    ...(priority === undefined ? {} : { priority }),
    ...(cache === undefined ? {} : { cache }),
    ...(env === undefined ? {} : { env }),
    ...(inputs === undefined ? {} : { inputs: inputsOf(inputs) }),
  }
}

const inputsOf = (inputs: NonNullable<TaskOptions['inputs']>): NonNullable<Policy['inputs']> =>
  inputs === 'inferred' ? { kind: 'inferred' } : { kind: 'depfile', path: inputs.depfile }

const poolOf = ({ name, slots, weight, across }: NonNullable<TaskOptions['pool']>): NonNullable<Policy['pool']> => ({
  name,
  slots,
  ...(weight === undefined || weight === 1 ? {} : { weight }),
  ...(across === undefined || across === 'process' ? {} : { across }),
})

/** One lock, however often it is named. */
export const locksOf = (locks: readonly Lock[]): readonly GraphLock[] =>
  [...new Set(locks.map(({ name }) => name))].map(name => ({ name, of: 'run' }))

/** Retry rules: a number is one rule for every error. */
export function retryOf(retry: NonNullable<TaskOptions['retry']>): readonly Retry[] {
  if (typeof retry === 'number') return [ruleOf({ times: retry })]
  return isList(retry) ? retry.map(ruleOf) : [ruleOf(retry)]
}

const isList = (retry: RetryOptions | readonly RetryOptions[]): retry is readonly RetryOptions[] => Array.isArray(retry)

function ruleOf(options: RetryOptions): Retry {
  checkOptions(options, RETRY_OPTIONS, 'retry.', ['times'])
  const { errors, factor } = options
  return {
    ...(errors === undefined ? {} : { errors }),
    times: options.times,
    backoff: options.backoff ?? 'exponential',
    ...(factor === undefined ? {} : { factor }),
    delayMs: msOf(options.delay ?? '1s'),
    delayMsMax: msOf(options.maxDelay ?? '5m'),
    jitter: options.jitter ?? 'full',
  }
}
