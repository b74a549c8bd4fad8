/** What a function does, as the loader finds it in the syntax: results of equal code may be taken from another run. */
import type { Position } from '../util/diagnostic.ts'
import type { Hash } from '../util/hash.ts'

/**
 * What the outcome of a function hangs on beside its arguments: its own text and all that it reaches (top-level bindings,
 * local modules, packages by version).
 */
export type Code =
  /**
   * `parts`: hashes by `module:binding`, `package:name`, …; the function itself under `own`. `hash`: of all of them.
   * Modules are named as seen from the folder of `module`, in which the function stands; that from the run's file.
   */
  | {
      readonly kind: 'closed'
      readonly hash: Hash
      readonly parts: { readonly [name: string]: Hash }
      readonly module: string
    }
  /** It closes over a variable of a function around it, whose value no syntax tells: never used again in another run. */
  | { readonly kind: 'open'; readonly variable: string; readonly at: Position }

type Lookup = (fn: (...args: never[]) => unknown) => (() => Code) | undefined

let lookup: Lookup = () => undefined

/** The loader knows the functions of the modules that it has loaded. */
export function installCodes(next: Lookup): void {
  lookup = next
}

/**
 * The code of a function that the user gave to the language; absent without a loader. To be asked when the function is
 * given, since what is not known is blamed on the call that is on the stack; what it costs is paid by the call of the result.
 */
export const codeOf: Lookup = fn => lookup(fn)
