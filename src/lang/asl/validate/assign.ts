/** Variables that a state sets. */
import { into, type Place, refuse, refuseAs, warn } from './place.ts'
import { templateIn } from './query.ts'
import type { StatesField } from '../jsonata/check.ts'
import { type Check, isObject } from './values.ts'

const NAME_MAX = 80

export const assign = (...allowed: readonly StatesField[]): Check => {
  const check = templateIn(...allowed)
  return (value, place) => {
    if (!isObject(value)) return refuse(place, 'Expected value of type [OBJECT]')
    for (const field of Object.keys(value)) checkName(nameOf(field, place), into(place, field))
    check(value, place)
  }
}

const nameOf = (field: string, place: Place): string =>
  place.language === 'JSONPath' && field.endsWith('.$') ? field.slice(0, -2) : field

function checkName(name: string, place: Place): void {
  if (name === 'states')
    return refuseAs(place, 'RESERVED_VARIABLE_NAME', "Cannot assign to reserved variable '$states'.")
  const invalid = (why: string) => refuseAs(place, 'INVALID_VARIABLE_NAME', `Invalid variable name '${name}': ${why}`)
  if ([...name].length > NAME_MAX) invalid(`the variable name is longer than ${NAME_MAX} characters.`)
  else if (!/^\p{ID_Start}[\p{ID_Continue}-]*$/u.test(name)) invalid(FOREIGN)
  else if (name.includes('-')) warn(place, `Invalid variable name '${name}': ${FOREIGN}`, 'No query can read it.')
}

/** AWS's words; names are identifiers as Unicode's UAX 31 has them. A hyphen is harmless, and found in the wild. */
const FOREIGN = 'the variable name contains invalid characters.'
