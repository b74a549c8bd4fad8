/**
 * Where the net shows other runs of milestones than there are. The engine leaves a milestone when the step that ends it begins,
 * unless something in it has begun before: an attempt, or what has passed and is no mere order of others. In the net, which
 * steps have begun in a milestone is not kept, only whether it has been entered.
 */
import type { Node } from '../../core/index.ts'
import type { Composed, Meaning } from '../workflow/composed.ts'
import { type Spot, wayTo } from './outline.ts'

/** Whether a run has what the engine has not: a milestone that is gone on with, or left, when it should not. */
export function isUnlikeMilestones({ meanings, steps }: Composed, trace: readonly number[]): boolean {
  const milestones = [...steps.values()].flatMap(({ path, node }) =>
    node.kind === 'scope' && node.until !== undefined
      ? [{ path, inside: `${path}.body/`, end: path.slice(0, path.length - node.id.length) + node.until }]
      : [],
  )
  const entered = new Set<string>()
  const begun = new Set<string>()
  const gone = new Set<string>()
  return trace.some(transition => {
    const meaning = meanings[transition]!
    const { step, deed } = meaning
    if (!step) return false
    return milestones.some(({ path, inside, end }) => {
      if (deed.kind === 'begins' && step.path === end) gone.add(end)
      if (deed.kind === 'begins' && step.path === path) entered.add(path)
      if (deed.kind === 'passed-over' && step.path === path) return entered.has(path) && !gone.has(end)
      if (!step.path.startsWith(inside) || deed.kind === 'skipped') return false
      if (gone.has(end) && !begun.has(path) && BEGINNINGS.has(deed.kind)) return true
      if (isWork(meaning)) begun.add(path)
      return false
    })
  })
}

const BEGINNINGS: ReadonlySet<Meaning['deed']['kind']> = new Set(['begins', 'passes', 'chooses', 'fires', 'cancels'])

/** What makes a milestone stay, for the engine. */
function isWork({ step, deed }: Meaning): boolean {
  if (!step) return false
  if (deed.kind === 'begins') return hasAttempts(step.node)
  if (deed.kind === 'cancels') return true
  return deed.kind === 'passes' && (step.node.kind === 'wait' || step.node.kind === 'cancel')
}

/** A step of a milestone that begins, for the engine, before the milestone is known to stay: not all runs are shown of it. */
export const beginsEarly = (spot: Spot): boolean =>
  !hasAttempts(spot.node) &&
  wayTo(spot).some(({ outer }) => outer?.node.kind === 'scope' && outer.node.until !== undefined)

const hasAttempts = ({ kind }: Node): boolean =>
  kind === 'task' || kind === 'effect' || kind === 'flow' || kind === 'source' || kind === 'service'
