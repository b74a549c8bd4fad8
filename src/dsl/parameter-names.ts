/** Names of a function's parameters, read from its text: without types, as the loader and every runtime leave it. */
import { refuse } from '../util/diagnostic.ts'
import type { AnyFunction } from './definition.ts'
import { currentSite } from './hooks.ts'

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/u

/** `arg1` and so on where a parameter is taken apart. Refuses BAD_ARGUMENT for `...rest`: a graph's parameters have names. */
export function parameterNames(fn: AnyFunction): readonly string[] {
  const parts = parametersIn(Function.prototype.toString.call(fn))
  if (parts.some(part => part.startsWith('...'))) {
    refuse('BAD_ARGUMENT', 'The parameters of a workflow or flow have names: it cannot take ...rest', {
      at: currentSite()?.at,
      hint: 'Take one parameter that is a list.',
    })
  }
  const count = Math.max(fn.length, parts.length)
  const names = Array.from(
    { length: count },
    (_, index) => IDENTIFIER.exec(parts[index] ?? '')?.[0] ?? `arg${index + 1}`,
  )
  return new Set(names).size === names.length ? names : names.map((_, index) => `arg${index + 1}`)
}

/** The texts between the commas of the parameter list. */
function parametersIn(text: string): readonly string[] {
  const arrow = /^(?:async\s+)?([\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*)\s*=>/u.exec(text)
  if (arrow?.[1] !== undefined) return [arrow[1]]
  const parts: string[] = []
  let depth = 0
  let part = ''
  // Whole strings and comments at a time, so that what stands in them does not count.
  for (const [token] of text.slice(text.indexOf('(')).matchAll(TOKEN)) {
    if (token.startsWith('//') || token.startsWith('/*')) continue
    if (CLOSING.has(token) && --depth === 0) break
    if (depth === 1 && token === ',') {
      parts.push(part)
      part = ''
    } else if (depth > 0) part += token
    if (OPENING.has(token)) depth++
  }
  return [...parts, part].map(each => each.trim()).filter(each => each !== '')
}

const TOKEN = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*"|`(?:[^`\\]|\\[\s\S])*`|[\s\S]/g
const OPENING = new Set(['(', '[', '{'])
const CLOSING = new Set([')', ']', '}'])
