/**
 * The fold from events to a `RunView`. One event costs O(depth of its step), whatever the size of the run.
 *
 * The log says what cannot be derived; that a scope ended, and with it the step around it, is derived here: a scope is
 * done when all nodes of its region are. The view is one living object: read it after `add`, do not keep parts of it.
 *
 *   F1. Counts of a scope are the sums over its steps, those of nested scopes included.
 *   F2. An event that comes twice changes nothing the second time.
 */
import { CALLED_NODE } from '../core/engine/program.ts'
import type { Event, FlowCall, Library, StepId } from '../core/engine/protocol.ts'
import { branchPath, keyedPath, splitStepId } from '../core/engine/step-id.ts'
import type { Graph, Node, Region } from '../core/graph/graph.ts'
import { unreachable } from '../util/unreachable.ts'
import {
  isActive,
  isWork,
  type Counts,
  type Inside,
  type RunView,
  type ScopeView,
  type StateKind,
  type StepState,
  type StepView,
} from './run-view.ts'
import { nodeIn, readSegment } from './scope-path.ts'

export interface RunFold {
  readonly view: RunView
  /** Folds the run's next event in. */
  add(event: Event): void
}

type Writable<T> = { -readonly [field in keyof T]: T[field] }
type Tally = Writable<Counts>

interface Step extends Writable<Omit<StepView, 'inside'>> {
  readonly scope: Scope
  readonly node: Node | undefined
  inside?: Writable<Omit<Inside, 'scopes' | 'items' | 'steps'>> & {
    readonly items: Tally
    readonly steps: Tally
    readonly scopes: Scope[]
  }
  /** Counted as done in its scope. */
  done: boolean
  /** The first failure inside. */
  fault?: Extract<StepState, { kind: 'failed' }>
}

interface Scope extends Writable<Omit<ScopeView, 'steps' | 'found'>> {
  readonly owner: Step | undefined
  readonly steps: Tally
  readonly found: StepId[]
  /** Nodes of the region that are not done. */
  open: number
  /** A step here that holds others has itself failed or been cancelled (counts tell of work only). */
  broken?: 'failed' | 'cancelled'
}

/** `library`: regions of workflows that flows of this run called; without it their steps show under their ids. */
export function runView(graph: Graph, library: Library = new Map()): RunFold {
  let state = emptyView(graph)

  function add(event: Event): void {
    const { view } = state
    view.lastAtMs = Math.max(view.lastAtMs, event.atMs)
    switch (event.kind) {
      case 'run.started':
        Object.assign(view, { run: event.run, status: 'running', startedAtMs: event.atMs })
        return
      case 'attempt.started':
        startAttempt(event)
        return
      case 'attempt.failed':
        failAttempt(event)
        return
      case 'step.settled':
        settle(event)
        return
      case 'chosen':
        choose(event)
        return
      case 'items.added':
        addItems(event)
        return
      case 'call.added':
        addCall(event.call, event.atMs)
        return
      case 'value.recorded':
        record(event)
        return
      case 'scope.closed':
        view.closing = { cause: event.cause, fault: event.fault }
        return
      case 'run.redriven':
        redrive(event.atMs)
        return
      case 'run.ended':
        end(event)
        return
      default:
        unreachable(event)
    }
  }

  function startAttempt({ step: id, attempt, worker, call, atMs }: Extract<Event, { kind: 'attempt.started' }>): void {
    if (call) addCall(call, atMs)
    const step = stepOf(id)
    step.attempts = Math.max(step.attempts + 1, 1)
    begin(step, atMs)
    move(step, { kind: 'running', attempt, sinceMs: atMs, worker })
  }

  function failAttempt({
    step: id,
    attempt,
    fault,
    retryAtMs,
    atMs,
  }: Extract<Event, { kind: 'attempt.failed' }>): void {
    const step = stepOf(id)
    step.failures = [...step.failures, { attempt, fault, atMs, retryAtMs }]
    move(step, { kind: 'retrying', attempt, retryAtMs })
  }

  function settle({ step: id, attempt, outcome, origin, call, atMs }: Extract<Event, { kind: 'step.settled' }>): void {
    if (call) addCall(call, atMs)
    const step = stepOf(id)
    if (outcome.kind === 'failed') step.failures = [...step.failures, { attempt, fault: outcome.fault, atMs }]
    begin(step, step.startedAtMs ?? atMs)
    switch (outcome.kind) {
      case 'succeeded':
        move(
          step,
          origin
            ? { kind: 'known', output: outcome.output, origin, atMs }
            : { kind: 'succeeded', output: outcome.output, atMs },
        )
        finish(step, atMs)
        return
      case 'failed':
        move(step, { kind: 'failed', fault: outcome.fault, atMs })
        breakScopes(step, 'failed')
        return
      case 'cancelled':
        move(step, { kind: 'cancelled', atMs })
        breakScopes(step, 'cancelled')
        return
      default:
        unreachable(outcome)
    }
  }

  function breakScopes(step: Step, how: 'failed' | 'cancelled'): void {
    if (isWork(step.kind)) return
    for (let scope: Scope | undefined = step.scope; scope; scope = scope.owner?.scope) {
      scope.broken ??= how
      refresh(scope, step)
    }
  }

  function record({ step: id, attempt, name, value, atMs }: Extract<Event, { kind: 'value.recorded' }>): void {
    const step = stepOf(id)
    step.recorded = [...step.recorded, { attempt, name, value, atMs }]
  }

  function choose({ step: id, branch, atMs }: Extract<Event, { kind: 'chosen' }>): void {
    const step = stepOf(id)
    insideOf(step).branch = branch
    begin(step, atMs)
    finishIfEmpty(scopeAt(branchPath(step.scope.path, splitStepId(id)[1], branch)), atMs)
  }

  function addItems({ step: id, keys, atMs }: Extract<Event, { kind: 'items.added' }>): void {
    const step = stepOf(id)
    const inside = insideOf(step)
    const body = step.node?.kind === 'each' ? step.node.body : undefined
    begin(step, atMs)
    const added = keys.length - inside.items.total
    if (added <= 0 && keys.length > 0) return
    inside.items.total = keys.length
    inside.items.waiting += added
    // Scopes of items appear with their first event; until then their steps are only counted.
    expect(step.scope, added * sizeOf(body), inside.steps)
    if (body && openNodes(body) === 0)
      for (const key of keys) finishIfEmpty(scopeAt(keyedPath(step.scope.path, splitStepId(id)[1], key)), atMs)
    finishIfAllDone(step, atMs)
  }

  function addCall(call: FlowCall, atMs: number): void {
    const flow = stepOf(call.flow)
    const [scopePath, nodeId] = splitStepId(call.flow)
    const path = keyedPath(scopePath, nodeId, call.key)
    if (state.calls.has(path)) return
    const name = call.target.kind === 'node' ? call.target.node.name : call.target.workflow
    const turn = (state.turns.get(`${call.flow} ${name}`) ?? 0) + 1
    state.turns.set(`${call.flow} ${name}`, turn)
    const region =
      call.target.kind === 'workflow'
        ? library.get(call.target.region)
        : calledNode(call.target.node, `${name}#${turn}`)
    const shownPath = call.target.kind === 'workflow' ? `${flow.path}/${name}#${turn}/` : `${flow.path}/`
    state.calls.set(path, { region, shownPath, label: `${name}#${turn}` })
    begin(flow, atMs)
    const inside = insideOf(flow)
    inside.items.total++
    inside.items.waiting++
    expect(flow.scope, sizeOf(region), inside.steps)
    finishIfEmpty(scopeAt(path), atMs)
  }

  function end({ status, output, fault, atMs }: Extract<Event, { kind: 'run.ended' }>): void {
    Object.assign(state.view, { status, output, fault, endedAtMs: atMs })
    // What had begun and will not end: its scope was left by the exit.
    for (const scope of state.scopes.values()) {
      if (!scope.owner || (scope.state !== 'running' && scope.state !== 'retrying')) continue
      shift(insideOf(scope.owner).items, scope.state, 'cancelled')
      scope.state = 'cancelled'
    }
    for (const step of state.steps.values()) {
      if (!isWork(step.kind) && isActive(step.state)) step.state = step.fault ?? { kind: 'cancelled', atMs }
    }
  }

  /** The run begins anew; what it keeps is settled again by the events that follow. What happened to a step before stays on it. */
  function redrive(atMs: number): void {
    const { view, steps } = state
    state = emptyView(graph, steps)
    fold.view = state.view
    Object.assign(state.view, {
      run: view.run,
      status: 'running',
      startedAtMs: view.startedAtMs ?? atMs,
      lastAtMs: atMs,
      redrives: view.redrives + 1,
    })
  }

  function stepOf(id: StepId): Step {
    const known = state.steps.get(id)
    if (known) return known
    const [scopePath, nodeId] = splitStepId(id)
    const scope = scopeAt(scopePath)
    const node = nodeIn(scope.region, nodeId)
    const step = newStep(id, nodeId, scope, node, state.before.get(id))
    state.steps.set(id, step)
    if (!node) {
      scope.found.push(id)
      expect(scope, 1)
    }
    return step
  }

  function scopeAt(path: string): Scope {
    const known = state.scopes.get(path)
    if (known) return known
    const cut = path.slice(0, -1).lastIndexOf('/') + 1
    const around = scopeAt(path.slice(0, cut))
    const scope = openScope(path, path.slice(cut, -1), around)
    state.scopes.set(path, scope)
    if (!scope.owner) return scope
    insideOf(scope.owner).scopes.push(scope)
    countSteps(scope)
    return scope
  }

  function openScope(path: string, text: string, around: Scope): Scope {
    const segment = readSegment(text, around.region)
    switch (segment.kind) {
      case 'keyed': {
        const owner = stepOf(around.path + segment.nodeId)
        const call = state.calls.get(path)
        return call
          ? newScope(path, call.shownPath, call.label, call.region, owner)
          : newScope(path, `${owner.path}[${segment.key}]/`, segment.key, segment.region, owner)
      }
      case 'branch': {
        const owner = stepOf(around.path + segment.node.id)
        return newScope(path, `${owner.path}.${segment.label}/`, segment.label, segment.region, owner)
      }
      case 'body': {
        const owner = stepOf(around.path + segment.node.id)
        return newScope(path, `${owner.path}/`, '', segment.region, owner)
      }
      case 'unknown':
        return newScope(path, `${around.shownPath}${text}/`, '', undefined, stepOf(around.path + segment.nodeId))
    }
  }

  /** A scope that has just been opened: its steps wait. Where they were not counted before, they are expected from now on. */
  function countSteps(scope: Scope): void {
    const owner = scope.owner
    const size = sizeOf(scope.region)
    scope.steps.total += size
    scope.steps.waiting += size
    if (!owner) return
    const inside = insideOf(owner)
    const counted = owner.kind === 'each' || owner.kind === 'flow' || owner.kind === 'call'
    if (!counted || inside.items.total < inside.scopes.length) {
      inside.items.total++
      inside.items.waiting++
      // A call's steps are known from the start, and so are in the counts of the scopes around it.
      if (owner.kind === 'call') {
        inside.steps.total += size
        inside.steps.waiting += size
      } else expect(owner.scope, size, inside.steps)
    }
  }

  /** `count` more waiting steps in `scope`, in those around it, and in `inside`. */
  function expect(scope: Scope, count: number, inside?: Tally): void {
    for (const counts of [inside, ...talliesAround(scope)]) {
      if (!counts) continue
      counts.total += count
      counts.waiting += count
    }
  }

  function move(step: Step, to: StepState): void {
    const from = step.state
    step.state = to
    if (isActive(from) && !isActive(to)) state.active.delete(step)
    if (!isActive(from) && isActive(to)) state.active.add(step)
    if (!isWork(step.kind) || from.kind === to.kind) return
    for (let scope: Scope | undefined = step.scope; scope; scope = scope.owner?.scope) {
      shift(scope.steps, from.kind, to.kind)
      if (scope.owner) shift(insideOf(scope.owner).steps, from.kind, to.kind)
      refresh(scope, step)
    }
  }

  /** The scope's state follows from its counts; the step around it counts its scopes. */
  function refresh(scope: Scope, cause: Step): void {
    const next = scopeState(scope)
    const owner = scope.owner
    if (next !== scope.state && owner) shift(insideOf(owner).items, scope.state, next)
    scope.state = next
    if (owner && !isWork(owner.kind) && !owner.done) owner.state = holderState(owner, cause)
  }

  function holderState(owner: Step, cause: Step): StepState {
    const { steps } = insideOf(owner)
    if (cause.state.kind === 'failed') owner.fault ??= cause.state
    if (steps.running + steps.retrying === 0) {
      if (owner.fault) return owner.fault
      if (cause.state.kind === 'cancelled') return cause.state
    }
    begin(owner, cause.startedAtMs)
    return { kind: 'running', attempt: 0, sinceMs: owner.startedAtMs ?? 0 }
  }

  function finish(step: Step, atMs: number): void {
    if (step.done) return
    step.done = true
    const scope = step.scope
    scope.open--
    if (scope.open === 0 && scope.region) finishScope(scope, step, atMs)
  }

  function finishIfEmpty(scope: Scope, atMs: number): void {
    if (scope.open === 0 && scope.region && scope.owner) finishScope(scope, scope.owner, atMs)
  }

  function finishScope(scope: Scope, cause: Step, atMs: number): void {
    refresh(scope, cause)
    if (scope.owner) finishIfAllDone(scope.owner, atMs)
  }

  function finishIfAllDone(step: Step, atMs: number): void {
    const inside = insideOf(step)
    if (
      isWork(step.kind) ||
      inside.items.succeeded !== inside.items.total ||
      (inside.items.total === 0 && step.kind !== 'each')
    )
      return
    move(step, { kind: 'succeeded', atMs })
    finish(step, atMs)
  }

  function begin(step: Step, atMs: number | undefined): void {
    for (let each: Step | undefined = step; each && each.startedAtMs === undefined; each = each.scope.owner) {
      each.startedAtMs = atMs
      if (!isWork(each.kind) && each.state.kind === 'waiting' && atMs !== undefined)
        each.state = { kind: 'running', attempt: 0, sinceMs: atMs }
    }
  }

  const fold: Writable<RunFold> = { view: state.view, add }
  return fold
}

/** What the fold keeps of one drive of the run. */
interface Folding {
  readonly view: Writable<RunView>
  readonly steps: Map<StepId, Step>
  readonly scopes: Map<string, Scope>
  readonly active: Set<Step>
  /** Steps as they were before the last redrive. */
  readonly before: ReadonlyMap<StepId, Step>
  /** Scopes of flows' calls, by path. */
  readonly calls: Map<string, Pick<ScopeView, 'region' | 'shownPath' | 'label'>>
  /** How often a flow has called a definition of this name. */
  readonly turns: Map<string, number>
}

function emptyView(graph: Graph, before: ReadonlyMap<StepId, Step> = new Map()): Folding {
  const root: Scope = { ...newScope('', '', '', graph.root, undefined), steps: tally(sizeOf(graph.root)) }
  const steps = new Map<StepId, Step>()
  const active = new Set<Step>()
  const view: Writable<RunView> = {
    run: '',
    workflow: graph.name,
    status: 'waiting',
    lastAtMs: 0,
    redrives: 0,
    counts: root.steps,
    steps,
    active,
    root,
  }
  return { view, steps, before, scopes: new Map([['', root]]), active, calls: new Map(), turns: new Map() }
}

function insideOf(step: Step): NonNullable<Step['inside']> {
  step.inside ??= { items: tally(), steps: tally(), scopes: [] }
  return step.inside
}

/** The counts in which a step of `scope` appears, from the inside out. */
function talliesAround(scope: Scope): readonly Tally[] {
  const found: Tally[] = []
  for (let each: Scope | undefined = scope; each; each = each.owner?.scope) {
    found.push(each.steps)
    if (each.owner) found.push(insideOf(each.owner).steps)
  }
  return found
}

function shift(counts: Tally, from: StateKind, to: StateKind): void {
  counts[from]--
  counts[to]++
}

function scopeState({ steps, open, region, broken }: Scope): StateKind {
  if (steps.retrying > 0 && steps.running === 0) return 'retrying'
  if (steps.running > 0) return 'running'
  if (steps.failed > 0 || broken === 'failed') return 'failed'
  if (steps.cancelled > 0 || broken === 'cancelled') return 'cancelled'
  if (open === 0 && region) return 'succeeded'
  return steps.succeeded + steps.known > 0 ? 'running' : 'waiting'
}

const tally = (total = 0): Tally => ({
  total,
  waiting: total,
  running: 0,
  retrying: 0,
  succeeded: 0,
  known: 0,
  failed: 0,
  cancelled: 0,
})

const sizes = new WeakMap<Region, number>()

/** How much work a region holds for sure: branches and items count when they are chosen and listed. */
function sizeOf(region: Region | undefined): number {
  if (!region) return 0
  const known = sizes.get(region)
  if (known !== undefined) return known
  const size = region.nodes.reduce(
    (sum, node) => sum + (node.kind === 'call' ? sizeOf(node.body) : isWork(node.kind) ? 1 : 0),
    0,
  )
  sizes.set(region, size)
  return size
}

/** How many nodes must be done for the region to be: a call of a workflow without steps is done at once, without an event. */
const openNodes = (region: Region | undefined): number =>
  region?.nodes.filter(node => !(node.kind === 'call' && openNodes(node.body) === 0)).length ?? 0

const NOTHING = Object.freeze([])
const WAITING: StepState = Object.freeze({ kind: 'waiting' })

// One literal each for steps and scopes, all fields in it: a wide run has 100,000 of both.
function newStep(id: StepId, nodeId: string, scope: Scope, node: Node | undefined, before: Step | undefined): Step {
  const name = node?.name ?? nodeId
  return {
    id,
    name,
    path: scope.shownPath + name,
    kind: node?.kind ?? 'unknown',
    at: node?.at,
    state: WAITING,
    attempts: before?.attempts ?? 0,
    startedAtMs: undefined,
    failures: before?.failures ?? NOTHING,
    recorded: before?.recorded ?? NOTHING,
    inside: undefined,
    scope,
    node,
    done: false,
    fault: undefined,
  }
}

function newScope(
  path: string,
  shownPath: string,
  label: string,
  region: Region | undefined,
  owner: Step | undefined,
): Scope {
  return {
    path,
    shownPath,
    label,
    region,
    state: 'waiting',
    steps: tally(),
    found: [],
    owner,
    open: openNodes(region),
    broken: undefined,
  }
}

/** A flow's call to one definition is a scope with one step. */
function calledNode(target: Extract<FlowCall['target'], { kind: 'node' }>['node'], name: string): Region {
  const common = { id: CALLED_NODE, name, at: target.at, after: [], policy: target.policy, args: [] }
  const node: Node =
    target.kind === 'flow'
      ? { ...common, kind: 'flow', flow: target.task }
      : { ...common, kind: target.kind, task: target.task, executor: target.executor }
  return { params: [], nodes: [node], result: { kind: 'node', node: CALLED_NODE, up: 0, path: [] } }
}
