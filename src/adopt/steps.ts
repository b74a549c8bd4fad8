/**
 * From units to the steps of a graph. A unit that leaves nothing is dropped; units that have a hand in one file become one
 * step, with all that stands between them, in the order in which they ran.
 *
 *   A4. Steps have no circle: units that hang on each other are one step.
 *   A5. No file is an output of two steps.
 */
import type { Doing, Flow } from './flow.ts'
import type { Unit } from './units.ts'

export interface Step {
  /** In the order in which they ran. */
  readonly units: readonly Unit[]
  readonly sources: readonly string[]
  /** Outputs of other steps: by step, as a place in the list. */
  readonly uses: readonly { readonly path: string; readonly step: number }[]
  readonly outputs: readonly string[]
  /** Steps that read what this one changes, as places in the list. */
  readonly after: readonly number[]
  readonly lists: readonly string[]
}

export interface Steps {
  /** Each one after those that it uses. */
  readonly steps: readonly Step[]
  readonly dropped: readonly Unit[]
}

export interface Leavings {
  /** Whether it is there after the build. */
  remains(path: string): boolean
}

export function stepsOf(units: readonly Unit[], flow: Flow, { remains }: Leavings): Steps {
  const isNeeded = neededUnits(units, flow, remains)
  const kept = units.filter(unit => isNeeded.has(unit.id))
  const ordered = inOrder(groupsOf(kept, flow, isNeeded), flow)
  const stepOf = new Map(ordered.flatMap((group, step) => group.map(unit => [unit.id, step] as const)))
  const used = usedPaths(ordered, flow, stepOf)
  return {
    steps: ordered.map((group, step) =>
      stepFrom(group, step, flow, { stepOf, remains, used: used[step] ?? new Set() }),
    ),
    dropped: units.filter(unit => !isNeeded.has(unit.id)),
  }
}

/** Units that leave a file, or write one that such a unit reads. */
function neededUnits(
  units: readonly Unit[],
  { doings, shared }: Flow,
  remains: (path: string) => boolean,
): ReadonlySet<number> {
  const needed = new Set<number>()
  const need = (first: number): void => {
    const work = [first]
    for (let id = work.pop(); id !== undefined; id = work.pop()) {
      if (needed.has(id)) continue
      needed.add(id)
      work.push(...(doings[id]?.uses.values() ?? []))
    }
  }
  for (const { id } of units) if ([...(doings[id]?.wrote ?? [])].some(remains)) need(id)
  for (const { first, then, how } of shared)
    if (how === 'deletes' && needed.has(first) && doings[then]?.clears) need(then)
  return needed
}

/** What other steps read, by the step that wrote it. */
function usedPaths(
  groups: readonly (readonly Unit[])[],
  { doings }: Flow,
  stepOf: ReadonlyMap<number, number>,
): readonly ReadonlySet<string>[] {
  const used = groups.map(() => new Set<string>())
  for (const [step, group] of groups.entries())
    for (const { id } of group)
      for (const [path, writer] of doings[id]?.uses ?? []) {
        const from = stepOf.get(writer)
        if (from !== undefined && from !== step) used[from]?.add(path)
      }
  return used
}

/** Strongly connected units (Tarjan), where two that share a file hang on each other. */
function groupsOf(units: readonly Unit[], flow: Flow, needed: ReadonlySet<number>): readonly (readonly Unit[])[] {
  const edges = new Map<number, Set<number>>(units.map(unit => [unit.id, new Set(flow.doings[unit.id]?.uses.values())]))
  for (const { first, then } of flow.shared) {
    if (!needed.has(first) || !needed.has(then)) continue
    edges.get(first)?.add(then)
    edges.get(then)?.add(first)
  }
  for (const { reader, then } of flow.orders) if (needed.has(reader)) edges.get(then)?.add(reader)
  const byId = new Map(units.map(unit => [unit.id, unit]))
  return components([...edges.keys()], id => [...(edges.get(id) ?? [])].filter(to => byId.has(to))).map(group =>
    group.flatMap(id => byId.get(id) ?? []).sort((a, b) => a.startSeq - b.startSeq),
  )
}

/** Without recursion: chains of commands are long. */
function components(
  nodes: readonly number[],
  next: (node: number) => readonly number[],
): readonly (readonly number[])[] {
  const index = new Map<number, number>()
  const low = new Map<number, number>()
  const open: number[] = []
  const isOpen = new Set<number>()
  const found: number[][] = []
  for (const root of nodes) {
    if (index.has(root)) continue
    const work: { readonly node: number; readonly rest: number[]; child: number | undefined }[] = []
    const enter = (node: number): void => {
      index.set(node, index.size)
      low.set(node, index.get(node)!)
      open.push(node)
      isOpen.add(node)
      work.push({ node, rest: [...next(node)], child: undefined })
    }
    enter(root)
    for (let at = work.at(-1); at !== undefined; at = work.at(-1)) {
      const { node, rest, child } = at
      if (child !== undefined) low.set(node, Math.min(low.get(node)!, low.get(child)!))
      at.child = undefined
      const to = rest.pop()
      if (to === undefined) {
        work.pop()
        if (low.get(node) !== index.get(node)) continue
        const group = open.splice(open.lastIndexOf(node))
        for (const each of group) isOpen.delete(each)
        found.push(group)
      } else if (!index.has(to)) {
        at.child = to
        enter(to)
      } else if (isOpen.has(to)) low.set(node, Math.min(low.get(node)!, index.get(to)!))
    }
  }
  return found
}

/** Each group after those that it uses; else as they ran. */
function inOrder(groups: readonly (readonly Unit[])[], { doings, orders }: Flow): readonly (readonly Unit[])[] {
  const groupOf = new Map(groups.flatMap(group => group.map(unit => [unit.id, group] as const)))
  const readers = readersBefore(orders)
  const ordered: (readonly Unit[])[] = []
  const done = new Set<readonly Unit[]>()
  const byStart = [...groups].sort((a, b) => startOf(a) - startOf(b))
  const needs = (group: readonly Unit[]): readonly (readonly Unit[])[] =>
    group
      .flatMap(unit => [...(doings[unit.id]?.uses.values() ?? []), ...(readers.get(unit.id) ?? [])])
      .map(id => groupOf.get(id))
      .filter(each => each !== undefined)
  for (const group of byStart) {
    const work: (readonly Unit[])[] = [group]
    for (let at = work.at(-1); at !== undefined; at = work.at(-1)) {
      const open = done.has(at) ? undefined : needs(at).find(each => each !== at && !done.has(each))
      if (open !== undefined) {
        work.push(open)
        continue
      }
      work.pop()
      if (done.has(at)) continue
      done.add(at)
      ordered.push(at)
    }
  }
  return ordered
}

function readersBefore(orders: Flow['orders']): ReadonlyMap<number, readonly number[]> {
  const readers = new Map<number, number[]>()
  for (const { reader, then } of orders) {
    const known = readers.get(then)
    if (known === undefined) readers.set(then, [reader])
    else known.push(reader)
  }
  return readers
}

const startOf = (group: readonly Unit[]): number => Math.min(...group.map(unit => unit.startSeq))

interface Known {
  readonly stepOf: ReadonlyMap<number, number>
  readonly remains: (path: string) => boolean
  /** By other steps, of what it wrote. */
  readonly used: ReadonlySet<string>
}

function stepFrom(units: readonly Unit[], step: number, { doings, owners, orders }: Flow, known: Known): Step {
  const mine = units.map(unit => doings[unit.id]).filter((doing): doing is Doing => doing !== undefined)
  const uses = new Map<string, number>()
  for (const doing of mine)
    for (const [path, writer] of doing.uses) {
      const from = known.stepOf.get(writer)
      if (from !== undefined && from !== step) uses.set(path, from)
    }
  const used = new Set(uses.values())
  const ids = new Set(units.map(unit => unit.id))
  const before = new Set(
    orders
      .filter(each => ids.has(each.then))
      .map(each => known.stepOf.get(each.reader))
      .filter(each => each !== step),
  )
  const wrote = new Set(mine.flatMap(doing => [...doing.wrote]))
  const isMine = (path: string): boolean => ids.has(owners.get(path) ?? -1)
  const outputs = [...wrote]
    .filter(path => known.used.has(path) || (isMine(path) && known.remains(path)))
    .sort((a, b) => rank(a, known) - rank(b, known))
  const isOutput = new Set(outputs)
  const sources = new Set(mine.flatMap(doing => [...doing.sources]))
  return {
    units,
    // What it writes itself cannot be what it waits for.
    sources: [...sources].filter(path => !isOutput.has(path)).sort(),
    uses: [...uses]
      .map(([path, from]) => ({ path, step: from }))
      .sort((a, b) => a.step - b.step || (a.path < b.path ? -1 : 1)),
    outputs,
    after: [...before].flatMap(each => (each === undefined || used.has(each) ? [] : [each])).sort((a, b) => a - b),
    lists: [...new Set(mine.flatMap(doing => [...doing.lists]))].sort(),
  }
}

/** What others read comes first, and gives the step its name; lists of dependencies come last. */
const rank = (path: string, { used }: Known): number => (used.has(path) ? 0 : /\.(?:d|dep|Po)$/.test(path) ? 2 : 1)
