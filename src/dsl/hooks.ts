/**
 * What the loader tells the language about the file that it loads: names, sites, and what must not be done to a ref.
 * Without the loader nothing here is called and everything works, with names given or derived.
 */
import { refuse, type Position } from '../util/diagnostic.ts'
import { isRef, nameOf, type Named } from './handle.ts'

/** A syntax position. `id` is structural (enclosing functions, callee, ordinal): it outlives edits elsewhere in the file. */
export interface Site {
  readonly at: Position
  readonly id: string
}

type Locator = () => Site | undefined
let locator: Locator = () => undefined

/** The loader's way to find the user's call that is on the stack now. */
export function installLocator(next: Locator): void {
  locator = next
}

export const currentSite = (): Site | undefined => locator()

/** `const name = value`: names a definition or a ref that has no name yet; anything else passes through. */
export function nameValue<T>(value: T, name: string, at: Position): T {
  const named: Named | undefined = nameOf(value)
  named?.(name, at)
  return value
}

/** `value` where it is about to be tested or coerced: refuses with REF_TESTED when it is a ref. `form`: `if`, `&&`, `template string` … */
export function guardRef<T>(value: T, form: string, at: Position): T {
  if (isRef(value)) refuseRef(form, at)
  return value
}

export function refuseRef(form: string, at: Position | undefined): never {
  refuse('REF_TESTED', `A ref has no value while the workflow is traced, so it cannot be used in ${form}`, {
    ...(at ? { at } : {}),
    hint: 'Branch with when() or match(), map with .to(value => …), or write the body as a flow(async …).',
  })
}
