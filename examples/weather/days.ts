/** Days of weather: read from CSV, checked row by row, split by year. */
import { csvParse } from 'd3-dsv'
import type { FileHandle } from 'tutti'
import { z } from 'zod'

export const KINDS = ['sun', 'fog', 'drizzle', 'rain', 'snow'] as const
export type Kind = (typeof KINDS)[number]

export interface Day {
  readonly city: string
  readonly date: Date
  readonly precipitationMm: number
  readonly maxC: number
  readonly minC: number
  readonly windMs: number
  readonly kind: Kind
}

/** A row that is not a day. `line` counts from 1 with the header, as an editor does. */
export interface Rejected {
  readonly line: number
  readonly problem: string
}

export interface Year {
  readonly year: number
  readonly days: readonly Day[]
}

export type Row = Record<string, string>

export async function read(csv: FileHandle): Promise<Row[]> {
  return csvParse(await csv.text())
}

/** All rows are looked at: one bad row does not hide the next. */
export function check(rows: readonly Row[]): { days: Day[]; rejected: Rejected[] } {
  const days: Day[] = []
  const rejected: Rejected[] = []
  for (const [index, row] of rows.entries()) {
    const parsed = dayRow.safeParse(row)
    if (parsed.success) days.push(parsed.data)
    else rejected.push({ line: index + 2, problem: parsed.error.issues.map(showIssue).join('; ') })
  }
  return { days, rejected }
}

/** By the date as it stands in the file: UTC, so that no machine's time zone moves New Year. */
export function splitByYear(days: readonly Day[]): Year[] {
  const years = [...new Set(days.map(day => day.date.getUTCFullYear()))].sort((a, b) => a - b)
  return years.map(year => ({ year, days: days.filter(day => day.date.getUTCFullYear() === year) }))
}

/** `z.coerce.number()` alone takes an empty field for 0. */
const number = z.string().trim().min(1, 'is empty').pipe(z.coerce.number())

const dayRow = z
  .object({
    location: z.string().trim().min(1, 'is empty'),
    date: z.iso.date(),
    precipitation: number.pipe(z.number().min(0)),
    temp_max: number.pipe(z.number().min(-90).max(60)),
    temp_min: number.pipe(z.number().min(-90).max(60)),
    wind: number.pipe(z.number().min(0).max(120)),
    weather: z.enum(KINDS),
  })
  .refine(row => row.temp_min <= row.temp_max, { path: ['temp_min'], message: 'is above temp_max' })
  .transform(
    (row): Day => ({
      city: row.location,
      date: new Date(`${row.date}T00:00:00Z`),
      precipitationMm: row.precipitation,
      maxC: row.temp_max,
      minC: row.temp_min,
      windMs: row.wind,
      kind: row.weather,
    }),
  )

const showIssue = (issue: { readonly path: readonly PropertyKey[]; readonly message: string }): string =>
  `${issue.path.map(String).join('.')}: ${issue.message}`
