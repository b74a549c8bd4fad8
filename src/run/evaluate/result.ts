/** The run's output, or that it could not be had. */
import type { Command, Input, ValueRef } from '../../core/index.ts'
import { whenHere } from '../../values/index.ts'
import { evaluated, type Evaluation, type Soon } from './evaluation.ts'

export type RunResult = Omit<Extract<Input, { kind: 'result.evaluated' }>, 'kind' | 'atMs'>

export function evaluateResult(
  evaluation: Evaluation,
  { status, result, fault }: Extract<Command, { kind: 'evaluateResult' }>,
): Soon<RunResult> {
  if (!result) return { status, ...(fault ? { fault } : {}) }
  if (result.kind === 'value' && result.path.length === 0) return { status, output: result.value }
  const kept = evaluated(evaluation, 'the result', result, value =>
    whenHere<ValueRef, { kind: 'kept'; output: ValueRef }>(
      evaluation.values.encodeSoon(value, { task: 'the workflow', root: 'result' }),
      output => ({ kind: 'kept', output }),
    ),
  )
  return whenHere<Awaited<typeof kept>, RunResult>(kept, end =>
    end.kind === 'kept' ? { status, output: end.output } : { status: 'failed', fault: end.fault },
  )
}
