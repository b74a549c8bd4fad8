/** Random graphs of all kinds through the real shell, on a virtual clock: nothing is stuck and nothing is a defect, whatever dies. */
import { expect, test } from 'vitest'
import { flow, task, workflow } from 'tutti'
import type { Faults } from 'tutti/sim'
import { type Graph, validateGraph } from '../../src/core/index.ts'
import { type Definition, definitionOf } from '../../src/dsl/definition.ts'
import type { Runnable } from '../../src/run/runnable.ts'
import { simulateRunnable } from '../../src/sim/simulate.ts'
import { Refusal } from '../../src/util/diagnostic.ts'
import { type Dice, diceOf } from '../core/dice.ts'
import { runnableOf } from '../run/graphs.ts'
import { generate } from '../sim/generate.ts'

const SEEDS = 40
const START_MS = Date.UTC(2030, 0, 1)
const HOUR_MS = 3_600_000
const FAULTS: readonly Faults[] = [{}, { crashes: 0.15, duplicates: 0.3, lateness: '10m' }]
const SIGNALS = ['s0', 's1', 's2', 's0', 's1'].map((name, index) => ({ name, value: index, at: index * 900_000 }))

const some = task((value: unknown) => value ?? 1, { name: 'some' })
const inner = workflow(() => some(some(1)))
const sub = flow(async (value: unknown) => [await some(value), await Promise.all([some(2), inner()])])

type Fields = Record<string, unknown>

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
function runnableFrom(seed: number): Runnable | undefined {
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

/** Some graphs have no wait for some signal. */
const IN_VAIN: ReadonlySet<string> = new Set(['SIGNAL_UNKNOWN'])

async function endOf(runnable: Runnable, seed: number, faults: Faults): Promise<string> {
  try {
    const options = {
      real: 'all',
      mocks: Object.fromEntries(servicesIn(runnable.graph).map(name => [name, ENDPOINT])),
      seed,
      faults,
      signals: SIGNALS,
      maxTime: '30d',
      maxEvents: 20_000,
      patience: '10s',
    } as const
    const simulation = await simulateRunnable(runnable, options)
    if (simulation.status === 'waiting' && simulation.waits.length === 0) return 'stuck'
    return simulation.status
  } catch (error) {
    if (error instanceof Refusal && IN_VAIN.has(error.diagnostics[0]?.code ?? '')) return 'in vain'
    return String(error)
  }
}

const ENDPOINT = { host: 'localhost', port: 1, url: 'http://localhost:1', ports: {} }

/** By the names of their steps. */
function servicesIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  const { kind, service, name } = value as Fields
  const own = kind === 'service' && service !== undefined ? [String(name)] : []
  return [...own, ...Object.values(value).flatMap(servicesIn)]
}

const KNOWN: ReadonlySet<string> = new Set(['succeeded', 'failed', 'timed-out', 'waiting', 'in vain'])

// 37 found that a run whose process died while it was undoing could not be resumed.
test('they all come to an end', async () => {
  const unknown: unknown[] = []
  let valid = 0
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const runnable = runnableFrom(seed)
    if (!runnable) continue
    valid += 1
    for (const faults of FAULTS) {
      const end = await endOf(runnable, seed, faults)
      if (!KNOWN.has(end)) unknown.push({ seed, faults, end })
    }
  }
  expect(unknown).toEqual([])
  expect(valid).toBeGreaterThan(SEEDS * 0.9)
}, 120_000)
