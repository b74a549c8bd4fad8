/** `pool`: at most so many steps at a time, whatever workflow they are in. */
import { refuse } from '../util/diagnostic.ts'
import { NAME } from './handle.ts'
import { currentSite } from './hooks.ts'
import type { Pool } from './types.ts'

/** Without the loader, pools are told apart by their order. */
let count = 0

/** Steps whose option `pool` is this one share its slots. Default name: the variable that holds it. Refuses BAD_OPTION. */
export function pool(slots: number, options: { readonly name?: string } = {}): Pool {
  const site = currentSite()
  if (!Number.isInteger(slots) || slots < 1)
    refuse('BAD_OPTION', `pool() takes a whole number of slots from 1, not ${String(slots)}`, {
      at: site?.at,
      hint: 'For example pool(2).',
    })
  const made = { name: options.name ?? site?.id ?? `pool~${++count}`, slots }
  let isNamed = options.name !== undefined
  const takeName = (name: string): void => {
    // In `{ pool: pool(2) }` the name is that of the option: two such pools would be one.
    if (isNamed || name === 'pool') return
    made.name = name
    isNamed = true
  }
  return Object.defineProperty(made, NAME, { value: takeName })
}
