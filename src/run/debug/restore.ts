/**
 * A past attempt as it was when it started: the log is folded up to there and the step is described then, so its arguments
 * are found again, whatever has happened to the run since.
 */
import {
  compile,
  describeStep,
  newLogFold,
  type Event,
  type FlowRecord,
  flowRecords,
  type Graph,
  isThere,
  type Region,
  type State,
  type StepDescription,
  type StepId,
} from '../../core/index.ts'
import type { Store } from '../../store/store.ts'
import { refuse } from '../../util/diagnostic.ts'
import { loadRegion } from '../launch.ts'

export interface Restored {
  readonly description: StepDescription
  /** Of a flow: its calls with their answers, as far as this attempt got. */
  readonly records: readonly FlowRecord[]
}

export interface AttemptName {
  readonly run: string
  readonly step: StepId
  readonly attempt: number
}

/** The attempt must be in the log. */
export async function restoreAttempt(store: Store, graph: Graph, name: AttemptName): Promise<Restored> {
  const library = new Map<string, Region>()
  const fold = newLogFold(compile(graph, library))
  let state: State | undefined
  let description: StepDescription | undefined
  for await (const { event } of store.read({ run: name.run })) {
    if (description && isOver(event, name.step)) break
    if ('call' in event && event.call) await loadRegion(store, library, event.call.target)
    state = fold.add(event)
    if (!state || event.kind !== 'attempt.started' || event.step !== name.step || event.attempt !== name.attempt)
      continue
    description = describeStep(state, name.step)
    if (description.node.kind !== 'flow') break
  }
  if (!description || !state)
    return refuse('ATTEMPT_MOVED', `Attempt ${name.attempt} of ${name.step} was made before the run was moved here`, {
      hint: 'Debug a later attempt.',
    })
  const isOpenFlow = description.node.kind === 'flow' && isThere(state, name.step)
  return { description, records: isOpenFlow ? flowRecords(state, name.step) : [] }
}

/** The attempt ends with this event, or another begins. */
function isOver(event: Event, step: StepId): boolean {
  switch (event.kind) {
    case 'run.redriven':
    case 'run.ended':
      return true
    case 'attempt.started':
    case 'attempt.failed':
    case 'step.parked':
    case 'step.settled':
      return event.step === step
    default:
      return false
  }
}
