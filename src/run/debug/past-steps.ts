/**
 * What can be debugged: every attempt that the log of a run has, of all its lives (each redrive begins a new one), and the
 * one that a user means.
 */
import type { Event, FlowCall, Graph, NodeKind, Outcome, Position, Region, StepId } from '../../core/index.ts'
import { everyStep, isWork, runView, type StepView } from '../../observe/index.ts'
import type { Store } from '../../store/store.ts'
import { refuse } from '../../util/diagnostic.ts'
import { nearestName } from '../../util/nearest.ts'
import { loadRegion } from '../launch.ts'

export interface PastStep {
  readonly id: StepId
  readonly path: string
  readonly name: string
  readonly kind: NodeKind | 'unknown'
  /** Where it is called. */
  readonly at?: Position
  /** In order of their numbers. */
  readonly attempts: readonly PastAttempt[]
}

export interface PastAttempt {
  readonly attempt: number
  readonly startedAtMs: number
  /** Absent when nothing told: it still runs, or died with its process. */
  readonly outcome?: Outcome
}

export type PastSteps = ReadonlyMap<StepId, PastStep>

/** Those that have not begun included. */
export async function pastSteps(store: Store, graph: Graph, run: string): Promise<PastSteps> {
  const library = new Map<FlowCall['argsHash'], Region>()
  const fold = runView(graph, library)
  const steps = new Map<StepId, PastStep>()
  const attempts = new Map<StepId, PastAttempt[]>()
  for await (const { event } of store.read({ run })) {
    if ('call' in event && event.call) await loadRegion(store, library, event.call.target)
    fold.add(event)
    note(attempts, event)
    // The view begins anew with each redrive, and forgets old turns of a loop: what it is called is asked now.
    const started = event.kind === 'attempt.started' ? fold.view.steps.get(event.step) : undefined
    if (started) steps.set(started.id, pastStep(started, attempts.get(started.id)))
  }
  for (const step of everyStep(fold.view, fold.view.root))
    if (!steps.has(step.id)) steps.set(step.id, pastStep(step, attempts.get(step.id)))
  return steps
}

const pastStep = ({ id, path, name, kind, at }: StepView, attempts: readonly PastAttempt[] = []): PastStep => ({
  id,
  path,
  name,
  kind,
  ...(at ? { at } : {}),
  attempts,
})

/** Lists grow in place: a step's own is known to its first `PastStep` already. */
function note(attempts: Map<StepId, PastAttempt[]>, event: Event): void {
  switch (event.kind) {
    case 'attempt.started': {
      const list = attempts.get(event.step) ?? []
      list.push({ attempt: event.attempt, startedAtMs: event.atMs })
      attempts.set(event.step, list)
      return
    }
    case 'attempt.failed':
    case 'step.parked':
      return end(attempts.get(event.step), event.attempt, { kind: 'failed', fault: event.fault })
    case 'step.settled':
      return end(attempts.get(event.step), event.attempt, event.outcome)
    default:
      return
  }
}

function end(list: PastAttempt[] | undefined, attempt: number, outcome: Outcome): void {
  const index = list?.findIndex(each => each.attempt === attempt) ?? -1
  const found = list?.[index]
  if (list && found) list[index] = { ...found, outcome }
}

/** The attempt that a user means: of the step with this id, display path or name; the last one unless a number is given. */
export function chooseAttempt(
  steps: PastSteps,
  run: string,
  wanted: { readonly step: string; readonly attempt?: number },
): { readonly step: PastStep; readonly attempt: PastAttempt } {
  const step = chooseStep(steps, run, wanted.step)
  if (step.kind === 'service')
    refuse('STEP_HAS_NO_ATTEMPT', `Step ${step.path} is a service, which goes on: it cannot be run again alone`, {
      hint: `Start it with what it needs: tutti run --only ${step.name}. Its lines: tutti logs ${run} ${step.path}.`,
    })
  const attempt =
    wanted.attempt === undefined ? step.attempts.at(-1) : step.attempts.find(each => each.attempt === wanted.attempt)
  if (attempt) return { step, attempt }
  if (step.attempts.length === 0) return refuseIdle(steps, run, step)
  return refuse('ATTEMPT_UNKNOWN', `Step ${step.path} of run ${run} has no attempt ${wanted.attempt}`, {
    hint: `Its attempts: ${step.attempts.map(each => each.attempt).join(', ')}.`,
  })
}

/** Names that are shown at once: a list of thousands helps nobody. */
const SHOWN_MAX = 10

function chooseStep(steps: PastSteps, run: string, name: string): PastStep {
  const exact = steps.get(name)
  if (exact) return exact
  const all = [...steps.values()]
  const byPath = all.filter(step => step.path === name)
  const named = byPath.length > 0 ? byPath : all.filter(step => step.name === name)
  const tried = named.filter(step => step.attempts.length > 0)
  const [first, ...others] = tried.length > 0 ? tried : named
  if (!first) return refuseUnknown(all, run, name)
  if (others.length === 0) return first
  return refuse('STEP_AMBIGUOUS', `Run ${run} has ${others.length + 1} steps ${name}`, {
    hint: `Name one of them: ${shown(steps, [first, ...others])}.`,
  })
}

function refuseUnknown(all: readonly PastStep[], run: string, name: string): never {
  const near = nearestName(
    name,
    all.flatMap(step => [step.id, step.path, step.name]),
  )
  refuse('STEP_UNKNOWN', `Run ${run} has no step ${name}`, {
    hint: near ? `Did you mean ${near}?` : `tutti show ${run} lists its steps.`,
  })
}

/** There is nothing to run: the step only holds others, only waits, or was never tried. */
function refuseIdle(steps: PastSteps, run: string, step: PastStep): never {
  const inside = [...steps.values()].filter(each => isInside(each.id, step.id) && each.attempts.length > 0)
  if (inside.length > 0)
    refuse('STEP_HAS_NO_ATTEMPT', `Step ${step.path} is nothing to run: ${aKind(step.kind)} only holds other steps`, {
      hint: `Name one of those: ${shown(steps, inside)}.`,
    })
  if (step.kind === 'wait' || step.kind === 'cancel')
    refuse('STEP_HAS_NO_ATTEMPT', `Step ${step.path} is nothing to run: it is ${aKind(step.kind)}`, {
      hint: 'Tasks, effects, flows and sources have attempts.',
    })
  refuse('STEP_HAS_NO_ATTEMPT', `Step ${step.path} has not been tried in run ${run}`, {
    hint: isWork(step.kind)
      ? `It has not begun, or its result was known from elsewhere: tutti show ${run}`
      : `It is ${aKind(step.kind)}, which only holds other steps, and none of them has been tried.`,
  })
}

const aKind = (kind: PastStep['kind']): string => `${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind}`

/** Whether a step id lies in a scope under the step `around`: `around/`, `around.branch/`, `around[key]/`. */
const isInside = (id: StepId, around: StepId): boolean =>
  id.startsWith(around) && ['/', '.', '['].includes(id.charAt(around.length))

/** By their display paths, but for one that is another step's id. */
function shown(steps: PastSteps, some: readonly PastStep[]): string {
  const names = some.slice(0, SHOWN_MAX).map(({ id, path }) => (steps.get(path) ? id : path))
  const more = some.length - names.length
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ')
}
