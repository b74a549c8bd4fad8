/** The laws of the semirings that come with the tape (K1 to K4), on random elements. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Cost,
  cost,
  evaluatePolynomial,
  likeliest,
  maxPlus,
  minPlus,
  pathCount,
  type Polynomial,
  probability,
  provenancePolynomials,
  reachable,
  type SelectiveSemiring,
  type Semiring,
  showPolynomial,
  variable,
} from '../../src/analysis/index.ts'

const whole = fc.integer({ min: -50, max: 50 })
const count = fc.nat(20)
const share = fc.integer({ min: 0, max: 16 }).map(sixteenths => sixteenths / 16)
const costs: fc.Arbitrary<Cost> = fc.record({ weight: share, cost: whole })
const polynomials: fc.Arbitrary<Polynomial> = fc
  .array(fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 3 }), { maxLength: 3 })
  .map(terms => {
    const { zero, one, plus, times } = provenancePolynomials
    return terms.reduce((sum, names) => plus(sum, names.map(variable).reduce(times, one)), zero)
  })

describe.each<[Semiring<never>, fc.Arbitrary<unknown>]>([
  [maxPlus as never, fc.oneof(whole, fc.constant(Number.NEGATIVE_INFINITY))],
  [minPlus as never, fc.oneof(whole, fc.constant(Number.POSITIVE_INFINITY))],
  [pathCount as never, count],
  [probability as never, share],
  [likeliest as never, share],
  [reachable as never, fc.boolean()],
  [cost as never, costs],
  [provenancePolynomials as never, polynomials],
])('$name', (semiring, elements) => {
  const { zero, one, plus, times, equals } = semiring
  const three = fc.tuple(elements, elements, elements) as fc.Arbitrary<[never, never, never]>
  const holds = (law: (a: never, b: never, c: never) => readonly (readonly [unknown, unknown])[]) =>
    fc.assert(
      fc.property(three, ([a, b, c]) => {
        for (const [left, right] of law(a, b, c)) expect(equals(left as never, right as never)).toBe(true)
      }),
      { numRuns: 200 },
    )

  test('K1: sums and products', () =>
    holds((a, b, c) => [
      [plus(plus(a, b), c), plus(a, plus(b, c))],
      [plus(a, b), plus(b, a)],
      [plus(a, zero), a],
      [times(times(a, b), c), times(a, times(b, c))],
      [times(a, one), a],
      [times(one, a), a],
    ]))

  test('K2: distribution, and nothing comes of nothing', () =>
    holds((a, b, c) => [
      [times(a, plus(b, c)), plus(times(a, b), times(a, c))],
      [times(plus(a, b), c), plus(times(a, c), times(b, c))],
      [times(zero, a), zero],
      [times(a, zero), zero],
    ]))
})

test.each<[SelectiveSemiring<never>, fc.Arbitrary<unknown>]>([
  [maxPlus as never, whole],
  [minPlus as never, whole],
  [likeliest as never, share.filter(each => each > 0)],
  [reachable as never, fc.boolean()],
])('K3: $name selects, and its residual is what is missing', (semiring, elements) => {
  const { plus, times, equals, attains, residual } = semiring
  fc.assert(
    fc.property(elements as fc.Arbitrary<never>, elements as fc.Arbitrary<never>, (a, b) => {
      const sum = plus(a, b)
      expect([attains(a, sum), attains(b, sum)]).toContain(true)
      expect(attains(a, sum)).toBe(equals(a, sum))
      // Residual × term is not better than the sum.
      expect(equals(plus(times(residual(a, sum), a), sum), sum)).toBe(true)
    }),
  )
})

test.each([
  ['(a + b)²', '2·a·b + a^2 + b^2'],
  ['nothing', '0'],
  ['one', '1'],
])('K4: %s is written %s', (which, text) => {
  const { zero, one, plus, times } = provenancePolynomials
  const sum = plus(variable('a'), variable('b'))
  const shown = { '(a + b)²': times(sum, sum), nothing: zero, one }[which]
  expect(new Set(showPolynomial(shown ?? []).split(' + '))).toEqual(new Set(text.split(' + ')))
})

test('polynomials are the most general: what is computed with them, then evaluated, is what is computed directly', () => {
  const valuation = { a: 2, b: 3, c: 5 } as { readonly [name: string]: number }
  fc.assert(
    fc.property(polynomials, polynomials, (p, q) => {
      const valued = (polynomial: Polynomial) => evaluatePolynomial(polynomial, maxPlus, name => valuation[name] ?? 0)
      const { plus, times } = provenancePolynomials
      expect(valued(plus(p, q))).toBe(maxPlus.plus(valued(p), valued(q)))
      expect(valued(times(p, q))).toBe(maxPlus.times(valued(p), valued(q)))
    }),
  )
})
