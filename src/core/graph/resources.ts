/** What a graph asks to be opened by name: outputs and secrets, wherever they stand in it. */
import { insideExpressions, ownExpressions } from './dependencies.ts'
import { type Expr, type Graph, type Node, type Region, regionsOf, type Resource } from './graph.ts'

export interface Named {
  readonly resource: Resource
  /** The node that names it. */
  readonly node: Node
  /** The choices around it (when, match, an attempt's body or handlers), with the way that leads here. */
  readonly choices: ReadonlyMap<Node, string>
  /** Whether it is named in what is done, or in what undoes it later. */
  readonly phase: 'doing' | 'undoing'
}

interface Place extends Pick<Named, 'choices' | 'phase'> {
  readonly region: Region
}

/** Every resource, in the order of the graph's levels. */
export function* resourcesOf(graph: Pick<Graph, 'root'>): Generator<Named> {
  const pending: Place[] = [{ region: graph.root, choices: new Map(), phase: 'doing' }]
  for (let at = 0; at < pending.length; at++) {
    const place = pending[at]!
    const { choices, phase } = place
    for (const node of place.region.nodes) {
      for (const expr of [...ownExpressions(node), ...insideExpressions(node).map(inside => inside.expr)])
        for (const resource of resourcesIn(expr)) yield { resource, node, choices, phase }
      for (const [label, region] of regionsOf(node)) pending.push(inside(place, node, label, region))
    }
  }
}

const inside = ({ choices, phase }: Place, node: Node, label: string, region: Region): Place => ({
  region,
  choices: isChoice(node, label) ? new Map([...choices, [node, label]]) : choices,
  phase: region === node.undo?.body ? 'undoing' : phase,
})

/** Whether of the node's regions only one writes what counts: a handler begins when its body has failed. */
const isChoice = (node: Node, label: string): boolean =>
  node.kind === 'when' || node.kind === 'match' || (node.kind === 'attempt' && label !== 'finally')

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
