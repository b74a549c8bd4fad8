/**
 * What a node does to what is around it: recursion enters a region around it again, a cancel withdraws a step of one,
 * a lock is held by one.
 *
 *   G5. A region that a call enters again is closed: it uses nothing from around it, so its second scope needs no other
 *       surroundings than its first. So is the body of an undo, which outlives them.
 */
import type { Diagnostic } from '../../util/diagnostic.ts'
import { escapeFrom } from './dependencies.ts'
import type { Node, Region } from './graph.ts'
import { dangling, problem } from './problem.ts'

/** A region on the way to a node, and which part of which node it is; the root and an undo's body are no part. */
export interface Around {
  readonly region: Region
  readonly part: { readonly owner: Node; readonly label: string } | undefined
  /** Locks of the run that a scope of this region is entered with. */
  readonly held: ReadonlySet<string>
}

/** `around`: the regions that the node stands in, innermost first; at the body of an undo they end. */
export function checkSurroundings(node: Node, around: readonly Around[], found: Diagnostic[]): void {
  if (node.kind === 'cancel') checkTarget(node, around, found)
  if (node.kind === 'call' && node.recurs !== undefined) checkRecursion(node, node.recurs, around, found)
  const locks = locksOf(node)
  const twice = locks.find((lock, index) => locks.indexOf(lock) !== index || around[0]?.held.has(lock))
  if (twice !== undefined) found.push(lockProblem(node, `needs the lock ${twice}, which is held around it`))
}

/** What is held inside the node. */
export const heldInside = (node: Node, held: ReadonlySet<string>): ReadonlySet<string> => {
  const locks = locksOf(node)
  return locks.length === 0 ? held : new Set([...held, ...locks])
}

const locksOf = ({ policy }: Node): readonly string[] =>
  (policy.locks ?? []).flatMap(lock => (lock.of === 'run' ? [lock.name] : []))

const lockProblem = (node: Node, what: string): Diagnostic =>
  problem(
    'LOCK_HELD',
    node,
    `${node.name} ${what}, so it would wait without end`,
    'Take a lock once, at the outermost.',
  )

function checkTarget(node: Extract<Node, { kind: 'cancel' }>, around: readonly Around[], found: Diagnostic[]): void {
  const { target } = node
  const step = around[target.up]?.region.nodes.find(each => each.id === target.node)
  if (!step) {
    found.push(dangling(node, `the step ${target.node}`))
  } else if (step === node || (target.up > 0 && around[target.up - 1]?.part?.owner === step)) {
    const message = `${node.name} would cancel ${step.name}, which it is part of`
    found.push(problem('CANCEL_AROUND', node, message, 'Cancel it from beside it, or race it with what ends it.'))
  }
}

function checkRecursion(
  node: Extract<Node, { kind: 'call' }>,
  recurs: number,
  around: readonly Around[],
  found: Diagnostic[],
): void {
  const target = around[recurs]
  if (!target) {
    const message = `${node.name} would enter a region ${recurs} regions up, where there is none`
    found.push(problem('RECURSION_OPEN', node, message, 'Recursion enters a region that is around the call.'))
    return
  }
  const way = around.slice(0, recurs).flatMap(({ part }) => part ?? [])
  if (!way.some(({ owner, label }) => mayBePassedOver(owner, label))) {
    const message = `${node.name} calls itself in any case, so it would never end`
    found.push(problem('RECURSION_WITHOUT_BASE', node, message, 'Call it inside when(), match() or each().'))
  }
  const used = escapeFrom(target.region)
  if (used !== undefined) {
    const message = `${node.name} would enter a region again that uses ${used} from around it`
    found.push(problem('RECURSION_OPEN', node, message, 'Pass what it uses as an argument.'))
  }
  const unknown = Object.keys(node.args).find(name => !target.region.params.includes(name))
  if (unknown !== undefined) {
    const message = `${node.name} passes ${unknown}, which what it enters does not take`
    found.push(problem('BAD_PARAMS', node, message, 'Name only parameters that there are.'))
  }
  const lock = [node, ...way.map(({ owner }) => owner)].flatMap(locksOf)[0]
  if (lock !== undefined) found.push(lockProblem(node, `calls itself while the lock ${lock} is held`))
}

/** Whether a region may not be entered although its node runs. */
function mayBePassedOver(owner: Node, label: string): boolean {
  switch (owner.kind) {
    case 'loop':
      return owner.test === 'while'
    case 'attempt':
      return label !== 'body' && label !== 'finally'
    case 'scope':
      return owner.until !== undefined
    case 'call':
      return false
    default:
      return true
  }
}
