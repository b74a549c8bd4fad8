/**
 * Which cell a function of a user's module belongs to. The generated code tells it when it makes the function, before the
 * language gets it; nothing else could, since a function does not know its place in a text.
 */
import { type Code, installCodes } from '../../dsl/code.ts'
import { currentSite } from '../../dsl/hooks.ts'
import type { Codes } from './code.ts'

type AnyFunction = (...args: never[]) => unknown

/** What the generated code calls: see instrument.ts. */
export interface CodeHooks {
  /** `value` is what the cell gives. */
  readonly code: <T>(cell: number, value: T) => T
  /** The same for the properties of an object, each found by its path. */
  readonly codes: <T>(cells: readonly (readonly [path: readonly string[], cell: number])[], object: T) => T
}

/** Where a function stands: a cell of a module. */
interface Home {
  readonly codes: Codes
  readonly path: string
  readonly cell: number
}

const homes = new WeakMap<AnyFunction, Home>()

/** Of a function that was given to the language; undefined: it was made where no syntax is known. */
export const homeOf = (fn: AnyFunction): Pick<Home, 'path' | 'cell'> | undefined => homes.get(fn)

export function hooksFor(codes: Codes, path: string): CodeHooks {
  installCodes(lookUp)
  const code = <T>(cell: number, value: T): T => {
    // Who made the function knows better than who passes it on.
    if (typeof value === 'function' && !homes.has(value as AnyFunction & T))
      homes.set(value as AnyFunction & T, { codes, path, cell })
    return value
  }
  return {
    code,
    codes(cells, object) {
      for (const [route, cell] of cells) code(cell, route.reduce<unknown>(propertyOf, object))
      return object
    },
  }
}

function propertyOf(object: unknown, name: string): unknown {
  return typeof object === 'object' && object !== null
    ? Object.getOwnPropertyDescriptor(object, name)?.value
    : undefined
}

function lookUp(fn: AnyFunction): (() => Code) | undefined {
  const home = homes.get(fn)
  if (home) return () => home.codes.codeAt(home.path, home.cell)
  // Made where no syntax is known: in a package, or by a function that was itself passed on.
  const at = currentSite()?.at
  return at && (() => ({ kind: 'open', variable: fn.name || 'function', at }))
}
