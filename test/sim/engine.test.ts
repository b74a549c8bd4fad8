/**
 * The engine on random graphs in a world that breaks, beside the reference interpreter: what `npm run fuzz` does, for a
 * few seeds, and for crashes at every boundary of the log. A failure here is best looked at with `npm run fuzz`.
 */
import { describe, expect, test } from 'vitest'
import { validateGraph } from '../../src/core/graph/validate.ts'
import { diceOf } from '../core/dice.ts'
import { quantile, sizeOf } from './census.ts'
import { type Case, caseOf, check, failureOf } from './check.ts'
import { KINDS } from './generate.ts'
import { World } from './world.ts'

const seeds = (count: number, from = 0): readonly number[] => Array.from({ length: count }, (_, index) => from + index)
const quiet = (of: Case): Case => ({ ...of, faults: [], knobs: { ...of.knobs, slow: 0 } })

test('random graphs are valid, large, deep and mixed, and each has a fault before it', () => {
  const cases = seeds(200).map(seed => caseOf(seed))
  for (const { graph, faults } of cases) {
    expect(validateGraph(graph)).toEqual([])
    expect(faults.length).toBeGreaterThan(0)
  }
  const sizes = cases.map(({ graph }) => sizeOf(graph))
  expect(
    quantile(
      sizes.map(({ nodes }) => nodes),
      0.5,
    ),
  ).toBeGreaterThanOrEqual(40)
  expect(
    quantile(
      sizes.map(({ depth }) => depth),
      0.1,
    ),
  ).toBeGreaterThanOrEqual(3)
  for (const kind of KINDS)
    expect(sizes.filter(({ kinds }) => kinds.has(kind)).length / sizes.length, kind).toBeGreaterThanOrEqual(0.05)
})

test('every input brings what the reference says, and leaves the state, the net and the notes that it says (N2, N3, E1, E3, E4, E5, E6)', () => {
  for (const seed of seeds(60))
    expect(failureOf(caseOf(seed)), `npm run fuzz -- --from ${seed} --seeds 1`).toBeUndefined()
})

test('equal inputs give equal bytes', () => {
  for (const seed of seeds(15)) {
    const of = caseOf(seed)
    const [first, second] = [0, 1].map(() => new World({ ...of, dice: diceOf(seed) }))
    first!.run()
    second!.run()
    expect(first!.log).toEqual(second!.log)
  }
})

describe('a crash at every boundary', () => {
  test.each(seeds(3, 1_000))('seed %i', seed => {
    const of = caseOf(seed)
    const last = check(quiet(of)).entries.length
    for (let before = 1; before <= last; before++)
      for (const kind of ['crash', 'torn write'] as const)
        expect(
          failureOf({ ...quiet(of), faults: [{ kind, before }], knobs: { ...of.knobs, slow: 2 } }),
          `${kind} before ${before}`,
        ).toBeUndefined()
  })

  test('a run that crashes again and again still ends', () => {
    for (const seed of seeds(8, 2_000)) {
      const faults = seeds(100).map(index => ({ kind: 'crash', before: 5 * (index + 1) }) as const)
      expect(failureOf({ ...caseOf(seed), faults }), `seed ${seed}`).toBeUndefined()
    }
  })
})

test('a cancel at any moment ends the run, with what runs awaited', () => {
  for (const seed of seeds(2, 3_000)) {
    const of = caseOf(seed)
    for (let before = 1; before < 60; before += 3)
      expect(
        failureOf({ ...quiet(of), faults: [{ kind: 'cancel run', before }] }),
        `seed ${seed} before ${before}`,
      ).toBeUndefined()
  }
})
