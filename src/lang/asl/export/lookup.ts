/** What the names in a graph's expressions stand for in the machine, seen from one place of it. */
import type { Expr } from '../../../core/graph/graph.ts'
import type { Json } from '../../../util/json.ts'
import { fromTagged } from '../../../util/tagged.ts'
import { at, NULL, type Term } from './term.ts'

/** A region at work: its steps so far and its parameters. */
export interface View {
  readonly steps: Map<string, Term>
  readonly params: { readonly [param: string]: Term }
  readonly outer?: View
}

/** Told of what cannot be said; the term given instead is never seen by anybody. */
export type Unsayable = (what: string, hint?: string) => void

export function termOf(expr: Expr, view: View, unsayable: Unsayable): Term {
  switch (expr.kind) {
    case 'literal':
      return literal(expr.value, unsayable)
    case 'node':
      return at(above(view, expr.up)?.steps.get(expr.node) ?? NULL, expr.path)
    case 'param':
      return at(above(view, expr.up)?.params[expr.param] ?? NULL, expr.path)
    case 'record':
      return {
        kind: 'record',
        fields: Object.fromEntries(
          Object.entries(expr.fields).map(([name, field]) => [name, termOf(field, view, unsayable)]),
        ),
      }
    case 'list':
      return { kind: 'list', items: expr.items.map(item => termOf(item, view, unsayable)) }
    case 'apply':
      unsayable(`the function ${expr.fn}`, 'Make the .to() a task, whose function the machine can call.')
      return NULL
    case 'resource':
      unsayable(
        `the ${expr.resource.kind} ${expr.resource.kind === 'output' ? expr.resource.path : expr.resource.name}`,
        'Leave it to the task itself, where it runs.',
      )
      return NULL
  }
}

function above(view: View, up: number): View | undefined {
  let found: View | undefined = view
  for (let count = 0; count < up; count += 1) found = found?.outer
  return found
}

function literal(value: Json, unsayable: Unsayable): Term {
  const plain = fromTagged(value)
  if (plain === undefined) return NULL
  try {
    const text = JSON.stringify(plain)
    const back: unknown = JSON.parse(text)
    if (isPlain(plain)) return { kind: 'literal', value: back as Json }
  } catch {
    // A bigint: no JSON, as said below.
  }
  unsayable('a value that JSON does not have', 'Write dates, maps and bigints as texts, lists and numbers.')
  return NULL
}

function isPlain(value: unknown): boolean {
  if (value === null || value === undefined || typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value === 'number') return Number.isFinite(value)
  if (Array.isArray(value)) return value.every(isPlain)
  if (typeof value !== 'object') return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return (prototype === Object.prototype || prototype === null) && Object.values(value).every(isPlain)
}
