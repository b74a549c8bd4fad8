/** Random graphs of every live kind, nested. Nodes refer backwards and outwards only, so they are valid by construction. */
import type { Expr, Graph, Node, Policy, Region } from '../../src/core/graph/graph.ts'
import type { Library } from '../../src/core/engine/protocol.ts'
import { regionHash } from '../../src/core/graph/identity.ts'
import type { Dice } from './dice.ts'
import * as $ from './graphs.ts'

/** What can be seen from a place, innermost region first. */
interface Level {
  readonly nodes: readonly string[]
  readonly params: readonly string[]
}

const DEPTH_MAX = 3

export function randomGraph(dice: Dice): Graph {
  return $.graph(randomRegion(dice, ['p'], []))
}

/** Workflows that flows call: they see nothing around them. */
export function randomLibrary(dice: Dice): Library {
  const regions = Array.from({ length: 2 }, () => randomRegion(dice, ['a', 'b'], [EDGE, EDGE]))
  return new Map(regions.map(region => [regionHash(region), region]))
}

/** Nothing to be seen here: counts as a depth only. */
const EDGE: Level = { nodes: [], params: [] }

function randomRegion(dice: Dice, params: readonly string[], outer: readonly Level[]): Region {
  const nodes: Node[] = []
  const count = dice.roll(4) + (outer.length === 0 ? 1 : 0)
  for (let index = 0; index < count; index++) {
    const before = nodes.map(node => node.id)
    nodes.push(randomNode(dice, `n${index}`, [{ nodes: before, params }, ...outer]))
  }
  return $.region(nodes, { params })
}

function randomNode(dice: Dice, id: string, levels: readonly Level[]): Node {
  const nested = (...params: readonly string[]): Region => randomRegion(dice, params, levels)
  const expr = (): Expr => randomExpr(dice, levels)
  const before = levels[0]?.nodes ?? []
  const rest: $.Rest = {
    args: Array.from({ length: dice.roll(3) }, expr),
    after: before.length > 0 && dice.roll(3) === 0 ? [dice.pick(before)] : [],
    policy: randomPolicy(dice),
  }
  switch (levels.length > DEPTH_MAX ? dice.roll(4) : dice.roll(9)) {
    case 0:
      return $.source(id, rest)
    case 1:
      return $.effect(id, rest)
    case 2:
      return $.flow(id, rest)
    case 3:
    case 4:
      return $.task(id, rest)
    case 5:
      return $.when(id, expr(), nested(), nested())
    case 6:
      return $.match(id, expr(), { a: nested('value'), b: nested('value') }, rest)
    case 7:
      return $.each(id, expr(), nested('item', 'index'), dice.roll(2) ? dice.roll(3) + 1 : undefined)
    default:
      return $.call(id, nested('x', 'y'), { x: expr() }, rest)
  }
}

function randomPolicy(dice: Dice): Policy {
  if (dice.roll(3) > 0) return {}
  const backoff = dice.pick(['fixed', 'exponential'] as const)
  const jitter = dice.pick(['none', 'full', 'equal'] as const)
  return { retry: [{ times: dice.roll(3), backoff, delayMs: 10, delayMsMax: 100, jitter }] }
}

function randomExpr(dice: Dice, levels: readonly Level[], depth = 0): Expr {
  const up = dice.roll(levels.length)
  const { nodes, params } = levels[up]!
  switch (dice.roll(depth > 1 ? 3 : 6)) {
    case 0:
      return $.lit(dice.roll(10))
    case 1:
      return params.length > 0 ? $.param(dice.pick(params), [], up) : $.lit('none')
    case 3:
      return $.record({ k: randomExpr(dice, levels, depth + 1), constructor: randomExpr(dice, levels, depth + 1) })
    case 4:
      return $.list(randomExpr(dice, levels, depth + 1), $.lit({ deep: [1, { x: true }] }))
    case 5:
      return {
        kind: 'apply',
        fn: 'f',
        args: [randomExpr(dice, levels, depth + 1)],
        path: dice.roll(2) ? ['of', 0] : [],
      }
    default:
      return nodes.length > 0 ? $.ref(dice.pick(nodes), dice.roll(2) ? ['h'] : [], up) : $.lit('nobody')
  }
}
