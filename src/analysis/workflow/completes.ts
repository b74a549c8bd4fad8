/**
 * Whether a region that calls itself can ever be left: a least fixpoint. Within one call it must be possible to come to the end
 * over regions that complete without a further call, or with one that does; nobody completes by assuming that he does.
 */
import type { Graph, Node, Region } from '../../core/index.ts'
import { unreachable } from '../../util/unreachable.ts'
import type { StepAt } from './composed.ts'
import { bodyFailures, ownRegionsOf, regionMayExit } from './may-exit.ts'
import { pathMark } from '../../core/graph/placed.ts'

/** The calls by which it never ends: the innermost that enters again is the last. Undefined where it can end. */
export function endlessCalls({ root }: Pick<Graph, 'root'>): readonly StepAt[] | undefined {
  if (!recurs(root)) return undefined
  const complete = new Set<Region>()
  for (let before = -1; before < complete.size; ) {
    before = complete.size
    note(root, [], complete)
  }
  return complete.has(root) ? undefined : blamed(root, { path: '', shown: '' }, [], complete)
}

const recurs = (region: Region): boolean =>
  region.nodes.some(
    node =>
      (node.kind === 'call' && node.recurs !== undefined) || ownRegionsOf(node).some(([, inner]) => recurs(inner)),
  )

/** `around`: innermost first. Adds what is known to complete by now, inner regions first. */
function note(region: Region, around: readonly Region[], complete: Set<Region>): void {
  const levels = [region, ...around]
  for (const node of region.nodes) for (const [, inner] of ownRegionsOf(node)) note(inner, levels, complete)
  if (region.nodes.every(node => canEnd(node, levels, complete))) complete.add(region)
}

function canEnd(node: Node, levels: readonly Region[], complete: ReadonlySet<Region>): boolean {
  const can = (region: Region): boolean => complete.has(region)
  switch (node.kind) {
    case 'when':
      return can(node.then) || can(node.otherwise)
    case 'match':
      return [...Object.values(node.arms), ...(node.otherwise ? [node.otherwise] : [])].some(can)
    case 'any':
      return (
        node.otherwise === undefined || can(node.otherwise) || Object.values(node.arms).some(({ body }) => can(body))
      )
    case 'race':
      return Object.values(node.arms).some(can)
    case 'some':
      return Object.values(node.arms).filter(can).length >= node.count
    case 'loop':
      return node.test === 'while' || can(node.body)
    case 'each':
      return true
    case 'attempt':
      return (
        (node.finalizer === undefined || can(node.finalizer)) &&
        (can(node.body) ||
          (regionMayExit(node.body, bodyFailures(node, 'hidden')) && node.handlers.some(({ body }) => can(body))))
      )
    case 'scope':
      return node.until !== undefined || can(node.body)
    case 'call':
      return node.recurs === undefined ? can(node.body) : levels[node.recurs] === undefined || can(levels[node.recurs]!)
    case 'net':
      return netCanEnd(node, can)
    case 'task':
    case 'effect':
    case 'flow':
    case 'source':
    case 'service':
    case 'wait':
    case 'cancel':
      return true
    default:
      return unreachable(node)
  }
}

/** Whether its end can be marked by transitions that complete; how many tokens there are is another question. */
function netCanEnd(node: Extract<Node, { kind: 'net' }>, can: (region: Region) => boolean): boolean {
  const marked = new Set(node.start)
  for (let before = -1; before < marked.size; ) {
    before = marked.size
    for (const { consumes, produces, body } of node.transitions)
      if (can(body) && consumes.every(place => marked.has(place))) for (const place of produces) marked.add(place)
  }
  return marked.has(node.end)
}

type Around = Pick<StepAt, 'path' | 'shown'>

/** The way down to a call that never comes back. */
function blamed(
  region: Region,
  around: Around,
  levels: readonly Region[],
  complete: ReadonlySet<Region>,
): readonly StepAt[] {
  const node = region.nodes.find(each => !canEnd(each, [region, ...levels], complete))
  if (!node) return []
  const step: StepAt = {
    path: around.path + node.id,
    shown: around.shown + node.name,
    node,
    ...(node.at ? { at: node.at } : {}),
  }
  const [next] = ownRegionsOf(node).filter(([, inner]) => inner.nodes.length > 0 && !complete.has(inner))
  if (!next || (node.kind === 'call' && node.recurs !== undefined)) return [step]
  const mark = pathMark(node, next[0])
  return [step, ...blamed(next[1], { path: step.path + mark, shown: step.shown + mark }, [region, ...levels], complete)]
}
