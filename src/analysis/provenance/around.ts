/** Why a step was there at all: the scope that it stands in, and what acted on the world before it. */
import type { RanScope, RanStep } from '../record/record.ts'
import { ORDER, type Trail } from './trail.ts'

/** Why the step was there at all, and what acted before it. */
export function around(trail: Trail, { scope, place }: RanStep): void {
  enclose(trail, scope)
  const { start, list } = scope.siblings.after
  for (let at = start[place]!; at < start[place + 1]!; at++) actsIn(trail, scope.list[list[at]!]!)
}

/** All that acts on the world in a step. */
function actsIn(trail: Trail, step: RanStep): void {
  if (step.role === 'holder') {
    for (const scope of ownScopes(step)) for (const each of scope.list) actsIn(trail, each)
    return
  }
  if (step.startedAtMs !== undefined && step.node.kind !== 'task' && step.node.kind !== 'source')
    trail.step(step, ORDER)
}

/** What decided that a scope was entered. */
export function enclose(trail: Trail, scope: RanScope): void {
  if (scope.owner) trail.scope(scope, scope.owner)
}

/** Without what undoes it, which comes after its value. */
export const ownScopes = ({ node, inside }: RanStep): readonly RanScope[] =>
  node.undo ? inside.filter(({ label }) => label !== 'undo') : inside
