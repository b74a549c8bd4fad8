/**
 * What a Task state does: finds what its resource is bound to, calls it, and gives what AWS's service would give.
 *
 *   F1. An error of the work is a StateError, which machines retry and catch; a mistake in the bindings is a Refusal, which they do not.
 *   F2. The same bindings give the same shapes whatever stands behind them: function, handler, command, address, machine or mock.
 */
import { branchPath } from '../../../core/engine/step-id.ts'
import { currentAttempt } from '../../../exec/current.ts'
import { refuse } from '../../../util/diagnostic.ts'
import type { Json } from '../../../util/json.ts'
import { unreachable } from '../../../util/unreachable.ts'
import { idOf } from '../compile/build.ts'
import { callObjects } from '../items/objects.ts'
import { StateError } from '../state-error.ts'
import type { Bindings } from './binding.ts'
import { callCommand } from './call/command.ts'
import { childOf } from './execution.ts'
import { findBinding, type Found, targetOf } from './find.ts'
import { callFunction } from './call/function.ts'
import { callAddress, invokeApi, invokeHttp } from './call/http.ts'
import { checkParameters } from './integrations.ts'
import { invocationError } from './lambda/invoked.ts'
import { type FunctionBinding, invoke, payloadOf } from './lambda/invoke.ts'
import { checkResult } from './limits.ts'
import { answerOf, performOutcome, type Script, scriptOf } from './mock/outcome.ts'
import { fieldsOf, required } from './parameters.ts'
import { type Performed, resulting, type TaskRequest } from './request.ts'
import { needsBinding, type Resource, resourceOf } from './resource.ts'
import { functionHeaders, sdkMetadata, sdkRefusal } from './sdk.ts'
import { unboundCall } from './unbound.ts'

export interface PerformerOptions {
  readonly bindings: Bindings
  /** Of a test case: they come before all bindings. */
  readonly mocks?: { readonly [state: string]: Script }
  /** Where the paths of bindings start. */
  readonly folder: string
  /** `aws`: data between states has AWS's limits. */
  readonly limits?: 'none' | 'aws'
}

export interface Performer {
  /** Rejects with a StateError, or a Refusal. */
  perform(request: TaskRequest): Promise<Performed>
}

export function newPerformer(options: PerformerOptions): Performer {
  const count = callCounter()
  return {
    async perform(request) {
      const performed = await performOne(request, options, count)
      if (options.limits === 'aws' && performed.kind === 'result')
        checkResult(resourceOf(request.resource), performed.result)
      return performed
    },
  }
}

/** Which call a mock is asked for: of the state so far, and of this visit of it. */
type Count = (request: TaskRequest) => { readonly call: number; readonly retry: number }

/** Each iteration of a map counts its own, whatever order they come in; a loop's turns count on. In this process alone. */
function callCounter(): Count {
  const calls = new Map<string, number>()
  return ({ execution, state, retryCount }) => {
    const key = [execution.id, state, iterationOf(state)].join('\n')
    const call = calls.get(key) ?? 0
    calls.set(key, call + 1)
    return { call, retry: retryCount }
  }
}

/** The step that runs, up to the machine that its state is in. */
function iterationOf(state: string): string {
  const step = currentAttempt()?.attempt.step ?? ''
  const end = step.lastIndexOf(branchPath('', 'machine', idOf(state)).slice(0, -1))
  return end < 0 ? '' : step.slice(0, end)
}

async function performOne(request: TaskRequest, options: PerformerOptions, count: Count): Promise<Performed> {
  const resource = resourceOf(request.resource)
  checkParameters(request, resource)
  const script = options.mocks?.[request.state]
  if (script) return performOutcome(answerOf(script, count(request)))
  const found = findBinding(options.bindings, { ...request, resource })
  if (found) return performBound({ request, resource, found, options, count })
  const done =
    resource.kind === 'service' && resource.service === 'aws-sdk:s3'
      ? callObjects(resource.action, request, options)
      : undefined
  if (done) return resulting(await done)
  if (!needsBinding(resource)) return { kind: 'waiting', ...(resource.kind === 'activity' ? {} : { submitted: {} }) }
  return refuse(
    'ASL_UNBOUND',
    ...unboundCall({ state: request.state, resource, target: targetOf(resource, request.argument) }),
  )
}

interface BoundCall {
  readonly request: TaskRequest
  readonly resource: Resource
  readonly found: Found
  readonly options: PerformerOptions
  readonly count: Count
}

async function performBound(call: BoundCall): Promise<Performed> {
  const { request, resource, found, count } = call
  const { binding } = found
  if (typeof binding === 'object' && 'mock' in binding)
    return performOutcome(answerOf(scriptOf(binding), count(request)))
  if (typeof binding === 'object' && 'callback' in binding)
    return answered(await performBound({ ...call, found: { ...found, binding: binding.callback } }))
  if (typeof binding === 'object' && 'machine' in binding) return performMachine(call)
  const result = await resultOf(call, binding)
  if (resource.kind === 'service' && resource.pattern === 'waitForTaskToken')
    return { kind: 'waiting', submitted: result }
  return resulting(result)
}

/** What a service would have answered is then what the token's sender says. */
const answered = (performed: Performed): Performed =>
  performed.kind === 'waiting' ? resulting(performed.submitted ?? null) : performed

function performMachine({ request, resource, found }: BoundCall): Performed {
  if (resource.kind !== 'service' || resource.service !== 'states')
    return refuse('ASL_BINDING_BAD', `${found.key} is bound to a machine, and ${request.state} starts no execution`, {
      hint: `It calls ${request.resource}.`,
    })
  if (resource.pattern === 'waitForTaskToken')
    return refuse(
      'ASL_BINDING_BAD',
      `${request.state} starts a machine and waits for its token, which no machine here sends`,
      {
        hint: 'Start it by .sync, or bind the state to { callback: … } or { mock: … }.',
      },
    )
  return { kind: 'child', child: childOf(request, found.key, resource.pattern) }
}

async function resultOf(call: BoundCall, binding: FunctionBinding): Promise<Json> {
  const { request, resource, found } = call
  switch (resource.kind) {
    case 'lambda':
      return parsed(await bodyOf(call, binding, resource.arn, JSON.stringify(request.argument), body => body))
    case 'activity':
      return callService(call, binding)
    case 'service': {
      const isFunction = found.as === 'target' || (typeof binding === 'object' && 'lambda' in binding)
      return resource.service === 'lambda' && isFunction ? invokeFunction(call, binding) : callService(call, binding)
    }
    default:
      return unreachable(resource)
  }
}

/** lambda:invoke. */
async function invokeFunction(call: BoundCall, binding: FunctionBinding): Promise<Json> {
  const { request } = call
  const { world } = request
  const fields = fieldsOf(request)
  const payload = payloadOf(
    fields.Payload,
    words => new StateError('Lambda.InvalidRequestContentException', sdkRefusal(words, 'Lambda', 400, world)),
  )
  const invoked = () => bodyOf(call, binding, required(request, fields, 'FunctionName'), payload, compact)
  switch (fields.InvocationType) {
    case 'DryRun':
      return {
        Payload: '',
        ...sdkMetadata(world, { body: '', type: 'application/json', status: 204 }),
        StatusCode: 204,
      }
    case 'Event': {
      // Nobody hears how it went; it is waited for all the same, since nothing of a step may go on after its end.
      await invoked().catch(unheard)
      return {
        Payload: '',
        ...sdkMetadata(world, { body: '', type: 'application/json', status: 202 }),
        StatusCode: 202,
      }
    }
    default: {
      const body = await invoked()
      const metadata = sdkMetadata(world, { body, type: 'application/json', headers: functionHeaders(world) })
      return { ExecutedVersion: '$LATEST', Payload: parsed(body), ...metadata, StatusCode: 200 }
    }
  }
}

function unheard(error: unknown): void {
  if (!(error instanceof StateError)) throw error
}

/** What the function gave: JSON. */
async function bodyOf(
  { request, options }: BoundCall,
  binding: FunctionBinding,
  name: string,
  payload: string,
  shown: (body: string) => string,
): Promise<string> {
  const { folder } = options
  const invoked = await invoke({ binding, name, payload, folder, env: environmentOf(request), request })
  if (invoked.kind === 'failed') throw invocationError(invoked.body, shown)
  return invoked.body
}

/** The service itself. */
async function callService({ request, resource, options }: BoundCall, binding: FunctionBinding): Promise<Json> {
  if (typeof binding === 'function') return callFunction(binding, request)
  const input = JSON.stringify(request.argument)
  if ('command' in binding) {
    const { timeoutSeconds } = request
    const time = timeoutSeconds === undefined ? {} : { timeoutSeconds }
    return parsed(await callCommand({ binding, input, folder: options.folder, env: environmentOf(request), ...time }))
  }
  if ('lambda' in binding)
    return refuse('ASL_BINDING_BAD', `${request.state} is bound to a Lambda handler, and calls ${request.resource}`, {
      hint: 'Bind a function, a command, an address or a mock.',
    })
  if (resource.kind === 'service' && resource.service === 'http') return invokeHttp(binding, request)
  if (resource.kind === 'service' && resource.service === 'apigateway') return invokeApi(binding, request)
  return parsed(await callAddress(binding, input, request.signal))
}

/** For commands. */
const environmentOf = ({ state, execution, retryCount, token, idempotencyKey }: TaskRequest) => ({
  TUTTI_STATE: state,
  TUTTI_EXECUTION: execution.id,
  TUTTI_RETRY_COUNT: String(retryCount),
  ...(token === undefined ? {} : { TUTTI_TASK_TOKEN: token }),
  ...(idempotencyKey === undefined ? {} : { TUTTI_IDEMPOTENCY_KEY: idempotencyKey }),
})

/** A body that is no JSON is its text. */
function parsed(body: string): Json {
  try {
    return JSON.parse(body) as Json
  } catch {
    return body
  }
}

const compact = (body: string): string => {
  const value = parsed(body)
  return typeof value === 'string' ? body : JSON.stringify(value)
}
