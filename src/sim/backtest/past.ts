/**
 * What a past run has to say to a replay: how long its steps took, how each attempt ended, and what the world told it.
 *
 * Its log is folded once with its own graph, so that of each answer it is known how long after its question it came: a
 * replay in which the question comes at another instant keeps that distance.
 *
 *   B1. An instant of the log is its place in it first: two facts of one millisecond keep their order.
 *   B2. Only the last life of a run counts; what it knew of the ones before is an answer like any other.
 */
import {
  apply,
  type Bound,
  type Command,
  callScopePath,
  compile,
  describeStep,
  emptyState,
  type Event,
  type Graph,
  isThere,
  type Node,
  type Note,
  type Outcome,
  type Program,
  type Region,
  type State,
  type StepId,
  type Timer,
} from '../../core/index.ts'
import type { Hash } from '../../util/hash.ts'
import { type Trail, newTrail } from './trail.ts'

/** B1. `atMs` as the event has it; `ms` never goes back, although clocks do. */
export interface Instant {
  readonly ms: number
  readonly order: number
  readonly atMs: number
}

/** An answer, and how long it was waited for. */
export interface Answer {
  readonly at: Instant
  readonly waitedMs: number
}

export interface TimerAnswer extends Answer {
  readonly dueAtMs: number
}

export interface KnownAnswer extends Answer {
  readonly args: readonly Bound[]
  readonly outcome: Extract<Outcome, { kind: 'succeeded' }>
}

export interface PastAttempt extends Answer {
  readonly node: Node
  /** What the step was called with. */
  readonly args: readonly Bound[]
  /** When it was asked to stop. */
  stopped?: Instant
  end?:
    | { readonly kind: 'ended'; readonly at: Instant; readonly outcome: Outcome }
    /** Its process died; another attempt went on for it. */
    | { readonly kind: 'lost'; readonly at: Instant }
}

/** That it might be granted; without an answer, that was in vain. */
export interface PastProposal {
  readonly ms: number
  granted?: Answer
}

export interface PastStep {
  /** How often it could start; with fewer attempts, it still waited for a slot when it was stopped. */
  starts: number
  readonly attempts: PastAttempt[]
  readonly known: KnownAnswer[]
  /** To what was asked of it: its branch, its items, its instant. */
  readonly choices: Answer[]
  readonly instants: TimerAnswer[]
  readonly proposals: PastProposal[]
  /** When it came to rest last. */
  rested?: Instant
}

/** A timer that was set. */
export interface PastTimer {
  readonly dueAtMs: number
  fired?: Instant
  /** When its step came to rest before it could fire. */
  rested?: Instant
}

/** What the world told the run by itself. */
export type Told = { readonly at: Instant } & (
  | { readonly kind: 'signal'; readonly event: Extract<Event, { kind: 'signal.received' }> }
  | { readonly kind: 'retry'; readonly step: StepId }
  | { readonly kind: 'cancel'; readonly reason: string; readonly scope?: string; readonly step?: StepId }
)

export interface Past {
  readonly run: string
  readonly graph: Graph
  readonly bundle: Hash
  readonly args: { readonly [param: string]: Bound }
  readonly started: Instant
  readonly deadlineAtMs: number | undefined
  readonly steps: ReadonlyMap<StepId, PastStep>
  /** By timer and step. */
  readonly timers: ReadonlyMap<string, readonly PastTimer[]>
  /** Calls of flows to workflows and waits, by the path of their scope. */
  readonly calls: ReadonlyMap<string, Instant>
  /** When flows heard of the answer to a call. */
  readonly answered: ReadonlyMap<string, Instant>
  readonly told: readonly Told[]
  /** How long a proposal waited at most. */
  readonly grantMsMax: number
  readonly ended: (Answer & { readonly event: Extract<Event, { kind: 'run.ended' }> }) | undefined
  readonly trail: Trail
  readonly eventCount: number
  readonly diverged: boolean
}

/** A program that many runs of one graph are folded with. */
export interface PastProgram {
  readonly graph: Graph
  readonly program: Program
  /** Workflows that flows have called. */
  readonly library: Map<Hash, Region>
}

export function newPastProgram(graph: Graph): PastProgram {
  const library = new Map<Hash, Region>()
  return { graph, library, program: compile(graph, library) }
}

export const timerKey = (timer: Timer, step: StepId): string => `${timer} ${step}`

/** Throws when the engine cannot have written these events for this graph. */
export function readPast({ graph, program }: PastProgram, run: string, events: readonly Event[]): Past | undefined {
  const first = events[0]
  if (first?.kind !== 'run.started') return undefined
  const state = emptyState(program)
  const lastLife = events.findLastIndex(event => event.kind === 'run.redriven')
  const from = Math.max(0, lastLife)
  for (const event of events.slice(0, from)) apply(state, event)
  const memory = newMemory(state)
  let ms = Number.NEGATIVE_INFINITY
  const life = from === 0 ? events : events.slice(from)
  for (const [order, event] of life.entries()) {
    ms = Math.max(ms, event.atMs)
    memory.add(event, { ms, order, atMs: event.atMs })
  }
  const { atMs } = life[0] ?? first
  const deadlineAtMs = from === 0 ? first.deadlineAtMs : undefined
  return {
    run,
    graph,
    bundle: first.bundle ?? '',
    args: first.args,
    started: { ms: atMs, order: 0, atMs },
    deadlineAtMs,
    eventCount: life.length,
    ...memory.learnt(),
  }
}

type Learnt = Pick<
  Past,
  'steps' | 'timers' | 'calls' | 'answered' | 'told' | 'grantMsMax' | 'ended' | 'trail' | 'diverged'
>

interface PastMemory {
  add(event: Event, at: Instant): void
  learnt(): Learnt
}

function newMemory(state: State): PastMemory {
  const steps = new Map<StepId, PastStep>()
  const timers = new Map<string, PastTimer[]>()
  const timersOf = new Map<StepId, PastTimer[]>()
  const calls = new Map<string, Instant>()
  const answered = new Map<string, Instant>()
  const told: Told[] = []
  const trail = newTrail()
  /** Since when a step could start, or was asked. */
  const askedMs = new Map<StepId, number>()
  let endAskedMs = 0
  let grantMsMax = 0
  let ended: Past['ended']
  let diverged = false

  const stepOf = (step: StepId): PastStep => {
    const known = steps.get(step)
    if (known) return known
    const made: PastStep = { starts: 0, attempts: [], known: [], choices: [], instants: [], proposals: [] }
    steps.set(step, made)
    return made
  }

  const answer = (step: StepId, at: Instant): Answer => ({
    at,
    waitedMs: Math.max(0, at.ms - (askedMs.get(step) ?? at.ms)),
  })

  const started = (event: Extract<Event, { kind: 'attempt.started' }>, at: Instant): void => {
    const { attempts } = stepOf(event.step)
    const before = attempts.at(-1)
    if (before && !before.end) before.end = { kind: 'lost', at }
    attempts.push({ ...answer(event.step, at), ...describeStep(state, event.step) })
  }

  const finished = (step: StepId, outcome: Outcome, at: Instant): void => {
    const attempt = steps.get(step)?.attempts.at(-1)
    if (attempt) attempt.end = { kind: 'ended', at, outcome }
  }

  const settled = (event: Extract<Event, { kind: 'step.settled' }>, at: Instant): void => {
    const { step, attempt, outcome, origin } = event
    if (attempt > 0) return finished(step, outcome, at)
    if (origin && outcome.kind === 'succeeded')
      stepOf(step).known.push({ ...answer(step, at), outcome, args: argsOf(event) })
    else stepOf(step).choices.push(answer(step, at))
  }

  /** A call of a flow is not there yet. */
  const argsOf = ({ call, step }: Extract<Event, { kind: 'step.settled' }>): readonly Bound[] =>
    call?.args ?? (isThere(state, step) ? describeStep(state, step).args : [])

  const fired = ({ timer, step }: Extract<Event, { kind: 'timer.fired' }>, at: Instant): void => {
    const set = timers.get(timerKey(timer, step))?.findLast(each => !each.fired)
    if (set) set.fired = at
  }

  const granted = (step: StepId, at: Instant): void => {
    const proposal = stepOf(step).proposals.at(-1)
    if (!proposal) return
    proposal.granted = { at, waitedMs: Math.max(0, at.ms - proposal.ms) }
    grantMsMax = Math.max(grantMsMax, proposal.granted.waitedMs)
  }

  /** Before it is folded: what it answers is still asked. */
  const learn = (event: Event, at: Instant): void => {
    switch (event.kind) {
      case 'attempt.failed':
        return finished(event.step, { kind: 'failed', fault: event.fault }, at)
      case 'step.parked':
        return finished(event.step, { kind: 'failed', fault: event.fault }, at)
      case 'step.settled':
        return settled(event, at)
      case 'chosen':
      case 'chosen.none':
        return void stepOf(event.step).choices.push(answer(event.step, at))
      case 'items.added':
        return void stepOf(event.step).choices.push(answer(event.step, at))
      case 'timer.set':
        return void stepOf(event.step).instants.push({ ...answer(event.step, at), dueAtMs: event.dueAtMs })
      case 'timer.fired':
        return fired(event, at)
      case 'granted':
        return granted(event.step, at)
      case 'signal.received':
        if (event.kept && event.step !== undefined) return granted(event.step, at)
        return void told.push({ kind: 'signal', event, at })
      case 'step.retried':
        return void told.push({ kind: 'retry', step: event.step, at })
      case 'step.stopped':
        if (event.fault.code !== 'CANCELLED') return void stepOf(event.step).choices.push(answer(event.step, at))
        return void told.push({ kind: 'cancel', reason: event.fault.message, step: event.step, at })
      case 'scope.closed':
        if (event.cause === 'diverged') diverged = true
        else told.push({ kind: 'cancel', reason: event.fault.message, scope: event.scope, at })
        return
      case 'call.added':
        return void calls.set(callScopePath(event.call), at)
      case 'run.ended':
        ended = { at, waitedMs: Math.max(0, at.ms - endAskedMs), event }
        return
      case 'attempt.started':
      case 'run.started':
      case 'run.redriven':
      case 'run.moved':
      case 'value.recorded':
        return
    }
  }

  const hear = (command: Command, at: Instant): void => {
    switch (command.kind) {
      case 'startAttempt':
        stepOf(command.step).starts += 1
        return void askedMs.set(command.step, Math.max(at.ms, command.notBeforeMs))
      case 'evaluateBranch':
      case 'evaluateItems':
      case 'evaluateTimer':
      case 'awaitSignal':
        stepOf(command.step)
        return void askedMs.set(command.step, at.ms)
      case 'armTimer': {
        const { step, timer, atMs } = command
        if (timer === 'wake') askedMs.set(step, at.ms)
        const set: PastTimer = { dueAtMs: atMs }
        listIn(timers, timerKey(timer, step)).push(set)
        listIn(timersOf, step).push(set)
        return
      }
      case 'stopAttempt': {
        const attempt = steps.get(command.step)?.attempts.at(-1)
        if (attempt) attempt.stopped ??= at
        return
      }
      case 'evaluateResult':
        endAskedMs = at.ms
        return
      case 'answerCall':
        return void answered.set(answerKey(command), at)
      case 'proposeGrant':
        return void stepOf(command.step).proposals.push({ ms: at.ms })
    }
  }

  const note = (fact: Note, at: Instant): void => {
    if (fact.kind !== 'rested' || fact.how === 'lingers') return
    const step = steps.get(fact.step)
    if (step) step.rested = at
    const set = timersOf.get(fact.step)
    if (!set) return
    for (const each of set) if (!each.fired) each.rested ??= at
    timersOf.delete(fact.step)
  }

  return {
    add(event, at) {
      learn(event, at)
      const notes: Note[] = []
      const commands = apply(state, event, notes)
      // After it: a call's step is there now.
      if (event.kind === 'attempt.started') started(event, at)
      trail.add(event)
      for (const command of commands) hear(command, at)
      for (const fact of notes) note(fact, at)
    },
    learnt: () => ({ steps, timers, calls, answered, told, grantMsMax, ended, trail, diverged }),
  }
}

export const answerKey = ({ flow, key }: { readonly flow: StepId; readonly key: string }): string => `${flow} ${key}`

function listIn<K, T>(map: Map<K, T[]>, key: K): T[] {
  const known = map.get(key)
  if (known) return known
  const made: T[] = []
  map.set(key, made)
  return made
}
