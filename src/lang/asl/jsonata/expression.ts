/**
 * A JSONata text of a state machine: told from other text, and parsed once.
 *
 * The parsed form is shared by all that ask for the same text: a state is worked on again and again, and parsing costs more than evaluating.
 */
import jsonata from 'jsonata'

import { LIMITS } from './limits.ts'
import { SafeRegExp } from './regex.ts'

/** Starts with `{%` and ends with `%}`, with nothing before or after; any other string is text as it stands. */
export const isExpression = (value: unknown): value is string =>
  typeof value === 'string' && value.length >= 4 && value.startsWith('{%') && value.endsWith('%}')

/** `{% $states.input %}` -> `$states.input` */
export const sourceOf = (text: string): string => text.slice(2, -2).trim()

/** The parsed form of what stands between `{%` and `%}`. Throws jsonata's error where it cannot be read. */
export function parseExpression(source: string): jsonata.Expression {
  const known = parsed.get(source)
  if (known) return known
  const expression = jsonata(source, {
    timeout: LIMITS.milliseconds,
    stack: LIMITS.depth,
    sequence: LIMITS.items,
    RegexEngine: SafeRegExp,
  })
  if (parsed.size >= LIMITS.parsedTexts) parsed.clear()
  parsed.set(source, expression)
  return expression
}

const parsed = new Map<string, jsonata.Expression>()
