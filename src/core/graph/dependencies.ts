/** Which siblings a node waits for: by data, by `after`, and by what its nested regions look up in the region around it. */
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
  for (const expr of ownExpressions(node)) walkExpr(expr, depth, visit)
  // An each's key is seen from inside its body: it may use `item`.
  if (node.kind === 'each' && node.key) walkExpr(node.key, depth + 1, visit)
  for (const [, region] of regionsOf(node)) eachReferenceInRegion(region, visit, depth + 1)
}

function eachReferenceInRegion(region: Region, visit: Visit, depth: number): void {
  for (const node of region.nodes) eachReference(node, visit, depth)
  walkExpr(region.result, depth, visit)
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

/** The expressions that a node evaluates in its own region (not those inside its regions). */
export function ownExpressions(node: Node): readonly Expr[] {
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
    case 'each':
      return [node.items]
    case 'call':
      return Object.values(node.args)
    case 'any':
      return node.arms.map(arm => arm.condition)
    case 'loop':
      return [node.init]
    case 'wait':
      return node.on.kind === 'timer' ? [node.on.duration] : []
    case 'source':
    case 'race':
    case 'some':
    case 'attempt':
    case 'scope':
    case 'net':
      return []
  }
}
