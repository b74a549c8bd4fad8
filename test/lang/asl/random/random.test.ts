/** Random machines: what the engine makes of them, in whatever weather, is what walking them makes of them. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkGraph, finish, newBudget } from '../../../../src/analysis/index.ts'
import type { Machine } from '../../../../src/lang/asl/machine.ts'
import type { Faults } from '../../../../src/sim/faults.ts'
import { machineOf, wrongOf } from './check.ts'
import { wholes } from './plan.ts'
import { boundOf } from './run.ts'

/** Many by hand: RUNS=5000 SEED=7 npx vitest run test/lang/asl/random. */
const RUNS = Number(process.env['RUNS'] ?? 25)
const SEED = Number(process.env['SEED'] ?? 1)

const WEATHER: { readonly [name: string]: Faults } = {
  'in calm': {},
  'in processes that die, and hear of some ends twice': { crashes: 0.2, duplicates: 0.2 },
  'where what ends may come late': { crashes: 0.1, duplicates: 0.1, lateness: '1s' },
}

describe('random machines go where a walk through them goes', () => {
  test.each(Object.entries(WEATHER))('%s', async (_, faults) => {
    const goesRight = fc.asyncProperty(wholes, fc.nat(), async (whole, seed) => {
      expect(await wrongOf(whole, { seed, faults })).toEqual([])
    })
    await fc.assert(goesRight, { numRuns: RUNS, seed: SEED })
  })
})

const soundnessOf = (machine: Machine) => finish(checkGraph(boundOf(machine).graph, newBudget({ ms: 300 }))).soundness

describe('soundness', () => {
  test('every random machine can come to its end from wherever it is', () => {
    const isSound = fc.property(wholes, whole => {
      // A large one may take longer than a check may.
      expect(['sound', 'unknown']).toContain(soundnessOf(machineOf(whole)).kind)
    })
    fc.assert(isSound, { numRuns: RUNS, seed: SEED })
  })

  test.each(['one', 'two', 'of some'])('a machine that goes round for ever has no completion: %s', which => {
    const pass = (Next: string) => ({ Type: 'Pass', Next }) as const
    const ways: { readonly [which: string]: Machine['States'] } = {
      one: { A: pass('A') },
      two: { A: pass('B'), B: pass('A') },
      'of some': {
        A: { Type: 'Choice', Choices: [{ Variable: '$.n', IsPresent: true, Next: 'B' }], Default: 'End' },
        B: pass('C'),
        C: pass('B'),
        End: { Type: 'Succeed' },
      },
    }
    const soundness = soundnessOf({ StartAt: 'A', States: ways[which] as Machine['States'] })
    const kinds = soundness.kind === 'unsound' ? soundness.violations.map(({ kind }) => kind) : []
    expect(kinds).toContain('no-completion')
  })
})
