/** What the engine asks while a replay goes on: choices, items and instants, timers, and whether a step may be granted. */
import type { Command, Input, State, StepId } from '../../core/index.ts'
import { askEvaluation, type Evaluating } from '../../run/evaluate/ask.ts'
import type { Evaluation } from '../../run/evaluate/evaluation.ts'
import { unreachable } from '../../util/unreachable.ts'
import type { Answer, Past, TimerAnswer } from './past.ts'
import type { RunRecord } from './record.ts'
import type { Call, Entry, Timetable } from './timetable.ts'
import type { Unknowns } from './unknown.ts'

export interface AskingOptions {
  readonly past: Past
  readonly state: State
  readonly evaluation: Evaluation
  readonly record: RunRecord
  readonly times: Timetable
  readonly unknowns: Unknowns
  readonly accept: (input: Input) => boolean
  readonly later: (work: Promise<unknown>) => void
  readonly halt: () => void
}

export interface Asking {
  /** The new version answers, when it was answered then. */
  ask(command: Evaluating): void
  armTimer(command: Extract<Command, { kind: 'armTimer' }>): void
  propose(step: StepId): void
}

export function newAsking(options: AskingOptions): Asking {
  const { past, state, evaluation, record, times, unknowns, accept } = options
  const proposals = new Map<StepId, Entry>()

  const recordOf = (command: Evaluating): Answer | TimerAnswer | undefined => {
    switch (command.kind) {
      case 'evaluateBranch':
      case 'evaluateItems':
        return record.next(command.step, 'choices')
      case 'evaluateTimer':
        return record.next(command.step, 'instants')
      case 'evaluateResult':
        return past.ended
      default:
        return unreachable(command)
    }
  }

  const answer = (command: Evaluating, input: Input, fromMs: number): void => {
    const then = recordOf(command)
    const call: Call = atMs => void accept({ ...input, atMs } as Input) // every input has an instant
    if (!then) return unanswered('step' in command ? command.step : '', call)
    if (input.kind !== 'timer.evaluated' || input.result.kind === 'failed' || !('dueAtMs' in then))
      return void times.like(then, fromMs, call)
    const dueAtMs = dueLike(then, input.result.dueAtMs - times.now.atMs, fromMs) ?? input.result.dueAtMs
    times.like(then, fromMs, atMs => void accept({ ...input, result: { kind: 'due', dueAtMs }, atMs }))
  }

  /** If it was asked then, it came to rest before it answered. */
  const unanswered = (step: StepId, call: Call): void => {
    const then = record.of(step)
    if (then) times.late(Math.max(times.now.ms, then.rested?.ms ?? 0), call)
    else times.soon(call)
  }

  return {
    ask(command) {
      const fromMs = times.now.ms
      const answered = askEvaluation(evaluation, state, command, () => times.now.atMs)
      if (answered instanceof Promise) options.later(answered.then(input => answer(command, input, fromMs)))
      else answer(command, answered, fromMs)
    },
    armTimer({ step, timer, atMs: dueAtMs }) {
      const fire: Call = atMs => {
        if (timer === 'deadline' && unknowns.hasInside(step)) return options.halt()
        accept({ kind: 'timer.fired', step, timer, atMs: Math.max(atMs, dueAtMs) })
      }
      const then = record.nextTimer(timer, step)
      if (then?.dueAtMs !== dueAtMs) return void times.late(dueAtMs, fire)
      if (then.fired) return void times.at(then.fired, 0, fire)
      // It had not fired when its step came to rest, however late that was.
      times.late(Math.max(dueAtMs, (then.rested ?? past.ended?.at)?.ms ?? 0), fire)
    },
    /** The newest proposal is the one that counts. */
    propose(step) {
      const before = proposals.get(step)
      if (before) before.taken = true
      const then = record.next(step, 'proposals')
      const call: Call = atMs => {
        proposals.delete(step)
        accept({ kind: 'grant.proposed', step, atMs })
      }
      const entry = then?.granted
        ? times.like(then.granted, times.now.ms, call)
        : then
          ? // In vain: what got in before it does so again.
            times.late(times.now.ms + past.grantMsMax, call)
          : times.soon(call)
      proposals.set(step, entry)
    },
  }
}

/** The same length of time as then, counted from an instant between question and answer. */
function dueLike({ dueAtMs, at, waitedMs }: TimerAnswer, lengthMs: number, fromMs: number): number | undefined {
  const countedFrom = dueAtMs - lengthMs
  if (countedFrom < at.atMs - waitedMs - CLOCKS_MS || countedFrom > at.atMs + CLOCKS_MS) return undefined
  return dueAtMs + fromMs + waitedMs - at.ms
}

/** By how much the clock may have gone on between two looks at it in one turn. */
const CLOCKS_MS = 5
