/**
 * Payload templates: JSON whose fields named `….$` are paths or calls of intrinsic functions
 * (https://states-language.net/spec.html#payload-template).
 *
 * A template is compiled once. What holds no such field is given as it stands, not copied.
 */
import type { Json } from '../../../util/json.ts'
import { evaluateIntrinsic, type IntrinsicScope, looksIntrinsic } from '../intrinsic/index.ts'
import { missingField, seekPath } from '../path/index.ts'

type Filler = (scope: IntrinsicScope) => Json

const compiled = new WeakMap<object, Filler | 'constant'>()

/** The template with all its `.$` fields replaced. Throws States.Runtime. */
export function fillTemplate(template: Json, scope: IntrinsicScope): Json {
  if (typeof template !== 'object' || template === null) return template
  let filler = compiled.get(template)
  if (filler === undefined) {
    filler = compile(template) ?? 'constant'
    compiled.set(template, filler)
  }
  return filler === 'constant' ? template : filler(scope)
}

/** `undefined`: there is nothing to fill. */
function compile(template: Json): Filler | undefined {
  if (typeof template !== 'object' || template === null) return undefined
  return Array.isArray(template)
    ? compileList(template as readonly Json[])
    : compileFields(template as { readonly [name: string]: Json })
}

function compileList(items: readonly Json[]): Filler | undefined {
  const fillers = items.map(compile)
  if (fillers.every(each => each === undefined)) return undefined
  return scope => items.map((item, at) => fillers[at]?.(scope) ?? item)
}

interface Field {
  readonly name: string
  readonly fill: Filler
}

/** Plain fields come first, as Amazon has them. */
function compileFields(template: { readonly [name: string]: Json }): Filler | undefined {
  const plain: Field[] = []
  const dynamic: Field[] = []
  let constant = true
  for (const [name, value] of Object.entries(template)) {
    if (isDynamic(name)) dynamic.push({ name: name.slice(0, -2), fill: compileText(name, value) })
    else {
      const inner = compile(value)
      if (inner) constant = false
      plain.push({ name, fill: inner ?? (() => value) })
    }
  }
  if (constant && dynamic.length === 0) return undefined
  const fields = [...plain, ...dynamic]
  // The one name that an assignment takes for something else.
  if (fields.some(each => each.name === '__proto__')) {
    return scope => Object.fromEntries(fields.map(each => [each.name, each.fill(scope)]))
  }
  return scope => {
    const filled: { [name: string]: Json } = {}
    for (const field of fields) filled[field.name] = field.fill(scope)
    return filled
  }
}

const isDynamic = (name: string): boolean => name.endsWith('.$')

function compileText(name: string, value: Json): Filler {
  // Refused before anything runs, but for templates that were never checked.
  if (typeof value !== 'string') return () => value
  return looksIntrinsic(value) ? scope => evaluateIntrinsic(value, scope) : scope => pathValue(value, name, scope)
}

/** An item that a list is too short for is null here, and here alone: in a call, or as InputPath, it is missing. */
function pathValue(text: string, field: string, scope: IntrinsicScope): Json {
  const sought = seekPath(text, scope)
  if (sought.kind === 'found') return sought.value
  if (sought.beyond) return null
  throw missingField(text, field, scope)
}
