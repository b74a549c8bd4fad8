/** Which way a step goes: the branch of a when or match, the arms of an any, another turn of a loop, a transition of a net. */
import type { Bound, Input, Node, StepDescription, ValueRef } from '../../core/index.ts'
import { allSoon, evaluateSoon, whenHere } from '../../values/index.ts'
import { unreachable } from '../../util/unreachable.ts'
import { resourcesIn } from '../../values/bound-resources.ts'
import { evaluated, type Evaluation, failed, guarded, type Soon } from './evaluation.ts'

export type BranchResult = Extract<Input, { kind: 'branch.evaluated' }>['result']

/** Of all kinds but a net. */
export function evaluateBranch(evaluation: Evaluation, { node, args }: StepDescription): Soon<BranchResult> {
  const [first = NOTHING, second = NOTHING] = args
  switch (node.kind) {
    case 'when':
      return evaluated<BranchResult>(evaluation, node.name, first, value => chosen(value ? 'then' : 'otherwise'))
    case 'match':
      return evaluated<BranchResult>(evaluation, node.name, first, value => armOf(node, value))
    case 'any':
      return guarded<BranchResult>(evaluation.values, node.name, () =>
        whenHere<unknown[], BranchResult>(allSoon(args, evaluation.environment), values => armsOf(node, values)),
      )
    case 'loop':
      return evaluated<BranchResult>(evaluation, node.name, first, value =>
        nextTurn(evaluation, node, Boolean(value) === (node.test === 'while') ? 'again' : 'done', second),
      )
    case 'task':
    case 'effect':
    case 'flow':
    case 'source':
    case 'each':
    case 'call':
    case 'race':
    case 'some':
    case 'attempt':
    case 'wait':
    case 'scope':
    case 'cancel':
    case 'service':
    case 'net':
      throw new Error(`defect: ${node.kind} has no branches`)
    default:
      return unreachable(node)
  }
}

/** What a net's choice is about. */
export interface NetChoice {
  /** Of a net that carries one. */
  readonly state: Bound | undefined
  /** In the order of the transitions, over the state when there is one; undefined where a transition has none. */
  readonly guards: (state: Bound | undefined) => readonly (Bound | undefined)[]
}

/** The first of a net's enabled transitions whose guard holds. */
export const evaluateTransition = (
  evaluation: Evaluation,
  name: string,
  transitions: readonly string[],
  { state, guards }: NetChoice,
): Soon<BranchResult> =>
  guarded<BranchResult>(evaluation.values, name, () => {
    if (!state) return firstThatHolds(evaluation, transitions, guards(undefined), 0)
    // Once, whatever asks for it: it may be made of what is another one each time.
    return whenHere<Bound, Soon<BranchResult>>(settled(evaluation, name, state), value =>
      whenHere<BranchResult, BranchResult>(firstThatHolds(evaluation, transitions, guards(value), 0), result =>
        result.kind === 'chosen' && value !== state ? { ...result, value } : result,
      ),
    ) as Soon<BranchResult>
  })

/** None is evaluated after the first that holds. */
function firstThatHolds(
  evaluation: Evaluation,
  transitions: readonly string[],
  guards: readonly (Bound | undefined)[],
  from: number,
): Soon<BranchResult> {
  for (let index = from; index < transitions.length; index += 1) {
    const guard = guards[index]
    const transition = transitions[index] ?? ''
    const holds = guard === undefined ? true : evaluateSoon(guard, evaluation.environment)
    if (holds instanceof Promise)
      return holds.then(value =>
        value ? chosen(transition) : firstThatHolds(evaluation, transitions, guards, index + 1),
      )
    if (holds) return chosen(transition)
  }
  return { kind: 'none' }
}

const NOTHING: Bound = { kind: 'list', items: [] }

type OfKind<K extends Node['kind']> = Extract<Node, { kind: K }>

const chosen = (branch: string): BranchResult => ({ kind: 'chosen', branch })

function armOf(node: OfKind<'match'>, value: unknown): BranchResult {
  const label = String(node.by === undefined ? value : (value as Record<string, unknown> | undefined)?.[node.by])
  if (Object.hasOwn(node.arms, label)) return chosen(label)
  if (node.otherwise) return chosen('otherwise')
  return failed(
    'NO_BRANCH',
    `${node.name} has no arm for ${JSON.stringify(label)}, only for ${Object.keys(node.arms).join(', ')}`,
  )
}

/** `values`: of the conditions, in the order of the arms. */
function armsOf(node: OfKind<'any'>, values: readonly unknown[]): BranchResult {
  const taken = Object.keys(node.arms).filter((_, index) => values[index])
  return { kind: 'several', branches: taken.length === 0 && node.otherwise ? ['otherwise'] : taken }
}

/** With the state as a value, so that it does not grow by each turn's expression. */
const nextTurn = (
  evaluation: Evaluation,
  node: OfKind<'loop'>,
  branch: 'again' | 'done',
  state: Bound,
): Soon<BranchResult> =>
  whenHere<Bound, BranchResult>(settled(evaluation, node.name, state), value =>
    value === state ? chosen(branch) : { kind: 'chosen', branch, value },
  )

/** A state as a value; what is only given by name stays a name. */
function settled({ environment, values }: Evaluation, name: string, state: Bound): Soon<Bound> {
  if (isSettled(state) || resourcesIn(state).length > 0) return state
  return whenHere<unknown, Soon<Bound>>(evaluateSoon(state, environment), value =>
    whenHere<ValueRef, Bound>(values.encodeSoon(value, { task: name, root: 'state' }), kept => ({
      kind: 'value',
      value: kept,
      path: [],
    })),
  ) as Soon<Bound>
}

const isSettled = (state: Bound): boolean =>
  state.kind === 'literal' || (state.kind === 'value' && state.path.length === 0)
