/** What is wrong with a field of a payload template, for the validator. */
import type { Json } from '../../../util/json.ts'
import { checkIntrinsic, looksIntrinsic } from '../intrinsic/index.ts'
import { checkPath } from '../path/index.ts'

/** Of the value of a field named `….$`: a path or a call. `undefined`: nothing. */
export function checkDynamic(value: Json): string | undefined {
  if (typeof value !== 'string') return 'It is not a text'
  return looksIntrinsic(value) ? checkIntrinsic(value) : checkPath(value, 'path')
}
