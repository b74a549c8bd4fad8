/** What a graph means, told a second time and as plainly as possible: recursion over the tree, no net, no order, no events. */
import type { Expr, Node, Region } from '../../src/core/graph/graph.ts'
import type { Json } from '../../src/util/json.ts'
import { type Behaviour, branchOf, failuresOf, itemsOf, keysOf, scriptOf, resultOf } from './behaviour.ts'

/** A failed meaning names every step that may be the one that is blamed. */
export type Meaning =
  | { readonly kind: 'succeeded'; readonly value: Json }
  | { readonly kind: 'failed'; readonly by: ReadonlySet<string> }

interface Scope {
  readonly path: string
  readonly params: { readonly [name: string]: Json }
  readonly values: Map<string, Json>
  readonly outer: Scope | undefined
}

export const UNDEFINED: Json = { $undefined: true }

export const meaningOf = (behaviour: Behaviour, root: Region, params: { readonly [name: string]: Json }): Meaning =>
  regionMeaning(behaviour, root, { path: '', params, values: new Map(), outer: undefined })

function regionMeaning(behaviour: Behaviour, region: Region, scope: Scope): Meaning {
  const by = new Set<string>()
  for (const node of region.nodes) {
    if (![...waitsFor(node)].every(id => scope.values.has(id))) continue
    const meaning = nodeMeaning(behaviour, node, scope)
    if (meaning.kind === 'succeeded') scope.values.set(node.id, meaning.value)
    else for (const step of meaning.by) by.add(step)
  }
  return by.size > 0 ? { kind: 'failed', by } : { kind: 'succeeded', value: evaluate(region.result, scope) }
}

function nodeMeaning(behaviour: Behaviour, node: Node, scope: Scope): Meaning {
  const step = scope.path + node.id
  const inside = (mark: string, region: Region, params: readonly Json[]): Meaning =>
    regionMeaning(behaviour, region, {
      path: `${step}${mark}/`,
      params: Object.fromEntries(region.params.map((name, index) => [name, params[index] ?? UNDEFINED])),
      values: new Map(),
      outer: scope,
    })
  switch (node.kind) {
    case 'task':
    case 'effect':
    case 'source': {
      const args = node.kind === 'source' ? [] : node.args.map(arg => evaluate(arg, scope))
      return attempted(behaviour, step, node.policy.retry?.[0]?.times ?? 0, args)
    }
    case 'flow':
      return flowMeaning(
        behaviour,
        step,
        node.policy.retry?.[0]?.times ?? 0,
        node.args.map(arg => evaluate(arg, scope)),
      )
    case 'when': {
      const branch = branchOf(step, ['then', 'otherwise'])
      return inside(`.${branch}`, branch === 'then' ? node.then : node.otherwise, [])
    }
    case 'match': {
      const branch = branchOf(step, Object.keys(node.arms))
      return inside(`.${branch}`, node.arms[branch]!, [evaluate(node.value, scope)])
    }
    case 'each': {
      const { values } = itemsOf(step)
      return all(keysOf(step).map((key, index) => inside(`[${escaped(key)}]`, node.body, [values[index]!, index])))
    }
    case 'call':
      return inside(
        '',
        node.body,
        node.body.params.map(name => (node.args[name] ? evaluate(node.args[name], scope) : UNDEFINED)),
      )
    default:
      throw new Error(`no meaning for ${node.kind}`)
  }
}

function attempted(behaviour: Behaviour, step: string, retries: number, args: Json): Meaning {
  if (failuresOf(behaviour, step) > retries) return { kind: 'failed', by: new Set([step]) }
  return { kind: 'succeeded', value: resultOf(step, args) }
}

function flowMeaning(behaviour: Behaviour, step: string, retries: number, args: Json): Meaning {
  const script = scriptOf(behaviour, step)
  const answers: Json[] = []
  const by = new Set<string>()
  for (const [index, call] of script.calls.entries()) {
    const path = `${step}[${call.key}]/`
    const given: Json[] = [index, 'two']
    const region = call.target.kind === 'workflow' ? behaviour.library.get(call.target.region) : undefined
    const meaning = region
      ? regionMeaning(behaviour, region, {
          path,
          params: { a: given[0]!, b: given[1]! },
          values: new Map(),
          outer: undefined,
        })
      : call.target.kind === 'node' && call.target.node.kind === 'flow'
        ? flowMeaning(behaviour, `${path}step`, 0, given)
        : attempted(behaviour, `${path}step`, 0, given)
    if (meaning.kind === 'succeeded') answers.push(meaning.value)
    else if (script.onFailure === 'catch') answers.push('caught')
    else for (const each of meaning.by) by.add(each)
    if (by.size > 0 && script.mode === 'one by one') break
  }
  // A body that throws is tried again, but its calls answer as before.
  if (by.size > 0) return { kind: 'failed', by }
  if (failuresOf(behaviour, step) > retries) return { kind: 'failed', by: new Set([step]) }
  return { kind: 'succeeded', value: resultOf(step, [args, answers]) }
}

function all(meanings: readonly Meaning[]): Meaning {
  const by = new Set(meanings.flatMap(each => (each.kind === 'failed' ? [...each.by] : [])))
  if (by.size > 0) return { kind: 'failed', by }
  return { kind: 'succeeded', value: meanings.map(each => (each.kind === 'succeeded' ? each.value : UNDEFINED)) }
}

export const escaped = (key: string): string =>
  key.replace(/[%/[\]]/g, mark => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)

function evaluate(expr: Expr, scope: Scope): Json {
  switch (expr.kind) {
    case 'literal':
      return expr.value
    case 'node':
      return at(outward(scope, expr.up).values.get(expr.node)!, expr.path)
    case 'param':
      return at(outward(scope, expr.up).params[expr.param] ?? UNDEFINED, expr.path)
    case 'record':
      return Object.fromEntries(Object.entries(expr.fields).map(([name, field]) => [name, evaluate(field, scope)]))
    case 'list':
      return expr.items.map(item => evaluate(item, scope))
    case 'apply':
      return at(applied(expr.args.map(arg => evaluate(arg, scope))), expr.path)
    case 'resource':
      return expr.resource as unknown as Json
  }
}

export const applied = (args: readonly Json[]): Json => ({ of: args })

export function at(value: Json, path: readonly (string | number)[]): Json {
  let part: Json = value
  for (const key of path) {
    if (typeof part !== 'object' || part === null || !Object.hasOwn(part, key)) return UNDEFINED
    part = (part as { readonly [name: string]: Json })[key]!
  }
  return part
}

const outward = (scope: Scope, up: number): Scope => (up === 0 ? scope : outward(scope.outer!, up - 1))

/** The siblings that anything in a node's JSON names: counted in regions, which are what has nodes. */
function waitsFor(node: Node): ReadonlySet<string> {
  const found = new Set(node.after)
  const visit = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null) return
    const fields = value as { readonly kind?: string; readonly node?: string; readonly up?: number }
    if (fields.kind === 'node' && fields.up === depth && fields.node !== undefined) found.add(fields.node)
    for (const inner of Object.values(value)) visit(inner, isRegion(inner) ? depth + 1 : depth)
  }
  visit(node, 0)
  return found
}

const isRegion = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'nodes' in value && 'params' in value
