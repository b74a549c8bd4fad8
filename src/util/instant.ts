/** Instants as users write them: a Date, milliseconds since 1970, or ISO 8601 text with a zone. */
import { refuse } from './diagnostic.ts'

/** Milliseconds since 1970, or a refusal `BAD_INSTANT` for what is no instant. */
export function instantMs(value: unknown): number {
  const ms = value instanceof Date ? value.getTime() : typeof value === 'string' ? textMs(value) : value
  if (typeof ms === 'number' && Number.isFinite(ms) && ms >= 0) return Math.ceil(ms)
  return refuseInstant(value)
}

export const refuseInstant = (value: unknown): never =>
  refuse('BAD_INSTANT', `${shown(value)} is no instant`, {
    hint: "Give a Date, milliseconds since 1970, or a text such as '2027-01-31T09:00:00Z' (at most 100 years from now).",
  })

/** A time without a zone would be another instant on another machine; a day alone is UTC in ISO 8601 as JavaScript has it. */
const textMs = (text: string): number =>
  /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d))?$/.test(text) ? Date.parse(text) : Number.NaN

const shown = (value: unknown): string =>
  value instanceof Date ? 'an invalid date' : (JSON.stringify(value) ?? String(value))
