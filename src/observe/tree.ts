/**
 * The tree of scopes and steps that a fold fills: found by their ids, counted from the inside out.
 *
 *   F1. Counts of a scope are the sums over its steps, those of nested scopes and of dropped turns included.
 */
import type { FlowCall, StepId } from '../core/engine/protocol.ts'
import { keyedPath, splitStepId } from '../core/engine/step-id.ts'
import type { Graph, Node, Region } from '../core/graph/graph.ts'
import {
  type Inside,
  isActive,
  isHeld,
  isWork,
  type ScopeView,
  type StateKind,
  type StepState,
  type StepView,
} from './run-view.ts'
import { nodeIn, readSegment, type Segment } from './scope-path.ts'
import { add, shift, sizeOf, sureRegions, type Tally, tally } from './tallies.ts'

type Writable<T> = { -readonly [field in keyof T]: T[field] }

export interface Step extends Writable<Omit<StepView, 'inside' | 'undo'>> {
  readonly scope: Scope
  readonly node: Node | undefined
  inside?: StepInside
  undo?: Scope
  /** Of a flow: how often it has called a definition of this name. */
  calls?: Map<string, number>
}

type StepInside = Writable<Omit<Inside, 'scopes' | 'items' | 'steps'>> & {
  readonly items: Tally
  readonly steps: Tally
  readonly scopes: Scope[]
}

export interface Scope extends Writable<Omit<ScopeView, 'steps' | 'found'>> {
  readonly owner: Step | undefined
  /** Whether it undoes its owner, which then does not count it as an item. */
  readonly isUndo: boolean
  readonly steps: Tally
  readonly found: StepId[]
  /** A step of it has failed: it was not only interrupted. */
  hasFailed: boolean
  /** How it was left. */
  end?: 'succeeded' | 'failed' | 'cancelled'
}

export interface Tree {
  readonly steps: Map<StepId, Step>
  readonly scopes: Map<string, Scope>
  readonly active: Set<Step>
  readonly held: Set<Step>
  readonly root: Scope
  /** Steps as they were before the last redrive: what happened to a step before stays on it. */
  readonly before: ReadonlyMap<StepId, Step>
}

export function newTree(graph: Graph, before: ReadonlyMap<StepId, Step> = new Map()): Tree {
  const root = newScope({ path: '', shownPath: '', label: '', region: graph.root, owner: undefined, isUndo: false })
  add(root.steps, sizeOf(graph.root))
  return { steps: new Map(), scopes: new Map([['', root]]), active: new Set(), held: new Set(), root, before }
}

export function stepOf(tree: Tree, id: StepId): Step {
  const known = tree.steps.get(id)
  if (known) return known
  const [scopePath, nodeId] = splitStepId(id)
  const scope = scopeAt(tree, scopePath)
  const node = nodeIn(scope.region, nodeId)
  const step = newStep(id, nodeId, scope, node, tree.before.get(id))
  tree.steps.set(id, step)
  if (!node) {
    scope.found.push(id)
    expectSteps(scope, 1)
  }
  return step
}

/** `entered`: it begins now; else something is told of a scope that is not kept any more, or not yet. */
export function scopeAt(tree: Tree, path: string, why: 'entered' | 'named' = 'named'): Scope {
  const known = tree.scopes.get(path)
  if (known) return known
  const cut = path.slice(0, -1).lastIndexOf('/') + 1
  const around = scopeAt(tree, path.slice(0, cut))
  const text = path.slice(cut, -1)
  const segment = readSegment(text, around.region)
  const owner = stepOf(tree, around.path + nodeIdOf(segment))
  const scope = newScope({ path, owner, ...placed(segment, text, owner, around) })
  addScope(tree, scope, owner)
  // It has been counted while it was there, and then dropped: what is in it now is its undoing.
  if (why === 'entered' || !owner.inside?.dropped || scope.isUndo) countScope(scope, owner, segment)
  return scope
}

const aroundOf = (path: string): string => path.slice(0, path.slice(0, -1).lastIndexOf('/') + 1)

export const isAroundThere = (tree: Tree, path: string): boolean => tree.scopes.has(aroundOf(path))

/** The step whose scope a path is, without making either. */
export function ownerOf(tree: Tree, path: string): Step | undefined {
  const cut = path.slice(0, -1).lastIndexOf('/') + 1
  const around = tree.scopes.get(path.slice(0, cut))
  return around && tree.steps.get(around.path + nodeIdOf(readSegment(path.slice(cut, -1), around.region)))
}

const nodeIdOf = (segment: Segment): string => ('node' in segment && segment.node ? segment.node.id : textId(segment))
const textId = (segment: Segment): string => ('nodeId' in segment ? segment.nodeId : '')

type Placed = Pick<Scope, 'shownPath' | 'label' | 'region' | 'isUndo'>

function placed(segment: Segment, text: string, owner: Step, around: Scope): Placed {
  switch (segment.kind) {
    case 'keyed':
      return { shownPath: `${owner.path}[${segment.key}]/`, label: segment.key, region: segment.region, isUndo: false }
    case 'branch': {
      const label = segment.turn === 0 ? segment.label : `${segment.label}[${segment.turn}]`
      const isUndo = segment.label === 'undo' && segment.region === segment.node.undo?.body
      return { shownPath: `${owner.path}.${label}/`, label, region: segment.region, isUndo }
    }
    case 'body':
      return { shownPath: `${owner.path}/`, label: '', region: bodyOf(segment, around), isUndo: false }
    case 'unknown':
      return { shownPath: `${around.shownPath}${text}/`, label: '', region: undefined, isUndo: false }
  }
}

/** A call that recurs enters again a region around it. */
function bodyOf({ node, region }: Extract<Segment, { kind: 'body' }>, around: Scope): Region | undefined {
  if (node.kind !== 'call' || node.recurs === undefined) return region
  let found: Scope | undefined = around
  for (let up = 0; up < node.recurs; up++) found = found?.owner?.scope
  return found?.region
}

/** The scope of a flow's call, shown by the name of what was called and a number. Nothing when it is there already. */
export function openCall(tree: Tree, call: FlowCall, region: Region | undefined): Scope | undefined {
  const owner = stepOf(tree, call.flow)
  const path = keyedPath(...splitStepId(call.flow), call.key)
  if (tree.scopes.has(path)) return undefined
  const { target } = call
  const name = target.kind === 'workflow' ? target.workflow : target.node.name
  owner.calls ??= new Map()
  const turn = (owner.calls.get(name) ?? 0) + 1
  owner.calls.set(name, turn)
  const label = `${name}#${turn}`
  const parts =
    target.kind === 'workflow'
      ? { path, shownPath: `${owner.path}/${label}/`, label, region }
      : { path, shownPath: `${owner.path}/`, label, region: region && renamed(region, label) }
  const scope = newScope({ ...parts, owner, isUndo: false })
  addScope(tree, scope, owner)
  countScope(scope, owner, undefined)
  return scope
}

const renamed = (region: Region, name: string): Region => ({
  ...region,
  nodes: region.nodes.map(node => ({ ...node, name })),
})

function addScope(tree: Tree, scope: Scope, owner: Step): void {
  tree.scopes.set(scope.path, scope)
  if (scope.isUndo) owner.undo = scope
  else insideOf(owner).scopes.push(scope)
}

/** Its steps wait. Where they were not counted before, they are expected from now on. */
function countScope(scope: Scope, owner: Step, segment: Segment | undefined): void {
  const { region } = scope
  const size = sizeOf(region)
  add(scope.steps, size)
  if (scope.isUndo) return expectSteps(owner.scope, size)
  const inside = insideOf(owner)
  // Items are listed before they begin.
  if (owner.kind === 'each' && inside.items.total >= inside.scopes.length) return
  add(inside.items, 1)
  add(inside.steps, size)
  if (!isSure(owner, region, segment)) expectSteps(owner.scope, size)
}

/** Whether the steps of the region were in the counts from the start. */
function isSure(owner: Step, region: Region | undefined, segment: Segment | undefined): boolean {
  if (!owner.node || !region || (segment?.kind === 'branch' && segment.turn > 0)) return false
  return sureRegions(owner.node).includes(region)
}

/** `count` more waiting steps in `scope` and in those around it. */
export function expectSteps(scope: Scope, count: number): void {
  for (let each: Scope | undefined = scope; each; each = each.owner?.scope) {
    add(each.steps, count)
    if (each.owner && !each.isUndo) add(insideOf(each.owner).steps, count)
  }
}

/** A step changes its state, and so do the counts around it. */
export function move(tree: Tree, step: Step, to: StepState): void {
  const from = step.state
  step.state = to
  // A step that holds others runs while they do: they stand for it.
  if (isActive(to) && (isWork(step.kind) || to.kind === 'retrying')) tree.active.add(step)
  else if (isActive(from)) tree.active.delete(step)
  if (isHeld(to)) tree.held.add(step)
  else if (isHeld(from)) tree.held.delete(step)
  if (!isWork(step.kind) || from.kind === to.kind) return
  for (let scope: Scope | undefined = step.scope; scope; scope = scope.owner?.scope) {
    shift(scope.steps, from.kind, to.kind)
    if (scope.owner && !scope.isUndo) shift(insideOf(scope.owner).steps, from.kind, to.kind)
    refresh(scope)
  }
}

/** The scope's state follows from its counts until it is left; the step around it counts its scopes. */
export function refresh(scope: Scope): void {
  const next = scope.end ?? stateOf(scope)
  if (next === scope.state) return
  if (scope.owner && !scope.isUndo) shift(insideOf(scope.owner).items, scope.state, next)
  scope.state = next
}

function stateOf({ steps }: Scope): StateKind {
  for (const kind of ['running', 'retrying', 'awaiting', 'parked'] as const) if (steps[kind] > 0) return kind
  return steps.total > steps.waiting ? 'running' : 'waiting'
}

/** The first thing that happens to a step begins it and what holds it. */
export function begin(step: Step, atMs: number): void {
  for (let each: Step | undefined = step; each && each.startedAtMs === undefined; each = each.scope.owner) {
    each.startedAtMs = atMs
    if (!isWork(each.kind) && each.state.kind === 'waiting') each.state = { kind: 'running', attempt: 0, sinceMs: atMs }
  }
}

/** Turns of a loop and firings of a net that are kept: a million of them must not fill the memory of who looks on. */
const TURNS_KEPT = 8

/** Forgets the oldest turns of a step that has many, one after the other. */
export function dropTurns(tree: Tree, { kind, inside }: Step): void {
  if (!inside || (kind !== 'loop' && kind !== 'net' && kind !== 'attempt')) return
  while (inside.scopes.length > TURNS_KEPT) {
    const at = inside.scopes.findIndex(scope => scope.end !== undefined)
    const [oldest] = at < 0 ? [] : inside.scopes.splice(at, 1)
    if (!oldest) return
    inside.dropped++
    drop(tree, oldest)
  }
}

function drop(tree: Tree, scope: Scope): void {
  tree.scopes.delete(scope.path)
  const ids = [...(scope.region?.nodes ?? []).map(node => scope.path + node.id), ...scope.found]
  for (const id of ids) {
    const step = tree.steps.get(id)
    if (!step) continue
    tree.steps.delete(id)
    for (const inner of [...(step.inside?.scopes ?? []), ...(step.undo ? [step.undo] : [])]) drop(tree, inner)
  }
}

export function insideOf(step: Step): StepInside {
  step.inside ??= { items: tally(), steps: tally(), branch: undefined, scopes: [], dropped: 0 }
  return step.inside
}

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
    undo: undefined,
    isLingering: false,
    calls: undefined,
    scope,
    node,
  }
}

type NewScope = Pick<Scope, 'path' | 'shownPath' | 'label' | 'region' | 'owner' | 'isUndo'>

function newScope({ path, shownPath, label, region, owner, isUndo }: NewScope): Scope {
  return {
    path,
    shownPath,
    label,
    region,
    state: 'waiting',
    steps: tally(),
    found: [],
    owner,
    isUndo,
    hasFailed: false,
    end: undefined,
  }
}
