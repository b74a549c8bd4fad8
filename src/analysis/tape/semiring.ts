/**
 * Semirings: what is meant by "one after the other" (`times`) and "one or the other" (`plus`) when something is added up along the
 * ways of a graph. The same tape gives the time with one of them, the number of ways with another (M. Mohri, Semiring Frameworks
 * and Algorithms for Shortest-Distance Problems, 2002).
 *
 * Laws, for all a, b, c; test/analysis/semirings.test.ts holds them:
 *   K1. `plus` is associative and commutative, with `zero`; `times` is associative, with `one`.
 *   K2. `times` distributes over `plus` from both sides, and `zero` annihilates: zero × a = a × zero = zero.
 *   K3. Of a selective one, a + b is a or b, and `attains(a, a + b)` says whether it is a.
 */

export interface Semiring<T> {
  readonly name: string
  readonly zero: T
  readonly one: T
  plus(a: T, b: T): T
  times(a: T, b: T): T
  equals(a: T, b: T): boolean
}

/** One whose sum is the best of its terms: so there is a best way, and what is not on it has slack. */
export interface SelectiveSemiring<T> extends Semiring<T> {
  /** Whether a term of a sum is (one of those that are) the sum. */
  attains(term: T, sum: T): boolean
  /** How far a term is from the sum: the greatest x for which x × term is not better than the sum. */
  residual(term: T, sum: T): T
}

const SMALL = 1e-9
/** Equal but for what rounding leaves. */
const isClose = (a: number, b: number): boolean =>
  a === b || (Number.isFinite(a - b) && Math.abs(a - b) <= SMALL * Math.max(1, Math.abs(a), Math.abs(b)))

/** Of -Infinity and Infinity, the annihilating one wins. */
const sumOr = (zero: number, a: number, b: number): number => (a === zero || b === zero ? zero : a + b)

/** Time: what comes after another adds to it, what waits for several waits for the last. A path's weight is its length. */
export const maxPlus: SelectiveSemiring<number> = {
  name: 'max-plus',
  zero: Number.NEGATIVE_INFINITY,
  one: 0,
  plus: (a, b) => (a > b ? a : b),
  times: (a, b) => sumOr(Number.NEGATIVE_INFINITY, a, b),
  equals: isClose,
  attains: isClose,
  residual: (term, sum) => sum - term,
}

/** The cheapest, or the earliest: what several can bring is brought by the first. */
export const minPlus: SelectiveSemiring<number> = {
  name: 'min-plus',
  zero: Number.POSITIVE_INFINITY,
  one: 0,
  plus: (a, b) => (a < b ? a : b),
  times: (a, b) => sumOr(Number.POSITIVE_INFINITY, a, b),
  equals: isClose,
  attains: isClose,
  residual: (term, sum) => term - sum,
}

/** How many ways there are. Beyond 2^53 rounded. */
export const pathCount: Semiring<number> = {
  name: 'paths',
  zero: 0,
  one: 1,
  plus: (a, b) => a + b,
  times: (a, b) => a * b,
  equals: isClose,
}

/** Of alternatives that exclude one another. Numbers as in `pathCount`; the weights are what makes them probabilities. */
export const probability: Semiring<number> = { ...pathCount, name: 'probability' }

/** The likeliest way (A. J. Viterbi, Error Bounds for Convolutional Codes, 1967). */
export const likeliest: SelectiveSemiring<number> = {
  name: 'likeliest',
  zero: 0,
  one: 1,
  plus: (a, b) => (a > b ? a : b),
  times: (a, b) => a * b,
  equals: isClose,
  attains: isClose,
  residual: (term, sum) => sum / term,
}

/** Whether there is a way at all. */
export const reachable: SelectiveSemiring<boolean> = {
  name: 'reachable',
  zero: false,
  one: true,
  plus: (a, b) => a || b,
  times: (a, b) => a && b,
  equals: (a, b) => a === b,
  attains: (term, sum) => term === sum,
  residual: (term, sum) => !term || sum,
}

/** What ways cost, each weighed by how likely it is taken. */
export interface Cost {
  readonly weight: number
  readonly cost: number
}

/** What something costs that is done with this probability, for the weights of `cost`. */
export const costing = (cost: number, probable = 1): Cost => ({ weight: probable, cost: probable * cost })

/** The expected cost of all ways (the expectation semiring: J. Eisner, Parameter Estimation for Probabilistic Transducers, 2002). */
export const cost: Semiring<Cost> = {
  name: 'cost',
  zero: { weight: 0, cost: 0 },
  one: { weight: 1, cost: 0 },
  plus: (a, b) => ({ weight: a.weight + b.weight, cost: a.cost + b.cost }),
  times: (a, b) => ({ weight: a.weight * b.weight, cost: a.weight * b.cost + b.weight * a.cost }),
  equals: (a, b) => isClose(a.weight, b.weight) && isClose(a.cost, b.cost),
}
