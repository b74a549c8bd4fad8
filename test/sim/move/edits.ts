/** What can be edited, by name. An edit writes the draft and says whether it found a place; it may be invalid all the same. */
import type { Graph, Node } from '../../../src/core/graph/graph.ts'
import { regionsOf } from '../../../src/core/graph/graph.ts'
import { renamedGraph } from '../../../src/core/graph/rename.ts'
import { canonicalJson, type Json } from '../../../src/util/json.ts'
import {
  become,
  copyOf,
  type DraftExpr,
  type DraftGraph,
  type DraftNode,
  type DraftRegion,
  freeId,
  literal,
  ref,
  referencesTo,
  renameMentions,
  type Site,
  type Spot,
  shiftOut,
  sitesOf,
  spotsOf,
  walk,
} from './draft.ts'
import type { Pen } from './pen.ts'

type Change = (graph: DraftGraph, pen: Pen) => boolean
type NodeOf<K extends Node['kind']> = Extract<DraftNode, { kind: K }>

// --- what is chosen

function pickSpot(graph: DraftGraph, pen: Pen, fits: (spot: Spot) => boolean = () => true): Spot | undefined {
  return pen.pick('spot', spotsOf(graph).filter(fits), ({ name }) => name)
}

const isKind =
  <K extends Node['kind']>(...kinds: readonly K[]) =>
  ({ node }: Spot): boolean =>
    (kinds as readonly string[]).includes(node.kind)

const pickSibling = (pen: Pen, { site, node }: Spot, question = 'sibling'): DraftNode | undefined =>
  pen.pick(
    question,
    site.region.nodes.filter(each => each !== node),
    ({ id }) => id,
  )

/** A value as it is seen from the site. */
function someExpr(pen: Pen, { region, around, undoes, owner }: Site, question: string): DraftExpr {
  const up = around && !undoes && owner && pen.roll(`${question} up`, 3) === 0 ? 1 : 0
  const seen = up === 1 ? around!.region : region
  const node = pen.pick(`${question} node`, seen.nodes, ({ id }) => id)
  const param = pen.pick(
    `${question} param`,
    seen.params.filter(name => name !== 'error'),
    name => name,
  )
  switch (pen.roll(`${question} what`, 4)) {
    case 0:
      return literal(pen.roll(`${question} number`, 10))
    case 1:
      return param === undefined ? literal(11) : { kind: 'param', param, up, path: [] }
    case 2:
      return { kind: 'list', items: [node ? ref(node.id, up) : literal(12), literal(pen.roll(question, 5))] }
    default:
      return node ? ref(node.id, up) : literal(13)
  }
}

/** As it looks from inside a region of a node of the site. */
function insideExpr(pen: Pen, site: Site, params: readonly string[], question: string): DraftExpr {
  const expr = someExpr(pen, site, question)
  walk(expr, { reference: each => void (each.up += 1) })
  const param = pen.pick(`${question} own`, params, name => name)
  return param !== undefined && pen.roll(`${question} inside`, 2) === 0
    ? { kind: 'param', param, up: 0, path: [] }
    : expr
}

// --- steps that come and go

function newStep(pen: Pen, site: Site): DraftNode {
  const id = freeId(site.region, pen.roll('id', 900))
  const common = { id, name: id, after: [], policy: {} }
  const args = Array.from({ length: pen.roll('args', 3) }, (_, index) => someExpr(pen, site, `arg ${index}`))
  switch (site.undoes ? pen.roll('kind', 2) : pen.roll('kind', 6)) {
    case 0:
      return { ...common, kind: 'effect', task: id, args, executor: 'inline' }
    case 2:
      return { ...common, kind: 'wait', on: { kind: 'timer', duration: literal(pen.roll('duration', 60)) } }
    case 3:
      return { ...common, kind: 'wait', on: { kind: 'signal', signal: 's1', type: {}, early: 'kept' } }
    default:
      return { ...common, kind: 'task', task: id, args, executor: 'inline' }
  }
}

const insert = (pen: Pen, { region }: Site, node: DraftNode): void =>
  void region.nodes.splice(pen.roll('where', region.nodes.length + 1), 0, node)

const addParallel: Change = (graph, pen) => {
  const site = pen.pick('site', sitesOf(graph), ({ path }) => path)!
  insert(pen, site, newStep(pen, site))
  return true
}

const addBefore: Change = (graph, pen) => {
  const spot = pickSpot(graph, pen)
  if (!spot) return false
  const step = newStep(pen, { ...spot.site, region: { ...spot.site.region, nodes: [] } })
  insert(pen, spot.site, step)
  spot.node.after.push(step.id)
  return true
}

const addAfter: Change = (graph, pen) => {
  const spot = pickSpot(graph, pen)
  if (!spot) return false
  const step = newStep(pen, spot.site)
  step.after = [spot.node.id]
  insert(pen, spot.site, step)
  return true
}

/** What used the step before uses the new one, which uses the step. */
const addBetween: Change = (graph, pen) => {
  const spot = pickSpot(graph, pen, ({ site, node }) => referencesTo(site.region, node.id).length > 0)
  if (!spot) return false
  const { site, node } = spot
  const used = referencesTo(site.region, node.id)
  const id = freeId(site.region, pen.roll('id', 900))
  for (const each of used.slice(pen.roll('from', used.length))) each.node = id
  const step: DraftNode = {
    id,
    name: id,
    after: [],
    policy: {},
    kind: 'task',
    task: id,
    args: [ref(node.id)],
    executor: 'inline',
  }
  insert(pen, site, step)
  return true
}

/** What used it uses what it used, or nothing; what came after it comes after what it came after. */
const removeStep: Change = (graph, pen) => {
  const spot = pickSpot(graph, pen)
  if (!spot) return false
  remove(spot, 'args' in spot.node && Array.isArray(spot.node.args) ? spot.node.args[0] : undefined)
  return true
}

function remove({ site: { region }, node }: Spot, instead: DraftExpr = literal(0)): void {
  region.nodes.splice(region.nodes.indexOf(node), 1)
  for (const each of referencesTo(region, node.id)) {
    const out = copyOf(instead)
    walk(out, { reference: inner => void (inner.up += each.up) })
    become(each, out)
  }
  for (const other of region.nodes)
    if (other.after.includes(node.id))
      other.after = [...new Set([...other.after.filter(id => id !== node.id), ...node.after])]
  withoutTarget(region, node.id)
}

/** What only cancels a step that is gone is gone, too: a task stands in its place. What it gates is not gated any more. */
function withoutTarget(region: DraftRegion, id: string): void {
  for (const node of region.nodes) {
    if (node.kind === 'scope' && node.until === id) delete node.until
    walk(node, {
      reference: () => {},
      node: (inner, depth) => {
        if (inner.kind !== 'cancel' || inner.target.node !== id || inner.target.up !== depth) return
        const { target: _, dependents: __, ...rest } = inner
        const fields = inner as unknown as { [name: string]: unknown }
        for (const name of Object.keys(fields)) delete fields[name]
        Object.assign(fields, rest, { kind: 'task', task: inner.id, args: [], executor: 'inline' })
      },
    })
  }
}

// --- order and names

const addOrder: Change = (graph, pen) => {
  const spot = pickSpot(graph, pen)
  const other = spot && pickSibling(pen, spot)
  if (!spot || !other || spot.node.after.includes(other.id)) return false
  spot.node.after.push(other.id)
  return true
}

const dropOrder: Change = (graph, pen) => {
  const spot = pickSpot(graph, pen, ({ node }) => node.after.length > 0)
  if (!spot) return false
  spot.node.after.splice(pen.roll('which', spot.node.after.length), 1)
  return true
}

/** Nothing but the order of the text. */
const shuffle: Change = (graph, pen) => {
  const site = pen.pick(
    'site',
    sitesOf(graph).filter(({ region }) => region.nodes.length > 1),
    ({ path }) => path,
  )
  if (!site) return false
  const { nodes } = site.region
  const [moved] = nodes.splice(pen.roll('from', nodes.length), 1)
  nodes.splice(pen.roll('to', nodes.length + 1), 0, moved!)
  return true
}

const rename: Change = (graph, pen) => {
  const spot = pickSpot(graph, pen)
  if (!spot) return false
  renameNode(spot, freeId(spot.site.region, pen.roll('id', 900)))
  spot.node.name = spot.node.id
  return true
}

function renameNode({ site: { region }, node }: Spot, to: string): void {
  for (const each of referencesTo(region, node.id)) each.node = to
  renameMentions(region, node.id, to)
  node.id = to
}

/** All steps renamed, and the user says so: it is the graph that it was. */
export function checkRenames(graph: Graph): void {
  const draft = copyOf(graph) as DraftGraph
  const before = new Map<DraftNode, string>()
  for (const { site, node, name } of spotsOf(draft)) {
    before.set(node, node.id)
    renameNode({ site, node, name }, `${node.id}r`)
  }
  const renames = Object.fromEntries(spotsOf(draft).map(({ name, node }) => [name, before.get(node)!]))
  const back = renamedGraph(draft as Graph, renames)
  if (canonicalJson(copyOf(back) as unknown as Json) !== canonicalJson(graph as unknown as Json))
    throw new Error('with all steps renamed there and back, it is another graph')
}

/** All steps of a region, and the user says so: the moved run keeps the ids that its log has, and only the names are new. */
const renameDeclared: Change = (graph, pen) => {
  const site = pen.pick(
    'site',
    sitesOf(graph).filter(({ region }) => region.nodes.length > 0),
    ({ path }) => path,
  )
  if (!site) return false
  const before = canonicalJson(graph as Json)
  const renames: { [path: string]: string } = {}
  for (const [index, node] of site.region.nodes.entries()) {
    const { id } = node
    const to = freeId(site.region, pen.roll(`id ${index}`, 900))
    renameNode({ site, node, name: site.path + id }, to)
    renames[site.path + to] = id
  }
  const back = copyOf(renamedGraph(graph as Graph, renames))
  if (canonicalJson(back as unknown as Json) !== before)
    throw new Error(`renamed there and back, the graph around ${site.path} is another one`)
  graph.root = back.root as DraftRegion
  const kept = sitesOf(graph).find(({ path }) => path === site.path)!
  for (const node of kept.region.nodes) node.name = `${node.name} anew`
  return true
}

// --- into regions and out of them

const PLACED: ReadonlySet<Node['kind']> = new Set(['task', 'effect', 'flow', 'wait', 'source', 'when', 'each', 'call'])
/** A call that recurs stays behind its choice. */
const isPlaced = (node: DraftNode): boolean => PLACED.has(node.kind) && !hasRecursion(node as Node)

export const hasRecursion = (node: Node): boolean =>
  (node.kind === 'call' && node.recurs !== undefined) ||
  regionsOf(node).some(([, inner]) => inner.nodes.some(hasRecursion))

/** What used it looks at the region around instead. */
const moveIn: Change = (graph, pen) => {
  const spot = pickSpot(graph, pen, ({ site, node }) => isPlaced(node) && !site.undoes)
  if (!spot) return false
  const { site, node } = spot
  const home = pen.pick(
    'home',
    sitesOf(graph).filter(each => each.around?.path === site.path && each.owner !== node && !each.undoes),
    ({ path }) => path,
  )
  if (!home) return false
  remove(spot)
  node.after = []
  shiftOut(node, 1)
  node.id = freeId(home.region, pen.roll('id', 900))
  home.region.nodes.push(node)
  return true
}

const moveOut: Change = (graph, pen) => {
  const spot = pickSpot(graph, pen, ({ site, node }) => isPlaced(node) && site.around !== undefined && !site.undoes)
  if (!spot) return false
  const { site, node } = spot
  const { region } = site.around!
  const id = freeId(region, pen.roll('id', 900))
  site.region.nodes.splice(site.region.nodes.indexOf(node), 1)
  for (const each of referencesTo(site.region, node.id)) {
    each.node = id
    each.up += 1
  }
  for (const other of site.region.nodes) other.after = other.after.filter(each => each !== node.id)
  withoutTarget(site.region, node.id)
  walk(node, {
    reference: (each, depth) => {
      if (each.up === depth) become(each, literal(7))
    },
  })
  node.after = []
  shiftOut(node, -1)
  node.id = id
  region.nodes.push(node)
  return true
}

const wrap: Change = (graph, pen) => {
  const spot = pickSpot(
    graph,
    pen,
    ({ site, node }) => !site.undoes && node.kind !== 'cancel' && !(node.kind === 'scope' && node.until !== undefined),
  )
  if (!spot) return false
  const { site, node } = spot
  const id = freeId(site.region, pen.roll('id', 900))
  for (const each of referencesTo(site.region, node.id)) each.node = id
  renameMentions(site.region, node.id, id)
  const common = { id, name: id, after: node.after, policy: {} }
  site.region.nodes[site.region.nodes.indexOf(node)] = wrapper(pen, common, node)
  node.after = []
  shiftOut(node, 1)
  return true
}

function wrapper(pen: Pen, common: Pick<DraftNode, 'id' | 'name' | 'after' | 'policy'>, node: DraftNode): DraftNode {
  const body: DraftRegion = { params: [], nodes: [node], result: ref(node.id) }
  switch (pen.roll('wrapper', 3)) {
    case 0:
      return { ...common, kind: 'scope', body }
    case 1:
      return { ...common, kind: 'call', workflow: 'w', args: {}, body }
    default:
      return { ...common, kind: 'attempt', body, handlers: [] }
  }
}

/** The steps of a scope, a call or an attempt stand where it stood. */
const unwrap: Change = (graph, pen) => {
  const spot = pickSpot(graph, pen, each => isKind('scope', 'call', 'attempt')(each) && !each.site.undoes)
  if (!spot || !('body' in spot.node) || spot.node.body.nodes.length === 0) return false
  const { site, node } = spot
  const { body } = spot.node as NodeOf<'scope'>
  for (const [index, inner] of body.nodes.entries()) {
    const into = { ...body, nodes: [...body.nodes, ...site.region.nodes] }
    renameNode({ site: { ...site, region: body }, node: inner, name: '' }, freeId(into, pen.roll(`id ${index}`, 900)))
  }
  for (const inner of body.nodes) {
    walk(inner, {
      reference: (each, depth) => {
        if (each.kind === 'param' && each.up === depth) become(each, literal(8))
        else if (each.up > depth) each.up -= 1
      },
      node: (each, depth) => {
        if (each.kind === 'cancel' && each.target.up > depth) each.target.up -= 1
        if (each.kind === 'call' && each.recurs !== undefined && each.recurs > depth) each.recurs -= 1
      },
    })
    inner.after = [...inner.after, ...node.after]
  }
  const last = body.nodes.at(-1)!
  for (const each of referencesTo(site.region, node.id)) each.node = last.id
  renameMentions(site.region, node.id, last.id)
  site.region.nodes.splice(site.region.nodes.indexOf(node), 1, ...body.nodes)
  return true
}

// --- policies

const TRIED: ReadonlySet<Node['kind']> = new Set(['task', 'effect', 'flow', 'attempt'])

const changeRetry: Change = (graph, pen) => {
  const spot = pickSpot(graph, pen, ({ node }) => TRIED.has(node.kind))
  if (!spot) return false
  const { policy } = spot.node
  const [first] = policy.retry ?? []
  if (!first) {
    const delayMs = pen.roll('delay', 20)
    policy.retry = [{ times: 1 + pen.roll('times', 2), backoff: 'fixed', delayMs, delayMsMax: 50, jitter: 'none' }]
    return true
  }
  switch (pen.roll('how', 5)) {
    case 0:
      delete policy.retry
      return true
    case 1:
      first.times = (first.times % 3) + 1
      return true
    case 2:
      first.delayMs += 1 + pen.roll('delay', 9)
      return true
    case 3:
      first.jitter = first.jitter === 'none' ? 'full' : 'none'
      return true
    default:
      if (first.errors) delete first.errors
      else first.errors = ['BROKEN']
      return true
  }
}

const changeExhausted: Change = (graph, pen) => {
  const spot = pickSpot(graph, pen, isKind('task', 'effect'))
  if (!spot) return false
  const { policy } = spot.node
  policy.exhausted = policy.exhausted === 'park' ? 'fail' : 'park'
  return true
}

const changeDeadline: Change = (graph, pen) => {
  const spot = pickSpot(graph, pen, ({ site }) => !site.undoes)
  if (!spot) return false
  const { node } = spot
  const limit = node.kind === 'wait' && pen.roll('limit', 2) === 0 ? 'timeoutMs' : 'deadlineMs'
  if (node.policy[limit] !== undefined && pen.roll('drop', 2) === 0) delete node.policy[limit]
  else node.policy[limit] = pen.among('limit ms', [5, 60, 400, 3_000])
  return true
}

const changeRunDeadline: Change = (graph, pen) => {
  if (graph.deadlineMs !== undefined && pen.roll('drop', 2) === 0) delete graph.deadlineMs
  else graph.deadlineMs = pen.among('deadline', [60, 400, 2_000])
  return true
}

const LOCKED: ReadonlySet<Node['kind']> = new Set(['task', 'effect', 'flow', 'source', 'wait', 'service'])

const changeLocks: Change = (graph, pen) => {
  const spot = pickSpot(graph, pen, ({ node }) => LOCKED.has(node.kind) || node.policy.locks !== undefined)
  if (!spot) return false
  const { policy } = spot.node
  if (policy.locks && pen.roll('drop', 2) === 0) delete policy.locks
  else policy.locks = [{ name: `L${pen.roll('lock', 4)}`, of: pen.among('of', ['run', 'region']) }]
  return true
}

/** What only whoever chooses among waiting steps looks at. */
const changePool: Change = (graph, pen) => {
  const spot = pickSpot(graph, pen, isKind('task', 'effect'))
  if (!spot) return false
  if (pen.roll('what', 2) === 0) spot.node.policy.priority = 1 + pen.roll('priority', 9)
  else spot.node.policy.pool = { name: 'pool', slots: 1 + pen.roll('slots', 4) }
  return true
}

// --- expressions

const changeGuard: Change = (graph, pen) => {
  const spot = pickSpot(graph, pen, isKind('when', 'match', 'any', 'loop', 'net'))
  if (!spot) return false
  const { node, site } = spot
  switch (node.kind) {
    case 'when':
      node.condition = someExpr(pen, site, 'condition')
      return true
    case 'match':
      node.value = someExpr(pen, site, 'value')
      return true
    case 'any': {
      const arm = pen.pick('arm', Object.entries(node.arms), ([label]) => label)
      if (arm) arm[1].condition = someExpr(pen, site, 'condition')
      return arm !== undefined
    }
    case 'loop':
      // What hangs on the state alone may go on for ever.
      node.condition = {
        kind: 'list',
        items: [
          insideExpr(pen, site, node.body.params, 'condition'),
          { kind: 'param', param: 'turn', up: 0, path: [] },
        ],
      }
      return node.body.params.includes('turn')
    case 'net': {
      const transition = pen.pick('transition', node.transitions, ({ id }) => id)!
      if (transition.guard && pen.roll('drop', 2) === 0) delete transition.guard
      else transition.guard = insideExpr(pen, site, transition.body.params, 'guard')
      return true
    }
    default:
      return false
  }
}

const changeArgs: Change = (graph, pen) => {
  const spot = pickSpot(graph, pen, ({ node }) => 'args' in node || node.kind === 'loop')
  if (!spot) return false
  const { node, site } = spot
  if (node.kind === 'loop') {
    node.init = someExpr(pen, site, 'init')
    return true
  }
  if (!('args' in node)) return false
  const value = someExpr(pen, site, 'arg')
  if (Array.isArray(node.args)) {
    if (node.args.length > 1 && pen.roll('swap', 2) === 0) node.args.reverse()
    else if (node.args.length > 0) node.args[pen.roll('which', node.args.length)] = value
    else node.args.push(value)
    return true
  }
  const name = pen.pick('which', Object.keys(node.args), each => each)
  if (name !== undefined) node.args[name] = value
  return name !== undefined
}

/** One more parameter of the workflow, with a default, which something uses. */
const addParameter: Change = (graph, pen) => {
  const spot = pickSpot(graph, pen, ({ site, node }) => site.around === undefined && 'args' in node)
  const name = `q${graph.params.length}`
  graph.params.push({ name, type: {}, required: false, default: pen.roll('default', 9) })
  graph.root.params.push(name)
  if (spot && 'args' in spot.node && Array.isArray(spot.node.args))
    spot.node.args.push({ kind: 'param', param: name, up: 0, path: [] })
  return true
}

const changeResult: Change = (graph, pen) => {
  const site = pen.pick('site', sitesOf(graph), ({ path }) => path)!
  site.region.result = someExpr(pen, site, 'result')
  return true
}

// --- arms

const EMPTY: DraftRegion = { params: [], nodes: [], result: literal(1) }

function newRegion(pen: Pen, site: Site, params: readonly string[] = []): DraftRegion {
  const region: DraftRegion = { ...copyOf(EMPTY), params: [...params] }
  region.nodes.push(newStep(pen, { ...site, path: `${site.path}new/`, region, around: undefined }))
  return region
}

const ARMED = ['match', 'any', 'race', 'some'] as const

const addArm: Change = (graph, pen) => {
  const spot = pickSpot(graph, pen, each => isKind(...ARMED, 'attempt')(each) && !each.site.undoes)
  if (!spot) return false
  const { node, site } = spot
  const label = pen.among('label', ['d', 'e'])
  switch (node.kind) {
    case 'match':
      node.arms[label] = newRegion(pen, site, ['value'])
      return true
    case 'any':
      node.arms[label] = { condition: someExpr(pen, site, 'condition'), body: newRegion(pen, site) }
      return true
    case 'race':
    case 'some':
      node.arms[label] = newRegion(pen, site)
      return true
    case 'attempt': {
      const handler = { errors: pen.roll('errors', 2) ? [] : ['BROKEN'], body: newRegion(pen, site, ['error']) }
      if (pen.roll('first', 2)) node.handlers.unshift(handler)
      else node.handlers.push(handler)
      return true
    }
    default:
      return false
  }
}

const removeArm: Change = (graph, pen) => {
  const spot = pickSpot(graph, pen, isKind(...ARMED, 'attempt'))
  if (!spot) return false
  const { node } = spot
  if (node.kind === 'attempt') return node.handlers.splice(pen.roll('handler', node.handlers.length || 1), 1).length > 0
  if (!('arms' in node)) return false
  if ('otherwise' in node && node.otherwise && pen.roll('otherwise', 2) === 0) {
    delete node.otherwise
    return true
  }
  const label = pen.pick('label', Object.keys(node.arms), each => each)
  if (label !== undefined) delete node.arms[label]
  return label !== undefined
}

const changeBase: Change = (graph, pen) => {
  const spot = pickSpot(graph, pen, each => isKind('match', 'any')(each) && !each.site.undoes)
  if (!spot || (spot.node.kind !== 'match' && spot.node.kind !== 'any')) return false
  const { node, site } = spot
  if (node.otherwise) delete node.otherwise
  else node.otherwise = newRegion(pen, site, node.kind === 'match' ? ['value'] : [])
  return true
}

const changeFinally: Change = (graph, pen) => {
  const spot = pickSpot(graph, pen, each => isKind('attempt')(each) && !each.site.undoes)
  if (spot?.node.kind !== 'attempt') return false
  if (spot.node.finalizer) delete spot.node.finalizer
  else spot.node.finalizer = newRegion(pen, spot.site)
  return true
}

const changeUndo: Change = (graph, pen) => {
  const spot = pickSpot(
    graph,
    pen,
    ({ site, node }) => !site.undoes && node.kind !== 'cancel' && node.kind !== 'source',
  )
  if (!spot) return false
  const { node, site } = spot
  if (node.undo && pen.roll('drop', 2) === 0) delete node.undo
  else {
    const body = newRegion(pen, { ...site, undoes: true }, ['value', 'c'])
    node.undo = { captures: { c: someExpr(pen, site, 'capture') }, body }
  }
  return true
}

// --- what a kind is told

const changeKind: Change = (graph, pen) => {
  const spot = pickSpot(graph, pen, isKind('task', 'effect', 'flow', 'source'))
  if (!spot) return false
  const { id, name, after, policy, undo } = spot.node
  const { exhausted: _, ...tried } = policy
  const common = { id, name, after, policy, ...(undo ? { undo } : {}) }
  const args = 'args' in spot.node && Array.isArray(spot.node.args) ? spot.node.args : []
  const kind = pen.among(
    'kind',
    (['task', 'effect', 'flow'] as const).filter(
      each => each !== spot.node.kind && (each !== 'flow' || !spot.site.undoes),
    ),
  )
  const next: DraftNode =
    kind === 'flow'
      ? { ...common, policy: tried, kind, flow: id, args }
      : { ...common, kind, task: id, args, executor: 'inline' }
  spot.site.region.nodes[spot.site.region.nodes.indexOf(spot.node)] = next
  return true
}

const changeEach: Change = (graph, pen) => {
  const spot = pickSpot(graph, pen, isKind('each'))
  if (spot?.node.kind !== 'each') return false
  const { node, site } = spot
  const option = pen.among('option', ['concurrency', 'key', 'until', 'batch', 'tolerate', 'more', 'items'])
  if (option === 'items') node.items = someExpr(pen, site, 'items')
  else if (node[option] !== undefined && pen.roll('drop', 2) === 0) delete node[option]
  else Object.assign(node, { [option]: eachOption(pen, spot, option) })
  return true
}

function eachOption(pen: Pen, { site, node }: Spot, option: string): unknown {
  const { params } = (node as NodeOf<'each'>).body
  switch (option) {
    case 'concurrency':
    case 'batch':
      return 1 + pen.roll('many', 3)
    case 'key':
      return insideExpr(pen, site, params, 'key')
    case 'until':
      return { count: 1 + pen.roll('many', 2), rest: pen.among('rest', ['cancel', 'finish', 'detach']) }
    case 'tolerate':
      return pen.roll('how', 2) ? { count: pen.roll('many', 3) } : { share: pen.among('share', [0, 0.34, 0.5, 1]) }
    default:
      return { signal: pen.among('signal', ['s0', 's1', 's2']), type: {} }
  }
}

const changeLoop: Change = (graph, pen) => {
  const spot = pickSpot(graph, pen, isKind('loop'))
  if (spot?.node.kind !== 'loop') return false
  const { node } = spot
  if (pen.roll('what', 3) === 0) node.test = node.test === 'while' ? 'until' : 'while'
  else if (node.limit !== undefined && pen.roll('drop', 2) === 0) delete node.limit
  else node.limit = 1 + pen.roll('limit', 3)
  return true
}

const changeJoin: Change = (graph, pen) => {
  const spot = pickSpot(graph, pen, isKind('some', 'scope', 'cancel'))
  if (!spot) return false
  const { node } = spot
  switch (node.kind) {
    case 'some':
      if (pen.roll('what', 2)) node.rest = pen.among('rest', ['cancel', 'finish', 'detach'])
      else node.count = 1 + pen.roll('count', Object.keys(node.arms).length)
      return true
    case 'scope':
      if (pen.roll('what', 2)) node.join = node.join === 'detached' ? 'awaited' : 'detached'
      else if (node.until !== undefined) delete node.until
      else {
        const end = pickSibling(pen, spot)
        if (!end) return false
        node.until = end.id
      }
      return true
    case 'cancel': {
      const target = pickSibling(pen, spot)
      if (target && pen.roll('what', 2)) node.target = { node: target.id, up: 0 }
      else node.dependents = node.dependents === 'skip' ? 'run' : 'skip'
      return true
    }
    default:
      return false
  }
}

const changeWait: Change = (graph, pen) => {
  const spot = pickSpot(graph, pen, isKind('wait'))
  if (spot?.node.kind !== 'wait') return false
  const { node, site } = spot
  const { on } = node
  if (on.kind === 'signal' && pen.roll('keep', 3) > 0) {
    if (pen.roll('what', 2)) on.signal = pen.among('signal', ['s0', 's1', 's2'])
    else on.early = on.early === 'kept' ? 'transient' : 'kept'
    return true
  }
  if (on.kind === 'timer' && pen.roll('keep', 3) > 0)
    on.duration = pen.roll('what', 3) ? literal(pen.roll('duration', 60)) : someExpr(pen, site, 'duration')
  else if (on.kind === 'instant') node.on = { kind: 'timer', duration: literal(pen.roll('duration', 60)) }
  else node.on = { kind: 'instant', instant: someExpr(pen, site, 'instant') }
  // A literal duration is a number.
  return node.on.kind !== 'timer' || node.on.duration.kind !== 'literal' || typeof node.on.duration.value === 'number'
}

const changeFailure: Change = (graph, pen) => {
  const site = pen.pick(
    'site',
    sitesOf(graph).filter(({ undoes }) => !undoes),
    ({ path }) => path,
  )!
  if (site.region.onFailure) delete site.region.onFailure
  else site.region.onFailure = 'finish'
  return true
}

const changeNet: Change = (graph, pen) => {
  const spot = pickSpot(graph, pen, isKind('net'))
  if (spot?.node.kind !== 'net') return false
  const { node, site } = spot
  switch (pen.roll('what', 4)) {
    case 0: {
      const last = pen.pick('transition', node.transitions, ({ id }) => id)!
      last.produces = [node.end]
      return true
    }
    case 1: {
      if (node.transitions.length < 2) return false
      const gone = pen.pick('transition', node.transitions, ({ id }) => id)!
      node.transitions = node.transitions.filter(each => each !== gone)
      for (const { body } of node.transitions) body.params = body.params.filter(name => name !== gone.id)
      return true
    }
    case 2:
      // A token elsewhere would let something fire while the shell is asked what does: then what it is asked is not defined.
      if (!node.places.includes('k')) return false
      if (pen.roll('more', 2)) node.start.push('k')
      else node.start.splice(node.start.indexOf('k'), 1)
      return true
    default: {
      // A step more on the way to the end.
      const last = node.transitions.find(({ produces }) => produces.includes(node.end))
      if (!last || node.places.includes('z')) return false
      node.places.push('z')
      last.produces = last.produces.map(place => (place === node.end ? 'z' : place))
      node.transitions.push({ id: 'z', consumes: ['z'], produces: [node.end], body: newRegion(pen, site) })
      return true
    }
  }
}

export const EDITS = {
  'add before': addBefore,
  'add after': addAfter,
  'add between': addBetween,
  'add beside': addParallel,
  remove: removeStep,
  'add order': addOrder,
  'drop order': dropOrder,
  shuffle,
  rename,
  'rename, declared': renameDeclared,
  'move in': moveIn,
  'move out': moveOut,
  wrap,
  unwrap,
  retry: changeRetry,
  exhausted: changeExhausted,
  deadline: changeDeadline,
  'run deadline': changeRunDeadline,
  locks: changeLocks,
  pool: changePool,
  guard: changeGuard,
  arguments: changeArgs,
  parameter: addParameter,
  result: changeResult,
  'add arm': addArm,
  'remove arm': removeArm,
  otherwise: changeBase,
  finally: changeFinally,
  undo: changeUndo,
  kind: changeKind,
  each: changeEach,
  loop: changeLoop,
  join: changeJoin,
  wait: changeWait,
  'on failure': changeFailure,
  net: changeNet,
} satisfies { readonly [name: string]: Change }

export type EditKind = keyof typeof EDITS

/** What no history stands in the way of: nothing that can have happened hangs on it. */
export const ALWAYS: ReadonlySet<EditKind> = new Set<EditKind>([
  'shuffle',
  'rename, declared',
  'run deadline',
  'pool',
  'parameter',
])
