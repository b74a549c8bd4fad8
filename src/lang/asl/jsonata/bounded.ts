/**
 * The functions of texts within limits: each asks the budget first, since one of them may call another a million times without any node
 * of the text in between. Some do less than they are asked for, or are watched, where one call alone could run for long.
 */
import type { World } from '../scope.ts'
import type { Call, Environment, Implementation } from './builtin.ts'
import { type Budget, built, LIMITS, pause, step, WORDS } from './limits.ts'
import { inTime } from './watch.ts'

/** Where an evaluation has what is its own. */
export interface Owner {
  readonly worldOf: (environment: Environment) => World
  readonly budgetOf: (environment: Environment) => Budget
}

/** `run`, which is what `name` is bound to, under the budget of whoever calls it. */
export function bounded(name: string, run: Implementation, { worldOf, budgetOf }: Owner): Implementation {
  const change = CHANGES.get(name)
  function implementation(this: Call, ...given: unknown[]): unknown {
    const budget = budgetOf(this.environment)
    const othersWait = step(budget, weightOf(given)) > LIMITS.sliceMilliseconds
    const asItIs = (): unknown => run.apply(this, given)
    const value = change ? change(given, asItIs, { budget, world: worldOf(this.environment) }) : asItIs()
    built(budget, value)
    return othersWait ? pause(budget).then(() => value) : value
  }
  // jsonata reads both of these to know what may be left open, and how much a callback wants.
  Object.defineProperty(implementation, 'length', { value: run.length })
  Object.defineProperty(implementation, 'toString', { value: () => String(run) })
  return implementation
}

/** In steps: those that go through what they are given once pay for its length. */
function weightOf(given: readonly unknown[]): number {
  let weight = 1
  for (const each of given) if (Array.isArray(each) || typeof each === 'string') weight += Math.floor(each.length / 64)
  return weight
}

type Change = (given: readonly unknown[], asItIs: () => unknown, own: { budget: Budget; world: World }) => unknown

/** Only what goes through lists or objects, which may hold the same one over and over. */
const watchedObjects: Change = (given, asItIs) =>
  typeof given[0] === 'object' && given[0] !== null ? inTime(asItIs) : asItIs()

const CHANGES = new Map<string, Change>(
  Object.entries({
    // jsonata refuses to write what is no number; AWS writes its name.
    string: (given, asItIs, own) =>
      typeof given[0] === 'number' && !Number.isFinite(given[0])
        ? String(given[0])
        : watchedObjects(given, asItIs, own),
    clone: watchedObjects,
    distinct: watchedObjects,
    toMillis: (given, asItIs) => (given[1] === undefined ? asItIs() : inTime(asItIs)),
    parseInteger: (_given, asItIs) => inTime(asItIs),
    pad: (given, asItIs, { budget }) => {
      const width = Math.abs(Number(given[1]))
      if (width > LIMITS.textLength) throw new Error(WORDS.large)
      step(budget, 1 + Math.floor((width || 0) / 64))
      return asItIs()
    },
    join: (given, asItIs) => {
      const [texts, between] = given as [readonly unknown[] | undefined, string | undefined]
      let length = 0
      for (const text of texts ?? []) length += String(text).length + (between?.length ?? 0)
      if (length > LIMITS.textLength) throw new Error(WORDS.large)
      return asItIs()
    },
    // Its own comparison waits for each pair, a million times for a long list, and asks nobody for leave.
    sort: (given, asItIs) => {
      const [items, compare] = given as [readonly unknown[] | undefined, unknown]
      if (compare !== undefined || !Array.isArray(items)) return asItIs()
      const kind = typeof items[0]
      if ((kind !== 'number' && kind !== 'string') || !items.every(item => typeof item === kind)) return asItIs()
      return [...(items as (string | number)[])].sort((one, other) => (one > other ? 1 : one < other ? -1 : 0))
    },
    shuffle: (given, _asItIs, { world }) => {
      const items = given[0]
      if (!Array.isArray(items)) return items
      const shuffled: unknown[] = [...(items as unknown[])]
      for (let at = shuffled.length - 1; at > 0; at -= 1) {
        const other = Math.floor(world.random() * (at + 1))
        ;[shuffled[at], shuffled[other]] = [shuffled[other], shuffled[at]]
      }
      return shuffled
    },
  } satisfies Record<string, Change>),
)
