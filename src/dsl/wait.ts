/** `signal` and `sleep`: steps that wait for the world. Their behaviour comes with the next version: a graph with one is refused. */
import { durationMs, type Duration } from '../util/duration.ts'
import { toExpr } from './expr.ts'
import { NAME } from './handle.ts'
import { located } from './hooks.ts'
import { nodeRef } from './ref.ts'
import { checkSchema, jsonSchemaOf } from './schema.ts'
import { addNode, mustBuild } from './trace.ts'
import type { Ref, Schema } from './types.ts'

export interface Signal<T> {
  wait(options?: { readonly timeout?: Duration }): Ref<T>
}

/** Something that a person or another system tells the run. Default name: the variable that holds it. */
export function signal<O = void>(schema?: Schema<O>, options: { readonly name?: string } = {}): Signal<O> {
  if (schema) checkSchema(schema, 'signal()')
  const type = schema ? jsonSchemaOf(schema) : {}
  let name = options.name
  const made: Signal<O> = {
    wait({ timeout } = {}) {
      const builder = mustBuild('signal.wait()')
      const policy = timeout === undefined ? {} : { timeoutMs: located(() => durationMs(timeout)) }
      const called = name ?? 'signal'
      return nodeRef<O>(
        builder,
        addNode(builder, called, { kind: 'wait', on: { kind: 'signal', signal: called, type }, policy }),
      )
    },
  }
  const takeName = (given: string): void => void (name ??= given)
  return Object.defineProperty(made, NAME, { value: takeName })
}

/** Passes after a time. Refuses BAD_DURATION. */
export function sleep(duration: Duration): Ref<undefined> {
  const builder = mustBuild('sleep()')
  const ms = located(() => durationMs(duration))
  return nodeRef<undefined>(
    builder,
    addNode(builder, 'sleep', { kind: 'wait', on: { kind: 'timer', duration: toExpr(builder, ms, 'duration') } }),
  )
}
