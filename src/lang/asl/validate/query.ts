/** Checks of what is evaluated later: paths, payload templates and JSONata, each by what reads it when the state runs. */
import { checkJsonata, type StatesField } from '../jsonata/check.ts'
import { into, type Place, refuse, refuseAs, refuseField } from './place.ts'
import { type Check, isObject } from './values.ts'

/** A path, `null` for an empty object. */
export const path: Check = (value, place) => {
  if (typeof value !== 'string') refuse(place, 'Expected value of type [STRING]')
  else if (!value.startsWith('$')) refuse(place, 'Value must be a valid JSONPath.', 'A path starts with `$`.')
}

/** A path to one value: no wildcard, filter, slice or descent. */
export const reference: Check = (value, place) => {
  if (typeof value !== 'string') refuse(place, 'Expected value of type [STRING]')
  else if (!value.startsWith('$')) {
    refuse(place, "Value is not a Reference Path: Reference path didn't start with '$'", 'A path starts with `$`.')
  } else if (isIndefinite(value))
    refuse(
      place,
      'Value is not a Reference Path',
      'It has to lead to one value: leave out `*`, `..`, `?`, `@` and slices.',
    )
}

/** Where a result is put: a path into the input, so neither the context object nor a variable. */
export const resultPath: Check = (value, place) => {
  if (typeof value === 'string' && /^\$[^.[]/.test(value)) {
    return refuse(
      place,
      'Value is not a Reference Path',
      'A result is put into the input: use `Assign` to set a variable.',
    )
  }
  reference(value, place)
}

const isIndefinite = (text: string): boolean => /\*|\?|@|\.\.|\[[^\]'"]*[:,]/.test(text.replace(/'[^']*'|"[^"]*"/g, ''))

/** A path, or an intrinsic function that gives a text. */
export const pathOrIntrinsic: Check = (value, place) => {
  if (typeof value === 'string' && value.startsWith('States.')) return
  path(value, place)
}

export const orNull =
  (check: Check): Check =>
  (value, place) => {
    if (value !== null) check(value, place)
  }

/** JSON whose fields that end in `.$` are paths or intrinsic functions. */
export const template: Check = (value, place) => {
  if (Array.isArray(value)) for (const [index, each] of value.entries()) template(each, into(place, index))
  if (!isObject(value)) return
  for (const [name, each] of Object.entries(value)) {
    if (!name.endsWith('.$')) template(each, into(place, name))
    else checkQuery(name, each, place)
    if (name.endsWith('.$') && Object.hasOwn(value, name.slice(0, -2))) {
      refuseField(place, name, `Fields '${name.slice(0, -2)}' and '${name}' are one and the same`, 'Keep one of both.')
    }
  }
}

function checkQuery(name: string, value: unknown, place: Place): void {
  if (typeof value === 'string' && (value.startsWith('$') || /^\s*States\.\w+\s*\(.*\)\s*$/s.test(value))) return
  const path = `The value for the field '${name}' must be a valid JSONPath or a valid intrinsic function call`
  refuseField(place, name, path)
}

/** JSON, in which every text that stands between `{%` and `%}` is JSONata. */
export const jsonataIn = (...allowed: readonly StatesField[]): Check => {
  const check: Check = (value, place) => {
    if (typeof value === 'string') checkText(value, allowed, place)
    else if (Array.isArray(value)) for (const [index, each] of value.entries()) check(each, into(place, index))
    else if (isObject(value)) for (const [name, each] of Object.entries(value)) check(each, into(place, name))
  }
  return check
}

function checkText(text: string, allowed: readonly StatesField[], place: Place): void {
  const opens = text.startsWith('{%')
  const closes = text.endsWith('%}')
  if (!opens && !closes) return
  if (opens !== closes || text.length < 4) {
    return refuse(
      place,
      'JSONata string must start with {% and end with %}',
      'Write it as `{% expression %}`, with nothing before or after.',
    )
  }
  if (!/^\{%\s|\s%\}$/.test(text)) {
    return refuse(
      place,
      'JSONata string must start with {% and end with %}',
      'Put a blank behind `{%` and before `%}`.',
    )
  }
  for (const problem of checkJsonata(text, allowed)) refuseAs(place, 'INVALID_JSONATA_EXPRESSION', problem.message)
}

export const isJsonataText = (value: unknown): value is string =>
  typeof value === 'string' && value.startsWith('{%') && value.endsWith('%}')

/** In JSONata a text that gives the value, else (and in JSONPath) the value itself. */
export const orJsonata = (check: Check, ...allowed: readonly StatesField[]): Check => {
  const expression = jsonataIn(...allowed)
  return (value, place) => {
    if (place.language !== 'JSONPath' && isJsonataText(value)) expression(value, place)
    else check(value, place)
  }
}

/** A template in either language. */
export const templateIn = (...allowed: readonly StatesField[]): Check => {
  const expression = jsonataIn(...allowed)
  return (value, place) => {
    if (place.language === 'JSONPath') template(value, place)
    if (place.language === 'JSONata') expression(value, place)
  }
}
