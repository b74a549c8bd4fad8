/**
 * What the net shows too much of milestones: that something in one begins though the step that ends it has begun. The engine
 * leaves a milestone then, unless something in it has begun before.
 */
import type { Composed } from '../workflow/composed.ts'

/** Whether a run needs that. */
export function isTooLateIn({ meanings, steps }: Composed, trace: readonly number[]): boolean {
  const milestones = [...steps.values()].flatMap(({ path, node }) =>
    node.kind === 'scope' && node.until !== undefined
      ? [{ inside: `${path}.body/`, end: path.slice(0, path.length - node.id.length) + node.until }]
      : [],
  )
  const begun = new Set<string>()
  const gone = new Set<string>()
  for (const transition of trace) {
    const { step, deed } = meanings[transition]!
    if (!step || deed.kind !== 'begins') continue
    for (const { inside, end } of milestones) {
      if (step.path === end) gone.add(end)
      if (!step.path.startsWith(inside)) continue
      if (gone.has(end) && !begun.has(inside)) return true
      begun.add(inside)
    }
  }
  return false
}
