/** From what the engine asks to the input that answers it. */
import { boundGuards, boundNetState, type Command, describeStep, type Input, type State } from '../../core/index.ts'
import { whenHere } from '../../values/index.ts'
import { unreachable } from '../../util/unreachable.ts'
import { evaluateBranch, evaluateTransition } from './choice.ts'
import type { Evaluation, Soon } from './evaluation.ts'
import { evaluateTimer } from './instant.ts'
import { evaluateAdded, evaluateItems } from './items.ts'
import { evaluateResult } from './result.ts'

export type Evaluating = Extract<
  Command,
  { kind: 'evaluateBranch' | 'evaluateItems' | 'evaluateTimer' | 'evaluateResult' }
>

/** At once when all is at hand. Never rejects: what the user's functions throw is part of the answer. */
export function askEvaluation(
  evaluation: Evaluation,
  state: State,
  command: Evaluating,
  now: () => number,
): Soon<Input> {
  switch (command.kind) {
    case 'evaluateBranch': {
      const { step, branches } = command
      const description = describeStep(state, step)
      const result = branches
        ? evaluateTransition(evaluation, description.node.name, branches, {
            state: boundNetState(state, step),
            guards: carried => boundGuards(state, step, branches, carried),
          })
        : evaluateBranch(evaluation, description)
      return answered(result, done => ({ kind: 'branch.evaluated', step, result: done, atMs: now() }))
    }
    case 'evaluateItems': {
      const { step, added } = command
      const result = added ? evaluateAdded(evaluation, state, step, added) : evaluateItems(evaluation, state, step)
      return answered(result, done => ({ kind: 'items.evaluated', step, result: done, atMs: now() }))
    }
    case 'evaluateTimer': {
      const { step } = command
      const result = evaluateTimer(evaluation, describeStep(state, step), now)
      return answered(result, done => ({ kind: 'timer.evaluated', step, result: done, atMs: now() }))
    }
    case 'evaluateResult':
      return answered(evaluateResult(evaluation, command), done => ({ kind: 'result.evaluated', ...done, atMs: now() }))
    default:
      return unreachable(command)
  }
}

const answered = <T>(result: Soon<T>, input: (result: T) => Input): Soon<Input> => whenHere<T, Input>(result, input)
