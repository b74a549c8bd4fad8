/** A week of temperatures from JSON: what is on record, what is normal, what was measured, what is forecast. */
import type { FileHandle } from 'tutti'
import { z } from 'zod'

const range = z
  .object({ low: z.number(), high: z.number() })
  .refine(({ low, high }) => low <= high, 'low is above high')

/** Degrees Fahrenheit, as in the file. A day was either measured or is forecast. */
const day = z
  .object({
    id: z.int(),
    day: z.string(),
    record: range,
    normal: range,
    actual: range.optional(),
    forecast: z.object({ low: range, high: range }).optional(),
  })
  .refine(
    each => (each.actual === undefined) !== (each.forecast === undefined),
    'has to be either measured or forecast',
  )

export type WeekDay = z.infer<typeof day>

export async function read(json: FileHandle): Promise<WeekDay[]> {
  return z.array(day).parse(await json.json())
}
