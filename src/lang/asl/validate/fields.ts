/** Checks of an object: which fields it may have, in which language, and which of them it must have. */
import type { QueryLanguage } from '../machine.ts'
import { hintOf, into, type Place, refuse, refuseField } from './place.ts'
import { type Check, type Fields, fieldOf, has, isObject } from './values.ts'

export interface Field {
  readonly check: Check
  /** Absent: either. */
  readonly language?: QueryLanguage
}

export type FieldTable = ReadonlyMap<string, Field>

export const fieldTable = (...parts: readonly { readonly [name: string]: Field }[]): FieldTable =>
  new Map(parts.flatMap(part => Object.entries(part)))

export const either = (check: Check): Field => ({ check })
export const jsonPath = (check: Check): Field => ({ check, language: 'JSONPath' })
export const jsonata = (check: Check): Field => ({ check, language: 'JSONata' })

/** Every field of `object` by its own check; those that are not in the table, or not in this language, are refused. */
export function checkFields(object: Fields, table: FieldTable, place: Place): void {
  for (const name of Object.keys(object)) {
    const value = fieldOf(object, name)
    if (value === undefined) continue
    const field = table.get(name)
    if (!field) refuseField(place, name, `Field '${name}' is not supported`, hintOf(name, [...table.keys()], place))
    else if (speaks(field, place.language)) field.check(value, into(place, name))
    else if (place.language) refuseField(place, name, otherLanguage(name, place.language, field.language!))
  }
}

/** An object with these fields alone. */
export const objectOf =
  (table: FieldTable, also: (object: Fields, place: Place) => void = () => {}): Check =>
  (value, place) => {
    if (!isObject(value)) return refuse(place, 'Expected value of type [OBJECT]')
    checkFields(value, table, place)
    also(value, place)
  }

export function require(object: Fields, names: readonly string[], place: Place): void {
  const missing = names.filter(name => !has(object, name))
  if (missing.length > 0) refuse(place, `These fields are required: [${missing.join(', ')}]`)
}

export function atMostOne(object: Fields, names: readonly string[], place: Place): void {
  const found = names.filter(name => has(object, name))
  if (found.length < 2) return
  refuseField(
    place,
    found[1]!,
    `There should only be one of the following fields: [${names.join(', ')}]`,
    `Keep one of ${found.map(name => `\`${name}\``).join(', ')}.`,
  )
}

export function exactlyOne(object: Fields, names: readonly string[], place: Place): void {
  if (names.some(name => has(object, name))) atMostOne(object, names, place)
  else refuse(place, `This object should have only one of the following fields: [${names.join(', ')}]`)
}

const speaks = (field: Field, language: QueryLanguage | undefined): boolean =>
  field.language === undefined || field.language === language

const otherLanguage = (name: string, is: QueryLanguage, wanted: QueryLanguage): string =>
  `The QueryLanguage is set to '${is}', but field '${name}' is only supported for the '${wanted}' QueryLanguage`
