/**
 * What a value of a run hangs on, found backwards from it: through fields, items, arguments and chosen branches, and no further
 * than it must ("slicing": M. Weiser, Program Slicing, 1981; of values in runs: P. Buneman, S. Khanna, W.-C. Tan, Why and Where, 2001).
 *
 *   L1. `data`: the value is made of it. `control`: it decided that something of that came about, or which of several did.
 *       `order`: an act on the world that came before by `.after`. Something that is more than one of these is the first of them.
 *   L2. What is in none of them could have been another value, and the value would have been the same (failures, and who
 *       comes first in races and at milestones, left aside). A task's result is one whole, and hangs on all of each argument.
 *   L3. Each is found through one other (`from`), of its own kind or an earlier one; so they are a tree below the value.
 */
import { insideExpressions, kindExpressions } from '../../core/graph/dependencies.ts'
import type { Expr, Node, Path } from '../../core/graph/graph.ts'
import { unreachable } from '../../util/unreachable.ts'
import type { RanScope, RanStep, RunRecord } from '../record/record.ts'
import { buildTape, type Tape } from '../tape/tape.ts'

export type How = 'data' | 'control' | 'order'

export type Source =
  | { readonly kind: 'step'; readonly step: RanStep }
  /** A parameter of the run, or a field of it. */
  | { readonly kind: 'param'; readonly param: string; readonly path: Path }
  /** A variable of the environment that a step has in its policy. */
  | { readonly kind: 'env'; readonly name: string }
  /** What items of an each came by. */
  | { readonly kind: 'signal'; readonly signal: string }

export interface Found {
  readonly source: Source
  readonly how: How
  /** Index of the one that it was found through; undefined: of the value itself. */
  readonly from: number | undefined
}

export interface Provenance {
  readonly found: readonly Found[]
  /**
   * What was passed on the way, as a tape: its last node is the value, `sources[n]` is the index in `found` of what node n is, or
   * -1. So a provenance polynomial, a cost or a probability of the value can be computed in any semiring.
   */
  readonly tape: () => { readonly tape: Tape; readonly sources: Int32Array }
}

/** What is asked about: a step's value or a field of it, or (no step) the run's result. */
export interface Asked {
  readonly step?: RanStep
  readonly path: Path
}

export const provenanceOf = (record: RunRecord, asked: Asked): Provenance => ({
  found: follow(record, asked, 'found').found,
  tape: () => follow(record, asked, 'edges').tape(),
})

function follow(record: RunRecord, { step, path }: Asked, want: 'found' | 'edges'): Trail {
  const trail = newTrail(record, want)
  const root = record.scopes.get('')
  if (step) valueAt(trail, step, path)
  else if (root) evaluate(trail, root, root.region.result, path)
  trail.follow()
  return trail
}

/** How what is found now hangs on what is asked about: kinds only ever become weaker on the way back. */
const STRENGTH: readonly How[] = ['data', 'control', 'order']
type Strength = 0 | 1 | 2
const [DATA, CONTROL, ORDER] = [0, 1, 2] as const

type Visit = (trail: Trail) => void

/** What was passed: a step that does something, why a scope was entered, or anything else that is gone on from. */
type Passed =
  | { readonly kind: 'value' }
  | { readonly kind: 'step'; readonly step: RanStep }
  | { readonly kind: 'scope'; readonly scope: RanScope; readonly owner: RanStep }
  | { readonly kind: 'other'; readonly visit: Visit; readonly source: Source | undefined }

interface Trail {
  step(step: RanStep, how: Strength): void
  scope(scope: RanScope, owner: RanStep): void
  /** By a key of its own, once. */
  other(key: string, how: Strength, visit: Visit, source?: Source): void
  /** Goes on from everything that was reached, what is of the strongest kind first, so that each has its strongest (L1). */
  follow(): void
  readonly found: readonly Found[]
  tape(): ReturnType<Provenance['tape']>
}

function newTrail({ steps, scopes }: RunRecord, want: 'found' | 'edges'): Trail {
  const ofSteps = new Int32Array(steps.size).fill(-1)
  const ofScopes = new Int32Array(scopes.size).fill(-1)
  const ofOthers = new Map<string, number>()
  const passed: Passed[] = [{ kind: 'value' }]
  /** The strongest kind in which it was reached, and what was found above it: an index in `found`, or -1. */
  const strengths = [0]
  const above = [-1]
  const foundOf = [-1]
  const [edgeFrom, edgeTo]: [number[], number[]] = [[], []]
  const queues: readonly number[][] = [[], [], []]
  const heads = [0, 0, 0]
  const isVisited = [true]
  const found: Found[] = []
  let [current, strength] = [0, 0]

  const foundAbove = (): number => (foundOf[current] === -1 ? above[current]! : foundOf[current]!)

  /** Whatever is found through something hangs on the value no more closely than that. */
  const add = (what: Passed, how: Strength): number => {
    const node = passed.length
    const at = strength > how ? strength : how
    passed.push(what)
    strengths.push(at)
    above.push(foundAbove())
    foundOf.push(-1)
    isVisited.push(false)
    queues[at]!.push(node)
    link(node)
    return node
  }

  const meet = (node: number, how: Strength): void => {
    const at = strength > how ? strength : how
    if (!isVisited[node] && at < strengths[node]!) {
      strengths[node] = at
      above[node] = foundAbove()
      queues[at]!.push(node)
    }
    link(node)
  }

  const link = (node: number): void => {
    if (want === 'found') return
    edgeFrom.push(node)
    edgeTo.push(current)
  }

  const note = (source: Source): void => {
    foundOf[current] = found.length
    found.push({ source, how: STRENGTH[strength]!, from: above[current] === -1 ? undefined : above[current] })
  }

  const visit = (trail: Trail): void => {
    const what = passed[current]!
    switch (what.kind) {
      case 'step':
        note(what)
        return leaf(trail, what.step)
      case 'scope':
        return entrance(trail, what.scope, what.owner)
      case 'other':
        if (what.source) note(what.source)
        return what.visit(trail)
      case 'value':
        return
    }
  }

  return {
    step(step, how) {
      const known = ofSteps[step.number]!
      if (known === -1) ofSteps[step.number] = add({ kind: 'step', step }, how)
      else meet(known, how)
    },
    scope(scope, owner) {
      const known = ofScopes[scope.number]!
      if (known === -1) ofScopes[scope.number] = add({ kind: 'scope', scope, owner }, CONTROL)
      else meet(known, CONTROL)
    },
    other(key, how, next, source) {
      const known = ofOthers.get(key)
      if (known === undefined) ofOthers.set(key, add({ kind: 'other', visit: next, source }, how))
      else meet(known, how)
    },
    follow() {
      for (let at = 0; at < queues.length; ) {
        const queue = queues[at]!
        if (heads[at] === queue.length) {
          at += 1
          continue
        }
        const node = queue[heads[at]!]!
        heads[at]! += 1
        if (isVisited[node]) continue
        isVisited[node] = true
        current = node
        strength = at
        visit(this)
        // Nothing is stronger than what it is found through, so no earlier queue has grown.
      }
    },
    found,
    tape() {
      // The value has number 0 here and comes last there.
      const count = passed.length
      const turned = (node: number): number => count - 1 - node
      const tape = buildTape(count, { from: edgeFrom.map(turned), to: edgeTo.map(turned) })
      return { tape, sources: Int32Array.from(foundOf).reverse() }
    },
  }
}

/** The value of a step, or what is under a path in it. */
function valueAt(trail: Trail, step: RanStep, path: Path, how: Strength = DATA): void {
  if (step.role === 'work') return trail.step(step, how)
  trail.other(`${step.id} ${JSON.stringify(path)}`, how, inner => holder(inner, step, path))
}

/** What does something itself: it has looked at all of its arguments. */
function leaf(trail: Trail, step: RanStep): void {
  const { node, scope } = step
  const siblings = scope.siblings[step.place]
  if (siblings?.every(place => isPlain(scope.list[place]!)))
    for (const place of siblings) trail.step(scope.list[place]!, DATA)
  else for (const expr of kindExpressions(node)) evaluate(trail, scope, expr, NO_PATH, DATA)
  if (node.policy.env)
    for (const name of node.policy.env) trail.other(`env ${name}`, DATA, nothing, { kind: 'env', name })
  if (node.kind === 'flow') flowCalls(trail, step)
  around(trail, step)
}

/** What gave something, and gives it as one whole. */
const isPlain = ({ role, how }: RanStep): boolean => role === 'work' && how !== 'cancelled' && how !== 'skipped'

const NO_PATH: Path = []
const nothing: Visit = () => {}

/** Why the step was there at all, and what acted before it. */
function around(trail: Trail, { node, scope }: RanStep): void {
  enclose(trail, scope)
  for (const before of node.after) {
    const step = scope.steps.get(before)
    if (step) actsIn(trail, step)
  }
}

/** All that acts on the world in a step. */
function actsIn(trail: Trail, step: RanStep): void {
  if (step.role === 'holder') {
    for (const scope of ownScopes(step)) for (const each of scope.steps.values()) actsIn(trail, each)
    return
  }
  if (step.startedAtMs !== undefined && step.node.kind !== 'task' && step.node.kind !== 'source')
    trail.step(step, ORDER)
}

/** What decided that a scope was entered. */
function enclose(trail: Trail, scope: RanScope): void {
  if (scope.owner) trail.scope(scope, scope.owner)
}

function entrance(trail: Trail, scope: RanScope, owner: RanStep): void {
  around(trail, owner)
  const { node } = owner
  switch (node.kind) {
    case 'when':
    case 'match':
      return decide(trail, owner)
    case 'any':
      return decideArm(trail, owner, node, scope.label)
    case 'each':
      return listed(trail, owner, node)
    case 'loop':
      return conditions(trail, owner, node, scope.index)
    case 'attempt':
      return attempted(trail, owner, scope)
    case 'flow':
      return calledBefore(trail, owner, scope, CONTROL)
    case 'net':
      return fired(trail, owner, scope)
    case 'scope':
    case 'call':
    case 'race':
    case 'some':
    case 'task':
    case 'effect':
    case 'source':
    case 'wait':
    case 'cancel':
    case 'service':
      return
    default:
      return unreachable(node)
  }
}

/** The expressions that a choice hangs on, as seen from its own scope. */
const decide = (trail: Trail, { node, scope }: RanStep): void => {
  for (const expr of kindExpressions(node)) evaluate(trail, scope, expr, [], CONTROL)
}

type NodeOf<K extends Node['kind']> = Extract<Node, { kind: K }>

function decideArm(trail: Trail, step: RanStep, node: NodeOf<'any'>, label: string): void {
  // Otherwise is taken when none of them holds.
  const arms = label === 'otherwise' && !node.arms[label] ? Object.values(node.arms) : [node.arms[label]]
  for (const arm of arms) if (arm) evaluate(trail, step.scope, arm.condition, [], CONTROL)
}

/** How many items there are. */
function listed(trail: Trail, step: RanStep, node: NodeOf<'each'>): void {
  evaluate(trail, step.scope, node.items, ['length'], CONTROL)
  if (node.more)
    trail.other(`signal ${node.more.signal}`, CONTROL, nothing, { kind: 'signal', signal: node.more.signal })
}

/** Before each turn (`while`) or after it, the condition decided over what the state was then: up to the state of this number. */
function conditions(trail: Trail, step: RanStep, node: NodeOf<'loop'>, turn: number): void {
  if (turn < (node.test === 'while' ? 0 : 1)) return
  trail.other(`${step.id} condition ${turn}`, CONTROL, inner => {
    for (const { expr, region } of insideExpressions(node))
      evaluate(inner, virtualScope(step, region, turn), expr, [], CONTROL)
    conditions(inner, step, node, turn - 1)
  })
}

/** A scope that is not there (not yet, or never): expressions are looked at as if from inside of it. */
const virtualScope = (owner: RanStep, region: RanScope['region'], index: number): RanScope => ({
  path: '',
  number: -1,
  shown: '',
  owner,
  label: 'body',
  index,
  region,
  call: undefined,
  steps: new Map(),
  list: [],
  siblings: [],
  enteredAtMs: 0,
  leftAtMs: undefined,
  how: undefined,
  entered: Number.POSITIVE_INFINITY,
  left: undefined,
})

/** A handler, a later try or the end of an attempt hangs on what failed before it. */
function attempted(trail: Trail, step: RanStep, scope: RanScope): void {
  if (scope.label === 'finally') return
  for (const before of ownScopes(step))
    if (before.entered < scope.entered && before.how !== 'ended') failures(trail, before, CONTROL)
}

/** What failed in a scope; all that is in it, when nothing says what. */
function failures(trail: Trail, scope: RanScope, how: Strength): void {
  const failed = [...scope.steps.values()].filter(step => step.how === 'failed')
  if (failed.length === 0) return everything(trail, scope, how)
  for (const step of failed)
    if (step.role === 'work') valueAt(trail, step, [], how)
    else for (const inner of ownScopes(step)) if (inner.how !== 'ended') failures(trail, inner, how)
}

/** All that was done in a scope. */
function everything(trail: Trail, scope: RanScope, how: Strength): void {
  trail.other(`all of ${scope.path}`, how, inner => {
    for (const step of scope.steps.values()) {
      if (step.startedAtMs === undefined) continue
      if (step.role === 'work') valueAt(inner, step, [])
      else for (const each of ownScopes(step)) everything(inner, each, DATA)
    }
    enclose(inner, scope)
  })
}

/** A net's transition: what marked it is not told by the data, so all that fired before. */
function fired(trail: Trail, step: RanStep, scope: RanScope): void {
  for (const before of ownScopes(step)) if (isBefore(before, scope)) everything(trail, before, CONTROL)
  for (const { expr, region } of insideExpressions(step.node))
    if (region === scope.region) evaluate(trail, { ...scope, steps: new Map() }, expr, [], CONTROL)
}

const isBefore = (before: RanScope, scope: Pick<RanScope, 'entered'>): boolean =>
  before.left !== undefined && before.left < scope.entered

/** A flow's body is plain code: its value is made of all that it has called. */
function flowCalls(trail: Trail, step: RanStep): void {
  for (const scope of ownScopes(step)) if (scope.label === '') result(trail, scope, [])
}

/** What a flow knew when it made a call: its arguments, and what the calls had given that were answered by then. */
function calledBefore(trail: Trail, flow: RanStep, scope: RanScope, how: Strength): void {
  const answered = answersOf(flow)
  let [low, high] = [0, answered.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (answered[middle]!.left! < scope.entered) low = middle + 1
    else high = middle
  }
  knownTo(trail, flow, { answered, count: low }, how)
}

/** A chain, so that 10,000 calls have as many edges. */
function knownTo(
  trail: Trail,
  flow: RanStep,
  { answered, count }: { readonly answered: readonly RanScope[]; readonly count: number },
  how: Strength,
): void {
  trail.other(`${flow.id} ${count} answers`, how, inner => {
    if (count === 0) for (const expr of kindExpressions(flow.node)) evaluate(inner, flow.scope, expr, [])
    else {
      result(inner, answered[count - 1]!, [])
      knownTo(inner, flow, { answered, count: count - 1 }, DATA)
    }
  })
}

const answers = new WeakMap<RanStep, readonly RanScope[]>()

function answersOf(flow: RanStep): readonly RanScope[] {
  const known = answers.get(flow)
  if (known) return known
  const found = flow.inside
    .filter(({ label, left }) => label === '' && left !== undefined)
    .sort((a, b) => a.left! - b.left!)
  answers.set(flow, found)
  return found
}

/** What a scope gave. */
const result = (trail: Trail, scope: RanScope, path: Path, how: Strength = DATA): void =>
  evaluate(trail, scope, scope.region.result, path, how)

/** Without what undoes it, which comes after its value. */
const ownScopes = ({ node, inside }: RanStep): readonly RanScope[] =>
  node.undo ? inside.filter(({ label }) => label !== 'undo') : inside

/** The value of what holds others. */
function holder(trail: Trail, step: RanStep, path: Path): void {
  const { node } = step
  const [key, ...rest] = path
  switch (node.kind) {
    case 'when':
    case 'match': {
      around(trail, step)
      decide(trail, step)
      const chosen = step.inside.findLast(({ label }) => label === step.branches[0])
      return chosen && result(trail, chosen, path)
    }
    case 'call':
    case 'scope': {
      around(trail, step)
      const body = step.inside.findLast(({ label }) => label === 'body')
      return body && result(trail, body, path)
    }
    case 'any':
    case 'some':
      return arms(trail, step, node, key === undefined ? undefined : { label: String(key), path: rest })
    case 'each':
      return items(trail, step, node, path)
    case 'loop':
      around(trail, step)
      conditions(trail, step, node, turnCount(step))
      return stateAt(trail, step, node, turnCount(step), path)
    case 'race':
      return winner(trail, step, path)
    case 'attempt': {
      around(trail, step)
      const last = step.inside.findLast(({ label, how }) => label !== 'finally' && label !== 'undo' && how === 'ended')
      if (!last) return
      attempted(trail, step, last)
      return result(trail, last, path)
    }
    case 'net':
      around(trail, step)
      for (const scope of ownScopes(step)) everything(trail, scope, DATA)
      return
    default:
      return
  }
}

/** Of an any, the arms that were taken; of a some, the others decided which were awaited. */
function arms(
  trail: Trail,
  step: RanStep,
  node: NodeOf<'any' | 'some'>,
  asked: { readonly label: string; readonly path: Path } | undefined,
): void {
  around(trail, step)
  if (node.kind === 'any')
    for (const label of asked ? [asked.label] : [...Object.keys(node.arms), 'otherwise'])
      decideArm(trail, step, node, label)
  for (const scope of ownScopes(step)) {
    if (!asked || scope.label === asked.label) {
      if (scope.how === 'ended') result(trail, scope, asked?.path ?? [])
    } else if (node.kind === 'some') everything(trail, scope, CONTROL)
  }
}

function items(trail: Trail, step: RanStep, node: NodeOf<'each'>, [key, ...rest]: Path): void {
  around(trail, step)
  listed(trail, step, node)
  // Who is awaited, and how many may fail, hangs on all of them.
  if (node.until || node.tolerate) for (const scope of ownScopes(step)) everything(trail, scope, CONTROL)
  if (key === 'length') return
  const index = key === undefined ? undefined : Number(key)
  for (const scope of ownScopes(step))
    if (scope.label === 'body' && scope.how === 'ended' && (index === undefined || scope.index === index))
      result(trail, scope, rest)
}

const turnCount = ({ inside }: RanStep): number =>
  inside.filter(({ label, how }) => label === 'body' && how === 'ended').length

function turnOf({ inside }: RanStep, turn: number): RanScope | undefined {
  const isIt = ({ label, index }: RanScope): boolean => label === 'body' && index === turn
  const likely = inside[turn]
  return likely && isIt(likely) ? likely : inside.find(isIt)
}

/** What a loop's state was before a turn. Not by recursion: there may be 100,000 turns that only hand it on. */
function stateAt(
  trail: Trail,
  step: RanStep,
  node: NodeOf<'loop'>,
  turn: number,
  path: Path,
  how: Strength = DATA,
): void {
  trail.other(`${step.id} state ${turn} ${JSON.stringify(path)}`, how, inner => {
    if (turn === 0) return evaluate(inner, step.scope, node.init, path)
    const before = turnOf(step, turn - 1)
    if (before) result(inner, before, path)
  })
}

function winner(trail: Trail, step: RanStep, [key, ...rest]: Path): void {
  around(trail, step)
  const ended = ownScopes(step).filter(({ how }) => how === 'ended')
  const first = ended.reduce<RanScope | undefined>(
    (best, each) => (best && best.left! < each.left! ? best : each),
    undefined,
  )
  for (const scope of ownScopes(step)) if (scope !== first) everything(trail, scope, CONTROL)
  if (first && key === 'won') everything(trail, first, CONTROL)
  else if (first) result(trail, first, rest)
}

/** What an expression is made of, as seen from inside a scope: only what is under `path` in it. */
function evaluate(trail: Trail, scope: RanScope, expr: Expr, path: Path, how: Strength = DATA): void {
  switch (expr.kind) {
    case 'literal':
    case 'resource':
      return
    case 'node': {
      const step = up(scope, expr.up)?.steps.get(expr.node)
      return step && given(trail, step, joined(expr.path, path), how)
    }
    case 'param': {
      const around = up(scope, expr.up)
      return around && param(trail, around, expr.param, joined(expr.path, path), how)
    }
    case 'record': {
      const [key, ...rest] = path
      if (key === undefined) for (const field of Object.values(expr.fields)) evaluate(trail, scope, field, [], how)
      else if (Object.hasOwn(expr.fields, key)) evaluate(trail, scope, expr.fields[key]!, rest, how)
      return
    }
    case 'list': {
      const [key, ...rest] = path
      if (key === undefined) for (const item of expr.items) evaluate(trail, scope, item, [], how)
      else if (key !== 'length') {
        const item = expr.items[Number(key)]
        if (item) evaluate(trail, scope, item, rest, how)
      }
      return
    }
    case 'apply':
      for (const arg of expr.args) evaluate(trail, scope, arg, [], how)
      return
    default:
      return unreachable(expr)
  }
}

const joined = (a: Path, b: Path): Path => (a.length === 0 ? b : b.length === 0 ? a : [...a, ...b])

/** A step that was withdrawn gives undefined: because it was. */
function given(trail: Trail, step: RanStep, path: Path, how: Strength): void {
  if (step.how !== 'cancelled' && step.how !== 'skipped') return valueAt(trail, step, path, how)
  for (const each of step.scope.steps.values())
    if (each.node.kind === 'cancel' && each.node.target.up === 0 && each.node.target.node === step.node.id)
      valueAt(trail, each, [], CONTROL)
  if (step.role === 'work') around(trail, step)
  else valueAt(trail, step, path, how)
}

function up(scope: RanScope, count: number): RanScope | undefined {
  let found: RanScope | undefined = scope
  for (let left = count; left > 0; left--) found = found?.owner?.scope
  return found
}

/** Where the value of a parameter of a scope comes from: what is around it. */
function param(trail: Trail, scope: RanScope, name: string, path: Path, how: Strength): void {
  const { owner } = scope
  if (!owner)
    return trail.other(`param ${name} ${JSON.stringify(path)}`, how, nothing, { kind: 'param', param: name, path })
  const { node } = owner
  if (scope.label === 'undo') {
    const capture = name === 'value' ? undefined : node.undo?.captures[name]
    return capture ? evaluate(trail, owner.scope, capture, path, how) : valueAt(trail, owner, path, how)
  }
  switch (node.kind) {
    case 'call':
      return Object.hasOwn(node.args, name) ? evaluate(trail, owner.scope, node.args[name]!, path, how) : undefined
    case 'match':
      return evaluate(trail, owner.scope, node.value, path, how)
    case 'each':
      return name === scope.region.params[0] ? item(trail, scope, owner, path, how) : undefined
    case 'loop':
      return name === 'state' ? stateAt(trail, owner, node, scope.index, path, how) : undefined
    case 'attempt':
      for (const before of ownScopes(owner))
        if (before.entered < scope.entered && before.how !== 'ended') failures(trail, before, how)
      return
    case 'net':
      for (const before of ownScopes(owner))
        if (before.label === name && isBefore(before, scope)) result(trail, before, path, how)
      return
    case 'flow':
      return calledBefore(trail, owner, scope, how)
    default:
      return
  }
}

/** The items are one value; the one of a scope is what is at its place in it, or came by a signal. */
function item(trail: Trail, scope: RanScope, owner: RanStep, path: Path, how: Strength): void {
  const { node } = owner
  if (node.kind !== 'each') return
  const { batch, more } = node
  if (more) trail.other(`signal ${more.signal}`, how, nothing, { kind: 'signal', signal: more.signal })
  if (batch === undefined) return evaluate(trail, owner.scope, node.items, [scope.index, ...path], how)
  const [place, ...rest] = path
  if (place === 'length') return evaluate(trail, owner.scope, node.items, ['length'], how)
  const places = place === undefined ? Array.from({ length: batch }, (_, at) => at) : [Number(place)]
  for (const at of places) evaluate(trail, owner.scope, node.items, [scope.index * batch + at, ...rest], how)
}
