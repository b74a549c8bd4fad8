/** What a value is made of: of an expression, of a parameter of a scope, of a state of a loop, of what a flow knew. */
import { kindExpressions } from '../../core/graph/dependencies.ts'
import type { Expr, Node, Path } from '../../core/graph/graph.ts'
import { unreachable } from '../../util/unreachable.ts'
import type { RanScope, RanStep } from '../record/record.ts'
import { around, enclose, ownScopes } from './around.ts'
import { CONTROL, DATA, NO_PATH, nothing, type Strength, type Trail } from './trail.ts'

export type NodeOf<K extends Node['kind']> = Extract<Node, { kind: K }>

/** What an expression is made of, as seen from inside a scope: only what is under `path` in it. */
export function evaluate(trail: Trail, scope: RanScope, expr: Expr, path: Path, how: Strength = DATA): void {
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
      if (key === undefined) for (const field of Object.values(expr.fields)) evaluate(trail, scope, field, NO_PATH, how)
      else if (Object.hasOwn(expr.fields, key)) evaluate(trail, scope, expr.fields[key]!, rest, how)
      return
    }
    case 'list': {
      const [key, ...rest] = path
      if (key === undefined) for (const item of expr.items) evaluate(trail, scope, item, NO_PATH, how)
      else if (key !== 'length') {
        const item = expr.items[Number(key)]
        if (item) evaluate(trail, scope, item, rest, how)
      }
      return
    }
    case 'apply':
      for (const arg of expr.args) evaluate(trail, scope, arg, NO_PATH, how)
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
      valueAt(trail, each, NO_PATH, CONTROL)
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
      if (node.init) return firedBefore(trail, owner, node.init, scope, path, how)
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

/** The value of a step, or what is under a path in it. */
export function valueAt(trail: Trail, step: RanStep, path: Path, how: Strength = DATA): void {
  if (step.role === 'work' || path.length === 0) trail.step(step, how)
  else trail.part(step, path, how)
}

/** What a scope gave. */
export const result = (trail: Trail, scope: RanScope, path: Path, how: Strength = DATA): void =>
  evaluate(trail, scope, scope.region.result, path, how)

/** What a loop's state was before a turn. Not by recursion: there may be 100,000 turns that only hand it on. */
export function stateAt(
  trail: Trail,
  step: RanStep,
  node: NodeOf<'loop'>,
  turn: number,
  path: Path,
  how: Strength = DATA,
): void {
  trail.other(`${step.id} state ${turn} ${JSON.stringify(path)}`, how, inner => {
    if (turn === 0) return evaluate(inner, step.scope, node.init, path)
    const before = bodyAt(step, turn - 1)
    if (before) result(inner, before, path)
  })
}

/** The state of a net as a firing found it, or at its end: what the firing that ended last before gave. */
export function firedBefore(
  trail: Trail,
  step: RanStep,
  init: Expr,
  scope: RanScope | undefined,
  path: Path,
  how: Strength = DATA,
): void {
  const before = ownScopes(step).filter(each => each.how === 'ended' && (!scope || isBefore(each, scope)))
  const last = before.reduce<RanScope | undefined>((a, b) => (a && (a.left ?? 0) > (b.left ?? 0) ? a : b), undefined)
  trail.other(`${step.id} state ${last?.number ?? 'init'} ${JSON.stringify(path)}`, how, inner =>
    last ? result(inner, last, path) : evaluate(inner, step.scope, init, path),
  )
}

export const turnCount = ({ inside }: RanStep): number =>
  inside.filter(({ label, how }) => label === 'body' && how === 'ended').length

/** The scope of a turn or an item; most were entered in their order. */
export function bodyAt({ inside }: RanStep, at: number): RanScope | undefined {
  const isIt = ({ label, index }: RanScope): boolean => label === 'body' && index === at
  const likely = inside[at]
  return likely && isIt(likely) ? likely : inside.find(isIt)
}

/** What failed in a scope; all that is in it, when nothing says what. */
export function failures(trail: Trail, scope: RanScope, how: Strength): void {
  const failed = [...scope.steps.values()].filter(step => step.how === 'failed')
  if (failed.length === 0) return everything(trail, scope, how)
  for (const step of failed)
    if (step.role === 'work') valueAt(trail, step, NO_PATH, how)
    else for (const inner of ownScopes(step)) if (inner.how !== 'ended') failures(trail, inner, how)
}

/** All that was done in a scope. */
export function everything(trail: Trail, scope: RanScope, how: Strength): void {
  trail.other(`all of ${scope.path}`, how, inner => {
    for (const step of scope.steps.values()) {
      if (step.startedAtMs === undefined) continue
      if (step.role === 'work') valueAt(inner, step, NO_PATH)
      else for (const each of ownScopes(step)) everything(inner, each, DATA)
    }
    enclose(inner, scope)
  })
}

/** A flow's body is plain code: its value is made of all that it has called. */
export function flowCalls(trail: Trail, step: RanStep): void {
  for (const scope of ownScopes(step)) if (scope.label === '') result(trail, scope, NO_PATH)
}

/** What a flow knew when it made a call: its arguments, and what the calls had given that were answered by then. */
export function calledBefore(trail: Trail, flow: RanStep, scope: RanScope, how: Strength): void {
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
    if (count === 0) for (const expr of kindExpressions(flow.node)) evaluate(inner, flow.scope, expr, NO_PATH)
    else {
      result(inner, answered[count - 1]!, NO_PATH)
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

export const isBefore = (before: RanScope, scope: Pick<RanScope, 'entered'>): boolean =>
  before.left !== undefined && before.left < scope.entered
