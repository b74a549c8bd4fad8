/**
 * Where the steps of a graph stand, and what they use, in numbers: worked out once for each graph, and kept as long as it, so
 * that who walks through a large graph touches no text.
 */
import { kindExpressions } from './dependencies.ts'
import { type Graph, type Node, type Region, regionsOf } from './graph.ts'

/** A node and the regions that it stands in. */
export interface PlacedNode {
  /** As step ids have it; `tests[*]/triage` for all items of an each. */
  readonly path: string
  /** The same with the nodes' names. */
  readonly shown: string
  /** Ids of the nodes around it from the outermost on, and its own. */
  readonly ids: readonly string[]
  readonly node: Node
}

/** Every node, in the order of the graph; what is inside of one comes after it. Bodies of undos are left out. */
export function* placedNodes(region: Region, around: Around = ROOT): Generator<PlacedNode> {
  for (const node of region.nodes) {
    const placed = placeIn(around, node)
    yield placed
    for (const [label, inner] of ownRegions(node)) yield* placedNodes(inner, insideOf(placed, label))
  }
}

/** Whether a node only holds others. */
export const holdsOthers = (node: Node): boolean => !isWork(node) && ownRegions(node).length > 0

/** Whether a node does something itself. */
export const isWork = ({ kind }: Node): boolean => WORK.has(kind)
const WORK: ReadonlySet<Node['kind']> = new Set(['task', 'effect', 'flow', 'source', 'wait', 'cancel', 'service'])

const NO_REGIONS: readonly (readonly [label: string, region: Region])[] = []
const ownRegions = (node: Node): readonly (readonly [label: string, region: Region])[] =>
  isWork(node) ? NO_REGIONS : regionsOf(node).filter(([, region]) => region !== node.undo?.body)

interface Around {
  readonly path: string
  readonly shown: string
  readonly ids: readonly string[]
}
const ROOT: Around = { path: '', shown: '', ids: [] }

const placeIn = (around: Around, node: Node): PlacedNode => ({
  path: around.path + node.id,
  shown: around.shown + node.name,
  ids: around.ids.concat(node.id),
  node,
})

function insideOf({ path, shown, ids, node }: PlacedNode, label: string): Around {
  const mark = pathMark(node, label)
  return { path: path + mark, shown: shown + mark, ids }
}

/** What stands in a path between a step and one in a region of it. */
export function pathMark({ kind }: Node, label: string): string {
  if (label === 'undo') return '.undo/'
  return kind === 'call' ? '/' : kind === 'each' ? '[*]/' : `.${label}/`
}

/** A region where it stands; the same region may stand in several places. */
export interface PlacedRegion {
  /** Among all of the graph; the root is 0. */
  readonly number: number
  readonly label: string
  readonly region: Region
  readonly outer: PlacedRegion | undefined
  /** Its steps, in the order of the list. */
  readonly steps: readonly number[]
  readonly stepOf: ReadonlyMap<string, number>
}

/** Numbers from `start[n]` up to `start[n + 1]` of the list are the row of step n. */
interface Rows {
  readonly start: Int32Array
  readonly list: Int32Array
}

/** All steps of a graph, with numbers in the order of `placedNodes`. */
export interface Outline {
  readonly root: PlacedRegion
  readonly regions: readonly PlacedRegion[]
  /** By step. */
  readonly placed: readonly PlacedNode[]
  /** By step: the number of the region in which it stands. */
  readonly regionOf: Int32Array
  /** By step: what it holds. */
  readonly inside: readonly (readonly PlacedRegion[])[]
  /** By step: those whose whole values it uses to run, in the order of mention. */
  readonly uses: Rows
  /** By step: 1 when `uses` is all that it uses; 0 when expressions of it must be looked at. */
  readonly isPlain: Uint8Array
  /** By step: 1 when it does something that is more than a value. */
  readonly isActing: Uint8Array
  /** By step: those that it comes after without data. */
  readonly after: Rows
}

const outlines = new WeakMap<Region, Outline>()

export function outlineOf({ root }: Pick<Graph, 'root'>): Outline {
  const known = outlines.get(root)
  if (known) return known
  const outline = withUses(numbered(root))
  outlines.set(root, outline)
  return outline
}

type Numbered = Pick<Outline, 'root' | 'regions' | 'placed' | 'inside'>

const HOLDS_NONE: readonly PlacedRegion[] = []

function numbered(rootRegion: Region): Numbered {
  const regions: PlacedRegion[] = []
  const placed: PlacedNode[] = []
  const inside: (readonly PlacedRegion[])[] = []
  const place = (region: Region, label: string, outer: PlacedRegion | undefined, around: Around): PlacedRegion => {
    const steps: number[] = []
    const stepOf = new Map<string, number>()
    const own: PlacedRegion = { number: regions.length, label, region, outer, steps, stepOf }
    regions.push(own)
    for (const node of region.nodes) {
      const step = placed.length
      const it = placeIn(around, node)
      steps.push(step)
      stepOf.set(node.id, step)
      placed.push(it)
      inside.push(HOLDS_NONE)
      if (!isWork(node))
        inside[step] = ownRegions(node).map(([name, each]) => place(each, name, own, insideOf(it, name)))
    }
    return own
  }
  return { root: place(rootRegion, '', undefined, ROOT), regions, placed, inside }
}

function withUses(known: Numbered): Outline {
  const { regions, placed, inside } = known
  const count = placed.length
  const regionOf = new Int32Array(count)
  for (const { number, steps } of regions) for (const step of steps) regionOf[step] = number
  const isPlain = new Uint8Array(count)
  const isActing = new Uint8Array(count)
  const uses = newRows(count)
  const after = newRows(count)
  for (let step = 0; step < count; step++) {
    const { node } = placed[step]!
    const around = regions[regionOf[step]!]!
    const used = plainUses(node, around, target => inside[target]!.length === 0)
    if (used) {
      isPlain[step] = 1
      uses.add(used)
    } else uses.add([])
    if (inside[step]!.length === 0 && node.kind !== 'task' && node.kind !== 'source') isActing[step] = 1
    after.add(node.after.flatMap(id => around.stepOf.get(id) ?? []))
  }
  return { ...known, regionOf, isPlain, isActing, uses: uses.rows(), after: after.rows() }
}

/** Undefined when a step uses more than values of other steps as they are. What a leaf gives is one whole, fields of it too. */
function plainUses(
  node: Node,
  around: PlacedRegion,
  isWhole: (step: number) => boolean,
): readonly number[] | undefined {
  const found: number[] = []
  for (const expr of kindExpressions(node)) {
    if (expr.kind === 'literal' || expr.kind === 'resource') continue
    if (expr.kind !== 'node') return undefined
    const target = regionUp(around, expr.up)?.stepOf.get(expr.node)
    if (target === undefined) continue
    if (expr.path.length > 0 && !isWhole(target)) return undefined
    found.push(target)
  }
  return found
}

/** The region so many regions around another. */
export function regionUp(region: PlacedRegion, up: number): PlacedRegion | undefined {
  let found: PlacedRegion | undefined = region
  for (let count = 0; count < up; count++) found = found?.outer
  return found
}

function newRows(count: number) {
  const start = new Int32Array(count + 1)
  const list: number[] = []
  let rows = 0
  return {
    add(row: readonly number[]): void {
      for (const each of row) list.push(each)
      start[++rows] = list.length
    },
    rows: (): Rows => ({ start, list: Int32Array.from(list) }),
  }
}
