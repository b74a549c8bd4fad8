/**
 * The fold from events to a `RunView`. One event costs what the engine's own `apply` does and O(depth of its step).
 *
 * An event's own facts (an attempt, a failure, a value) are written to its step; what follows from it (a scope ended, a
 * step was skipped) is told by the engine, which plays the same log: ./replay.ts. The view is one living object: read it
 * after `add`, do not keep parts of it.
 *
 *   F2. An event that comes twice changes no count and no state the second time.
 */
import type { Note } from '../core/engine/note.ts'
import type { Bound, Event, Fault, FlowCall, Library, StepId, ValueRef } from '../core/engine/protocol.ts'
import type { Graph } from '../core/graph/graph.ts'
import { unreachable } from '../util/unreachable.ts'
import { newReplay } from './replay.ts'
import { isActive, isHeld, isWork, type RunView, type StepState } from './run-view.ts'
import { shift, sizeOf } from './tallies.ts'
import {
  begin,
  dropTurns,
  expectSteps,
  insideOf,
  isAroundThere,
  move,
  newTree,
  openCall,
  ownerOf,
  refresh,
  scopeAt,
  type Step,
  stepOf,
  type Tree,
} from './tree.ts'

export interface RunFold {
  readonly view: RunView
  /** Folds the run's next event in. */
  add(event: Event): void
}

type Writable<T> = { -readonly [field in keyof T]: T[field] }
type EventOf<K extends Event['kind']> = Extract<Event, { kind: K }>
type NoteOf<K extends Note['kind']> = Extract<Note, { kind: K }>

/** `library`: regions of workflows that flows of this run called; without it their steps show under their ids. */
export function runView(graph: Graph, library: Library = new Map()): RunFold {
  const replay = newReplay(graph, library)
  const changed: Step[] = []
  let tree = newTree(graph)
  const fold: Writable<RunFold> = { view: emptyView(graph, tree, changed), add }
  let view = fold.view as Writable<RunView>
  /** Of flows, which rest after their last call. */
  const ends = new Map<StepId, EventOf<'step.settled'>>()

  function add(event: Event): void {
    view.lastAtMs = Math.max(view.lastAtMs, event.atMs)
    const notes = replay.play(event)
    changed.length = 0
    if (event.kind === 'run.redriven') redrive(event.atMs)
    write(event, notes !== undefined)
    for (const note of notes ?? []) {
      follow(note, event)
      if ('step' in note && !('step' in event && event.step === note.step)) noteChange(note.step)
    }
  }

  function noteChange(id: StepId): void {
    const step = tree.steps.get(id)
    if (step && isWork(step.kind) && step.state.kind !== 'waiting') changed.push(step)
  }

  /** What the event itself says. `isPlayed`: what follows is told by notes. */
  function write(event: Event, isPlayed: boolean): void {
    switch (event.kind) {
      case 'run.started':
        Object.assign(view, { run: event.run, status: 'running', startedAtMs: event.atMs })
        if (event.deadlineAtMs !== undefined) view.deadlineAtMs = event.deadlineAtMs
        return
      case 'attempt.started':
        return startAttempt(event)
      case 'attempt.failed':
        return failAttempt(event)
      case 'step.settled':
        return settle(event, isPlayed)
      case 'chosen':
        return choose(event)
      case 'items.added':
        return addItems(event, isPlayed)
      case 'call.added':
        return addCall(event.call, event.atMs)
      case 'value.recorded': {
        const { step: id, attempt, name, value, atMs } = event
        const step = stepOf(tree, id)
        step.recorded = [...step.recorded, { attempt, name, value, atMs }]
        return
      }
      case 'step.parked': {
        const { step: id, attempt, fault, atMs } = event
        const step = stepOf(tree, id)
        step.failures = [...step.failures, { attempt, fault, atMs }]
        return move(tree, step, { kind: 'parked', attempt, fault, sinceMs: atMs })
      }
      case 'step.retried':
      case 'granted':
        return move(tree, stepOf(tree, event.step), { kind: 'waiting' })
      case 'timer.set':
      case 'step.stopped':
      case 'chosen.none':
        stepOf(tree, event.step)
        return
      case 'timer.fired':
        return event.step === '' ? closeRun('timed-out', RUN_TIMEOUT) : void stepOf(tree, event.step)
      case 'signal.received':
        if (event.step !== undefined) stepOf(tree, event.step)
        return
      case 'scope.closed':
        return event.scope === '' ? closeRun(event.cause, event.fault) : undefined
      case 'run.redriven':
      case 'run.moved':
        return
      case 'run.ended':
        return end(event)
      default:
        return unreachable(event)
    }
  }

  function startAttempt({ step: id, attempt, worker, call, atMs }: EventOf<'attempt.started'>): void {
    if (call) addCall(call, atMs)
    const step = stepOf(tree, id)
    step.attempts = Math.max(step.attempts + 1, 1)
    begin(step, atMs)
    move(tree, step, { kind: 'running', attempt, sinceMs: atMs, worker })
  }

  function failAttempt({ step: id, attempt, fault, retryAtMs, atMs }: EventOf<'attempt.failed'>): void {
    const step = stepOf(tree, id)
    step.failures = [...step.failures, { attempt, fault, atMs, retryAtMs }]
    move(tree, step, { kind: 'retrying', attempt, retryAtMs })
  }

  function settle(event: EventOf<'step.settled'>, isPlayed: boolean): void {
    const { step: id, attempt, outcome, call, atMs } = event
    if (call) addCall(call, atMs)
    const step = stepOf(tree, id)
    if (outcome.kind === 'failed') step.failures = [...step.failures, { attempt, fault: outcome.fault, atMs }]
    begin(step, atMs)
    if (!isPlayed) move(tree, step, settledState(event))
    else if (step.kind === 'flow') ends.set(id, event)
  }

  function choose({ step: id, branch, branches, atMs }: EventOf<'chosen'>): void {
    const step = stepOf(tree, id)
    begin(step, atMs)
    if (step.kind === 'when' || step.kind === 'match' || step.kind === 'any')
      insideOf(step).branch = (branches ?? [branch]).join(', ')
  }

  /** Scopes of items appear with their first event; until then their steps are only counted. */
  function addItems({ step: id, keys, atMs }: EventOf<'items.added'>, isPlayed: boolean): void {
    const step = stepOf(tree, id)
    const inside = insideOf(step)
    begin(step, atMs)
    if (!isPlayed) return
    const size = step.node?.kind === 'each' ? sizeOf(step.node.body) : 0
    inside.items.total += keys.length
    inside.items.waiting += keys.length
    inside.steps.total += keys.length * size
    inside.steps.waiting += keys.length * size
    expectSteps(step.scope, keys.length * size)
  }

  function addCall(call: FlowCall, atMs: number): void {
    const scope = openCall(tree, call, replay.calledRegion(call))
    if (scope?.owner) begin(scope.owner, atMs)
  }

  function closeRun(cause: NonNullable<RunView['closing']>['cause'], fault: Fault): void {
    view.closing = { cause, fault }
  }

  function end({ status, output, fault, atMs }: EventOf<'run.ended'>): void {
    Object.assign(view, { status, output, fault, endedAtMs: atMs })
    // All has come to rest before a run ends; where the log could not be played, that is all that is known.
    for (const step of tree.steps.values())
      if (isActive(step.state) || isHeld(step.state)) move(tree, step, { kind: 'cancelled', atMs })
    for (const scope of tree.scopes.values()) {
      if (scope.end !== undefined || (scope.state !== 'running' && scope.state !== 'retrying')) continue
      scope.end = 'cancelled'
      refresh(scope)
    }
  }

  /** The run begins anew; what it keeps is settled again by the events that follow. What happened to a step before stays on it. */
  function redrive(atMs: number): void {
    const { run, startedAtMs = atMs, redrives, deadlineAtMs } = view
    tree = newTree(graph, tree.steps)
    view = emptyView(graph, tree, changed)
    fold.view = view
    Object.assign(view, { run, status: 'running', startedAtMs, lastAtMs: atMs, redrives: redrives + 1 })
    if (deadlineAtMs !== undefined) view.deadlineAtMs = deadlineAtMs
  }

  function follow(note: Note, event: Event): void {
    switch (note.kind) {
      case 'entered':
        return enter(note.scope, event.atMs)
      case 'left':
        return leave(note)
      case 'waits':
        return wait(note.step, event.atMs)
      case 'rested':
        return rest(note, event)
      default:
        return unreachable(note)
    }
  }

  /** What is in an item that has not appeared yet appears with it. */
  function enter(path: string, atMs: number): void {
    if (path === '' || !isAroundThere(tree, path) || ownerOf(tree, path)?.kind === 'each') return
    const { owner, isUndo } = scopeAt(tree, path, 'entered')
    // Its back-off is over, or cut short.
    if (owner?.state.kind === 'retrying' && !isWork(owner.kind) && !isUndo)
      move(tree, owner, { kind: 'running', attempt: 0, sinceMs: atMs })
  }

  function leave({ scope: path, how }: NoteOf<'left'>): void {
    const scope = tree.scopes.get(path)
    if (!scope) return leaveUnseen(path, how)
    scope.end = how === 'ended' ? 'succeeded' : scope.hasFailed ? 'failed' : 'cancelled'
    refresh(scope)
    const { owner, isUndo, label } = scope
    if (!owner || isUndo) return
    if (owner.kind === 'race' && how === 'ended') insideOf(owner).branch ??= label
    dropTurns(tree, owner)
  }

  /** An item in which nothing has happened. */
  function leaveUnseen(path: string, how: NoteOf<'left'>['how']): void {
    const owner = path === '' ? undefined : ownerOf(tree, path)
    if (owner?.kind === 'each') shift(insideOf(owner).items, 'waiting', how === 'ended' ? 'succeeded' : 'cancelled')
  }

  function wait(id: StepId, atMs: number): void {
    const holdUp = replay.holdUp(id)
    const step = stepOf(tree, id)
    if (!holdUp) {
      // A flow that was stopped between two attempts: what is left of it are the calls of the last one.
      if (step.state.kind === 'retrying') move(tree, step, { ...step.state, kind: 'running', sinceMs: atMs })
      return
    }
    if (holdUp.kind === 'backs-off') {
      const attempt = insideOf(step).items.total
      return move(tree, step, { kind: 'retrying', attempt, retryAtMs: holdUp.retryAtMs })
    }
    // Who waits for a lock has not begun: its time counts from when it has it.
    if (holdUp.what.kind !== 'locks') begin(step, atMs)
    move(tree, step, { kind: 'awaiting', what: holdUp.what, sinceMs: atMs })
  }

  function rest({ step: id, how, fault }: NoteOf<'rested'>, event: Event): void {
    const step = stepOf(tree, id)
    const { atMs } = event
    const hasBegun = step.startedAtMs !== undefined
    switch (how) {
      case 'passed':
      case 'lingers':
        begin(step, atMs)
        if (!step.isLingering) move(tree, step, { ...passedState(step, ends.get(id) ?? event), atMs })
        ends.delete(id)
        step.isLingering = how === 'lingers'
        return
      case 'failed':
        begin(step, atMs)
        step.isLingering = false
        step.scope.hasFailed = true
        return move(tree, step, { kind: 'failed', fault: fault ?? NO_FAULT, atMs })
      case 'cancelled':
        step.isLingering = false
        // Its scope has closed before its turn came: it has simply not run.
        return move(tree, step, hasBegun ? { kind: 'cancelled', atMs } : { kind: 'waiting' })
      case 'skipped':
        return move(tree, step, hasBegun ? { kind: 'cancelled', atMs } : { kind: 'skipped', atMs })
      default:
        return unreachable(how)
    }
  }

  return fold
}

const RUN_TIMEOUT: Fault = { code: 'TIMEOUT', message: 'the run has reached its deadline' }
const NO_FAULT: Fault = { code: 'FAILED', message: 'it failed' }

const emptyView = (graph: Graph, { root, steps, active, held }: Tree, changed: readonly Step[]): Writable<RunView> => ({
  run: '',
  workflow: graph.name,
  status: 'waiting',
  lastAtMs: 0,
  redrives: 0,
  counts: root.steps,
  steps,
  active,
  held,
  root,
  changed,
})

function settledState(event: EventOf<'step.settled'>): StepState {
  const { outcome, atMs } = event
  switch (outcome.kind) {
    case 'succeeded':
      return succeededState(outcome.output, event)
    case 'failed':
      return { kind: 'failed', fault: outcome.fault, atMs }
    case 'cancelled':
      return { kind: 'cancelled', atMs }
    default:
      return unreachable(outcome)
  }
}

const succeededState = (output: ValueRef, { origin, atMs }: EventOf<'step.settled'>) =>
  origin ? ({ kind: 'known', output, origin, atMs } as const) : ({ kind: 'succeeded', output, atMs } as const)

/** With its output, when the event that ended it has it. */
function passedState(step: Step, event: Event): Extract<StepState, { kind: 'succeeded' | 'known' }> {
  const { atMs } = event
  if (event.kind === 'step.settled' && event.step === step.id && event.outcome.kind === 'succeeded')
    return succeededState(event.outcome.output, event)
  const output = event.kind === 'signal.received' && event.step === step.id ? wholeValue(event.value) : undefined
  return output && isWork(step.kind) ? { kind: 'succeeded', output, atMs } : { kind: 'succeeded', atMs }
}

const wholeValue = (bound: Bound): ValueRef | undefined =>
  bound.kind === 'value' && bound.path.length === 0 ? bound.value : undefined
