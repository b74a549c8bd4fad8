/** Checks of one value: what it is, and within which bounds. */
import { isTimestamp } from './timestamp.ts'
import { into, type Place, refuse } from './place.ts'

export type Check = (value: unknown, place: Place) => void

export type Fields = { readonly [name: string]: unknown }

export const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Own fields alone: a state may be called `__proto__`. Absent and `undefined` are one. */
export const fieldOf = (object: Fields, name: string): unknown =>
  Object.hasOwn(object, name) ? object[name] : undefined
export const has = (object: Fields, name: string): boolean => fieldOf(object, name) !== undefined

/** Of templates that are filled in before AWS sees the definition: `${Function}`, `#{AWS::Region}`, `{{ name }}`. */
const PLACEHOLDERS: readonly (readonly [string, string])[] = [
  ['${', '}'],
  ['#{', '}'],
  ['{{', '}}'],
]

/** Without regular expressions: theirs are quadratic in texts that open and never close. */
export const hasPlaceholder = (value: string): boolean =>
  PLACEHOLDERS.some(([open, close]) => {
    const at = value.indexOf(open)
    return at >= 0 && value.indexOf(close, at + open.length) >= 0
  })

export const text: Check = (value, place) => {
  if (typeof value !== 'string') refuse(place, 'Expected value of type [STRING]')
}

export const filledText: Check = (value, place) => {
  if (value === '') refuse(place, 'Value cannot be empty')
  else text(value, place)
}

export const boolean: Check = (value, place) => {
  if (typeof value !== 'boolean') refuse(place, 'Expected value of type [BOOLEAN]')
}

export const number: Check = (value, place) => {
  if (typeof value !== 'number') refuse(place, 'Expected value of type [NUMBER]')
}

export const timestamp: Check = (value, place) => {
  if (typeof value !== 'string') refuse(place, 'Expected value of type [STRING]')
  else if (!isTimestamp(value)) {
    refuse(
      place,
      'String does not match RFC3339 timestamp',
      'Write it as 2030-01-31T09:30:00Z, or with an offset such as +01:00.',
    )
  }
}

export const oneOf =
  (...words: readonly string[]): Check =>
  (value, place) => {
    if (typeof value !== 'string') refuse(place, 'Expected value of type [STRING]')
    else if (!words.includes(value)) refuse(place, `Value should be one of the following: [${words.join(', ')}]`)
  }

export interface Bounds {
  readonly least?: number
  readonly most?: number
}

export const integer =
  (bounds: Bounds = {}): Check =>
  (value, place) => {
    if (typeof value !== 'number' || !Number.isInteger(value)) refuse(place, 'Expected value of type Integer')
    else within(value, bounds, place)
  }

export const decimal =
  (bounds: Bounds = {}): Check =>
  (value, place) => {
    if (typeof value !== 'number') refuse(place, 'Expected value of type Number')
    else within(value, bounds, place, bound => bound.toFixed(1))
  }

function within(value: number, { least, most }: Bounds, place: Place, shown: (bound: number) => string = String): void {
  if (least !== undefined && value < least) refuse(place, `Minimum value is ${shown(least)}`)
  if (most !== undefined && value > most) refuse(place, `Maximum value is ${shown(most)}`)
}

const listOf =
  (item: Check): Check =>
  (value, place) => {
    if (!Array.isArray(value)) return refuse(place, 'Expected value of type [ARRAY]')
    for (const [index, each] of value.entries()) item(each, into(place, index))
  }

export const filledListOf = (item: Check): Check => {
  const check = listOf(item)
  return (value, place) => {
    if (Array.isArray(value) && value.length === 0) refuse(place, 'Value cannot be empty')
    else check(value, place)
  }
}
