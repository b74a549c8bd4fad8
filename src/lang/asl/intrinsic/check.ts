/** What is wrong with a call before anything runs. */
import { Unreadable } from '../path/cursor.ts'
import { parseIntrinsic } from './parse.ts'
import type { Call, Input } from './syntax.ts'

/**
 * `undefined`: nothing. Amazon looks at the form of a call alone; a number in quotes beside one without, in a sum, is refused as
 * well, since no input can mend it.
 */
export function checkIntrinsic(text: string): string | undefined {
  const call = parseIntrinsic(text)
  return call instanceof Unreadable ? call.message : quotedNumber(call)
}

function quotedNumber(call: Call): string | undefined {
  if (call.name === 'States.MathAdd' && call.inputs.some(isNumber)) {
    const quoted = call.inputs.find(isQuotedNumber)
    if (quoted) return `'${quoted.value}' is a text: a number stands without quotes`
  }
  for (const input of call.inputs) {
    const why = input.kind === 'call' ? quotedNumber(input) : undefined
    if (why !== undefined) return why
  }
  return undefined
}

const isNumber = (input: Input): boolean => input.kind === 'value' && typeof input.value === 'number'

const isQuotedNumber = (input: Input): input is Input & { kind: 'text' } =>
  input.kind === 'text' && /^-?\d+(?:\.\d+)?$/.test(input.value)
