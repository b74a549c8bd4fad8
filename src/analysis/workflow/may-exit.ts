/** Which regions and steps can end without success, given whether the failures of tasks are shown. */
import type { Expr, Node, Region } from '../../core/index.ts'
import { regionsOf } from '../../core/index.ts'
import { unreachable } from '../../util/unreachable.ts'

/** `shown`: the failures of plain steps are part of the net; `hidden`: a run in which one of them ends as failed is left out. */
export type Failures = 'shown' | 'hidden'

const known = { shown: new WeakMap<Region, boolean>(), hidden: new WeakMap<Region, boolean>() }

export function regionMayExit(region: Region, failures: Failures): boolean {
  const found = known[failures].get(region)
  if (found !== undefined) return found
  const mayExit = region.nodes.some(node => stepMayExit(node, failures))
  known[failures].set(region, mayExit)
  return mayExit
}

export function stepMayExit(node: Node, failures: Failures): boolean {
  return (
    node.policy.deadlineMs !== undefined ||
    (failures === 'shown' && mayFailItself(node)) ||
    insideMayExit(node, failures)
  )
}

/** Without anything inside of it failing. */
export function mayFailItself(node: Node): boolean {
  switch (node.kind) {
    case 'task':
    case 'effect':
    case 'flow':
    case 'source':
    case 'service':
    case 'net':
      return true
    case 'call':
      return node.recurs !== undefined
    case 'when':
      return isComputed(node.condition)
    case 'match':
      return isComputed(node.value) || node.otherwise === undefined
    case 'any':
      return Object.values(node.arms).some(({ condition }) => isComputed(condition))
    case 'each':
      return isComputed(node.items)
    case 'loop':
      return node.limit !== 0 || isComputed(node.condition)
    case 'wait':
      return node.on.kind === 'signal' ? node.policy.timeoutMs !== undefined : isComputed(waitedFor(node.on))
    case 'race':
    case 'some':
    case 'attempt':
    case 'scope':
    case 'cancel':
      return false
    default:
      return unreachable(node)
  }
}

const waitedFor = (on: Exclude<Extract<Node, { kind: 'wait' }>['on'], { kind: 'signal' }>): Expr =>
  on.kind === 'timer' ? on.duration : on.instant

const isComputed = (expr: Expr): boolean => expr.kind !== 'literal'

function insideMayExit(node: Node, failures: Failures): boolean {
  switch (node.kind) {
    case 'race':
      return armsThatMayExit(node.arms) === Object.keys(node.arms).length
    case 'some':
      return armsThatMayExit(node.arms) > Object.keys(node.arms).length - node.count
    case 'each':
      return regionMayExit(node.body, node.tolerate || node.until ? 'shown' : failures)
    case 'attempt':
      return attemptMayExit(node, failures)
    default:
      return ownRegionsOf(node).some(([, region]) => regionMayExit(region, failures))
  }
}

/** Those of which some are borne. */
const armsThatMayExit = (arms: { readonly [label: string]: Region }): number =>
  Object.values(arms).filter(arm => regionMayExit(arm, 'shown')).length

function attemptMayExit(node: Extract<Node, { kind: 'attempt' }>, failures: Failures): boolean {
  const { body, handlers, finalizer } = node
  if (finalizer && regionMayExit(finalizer, failures)) return true
  if (!regionMayExit(body, bodyFailures(node, failures))) return false
  if (handlers.some(handler => regionMayExit(handler.body, failures))) return true
  return !catchesAll(node) && regionMayExit(body, failures)
}

/** The failures of a body that is rescued from them must be shown. */
export const bodyFailures = (node: Extract<Node, { kind: 'attempt' }>, failures: Failures): Failures =>
  node.handlers.length > 0 || (node.policy.retry?.length ?? 0) > 0 ? 'shown' : failures

export const catchesAll = ({ handlers }: Extract<Node, { kind: 'attempt' }>): boolean =>
  handlers.some(({ errors }) => errors.length === 0)

/** Whether a handler may be entered: the body may fail, with an error that this one knows and none before it. */
export function isAsked({ body, handlers }: Extract<Node, { kind: 'attempt' }>, index: number): boolean {
  if (!regionMayExit(body, 'shown')) return false
  const before = handlers.slice(0, index)
  if (before.some(({ errors }) => errors.length === 0)) return false
  const { errors } = handlers[index]!
  return errors.length === 0 || errors.some(error => !before.some(handler => handler.errors.includes(error)))
}

/** The regions inside a node, without that of its undo. */
export const ownRegionsOf = (node: Node): readonly (readonly [label: string, region: Region])[] =>
  regionsOf(node).filter(([, region]) => region !== node.undo?.body)
