/** A call with its inputs' values: what a field gives that holds an intrinsic function. */
import type { Json } from '../../../util/json.ts'
import { unreachable } from '../../../util/unreachable.ts'
import { Unreadable } from '../path/cursor.ts'
import { type At, executing } from '../executing.ts'
import { type PathScope, seekPath } from '../path/index.ts'
import type { World } from '../scope.ts'
import { StateError } from '../state-error.ts'
import { functions, type Given, InvalidInput } from './functions.ts'
import { parseIntrinsic } from './parse.ts'
import { type Call, type Input, takes } from './syntax.ts'

export type IntrinsicScope = PathScope & At & { readonly world: World }

/** Whether a text is meant as a call, well-formed or not. */
export const looksIntrinsic = (text: string): boolean => /^\s*States\./.test(text)

/** Throws States.Runtime, as Amazon does for a call that fails. */
export function evaluateIntrinsic(text: string, scope: IntrinsicScope): Json {
  const call = parseIntrinsic(text)
  if (call instanceof Unreadable) throw failure(text, `${call.message}.`, scope)
  return callValue(call, text, scope)
}

function callValue(call: Call, whole: string, scope: IntrinsicScope): Json {
  const given = call.inputs.map((input, at) => givenBy(input, call, at, whole, scope))
  try {
    if (!takes(call.name, given.length)) throw new InvalidInput()
    return functions[call.name](
      given.map(each => each.value),
      scope.world,
      given,
    )
  } catch (thrown) {
    if (!(thrown instanceof InvalidInput)) throw thrown
    throw failure(whole, thrown.message || `Invalid arguments in ${call.name}`, scope)
  }
}

function givenBy(input: Input, call: Call, at: number, whole: string, scope: IntrinsicScope): Given {
  switch (input.kind) {
    case 'call':
      return { value: callValue(input, whole, scope), parsed: input.name === 'States.StringToJson' }
    case 'value':
      return { value: input.value, parsed: false }
    case 'text':
      return { value: call.name === 'States.Format' && at === 0 ? input.raw : input.value, parsed: false }
    case 'path':
      return { value: pathValue(input.text, whole, scope), parsed: false }
    default:
      return unreachable(input)
  }
}

function pathValue(text: string, whole: string, scope: IntrinsicScope): Json {
  const sought = seekPath(text, scope)
  if (sought.kind === 'found') return sought.value
  const words = sought.words.startsWith('Filter: ') ? sought.words : notFound(text, scope)
  throw new StateError(
    'States.Runtime',
    `${executing(scope)} The function '${whole}' had the following error: ${words}`,
  )
}

/** A path of the context object is named as if it were one of the input, which is shown. */
const notFound = (text: string, scope: IntrinsicScope): string =>
  `The JsonPath argument for the field '${text.startsWith('$$') ? text.slice(1) : text}' could not be found in the input ` +
  `'${JSON.stringify(scope.input)}'`

const failure = (whole: string, words: string, scope: IntrinsicScope): StateError =>
  new StateError(
    'States.Runtime',
    `${executing(scope)} There was an error while evaluating the intrinsic function: ${whole}. ${words}`,
  )
