/** A function of the user's: plain, or what Tutti's `task()` and `effect()` gave. */
import { definitionOf } from '../../../../dsl/definition.ts'
import { Refusal } from '../../../../util/diagnostic.ts'
import type { Json } from '../../../../util/json.ts'
import { StateError } from '../../state-error.ts'
import type { BoundFunction } from '../binding.ts'
import type { TaskRequest } from '../request.ts'

/** The function itself: a step's own options are the state's here. */
export function functionIn(bound: BoundFunction): BoundFunction {
  const definition = definitionOf(bound)
  return definition !== undefined && 'fn' in definition ? definition.fn : bound
}

/** Calls it with the whole argument. What it throws has its error's name. */
export async function callFunction(bound: BoundFunction, request: TaskRequest): Promise<Json> {
  try {
    return jsonOf(await functionIn(bound)(request.argument, request))
  } catch (error) {
    throw stateErrorOf(error)
  }
}

/** As JSON has it: `undefined` is null, dates are texts. */
const jsonOf = (value: unknown): Json =>
  value === undefined ? null : (JSON.parse(JSON.stringify(value) ?? 'null') as Json)

/** A refusal stays what it is: no machine handles a mistake in its bindings. */
function stateErrorOf(thrown: unknown): unknown {
  if (thrown instanceof StateError || thrown instanceof Refusal) return thrown
  if (thrown instanceof Error) return new StateError(errorName(thrown), thrown.message)
  return new StateError('States.TaskFailed', String(thrown))
}

/** The name that it gives itself, else that of its class; a plain error has none that would tell anything. */
function errorName(error: Error): string {
  const name = error.name !== 'Error' ? error.name : error.constructor.name
  return name === 'Error' || name === '' ? 'States.TaskFailed' : name
}
