/**
 * What a run already knows: the outcomes in its log, as answers to steps and flows' calls of a new life.
 *
 *   O1. Known are outcomes of steps, instants that have come, and signals; guards are pure, and evaluated again.
 *   O2. They keep the order of the log (session.ts, R4): a race has the winner that it had.
 *   O3. Not known is what was undone, or lost a race, or is to be done again, and all that follows from it; nor a service,
 *       whose process is gone.
 */
import {
  type Bound,
  calledStep,
  type Event,
  type FlowCall,
  type Graph,
  type Node,
  type Note,
  type StepId,
  type ValueRef,
} from '../core/index.ts'
import { follower, nodeOfStep } from './downstream.ts'
import type { PastCall } from './flow.ts'
import type { Known } from './known-answers.ts'

export interface KnownOutcomes {
  readonly outcome: Known
  /** Calls of flows, by the flow's step. */
  readonly calls: ReadonlyMap<StepId, readonly PastCall[]>
  readonly signals: KnownSignals
}

export interface KnownSignals {
  /** That nobody has taken yet. */
  readonly kept: readonly KnownSignal[]
  /** That added items to an each, by its step. */
  readonly added: ReadonlyMap<StepId, readonly KnownSignal[]>
}

interface KnownSignal {
  readonly signal: string
  readonly value: Bound
}

export interface Forgetting {
  /** These steps run again, and all that follows from them. */
  readonly from: readonly StepId[]
  /** Records that a diverged flow need not ask for. */
  readonly accept: readonly StepId[]
}

export const NOTHING_KNOWN: KnownOutcomes = {
  outcome: () => undefined,
  calls: new Map(),
  signals: { kept: [], added: new Map() },
}

interface Output {
  readonly value: ValueRef
  /** Its place in the log. */
  readonly order: number
}

/** Reads a run's log, with what the engine notes of each event. */
export interface Recollection {
  /** The life that begins now is one of this graph. */
  live(graph: Graph): void
  add(event: Event, notes: readonly Note[]): void
  /** Everything that succeeded, minus what is to be forgotten. */
  known(forgetting: Forgetting): KnownOutcomes
}

/** `nothing`: the value of what gives none. */
export function newRecollection(first: Graph, nothing: ValueRef): Recollection {
  let graph = first
  const outputs = new Map<StepId, Output>()
  const calls = new Map<StepId, FlowCall>()
  const kept: KnownSignal[] = []
  const added = new Map<StepId, KnownSignal[]>()
  /** Of one life: scopes that left by `x`, by the step that they belong to, and those that lost by that. */
  const exited = new Map<StepId, string[]>()
  const lost = new Set<string>()
  const undone = new Set<StepId>()
  let order = 0

  /** What a service gave is where it was: its process is gone. */
  const isOver = (step: StepId): boolean => nodeOfStep(graph, step)?.kind === 'service'

  const learn = (step: StepId, value: ValueRef): void => {
    outputs.set(step, { value, order })
    const undoing = undoneBy(graph, step)
    if (undoing !== undefined) undone.add(undoing)
  }

  const note = (fact: Note): void => {
    if (fact.kind === 'left' && fact.how === 'exited') {
      const owner = ownerOf(fact.scope)
      exited.set(owner, [...(exited.get(owner) ?? []), fact.scope])
    }
    const isPast = fact.kind === 'rested' && (fact.how === 'passed' || fact.how === 'lingers')
    if (!isPast || !exited.has(fact.step)) return
    if (isChoice(nodeOfStep(graph, fact.step))) for (const scope of exited.get(fact.step) ?? []) lost.add(scope)
  }

  /** O3. At the end of each life. */
  const forget = ({ from, accept }: Forgetting): void => {
    const follows = follower(graph, [...from, ...undone])
    for (const step of outputs.keys())
      if (accept.includes(step) || follows(step) || isInside(lost, step)) outputs.delete(step)
    for (const step of added.keys()) if (follows(step) || isInside(lost, step)) added.delete(step)
    for (const seen of [exited, lost, undone]) seen.clear()
  }

  return {
    live: next => void (graph = next),
    add(event, notes) {
      order += 1
      if ('call' in event && event.call?.target.kind === 'node') calls.set(calledStep(event.call), event.call)
      if (event.kind === 'call.added' && event.call.target.kind === 'wait')
        calls.set(calledStep(event.call), event.call)
      if (event.kind === 'step.settled' && event.outcome.kind === 'succeeded') learn(event.step, event.outcome.output)
      if (event.kind === 'timer.fired' && event.timer === 'wake') learn(event.step, nothing)
      if (event.kind === 'signal.received') receive(event)
      if (event.kind === 'run.redriven') forget(event)
      else for (const fact of notes) note(fact)
    },
    known(forgetting) {
      forget(forgetting)
      return {
        outcome: step => {
          const output = isOver(step) ? undefined : outputs.get(step)
          return output && { outcome: { kind: 'succeeded', output: output.value }, from: step, order: output.order }
        },
        calls: pastCalls(outputs, calls),
        signals: { kept: [...kept], added },
      }
    },
  }

  function receive({ signal, value, step, kept: wasKept }: Extract<Event, { kind: 'signal.received' }>): void {
    if (step === undefined) return void kept.push({ signal, value })
    if (wasKept)
      kept.splice(
        kept.findIndex(each => each.signal === signal),
        1,
      )
    if (value.kind === 'value' && value.path.length === 0 && nodeOfStep(graph, step)?.kind !== 'each')
      return learn(step, value.value)
    added.set(step, [...(added.get(step) ?? []), { signal, value }])
  }
}

/** Whether a step goes on although some of its scopes have left by `x`: they lost. */
const isChoice = (node: Node | undefined): boolean =>
  node?.kind === 'race' || node?.kind === 'some' || (node?.kind === 'each' && node.until !== undefined)

/** `ci/race.fast/` belongs to the step `ci/race`. */
function ownerOf(scope: string): StepId {
  const start = scope.lastIndexOf('/', scope.length - 2) + 1
  const segment = scope.slice(start, -1)
  const end = segment.search(/[.[]/)
  return scope.slice(0, start) + (end < 0 ? segment : segment.slice(0, end))
}

function isInside(scopes: ReadonlySet<string>, step: StepId): boolean {
  if (scopes.size === 0) return false
  for (let end = step.indexOf('/'); end >= 0; end = step.indexOf('/', end + 1))
    if (scopes.has(step.slice(0, end + 1))) return true
  return false
}

/** The step that a step of an undoing has undone. */
function undoneBy(graph: Graph, step: StepId): StepId | undefined {
  const end = step.indexOf(UNDO_MARK)
  if (end < 0) return undefined
  const owner = step.slice(0, end)
  const node = nodeOfStep(graph, owner)
  // An arm may be called `undo`, too.
  return node && !node.undo ? undefined : owner
}

const UNDO_MARK = '.undo/'

function pastCalls(
  outputs: ReadonlyMap<StepId, Output>,
  calls: ReadonlyMap<StepId, FlowCall>,
): ReadonlyMap<StepId, readonly PastCall[]> {
  const found = new Map<StepId, PastCall[]>()
  const inOrder = [...outputs].sort(([, a], [, b]) => a.order - b.order)
  for (const [step, { value }] of inOrder) {
    const call = calls.get(step)
    if (!call) continue
    const list = found.get(call.flow) ?? []
    list.push({ call, outcome: { kind: 'succeeded', output: value }, step })
    found.set(call.flow, list)
  }
  return found
}
