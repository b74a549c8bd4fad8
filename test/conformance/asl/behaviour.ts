/**
 * Functions as recordings describe them, made real: what `behaviour` says is done by a function of ours. Of the source, which
 * was Python, only the line that raised is looked up: AWS shows it to the caller.
 */
import { ctx } from '../../../src/exec/ctx.ts'
import { StateError } from '../../../src/lang/asl/state-error.ts'
import type { Json } from '../../../src/util/json.ts'
import { type Behaviour, isObject } from './case.ts'

export type Handler = (event: Json) => Json

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
      return () => {
        throw raised(behaviour)
      }
    case 'sleep': {
      const { then, seconds } = behaviour
      const next = handlerOf(
        isObject(then) ? { behaviour: 'echo', ...then } : { ...behaviour, behaviour: String(then ?? 'echo') },
        durations,
      )
      return next && (event => slept(Number(seconds ?? 0), durations, () => next(event)))
    }
    default:
      return undefined
  }
}

function slept<T>(seconds: number, durations: Durations, next: () => T): T {
  const key = durationKey(ctx())
  durations.set(key, (durations.get(key) ?? 0) + seconds)
  return next()
}

/** As AWS Lambda tells of an exception in Python. */
function raised(behaviour: Behaviour): StateError {
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
  return new StateError(errorType, JSON.stringify(told))
}
