/** What a graph asks to be opened by name: outputs and secrets, wherever they stand in it. */
import { ownExpressions } from './dependencies.ts'
import { type Expr, type Graph, type Node, type Region, regionsOf, type Resource } from './graph.ts'

/** Every resource with the node that names it, in the order of the graph. */
export function* resourcesOf(graph: Pick<Graph, 'root'>): Generator<readonly [resource: Resource, node: Node]> {
  const pending: Region[] = [graph.root]
  for (let region = pending.shift(); region; region = pending.shift()) {
    for (const node of region.nodes) {
      for (const expr of ownExpressions(node)) for (const resource of resourcesIn(expr)) yield [resource, node]
      pending.push(...regionsOf(node).map(([, nested]) => nested))
    }
  }
}

function resourcesIn(expr: Expr): readonly Resource[] {
  switch (expr.kind) {
    case 'resource':
      return [expr.resource]
    case 'record':
      return Object.values(expr.fields).flatMap(resourcesIn)
    case 'list':
      return expr.items.flatMap(resourcesIn)
    case 'apply':
      return expr.args.flatMap(resourcesIn)
    case 'literal':
    case 'node':
    case 'param':
      return []
  }
}
