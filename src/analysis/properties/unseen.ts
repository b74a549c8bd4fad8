/** What the net does not show of the steps that a property is about. */
import { type Graph, pathMark, type PlacedProperty, type Region, regionsOf } from '../../core/index.ts'
import type { Composed } from '../workflow/composed.ts'
import { isInUndo, type Outline } from './outline.ts'

/** One sentence for each thing; none when all is seen. */
/** `composed`: the net that shall show them, where there is one. */
export function unseenOf(
  graph: Graph,
  { meant, flows }: PlacedProperty,
  outline: Outline,
  composed?: Composed,
): readonly string[] {
  const paths = new Set(meant.flat())
  const again = regionsEnteredAgain(graph)
  return [
    ...flows.map(flow => `What the flow ${flow} calls is known only when it runs`),
    ...[...paths].flatMap(path => {
      const spot = outline.spot(path)
      if (spot && isInUndo(spot)) return [`${path} undoes something, and what is undone when is not looked into`]
      return composed && !composed.steps.has(path) ? [`${path} is not looked into`] : []
    }),
    ...again
      .filter(({ region }) => [...paths].some(path => path.startsWith(region)))
      .map(({ call }) => `${call} enters again what it stands in, which is looked into once`),
  ]
}

interface Again {
  readonly call: string
  readonly region: string
}

function regionsEnteredAgain({ root }: Graph): readonly Again[] {
  const found: Again[] = []
  const visit = (region: Region, around: readonly string[]): void => {
    for (const node of region.nodes) {
      const path = around[0]! + node.id
      const target = node.kind === 'call' && node.recurs !== undefined ? around[node.recurs] : undefined
      if (target !== undefined) found.push({ call: path, region: target })
      for (const [label, inner] of regionsOf(node)) visit(inner, [path + pathMark(node, label), ...around])
    }
  }
  visit(root, [''])
  return found
}
