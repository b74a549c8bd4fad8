/** `signal`: what a person or another system tells the run. A wait for one is a step; in a flow, a call. */
import { refuse } from '../../util/diagnostic.ts'
import type { Duration } from '../../util/duration.ts'
import type { Json } from '../../util/json.ts'
import { waitInFlow } from '../flow-host.ts'
import { NAME } from '../handle.ts'
import { currentSite } from '../hooks.ts'
import { checkOptions, duration, msOf, oneOf, text } from '../options.ts'
import { nodeRef } from '../ref.ts'
import { checkSchema, jsonSchemaOf } from '../schema.ts'
import { addNode, type Builder, currentBuilder, mustBuild } from '../trace.ts'
import type { Ref, Schema, Signal } from '../types.ts'

export interface SignalOptions {
  /** What it is sent by. Default: the variable that holds it. */
  readonly name?: string
  /** One that comes before anybody waits for it is kept for who will (default), or lost. */
  readonly early?: 'kept' | 'transient'
}

/** What stands behind a signal. */
interface Spec {
  readonly name: string
  readonly type: Json
  readonly early: 'kept' | 'transient'
  readonly schema: Schema | undefined
}

const SPEC = Symbol.for('tutti.signal')

/** Without the loader, signals are told apart by their order. */
let count = 0

/** The value that is sent passes the validator; without one it is undefined. Refuses BAD_ARGUMENT and BAD_OPTION. */
export function signal<O = undefined>(schema?: Schema<O>, options: SignalOptions = {}): Signal<O> {
  if (schema) checkSchema(schema, 'signal()')
  checkOptions(options, { name: text("'approval'"), early: oneOf('kept', 'transient') })
  const type = schema ? jsonSchemaOf(schema) : {}
  let name = options.name ?? currentSite()?.id ?? `signal~${++count}`
  let isNamed = options.name !== undefined
  const spec = (): Spec => ({ name, type, early: options.early ?? 'kept', schema })
  const made: Signal<O> = {
    get name() {
      return name
    },
    wait: (given = {}) => waitFor<O>(spec(), given),
  }
  const takeName = (given: string): void => {
    // In `{ more: signal() }` the name is that of the option: two such signals would be one.
    if (isNamed || given === 'more') return
    name = given
    isNamed = true
  }
  return Object.defineProperties(made, { [NAME]: { value: takeName }, [SPEC]: { get: spec } })
}

/** What a signal is, seen by what takes one. */
export const specOf = (value: unknown): Spec | undefined =>
  typeof value === 'object' && value !== null ? (value as { readonly [SPEC]?: Spec })[SPEC] : undefined

function waitFor<O>(spec: Spec, options: { readonly timeout?: Duration }): Ref<O> {
  checkOptions(options, { timeout: duration })
  const { name, type, early, schema } = spec
  const policy = options.timeout === undefined ? {} : { timeoutMs: msOf(options.timeout) }
  const builder = currentBuilder()
  if (!builder) {
    const waited = waitInFlow({ name, policy, on: { kind: 'signal', signal: name, type, early, schema } })
    // The validator's output is what is waited for, which the flow's host cannot know.
    return (waited ?? mustBuild('signal.wait()')) as Ref<O>
  }
  declareSignal(builder, spec)
  return nodeRef<O>(
    builder,
    addNode(builder, name, { kind: 'wait', on: { kind: 'signal', signal: name, type, early }, policy }),
  )
}

/** What is sent is checked by the signal's validator, so a name has one. Refuses SIGNAL_TWICE. */
export function declareSignal({ trace: { bindings } }: Builder, { name, schema }: Spec): void {
  if (bindings.signals.has(name) && bindings.signals.get(name) !== schema)
    refuse('SIGNAL_TWICE', `Two signals with other values are called ${name}`, {
      at: currentSite()?.at,
      hint: 'Give one of them another name.',
    })
  bindings.signals.set(name, schema)
}
