/** What of a value may differ, and by which step. */
import type { Path } from './graph.ts'

/** All of it: the number of the step that makes it so. Or some fields of it, each by a step. */
export type Change = number | ReadonlyMap<string, number>

/** What of a value that may differ is under a path in it. */
export function changeAt(change: Change | undefined, [key]: Path): Change | undefined {
  if (change === undefined || typeof change === 'number' || key === undefined) return change
  return change.get(String(key))
}

export function fieldsOf(fields: readonly (readonly [string, Change | undefined])[]): Change | undefined {
  const changed = new Map<string, number>()
  for (const [name, change] of fields) if (change !== undefined) changed.set(name, stepOf(change))
  return changed.size > 0 ? changed : undefined
}

/** The step by which the first of them differs that does. */
export function firstOf(changes: readonly (Change | undefined)[]): number | undefined {
  const first = changes.find(change => change !== undefined)
  return first === undefined ? undefined : stepOf(first)
}

export const stepOf = (change: Change): number => (typeof change === 'number' ? change : [...change.values()][0]!)

/** The first one itself when the second adds nothing. */
export function joined(before: Change, more: Change): Change {
  if (typeof before === 'number') return before
  if (typeof more === 'number') return more
  const added = [...more].filter(([name]) => !before.has(name))
  return added.length === 0 ? before : new Map([...before, ...added])
}
