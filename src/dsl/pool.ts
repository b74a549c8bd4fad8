/** `pool`: at most so many steps at a time, whatever workflow they are in. */
import { refuse } from '../util/diagnostic.ts'
import { NAME } from './handle.ts'
import { currentSite } from './hooks.ts'
import { checkOptions, oneOf, text } from './options.ts'
import type { Pool, PoolOptions, PoolShare } from './types.ts'

/** Without the loader, pools are told apart by their order. */
let count = 0

/**
 * Steps whose option `pool` is this one share its slots; `pool.take(2)` takes two of them. Default name: the variable that
 * holds it. `across`: of this process, or of all processes of one store. Refuses BAD_OPTION.
 */
export function pool(slots: number, options: PoolOptions = {}): Pool {
  const site = currentSite()
  checkOptions(options, { name: text("'db'"), across: oneOf('process', 'store') })
  if (!Number.isSafeInteger(slots) || slots < 1)
    refuse('BAD_OPTION', `pool() takes a whole number of slots from 1, not ${String(slots)}`, {
      at: site?.at,
      hint: 'For example pool(2).',
    })
  const across = options.across ?? 'process'
  const made = { name: options.name ?? site?.id ?? `pool~${++count}`, slots, across, take }
  let isNamed = options.name !== undefined
  const takeName = (name: string): void => {
    // In `{ pool: pool(2) }` the name is that of the option: two such pools would be one.
    if (isNamed || name === 'pool') return
    made.name = name
    isNamed = true
  }
  return Object.defineProperty(made, NAME, { value: takeName })

  function take(weight: number): PoolShare {
    if (!Number.isSafeInteger(weight) || weight < 1 || weight > slots)
      refuse('BAD_OPTION', `${made.name} has ${slots} slots, so a step cannot take ${String(weight)} of them`, {
        at: currentSite()?.at,
        hint: `Take a whole number from 1 to ${slots}.`,
      })
    return { name: made.name, slots, across, weight }
  }
}
