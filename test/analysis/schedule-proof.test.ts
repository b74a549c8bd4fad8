/** The proof that no schedule is shorter, which the benchmark goes by where its bound is not enough, beside all that there are. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { shorterThan } from '../../bench/schedule/proof.ts'
import { buildJobs } from '../../src/analysis/index.ts'
import { optimum } from './schedule-optimum.ts'

const few = fc.array(fc.record({ durationMs: fc.nat(6), arcs: fc.array(fc.nat(30), { maxLength: 3 }) }), {
  minLength: 1,
  maxLength: 6,
})

test('nothing is proved that is not so, and nearly all that is so', () => {
  let [proved, cases] = [0, 0]
  fc.assert(
    fc.property(few, fc.constantFrom(1, 2, 3), (given, slots) => {
      const jobs = buildJobs(
        given.map(({ durationMs, arcs }, at) => ({ durationMs, after: arcs.filter(arc => arc < at) })),
      )
      const best = optimum(jobs, { slots, pools: [] })
      fc.pre(best > 0)
      expect(shorterThan(jobs, slots, best * 1.001)).toBe('unknown')
      cases += 1
      if (shorterThan(jobs, slots, best * 0.98) === 'none') proved += 1
    }),
    { numRuns: 200 },
  )
  expect(proved / cases).toBeGreaterThan(0.95)
})
