/** Events of a Task: how a call is scheduled, begun and ended, which AWS tells in other words for each kind of resource. */
import type { Json } from '../../../util/json.ts'
import { actionOf, type Resource, resourceOf } from '../task/resource.ts'
import type { Happening } from './event.ts'
import type { Failure } from './thread.ts'

/** What is known of a call when it is scheduled. */
export interface Call {
  readonly argument: Json
  readonly role?: string
  readonly timeoutSeconds?: number
  readonly heartbeatSeconds?: number
}

export function scheduled(text: string, call: Call): readonly Happening[] {
  const resource = resourceOf(text)
  const { argument, role, timeoutSeconds, heartbeatSeconds } = call
  const limits = {
    ...(timeoutSeconds === undefined ? {} : { timeoutInSeconds: timeoutSeconds }),
    ...(heartbeatSeconds === undefined ? {} : { heartbeatInSeconds: heartbeatSeconds }),
  }
  const rights = role === undefined ? {} : { role }
  switch (resource.kind) {
    case 'lambda':
      return [
        { type: 'LambdaFunctionScheduled', resource: resource.arn, input: argument, ...limits, ...rights },
        { type: 'LambdaFunctionStarted' },
      ]
    case 'activity':
      return [{ type: 'ActivityScheduled', resource: resource.arn, input: argument, ...limits }]
    case 'service':
      return [
        { type: 'TaskScheduled', ...ofService(resource), parameters: argument, ...limits, ...rights },
        { type: 'TaskStarted', ...ofService(resource) },
      ]
  }
}

/** The request was taken; what it began goes on. Of an activity: a worker has it. */
export function submitted(text: string, output?: Json): readonly Happening[] {
  const resource = resourceOf(text)
  if (resource.kind === 'activity') return [{ type: 'ActivityStarted' }]
  if (resource.kind === 'lambda' || resource.pattern === 'request') return []
  return [{ type: 'TaskSubmitted', ...ofService(resource), ...(output === undefined ? {} : { output }) }]
}

/** Whether a call that has failed had been taken first: a request itself may be refused, an answer cannot come without one. */
export function wasSubmitted(text: string, { error }: Failure): boolean {
  const resource = resourceOf(text)
  switch (resource.kind) {
    case 'lambda':
      return false
    case 'activity':
      return !isTimeout(error)
    case 'service':
      return (
        resource.pattern === 'waitForTaskToken' || (resource.pattern !== 'request' && error === 'States.TaskFailed')
      )
  }
}

const isTimeout = (error: string | undefined): boolean =>
  error === 'States.Timeout' || error === 'States.HeartbeatTimeout'

export function succeeded(text: string, output: Json): Happening {
  const resource = resourceOf(text)
  switch (resource.kind) {
    case 'lambda':
      return { type: 'LambdaFunctionSucceeded', output }
    case 'activity':
      return { type: 'ActivitySucceeded', output }
    case 'service':
      return { type: 'TaskSucceeded', ...ofService(resource), output }
  }
}

export function failed(text: string, { error, cause }: Failure): Happening {
  const resource = resourceOf(text)
  const why = { ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) }
  const isLate = isTimeout(error)
  switch (resource.kind) {
    case 'lambda':
      return { type: isLate ? 'LambdaFunctionTimedOut' : 'LambdaFunctionFailed', ...why }
    case 'activity':
      return { type: isLate ? 'ActivityTimedOut' : 'ActivityFailed', ...why }
    case 'service':
      return { type: isLate ? 'TaskTimedOut' : 'TaskFailed', ...ofService(resource), ...why }
  }
}

const ofService = (resource: Extract<Resource, { kind: 'service' }>) => ({
  resource: actionOf(resource),
  resourceType: resource.service,
})
