/** Durations as users write them: `200ms`, `5s`, `5m`, `2h`, `3d`, `1w`, `1h30m`, or a number of milliseconds. */
import { refuse } from './diagnostic.ts'

export type Duration = string | number

const UNIT_MS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }
/** 100 years: what is longer is a mistake, and `Date` could not say when it ends. */
export const DURATION_MAX_MS = 100 * 365 * 86_400_000

/** Milliseconds, or a refusal `BAD_DURATION` for what is not a duration, negative, or longer than 100 years. */
export function durationMs(duration: Duration): number {
  const ms = typeof duration === 'number' ? duration : typeof duration === 'string' ? parse(duration) : undefined
  if (ms !== undefined && Number.isFinite(ms) && ms >= 0 && ms <= DURATION_MAX_MS) return ms
  refuse('BAD_DURATION', `${shown(duration)} is not a duration`, {
    hint: "Write a number and a unit, such as '200ms', '5m', '3d' or '1h30m' (at most 100 years).",
  })
}

function parse(text: string): number | undefined {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)\s*(ms|[smhdw])\s*/g)]
  if (parts.length === 0 || parts.map(part => part[0]).join('') !== text.trimStart()) return undefined
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNIT_MS[unit ?? ''] ?? Number.NaN), 0)
}

/** From a file without types it may be anything. */
const shown = (duration: unknown): string =>
  typeof duration === 'number' ? String(duration) : (JSON.stringify(duration) ?? String(duration))
