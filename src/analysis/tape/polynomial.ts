/**
 * Provenance polynomials N[X]: which inputs were used together, which stand for one another, and how often (T. J. Green,
 * G. Karvounarakis, V. Tannen, Provenance Semirings, 2007). They are the free commutative semiring: every other one is had from
 * them by putting its own values in (`evaluatePolynomial`).
 *
 *   K4. The form is canonical: equal polynomials have equal terms, sorted, each with a count above 0.
 */
import type { Semiring } from './semiring.ts'

/** 2·a·b² is `{ count: 2, factors: [['a', 1], ['b', 2]] }`. */
export interface Term {
  readonly count: number
  /** By name, each with how often it was used. */
  readonly factors: readonly (readonly [variable: string, times: number])[]
}

/** A sum of terms. */
export type Polynomial = readonly Term[]

/** The variable of an input. */
export const variable = (name: string): Polynomial => [{ count: 1, factors: [[name, 1]] }]

export const provenancePolynomials: Semiring<Polynomial> = {
  name: 'provenance',
  zero: [],
  one: [{ count: 1, factors: [] }],
  plus: (a, b) => canonical([...a, ...b]),
  times: (a, b) => canonical(a.flatMap(left => b.map(right => product(left, right)))),
  equals: (a, b) =>
    a.length === b.length && a.every((term, at) => term.count === b[at]?.count && keyOf(term) === keyOf(b[at])),
}

/** The polynomial with values in place of its variables: a homomorphism into any commutative semiring. */
export function evaluatePolynomial<T>(
  polynomial: Polynomial,
  semiring: Semiring<T>,
  valueOfVariable: (name: string) => T,
): T {
  return polynomial.reduce<T>((sum, { count, factors }) => {
    const term = factors.reduce<T>(
      (all, [name, times]) => semiring.times(all, power(semiring, valueOfVariable(name), times)),
      semiring.one,
    )
    return semiring.plus(sum, manyTimes(semiring, term, count))
  }, semiring.zero)
}

/** `2·a·b² + c`; `0` and `1` for what never, and what always comes about. */
export function showPolynomial(polynomial: Polynomial): string {
  if (polynomial.length === 0) return '0'
  return polynomial.map(showTerm).join(' + ')
}

function showTerm({ count, factors }: Term): string {
  const names = factors.map(([name, times]) => (times === 1 ? name : `${name}^${times}`))
  return count === 1 && names.length > 0 ? names.join('·') : [count, ...names].join('·')
}

function product(a: Term, b: Term): Term {
  const powers = new Map(a.factors)
  for (const [name, times] of b.factors) powers.set(name, (powers.get(name) ?? 0) + times)
  return { count: a.count * b.count, factors: [...powers].sort(([left], [right]) => compare(left, right)) }
}

function canonical(terms: Polynomial): Polynomial {
  const sums = new Map<string, Term>()
  for (const term of terms) {
    const key = keyOf(term)
    const known = sums.get(key)
    sums.set(key, known ? { ...known, count: known.count + term.count } : term)
  }
  return [...sums].sort(([left], [right]) => compare(left, right)).map(([, term]) => term)
}

const keyOf = (term: Term): string => JSON.stringify(term.factors)
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const power = <T>({ one, times }: Semiring<T>, base: T, exponent: number): T => repeated(base, exponent, one, times)
const manyTimes = <T>({ zero, plus }: Semiring<T>, term: T, count: number): T => repeated(term, count, zero, plus)

/** By doubling: counts may be large. */
function repeated<T>(value: T, count: number, neutral: T, join: (a: T, b: T) => T): T {
  let [result, square] = [neutral, value]
  for (let left = count; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = join(result, square)
    if (left > 1) square = join(square, square)
  }
  return result
}
