/**
 * Every fault, for a few rounds from a fixed seed; `npm run faults -- --rounds 200` does many (docs/faults.md).
 *
 * Cited from the harness: Q1, Q2 (fault.ts), Q3-Q6 (account.ts).
 */
import { describe, expect, test } from 'vitest'
import { FAULTS } from './faults.ts'
import { runRounds } from './fault.ts'

/** `of`: the rounds share what they go through as if they were so many. */
const SHORT: Readonly<Record<string, { readonly count: number; readonly of?: number; readonly seed: number }>> = {
  kill: { count: 2, seed: 3 },
  owners: { count: 1, seed: 4 },
  workers: { count: 2, seed: 5 },
  full: { count: 1, seed: 1 },
  flips: { count: 2, of: 1_500, seed: 1 },
  shown: { count: 4, seed: 1 },
  power: { count: 4, seed: 2 },
}

describe.each(FAULTS.map(fault => [fault.name, fault] as const))('%s', (name, fault) => {
  const reason = fault.unavailable?.()
  test.skipIf(reason !== undefined)(
    `${fault.claim}${reason === undefined ? '' : ` (not tried: ${reason})`}`,
    { timeout: 120_000 },
    async () => {
      const { failures, tally } = await runRounds(fault, SHORT[name] ?? { count: 1, seed: 1 })
      expect(
        failures.map(({ seed, error }) => `seed ${seed}: ${error instanceof Error ? error.message : error}`),
      ).toEqual([])
      expect(Object.values(tally).some(count => count > 0)).toBe(true)
    },
  )
})
