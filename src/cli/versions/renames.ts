/** Which steps of one version are which of another, as far as somebody said so when the versions between were published. */
import { placedNodes } from '../../core/index.ts'
import type { VersionRow } from '../../store/index.ts'
import type { Face } from '../../versions/version.ts'
import { factsOf } from './row.ts'

/** Path in the version before, path in the one after. */
export type Renamed = { readonly [before: string]: string }

/** `rows`: the whole line. In either direction of time; nothing where one does not follow from the other. */
export function renamedBetween(rows: readonly VersionRow[], before: VersionRow, after: VersionRow): Renamed {
  const forwards = wayTo(rows, before, after)
  if (forwards) return forwards.reduce<Renamed>((all, row) => followed(all, factsOf(row).renamed ?? {}), {})
  const backwards = wayTo(rows, after, before) ?? []
  const all = backwards.reduce<Renamed>((sum, row) => followed(sum, factsOf(row).renamed ?? {}), {})
  return Object.fromEntries(Object.entries(all).map(([old, now]) => [now, old]))
}

/** The versions after `from` that lead to `to`, oldest first. */
function wayTo(rows: readonly VersionRow[], from: VersionRow, to: VersionRow): readonly VersionRow[] | undefined {
  const way: VersionRow[] = []
  const byNumber = new Map(rows.map(row => [row.number, row]))
  for (let at: VersionRow | undefined = to; at; at = byNumber.get(factsOf(at).since ?? '')) {
    if (at.number === from.number) return way.reverse()
    way.push(at)
    if (way.length > rows.length) return undefined
  }
  return undefined
}

function followed(all: Renamed, next: Renamed): Renamed {
  const moved = Object.entries(all).map(([before, path]) => [before, next[path] ?? path] as const)
  const reached = new Set(Object.values(all))
  return Object.fromEntries([...moved, ...Object.entries(next).filter(([before]) => !reached.has(before))])
}

/** Those of which both ends are still there: what was renamed may have gone since. */
export function stillThere(renamed: Renamed, before: Pick<Face, 'graph'>, after: Pick<Face, 'graph'>): Renamed {
  if (Object.keys(renamed).length === 0) return renamed
  const pathsOf = ({ graph }: Pick<Face, 'graph'>): ReadonlySet<string> =>
    new Set([...placedNodes(graph.root)].map(({ path }) => path))
  const [olds, nows] = [pathsOf(before), pathsOf(after)]
  return Object.fromEntries(Object.entries(renamed).filter(([old, now]) => olds.has(old) && nows.has(now)))
}

/** Where a step is now: with what is around a step, its own path changes. */
export function renamedPath(path: string, renamed: ReadonlyMap<string, string>): string {
  const own = renamed.get(path)
  if (own !== undefined || renamed.size === 0) return own ?? path
  for (let at = path.length - 1; at > 0; at--) {
    const isEnd = path[at] === '/' || path[at] === '.' || path[at] === '['
    const around = isEnd ? renamed.get(path.slice(0, at)) : undefined
    if (around !== undefined) return around + path.slice(at)
  }
  return path
}
