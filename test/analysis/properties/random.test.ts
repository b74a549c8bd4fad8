/** Random properties of random graphs: the check says what is found by looking at everything, and what it shows is so. */
import { expect, test } from 'vitest'
import { checkProperties, composeGraph, finish, newBudget } from '../../../src/analysis/index.ts'
import { type Node, placedProperties, type Property } from '../../../src/core/index.ts'
import { diceOf } from '../../core/dice.ts'
import { graphOfSeed } from '../engine-graphs.ts'
import { LATE } from '../engine-world.ts'
import { claiming } from './claiming.ts'
import { doingsOf, engineSays } from './engine.ts'
import { naively, shows } from './naive.ts'

const seeds = Array.from(
  { length: Number(process.env.PROPERTY_SEEDS ?? 20) },
  (_, index) => index + Number(process.env.PROPERTY_FROM ?? 0),
)

test.each(seeds)('seed %i: as the net has it (P1)', seed => {
  const graph = claiming(graphOfSeed(seed), diceOf(seed), () => true)
  const results = finish(checkProperties(graph, newBudget({ ms: 5_000 })))
  for (const [index, placed] of placedProperties(graph).entries()) {
    const result = results[index]!
    const composed = composeGraph(graph, {
      items: itemsFor(placed.property, placed.meant.flat()),
      failures: 'shown',
      interrupts: 'at once',
    })
    const naive = naively(composed, placed, 400)
    const what = `${result.text} ${JSON.stringify(result)}`
    if (result.kind !== 'unknown' && result.shown) expect(shows(composed, placed, result.shown.run), what).toBe(true)
    if (naive && result.kind !== 'unknown') expect(result.kind, what).toBe(naive.verdict)
  }
})

/** The engine leaves it open when they begin; what holds others begins at once there, where the check has every order. */
const isWork = (kind: Node['kind']): boolean => kind === 'task' || kind === 'effect'

test.each(seeds)('seed %i: as the engine does it (P4, P5, P6)', seed => {
  const graph = claiming(graphOfSeed(seed), diceOf(seed), isWork)
  const doings = doingsOf(graph, 400)
  if (!doings) return
  const results = finish(checkProperties(graph, newBudget({ ms: 5_000 })))
  for (const [index, placed] of placedProperties(graph).entries()) {
    const result = results[index]!
    if (result.kind !== 'unknown' && itemsFor(placed.property, placed.meant.flat()) <= LATE.itemsMax)
      expect(result.kind, `${result.text} ${JSON.stringify(result)}`).toBe(engineSays(doings, placed))
  }
})

function itemsFor(property: Property, paths: readonly string[]): number {
  if (!paths.some(path => path.includes('[*]/'))) return 1
  return property.kind === 'atMost' ? Math.max(2, property.count + 1) : 2
}
