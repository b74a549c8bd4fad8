/** Words and numbers of a query -> what the field on their left holds. Instants count from a `nowMs` that is given. */
import { durationMs } from '../../util/duration.ts'
import { nearestName } from '../../util/nearest.ts'
import type { Field } from '../fields.ts'
import type { Scalar } from '../query.ts'

/** A token that stands for a value. `quoted`: it is text, whatever it looks like. */
export interface Literal {
  readonly kind: 'word' | 'quoted' | 'number'
  readonly text: string
}

export type Read =
  | { readonly kind: 'read'; readonly scalar: Scalar }
  /** `expected`: as a message says it. */
  | { readonly kind: 'unfit'; readonly expected: string; readonly hint?: string }

export function readScalar(literal: Literal, field: Field, nowMs: number): Read {
  switch (field.type) {
    case 'text':
      return text(literal.text)
    case 'word':
      return readWord(literal, field.words ?? [])
    case 'number':
      return number(literal, plainNumber(literal.text), 'a number')
    case 'duration':
      return number(literal, tryDuration(literal.text), 'a duration', durationHint(literal.text))
    case 'size':
      return number(literal, sizeBytes(literal.text), 'a size', 'Write 500B, 64kB, 1.5MB …')
    case 'time':
      return readTime(literal, nowMs)
    case 'flag':
      return readFlag(literal)
    case 'json':
      return readJson(literal)
  }
}

const text = (value: string): Read => ({ kind: 'read', scalar: { kind: 'text', text: value } })

function readWord(literal: Literal, words: readonly string[]): Read {
  if (words.includes(literal.text)) return text(literal.text)
  const near = nearestName(literal.text, words)
  return {
    kind: 'unfit',
    expected: words.length > 8 ? `one of ${words.slice(0, 8).join(', ')} …` : `one of ${words.join(', ')}`,
    ...(near === undefined ? {} : { hint: `Did you mean ${near}?` }),
  }
}

function number({ kind }: Literal, value: number | undefined, expected: string, hint?: string): Read {
  if (value === undefined || kind === 'quoted')
    return { kind: 'unfit', expected, ...(hint === undefined ? {} : { hint }) }
  return { kind: 'read', scalar: { kind: 'number', number: value } }
}

const plainNumber = (value: string): number | undefined =>
  /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(value) ? finite(Number(value)) : undefined

const finite = (value: number): number | undefined => (Number.isFinite(value) ? value : undefined)

/** A number without a unit could be seconds to one reader and milliseconds to another. */
function tryDuration(value: string): number | undefined {
  if (!/[a-z]$/.test(value)) return undefined
  try {
    return durationMs(value)
  } catch {
    return undefined
  }
}

const durationHint = (value: string): string =>
  /^\d+(\.\d+)?$/.test(value) ? `Write its unit: ${value}ms, ${value}s or ${value}m.` : 'Write 200ms, 5s, 1h30m …'

const SIZES: { readonly [unit: string]: number } = { b: 1, kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12 }

function sizeBytes(value: string): number | undefined {
  const [, count, unit = 'b'] = /^(\d+(?:\.\d+)?)([a-z]+)?$/i.exec(value) ?? []
  const bytes = SIZES[unit.toLowerCase()]
  return count === undefined || bytes === undefined ? undefined : finite(Math.round(Number(count) * bytes))
}

const DAY_MS = 86_400_000
/** What a Date can hold. */
const INSTANT_MAX = 8.64e15

function readTime({ text: value }: Literal, nowMs: number): Read {
  const today = Math.floor(nowMs / DAY_MS) * DAY_MS
  switch (value) {
    case 'now':
      return instant(nowMs)
    case 'today':
      return day(today)
    case 'yesterday':
      return day(today - DAY_MS)
  }
  const ago = /^-(\d.*)$/.exec(value)?.[1]
  const agoMs = ago === undefined ? undefined : tryDuration(ago)
  if (agoMs !== undefined) return instant(nowMs - agoMs)
  const [, date, clock, zone] =
    /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?(Z|[+-]\d\d:?\d\d)?$/.exec(value) ?? []
  // Date.parse takes the 30th of February for the 2nd of March.
  if (
    date !== undefined &&
    new Date(`${date}T00:00Z`).getTime() >= 0 &&
    isoDay(Date.parse(`${date}T00:00Z`)) === date
  ) {
    const ms = Date.parse(`${date}${clock ?? 'T00:00'}${zone ?? 'Z'}`)
    if (Number.isFinite(ms)) return clock === undefined ? day(ms) : instant(ms)
  }
  return {
    kind: 'unfit',
    expected: 'an instant',
    hint: 'Write 2026-11-01, 2026-11-01T09:30Z, today, yesterday, or -2d for two days ago. Days are those of UTC.',
  }
}

const isoDay = (ms: number): string => (Math.abs(ms) <= INSTANT_MAX ? new Date(ms).toISOString().slice(0, 10) : '')

const instant = (ms: number): Read => ({ kind: 'read', scalar: { kind: 'time', fromMs: ms, toMs: ms + 1 } })
const day = (ms: number): Read => ({ kind: 'read', scalar: { kind: 'time', fromMs: ms, toMs: ms + DAY_MS } })

function readFlag({ text: value }: Literal): Read {
  if (value === 'true' || value === 'false') return { kind: 'read', scalar: { kind: 'flag', flag: value === 'true' } }
  return { kind: 'unfit', expected: 'true or false' }
}

function readJson(literal: Literal): Read {
  if (literal.kind === 'quoted') return text(literal.text)
  const value = plainNumber(literal.text)
  if (value !== undefined) return { kind: 'read', scalar: { kind: 'number', number: value } }
  if (literal.text === 'null') return { kind: 'read', scalar: { kind: 'null' } }
  const flag = readFlag(literal)
  return flag.kind === 'read' ? flag : text(literal.text)
}
