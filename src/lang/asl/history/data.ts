/** What events hold, as data of the language: frames, results, and errors as state machines know them. */
import type { Bound, Fault, ValueRef } from '../../../core/engine/protocol.ts'
import type { Json } from '../../../util/json.ts'
import { fromTagged } from '../../../util/tagged.ts'
import { andThen } from '../state/index.ts'
import type { Frame, Soon } from '../scope.ts'
import type { Child } from '../task/request.ts'
import { stateErrorIn } from '../work/errors.ts'
import type { Failure } from './thread.ts'

/** Reads what is not in the event itself. */
export type Load = (ref: ValueRef) => Soon<unknown>

export function valueIn(ref: ValueRef, load: Load): Soon<unknown> {
  return ref.codec === 'json' && ref.inline !== undefined && !ref.inline.includes('"$')
    ? (JSON.parse(ref.inline) as unknown)
    : load(ref)
}

/** Of what a shell has evaluated: no functions are left in it. */
export function boundValue(bound: Bound, load: Load): Soon<unknown> {
  switch (bound.kind) {
    case 'literal':
      return fromTagged(bound.value)
    case 'value':
      return andThen(valueIn(bound.value, load), value => bound.path.reduce(field, value))
    case 'list':
      return allOf(bound.items.map(item => boundValue(item, load)))
    case 'record': {
      const names = Object.keys(bound.fields)
      return andThen(allOf(Object.values(bound.fields).map(each => boundValue(each, load))), values =>
        Object.fromEntries(names.map((name, index) => [name, values[index]])),
      )
    }
    case 'apply':
    case 'resource':
      return undefined
  }
}

const allOf = (values: readonly Soon<unknown>[]): Soon<readonly unknown[]> =>
  values.some(value => value instanceof Promise) ? Promise.all(values) : values

const field = (value: unknown, key: string | number): unknown =>
  typeof value === 'object' && value !== null ? (value as { readonly [key: string]: unknown })[key] : undefined

/** Frames are ours: what was kept as one is one. */
export const frameOf = (value: unknown): Frame =>
  typeof value === 'object' && value !== null && 'input' in value
    ? (value as Frame)
    : { input: (value ?? null) as Json, vars: {}, events: 0 }

/** What a Task's effect gave: the frame that follows, and the call's own answer where it is another one. */
export interface Given {
  readonly frame?: Frame
  readonly result?: Json
  /** Of a request that was only begun: what the service said. */
  readonly submitted?: Json
  /** Of an execution that was begun. */
  readonly child?: Child
  readonly startedMs?: number
}

export const givenOf = (value: unknown): Given => (typeof value === 'object' && value !== null ? (value as Given) : {})

/** The name and cause of an error, and where it stood; of what is no error of a machine, the engine's own words. */
export async function failureOf(fault: Fault, load: Load): Promise<Failure> {
  const thrown = fault.error === undefined ? undefined : await valueIn(fault.error, load)
  const error = stateErrorIn({ ...fault, causes: [], error: thrown })
  if (!error) return { error: fault.code, cause: fault.message }
  return {
    ...(error.error === undefined ? {} : { error: error.error }),
    ...(error.reason === undefined ? {} : { cause: error.reason }),
    ...(error.location === undefined ? {} : { location: error.location }),
  }
}
