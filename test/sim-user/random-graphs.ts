/** Random graphs of all kinds that the real shell can run: the engine's fuzzer, with expressions that fit. */
import { flow, task, workflow } from 'tutti'
import { type Graph, validateGraph } from '../../src/core/index.ts'
import { type Definition, definitionOf } from '../../src/dsl/definition.ts'
import type { Runnable } from '../../src/run/runnable.ts'
import { type Dice, diceOf } from '../core/dice.ts'
import { runnableOf } from '../run/graphs.ts'
import { generate } from '../sim/generate.ts'

export const START_MS = Date.UTC(2030, 0, 1)
const HOUR_MS = 3_600_000

const some = task((value: unknown) => value ?? 1, { name: 'some' })
export const inner = workflow(() => some(some(1)))
const sub = flow(async (value: unknown) => [await some(value), await Promise.all([some(2), inner()])])

export type Fields = Record<string, unknown>

/** The engine's fuzzer decides by itself what an expression gives; here expressions are evaluated, so they must fit. */
function tamed(value: unknown, dice: Dice): unknown {
  if (Array.isArray(value)) return value.map(each => tamed(each, dice))
  if (typeof value !== 'object' || value === null) return value
  const fields: Fields = Object.fromEntries(Object.entries(value).map(([name, field]) => [name, tamed(field, dice)]))
  return { ...fields, ...fitting(fields, dice) }
}

const literal = (value: unknown) => ({ kind: 'literal', value })
const chance = (dice: Dice) => literal(dice.roll(2) === 0)

function fitting(fields: Fields, dice: Dice): Fields {
  switch (fields['kind']) {
    case 'each':
      return { items: literal(Array.from({ length: dice.roll(4) }, (_, index) => index)), key: undefined }
    case 'loop':
      return {
        condition: { kind: 'apply', fn: 'below3', args: [{ kind: 'param', param: 'turn', up: 0, path: [] }], path: [] },
      }
    case 'match':
      return { value: literal(dice.pick(Object.keys(fields['arms'] as object))), by: undefined }
    case 'when':
      return { condition: chance(dice) }
    case 'any': {
      const arms = Object.entries(fields['arms'] as Record<string, object>)
      return { arms: Object.fromEntries(arms.map(([label, arm]) => [label, { ...arm, condition: chance(dice) }])) }
    }
    case 'timer':
      return { duration: literal(dice.roll(HOUR_MS)) }
    case 'instant':
      return { instant: literal(START_MS + dice.roll(2 * HOUR_MS)) }
    case 'source':
      return 'source' in fields ? { source: { kind: 'env', name: 'X', default: 'x' } } : {}
    case 'flow':
      return { flow: 'sub' }
    // The run has no arguments.
    case 'param':
      return fields['param'] === 'p' ? literal(1) : {}
    default:
      return {}
  }
}

/** Undefined for a graph that needs the arguments which its run does not have. */
export function runnableFrom(seed: number): Runnable | undefined {
  const dice = diceOf(seed)
  const { graph } = generate(dice)
  const fit = tamed({ ...graph, params: [], deadlineMs: undefined }, dice) as Graph // only expressions were replaced
  const plain = JSON.parse(JSON.stringify({ ...fit, root: { ...fit.root, params: [] } })) as Graph
  if (validateGraph(plain).some(each => each.severity === 'error')) return undefined
  const runnable = runnableOf(plain, {}, () => undefined)
  const definitions = new Map<string, Definition>(runnable.bindings.definitions)
  definitions.set('sub', definitionOf(sub)!)
  const pure = new Map<string, (...args: unknown[]) => unknown>([
    ['below3', turn => Number(turn) < 3],
    ['f', (...args) => ({ of: args })],
  ])
  return { ...runnable, bindings: { ...runnable.bindings, definitions, pure } }
}
