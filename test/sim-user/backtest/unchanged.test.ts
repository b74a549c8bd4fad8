/** A graph that nobody has changed gives the run that there was: random graphs, in worlds that break. */
import { expect, test } from 'vitest'
import type { Faults } from 'tutti/sim'
import { definitionOf, type WorkflowDefinition } from '../../../src/dsl/definition.ts'
import type { Runnable } from '../../../src/run/runnable.ts'
import { simulateRunnable } from '../../../src/sim/simulate.ts'
import { Refusal } from '../../../src/util/diagnostic.ts'
import { type Fields, inner, runnableFrom } from '../random-graphs.ts'
import { type Recording, replayedBy, storeOf } from './recorded.ts'

const SEEDS = Number(process.env['BACKTEST_SEEDS'] ?? 25)
const FROM = Number(process.env['BACKTEST_FROM'] ?? 1)
const FAULTS: readonly Faults[] = [
  {},
  { duplicates: 0.3, lateness: '10m' },
  { crashes: 0.15, duplicates: 0.3, lateness: '10m' },
]
const SIGNALS = ['s0', 's1', 's2', 's0', 's1'].map((name, index) => ({ name, value: index, at: index * 900_000 }))
const ENDPOINT = { host: 'localhost', port: 1, url: 'http://localhost:1', ports: {} }

/** By the names of their steps. */
function servicesIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  const { kind, service, name } = value as Fields
  const own = kind === 'service' && service !== undefined ? [String(name)] : []
  return [...own, ...Object.values(value).flatMap(servicesIn)]
}

/** Undefined for one that did not end. */
async function recordingOf(runnable: Runnable, seed: number, faults: Faults): Promise<Recording | undefined> {
  try {
    const simulation = await simulateRunnable(runnable, {
      real: 'all',
      mocks: Object.fromEntries(servicesIn(runnable.graph).map(name => [name, ENDPOINT])),
      seed,
      faults,
      signals: SIGNALS,
      ...(seed % 4 === 0 ? { requests: [{ kind: 'cancel', at: '20m' } as const] } : {}),
      maxTime: '30d',
      maxEvents: 20_000,
      patience: '10s',
    })
    if (simulation.status === 'waiting') return undefined
    return { runnable, run: 'simulation', log: simulation.log, called: [definitionOf(inner) as WorkflowDefinition] }
  } catch (error) {
    if (error instanceof Refusal) return undefined
    throw error
  }
}

test('B1, B3. random runs come out the same, whatever their order and their clocks', async () => {
  const others: unknown[] = []
  let replayed = 0
  for (let seed = FROM; seed < FROM + SEEDS; seed += 1) {
    const runnable = runnableFrom(seed)
    if (!runnable) continue
    for (const faults of FAULTS) {
      const recording = await recordingOf(runnable, seed, faults)
      if (!recording) continue
      replayed += 1
      const [result] = await replayedBy(runnable, await storeOf([recording]))
      if (result?.verdict.kind !== 'same')
        others.push({ seed, faults: FAULTS.indexOf(faults), verdict: result?.verdict })
    }
  }
  expect(others).toEqual([])
  expect(replayed).toBeGreaterThan(SEEDS)
}, 600_000)
