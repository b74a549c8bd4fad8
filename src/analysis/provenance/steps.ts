/** What the value of a step hangs on: of one that does something itself, and of each kind that holds others. */
import { kindExpressions } from '../../core/graph/dependencies.ts'
import type { Path } from '../../core/graph/graph.ts'
import type { RanScope, RanStep } from '../record/record.ts'
import { around, ownScopes } from './around.ts'
import { attempted, conditions, decide, decideArm, listed } from './decisions.ts'
import { CONTROL, DATA, NO_PATH, nothing, type Trail } from './trail.ts'
import {
  bodyAt,
  evaluate,
  everything,
  firedBefore,
  flowCalls,
  type NodeOf,
  result,
  stateAt,
  turnCount,
} from './values.ts'

/** What does something itself: it has looked at all of its arguments. */
export function leaf(trail: Trail, step: RanStep): void {
  const { scope, place } = step
  if (scope.siblings.isPlain[place]! && scope.withdrawn === 0) trail.siblings(scope, place)
  else lookedAt(trail, step)
  around(trail, step)
}

function lookedAt(trail: Trail, step: RanStep): void {
  const { node, scope } = step
  for (const expr of kindExpressions(node)) evaluate(trail, scope, expr, NO_PATH, DATA)
  for (const name of node.policy.env ?? []) trail.other(`env ${name}`, DATA, nothing, { kind: 'env', name })
  if (node.kind === 'flow') flowCalls(trail, step)
}

/** The value of what holds others. */
export function holder(trail: Trail, step: RanStep, path: Path): void {
  const { node } = step
  const [key, ...rest] = path
  switch (node.kind) {
    case 'when':
    case 'match': {
      around(trail, step)
      decide(trail, step)
      const chosen = step.inside.findLast(({ label }) => label === step.branches[0])
      return chosen && result(trail, chosen, path)
    }
    case 'call':
    case 'scope': {
      around(trail, step)
      const body = step.inside.findLast(({ label }) => label === 'body')
      return body && result(trail, body, path)
    }
    case 'any':
    case 'some':
      return arms(trail, step, node, key === undefined ? undefined : { label: String(key), path: rest })
    case 'each':
      return items(trail, step, node, path)
    case 'loop':
      around(trail, step)
      conditions(trail, step, node, turnCount(step))
      return stateAt(trail, step, node, turnCount(step), path)
    case 'race':
      return winner(trail, step, path)
    case 'attempt': {
      around(trail, step)
      const last = step.inside.findLast(({ label, how }) => label !== 'finally' && label !== 'undo' && how === 'ended')
      if (!last) return
      attempted(trail, step, last)
      return result(trail, last, path)
    }
    case 'net':
      around(trail, step)
      if (node.init) {
        for (const scope of ownScopes(step)) everything(trail, scope, CONTROL)
        return firedBefore(trail, step, node.init, undefined, path)
      }
      for (const scope of ownScopes(step)) everything(trail, scope, DATA)
      return
    default:
      return
  }
}

/** Of an any, the arms that were taken; of a some, the others decided which were awaited. */
function arms(
  trail: Trail,
  step: RanStep,
  node: NodeOf<'any' | 'some'>,
  asked: { readonly label: string; readonly path: Path } | undefined,
): void {
  around(trail, step)
  if (node.kind === 'any')
    for (const label of asked ? [asked.label] : [...Object.keys(node.arms), 'otherwise'])
      decideArm(trail, step, node, label)
  for (const scope of ownScopes(step)) {
    if (!asked || scope.label === asked.label) {
      if (scope.how === 'ended') result(trail, scope, asked?.path ?? [])
    } else if (node.kind === 'some') everything(trail, scope, CONTROL)
  }
}

function items(trail: Trail, step: RanStep, node: NodeOf<'each'>, [key, ...rest]: Path): void {
  around(trail, step)
  listed(trail, step, node)
  // Who is awaited, and how many may fail, hangs on all of them.
  if (node.until || node.tolerate) for (const scope of ownScopes(step)) everything(trail, scope, CONTROL)
  if (key === 'length') return
  const asked = key === undefined ? ownScopes(step) : [bodyAt(step, Number(key))]
  for (const scope of asked) if (scope?.label === 'body' && scope.how === 'ended') result(trail, scope, rest)
}

function winner(trail: Trail, step: RanStep, [key, ...rest]: Path): void {
  around(trail, step)
  const ended = ownScopes(step).filter(({ how }) => how === 'ended')
  const first = ended.reduce<RanScope | undefined>(
    (best, each) => (best && best.left! < each.left! ? best : each),
    undefined,
  )
  for (const scope of ownScopes(step)) if (scope !== first) everything(trail, scope, CONTROL)
  if (first && key === 'won') everything(trail, first, CONTROL)
  else if (first) result(trail, first, rest)
}
