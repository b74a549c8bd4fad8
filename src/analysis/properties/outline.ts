/** Where each step of a graph stands, and what of two steps follows from that alone. */
import { dependenciesOf, type Graph, type Node, pathMark, type Region, regionsOf } from '../../core/index.ts'
import { lingers } from '../../core/net/compile.ts'
import { lockOrdersOf } from '../workflow/lock-order.ts'

/** A step in its region; `outer` is the step that the region is part of. */
export interface Spot {
  readonly path: string
  /** With names instead of ids. */
  readonly shown: string
  readonly node: Node
  readonly region: Region
  readonly outer: Spot | undefined
  /** Of the region, in `outer`. */
  readonly label: string
}

export class Outline {
  readonly #spots = new Map<string, Spot>()
  /** By region and step: all that must have passed before it opens. */
  readonly #before = new WeakMap<Region, Map<string, ReadonlySet<string>>>()
  /** By the path of a region (`ci/`), that of the one around it. */
  readonly #outwards = new Map<string, string | undefined>()
  /** Withdrawn steps open what waits for them, so that order says less than it seems to. */
  readonly isPlain: boolean
  /** Whether a run may come to a stand: only locks and free-form nets make steps wait for one another. */
  readonly mayStand: boolean

  constructor({ root }: Pick<Graph, 'root'>) {
    this.#add(root, undefined, '')
    const has = (kind: Node['kind']): boolean => [...this.#spots.values()].some(({ node }) => node.kind === kind)
    this.isPlain = !has('cancel')
    this.mayStand = has('net') || lockOrdersOf(root).circular.size > 0
  }

  /** Free-form nets. */
  nets(): readonly Spot[] {
    return [...this.#spots.values()].filter(({ node }) => node.kind === 'net')
  }

  /** Steps of which the net shows other runs than the engine: cancels of cancels, milestones that are let go. */
  odd(): Spot | undefined {
    return [...this.#spots.values()].find(spot => {
      if (spot.node.kind === 'scope') return spot.node.until !== undefined && lingers(spot.node)
      return spot.node.kind === 'cancel' && this.#targetOf(spot, spot.node.target)?.node.kind === 'cancel'
    })
  }

  #targetOf({ path, node }: Spot, target: { readonly node: string; readonly up: number }): Spot | undefined {
    return this.#spots.get(this.regionUp(path.slice(0, path.length - node.id.length), target.up) + target.node)
  }

  spot(path: string): Spot | undefined {
    return this.#spots.get(path)
  }

  /** The path of the region `up` regions around the one at `path`. */
  regionUp(path: string, up: number): string {
    let at: string | undefined = path
    for (let level = 0; level < up && at !== undefined; level++) at = this.#outwards.get(at)
    return at ?? ''
  }

  /** The steps of the smallest region around both that they stand in or are; undefined when one is around the other. */
  fork(a: Spot, b: Spot): readonly [Spot, Spot] | undefined {
    const mine = wayTo(a)
    const other = wayTo(b)
    const at = mine.findIndex((spot, index) => spot !== other[index])
    const [left, right] = [mine[at], other[at]]
    return left && right ? [left, right] : undefined
  }

  /** Whether, of two steps of one region, the second opens only after the first has passed. */
  isBefore(first: Spot, second: Spot): boolean {
    return first.region === second.region && this.#beforeOf(second.region, second.node.id).has(first.node.id)
  }

  #add(region: Region, outer: Spot | undefined, label: string): void {
    const mark = outer ? pathMark(outer.node, label) : ''
    const [path, shown] = outer ? [outer.path + mark, outer.shown + mark] : ['', '']
    this.#outwards.set(path, outer?.path.slice(0, outer.path.length - outer.node.id.length))
    for (const node of region.nodes) {
      const spot: Spot = { path: path + node.id, shown: shown + node.name, node, region, outer, label }
      this.#spots.set(spot.path, spot)
      for (const [inner, nested] of regionsOf(node)) this.#add(nested, spot, inner)
    }
  }

  #beforeOf(region: Region, id: string): ReadonlySet<string> {
    let known = this.#before.get(region)
    if (!known) this.#before.set(region, (known = new Map()))
    const found = known.get(id)
    if (found) return found
    const nodes = new Map(region.nodes.map(node => [node.id, node]))
    const before = new Set<string>()
    const pending = [id]
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const node = nodes.get(next)
      if (!node) continue
      for (const source of dependenciesOf(node)) {
        if (before.has(source)) continue
        before.add(source)
        pending.push(source)
      }
    }
    known.set(id, before)
    return before
  }
}

/** Outermost first, the step itself last. */
export function wayTo(spot: Spot): readonly Spot[] {
  const way: Spot[] = []
  for (let at: Spot | undefined = spot; at; at = at.outer) way.push(at)
  return way.reverse()
}

export const isInUndo = (spot: Spot): boolean => wayTo(spot).some(({ label }) => label === 'undo')
/**
 * In an `each` that goes on after so many items, or a loop of one turn: what the others come to, and how many turns there are,
 * the net does not show as the engine does.
 */
export const isInUncounted = (spot: Spot): boolean =>
  wayTo(spot).some(({ outer }) => {
    if (outer?.node.kind === 'each') return outer.node.until !== undefined
    return outer?.node.kind === 'loop' && outer.node.limit === 1
  })
export const isInEach = (spot: Spot): boolean => wayTo(spot).some(({ outer }) => outer?.node.kind === 'each')

/** Whether `inner` is done whenever `outer`, which it stands in or is, has passed. */
export function isSureIn(inner: Spot, outer: Spot): boolean {
  // A milestone that is too late has not been done, and what waits for it goes on.
  if (inner.node.kind === 'scope' && inner.node.until !== undefined) return false
  for (let at = inner; at !== outer; at = at.outer) {
    if (!at.outer || !isSurePart(at.outer.node, at.label)) return false
  }
  return true
}

/** Whether a node has passed only after this part of it has ended with success. */
function isSurePart(node: Node, label: string): boolean {
  switch (node.kind) {
    case 'call':
      return label === 'body' && node.recurs === undefined
    case 'scope':
      return label === 'body' && node.until === undefined && !lingers(node)
    case 'loop':
      return label === 'body' && node.test === 'until'
    case 'attempt':
      return label === 'finally'
    default:
      return false
  }
}

/** Whether an instance of this part of a node may be given up while the run goes on to succeed. */
export function mayBeGivenUp({ node }: Spot, label: string): boolean {
  switch (node.kind) {
    case 'race':
    case 'some':
    case 'net':
      return true
    case 'each':
      return node.tolerate !== undefined || node.until !== undefined || label === 'undo'
    case 'attempt':
      return label === 'body'
    case 'scope':
      return node.until !== undefined
    default:
      return label === 'undo'
  }
}

/** How many instances of the region around a step there may be in a run, and at one time. */
export interface Many {
  readonly inRun: 'once' | 'many'
  readonly atOnce: number
}

export function manyOf(spot: Spot): Many {
  let inRun: Many['inRun'] = 'once'
  let atOnce = 1
  for (let at: Spot = spot; at.outer; at = at.outer) {
    const { node } = at.outer
    if (at.label === 'undo' || isEnteredAgain(at.region)) return { inRun: 'many', atOnce: Number.POSITIVE_INFINITY }
    if (node.kind === 'each') {
      inRun = 'many'
      atOnce *= Math.min(node.concurrency ?? Number.POSITIVE_INFINITY, itemCount(node))
    }
    if (node.kind === 'net') return { inRun: 'many', atOnce: Number.POSITIVE_INFINITY }
    if ((node.kind === 'loop' && node.limit !== 1) || (node.kind === 'attempt' && node.policy.retry !== undefined))
      inRun = 'many'
  }
  return isEnteredAgain(wayTo(spot)[0]!.region)
    ? { inRun: 'many', atOnce: Number.POSITIVE_INFINITY }
    : { inRun, atOnce }
}

/** Whether there are several instances because of items alone. */
export const isManyByItems = (spot: Spot): boolean =>
  wayTo(spot).every(
    ({ region, outer, label }) => outer?.node.kind !== 'net' && label !== 'undo' && !isEnteredAgain(region),
  )

function itemCount(node: Extract<Node, { kind: 'each' }>): number {
  const { items, more, batch = 1 } = node
  if (more) return Number.POSITIVE_INFINITY
  const list = items.kind === 'list' ? items.items : items.kind === 'literal' ? items.value : undefined
  return Array.isArray(list) ? Math.ceil(list.length / batch) : Number.POSITIVE_INFINITY
}

/** Whether a call from inside enters the region again. */
function isEnteredAgain(region: Region): boolean {
  const found = entered.get(region)
  if (found !== undefined) return found
  const is = entersUp(region, 0)
  entered.set(region, is)
  return is
}
const entered = new WeakMap<Region, boolean>()

const entersUp = (region: Region, depth: number): boolean =>
  region.nodes.some(
    node =>
      (node.kind === 'call' && node.recurs === depth) ||
      regionsOf(node).some(([, nested]) => entersUp(nested, depth + 1)),
  )
