/** A call with its inputs' values: what a field gives that holds an intrinsic function. */
import type { Json } from '../../../util/json.ts'
import { unreachable } from '../../../util/unreachable.ts'
import { Unreadable } from '../path/cursor.ts'
import { type At, executing, type PathScope, seekPath } from '../path/index.ts'
import type { World } from '../scope.ts'
import { StateError } from '../state-error.ts'
import { functions, InvalidInput } from './functions.ts'
import { parseIntrinsic } from './parse.ts'
import type { Call, Input } from './syntax.ts'

export type IntrinsicScope = PathScope & At & { readonly world: World }

/** Whether a text is meant as a call, well-formed or not. */
export const looksIntrinsic = (text: string): boolean => /^\s*States\./.test(text)

/** What is wrong with the text of a call; `undefined`: nothing. */
export function checkIntrinsic(text: string): string | undefined {
  const call = parseIntrinsic(text)
  return call instanceof Unreadable ? call.message : undefined
}

/** Throws States.Runtime, as Amazon does for a call that fails. */
export function evaluateIntrinsic(text: string, scope: IntrinsicScope): Json {
  const call = parseIntrinsic(text)
  if (call instanceof Unreadable) throw failure(text, call.message, scope)
  return callValue(call, text, scope)
}

function callValue(call: Call, whole: string, scope: IntrinsicScope): Json {
  const values = call.inputs.map((input, at) => inputValue(input, call, at, whole, scope))
  try {
    return functions[call.name](values, scope.world)
  } catch (thrown) {
    if (thrown instanceof InvalidInput) throw failure(whole, `Invalid arguments in ${call.name}`, scope)
    throw thrown
  }
}

function inputValue(input: Input, call: Call, at: number, whole: string, scope: IntrinsicScope): Json {
  switch (input.kind) {
    case 'call':
      return callValue(input, whole, scope)
    case 'value':
      return input.value
    case 'text':
      return call.name === 'States.Format' && at === 0 ? input.raw : input.value
    case 'path':
      return pathValue(input.text, whole, scope)
    default:
      return unreachable(input)
  }
}

function pathValue(text: string, whole: string, scope: IntrinsicScope): Json {
  const sought = seekPath(text, scope)
  if (sought.kind === 'found') return sought.value
  const words = sought.words.startsWith('Filter: ') ? sought.words : notFound(text, scope)
  throw failure(whole, words, scope)
}

/** A path of the context object is named as if it were one of the input, which is shown. */
const notFound = (text: string, scope: IntrinsicScope): string =>
  `The JsonPath argument for the field '${text.startsWith('$$') ? text.slice(1) : text}' could not be found in the input ` +
  `'${JSON.stringify(scope.input)}'`

const failure = (whole: string, words: string, scope: IntrinsicScope): StateError =>
  new StateError('States.Runtime', `${executing(scope)} The function '${whole}' had the following error: ${words}`)
