/**
 * Which siblings a node waits for: by data, by `after`, and by what its nested regions look up in the region around it.
 *
 * No dependencies are: the target of a `cancel` (it may be running), the sibling that ends a milestone (`until`), and the
 * step itself where its undo captures it (its value is there by then).
 */
import { unreachable } from '../../util/unreachable.ts'
import { regionsOf, type Expr, type Node, type Region } from './graph.ts'

/** Ids of the nodes of the same region that `node` depends on, in order of first mention. */
export function dependenciesOf(node: Node): readonly string[] {
  const found = new Set(node.after)
  eachReference(node, (reference, depth) => {
    if (reference.kind === 'node' && reference.up === depth) found.add(reference.node)
  })
  return [...found]
}

/** Ids of the nodes of `region` that its result depends on. */
export function resultDependencies(region: Region): readonly string[] {
  const found = new Set<string>()
  walkExpr(region.result, 0, reference => {
    if (reference.kind === 'node' && reference.up === 0) found.add(reference.node)
  })
  return [...found]
}

type Reference = Extract<Expr, { kind: 'node' | 'param' }>
type Visit = (reference: Reference, depth: number) => void

/** Visits every reference in a node; `depth` counts the regions between the reference and the node's own region. */
function eachReference(node: Node, visit: Visit, depth = 0): void {
  for (const expr of kindExpressions(node)) walkExpr(expr, depth, visit)
  for (const capture of captures(node)) {
    walkExpr(capture, depth, (reference, at) => {
      if (!isItself(node, reference)) visit(reference, at)
    })
  }
  for (const { expr } of insideExpressions(node)) walkExpr(expr, depth + 1, visit)
  for (const [, region] of regionsOf(node)) eachReferenceInRegion(region, visit, depth + 1)
}

const isItself = (node: Node, reference: Reference): boolean =>
  reference.kind === 'node' && reference.up === 0 && reference.node === node.id

function eachReferenceInRegion(region: Region, visit: Visit, depth: number): void {
  for (const node of region.nodes) eachReference(node, visit, depth)
  walkExpr(region.result, depth, visit)
}

/** The parameters of a region that anything in it uses. */
export function usedParams(region: Region): ReadonlySet<string> {
  const found = new Set<string>()
  eachReferenceInRegion(
    region,
    (reference, depth) => {
      if (reference.kind === 'param' && reference.up === depth) found.add(reference.param)
    },
    0,
  )
  return found
}

/** What a region uses from around it: the name of the first such step or parameter. */
export function escapeFrom(region: Region): string | undefined {
  let found: string | undefined
  eachReferenceInRegion(
    region,
    (reference, depth) => {
      if (reference.up > depth) found ??= reference.kind === 'node' ? reference.node : reference.param
    },
    0,
  )
  return found ?? cancelFrom(region, 0)
}

/** The same for what it cancels. */
function cancelFrom({ nodes }: Region, depth: number): string | undefined {
  for (const node of nodes) {
    if (node.kind === 'cancel' && node.target.up > depth) return node.target.node
    for (const [, region] of regionsOf(node)) {
      const found = cancelFrom(region, depth + 1)
      if (found !== undefined) return found
    }
  }
  return undefined
}

/** Visits every reference in an expression. */
export const eachReferenceIn = (expr: Expr, visit: (reference: Reference) => void): void => walkExpr(expr, 0, visit)

function walkExpr(expr: Expr, depth: number, visit: Visit): void {
  switch (expr.kind) {
    case 'node':
    case 'param':
      return visit(expr, depth)
    case 'record':
      for (const field of Object.values(expr.fields)) walkExpr(field, depth, visit)
      return
    case 'list':
      for (const item of expr.items) walkExpr(item, depth, visit)
      return
    case 'apply':
      for (const arg of expr.args) walkExpr(arg, depth, visit)
      return
    case 'literal':
    case 'resource':
      return
  }
}

/** The expressions that a node evaluates in its own region (not those inside its regions), captures of its undo included. */
export const ownExpressions = (node: Node): readonly Expr[] => [...kindExpressions(node), ...captures(node)]

const captures = (node: Node): readonly Expr[] => (node.undo ? Object.values(node.undo.captures) : [])

/** The expressions that a node evaluates in its own region to run, without those that its undo captures. */
export function kindExpressions(node: Node): readonly Expr[] {
  switch (node.kind) {
    case 'task':
    case 'effect':
    case 'flow':
    case 'service':
      return node.args
    case 'when':
      return [node.condition]
    case 'match':
      return [node.value]
    case 'any':
      return Object.values(node.arms).map(arm => arm.condition)
    case 'each':
      return node.limits ? [node.items, node.limits] : [node.items]
    case 'call':
      return Object.values(node.args)
    case 'loop':
      return [node.init]
    case 'wait':
      return waitExpressions(node.on)
    case 'source':
    case 'race':
    case 'some':
    case 'attempt':
    case 'scope':
    case 'cancel':
      return []
    case 'net':
      return node.init ? [node.init] : []
    default:
      return unreachable(node)
  }
}

function waitExpressions(on: Extract<Node, { kind: 'wait' }>['on']): readonly Expr[] {
  switch (on.kind) {
    case 'timer':
      return [on.duration]
    case 'instant':
      return [on.instant]
    case 'signal':
      return []
    default:
      return unreachable(on)
  }
}

/** An expression that is seen from inside a region of its node before that has steps: it may use the region's parameters. */
export interface InsideExpression {
  readonly expr: Expr
  readonly region: Region
}

/** The key of an each, the condition of a loop, the guards of a net. */
export function insideExpressions(node: Node): readonly InsideExpression[] {
  switch (node.kind) {
    case 'each':
      return node.key ? [{ expr: node.key, region: node.body }] : []
    case 'loop':
      return [{ expr: node.condition, region: node.body }]
    case 'net':
      return node.transitions.flatMap(({ guard, body }) => (guard ? [{ expr: guard, region: body }] : []))
    default:
      return []
  }
}
