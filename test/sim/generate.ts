/**
 * Random graphs of every live kind, nested. They are valid by construction: nodes refer backwards and outwards only, so
 * there is no cycle; what is locked inside a lock comes after it in one order, so nothing waits in a circle; recursion
 * stands behind a choice; a region of an undo looks at nothing around it.
 */
import { dependenciesOf } from '../../src/core/graph/dependencies.ts'
import type {
  Expr,
  Graph,
  Lock,
  Node,
  Policy,
  Region,
  Rest,
  Retry,
  ServicePolicy,
  Undo,
} from '../../src/core/graph/graph.ts'
import type { Library } from '../../src/core/engine/protocol.ts'
import type { Json } from '../../src/util/json.ts'
import type { Dice } from '../core/dice.ts'

export type Kind = Node['kind']

/** How often each kind is drawn where all are possible. */
const WEIGHTS: { readonly [K in Kind]: number } = {
  task: 9,
  effect: 5,
  flow: 4,
  source: 2,
  when: 4,
  match: 3,
  any: 3,
  each: 6,
  call: 5,
  loop: 4,
  race: 4,
  some: 4,
  attempt: 6,
  wait: 6,
  scope: 5,
  cancel: 3,
  net: 3,
  service: 2,
}
export const KINDS = Object.keys(WEIGHTS) as readonly Kind[]

const SERVICE: ServicePolicy = {
  ready: { kind: 'started' },
  readyTimeoutMs: 30_000,
  restart: { times: 5, delayMs: 100, delayMsMax: 1_000, factor: 2 },
  stop: { signal: 'SIGTERM', graceMs: 5_000 },
}

const LEAVES: ReadonlySet<Kind> = new Set(['task', 'effect', 'flow', 'source', 'wait', 'cancel', 'service'])
/** Kinds that begin their region several times: what is below must be small. */
const MANY: ReadonlySet<Kind> = new Set(['each', 'loop', 'net'])
const DEPTH_MAX = 5
const LOCKS = 4
const SIGNALS = ['s0', 's1', 's2'] as const
export const CODES = ['BROKEN', 'FLAKY', 'TIMEOUT'] as const
export const TYPES = ['TypeError', 'RangeError', 'Error'] as const

export interface Made {
  readonly graph: Graph
  readonly library: Library
}

interface Maker {
  readonly dice: Dice
  readonly kinds: readonly Kind[]
  made: number
}

/** What can be seen from a place, innermost region first. */
interface Level {
  readonly nodes: string[]
  readonly params: readonly string[]
  /** The node that the region is part of. */
  readonly owner: string
  /** A call may enter it again. */
  readonly recurs?: boolean
  /** Entered only by choice. */
  readonly chosen?: boolean
}

interface Around {
  /** Up to the first region that is closed. */
  readonly levels: readonly Level[]
  readonly depth: number
  /** Locks below this number are held around. */
  readonly lock: number
  /** Regions around that begin several times. */
  readonly many: number
  /** Inside an undo: only what cannot fail for good. */
  readonly safe: boolean
}

/** `kinds` are drawn beside tasks; `size` is about how many nodes there are. */
export function generate(dice: Dice, kinds: readonly Kind[] = KINDS, size = 26 + dice.roll(50)): Made {
  const maker: Maker = { dice, kinds: [...new Set<Kind>(['task', ...kinds])], made: 0 }
  const around: Around = { levels: [], depth: 0, lock: 0, many: 0, safe: false }
  const root = region(maker, around, { params: ['p'], owner: '', recurs: true, share: size })
  const library = kinds.includes('flow') ? regions(maker) : []
  const graph: Graph = {
    version: 1,
    name: 'g',
    params: [{ name: 'p', type: {}, required: true }],
    root,
    reads: [],
    ...(dice.roll(12) === 0 ? { deadlineMs: dice.pick([60, 400, 2_000]) } : {}),
  }
  return { graph, library: new Map(library.map((each, index) => [`workflow ${index}`, each])) }
}

/** Workflows that flows call: they see nothing around them. */
const regions = (maker: Maker): readonly Region[] =>
  Array.from({ length: 2 }, () =>
    region(
      maker,
      { levels: [], depth: 2, lock: LOCKS, many: 2, safe: false },
      { params: ['a', 'b'], owner: '', share: 3 },
    ),
  )

/** `share`: nodes that the region may have, those of nested regions included. */
type Frame = Omit<Level, 'nodes'> & { readonly share: number }

function region(maker: Maker, around: Around, { share, ...frame }: Frame): Region {
  const { dice } = maker
  const { params } = frame
  const nodes: Node[] = []
  const level: Level = { ...frame, nodes: [] }
  // What is entered again uses nothing from around it.
  const inside: Around = {
    ...around,
    depth: around.depth + 1,
    levels: frame.recurs ? [level] : [level, ...around.levels],
  }
  const before = maker.made
  while (maker.made - before < share) {
    const id = `n${nodes.length}`
    nodes.push(node(maker, inside, id, share - (maker.made - before)))
    level.nodes.push(id)
  }
  const result = dice.roll(3) === 0 ? expr(maker, inside) : record(nodes.map(each => [each.id, ref(each.id)]))
  return {
    params,
    nodes: nodes.map(each => withAfterthoughts(maker, inside, each, nodes)),
    result,
    ...(dice.roll(4) === 0 && !around.safe ? { onFailure: 'finish' } : {}),
  }
}

/** What a node may say about siblings that come later: the gate of a scope, the target of a cancel. */
function withAfterthoughts({ dice }: Maker, { levels }: Around, node: Node, siblings: readonly Node[]): Node {
  const others = siblings.filter(each => each.id !== node.id)
  if (node.kind === 'scope' && node.until !== undefined) return { ...node, until: gateFor(dice, node, siblings) }
  if (node.kind !== 'cancel') return node
  // Of a region around: what came before the node that we are in.
  const around = levels[1]?.nodes ?? []
  const up = around.length > 0 && (others.length === 0 || dice.roll(4) === 0) ? 1 : 0
  const targets = up === 0 ? others.map(each => each.id) : around
  return targets.length > 0 ? { ...node, target: { node: dice.pick(targets), up } } : asTask(node)
}

/** What the scope waits for cannot be what closes it. */
function gateFor(dice: Dice, node: Node, siblings: readonly Node[]): string | undefined {
  const nodes = new Map(siblings.map(each => [each.id, each]))
  const before = new Set<string>([node.id])
  for (const id of before) for (const each of dependenciesOf(nodes.get(id)!)) before.add(each)
  // Milestones end one another in one direction only.
  const own = siblings.findIndex(({ id }) => id === node.id)
  const gates = siblings.filter((each, index) => !before.has(each.id) && (index > own || each.kind !== 'scope'))
  return gates.length > 0 ? dice.pick(gates).id : undefined
}

const asTask = ({ id, name, after, policy }: Node): Node => ({
  id,
  name,
  after,
  policy,
  kind: 'task',
  task: id,
  args: [],
  executor: 'inline',
})

function node(maker: Maker, around: Around, id: string, share: number): Node {
  const { dice } = maker
  maker.made += 1
  const kind = pickKind(maker, around, share)
  const level = around.levels[0]!
  const policy = randomPolicy(maker, around, kind)
  const common = {
    id,
    name: id,
    after: level.nodes.length > 0 && dice.roll(3) === 0 ? [dice.pick(level.nodes)] : [],
    policy,
    ...(undoable(maker, around, kind) ? { undo: undo(maker, around) } : {}),
  }
  const lock = policy.locks ? Math.max(...policy.locks.map(({ name }) => Number(name.slice(1)))) + 1 : around.lock
  const inside: Around = { ...around, lock, many: around.many + (MANY.has(kind) ? 1 : 0) }
  const room = Math.min(share - 1, 3 + dice.roll(9), MANY.has(kind) || around.many > 0 ? 5 - around.many : 12)
  /** Shares what may stand inside among so many regions. */
  const nested = (
    count: number,
    params: readonly string[] = [],
    traits: Pick<Level, 'recurs' | 'chosen'> = {},
  ): Region =>
    region(maker, inside, {
      params,
      owner: id,
      ...traits,
      share: Math.max(0, Math.ceil(room / count) - (dice.roll(4) === 0 ? 1 : 0)),
    })
  const value = (): Expr => expr(maker, around)
  const args = Array.from({ length: dice.roll(3) }, value)
  switch (kind) {
    case 'task':
    case 'effect':
      return { ...common, kind, task: id, args, executor: 'inline' }
    case 'flow':
      return { ...common, kind, flow: id, args }
    case 'source':
      return { ...common, kind, source: { kind: 'env', name: id } }
    case 'service':
      return { ...common, kind, task: id, args, service: SERVICE }
    case 'when':
      return { ...common, kind, condition: value(), then: nested(2, [], { chosen: true }), otherwise: nested(2) }
    case 'match': {
      const arms = { a: nested(3, ['value']), b: nested(3, ['value']) }
      return { ...common, kind, value: value(), arms, ...(dice.roll(2) ? { otherwise: nested(3, ['value']) } : {}) }
    }
    case 'any': {
      const arm = () => ({ condition: value(), body: nested(3) })
      return { ...common, kind, arms: { a: arm(), b: arm() }, ...(dice.roll(2) ? { otherwise: nested(3) } : {}) }
    }
    case 'each':
      return eachNode({
        ...common,
        kind,
        items: value(),
        body: nested(1, ['item', 'index']),
        ...eachOptions(maker, around),
      })
    case 'call': {
      const recurs = recursion(dice, around)
      if (recurs !== undefined) {
        const { params } = around.levels[recurs]!
        const body: Region = { params: [], nodes: [], result: literal(null) }
        return { ...common, kind, workflow: 'w', args: fields(params, value), body, recurs }
      }
      return {
        ...common,
        kind,
        workflow: 'w',
        args: fields(['x', 'y'].slice(dice.roll(2)), value),
        body: nested(1, ['x', 'y'], dice.roll(2) ? { recurs: true } : {}),
      }
    }
    case 'loop': {
      const limit = dice.roll(4) === 0 ? { limit: 1 + dice.roll(3) } : {}
      const body = nested(1, ['state', 'turn'])
      const condition = record([
        ['s', param('state')],
        ['t', param('turn')],
        ['o', outer(maker, around)],
      ])
      return { ...common, kind, init: value(), body, condition, test: dice.pick(['while', 'until'] as const), ...limit }
    }
    case 'race': {
      const arms = { a: lively(nested(2)), b: lively(nested(2)) }
      return { ...common, kind, arms: dice.roll(3) === 0 ? { ...arms, c: lively(nested(3)) } : arms }
    }
    case 'some':
      return {
        ...common,
        kind,
        count: 1 + dice.roll(3),
        rest: rest(dice),
        arms: { a: lively(nested(3)), b: lively(nested(3)), c: lively(nested(3)) },
      }
    case 'attempt': {
      const body = nested(2)
      const handlers = Array.from({ length: dice.roll(3) }, () => ({
        errors: errors(dice),
        body: nested(3, ['error']),
      }))
      return { ...common, kind, body, handlers, ...(dice.roll(2) ? { finalizer: nested(3) } : {}) }
    }
    case 'wait':
      return { ...common, kind, on: waitsOn(maker, value) }
    case 'scope':
      return {
        ...common,
        kind,
        body: nested(1),
        join: dice.roll(3) === 0 ? 'detached' : 'awaited',
        ...(dice.roll(4) === 0 ? { until: id } : {}),
      }
    case 'cancel':
      return { ...common, kind, target: { node: id, up: 0 }, dependents: dice.pick(['skip', 'run'] as const) }
    case 'net':
      return { ...common, kind, ...net(maker, inside, id, room) }
  }
}

/** Structured kinds only where there is room, in moderate depth; nothing in an undo that may fail for good. */
function pickKind({ dice, kinds }: Maker, { depth, safe, many }: Around, share: number): Kind {
  if (safe) return dice.pick(['task', 'effect'] as const)
  const possible = kinds.filter(kind => {
    if (LEAVES.has(kind)) return true
    return share >= 3 && depth < DEPTH_MAX && !(MANY.has(kind) && many >= 2)
  })
  const total = possible.reduce((sum, kind) => sum + WEIGHTS[kind], 0)
  let roll = dice.roll(total)
  // Where there is much room, what has regions is drawn more often, so that graphs are deep rather than wide.
  if (share > 12 && depth <= 2 && dice.roll(3) > 0) {
    const structured = possible.filter(kind => !LEAVES.has(kind))
    if (structured.length > 0) return dice.pick(structured)
  }
  for (const kind of possible) if ((roll -= WEIGHTS[kind]) < 0) return kind
  return 'task'
}

/** A call enters a region around again only from behind a choice, which is the base. */
function recursion({ roll }: Dice, { levels, many }: Around): number | undefined {
  if (many > 0 || !levels[0]!.chosen || roll(2) === 0) return undefined
  const up = levels.findIndex(level => level.recurs)
  return up > 0 && (up < levels.length - 1 || roll(4) === 0) ? up : undefined
}

/**
 * Of arms that end within one event, who is the first is not defined. So each is empty, or has a step that takes time.
 */
export function lively(region: Region): Region {
  if (region.nodes.length === 0 || !region.nodes.every(({ kind }) => INSTANT.has(kind))) return region
  const id = `n${region.nodes.length}`
  return {
    ...region,
    nodes: [
      ...region.nodes,
      { id, name: id, after: [], policy: {}, kind: 'task', task: id, args: [], executor: 'inline' },
    ],
  }
}
const INSTANT: ReadonlySet<string> = new Set(['call', 'scope', 'attempt', 'race', 'some', 'net'])

const errors = (dice: Dice): readonly string[] =>
  dice.roll(2) ? [] : [dice.pick<string>([...CODES, ...TYPES, 'CANCELLED', 'RACE_FAILED', 'TOLERANCE_EXCEEDED'])]

const rest = (dice: Dice): Rest => dice.pick(['cancel', 'finish', 'detach'] as const)

type EachNode = Extract<Node, { kind: 'each' }>

/** Which of its items are the first is only defined when they take time. */
const eachNode = (each: EachNode): EachNode => (each.until ? { ...each, body: lively(each.body) } : each)

function eachOptions(maker: Maker, around: Around): Partial<EachNode> {
  const { dice } = maker
  const key = record([
    ['i', param('item')],
    ['n', param('index')],
    ['o', outer(maker, around)],
  ])
  return {
    ...(dice.roll(3) === 0 ? { key } : {}),
    ...(dice.roll(2) ? { concurrency: 1 + dice.roll(3) } : {}),
    ...(dice.roll(4) === 0 ? { batch: 1 + dice.roll(3) } : {}),
    ...(dice.roll(3) === 0
      ? { tolerate: dice.roll(2) ? { count: dice.roll(3) } : { share: dice.pick([0, 0.34, 0.5, 1]) } }
      : {}),
    ...(dice.roll(4) === 0 ? { until: { count: 1 + dice.roll(2), rest: rest(dice) } } : {}),
    ...(dice.roll(4) === 0 ? { more: { signal: dice.pick(SIGNALS), type: {} } } : {}),
  }
}

function waitsOn({ dice }: Maker, value: () => Expr): Extract<Node, { kind: 'wait' }>['on'] {
  switch (dice.roll(4)) {
    case 0:
      return { kind: 'timer', duration: dice.roll(2) ? literal(dice.roll(60)) : record([['d', value()]]) }
    case 1:
      return { kind: 'instant', instant: dice.roll(3) ? value() : literal(dice.roll(200)) }
    default:
      return { kind: 'signal', signal: dice.pick(SIGNALS), type: {}, early: dice.pick(['kept', 'transient'] as const) }
  }
}

type NetNode = Extract<Node, { kind: 'net' }>

/** A line, a fork with its join, a choice, a circle (as often as there are tokens on `k`), and one that may get stuck. */
const SHAPES: readonly {
  readonly [transition: string]: readonly [consumes: string, produces: string, guarded?: true]
}[] = [
  { t: ['s', 'm'], u: ['m', 'e'] },
  { t: ['s', 'a b'], u: ['a', 'c'], v: ['b', 'd'], w: ['c d', 'e'] },
  { t: ['s', 'e', true], u: ['s', 'e'] },
  { t: ['s', 'm'], u: ['m k', 's', true], v: ['m', 'e'] },
  { t: ['s', 'a b'], u: ['a', 'e', true], v: ['a b', 'e', true], w: ['b', 'c'] },
]

function net(
  maker: Maker,
  around: Around,
  id: string,
  room: number,
): Pick<NetNode, 'places' | 'start' | 'end' | 'transitions'> {
  const { dice } = maker
  const shape = Object.entries(dice.pick(SHAPES))
  const params = shape.map(([name]) => name)
  const places = [...new Set(shape.flatMap(([, [consumes, produces]]) => `${consumes} ${produces}`.split(' ')))]
  const transitions = shape.map(([name, [consumes, produces, guarded]]) => ({
    id: name,
    consumes: consumes.split(' '),
    produces: produces.split(' '),
    ...(guarded
      ? { guard: record([...params.map(each => [each, param(each)] as const), ['o', outer(maker, around)]]) }
      : {}),
    body: region(maker, around, { params, owner: id, share: Math.min(room, dice.roll(3)) }),
  }))
  return { places, start: ['s', ...(places.includes('k') ? ['k', 'k'] : [])], end: 'e', transitions }
}

const undoable = ({ dice }: Maker, { safe }: Around, kind: Kind): boolean =>
  !safe && kind !== 'cancel' && kind !== 'source' && dice.roll(kind === 'effect' ? 3 : LEAVES.has(kind) ? 8 : 14) === 0

function undo(maker: Maker, around: Around): Undo {
  const captures = fields(['c', 'd'].slice(maker.dice.roll(3)), () => expr(maker, around))
  const params = ['value', ...Object.keys(captures)]
  const body = region(
    maker,
    { levels: [], depth: 9, lock: around.lock, many: 2, safe: true },
    { params, owner: '', share: 1 + maker.dice.roll(2) },
  )
  return { captures, body }
}

function randomPolicy(maker: Maker, around: Around, kind: Kind): Policy {
  const { dice } = maker
  const tried = kind === 'task' || kind === 'effect' || kind === 'flow' || kind === 'attempt'
  return {
    ...(tried && dice.roll(5) < 2 ? { retry: Array.from({ length: 1 + dice.roll(2) }, () => randomRetry(dice)) } : {}),
    ...((kind === 'task' || kind === 'effect') && dice.roll(8) === 0 ? { exhausted: 'park' as const } : {}),
    ...(kind === 'wait' && dice.roll(5) === 0 ? { timeoutMs: dice.pick([5, 60, 300]) } : {}),
    ...(!around.safe && dice.roll(20) === 0 ? { deadlineMs: dice.pick([40, 400, 3_000]) } : {}),
    ...(dice.roll(10) === 0 && around.lock < LOCKS && mayLock(around, kind)
      ? { locks: randomLocks(dice, around) }
      : {}),
  }
}

/** What may be entered again inside itself must not wait for what it holds. */
const mayLock = ({ levels }: Around, kind: Kind): boolean => LEAVES.has(kind) || levels.every(level => !level.recurs)

function randomLocks(dice: Dice, { lock }: Around): readonly Lock[] {
  const first = lock + dice.roll(LOCKS - lock)
  const names = dice.roll(3) === 0 && first + 1 < LOCKS ? [first, first + 1] : [first]
  return names.map(name => ({ name: `L${name}`, of: dice.pick(['run', 'region'] as const) }))
}

function randomRetry(dice: Dice): Retry {
  return {
    ...(dice.roll(2) ? { errors: [dice.pick<string>([...CODES, ...TYPES])] } : {}),
    times: 1 + dice.roll(2),
    backoff: dice.pick(['fixed', 'exponential'] as const),
    ...(dice.roll(3) === 0 ? { factor: 3 } : {}),
    delayMs: dice.roll(20),
    delayMsMax: 50,
    jitter: dice.pick(['none', 'full', 'equal', 'decorrelated'] as const),
  }
}

const literal = (value: Json): Expr => ({ kind: 'literal', value })
const ref = (name: string): Expr => ({ kind: 'node', node: name, up: 0, path: [] })
const param = (name: string): Expr => ({ kind: 'param', param: name, up: 0, path: [] })
const fields = (names: readonly string[], value: () => Expr): { readonly [name: string]: Expr } =>
  Object.fromEntries(names.map(name => [name, value()]))
const record = (entries: readonly (readonly [string, Expr])[]): Expr => ({
  kind: 'record',
  fields: Object.fromEntries(entries),
})

function expr(maker: Maker, { levels }: Around, depth = 0): Expr {
  const { dice } = maker
  const up = dice.roll(3) === 0 ? dice.roll(levels.length) : 0
  const { nodes, params } = levels[up]!
  const inner = (): Expr => expr(maker, { levels } as Around, depth + 1)
  switch (dice.roll(depth > 1 ? 5 : 8)) {
    case 0:
      return literal(dice.roll(10))
    case 1:
      return params.length > 0 ? seen(dice, dice.pick(params), up) : literal('none')
    case 5:
      return record([
        ['k', inner()],
        ['constructor', inner()],
      ])
    case 6:
      return { kind: 'list', items: [inner(), literal({ deep: [1, { x: true }] })] }
    case 7:
      return { kind: 'apply', fn: 'f', args: [inner()], path: dice.roll(2) ? ['of', 0] : [] }
    default:
      return nodes.length > 0 ? { kind: 'node', node: dice.pick(nodes), up, path: path(dice) } : literal('nobody')
  }
}

/** An expression as it looks from inside one of the node's regions, before that has steps. */
function outer(maker: Maker, { levels }: Around): Expr {
  const up = maker.dice.roll(levels.length)
  const { nodes, params } = levels[up]!
  if (nodes.length > 0 && maker.dice.roll(2))
    return { kind: 'node', node: maker.dice.pick(nodes), up: up + 1, path: [] }
  return params.length > 0 ? seen(maker.dice, maker.dice.pick(params), up + 1) : literal('outside')
}

/** Of an error only what is not free text. */
const seen = (dice: Dice, name: string, up: number): Expr => ({
  kind: 'param',
  param: name,
  up,
  path:
    name === 'error'
      ? dice.pick<readonly (string | number)[]>([['code'], ['step'], ['types', 0], ['causes', 0, 'code']])
      : path(dice),
})

const path = (dice: Dice): readonly (string | number)[] => (dice.roll(3) === 0 ? ['h'] : [])
