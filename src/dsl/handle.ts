/** How the language's values know one another, also across two copies of the package in one process. */
import type { Position } from '../util/diagnostic.ts'

/** On refs: what they stand for. On definitions: what they define. */
export const REF = Symbol.for('tutti.ref')
export const DEFINITION = Symbol.for('tutti.definition')
/** On both: takes the name that the loader found. */
export const NAME = Symbol.for('tutti.name')

export type Named = (name: string, at: Position) => void

const has = (value: unknown, symbol: symbol): value is Record<symbol, unknown> =>
  (typeof value === 'object' || typeof value === 'function') &&
  value !== null &&
  (value as Record<symbol, unknown>)[symbol] !== undefined

export const isRef = (value: unknown): boolean => has(value, REF)
export const isDefinition = (value: unknown): boolean => has(value, DEFINITION)

export function nameOf(value: unknown): Named | undefined {
  return has(value, NAME) ? (value[NAME] as Named) : undefined
}
