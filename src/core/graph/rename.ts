/**
 * The same graph with other ids for some steps: of a run that was moved, a renamed step keeps the id that its log has.
 *
 *   G9. Only ids change, where they stand and where they are referred to: no name, no address, no order.
 */
import { unreachable } from '../../util/unreachable.ts'
import { type Expr, type Graph, handlerLabel, type Node, type Region, regionsOf } from './graph.ts'
import { pathMark } from './placed.ts'
import { type StepRef, withSteps } from './property.ts'

/** By the path of a step, as `placedNodes` gives it: its new id. */
export type Renames = { readonly [path: string]: string }

/** Paths of the regions around an expression, outermost first. */
type Around = readonly string[]

export function renamedGraph(graph: Graph, renames: Renames): Graph {
  if (Object.keys(renames).length === 0) return graph
  return { ...graph, root: renaming(renames, graph.root).region(graph.root, [], '') }
}

/** Steps of one region that would have the same id, by their paths; what is asked for at no step of the graph. */
export function renameProblems(
  graph: Graph,
  renames: Renames,
): { readonly twice: readonly string[]; readonly nowhere: readonly string[] } {
  const met = new Set<string>()
  const ids = new Set<string>()
  const twice: string[] = []
  for (const { around, node } of stepPaths(graph.root)) {
    met.add(around + node.id)
    const id = around + idIn(renames, around, node.id)
    if (ids.has(id)) twice.push(id)
    ids.add(id)
  }
  return { twice, nowhere: Object.keys(renames).filter(path => !met.has(path)) }
}

/** Every step, by the path that renames have: bodies of undos as well. */
export function* stepPaths(region: Region, around = ''): Generator<{ readonly around: string; readonly node: Node }> {
  for (const node of region.nodes) {
    yield { around, node }
    for (const [label, inner] of regionsOf(node)) yield* stepPaths(inner, around + node.id + pathMark(node, label))
  }
}

/** Paths of steps and of regions, before and after. */
function newPaths(renames: Renames, root: Region): ReadonlyMap<string, string> {
  const found = new Map([['', '']])
  for (const { around, node } of stepPaths(root)) {
    const id = (found.get(around) ?? around) + idIn(renames, around, node.id)
    found.set(around + node.id, id)
    for (const [label] of regionsOf(node)) {
      const mark = pathMark(node, label)
      found.set(around + node.id + mark, id + mark)
    }
  }
  return found
}

function renaming(renames: Renames, root: Region) {
  const renamed = (region: string | undefined, id: string): string => idIn(renames, region ?? '', id)

  const expr = (each: Expr, around: Around): Expr => {
    switch (each.kind) {
      case 'node':
        return { ...each, node: renamed(around.at(-1 - each.up), each.node) }
      case 'record':
        return { ...each, fields: mapped(each.fields, field => expr(field, around)) }
      case 'list':
        return { ...each, items: each.items.map(item => expr(item, around)) }
      case 'apply':
        return { ...each, args: each.args.map(arg => expr(arg, around)) }
      case 'literal':
      case 'param':
      case 'resource':
        return each
      default:
        return unreachable(each)
    }
  }

  let paths: ReadonlyMap<string, string> | undefined

  const stepRef = (ref: StepRef, around: Around): StepRef => {
    if (ref.kind === 'calls') return ref
    paths ??= newPaths(renames, root)
    const outer = around.at(-1 - ref.up) ?? ''
    const path = paths.get(outer + ref.path)
    return path === undefined ? ref : { ...ref, path: path.slice((paths.get(outer) ?? '').length) }
  }

  const region = (each: Region, outer: Around, path: string): Region => {
    const around = [...outer, path]
    const { properties } = each
    return {
      ...each,
      nodes: each.nodes.map(inner => node(inner, around)),
      result: expr(each.result, around),
      ...(properties
        ? { properties: properties.map(property => withSteps(property, ref => stepRef(ref, around))) }
        : {}),
    }
  }

  const node = (each: Node, around: Around): Node => {
    const path = around.at(-1)
    const common = {
      ...ofKind(each, around),
      id: renamed(path, each.id),
      after: each.after.map(id => renamed(path, id)),
    }
    if (!each.undo) return common
    const captures = mapped(each.undo.captures, capture => expr(capture, around))
    return {
      ...common,
      undo: { captures, body: region(each.undo.body, around, `${path}${each.id}${pathMark(each, 'undo')}`) },
    }
  }

  const ofKind = (each: Node, around: Around): Node => {
    const path = around.at(-1)
    const here = (one: Expr): Expr => expr(one, around)
    const all = (many: readonly Expr[]): readonly Expr[] => many.map(here)
    const inner = (label: string): string => `${path}${each.id}${pathMark(each, label)}`
    const labelled = (body: Region, label: string): Region => region(body, around, inner(label))
    /** What is seen from inside of a region. */
    const seen = (one: Expr, label: string): Expr => expr(one, [...around, inner(label)])
    switch (each.kind) {
      case 'task':
      case 'effect':
      case 'flow':
      case 'service':
        return { ...each, args: all(each.args) }
      case 'source':
        return each
      case 'when':
        return {
          ...each,
          condition: here(each.condition),
          then: labelled(each.then, 'then'),
          otherwise: labelled(each.otherwise, 'otherwise'),
        }
      case 'match':
        return {
          ...each,
          value: here(each.value),
          arms: mapped(each.arms, labelled),
          ...(each.otherwise ? { otherwise: labelled(each.otherwise, 'otherwise') } : {}),
        }
      case 'any':
        return {
          ...each,
          arms: mapped(each.arms, (arm, label) => ({
            condition: here(arm.condition),
            body: labelled(arm.body, label),
          })),
          ...(each.otherwise ? { otherwise: labelled(each.otherwise, 'otherwise') } : {}),
        }
      case 'each':
        return {
          ...each,
          items: here(each.items),
          ...(each.limits ? { limits: here(each.limits) } : {}),
          body: labelled(each.body, 'body'),
          ...(each.key ? { key: seen(each.key, 'body') } : {}),
        }
      case 'call':
        return { ...each, args: mapped(each.args, here), body: labelled(each.body, 'body') }
      case 'loop':
        return {
          ...each,
          init: here(each.init),
          body: labelled(each.body, 'body'),
          condition: seen(each.condition, 'body'),
        }
      case 'race':
      case 'some':
        return { ...each, arms: mapped(each.arms, labelled) }
      case 'attempt':
        return {
          ...each,
          body: labelled(each.body, 'body'),
          handlers: each.handlers.map((handler, index) => ({
            ...handler,
            body: labelled(handler.body, handlerLabel(index)),
          })),
          ...(each.finalizer ? { finalizer: labelled(each.finalizer, 'finally') } : {}),
        }
      case 'wait':
        return { ...each, on: waitOn(each.on, here) }
      case 'scope': {
        const until = each.until === undefined ? {} : { until: renamed(path, each.until) }
        return { ...each, body: labelled(each.body, 'body'), ...until }
      }
      case 'cancel':
        return { ...each, target: { ...each.target, node: renamed(around.at(-1 - each.target.up), each.target.node) } }
      case 'net':
        return {
          ...each,
          ...(each.init ? { init: here(each.init) } : {}),
          transitions: each.transitions.map(transition => ({
            ...transition,
            body: labelled(transition.body, transition.id),
            ...(transition.guard ? { guard: seen(transition.guard, transition.id) } : {}),
          })),
        }
      default:
        return unreachable(each)
    }
  }

  return { region }
}

/** Names come from users. */
const idIn = (renames: Renames, around: string, id: string): string =>
  (Object.hasOwn(renames, around + id) ? renames[around + id] : undefined) ?? id

type WaitOn = Extract<Node, { kind: 'wait' }>['on']

function waitOn(on: WaitOn, here: (expr: Expr) => Expr): WaitOn {
  switch (on.kind) {
    case 'timer':
      return { ...on, duration: here(on.duration) }
    case 'instant':
      return { ...on, instant: here(on.instant) }
    case 'signal':
      return on
    default:
      return unreachable(on)
  }
}

function mapped<T, U>(
  record: { readonly [name: string]: T },
  map: (value: T, name: string) => U,
): { readonly [name: string]: U } {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value, name)]))
}
