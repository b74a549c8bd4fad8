/**
 * What a run was, as analysis asks for it: its scopes and step instances as objects that know one another, with when they began
 * and ended, what was chosen and where a result came from. Folded from the log by the engine itself, so that no rule is told twice.
 *
 *   C1. Every scope that was entered is there, with all steps of its region; those that did not begin have no times.
 *   C2. What was redriven begins anew: what is recorded is the run's last life.
 *   C3. An event that the engine cannot play ends the record there, never with an exception.
 */
import { apply, callScopePath, calledStep } from '../../core/index.ts'
import { heir, inherit, newHeritage } from '../../core/engine/image.ts'
import type { Note } from '../../core/engine/note.ts'
import { callUnit, compile } from '../../core/engine/program.ts'
import type { Event, FlowCall, Library, Origin, RunStatus, StepId } from '../../core/engine/protocol.ts'
import { emptyState } from '../../core/engine/state.ts'
import { escapeKey, splitStepId } from '../../core/engine/step-id.ts'
import { type Graph, type Node, type Region, regionsOf } from '../../core/graph/graph.ts'
import { type Role, roleOf } from './role.ts'
import { type Siblings, siblingsIn } from './siblings.ts'

export interface RanStep {
  readonly id: StepId
  /** Among all of the record, from 0. */
  readonly number: number
  /** With names instead of ids. */
  readonly shown: string
  readonly node: Node
  /** In the list of its region. */
  readonly place: number
  readonly role: Role
  readonly scope: RanScope
  /** In the order in which they were entered. */
  readonly inside: RanScope[]
  /** Its own first event, or that of what is inside. */
  startedAtMs: number | undefined
  endedAtMs: number | undefined
  /** How it came to rest; undefined: it has not. */
  how: Extract<Note, { kind: 'rested' }>['how'] | undefined
  attempts: number
  /** Where its result came from, when it needed no attempt. */
  origin: Origin | undefined
  /** Branches chosen in a when, match or any. */
  branches: readonly string[]
  /** Of an each: by the escaped key of an item, its index. */
  keys: Map<string, number> | undefined
}

export interface RanScope {
  /** Prefix of the ids of its steps. */
  readonly path: string
  /** Among all of the record, from 0. */
  readonly number: number
  readonly shown: string
  readonly owner: RanStep | undefined
  /** Of which of its owner's regions it is one; `''` of a flow's call. */
  readonly label: string
  /** Position among its siblings: an item's index, a turn, how often the region was entered before. */
  readonly index: number
  readonly region: Region
  readonly call: FlowCall | undefined
  readonly steps: ReadonlyMap<string, RanStep>
  /** The same, in the order of the region. */
  readonly list: readonly RanStep[]
  /** Number of its first step; the others follow. */
  readonly first: number
  readonly siblings: Siblings
  /** How many of its steps came to rest without a value of their own, cancelled or skipped. */
  withdrawn: number
  readonly enteredAtMs: number
  leftAtMs: number | undefined
  how: 'ended' | 'exited' | undefined
  /** Place among all entrances and exits of the run. */
  readonly entered: number
  left: number | undefined
}

export interface RunRecord {
  readonly graph: Graph
  run: string
  /** '' is the root. */
  scopes: Map<string, RanScope>
  steps: Map<StepId, RanStep>
  startedAtMs: number
  /** Of the last event. */
  lastAtMs: number
  status: RunStatus | 'running'
}

export interface Recording {
  readonly record: RunRecord
  /** The run's next event. The library must hold the region of a workflow that a flow calls before its event comes. */
  add(event: Event): void
}

export function newRecording(graph: Graph, library: Library = new Map()): Recording {
  const program = compile(graph, library)
  const heritage = newHeritage()
  const record: RunRecord = {
    graph,
    run: '',
    scopes: new Map(),
    steps: new Map(),
    startedAtMs: 0,
    lastAtMs: 0,
    status: 'running',
  }
  let state = emptyState(program)
  let isLost = false
  let moments = 0

  function add(event: Event): void {
    if (event.kind === 'run.redriven') {
      state = heir(program, heritage)
      isLost = false
      Object.assign(record, { scopes: new Map(), steps: new Map(), startedAtMs: event.atMs, status: 'running' })
    }
    inherit(heritage, event)
    record.lastAtMs = Math.max(record.lastAtMs, event.atMs)
    if (isLost) return
    const notes: Note[] = []
    const call = 'call' in event ? event.call : undefined
    const region = call && regionOfCall(call)
    try {
      apply(state, event, notes)
    } catch {
      isLost = true
      return
    }
    if (event.kind === 'run.started') Object.assign(record, { run: event.run, startedAtMs: event.atMs })
    if (event.kind === 'run.ended') record.status = event.status
    // A call's scope is noted as entered with the event that makes it: its step is there only after that.
    const rest = call ? notes.filter(note => !isEntrance(note, callScopePath(call))) : notes
    if (call && region) enter(callScopePath(call), event.atMs, { call, region })
    write(event)
    for (const note of rest) follow(note, event.atMs)
  }

  const regionOfCall = (call: FlowCall): Region | undefined =>
    call.target.kind !== 'workflow' || library.has(call.target.region)
      ? callUnit(program, call, call.args.length).region
      : undefined

  /** What the event says of its own step. */
  function write(event: Event): void {
    const step = 'step' in event && event.step !== undefined ? record.steps.get(event.step) : stepOfCall(event)
    if (!step) return
    switch (event.kind) {
      case 'attempt.started':
        step.attempts += 1
        return begin(step, event.atMs)
      case 'step.settled':
        step.origin = event.origin
        return begin(step, event.atMs)
      case 'chosen':
        if (step.node.kind !== 'loop' && step.node.kind !== 'net') step.branches = event.branches ?? [event.branch]
        return begin(step, event.atMs)
      case 'items.added':
        step.keys ??= new Map()
        for (const key of event.keys) step.keys.set(escapeKey(key), step.keys.size)
        return begin(step, event.atMs)
      default:
        return
    }
  }

  const stepOfCall = (event: Event): RanStep | undefined =>
    'call' in event && event.call ? record.steps.get(calledStep(event.call)) : undefined

  function follow(note: Note, atMs: number): void {
    switch (note.kind) {
      case 'entered':
        return enter(note.scope, atMs)
      case 'left': {
        const scope = record.scopes.get(note.scope)
        if (scope) Object.assign(scope, { leftAtMs: atMs, how: note.how, left: moments++ })
        return
      }
      case 'waits': {
        const step = record.steps.get(note.step)
        // A wait begins when it waits; who waits for a lock has not begun.
        if (step?.node.kind === 'wait') begin(step, atMs)
        return
      }
      case 'rested': {
        const step = record.steps.get(note.step)
        if (!step) return
        if (note.how === 'skipped' || note.how === 'cancelled') step.scope.withdrawn += 1
        else begin(step, atMs)
        Object.assign(step, { how: note.how, endedAtMs: atMs })
      }
    }
  }

  function enter(path: string, atMs: number, made: { readonly call?: FlowCall; readonly region?: Region } = {}): void {
    const place = placeOf(path)
    const region = made.region ?? place?.region
    if (!place || !region) return
    const { owner, label } = place
    const steps = new Map<string, RanStep>()
    const list: RanStep[] = []
    const scope: RanScope = {
      path,
      number: record.scopes.size,
      shown: owner ? `${owner.shown}${path.slice(owner.id.length)}` : '',
      owner,
      label,
      index: indexOf(place),
      region,
      call: made.call,
      steps,
      list,
      first: record.steps.size,
      siblings: siblingsIn(region),
      withdrawn: 0,
      enteredAtMs: atMs,
      leftAtMs: undefined,
      how: undefined,
      entered: moments++,
      left: undefined,
    }
    for (const node of region.nodes) {
      const step = newStep(scope, node, { number: scope.first + list.length, place: list.length })
      list.push(step)
      steps.set(node.id, step)
      record.steps.set(step.id, step)
    }
    record.scopes.set(path, scope)
    owner?.inside.push(scope)
    if (owner && label !== 'undo') begin(owner, atMs)
  }

  /** Of an item its index, of a call how many were made before, of others how often the same region was entered before. */
  function indexOf({ owner, mark }: Place): number {
    if (owner?.node.kind === 'each') return owner.keys?.get(mark.slice(1, -1)) ?? 0
    if (owner?.node.kind === 'flow') return owner.inside.length
    return Number(/\[(\d+)\]$/.exec(mark)?.[1] ?? 0)
  }

  interface Place {
    readonly owner: RanStep | undefined
    readonly label: string
    readonly mark: string
    readonly region: Region | undefined
  }

  function placeOf(path: string): Place | undefined {
    if (path === '') return { owner: undefined, label: '', mark: '', region: graph.root }
    const [around, segment] = splitStepId(path.slice(0, -1))
    const outer = record.scopes.get(around)
    return outer && readSegment(outer, segment, scope => regionAgain(scope))
  }

  /** The region that a call that recurs enters again. */
  function regionAgain(step: RanStep): Region | undefined {
    const { node } = step
    if (node.kind !== 'call' || node.recurs === undefined) return undefined
    let scope: RanScope | undefined = step.scope
    for (let up = node.recurs; up > 0; up--) scope = scope?.owner?.scope
    return scope?.region
  }

  function readSegment(
    outer: RanScope,
    segment: string,
    again: (step: RanStep) => Region | undefined,
  ): Place | undefined {
    const whole = outer.steps.get(segment)
    if (whole) return { owner: whole, label: 'body', mark: '', region: again(whole) ?? ownRegion(whole.node, 'body') }
    for (let at = 1; at < segment.length; at++) {
      if (segment[at] !== '.' && segment[at] !== '[') continue
      const owner = outer.steps.get(segment.slice(0, at))
      if (!owner) continue
      const mark = segment.slice(at)
      const text = mark[0] === '.' ? mark.slice(1) : 'body'
      const labels = regionsOf(owner.node).map(([label]) => label)
      const label = owner.node.kind === 'flow' && mark[0] === '[' ? '' : labels.find(each => isLabel(each, text))
      if (label !== undefined) return { owner, label, mark, region: ownRegion(owner.node, label) }
    }
    return undefined
  }

  return { record, add }
}

/** `text`: a label as ids have it, with a turn behind it or without. */
const isLabel = (label: string, text: string): boolean => {
  const escaped = escapeKey(label)
  return text === escaped || (text.startsWith(`${escaped}[`) && text.endsWith(']'))
}

const ownRegion = (node: Node, label: string): Region | undefined =>
  regionsOf(node).find(([each]) => each === label)?.[1]

const isEntrance = (note: Note, path: string): boolean => note.kind === 'entered' && note.scope === path

const newStep = (
  scope: RanScope,
  node: Node,
  { number, place }: { readonly number: number; readonly place: number },
): RanStep => ({
  id: scope.path + node.id,
  number,
  place,
  shown: scope.shown + node.name,
  node,
  role: roleOf(node),
  scope,
  inside: [],
  startedAtMs: undefined,
  endedAtMs: undefined,
  how: undefined,
  attempts: 0,
  origin: undefined,
  branches: [],
  keys: undefined,
})

/** Its scopes have not begun before it, and what holds others begins with the first of them. */
function begin(step: RanStep, atMs: number): void {
  for (let each: RanStep | undefined = step; each && each.startedAtMs === undefined; each = each.scope.owner)
    each.startedAtMs = atMs
}
