/** Checks of what is evaluated later: paths, payload templates and JSONata, each by what reads it when the state runs. */
import type { Json } from '../../../util/json.ts'
import { checkIntrinsic, looksIntrinsic } from '../intrinsic/index.ts'
import { checkJsonata, type StatesField } from '../jsonata/check.ts'
import { checkPath, type PathKind } from '../path/index.ts'
import { bracketsDeeperThan } from '../parse/plain.ts'
import { checkDynamic } from '../template/index.ts'
import { into, type Place, refuse, refuseAs, refuseField, refuseInside, warn, warnAs } from './place.ts'
import { type Check, hasPlaceholder, isObject } from './values.ts'

/** Any path. */
export const path: Check = (value, place) => checkText(value, 'path', 'Value must be a valid JSONPath.', place)

/** What a rule of a Choice compares: AWS asks for a reference path, and takes any. */
export const compared: Check = (value, place) =>
  typeof value === 'string' && !value.startsWith('$') ? reference(value, place) : path(value, place)

/** A path to one value: no wildcard, filter, slice or descent. */
export const reference: Check = (value, place) => checkText(value, 'reference', NO_REFERENCE, place)

/** Where a Map finds a number: AWS takes no context object there. */
export const numberPath: Check = (value, place) => {
  if (typeof value === 'string' && value.startsWith('$$'))
    refuse(place, NO_REFERENCE, 'The context object cannot be read here.')
  else reference(value, place)
}

/** Where a result is put: a path into the input, so neither the context object nor a variable. */
export const resultPath: Check = (value, place) => checkText(value, 'result', NO_REFERENCE, place)

const NO_REFERENCE = 'Value is not a Reference Path'

function checkText(value: unknown, kind: PathKind, words: string, place: Place): void {
  if (typeof value !== 'string') return refuse(place, 'Expected value of type [STRING]')
  if (hasPlaceholder(value)) return
  if (!value.startsWith('$')) {
    const why = kind === 'path' ? words : `${words}: Reference path didn't start with '$'`
    return refuse(place, why, 'A path starts with `$`.')
  }
  const why = checkPath(value, kind)
  if (why !== undefined) refuse(place, words, `${why}.`)
}

/** A path, or an intrinsic function that gives a text (AWS: state-fail). */
export const textPath: Check = (value, place) => {
  if (typeof value !== 'string' || !looksIntrinsic(value)) return path(value, place)
  const why = checkIntrinsic(value) ?? (GIVES_TEXT.test(value) ? undefined : 'It gives no text')
  if (why !== undefined) refuse(place, 'Value must be a valid JSONPath or a valid intrinsic function call', `${why}.`)
}

const GIVES_TEXT = /^\s*States\.(?:Format|JsonToString|ArrayGetItem|Base64Encode|Base64Decode|Hash|UUID)\b/

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
    if (name.endsWith('.$')) checkQuery(name, each, place)
    else if (looksDynamic(each))
      warnAs(into(place, name), 'NO_DOLLAR', `This is a text, not what it leads to`, `Name the field \`${name}.$\`.`)
    else template(each, into(place, name))
    if (name.endsWith('.$') && Object.hasOwn(value, name.slice(0, -2))) {
      refuseField(place, name, `Fields '${name.slice(0, -2)}' and '${name}' are one and the same`, 'Keep one of both.')
    }
  }
}

/** What somebody may have meant to be evaluated. */
const looksDynamic = (value: unknown): boolean =>
  typeof value === 'string' && (/^\$\$?[.[]/.test(value) || /^States\.\w+\(.*\)$/s.test(value))

/** Of a text that is taken as it stands, where another field is named for a path. */
export const literal =
  (check: Check): Check =>
  (value, place) => {
    if (place.language === 'JSONPath' && looksDynamic(value)) {
      warnAs(place, 'NO_PATH', 'This is a text, not what it leads to', `Name the field \`${place.key}Path\`.`)
    }
    check(value, place)
  }

/** The Result of a Pass state. */
export const constant: Check = (value, place) => {
  if (Array.isArray(value)) for (const [index, each] of value.entries()) constant(each, into(place, index))
  if (looksDynamic(value))
    warnAs(
      place,
      'PASS_RESULT_IS_STATIC',
      'Result is given as it stands',
      'Use `Parameters` for what is to be evaluated.',
    )
  if (!isObject(value)) return
  for (const [name, each] of Object.entries(value)) {
    constant(each, into(place, name))
  }
}

function checkQuery(name: string, value: unknown, place: Place): void {
  if (typeof value === 'string' && hasPlaceholder(value)) return
  const why = checkDynamic(value as Json)
  if (why === undefined) return
  const words = `The value for the field '${name}' must be a valid JSONPath or a valid intrinsic function call`
  refuseField(place, name, words, `${why}.`)
}

/** JSON, in which every text that stands between `{%` and `%}` is JSONata. */
export const jsonataIn = (...allowed: readonly StatesField[]): Check => {
  const check: Check = (value, place) => {
    if (typeof value === 'string') checkExpression(value, allowed, place)
    else if (Array.isArray(value)) for (const [index, each] of value.entries()) check(each, into(place, index))
    else if (isObject(value)) for (const [name, each] of Object.entries(value)) check(each, into(place, name))
  }
  return check
}

function checkExpression(text: string, allowed: readonly StatesField[], place: Place): void {
  const opens = text.startsWith('{%')
  const closes = text.endsWith('%}')
  if (!opens && !closes) return
  if (opens !== closes || text.length < 4) return refuse(place, UNCLOSED, 'Write it as `{% expression %}`.')
  if (!/^\{%\s|\s%\}$/.test(text)) return refuse(place, UNCLOSED, 'Put a blank behind `{%` and before `%}`.')
  if (bracketsDeeperThan(BRACKETS_MAX, text.replaceAll('(', '[').replaceAll(')', ']')) !== undefined) {
    return refuseAs(place, 'INVALID_JSONATA_EXPRESSION', `More than ${BRACKETS_MAX} brackets deep`)
  }
  for (const { code, message, position } of checkJsonata(text, allowed)) refuseInside(place, code, message, position)
}

const UNCLOSED = 'JSONata string must start with {% and end with %}'

/** What reads an expression calls itself. */
const BRACKETS_MAX = 300

const isJsonataText = (value: unknown): value is string =>
  typeof value === 'string' && value.startsWith('{%') && value.endsWith('%}')

/** In JSONata a text that gives the value, else (and in JSONPath) the value itself. */
export const orJsonata = (check: Check, ...allowed: readonly StatesField[]): Check => {
  const expression = jsonataIn(...allowed)
  return (value, place) => {
    if (place.language !== 'JSONPath' && isJsonataText(value)) expression(value, place)
    else if (typeof value === 'string' && hasPlaceholder(value)) warn(place, UNFILLED)
    else check(value, place)
  }
}

const UNFILLED = 'A placeholder is not filled in here: this is a text when the state runs'

/** A template in either language. */
export const templateIn = (...allowed: readonly StatesField[]): Check => {
  const expression = jsonataIn(...allowed)
  return (value, place) => {
    if (place.language === 'JSONPath') template(value, place)
    if (place.language === 'JSONata') expression(value, place)
  }
}
