/** Random graphs of all kinds through the real shell, on a virtual clock: nothing is stuck and nothing is a defect, whatever dies. */
import { expect, test } from 'vitest'
import type { Faults } from 'tutti/sim'
import type { Runnable } from '../../src/run/runnable.ts'
import { simulateRunnable } from '../../src/sim/simulate.ts'
import { Refusal } from '../../src/util/diagnostic.ts'
import { type Fields, runnableFrom } from './random-graphs.ts'

const SEEDS = 40
const FAULTS: readonly Faults[] = [{}, { crashes: 0.15, duplicates: 0.3, lateness: '10m' }]
const SIGNALS = ['s0', 's1', 's2', 's0', 's1'].map((name, index) => ({ name, value: index, at: index * 900_000 }))

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
