/** What may be mocked, and how. */
import type { Json } from '../../../util/json.ts'
import type { State } from '../machine.ts'
import { resourceOf } from '../task/index.ts'
import { isRecord, parsed, refuse } from './refuse.ts'
import type { Mock, StateConfiguration, TestStateRequest } from './request.ts'
import { checkShape } from './shape.ts'

/** What the work of the state comes to. */
export type Mocked =
  | { readonly kind: 'none' }
  | { readonly kind: 'result'; readonly result: Json }
  | { readonly kind: 'error'; readonly error: string | undefined; readonly cause: string | undefined }

/** The mock, once everything about it is in order. */
export async function mockedWork(state: State, request: TestStateRequest): Promise<Mocked> {
  const { mock, stateConfiguration = {} } = request
  checkConfiguration(stateConfiguration, mock)
  if (!mock) {
    if (state.Type === 'Map' || state.Type === 'Parallel') refuse(NEEDS_MOCK, 'InvalidDefinition')
    if (state.Type === 'Task') checkPattern(state.Resource)
    return { kind: 'none' }
  }
  if (state.Type !== 'Task' && state.Type !== 'Map' && state.Type !== 'Parallel')
    refuse(`State type '${state.Type}' is not supported when a mock is specified`)
  if (request.revealSecrets) refuse('TestState does not support RevealSecrets when a mock is specified.')
  if ((mock.result === undefined) === (mock.errorOutput === undefined))
    refuse('A test mock should have only one of the following fields: [result, errorOutput].')
  return outcomeOf(state, mock)
}

const NEEDS_MOCK =
  'TestState API does not support Map or Parallel states. Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]'

/** What goes on after its call has been answered ends by something else than its answer. */
function checkPattern(text: string): void {
  const resource = resourceOf(text)
  if (resource.kind === 'service' && resource.pattern !== 'request')
    refuse(
      `TestState API does not support the '.${resource.pattern}' service integration pattern when a mock is not specified.`,
      'InvalidDefinition',
    )
}

function checkConfiguration(configuration: StateConfiguration, mock: Mock | undefined): void {
  if (mock) return
  const names: { readonly [field in keyof StateConfiguration]-?: string } = {
    retrierRetryCount: 'RetrierRetryCount',
    mapIterationFailureCount: 'MapIterationFailureCount',
    errorCausedByState: 'ErrorCausedByState',
    mapItemReaderData: 'MapItemReaderData',
  }
  for (const field of Object.keys(names) as (keyof StateConfiguration)[])
    if (configuration[field] !== undefined)
      refuse(`TestState does not support ${names[field]} when a mock is not specified.`)
}

async function outcomeOf(state: State, mock: Mock): Promise<Mocked> {
  if (mock.result !== undefined) {
    const result = parsed(mock.result, () => refuse('Mocked result must be valid JSON'))
    await checkResult(state, result, mock)
    return { kind: 'result', result }
  }
  return { kind: 'error', error: mock.errorOutput?.error, cause: mock.errorOutput?.cause }
}

async function checkResult(state: State, result: Json, mock: Mock): Promise<void> {
  if (state.Type === 'Task') return checkShape(state.Resource, result, mock.fieldValidationMode ?? 'STRICT')
  const written = state.Type === 'Map' && state.ResultWriter !== undefined
  if (written && !isRecord(result)) refuse('Mocked result must be a JSON object.')
  if (!written && !Array.isArray(result)) refuse('Mocked result must be an array.')
}
