/**
 * Services of a run that is resumed: their steps have succeeded in an earlier life, and their processes went with it. They
 * are started again before anything else, in the order in which they became ready, so that what goes on finds them where
 * it was told that they are.
 */
import { describeStep, type Event, type Graph, type Region, regionsOf, type State, type StepId } from '../core/index.ts'
import type { Attempt, Executor, Reports } from '../exec/attempt.ts'
import type { Store } from '../store/store.ts'
import { refuse } from '../util/diagnostic.ts'
import { attemptOf } from './attempts.ts'

export interface Reviving {
  readonly store: Store
  readonly state: State
  readonly executor: Executor
  readonly bundleId: string
  readonly cwd: string
  readonly reportsOf: (step: StepId, attempt: number) => Reports
  readonly signal: AbortSignal
}

type Settled = Extract<Event, { kind: 'step.settled' }>

/** Refuses SERVICE_MOVED, or with what a service failed with; the run can be resumed again. */
export async function reviveServices(reviving: Reviving): Promise<void> {
  const { store, state } = reviving
  const settled: Settled[] = []
  for await (const { event } of store.read({ run: state.run })) {
    if (event.kind === 'run.redriven') settled.length = 0
    if (event.kind === 'step.settled' && event.outcome.kind === 'succeeded') settled.push(event)
  }
  for (const each of settled) {
    const attempt = serviceAttempt(reviving, each)
    if (attempt) await revive(reviving, each, attempt)
  }
}

function serviceAttempt({ state, bundleId, cwd }: Reviving, { step, attempt }: Settled): Attempt | undefined {
  const description = descriptionOf(state, step)
  if (description?.node.kind !== 'service') return undefined
  return attemptOf(description, { run: state.run, step, attempt, bundleId, cwd })
}

/** Nothing where its scope is over: what could use it is over, too. */
function descriptionOf(state: State, step: StepId): ReturnType<typeof describeStep> | undefined {
  try {
    return describeStep(state, step)
  } catch {
    return undefined
  }
}

async function revive({ executor, reportsOf, signal }: Reviving, settled: Settled, attempt: Attempt): Promise<void> {
  const { step, outcome: before } = settled
  const outcome = await executor(attempt, signal, reportsOf(step, attempt.attempt))
  if (outcome.kind === 'failed')
    refuse(outcome.fault.code, outcome.fault.message, { hint: 'Mend it, and resume the run.' })
  if (outcome.kind === 'cancelled' || before.kind !== 'succeeded') return
  if (outcome.output.hash !== before.output.hash)
    refuse('SERVICE_MOVED', `${attempt.name} is at another place than the one that the run's steps were told`, {
      hint: 'Free the port that it had, and resume the run; or cancel the run and redrive it.',
    })
}

/** `library`: workflows that flows have called. */
export const hasServices = ({ root }: Graph, library: ReadonlyMap<string, Region>): boolean =>
  [root, ...library.values()].some(hasService)

const hasService = (region: Region): boolean =>
  region.nodes.some(node => node.kind === 'service' || regionsOf(node).some(([, inner]) => hasService(inner)))
