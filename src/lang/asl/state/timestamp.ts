/**
 * Timestamps as AWS reads them: ISO 8601, extended, with an offset (java.time's ISO_OFFSET_DATE_TIME, strict).
 *
 * Seconds may be left out, fractions have up to nine digits, and an offset is `Z` or `±hh:mm[:ss]`. JavaScript's own reading takes days
 * alone and times without an offset, which AWS does not.
 */
export interface Instant {
  /** Whole seconds since 1970. */
  readonly seconds: number
  readonly nanos: number
}

const FORM =
  /^([+-]?\d{4,9})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:(Z)|([+-])(\d\d):(\d\d)(?::(\d\d))?)$/i

export function instantOf(text: string): Instant | undefined {
  const match = FORM.exec(text)
  if (!match) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map(part => Number(part ?? 0))
  if (month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return undefined
  if (hour > 23 || minute > 59 || second > 59) return undefined
  const offset = offsetOf(match)
  if (offset === undefined) return undefined
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  date.setUTCHours(hour, minute, second)
  const nanos = Number((match[7] ?? '').padEnd(9, '0'))
  return Number.isNaN(date.getTime()) ? undefined : { seconds: date.getTime() / 1000 - offset, nanos }
}

/** Less than 0, 0 or more than 0. */
export const compareInstants = (left: Instant, right: Instant): number =>
  left.seconds - right.seconds || left.nanos - right.nanos

/** Seconds east of Greenwich, at most 18 hours. */
function offsetOf(match: RegExpExecArray): number | undefined {
  if (match[8] !== undefined) return 0
  const [hours = 0, minutes = 0, seconds = 0] = match.slice(10, 13).map(part => Number(part ?? 0))
  const size = hours * 3600 + minutes * 60 + seconds
  if (minutes > 59 || seconds > 59 || size > 18 * 3600) return undefined
  return match[9] === '-' ? -size : size
}

const daysOf = (year: number, month: number): number =>
  month === 2
    ? year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
      ? 29
      : 28
    : [4, 6, 9, 11].includes(month)
      ? 30
      : 31
