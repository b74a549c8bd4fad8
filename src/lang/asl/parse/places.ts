/**
 * Where each part of a JSON text stands. JSON.parse has read the text, so it is sound, and not too deep: what is left is to skip
 * over it. (A parser that keeps places took a quarter of all the time that a large machine needs to be loaded.)
 */
import type { Path } from '../source.ts'

/** Offsets of a value: its first character, and the one after its last. */
export interface Piece {
  readonly start: number
  readonly end: number
  /** The last of each name, as in the value. */
  readonly members?: ReadonlyMap<string, Member>
  readonly elements?: readonly Piece[]
}

export interface Member {
  readonly nameAt: number
  readonly value: Piece
}

export function piecesOf(text: string): Piece {
  let at = 0

  const skip = (): number => {
    while (isBlank(text.charCodeAt(at))) at += 1
    return text.charCodeAt(at)
  }

  const value = (): Piece => {
    const first = skip()
    const start = at
    if (first === OPEN_OBJECT) return object(start)
    if (first === OPEN_LIST) return list(start)
    if (first === QUOTE) at = endOfString(text, at) + 1
    else while (at < text.length && !endsScalar(text.charCodeAt(at))) at += 1
    return { start, end: at }
  }

  const object = (start: number): Piece => {
    const members = new Map<string, Member>()
    at += 1
    while (skip() !== CLOSE_OBJECT) {
      const nameAt = at
      at = endOfString(text, at) + 1
      const name = nameIn(text, nameAt, at)
      skip()
      at += 1 // the colon
      members.set(name, { nameAt, value: value() })
      if (skip() === COMMA) at += 1
    }
    at += 1
    return { start, end: at, members }
  }

  const list = (start: number): Piece => {
    const elements: Piece[] = []
    at += 1
    while (skip() !== CLOSE_LIST) {
      elements.push(value())
      if (skip() === COMMA) at += 1
    }
    at += 1
    return { start, end: at, elements }
  }

  return value()
}

/** What is at `path`, or as far as it leads. */
export function seekPiece(root: Piece, path: Path): { readonly value: Piece; readonly nameAt?: number } {
  let found: { readonly value: Piece; readonly nameAt?: number } = { value: root }
  for (const part of path) {
    const { members, elements } = found.value
    const element = typeof part === 'number' ? elements?.[part] : undefined
    const next = element ? { value: element } : members?.get(String(part))
    if (!next) return { value: found.value }
    found = next
  }
  return found
}

/** The index of the closing quote; the text's end, when there is none. */
export function endOfString(text: string, opening: number): number {
  let at = text.indexOf('"', opening + 1)
  while (at >= 0 && isEscaped(text, at)) at = text.indexOf('"', at + 1)
  return at < 0 ? text.length : at
}

function isEscaped(text: string, quote: number): boolean {
  let backslashes = 0
  while (text.charCodeAt(quote - 1 - backslashes) === BACKSLASH) backslashes += 1
  return backslashes % 2 === 1
}

function nameIn(text: string, start: number, end: number): string {
  const quoted = text.slice(start, end)
  return quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1)
}

const QUOTE = 0x22
const COMMA = 0x2c
const OPEN_LIST = 0x5b
const BACKSLASH = 0x5c
const CLOSE_LIST = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

const isBlank = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09
const endsScalar = (code: number): boolean =>
  code === COMMA || code === CLOSE_LIST || code === CLOSE_OBJECT || isBlank(code)
