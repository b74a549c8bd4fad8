/**
 * A past attempt of a flow: its body runs again, and every call is answered from the log, in the order of then. Nothing that
 * it calls is run: a call that has no recorded outcome fails with CALL_NOT_RECORDED, or EFFECT_BLOCKED.
 */
import { type Answer, calledStep, type FlowCall, type FlowRecord, type Input, type StepId } from '../../core/index.ts'
import type { TracedBindings } from '../../dsl/trace.ts'
import type { Blobs } from '../../store/store.ts'
import type { RunFlow } from '../bindings.ts'
import { realClock } from '../clock.ts'
import type { Environment, ValueStore } from '../../values/index.ts'
import { refuse } from '../../util/diagnostic.ts'
import { newDesk } from '../flow-desk.ts'

export interface Replay {
  readonly run: string
  readonly step: StepId
  readonly records: readonly FlowRecord[]
  readonly bindings: TracedBindings
  readonly values: ValueStore
  readonly blobs: Blobs
  readonly warn: (text: string) => void
}

export function replayFlow({ run, records, bindings, values, blobs, warn }: Replay): RunFlow {
  const desk = newDesk()
  const { answer } = desk.deskOf(run)
  const refuseCall = (call: FlowCall): void => answer(call.flow, call.key, { kind: 'failed', fault: unanswered(call) })
  desk.add(run, {
    session: {
      submit: input => {
        const reply = replyTo(input)
        if (reply) answer(reply.call.flow, reply.call.key, reply.answer)
      },
      enqueueCall: refuseCall,
      reviveCall: refuseCall,
      noteRest: () => undefined,
    },
    records: () => records,
    evaluation: { values, environment: environmentOf(values, bindings) },
    bindings,
    past: new Map(),
    library: new Map(),
    traced: new Map(),
    blobs,
    clock: realClock,
    warn: (_, text) => warn(text),
  })
  return desk.runFlow
}

/** Results of calls are expressions over values; what is only given by name is never in one. */
const environmentOf = (values: ValueStore, bindings: TracedBindings): Environment => ({
  load: (ref, path) => values.decode(ref, path),
  pure: name => bindings.pure.get(name) ?? refuse('TASK_UNKNOWN', `The bundle has no function ${name}`),
  resource: resource => refuse('RESOURCE_OUTSIDE_STEP', `A ${resource.kind} can only be used by a step`),
})

/** What the engine would answer to what a flow tells it. */
function replyTo(input: Input): { readonly call: FlowCall; readonly answer: Answer } | undefined {
  switch (input.kind) {
    case 'call.known':
      return {
        call: input.call,
        answer: { kind: 'succeeded', result: { kind: 'value', value: input.outcome.output, path: [] } },
      }
    case 'call.made':
      return { call: input.call, answer: { kind: 'failed', fault: unanswered(input.call) } }
    default:
      return undefined
  }
}

function unanswered(call: FlowCall): { readonly code: string; readonly message: string } {
  const { target } = call
  if (target.kind === 'node' && target.node.kind === 'effect')
    return {
      code: 'EFFECT_BLOCKED',
      message: `The flow calls the effect ${target.node.name} (${calledStep(call)}), which has no recorded outcome; it is not called while debugging`,
    }
  return {
    code: 'CALL_NOT_RECORDED',
    message: `The flow waits for ${calledStep(call)}, which has no recorded outcome in this attempt`,
  }
}
