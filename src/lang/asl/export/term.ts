/**
 * Values of a graph as JSONata says them. A term is what an expression stands for once names have been looked up: as much
 * of its structure as is known stays JSON, so that templates stay readable and paths into it cost nothing.
 */
import type { Json } from '../../../util/json.ts'

export type Term =
  | { readonly kind: 'literal'; readonly value: Json }
  /** `text` can be followed by a path. */
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'record'; readonly fields: { readonly [name: string]: Term } }
  | { readonly kind: 'list'; readonly items: readonly Term[] }

export const NULL: Term = { kind: 'literal', value: null }
export const text = (value: string): Term => ({ kind: 'text', text: value })
export const variable = (name: string): Term => text(`$${name}`)

/** What stands at `path` in the value. */
export const at = (term: Term, path: readonly (string | number)[]): Term => path.reduce(step, term)

function step(term: Term, key: string | number): Term {
  switch (term.kind) {
    case 'literal':
      return stepLiteral(term.value, key)
    case 'record':
      return Object.hasOwn(term.fields, key) ? (term.fields[key] ?? NULL) : NULL
    case 'list':
      return key === 'length' ? { kind: 'literal', value: term.items.length } : (term.items[Number(key)] ?? NULL)
    case 'text':
      return text(stepText(term.text, key))
  }
}

function stepLiteral(value: Json, key: string | number): Term {
  if (value === null || typeof value !== 'object' || !Object.hasOwn(value, key)) return NULL
  return { kind: 'literal', value: (value as { readonly [key: string]: Json })[key] ?? null }
}

/** JSONata has no field that tells how long something is. */
function stepText(base: string, key: string | number): string {
  if (typeof key === 'number') return `${base}[${key}]`
  if (key === 'length')
    return `($exists(${base}.length) ? ${base}.length : $type(${base}) = "string" ? $length(${base}) : $count(${base}))`
  if (/^[A-Za-z_]\w*$/.test(key) && !WORDS.has(key)) return `${base}.${key}`
  return key.includes('`') ? `$lookup(${base}, ${JSON.stringify(key)})` : `${base}.\`${key}\``
}

const WORDS = new Set(['and', 'or', 'in', 'true', 'false', 'null', 'function'])

/** JSON with `{% … %}` where a value is computed. */
export function templateOf(term: Term): Json {
  switch (term.kind) {
    case 'literal':
      return literalTemplate(term.value)
    case 'text':
      return expression(term.text)
    case 'record':
      return Object.fromEntries(Object.entries(term.fields).map(([name, field]) => [name, templateOf(field)]))
    case 'list':
      return term.items.map(templateOf)
  }
}

export const expression = (source: string): string => `{% ${source} %}`

/** A text that looks like an expression has to be said by one. */
function literalTemplate(value: Json): Json {
  if (typeof value === 'string')
    return value.startsWith('{%') && value.endsWith('%}') ? expression(JSON.stringify(value)) : value
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(literalTemplate)
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, literalTemplate(field ?? null)]))
}

/**
 * As one JSONata text. Undefined where it cannot be one: JSONata flattens what stands in a list, so a list of computed
 * values can only be said by a template.
 */
export function textOf(term: Term): string | undefined {
  switch (term.kind) {
    case 'literal':
      return JSON.stringify(term.value)
    case 'text':
      return term.text
    case 'record': {
      const fields = Object.entries(term.fields).map(([name, field]) => [name, textOf(field)] as const)
      return fields.some(([, field]) => field === undefined)
        ? undefined
        : `{${fields.map(([name, field]) => `${JSON.stringify(name)}: ${field}`).join(', ')}}`
    }
    case 'list':
      return term.items.every(item => item.kind === 'literal')
        ? `[${term.items.map(item => textOf(item)).join(', ')}]`
        : undefined
  }
}
