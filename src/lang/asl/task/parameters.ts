/** What a service needs of a state's Parameters or Arguments; AWS's words for what is wrong with them. */
import type { Json } from '../../../util/json.ts'
import { executing } from '../executing.ts'
import { StateError } from '../state-error.ts'
import type { TaskRequest } from './request.ts'

export type Fields = { readonly [name: string]: Json | undefined }

export const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export function fieldsOf(request: TaskRequest): Fields {
  const { argument } = request
  if (!isRecord(argument)) throw unusable(request, ['The Parameters are not an object'])
  return argument
}

/** A field that is a text and must be there. */
export function required(request: TaskRequest, fields: Fields, name: string): string {
  const value = fields[name]
  if (value === undefined) throw unusable(request, [`The field '${name}' is required but was missing`])
  if (typeof value !== 'string') throw unusable(request, [`The value of the field '${name}' has an invalid format`])
  return value
}

/** The Task never began. */
export function unusable(request: TaskRequest, problems: readonly string[]): StateError {
  const parameters = JSON.stringify(request.argument)
  return new StateError(
    'States.Runtime',
    `${executing({ name: request.state, enteredId: request.enteredId })} The Parameters '${parameters}' could not be used to start the Task: [${problems.join(', ')}]`,
  )
}
