/** AWS's limit on the data that goes from one state to the next: 256 KiB of JSON in UTF-8. */
import type { Json } from '../../../util/json.ts'
import { StateError } from '../state-error.ts'
import type { Resource } from './resource.ts'

const DATA_BYTES_MAX = 262_144

/** What a task gave. */
export function checkResult(resource: Resource, result: Json): void {
  checkData(resource.kind === 'service' ? resource.service : resource.arn, result)
}

/** `name`: of the state or the task that gave it. */
export function checkData(name: string, value: Json): void {
  if (bytesOf(value) <= DATA_BYTES_MAX) return
  throw new StateError(
    'States.DataLimitExceeded',
    `The state/task '${name}' returned a result with a size exceeding the maximum number of bytes service limit.`,
  )
}

const bytesOf = (value: Json): number => Buffer.byteLength(JSON.stringify(value))
