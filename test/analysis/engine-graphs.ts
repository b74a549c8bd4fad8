/**
 * Random graphs, small enough that the engine's every state can be looked at, and full of what crosses scopes: locks taken in
 * any order, milestones, cancels, what goes on after a join, undos, free nets of any shape. All of them pass the validator.
 */
import {
  type Expr,
  type Graph,
  type Lock,
  type Node,
  type Region,
  regionsOf,
  validateGraph,
} from '../../src/core/index.ts'
import { type Dice, diceOf } from '../core/dice.ts'

type Kind = Node['kind']

/** How often each kind is drawn where all are possible. */
const WEIGHTS: { readonly [K in Kind]: number } = {
  task: 10,
  effect: 4,
  flow: 1,
  source: 1,
  service: 1,
  when: 4,
  match: 2,
  any: 3,
  each: 3,
  call: 2,
  loop: 3,
  race: 4,
  some: 4,
  attempt: 5,
  wait: 4,
  scope: 8,
  cancel: 5,
  net: 4,
}
const KINDS = Object.keys(WEIGHTS) as readonly Kind[]

const NEVER = Object.fromEntries(KINDS.map(kind => [kind, 0])) as { readonly [K in Kind]: number }

const TEMPERS: readonly Temper[] = [
  { weights: WEIGHTS, locks: 0, after: 3, undos: 0 },
  { weights: WEIGHTS, locks: 1, after: 3, undos: 6 },
  { weights: WEIGHTS, locks: 5, after: 1, undos: 6 },
  { weights: { ...NEVER, task: 2, scope: 3, call: 1, when: 1 }, locks: 9, after: 0, undos: 0 },
  {
    weights: { ...NEVER, task: 6, scope: 3, attempt: 2, some: 2, race: 2, each: 1, any: 1 },
    locks: 8,
    after: 1,
    undos: 3,
  },
  { weights: { ...NEVER, task: 4, scope: 6, cancel: 5, wait: 1, some: 1 }, locks: 0, after: 3, undos: 0 },
  { weights: { ...NEVER, task: 2, scope: 2, net: 3 }, locks: 3, after: 3, undos: 0 },
]
const LEAVES: ReadonlySet<Kind> = new Set(['task', 'effect', 'flow', 'source', 'service', 'wait', 'cancel'])
const LOCKS = ['A', 'B'] as const

interface Maker {
  readonly dice: Dice
  /** Steps that may still be made. */
  left: number
  readonly temper: Temper
}

/** What the graphs of a kind have much of. */
interface Temper {
  readonly weights: { readonly [K in Kind]: number }
  /** How often a step takes a lock, and waits for each one before it, in tenths. */
  readonly locks: number
  readonly after: number
  /** One step in so many is undone; 0: none. */
  readonly undos: number
}

interface Around {
  readonly depth: number
  /** What can be waited for one region up. */
  readonly outer: readonly string[]
  readonly held: readonly string[]
  /** Regions around that begin several times. */
  readonly many: number
  readonly safe: boolean
}

/** The graph of a seed; the first of its tries that is valid. */
export function graphOfSeed(seed: number): Graph {
  for (let attempt = 0; ; attempt++) {
    const dice = diceOf(seed * 1_000 + attempt)
    const graph = seed % 3 === 0 ? knot(dice) : tryGraph(dice)
    if (isLively(graph.root) && validateGraph(graph).length === 0) return graph
  }
}

function tryGraph(dice: Dice): Graph {
  const maker: Maker = { dice, left: 3 + dice.roll(6), temper: dice.pick(TEMPERS) }
  const around: Around = { depth: 0, outer: [], held: [], many: 0, safe: false }
  return graphOf(region(maker, around, maker.left))
}

const HOLDERS: readonly Kind[] = ['scope', 'scope', 'call', 'when', 'any', 'each', 'loop', 'race', 'some', 'attempt']

/** Steps side by side that hold one lock while they wait for the next one, in any order of the locks. */
function knot(dice: Dice): Graph {
  const maker: Maker = { dice, left: 0, temper: TEMPERS[3]! }
  const around: Around = { depth: 0, outer: [], held: [], many: 0, safe: false }
  const branches = Array.from({ length: 2 + (dice.roll(4) === 0 ? 1 : 0) }, (_, index) => {
    const from = dice.roll(LOCKS.length)
    const names = LOCKS.map((_name, at) => LOCKS[(from + at) % LOCKS.length]!)
    const after = Array.from({ length: index }, (_other, other) => `n${other}`).filter(() => dice.roll(5) === 0)
    return chain(maker, around, { id: `n${index}`, name: `n${index}`, after, policy: {} }, names)
  })
  const extra =
    dice.roll(3) === 0
      ? [
          node(
            maker,
            around,
            'x',
            branches.map(({ id }) => id),
            0,
          ),
        ]
      : []
  const nodes = [...branches, ...extra]
  return graphOf({
    params: [],
    nodes: nodes.map(each => withAfterthoughts(maker, around, each, nodes)),
    result: NOTHING,
    ...(dice.roll(5) === 0 ? { onFailure: 'finish' } : {}),
  })
}

function chain(maker: Maker, around: Around, common: Common, [name, ...names]: readonly string[]): Node {
  const { dice } = maker
  if (name === undefined) return task(common)
  const of = dice.roll(6) === 0 ? 'region' : 'run'
  const held = { ...common, policy: { locks: [{ name, of }] } } as const
  if (names.length === 0) return task(held)
  const inside: Around = { ...around, outer: [], depth: around.depth + 1 }
  const empty: Region = { params: [], nodes: [], result: NOTHING }
  let isFirst = dice.roll(5) > 0
  const nested = (): Region => {
    if (!isFirst) {
      isFirst = true
      return { ...empty, nodes: dice.roll(2) ? [task({ ...common, id: 't', after: [] })] : [] }
    }
    isFirst = false
    return { ...empty, nodes: [chain(maker, inside, { id: 'n0', name: 'n0', after: [], policy: {} }, names)] }
  }
  return ofKind(maker, dice.pick(HOLDERS), held, nested, 1, inside)
}

export const graphOf = (root: Region): Graph => ({ version: 1, name: 'g', params: [], root, reads: [] })

const NOTHING: Expr = { kind: 'literal', value: null }

function region(maker: Maker, around: Around, share: number): Region {
  const { dice } = maker
  const nodes: Node[] = []
  const end = maker.left - share
  while (maker.left > Math.max(0, end)) {
    maker.left -= 1
    nodes.push(
      node(
        maker,
        around,
        `n${nodes.length}`,
        nodes.map(({ id }) => id),
        Math.max(0, maker.left - Math.max(0, end)),
      ),
    )
  }
  const withTargets = nodes.map(each => withAfterthoughts(maker, around, each, nodes))
  return {
    params: [],
    nodes: withTargets,
    result: NOTHING,
    ...(dice.roll(4) === 0 && !around.safe ? { onFailure: 'finish' as const } : {}),
  }
}

function withAfterthoughts({ dice }: Maker, { outer }: Around, node: Node, siblings: readonly Node[]): Node {
  const others = siblings.filter(({ id }) => id !== node.id).map(({ id }) => id)
  if (node.kind === 'scope' && node.until !== undefined) {
    const { until: _until, ...rest } = node
    const ends = siblings.filter(each => each !== node && isEndOf(each.id, each))
    return ends.length > 0 ? { ...rest, until: dice.pick(ends).id } : rest
  }
  if (node.kind !== 'cancel') return node
  const up = outer.length > 0 && (others.length === 0 || dice.roll(3) === 0) ? 1 : 0
  const targets = up === 0 ? others : outer
  return targets.length > 0 ? { ...node, target: { node: dice.pick(targets), up } } : task(node)
}

const task = ({ id, name, after, policy }: Pick<Node, 'id' | 'name' | 'after' | 'policy'>): Node => ({
  id,
  name,
  after,
  policy,
  kind: 'task',
  task: id,
  args: [],
  executor: 'inline',
})

function node(maker: Maker, around: Around, id: string, before: readonly string[], share: number): Node {
  const { dice } = maker
  const kind = pickKind(maker, around, share)
  const locks = around.safe || kind === 'cancel' ? [] : randomLocks(maker, around)
  const common = {
    id,
    name: id,
    after: before.filter(() => dice.roll(10) < maker.temper.after),
    policy: locks.length > 0 ? { locks } : {},
  }
  const inside: Around = {
    ...around,
    depth: around.depth + 1,
    outer: before,
    held: [...around.held, ...locks.map(({ name }) => name)],
    many: around.many + (kind === 'each' || kind === 'loop' || kind === 'net' ? 1 : 0),
  }
  const undo = undoOf(maker, around, kind)
  const nested = (count: number): Region => region(maker, inside, Math.min(share, shareOf(dice, share, count)))
  return { ...ofKind(maker, kind, common, nested, share, around), ...undo }
}

/** Of so many steps that are left, for one of so many regions; some are empty. */
const shareOf = (dice: Dice, share: number, count: number): number =>
  dice.roll(6) === 0 ? 0 : 1 + dice.roll(Math.ceil(share / (count + 1)))

type Common = Pick<Node, 'id' | 'name' | 'after' | 'policy'>

function ofKind(
  maker: Maker,
  kind: Kind,
  common: Common,
  nested: (count: number) => Region,
  share: number,
  around: Around,
): Node {
  const { dice } = maker
  const { id } = common
  const arm = () => ({ condition: NOTHING, body: nested(2) })
  switch (kind) {
    case 'task':
    case 'effect':
      // Sometimes a step inside hangs on one outside, which orders the two regions.
      return { ...common, kind, task: id, args: [], executor: 'inline' }
    case 'flow':
      return { ...common, kind, flow: id, args: [] }
    case 'source':
      return { ...common, kind, source: { kind: 'env', name: id } }
    case 'service':
      return {
        ...common,
        kind,
        task: id,
        args: [],
        service: {
          ready: { kind: 'started' },
          readyTimeoutMs: 1,
          restart: { times: 0, delayMs: 0, delayMsMax: 0, factor: 1 },
          stop: { signal: 'SIGTERM', graceMs: 0 },
        },
      }
    case 'when':
      return { ...common, kind, condition: NOTHING, then: nested(2), otherwise: nested(2) }
    case 'match':
      return {
        ...common,
        kind,
        value: NOTHING,
        arms: { a: nested(2), b: nested(2) },
        ...(dice.roll(2) ? { otherwise: nested(2) } : {}),
      }
    case 'any':
      return { ...common, kind, arms: { a: arm(), b: arm() }, ...(dice.roll(2) ? { otherwise: nested(2) } : {}) }
    case 'each':
      return {
        ...common,
        kind,
        items: NOTHING,
        body: lively(nested(1)),
        ...(dice.roll(3) === 0 ? { concurrency: 1 } : {}),
        ...(dice.roll(3) === 0 ? { tolerate: { count: 1 } } : {}),
        ...(dice.roll(4) === 0
          ? { until: { count: 1, rest: dice.pick(['cancel', 'finish', 'detach'] as const) } }
          : {}),
        ...(dice.roll(5) === 0 ? { more: { signal: 's', type: {} } } : {}),
      }
    case 'call':
      return { ...common, kind, workflow: 'w', args: {}, body: nested(1) }
    case 'loop':
      return {
        ...common,
        kind,
        init: NOTHING,
        body: nested(1),
        condition: NOTHING,
        test: dice.pick(['while', 'until'] as const),
        ...(dice.roll(4) === 0 ? { limit: 1 } : {}),
      }
    case 'race':
      return { ...common, kind, arms: { a: lively(nested(2)), b: lively(nested(2)) } }
    case 'some':
      return {
        ...common,
        kind,
        count: 1 + dice.roll(2),
        rest: dice.pick(['cancel', 'finish', 'detach'] as const),
        arms: { a: lively(nested(2)), b: lively(nested(2)) },
      }
    case 'attempt': {
      const handlers = Array.from({ length: dice.roll(3) }, () => ({
        errors: dice.roll(3) === 0 ? ['BROKEN'] : [],
        body: nested(3),
      }))
      return { ...common, kind, body: nested(2), handlers, ...(dice.roll(2) ? { finalizer: nested(3) } : {}) }
    }
    case 'wait':
      return {
        ...common,
        kind,
        on:
          dice.roll(2) === 0
            ? { kind: 'timer', duration: { kind: 'literal', value: 1 } }
            : {
                kind: 'signal',
                signal: dice.pick(['s', 't']),
                type: {},
                early: dice.pick(['kept', 'transient'] as const),
              },
      }
    case 'scope':
      return {
        ...common,
        kind,
        body: nested(1),
        ...(dice.roll(3) === 0 ? { join: 'detached' as const } : {}),
        ...(dice.roll(3) === 0 ? { until: id } : {}),
      }
    case 'cancel':
      return { ...common, kind, target: { node: id, up: 0 }, dependents: dice.pick(['skip', 'run'] as const) }
    case 'net':
      return { ...common, kind, ...randomNet(maker, around, share) }
  }
}

function pickKind({ dice, temper: { weights } }: Maker, { depth, many, safe }: Around, share: number): Kind {
  if (safe) return 'task'
  const possible = KINDS.filter(kind => {
    if (weights[kind] === 0) return false
    if (LEAVES.has(kind)) return true
    if (kind === 'net') return many === 0
    return share >= 1 && depth < 4 && !((kind === 'each' || kind === 'loop') && many > 0)
  })
  let roll = dice.roll(possible.reduce((sum, kind) => sum + weights[kind], 0))
  for (const kind of possible) if ((roll -= weights[kind]) < 0) return kind
  return 'task'
}

function randomLocks({ dice, temper }: Maker, { held }: Around): readonly Lock[] {
  if (dice.roll(10) >= temper.locks) return []
  const free = LOCKS.filter(name => !held.includes(name))
  const count = Math.min(free.length, dice.roll(4) === 0 ? 2 : 1)
  const from = dice.roll(LOCKS.length)
  return Array.from({ length: count }, (_, index) => ({
    name: free[(from + index) % free.length]!,
    of: dice.roll(4) === 0 ? ('region' as const) : ('run' as const),
  }))
}

function undoOf(maker: Maker, around: Around, kind: Kind): Pick<Node, 'undo'> {
  const { dice, temper } = maker
  if (around.safe || temper.undos === 0 || kind === 'cancel' || dice.roll(temper.undos) > 0) return {}
  const locks = randomLocks(maker, around)
  const body: Region = {
    params: [],
    nodes: [task({ id: 'u', name: 'u', after: [], policy: locks.length > 0 ? { locks } : {} })],
    result: NOTHING,
  }
  return { undo: { captures: {}, body } }
}

/**
 * Of what happens within one event, who is the first is decided by the order of steps in the engine and by nobody in a net. So
 * each arm of a race has a step that takes time, and a milestone is ended by one.
 */
const lively = (region: Region): Region =>
  takesTime(region)
    ? region
    : { ...region, nodes: [...region.nodes, task({ id: 't', name: 't', after: [], policy: {} })] }

const takesTime = ({ nodes }: Region): boolean => nodes.some(({ kind }) => TAKES_TIME.has(kind))

const TAKES_TIME: ReadonlySet<Kind> = new Set(['task', 'effect', 'flow', 'source', 'service', 'wait'])

const isEndOf = (until: string | undefined, { id, kind }: Node): boolean =>
  id === until && TAKES_TIME.has(kind) && kind !== 'wait'

function isLively({ nodes }: Region): boolean {
  return nodes.every(node => {
    const regions = regionsOf(node).map(([, region]) => region)
    if (node.kind === 'scope' && node.until !== undefined && !nodes.some(each => isEndOf(node.until, each)))
      return false
    const isRaced = node.kind === 'race' || node.kind === 'some' || (node.kind === 'each' && node.until)
    return regions.every(region => isLively(region) && (!isRaced || region === node.undo?.body || takesTime(region)))
  })
}

type NetNode = Extract<Node, { kind: 'net' }>

/** Up to three places and transitions with any arcs; each firing runs a task, so that firing takes time. */
function randomNet(
  maker: Maker,
  around: Around,
  share: number,
): Pick<NetNode, 'places' | 'start' | 'end' | 'transitions'> {
  const { dice } = maker
  const places = ['i', 'o', 'p', 'q'].slice(0, 2 + dice.roll(3))
  const some = (): string[] => Array.from({ length: 1 + (dice.roll(4) === 0 ? 1 : 0) }, () => dice.pick(places))
  const count = 1 + Math.min(dice.roll(3), share)
  const transitions = Array.from({ length: count }, (_, index) => {
    const locks = around.safe ? [] : randomLocks(maker, { ...around, held: LOCKS.slice(1) })
    return {
      id: `t${index}`,
      consumes: index === 0 ? ['i'] : some().filter(place => place !== 'o' || dice.roll(4) === 0),
      produces: some(),
      body: {
        params: [],
        nodes: [task({ id: 'f', name: 'f', after: [], policy: locks.length > 0 ? { locks } : {} })],
        result: NOTHING,
      },
    }
  })
  return { places, start: ['i'], end: 'o', transitions }
}

/** Smaller graphs that come of leaving one thing out; those that are not valid any more are left out. */
export function* smaller(graph: Graph): Generator<Graph> {
  for (const root of smallerRegions(graph.root)) {
    const next = { ...graph, root }
    if (isLively(root) && validateGraph(next).length === 0) yield next
  }
}

function* smallerRegions(region: Region): Generator<Region> {
  for (const node of region.nodes) {
    const nodes = region.nodes
      .filter(({ id }) => id !== node.id)
      .map(each => ({ ...each, after: each.after.filter(id => id !== node.id) }))
    yield { ...region, nodes }
  }
  if (region.onFailure) {
    const { onFailure: _onFailure, ...plain } = region
    yield plain
  }
  for (const [index, node] of region.nodes.entries())
    for (const next of smallerNodes(node)) yield { ...region, nodes: region.nodes.with(index, next) }
}

function* smallerNodes(node: Node): Generator<Node> {
  for (const id of node.after) yield { ...node, after: node.after.filter(each => each !== id) }
  if (node.undo) {
    const { undo: _undo, ...plain } = node
    yield plain as Node
  }
  if (node.policy.locks) yield { ...node, policy: {} }
  if (regionsOf(node).length > 0 || node.kind !== 'task') yield task(node)
  if (node.kind === 'attempt') {
    if (node.finalizer) {
      const { finalizer: _finalizer, ...plain } = node
      yield plain
    }
    for (const handler of node.handlers) yield { ...node, handlers: node.handlers.filter(each => each !== handler) }
  }
  if (node.kind === 'net' && node.transitions.length > 1)
    for (const transition of node.transitions)
      yield { ...node, transitions: node.transitions.filter(each => each !== transition) }
  for (const [label, region] of regionsOf(node))
    if (region !== node.undo?.body) for (const next of smallerRegions(region)) yield withRegion(node, label, next)
}

function withRegion(node: Node, label: string, region: Region): Node {
  switch (node.kind) {
    case 'when':
      return { ...node, [label]: region }
    case 'match':
      return label === 'otherwise' && node.otherwise
        ? { ...node, otherwise: region }
        : { ...node, arms: { ...node.arms, [label]: region } }
    case 'any':
      return label === 'otherwise' && node.otherwise
        ? { ...node, otherwise: region }
        : { ...node, arms: { ...node.arms, [label]: { ...node.arms[label]!, body: region } } }
    case 'each':
    case 'call':
    case 'loop':
    case 'scope':
      return { ...node, body: region }
    case 'race':
    case 'some':
      return { ...node, arms: { ...node.arms, [label]: region } }
    case 'attempt': {
      if (label === 'body') return { ...node, body: region }
      if (label === 'finally') return { ...node, finalizer: region }
      const index = label === 'catch' ? 0 : Number(label.slice(5)) - 1
      return { ...node, handlers: node.handlers.with(index, { ...node.handlers[index]!, body: region }) }
    }
    case 'net':
      return {
        ...node,
        transitions: node.transitions.map(each => (each.id === label ? { ...each, body: region } : each)),
      }
    default:
      return node
  }
}
