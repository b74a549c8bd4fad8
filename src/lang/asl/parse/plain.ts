/** What every way of writing a definition has to give: JSON's values, not too deep. And how it is said that it does not. */
import type { Diagnostic, Position } from '../../../util/diagnostic.ts'
import { type Path, type Source, showPath } from '../source.ts'

/** Objects and lists in one another. A state in a branch in a branch costs four levels. */
export const DEPTH_MAX = 1_000

export const notReadable = (words: string, format: string, at?: Position): Diagnostic => ({
  code: 'INVALID_JSON_DESCRIPTION',
  severity: 'error',
  message: `This is not ${format}: ${words}.`,
  ...(at ? { at } : {}),
  hint: 'A file that ends in .json is JSON, .json5 and .jsonc are JSON5, .yaml and .yml are YAML.',
})

export const tooDeep = (at?: Position, most = DEPTH_MAX): Diagnostic => ({
  code: 'DEFINITION_TOO_DEEP',
  severity: 'error',
  message: `The definition is more than ${most} objects and lists deep.`,
  ...(at ? { at } : {}),
  hint: 'Move the inner part to a state machine of its own and start it from a Task.',
})

/**
 * Where brackets alone, whether in strings or not, get deeper than `most`. Asked before a reader that calls itself: one that comes to the
 * end of the stack may end the process (V8 cannot compile a regular expression there).
 */
export function bracketsDeeperThan(most: number, text: string): number | undefined {
  let depth = 0
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === 0x5b || code === 0x7b) depth += 1
    else if ((code === 0x5d || code === 0x7d) && depth > 0) depth -= 1
    if (depth > most) return at
  }
  return undefined
}

/** What is wrong with a value that was not written as JSON: what JSON has no word for. */
export function checkPlain(source: Source): Diagnostic | undefined {
  const found = findForeign(source.value)
  if (!found) return undefined
  const at = source.at(found.path)
  return found.kind === 'deep' ? tooDeep(at) : notReadable(noWordFor(found.shown), 'JSON', at)
}

/** As `checkPlain`, of a value that code gives: it may even hold itself. */
export function checkGiven(value: unknown): Diagnostic | undefined {
  const found = findForeign(value)
  if (!found) return undefined
  const problem = found.kind === 'deep' ? tooDeep() : notReadable(noWordFor(found.shown), 'JSON')
  return { ...problem, message: `${problem.message.slice(0, -1)}, at ${showPath(found.path.slice(0, SHOWN_MAX))}.` }
}

const SHOWN_MAX = 20

const noWordFor = (shown: string): string => `JSON has no value like \`${shown}\``

type Foreign =
  | { readonly kind: 'deep'; readonly path: Path }
  | { readonly kind: 'value'; readonly path: Path; readonly shown: string }

function findForeign(value: unknown, path: Path = []): Foreign | undefined {
  if (path.length > DEPTH_MAX) return { kind: 'deep', path }
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return undefined
    case 'number':
      return Number.isFinite(value) ? undefined : { kind: 'value', path, shown: String(value) }
    case 'object':
      return value === null ? undefined : findIn(value, path)
    default:
      return { kind: 'value', path, shown: typeof value === 'function' ? 'a function' : String(value) }
  }
}

function findIn(whole: object, path: Path): Foreign | undefined {
  if (Array.isArray(whole)) {
    for (const [index, part] of whole.entries()) {
      const found = findForeign(part, [...path, index])
      if (found) return found
    }
    return undefined
  }
  if (!isRecord(whole)) return { kind: 'value', path, shown: Object.prototype.toString.call(whole) }
  for (const [name, part] of Object.entries(whole)) {
    const found = part === undefined ? undefined : findForeign(part, [...path, name])
    if (found) return found
  }
  return undefined
}

/** Also one of another realm: its prototype is another, and as bare. */
function isRecord(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}
