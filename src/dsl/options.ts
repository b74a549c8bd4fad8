/** Options of tasks and combinators, checked one by one where they are given. */
import { refuse } from '../util/diagnostic.ts'
import { type Duration, durationMs } from '../util/duration.ts'
import { nearestName } from '../util/nearest.ts'
import { isRef } from './handle.ts'
import { currentSite, located } from './hooks.ts'

export interface Rule {
  readonly holds: (value: unknown) => boolean
  readonly takes: string
  readonly example: string
}

export const oneOf = (...words: readonly string[]): Rule => ({
  holds: value => words.includes(value as string),
  takes: words.map(word => `'${word}'`).join(' or '),
  example: `'${words[0] ?? ''}'`,
})
export const yesOrNo: Rule = { holds: value => typeof value === 'boolean', takes: 'true or false', example: 'true' }
const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''
export const text = (example: string): Rule => ({ holds: isText, takes: 'a text that is not empty', example })
export const texts = (example: string): Rule => ({
  holds: value => Array.isArray(value) && value.every(isText),
  takes: 'a list of names',
  example,
})
export const whole = (min: number, what: string, example: string): Rule => ({
  holds: value => Number.isSafeInteger(value) && (value as number) >= min,
  takes: `${what} from ${min}`,
  example,
})
export const aFunction = (example: string): Rule => ({
  holds: value => typeof value === 'function',
  takes: 'a function',
  example,
})
/** What one of the language's own functions gave. */
export const made = (what: string, has: readonly string[], example: string): Rule => ({
  holds: value => typeof value === 'object' && value !== null && !isRef(value) && has.every(name => name in value),
  takes: `what ${what} gave`,
  example,
})
/** Durations say themselves what is wrong with them: BAD_DURATION. */
export const duration: Rule = { holds: () => true, takes: 'a duration', example: "'5m'" }

/** Milliseconds, or a refusal BAD_DURATION at the user's call. */
export const msOf = (given: Duration): number => located(() => durationMs(given))

export type Rules<T> = { readonly [K in keyof Required<T>]: Rule }

/** `undefined` is an option that is not given; `must`: those that must be. Refuses BAD_OPTION. */
export function checkOptions(
  options: object,
  rules: { readonly [name: string]: Rule },
  prefix = '',
  must: readonly string[] = [],
): void {
  if (typeof options !== 'object' || options === null)
    refuse('BAD_OPTION', `Options are a record, not ${show(options)}`, {
      at: currentSite()?.at,
      hint: `There are ${Object.keys(rules).join(', ')}.`,
    })
  const missing = must.filter(name => !Object.hasOwn(options, name)).map(name => [name, undefined] as const)
  for (const [name, value] of [...Object.entries(options), ...missing]) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined
    if (!rule) unknownOption(prefix, name, Object.keys(rules))
    if ((value !== undefined || must.includes(name)) && !rule.holds(value)) {
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
