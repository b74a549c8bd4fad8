/** What decided that something came about: that a scope was entered, that a branch, an arm or a handler was the one. */
import { insideExpressions, kindExpressions } from '../../core/graph/dependencies.ts'
import { unreachable } from '../../util/unreachable.ts'
import type { RanScope, RanStep } from '../record/record.ts'
import { NO_SIBLINGS } from '../record/siblings.ts'
import { around, ownScopes } from './around.ts'
import { CONTROL, NO_PATH, nothing, type Trail } from './trail.ts'
import { calledBefore, evaluate, everything, failures, isBefore, type NodeOf } from './values.ts'

export function entrance(trail: Trail, scope: RanScope, owner: RanStep): void {
  around(trail, owner)
  const { node } = owner
  switch (node.kind) {
    case 'when':
    case 'match':
      return decide(trail, owner)
    case 'any':
      return decideArm(trail, owner, node, scope.label)
    case 'each':
      return listed(trail, owner, node)
    case 'loop':
      return conditions(trail, owner, node, scope.index)
    case 'attempt':
      return attempted(trail, owner, scope)
    case 'flow':
      return calledBefore(trail, owner, scope, CONTROL)
    case 'net':
      return fired(trail, owner, scope)
    case 'scope':
    case 'call':
    case 'race':
    case 'some':
    case 'task':
    case 'effect':
    case 'source':
    case 'wait':
    case 'cancel':
    case 'service':
      return
    default:
      return unreachable(node)
  }
}

/** The expressions that a choice hangs on, as seen from its own scope. */
export const decide = (trail: Trail, { node, scope }: RanStep): void => {
  for (const expr of kindExpressions(node)) evaluate(trail, scope, expr, NO_PATH, CONTROL)
}

export function decideArm(trail: Trail, step: RanStep, node: NodeOf<'any'>, label: string): void {
  // Otherwise is taken when none of them holds.
  const arms = label === 'otherwise' && !node.arms[label] ? Object.values(node.arms) : [node.arms[label]]
  for (const arm of arms) if (arm) evaluate(trail, step.scope, arm.condition, NO_PATH, CONTROL)
}

/** How many items there are. */
export function listed(trail: Trail, step: RanStep, node: NodeOf<'each'>): void {
  evaluate(trail, step.scope, node.items, ['length'], CONTROL)
  if (node.more)
    trail.other(`signal ${node.more.signal}`, CONTROL, nothing, { kind: 'signal', signal: node.more.signal })
}

/** Before each turn (`while`) or after it, the condition decided over what the state was then: up to the state of this number. */
export function conditions(trail: Trail, step: RanStep, node: NodeOf<'loop'>, turn: number): void {
  if (turn < (node.test === 'while' ? 0 : 1)) return
  trail.other(`${step.id} condition ${turn}`, CONTROL, inner => {
    for (const { expr, region } of insideExpressions(node))
      evaluate(inner, virtualScope(step, region, turn), expr, NO_PATH, CONTROL)
    conditions(inner, step, node, turn - 1)
  })
}

/** A scope that is not there (not yet, or never): expressions are looked at as if from inside of it. */
const virtualScope = (owner: RanStep, region: RanScope['region'], index: number): RanScope => ({
  path: '',
  number: -1,
  shown: '',
  owner,
  label: 'body',
  index,
  region,
  call: undefined,
  steps: new Map(),
  list: [],
  first: 0,
  siblings: NO_SIBLINGS,
  withdrawn: 0,
  enteredAtMs: 0,
  leftAtMs: undefined,
  how: undefined,
  entered: Number.POSITIVE_INFINITY,
  left: undefined,
})

/** A handler, a later try or the end of an attempt hangs on what failed before it. */
export function attempted(trail: Trail, step: RanStep, scope: RanScope): void {
  if (scope.label === 'finally') return
  for (const before of ownScopes(step))
    if (before.entered < scope.entered && before.how !== 'ended') failures(trail, before, CONTROL)
}

/** A net's transition: what marked it is not told by the data, so all that fired before. */
function fired(trail: Trail, step: RanStep, scope: RanScope): void {
  for (const before of ownScopes(step)) if (isBefore(before, scope)) everything(trail, before, CONTROL)
  for (const { expr, region } of insideExpressions(step.node))
    if (region === scope.region) evaluate(trail, { ...scope, steps: new Map() }, expr, NO_PATH, CONTROL)
}
