/** A value that is given for a step, in place of a record of it. */
import type { Bound, Outcome, StepId } from '../../core/index.ts'
import { faultOf } from '../../exec/index.ts'
import type { Evaluation } from '../../run/evaluate/evaluation.ts'
import { evaluate } from '../../values/index.ts'
import { hashText } from '../../util/hash.ts'
import { answer, drawMs, type Mock } from '../mocks.ts'
import { newRandom } from '../random.ts'

export interface MockedAttempt {
  readonly step: StepId
  readonly attempt: number
  readonly name: string
  readonly args: readonly Bound[]
  readonly evaluation: Evaluation
  readonly nowMs: number
  /** What its chance comes from. */
  readonly seed: string
}

export async function mocked(
  mock: Mock,
  { step, attempt, name, args, evaluation, nowMs, seed }: MockedAttempt,
): Promise<{ readonly outcome: Outcome; readonly takenMs: number }> {
  const random = newRandom(Number.parseInt(hashText(`${seed} ${step} ${attempt}`).slice(0, 8), 16), 'mocks')
  let takenMs = 0
  try {
    const given =
      typeof mock === 'function' ? await Promise.all(args.map(arg => evaluate(arg, evaluation.environment))) : []
    const value = await answer(mock, given, {
      step,
      attempt,
      random,
      get nowMs() {
        return nowMs + takenMs
      },
      take: duration => {
        takenMs += drawMs(duration, random)
      },
    })
    return { outcome: { kind: 'succeeded', output: await evaluation.values.encode(value, { task: name }) }, takenMs }
  } catch (error) {
    return { outcome: { kind: 'failed', fault: await faultOf(error, evaluation.values, name) }, takenMs }
  }
}
