/** Options of tasks, checked one by one, as the graph has them. */
import type { Policy } from '../core/graph/graph.ts'
import { refuse } from '../util/diagnostic.ts'
import { type Duration, durationMs } from '../util/duration.ts'
import { nearestName } from '../util/nearest.ts'
import { currentSite, located } from './hooks.ts'
import type { RetryOptions, TaskOptions } from './types.ts'

type Rule = { readonly holds: (value: unknown) => boolean; readonly takes: string; readonly example: string }

const oneOf = (...words: readonly string[]): Rule => ({
  holds: value => words.includes(value as string),
  takes: words.map(word => `'${word}'`).join(' or '),
  example: `'${words[0] ?? ''}'`,
})
/** Durations say themselves what is wrong with them: BAD_DURATION. */
const duration: Rule = { holds: () => true, takes: 'a duration', example: "'5m'" }
const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''
const isPool = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'slots' in value && 'name' in value
const isCount = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0

const OPTIONS: { readonly [K in keyof Required<TaskOptions>]: Rule } = {
  name: { holds: isText, takes: 'a text that is not empty', example: "'compile'" },
  timeout: duration,
  retry: {
    holds: value => isCount(value) || (typeof value === 'object' && value !== null),
    takes: 'a whole number of further attempts',
    example: '3',
  },
  pool: { holds: isPool, takes: 'what pool() gave', example: 'pool(2)' },
  priority: { holds: Number.isFinite, takes: 'a number', example: '10' },
  cache: oneOf('on', 'off'),
  env: { holds: value => Array.isArray(value) && value.every(isText), takes: 'a list of names', example: "['CI']" },
  executor: { holds: isText, takes: "'inline', 'thread' or 'process'", example: "'thread'" },
}

const RETRY_OPTIONS: { readonly [K in keyof Required<RetryOptions>]: Rule } = {
  times: { holds: isCount, takes: 'a whole number of further attempts', example: '3' },
  backoff: oneOf('exponential', 'fixed'),
  delay: duration,
  maxDelay: duration,
  jitter: oneOf('full', 'none', 'equal'),
}

/** The policy that `options` ask for. Refuses BAD_OPTION and BAD_DURATION at the place of the definition. */
export function policyOf(options: TaskOptions): Policy {
  check(options, OPTIONS, '')
  const { retry, timeout, pool, priority, cache, env } = options
  return {
    ...(retry === undefined ? {} : { retry: retryOf(retry) }),
    ...(timeout === undefined ? {} : { timeoutMs: msOf(timeout) }),
    ...(pool === undefined ? {} : { pool: { name: pool.name, slots: pool.slots } }),
    ...(priority === undefined ? {} : { priority }),
    ...(cache === undefined ? {} : { cache }),
    ...(env === undefined ? {} : { env }),
  }
}

function retryOf(retry: number | RetryOptions): NonNullable<Policy['retry']> {
  const options = typeof retry === 'number' ? { times: retry } : retry
  check({ ...options, times: options.times }, RETRY_OPTIONS, 'retry.')
  return {
    times: options.times,
    backoff: options.backoff ?? 'exponential',
    delayMs: msOf(options.delay ?? '1s'),
    delayMsMax: msOf(options.maxDelay ?? '5m'),
    jitter: options.jitter ?? 'full',
  }
}

const msOf = (duration: Duration): number => located(() => durationMs(duration))

/** `undefined` is an option that is not given, but for one that must be. */
function check(options: object, rules: { readonly [name: string]: Rule }, prefix: string): void {
  for (const [name, value] of Object.entries(options)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined
    if (!rule) unknownOption(prefix, name, Object.keys(rules))
    if ((value !== undefined || name === 'times') && !rule.holds(value)) {
      refuse('BAD_OPTION', `${prefix}${name} takes ${rule.takes}, not ${show(value)}`, {
        at: currentSite()?.at,
        hint: `For example ${name}: ${rule.example}.`,
      })
    }
  }
}

function unknownOption(prefix: string, name: string, known: readonly string[]): never {
  const near = nearestName(name, known)
  refuse('BAD_OPTION', `There is no option ${prefix}${name}`, {
    at: currentSite()?.at,
    hint: near ? `Did you mean ${near}?` : `There are ${known.join(', ')}.`,
  })
}

const show = (value: unknown): string =>
  typeof value === 'object'
    ? value === null
      ? 'null'
      : 'an object'
    : typeof value === 'string'
      ? JSON.stringify(value)
      : String(value)
