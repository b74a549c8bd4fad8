/**
 * Functions as recordings describe them, made real: what `behaviour` says is done by a function of ours. Of the source, which
 * was Python, only the line that raised is looked up: AWS shows it to the caller.
 */
import { ctx } from '../../../src/exec/ctx.ts'
import { StateError } from '../../../src/lang/asl/state-error.ts'
import { resourceOf, type TaskRequest } from '../../../src/lang/asl/task/index.ts'
import type { Json } from '../../../src/util/json.ts'
import { type Behaviour, isObject } from './case.ts'

export type Handler = (event: Json, request: Pick<TaskRequest, 'timeoutSeconds' | 'resource'>) => Json

/** How long attempts took that ran for real, in virtual seconds, by step and attempt. */
export type Durations = Map<string, number>

export const durationKey = (at: { readonly step: string; readonly attempt: number }): string =>
  `${at.step} ${at.attempt}`

/** Undefined: nothing known, so what was recorded has to stand in. */
export function handlerOf(behaviour: Behaviour, durations: Durations): Handler | undefined {
  switch (behaviour.behaviour) {
    case 'echo':
      return event => event
    case 'constant':
    case 'return':
      return () => behaviour['value'] ?? null
    case 'large':
      return () => String(behaviour['char'] ?? 'a').repeat(Number(behaviour['bytes'] ?? 0))
    case 'raise':
      return (_event, { resource }) => {
        throw raised(behaviour, resource)
      }
    case 'sleep': {
      const { then, seconds } = behaviour
      const rest = isObject(then) ? { behaviour: 'echo', ...then } : { ...behaviour, behaviour: String(then ?? 'echo') }
      const next = handlerOf(rest, durations)
      return next && ((event, request) => slept(Number(seconds ?? 0), durations, request, () => next(event, request)))
    }
    default:
      return undefined
  }
}

/** Virtual time; a state's own limit is kept here too, since one that data gives counts real time. */
function slept<T>(seconds: number, durations: Durations, request: Parameters<Handler>[1], next: () => T): T {
  const { timeoutSeconds = Number.POSITIVE_INFINITY } = request
  const key = durationKey(ctx())
  durations.set(key, (durations.get(key) ?? 0) + Math.min(seconds, timeoutSeconds))
  if (seconds >= timeoutSeconds) throw new StateError('States.Timeout')
  return next()
}

/** As AWS Lambda tells of an exception in Python; asked by its own ARN, in Python's own spelling of JSON. */
function raised(behaviour: Behaviour, resource: string): StateError {
  const errorType = String(behaviour['errorType'] ?? 'Exception')
  const source = String(behaviour['source'] ?? '').split('\n')
  const at = source.findIndex(line => /^\s+raise\b/.test(line))
  const frame = `  File "/var/task/handler.py", line ${at + 1}, in handler\n    ${(source[at] ?? '').trim()}\n`
  const told = {
    errorMessage: String(behaviour['errorMessage'] ?? ''),
    errorType,
    requestId: '5a1b3c0e-0000-4000-8000-000000000000',
    stackTrace: at < 0 ? [] : [frame],
  }
  const isOwn = resourceOf(resource).kind === 'lambda'
  return new StateError(errorType, isOwn ? spaced(told) : JSON.stringify(told))
}

/** JSON on one line with a space after each colon and comma. */
export const spaced = (value: Json): string =>
  JSON.stringify(value, undefined, 1)
    .replace(/(?<=[[{])\n */g, '')
    .replace(/\n *(?=[\]}])/g, '')
    .replace(/\n */g, ' ')
