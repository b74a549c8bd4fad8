/** `pool`: at most so many steps at a time, whatever workflow they are in. */
import { refuse } from '../util/diagnostic.ts'
import { NAME } from './handle.ts'
import { currentSite } from './hooks.ts'
import type { Pool } from './types.ts'

let count = 0

/** Steps whose option `pool` is this one share its slots. Default name: the variable that holds it. */
export function pool(slots: number, options: { readonly name?: string } = {}): Pool {
  if (!Number.isInteger(slots) || slots < 1) refuse('BAD_OPTION', `pool() takes a whole number of slots from 1, not ${String(slots)}`, { at: currentSite()?.at, hint: 'For example pool(2).' })
  const made = { name: options.name ?? `pool~${++count}`, slots }
  const takeName = (name: string): void => {
    if (options.name === undefined) made.name = name
  }
  return Object.defineProperty(made, NAME, { value: takeName })
}
