/**
 * Functions of two faces, told apart by what they do: an exported task may be renamed, the id of a pure function is its place
 * in the text, and both may keep their code.
 *
 *   K1. A function that both faces have by one name is one function, whether or not its code has changed.
 *   K2. Of code that closes over a variable nothing is known: it is taken for unchanged where its name is the same, and so are
 *       pure functions, which have no names.
 */
import type { Hash } from '../util/hash.ts'
import type { Face } from './version.ts'

export interface Callees {
  /** Equal for the same function of either face. */
  readonly token: (side: Side, address: string) => string
  readonly pureToken: (side: Side, id: string) => string
  readonly isSame: (before: string, after: string) => boolean
  readonly isSamePure: (before: string, after: string) => boolean
  readonly codeOf: (side: Side, address: string) => Hash | null | undefined
}

export type Side = 'before' | 'after'

export function calleesOf(
  before: Face,
  after: Face,
  called: { readonly [side in Side]: ReadonlySet<string> },
): Callees {
  const code = { before: before.code, after: after.code }
  const codeOf = (side: Side, address: string): Hash | null | undefined =>
    Object.hasOwn(code[side], address) ? code[side][address] : undefined
  const has = (side: Side, address: string): boolean => Object.hasOwn(code[side], address) || called[side].has(address)
  const token = (side: Side, address: string): string =>
    // K1.
    has(side === 'before' ? 'after' : 'before', address) ? `@${address}` : (codeOf(side, address) ?? `@${address}`)
  const pureToken = (side: Side, id: string): string => codeOf(side, id) ?? 'pure'
  return {
    codeOf,
    token,
    pureToken,
    isSame: (a, b) => token('before', a) === token('after', b),
    isSamePure: (a, b) => (codeOf('before', a) ?? null) === (codeOf('after', b) ?? null),
  }
}
