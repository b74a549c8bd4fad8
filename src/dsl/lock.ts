/** `lock`: what one step, or one critical section, of a run holds at a time. */
import { NAME } from './handle.ts'
import { currentSite } from './hooks.ts'
import { checkOptions, text } from './options.ts'
import type { Lock } from './types.ts'

/** Without the loader, locks are told apart by their order. */
let count = 0

/** Locks of one name are one lock. Default name: the variable that holds it. Refuses BAD_OPTION. */
export function lock(options: { readonly name?: string } = {}): Lock {
  checkOptions(options, { name: text("'ledger'") })
  const made = { name: options.name ?? currentSite()?.id ?? `lock~${++count}` }
  let isNamed = options.name !== undefined
  const takeName = (name: string): void => {
    // In `{ lock: lock() }` the name is that of the option: two such locks would be one.
    if (isNamed || name === 'lock') return
    made.name = name
    isNamed = true
  }
  return Object.defineProperty(made, NAME, { value: takeName })
}
