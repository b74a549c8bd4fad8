/** `signal` and `sleep`: steps that wait for the world. Their behaviour comes with the next version: a graph with one is refused. */
import { durationMs, type Duration } from '../util/duration.ts'
import { toExpr } from './expr.ts'
import { nodeRef } from './ref.ts'
import { addNode, mustBuild } from './trace.ts'
import type { Ref, Schema } from './types.ts'

export interface Signal<T> {
  wait(options?: { readonly timeout?: Duration }): Ref<T>
}

/** Something that a person or another system tells the run. */
export function signal<O = void>(_schema?: Schema<O>, options: { readonly name?: string } = {}): Signal<O> {
  const name = options.name ?? 'signal'
  return {
    wait: ({ timeout } = {}) => {
      const builder = mustBuild('signal.wait()')
      const policy = timeout === undefined ? {} : { timeoutMs: durationMs(timeout) }
      return nodeRef<O>(builder, addNode(builder, name, { kind: 'wait', on: { kind: 'signal', signal: name, type: {} }, policy }))
    },
  }
}

/** Passes after a time. */
export function sleep(duration: Duration): Ref<undefined> {
  const builder = mustBuild('sleep()')
  return nodeRef<undefined>(builder, addNode(builder, 'sleep', { kind: 'wait', on: { kind: 'timer', duration: toExpr(builder, durationMs(duration), 'duration') } }))
}
