/** What a run already knows: the outcomes in its log, as answers to steps and flows' calls of a new life. */
import { type Event, type Graph, calledStep, type FlowCall, type StepId, type ValueRef } from '../core/index.ts'
import type { PastCall } from './flow.ts'
import type { Known } from './session.ts'
import { followsFrom } from './downstream.ts'

export interface KnownOutcomes {
  readonly outcome: Known
  /** Calls of flows, by the flow's step. */
  readonly calls: ReadonlyMap<StepId, readonly PastCall[]>
}

export interface Forgetting {
  /** These steps run again, and all that follows from them. */
  readonly from: readonly StepId[]
  /** Records that a diverged flow need not ask for. */
  readonly accept: readonly StepId[]
}

/** Everything that succeeded in `events`, minus what is to be forgotten. */
export function knownOutcomes(graph: Graph, events: readonly Event[], { from, accept }: Forgetting): KnownOutcomes {
  const outputs = new Map<StepId, ValueRef>()
  const calls = new Map<StepId, FlowCall>()
  for (const event of events) {
    if ('call' in event && event.call?.target.kind === 'node') calls.set(calledStep(event.call), event.call)
    if (event.kind === 'step.settled' && event.outcome.kind === 'succeeded')
      outputs.set(event.step, event.outcome.output)
  }
  for (const step of outputs.keys()) {
    if (accept.includes(step) || followsFrom(graph, from, step)) outputs.delete(step)
  }
  return { outcome: outcomeIn(outputs), calls: pastCalls(outputs, calls) }
}

/** What the last redrive in the log began with; nothing when there was none, because the state says it all. */
export function knownBeforeRedrive(graph: Graph, events: readonly Event[]): KnownOutcomes {
  const index = events.findLastIndex(event => event.kind === 'run.redriven')
  const redriven = events[index]
  if (redriven?.kind !== 'run.redriven') return { outcome: () => undefined, calls: new Map() }
  return knownOutcomes(graph, events.slice(0, index), redriven)
}

function outcomeIn(outputs: ReadonlyMap<StepId, ValueRef>): Known {
  return step => {
    const output = outputs.get(step)
    return output && { outcome: { kind: 'succeeded', output }, from: step }
  }
}

function pastCalls(
  outputs: ReadonlyMap<StepId, ValueRef>,
  calls: ReadonlyMap<StepId, FlowCall>,
): ReadonlyMap<StepId, readonly PastCall[]> {
  const found = new Map<StepId, PastCall[]>()
  // In the order of the log: `outputs` keeps the order of settling.
  for (const [step, output] of outputs) {
    const call = calls.get(step)
    if (!call) continue
    const list = found.get(call.flow) ?? []
    list.push({ call, outcome: { kind: 'succeeded', output }, step })
    found.set(call.flow, list)
  }
  return found
}
