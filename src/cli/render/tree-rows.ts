/** What hangs on what, as the lines of a small tree: each stands below the one that it hangs on. */

export interface TreeRow<T> {
  /** The lines of the tree before the name. */
  readonly lead: string
  readonly entry: T
}

/** What is deeper than this stands no further in: no screen shows more, and a chain as long as a graph would be quadratic. */
const DEPTH_MAX = 100

/** `parentOf`: undefined for what stands at the root; what it answers must be an entry. */
export function treeRows<T>(entries: readonly T[], parentOf: (entry: T) => T | undefined): readonly TreeRow<T>[] {
  const below = new Map<T | undefined, T[]>()
  for (const entry of entries) {
    const parent = parentOf(entry)
    const siblings = below.get(parent)
    if (siblings) siblings.push(entry)
    else below.set(parent, [entry])
  }
  const rows: TreeRow<T>[] = []
  // By hand, not by recursion: a chain may be as long as a graph.
  const pending = (below.get(undefined) ?? []).map(entry => ({ entry, depth: 0, lead: '', rest: '' })).reverse()
  for (let row = pending.pop(); row; row = pending.pop()) {
    rows.push({ lead: row.lead, entry: row.entry })
    const { depth, rest } = row
    const inner = below.get(row.entry) ?? []
    for (let index = inner.length - 1; index >= 0; index--) {
      const isLast = index === inner.length - 1
      pending.push({
        entry: inner[index]!,
        depth: depth + 1,
        lead: `${rest}${isLast ? '└─ ' : '├─ '}`,
        rest: depth < DEPTH_MAX ? `${rest}${isLast ? '   ' : '│  '}` : rest,
      })
    }
  }
  return rows
}
