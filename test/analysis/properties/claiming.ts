/** Random graphs with random claims. */
import { type Graph, type Node, type Property, type StepRef, stepPaths } from '../../../src/core/index.ts'
import type { Dice } from '../../core/dice.ts'

const KINDS: readonly Property['kind'][] = [
  'never',
  'atMost',
  'precedes',
  'responds',
  'exclusive',
  'absent',
  'alternates',
  'eventually',
  'exactlyOnce',
  'reachable',
]

/** The graph with one claim of each kind, of steps of some kinds, outside of undos. */
export function claiming(graph: Graph, dice: Dice, of: (kind: Node['kind']) => boolean): Graph {
  const paths = [...stepPaths(graph.root)]
    .filter(({ node }) => of(node.kind))
    .map(({ around, node }) => around + node.id)
    .filter(path => !path.includes('.undo/'))
  if (paths.length === 0) return graph
  const steps = (): readonly StepRef[] =>
    Array.from({ length: dice.roll(4) === 0 ? 2 : 1 }, () => ({ kind: 'step', path: dice.pick(paths), up: 0 }))
  const property = (kind: Property['kind']): Property => {
    switch (kind) {
      case 'atMost':
        return { kind, count: dice.roll(3), a: [...steps(), ...steps()] }
      case 'eventually':
      case 'exactlyOnce':
      case 'reachable':
        return { kind, a: steps() }
      default:
        return { kind, a: steps(), b: steps() }
    }
  }
  return { ...graph, root: { ...graph.root, properties: KINDS.map(property) } }
}
