/** How often each retry rule of a step has counted a failure: the first in a column, the others in a map that few need. */
import type { Place, State } from './state.ts'

export const failureCounts = (state: State, { row }: Place): readonly number[] => [
  state.steps.failures[row]!,
  ...(state.ruleCounts.get(row) ?? []),
]

export function countFailure(state: State, { row }: Place, rule: number): void {
  if (rule === 0) {
    state.steps.failures[row]! += 1
    return
  }
  const counts = state.ruleCounts.get(row) ?? []
  for (let at = counts.length; at < rule; at++) counts.push(0)
  counts[rule - 1]! += 1
  state.ruleCounts.set(row, counts)
}

export function forgetFailures(state: State, { row }: Place): void {
  state.steps.failures[row] = 0
  state.steps.losses[row] = 0
  state.ruleCounts.delete(row)
}
