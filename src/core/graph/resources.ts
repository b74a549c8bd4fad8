/** What a graph asks to be opened by name: outputs and secrets, wherever they stand in it. */
import { ownExpressions } from './dependencies.ts'
import { type Expr, type Graph, type Node, type Region, regionsOf, type Resource } from './graph.ts'

export interface Named {
  readonly resource: Resource
  /** The node that names it. */
  readonly node: Node
  /** The whens and matches around it, with the way that leads here. */
  readonly choices: ReadonlyMap<Node, string>
}

/** Every resource, in the order of the graph's levels. */
export function* resourcesOf(graph: Pick<Graph, 'root'>): Generator<Named> {
  const pending: { readonly region: Region; readonly choices: ReadonlyMap<Node, string> }[] = [
    { region: graph.root, choices: new Map() },
  ]
  for (let at = 0; at < pending.length; at++) {
    const { region, choices } = pending[at]!
    for (const node of region.nodes) {
      for (const expr of ownExpressions(node))
        for (const resource of resourcesIn(expr)) yield { resource, node, choices }
      for (const [label, nested] of regionsOf(node))
        pending.push({ region: nested, choices: isChoice(node) ? new Map([...choices, [node, label]]) : choices })
    }
  }
}

const isChoice = (node: Node): boolean => node.kind === 'when' || node.kind === 'match'

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
