/**
 * TestState: one state of a machine, run by itself on a given input, with its work mocked or carried out, as AWS's API of that name does it.
 *
 * Invariants
 *   T1. What is refused says why with AWS's error; what a state fails with is an answer.
 *   T2. The answer shows stages only from DEBUG on, and only those that were reached.
 */
import type { Json } from '../../../util/json.ts'
import { err, ok, type Result } from '../../../util/result.ts'
import { unreachable } from '../../../util/unreachable.ts'
import { executing } from '../executing.ts'
import type { ChoiceState, FailState, State, WaitState } from '../machine.ts'
import type { Scope, Vars } from '../scope.ts'
import { exitOfChoice, failureOf, holds, noChoice, passExit, succeedExit, waitExit, waitOf } from '../state/index.ts'
import { StateError } from '../state-error.ts'
import { freshContext, givenContext } from './context.ts'
import { findState } from './find.ts'
import { failed, type Handled, handled, succeeded } from './handle.ts'
import { mockedWork } from './mock.ts'
import { isRecord, parsed, RefusedTest, refuse } from './refuse.ts'
import type { InspectionData, Refusal, Surroundings, TestStateRequest, TestStateResult } from './request.ts'
import { type Work, worked } from './work.ts'

export type {
  InspectionLevel,
  Refusal,
  Surroundings,
  TaskCall,
  TestStateRequest,
  TestStateResult,
} from './request.ts'

/** `definition`: a state, or with `stateName` a machine; known to be valid. */
export async function testState(
  definition: Json,
  request: TestStateRequest,
  surroundings: Surroundings,
): Promise<Result<TestStateResult, Refusal>> {
  try {
    return ok(await tested(definition, request, surroundings))
  } catch (error) {
    if (error instanceof RefusedTest) return err(error.refusal)
    throw error
  }
}

async function tested(
  definition: Json,
  request: TestStateRequest,
  surroundings: Surroundings,
): Promise<TestStateResult> {
  const { name, state, language } = findState(definition, request.stateName)
  const mocked = await mockedWork(state, request)
  const configuration = request.stateConfiguration ?? {}
  const input = inputOf(request)
  const retryCount = configuration.retrierRetryCount ?? 0
  const { world } = surroundings
  const data: { [stage: string]: unknown } = { input }
  const scope: Scope = {
    name,
    language,
    input,
    vars: variablesOf(request),
    context: request.context
      ? givenContext(request.context, state)
      : freshContext({ input, stateName: name, retryCount, world }),
    enteredId: 0,
    world,
    inspect: (stage, value) => {
      data[stage] = value
    },
  }
  const note = (more: Partial<InspectionData>) => Object.assign(data, more)
  const trace = request.inspectionLevel === 'TRACE' ? note : () => undefined
  const { errorDetails, ...answer } = await answered(state, { scope, mocked, configuration, surroundings, note, trace })
  if ((request.inspectionLevel ?? 'INFO') === 'INFO') return answer
  return { ...answer, inspectionData: { ...data, ...(errorDetails ? { errorDetails } : {}) } as InspectionData }
}

const inputOf = ({ input }: TestStateRequest): Json =>
  input === undefined
    ? {}
    : parsed(input, reason => refuse(`Invalid State Machine Execution Input: ${reason}`, 'InvalidExecutionInput'))

function variablesOf({ variables }: TestStateRequest): Vars {
  if (variables === undefined) return {}
  const vars = parsed(variables, () => refuse('Variables must be valid JSON'))
  return isRecord(vars) ? vars : refuse('Variables must be a JSON object')
}

async function answered(state: State, work: Work): Promise<Handled> {
  const { scope, configuration } = work
  try {
    return await ended(state, work)
  } catch (thrown) {
    if (!(thrown instanceof StateError)) throw thrown
    const error = bare(thrown, scope)
    if (state.Type !== 'Task' && state.Type !== 'Parallel' && state.Type !== 'Map') return failed(error)
    return handled(state, scope, error, configuration).catch(later => {
      if (later instanceof StateError) return failed(bare(later, scope))
      throw later
    })
  }
}

async function ended(state: State, work: Work): Promise<Handled> {
  const { scope } = work
  switch (state.Type) {
    case 'Pass':
      return succeeded((await passExit(state, scope)).output, state.Next)
    case 'Succeed':
      return succeeded((await succeedExit(state, scope)).output, undefined)
    case 'Wait':
      return waited(state, scope)
    case 'Fail':
      return failedBy(state, scope)
    case 'Choice':
      return chosen(state, scope)
    case 'Task':
    case 'Parallel':
    case 'Map':
      return worked(state, work)
    default:
      return unreachable(state)
  }
}

/** Without the wait itself. */
async function waited(state: WaitState, scope: Scope): Promise<Handled> {
  await waitOf(state, scope)
  return succeeded((await waitExit(state, scope)).output, state.Next)
}

async function failedBy(state: FailState, scope: Scope): Promise<Handled> {
  const { error, cause } = await failureOf(state, scope)
  return failed(new StateError(error, cause))
}

async function chosen(state: ChoiceState, scope: Scope): Promise<Handled> {
  for (const [index, rule] of state.Choices.entries())
    if (await holds(state, index, scope)) return succeeded((await exitOfChoice(state, index, scope)).output, rule.Next)
  if (state.Default === undefined) throw noChoice(state, scope)
  return succeeded((await exitOfChoice(state, 'default', scope)).output, state.Default)
}

/** There is no history here whose events a cause could name. */
function bare(error: StateError, scope: Scope): StateError {
  const prefix = `${executing(scope)} `
  if (!error.reason?.startsWith(prefix)) return error
  return new StateError(error.error, error.reason.slice(prefix.length), error.location)
}
