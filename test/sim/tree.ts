/**
 * What a graph means, told a second time and as plainly as possible: a tree of scopes and steps as objects, rules that are
 * read from DESIGN.md and docs, and a list of scopes to look at again until nothing changes. No net, no rows, no commands.
 * ./reference.ts drives it with what happened outside.
 */
import type { Fault, RunStatus } from '../../src/core/engine/protocol.ts'
import {
  type Expr,
  handlerLabel,
  type Node,
  type Region,
  type Rest,
  type Retry,
  type Undo,
} from '../../src/core/graph/graph.ts'
import { canonicalJson, type Json } from '../../src/util/json.ts'
import { UNDEFINED } from './behaviour.ts'
import type { TokenGame } from './token-game.ts'
import { applied, at } from './values.ts'

export interface Cause {
  readonly kind: 'failed' | 'cancelled' | 'diverged' | 'timed-out'
  readonly fault: Fault
}

export interface Scope {
  readonly path: string
  readonly region: Region
  /** The step that it is part of; of an undoing there is none, but the scope that is undone. */
  readonly owner: Step | undefined
  readonly undoes: Scope | undefined
  /** Where expressions look up. */
  readonly outer: Scope | undefined
  readonly params: { readonly [name: string]: Json }
  readonly label: string
  /** Position among its siblings. */
  readonly index: number
  /** Closing what is around does not reach it. */
  readonly isShielded: boolean
  readonly steps: readonly Step[]
  state: 'open' | 'closing' | 'left'
  /** Why it closes; of a region that finishes, the first failure. */
  cause: Cause | undefined
  undos: UndoRecord[]
  undoing: Scope | undefined
}

interface UndoRecord {
  readonly step: string
  readonly undo: Undo
  readonly params: { readonly [name: string]: Json }
}

export type Status =
  | 'idle'
  | 'queued'
  | 'waiting'
  | 'running'
  | 'evaluating'
  | 'sleeping'
  | 'spawned'
  | 'backing off'
  | 'parked'
  | 'draining'
  | 'lingering'
  | 'passed'
  | 'failed'
  | 'cancelled'
  | 'skipped'

export interface Step {
  readonly id: string
  readonly node: Node
  readonly scope: Scope
  status: Status
  /** What fails while it lingers has passed all the same. */
  hasPassed: boolean
  value: Json
  /** A milestone that was entered and in which nothing has begun. */
  isUnbegun: boolean
  /** The event with which it began to wait for what it waits for. */
  since: number
  attempt: number
  /** By retry rule. */
  failures: number[]
  losses: number
  /** Not before this the next attempt, or the next try of a body, begins. */
  retryAtMs: Span
  wakeAtMs: number | undefined
  deadlineAtMs: number | undefined
  stop: Stop | undefined
  scopes: Scope[]
  join: Join | undefined
  loop: { turn: number; state: Json } | undefined
  tries: Tries | undefined
  net: FreeNet | undefined
  calls: Map<string, Call>
  /** Of a flow that waits for its calls. */
  end:
    | { readonly kind: 'value'; readonly value: Json }
    | { readonly kind: 'cause'; readonly cause: Cause | undefined }
    | undefined
}

/** An instant that hangs on a jitter is only known to lie in a span. */
export interface Span {
  readonly least: number
  readonly most: number
}

type Stop =
  | { readonly kind: 'stopped'; readonly fault: Fault; readonly cause: 'cancelled' | 'timed-out' }
  | { readonly kind: 'withdrawn'; readonly dependents: 'skip' | 'run' }

interface Join {
  readonly keys: string[]
  readonly items: Json[]
  readonly results: Json[]
  readonly faults: Fault[]
  next: number
  passed: number
  failed: number
  /** Items whose keys are not known yet. */
  readonly coming: Json[]
  winner: string
  phase: 'joining' | 'decided' | 'failing'
  value: Json
  cause: Cause | undefined
}

interface Tries {
  turn: number
  part: 'body' | 'catch' | 'finally'
  caught: Fault | undefined
  end: { readonly kind: 'value'; readonly value: Json } | { readonly kind: 'cause'; readonly cause: Cause }
}

interface FreeNet {
  readonly tokens: Map<string, number>
  readonly fired: Map<string, number>
  readonly outputs: { [transition: string]: Json }
  asking: boolean
  /** Something has changed since it was asked. */
  stale: boolean
  cause: Cause | undefined
}

interface Call {
  /** Undefined while it runs. */
  answer: { readonly kind: 'value'; readonly value: Json } | { readonly kind: 'none' } | undefined
}

export class Tree {
  readonly scopes = new Map<string, Scope>()
  /** How the root was left. */
  left: { readonly status: RunStatus; readonly value: Json | undefined; readonly fault: Fault | undefined } | undefined
  /** Of the event that is being followed. */
  protected nowMs = 0
  protected tick = 0
  protected readonly holders = new Map<string, Step>()
  /** What followed from the last event, as the engine notes it. */
  readonly notes: string[] = []
  readonly #opened = new Map<string, number>()
  readonly #changed: Scope[] = []
  readonly #looked = new Set<Scope>()
  readonly #game: TokenGame

  constructor(game: TokenGame) {
    this.#game = game
  }

  protected enter(region: Region, way: Pick<Scope, 'path' | 'owner' | 'outer' | 'params'> & Partial<Scope>): Scope {
    const steps: Step[] = []
    const scope: Scope = {
      undoes: undefined,
      label: '',
      index: 0,
      isShielded: false,
      ...way,
      region,
      steps,
      state: 'open',
      cause: undefined,
      undos: [],
      undoing: undefined,
    }
    for (const node of region.nodes) steps.push(newStep(scope, node))
    if (this.scopes.has(scope.path)) throw new Error(`two scopes have the path ${scope.path}`)
    this.scopes.set(scope.path, scope)
    scope.owner?.scopes.push(scope)
    this.notes.push(`entered ${scope.path}`)
    this.#game.enter(scope)
    this.#changed.push(scope)
    return scope
  }

  /** Nothing has begun. */
  protected clear(): void {
    this.scopes.clear()
    this.holders.clear()
    this.#opened.clear()
    this.left = undefined
  }

  /** Whether a step was open before the event that was followed last. */
  wasOpen(id: string): boolean {
    return (this.#opened.get(id) ?? this.tick) < this.tick
  }

  /** Whether the scope of a step is open. */
  isAround(id: string): boolean {
    return this.scopes.get(id.slice(0, id.lastIndexOf('/') + 1))?.state === 'open'
  }

  /** Looks at what has changed until nothing does. */
  protected settle(): void {
    for (let scope = this.#changed.shift(); scope; scope = this.#changed.shift()) {
      if (scope.state === 'open') this.#lookAtOpen(scope)
      if (scope.state === 'closing') this.#lookAtClosing(scope)
      if (scope.state === 'open') this.#looked.add(scope)
    }
    for (const scope of this.#looked) if (scope.state === 'open') this.#game.checkTold(scope)
    this.#looked.clear()
  }

  #lookAtOpen(scope: Scope): void {
    for (const step of scope.steps) {
      if (scope.state !== 'open' || step.status !== 'idle') continue
      const before = waitsFor(step.node).map(id => stepIn(scope, id))
      if (!before.every(each => isResolved(each))) continue
      if (before.some(({ status, hasPassed }) => !hasPassed && (status === 'failed' || status === 'skipped')))
        this.#skip(step)
      else this.#open(step)
      this.#changed.push(scope)
    }
    if (scope.state !== 'open' || !scope.steps.every(step => isResolved(step) && step.status !== 'lingering')) return
    if (scope.cause) {
      scope.state = 'closing'
      this.#game.leave(scope, 'failed')
      return
    }
    this.#game.leave(scope, 'ended')
    this.#end(scope, this.evaluate(scope.region.result, scope))
  }

  #lookAtClosing(scope: Scope): void {
    if (scope.undoing || scope.steps.some(isLive)) return
    const cause = scope.cause!
    const record = cause.kind === 'diverged' ? undefined : scope.undos.pop()
    if (record) {
      const { step, undo, params } = record
      const way = { path: `${step}.undo/`, owner: undefined, undoes: scope, outer: undefined, params, isShielded: true }
      scope.undoing = this.enter(undo.body, way)
      return
    }
    this.notes.push(`left ${scope.path} exited`)
    this.#remove(scope)
    if (scope.undoes) return this.#undone(scope.undoes, cause)
    if (!scope.owner) {
      this.left = { status: cause.kind, value: undefined, fault: cause.fault }
      return
    }
    this.#childLeft(scope.owner, scope, cause)
  }

  #end(scope: Scope, value: Json): void {
    this.notes.push(`left ${scope.path} ended`)
    this.#remove(scope)
    if (scope.undoes) return this.#undone(scope.undoes, undefined)
    if (!scope.owner) {
      this.left = { status: 'succeeded', value, fault: undefined }
      return
    }
    scope.owner.scope.undos.push(...scope.undos)
    this.#childEnded(scope.owner, scope, value)
  }

  #remove(scope: Scope): void {
    scope.state = 'left'
    this.scopes.delete(scope.path)
    if (scope.owner) scope.owner.scopes = scope.owner.scopes.filter(each => each !== scope)
  }

  #undone(scope: Scope, cause: Cause | undefined): void {
    scope.undoing = undefined
    const { kind, fault } = scope.cause!
    if (cause) scope.cause = { kind, fault: { ...fault, causes: [...(fault.causes ?? []), cause.fault] } }
    this.#changed.push(scope)
  }

  // --- a step opens

  #skip(step: Step): void {
    step.status = 'skipped'
    step.value = UNDEFINED
    this.#note(step, 'skipped')
    this.#game.fired(step, 'skip')
    this.#neverBegins(step)
  }

  #open(step: Step): void {
    this.#game.fired(step, 'open')
    const { node } = step
    step.since = this.tick
    this.#opened.set(step.id, this.tick)
    if (step.stop) {
      this.#endWithout(step, undefined)
      return this.#neverBegins(step)
    }
    const limit = node.policy.deadlineMs ?? (node.kind === 'wait' ? node.policy.timeoutMs : undefined)
    if (limit !== undefined) step.deadlineAtMs = this.nowMs + limit
    const isGated = node.kind === 'scope' && node.until !== undefined
    if (node.kind === 'cancel' || isGated || this.#locksOf(step).length > 0) step.status = 'queued'
    else this.begin(step)
    if (isGated && this.#locksOf(step).length === 0 && this.#isPast(step)) this.#passOver(step)
  }

  /** Whether the sibling that ends this milestone has begun. */
  #isPast({ node, scope }: Step): boolean {
    return node.kind === 'scope' && node.until !== undefined && hasBegun(stepIn(scope, node.until))
  }

  /** A step has begun: milestones that end with it and have not been entered are passed over, and unbegun ones left. */
  protected begun({ node, scope, attempt }: Step): void {
    if (attempt > 0) this.#stir(scope)
    for (const step of scope.steps) {
      if (step.node.kind !== 'scope' || step.node.until !== node.id || !this.#isPast(step)) continue
      if (step.status === 'queued') this.#passOver(step)
      else if (step.status === 'spawned' && step.isUnbegun && !step.stop)
        this.stop(step, { kind: 'withdrawn', dependents: 'run' })
    }
  }

  /** Milestones that would end with it are past, unless they wait for a lock as well: then they are looked at later. */
  #neverBegins({ node, scope }: Step): void {
    for (const step of scope.steps) {
      if (step.node.kind !== 'scope' || step.node.until !== node.id || step.status !== 'queued') continue
      if (this.#locksOf(step).length === 0) this.#passOver(step)
    }
  }

  /** A milestone whose time is over; those that would end with it are past as well. */
  #passOver(step: Step): void {
    this.pass(step, UNDEFINED)
    this.#neverBegins(step)
  }

  /** An attempt has begun in here, or work has passed: the milestones around it stay. */
  #stir(scope: Scope): void {
    for (let around: Scope | undefined = scope; around; around = around.owner?.scope ?? around.undoes)
      if (around.owner) around.owner.isUnbegun = false
  }

  /** Its locks are its own, and its gate is open or past. */
  protected granted(step: Step): void {
    this.#take(step)
    if (this.#isPast(step)) this.#passOver(step)
    else this.begin(step)
  }

  protected canBeGranted(step: Step): boolean {
    return step.status === 'queued' && this.#locksOf(step).every(name => !this.holders.has(name))
  }

  /** Its locks are its own now; each was free. */
  #take(step: Step): void {
    for (const name of this.#locksOf(step)) {
      if (this.holders.has(name))
        throw new Error(`the lock ${name} is held twice: by ${this.holders.get(name)!.id} and ${step.id}`)
      this.holders.set(name, step)
    }
  }

  #locksOf({ node, scope }: Step): readonly string[] {
    return (node.policy.locks ?? []).map(({ name, of }) => (of === 'run' ? name : `${scope.path}#${name}`))
  }

  protected begin(step: Step): void {
    this.#act(step)
    this.begun(step)
  }

  #act(step: Step): void {
    const { node, scope } = step
    switch (node.kind) {
      case 'task':
      case 'effect':
      case 'flow':
      case 'source':
      case 'service':
        step.status = 'waiting'
        return
      case 'when':
      case 'match':
      case 'any':
      case 'each':
        step.status = 'evaluating'
        break
      case 'call':
        this.#call(step, node)
        break
      case 'scope':
        this.#spawn(step, node.body, 'body')
        if (node.join === 'detached') this.pass(step, UNDEFINED)
        else step.isUnbegun = node.until !== undefined
        break
      case 'race':
      case 'some':
        this.beginJoin(step, Object.keys(node.arms), [])
        break
      case 'loop':
        step.loop = { turn: 0, state: this.evaluate(node.init, scope) }
        if (node.test === 'while') step.status = 'evaluating'
        else this.turn(step)
        break
      case 'attempt':
        step.tries = { turn: 0, part: 'body', caught: undefined, end: { kind: 'value', value: UNDEFINED } }
        this.#spawn(step, node.body, 'body')
        break
      case 'wait':
        step.since = this.tick
        this.#wait(step, node)
        break
      case 'cancel': {
        const target = stepIn(outward(scope, node.target.up), node.target.node)
        this.stop(target, { kind: 'withdrawn', dependents: node.dependents })
        this.pass(step, UNDEFINED)
        break
      }
      case 'net':
        step.status = 'spawned'
        step.net = {
          tokens: new Map(node.places.map(place => [place, node.start.filter(each => each === place).length])),
          fired: new Map(),
          outputs: {},
          asking: false,
          stale: false,
          cause: undefined,
        }
        this.#play(step)
        break
    }
  }

  #spawn(step: Step, region: Region, label: string, way: Partial<Scope> = {}): void {
    step.status = 'spawned'
    this.enter(region, { path: `${step.id}.${label}/`, owner: step, outer: step.scope, params: {}, label, ...way })
  }

  #call(step: Step, node: Extract<Node, { kind: 'call' }>): void {
    const params = Object.fromEntries(
      Object.entries(node.args).map(([name, arg]) => [name, this.evaluate(arg, step.scope)]),
    )
    const again = node.recurs === undefined ? undefined : outward(step.scope, node.recurs)
    this.#spawn(step, again?.region ?? node.body, '', {
      path: `${step.id}/`,
      params,
      outer: again ? again.outer : step.scope,
    })
  }

  #wait(step: Step, { on }: Extract<Node, { kind: 'wait' }>): void {
    if (on.kind === 'signal') {
      step.status = 'sleeping'
      return
    }
    const duration =
      on.kind === 'timer' && isConstant(on.duration, step.scope) ? this.evaluate(on.duration, step.scope) : undefined
    if (typeof duration === 'number') this.sleep(step, this.nowMs + duration)
    else step.status = 'evaluating'
  }

  protected sleep(step: Step, dueAtMs: number): void {
    step.status = 'sleeping'
    step.wakeAtMs = Math.max(1, dueAtMs)
  }

  protected choose(step: Step, label: string, region: Region, params: { readonly [name: string]: Json } = {}): void {
    this.#spawn(step, region, label, { params })
  }

  // --- a step comes to rest

  protected pass(step: Step, value: Json): void {
    const { scope, node } = step
    step.value = value
    step.hasPassed = true
    if (WORK.has(node.kind)) this.#stir(scope)
    if (node.undo) {
      const captured = Object.entries(node.undo.captures).map(([name, expr]) => [name, this.evaluate(expr, scope)])
      scope.undos.push({ step: step.id, undo: node.undo, params: { value, ...Object.fromEntries(captured) } })
    }
    if (scope.state === 'open') this.#game.fired(step, 'pass')
    step.status = lingers(node) && step.scopes.length > 0 ? 'lingering' : 'passed'
    this.#note(step, step.status === 'lingering' ? 'lingers' : 'passed')
    if (step.status === 'passed') this.#rest(step, 'drain')
    else this.#changed.push(scope)
  }

  #note(step: Step, how: string, fault?: Fault): void {
    this.notes.push(`rested ${step.id} ${how}${fault ? ` by ${shape(fault)}` : ''}`)
  }

  #drain(step: Step): void {
    step.status = 'passed'
    this.#note(step, 'passed')
    this.#rest(step, 'drain')
  }

  protected fail(step: Step, cause: Cause): void {
    const { scope } = step
    const lingered = step.status === 'lingering'
    step.status = 'failed'
    this.#note(step, 'failed', cause.fault)
    if (scope.state === 'open') {
      this.#game.fired(step, lingered ? 'spill' : 'fail')
      if (scope.region.onFailure === 'finish') {
        scope.cause ??= cause
        if (!lingered) step.value = UNDEFINED
      } else this.close(scope, cause)
    }
    this.#rest(step)
  }

  #rest(step: Step, lingering?: 'drain'): void {
    if (lingering && lingers(step.node) && step.scope.state === 'open') this.#game.fired(step, 'drain')
    for (const [name, holder] of this.holders) if (holder === step) this.holders.delete(name)
    step.stop = undefined
    step.deadlineAtMs = undefined
    step.wakeAtMs = undefined
    step.isUnbegun = false
    this.#changed.push(step.scope)
  }

  /** It ends without success: for the reason for which it was stopped, if there is one, else for `cause`. */
  #endWithout(step: Step, cause: Cause | undefined, value: Json = UNDEFINED): void {
    const { scope, stop } = step
    if (scope.state !== 'open') {
      if (cause?.kind === 'failed') return this.fail(step, cause)
      step.status = 'cancelled'
      this.#note(step, 'cancelled')
      return this.#rest(step)
    }
    if (stop?.kind === 'withdrawn') {
      if (step.status === 'lingering') return this.#drain(step)
      step.value = value
      step.status = stop.dependents === 'skip' ? 'skipped' : 'passed'
      this.#note(step, 'skipped')
      this.#game.fired(step, stop.dependents === 'skip' ? 'void' : 'pass')
      return this.#rest(step, stop.dependents === 'skip' ? undefined : 'drain')
    }
    if (stop) return this.fail(step, { kind: 'failed', fault: { ...stop.fault, step: stop.fault.step ?? step.id } })
    this.fail(step, cause ?? { kind: 'failed', fault: { code: 'CANCELLED', message: '', step: step.id } })
  }

  /** What became of a step that had attempts, or needed none. A flow waits for the calls that it leaves behind. */
  protected outcome(step: Step, end: NonNullable<Step['end']>): void {
    if (step.scopes.length === 0) return this.#conclude(step, end)
    step.status = 'draining'
    step.end = end
    const fault = { code: 'FLOW_ENDED', message: '', step: step.id }
    for (const scope of [...step.scopes]) this.close(scope, { kind: 'cancelled', fault })
  }

  #conclude(step: Step, end: NonNullable<Step['end']>): void {
    if (end.kind === 'value') this.pass(step, end.value)
    else
      this.#endWithout(
        step,
        end.cause && { ...end.cause, fault: { ...end.cause.fault, step: end.cause.fault.step ?? step.id } },
      )
  }

  // --- interruption

  protected close(scope: Scope, cause: Cause): void {
    if (scope.state !== 'open') return
    scope.state = 'closing'
    scope.cause = cause
    for (const step of scope.steps) {
      for (const inner of [...step.scopes]) if (!inner.isShielded) this.close(inner, cause)
      this.#halt(step)
    }
    this.#changed.push(scope)
  }

  protected stop(step: Step, stop: Stop): void {
    if (isResolved(step) && step.status !== 'lingering') return
    step.stop = stop
    if (step.status === 'idle') return
    const fault = stop.kind === 'stopped' ? stop.fault : { code: 'CANCELLED', message: '', step: step.id }
    const kind = stop.kind === 'stopped' ? stop.cause : 'cancelled'
    for (const inner of [...step.scopes]) if (!inner.isShielded) this.close(inner, { kind, fault })
    this.#halt(step)
  }

  /** At once when nothing of it runs. */
  #halt(step: Step): void {
    switch (step.status) {
      case 'waiting':
        return this.outcome(step, { kind: 'cause', cause: undefined })
      case 'evaluating':
      case 'queued':
      case 'sleeping':
      case 'parked':
        return this.#endWithout(step, undefined)
      case 'backing off':
        step.tries!.end = {
          kind: 'cause',
          cause: { kind: 'cancelled', fault: { code: 'CANCELLED', message: '', step: step.id } },
        }
        return this.#finally(step)
      case 'spawned':
        if (step.scopes.length === 0) this.#endWithout(step, undefined)
        return
      default:
        return
    }
  }

  #isHalted({ scope, stop }: Step): boolean {
    return scope.state !== 'open' || stop !== undefined
  }

  // --- a scope under a step is left

  #childEnded(step: Step, scope: Scope, value: Json): void {
    if (step.join) return this.#joinOne(step, () => this.#count(step, scope, { kind: 'value', value }))
    switch (step.node.kind) {
      case 'flow':
        return this.#answer(step, scope, { kind: 'value', value })
      case 'attempt':
        if (step.tries!.part === 'finally') return this.#tried(step)
        step.tries!.end = { kind: 'value', value }
        return this.#finally(step)
      case 'loop':
        step.loop!.state = value
        step.loop!.turn += 1
        if (this.#isHalted(step)) return this.#endWithout(step, undefined)
        step.status = 'evaluating'
        return
      case 'net':
        step.net!.outputs[scope.label] = value
        if (step.net!.cause || this.#isHalted(step)) return this.#haltNet(step)
        for (const place of transitionOf(step, scope.label).produces) this.#addToken(step, place, 1)
        return this.#play(step)
      default:
        if (step.status === 'lingering') this.#drain(step)
        else this.pass(step, value)
    }
  }

  #childLeft(step: Step, scope: Scope, cause: Cause): void {
    if (step.join) return this.#joinOne(step, () => this.#count(step, scope, { kind: 'cause', cause }))
    switch (step.node.kind) {
      case 'flow':
        return this.#answer(step, scope, { kind: 'none' })
      case 'attempt':
        return this.#triedInVain(step, step.node, cause)
      case 'net':
        if (!step.net!.cause && !this.#isHalted(step)) {
          step.net!.cause = cause
          for (const other of [...step.scopes]) if (!other.isShielded) this.close(other, cause)
        }
        return this.#haltNet(step)
      default:
        if (step.scope.state !== 'open' && step.status === 'lingering') this.#drain(step)
        else this.#endWithout(step, step.scope.state === 'open' ? cause : undefined)
    }
  }

  #answer(step: Step, scope: Scope, answer: NonNullable<Call['answer']>): void {
    step.calls.get(scope.path)!.answer = answer
    if (step.end && step.scopes.length === 0) this.#conclude(step, step.end)
  }

  // --- attempts with handlers

  #triedInVain(step: Step, node: Extract<Node, { kind: 'attempt' }>, cause: Cause): void {
    const tries = step.tries!
    if (tries.part === 'finally') {
      const before = tries.end.kind === 'cause' ? tries.end.cause.fault : undefined
      return this.#endWithout(step, chained(cause, before))
    }
    if (tries.part === 'body' && cause.kind === 'failed' && !this.#isHalted(step)) {
      const retry = this.retryAfter(step, node.policy.retry, cause.fault)
      if (retry) {
        step.failures[retry.rule] = (step.failures[retry.rule] ?? 0) + 1
        step.status = 'backing off'
        step.retryAtMs = retry.atMs
        return
      }
      const handler = node.handlers.findIndex(({ errors }) => knows(errors, cause.fault))
      if (handler >= 0) {
        tries.part = 'catch'
        tries.caught = cause.fault
        return this.#spawn(step, node.handlers[handler]!.body, handlerLabel(handler), {
          params: { error: faultValue(cause.fault) },
        })
      }
    }
    tries.end = { kind: 'cause', cause: tries.part === 'catch' ? chained(cause, tries.caught) : cause }
    this.#finally(step)
  }

  #finally(step: Step): void {
    const { node } = step
    const tries = step.tries!
    if (node.kind !== 'attempt' || !node.finalizer) return this.#tried(step)
    tries.part = 'finally'
    this.#spawn(step, node.finalizer, 'finally', { isShielded: true })
  }

  #tried(step: Step): void {
    const { end } = step.tries!
    if (end.kind === 'value') this.pass(step, end.value)
    else this.#endWithout(step, end.cause)
  }

  protected tryBody(step: Step): void {
    const tries = step.tries!
    tries.turn += 1
    if (step.node.kind === 'attempt')
      this.#spawn(step, step.node.body, 'body', { path: `${step.id}.body[${tries.turn}]/` })
  }

  /** The rule that counts this failure, and when the next try is. */
  protected retryAfter(
    step: Step,
    rules: readonly Retry[] | undefined,
    fault: Fault,
  ): { readonly rule: number; readonly atMs: Span } | undefined {
    const rule = rules?.findIndex(({ errors }) => !errors || knows(errors, fault)) ?? -1
    const retry = rules?.[rule]
    const before = step.failures[rule] ?? 0
    if (!retry || before >= retry.times) return undefined
    const grown =
      retry.backoff === 'fixed'
        ? retry.delayMs
        : Math.min(retry.delayMsMax, retry.delayMs * (retry.factor ?? 2) ** before)
    const [least, most] = (
      {
        none: [grown, grown],
        full: [0, grown],
        equal: [Math.floor(grown / 2), grown],
        decorrelated: [Math.min(retry.delayMs, retry.delayMsMax), retry.delayMsMax],
      } as const
    )[retry.jitter]
    return { rule, atMs: { least: this.nowMs + least, most: this.nowMs + most } }
  }

  // --- loops

  protected turn(step: Step): void {
    const { node } = step
    const { turn, state } = step.loop!
    if (node.kind !== 'loop') return
    this.#spawn(step, node.body, '', { path: `${step.id}[${turn}]/`, params: { state, turn } })
  }

  // --- joins

  protected beginJoin(step: Step, keys: readonly string[], items: readonly Json[]): void {
    step.status = 'spawned'
    step.join = {
      keys: [...keys],
      items: [...items],
      results: [],
      faults: [],
      next: 0,
      passed: 0,
      failed: 0,
      coming: [],
      winner: '',
      phase: 'joining',
      value: UNDEFINED,
      cause: undefined,
    }
    this.joinMore(step)
  }

  /** Begins what may begin, and looks whether the join is over. */
  protected joinMore(step: Step): void {
    this.#joinOne(step, () => {})
  }

  #joinOne(step: Step, count: () => void): void {
    const join = step.join!
    if (join.phase === 'joining' && this.#isHalted(step)) {
      join.phase = 'failing'
      join.cause = undefined
    }
    count()
    if (join.phase === 'joining') this.#decideJoin(step)
    if (join.phase === 'joining') this.#beginMore(step)
    if (step.scopes.length > 0) {
      if (join.phase === 'decided' && restOf(step.node) === 'detach' && step.status === 'spawned')
        this.pass(step, join.value)
    } else if (join.phase === 'failing') this.#endWithout(step, join.cause, this.#joinValue(step))
    else if (join.phase === 'decided') {
      if (step.status === 'lingering') this.#drain(step)
      else this.pass(step, join.value)
    }
  }

  #count(
    step: Step,
    scope: Scope,
    result: { readonly kind: 'value'; readonly value: Json } | { readonly kind: 'cause'; readonly cause: Cause },
  ): void {
    const join = step.join!
    if (join.phase !== 'joining') return
    if (result.kind === 'value') {
      if (join.passed === 0) join.winner = join.keys[scope.index]!
      join.passed += 1
      join.results[scope.index] = result.value
    } else {
      join.failed += 1
      join.faults.push(result.cause.fault)
      join.cause ??= result.cause
    }
  }

  #beginMore(step: Step): void {
    const { node, scope } = step
    const join = step.join!
    const limit = (node.kind === 'each' && node.concurrency) || Number.POSITIVE_INFINITY
    while (join.next < join.keys.length && step.scopes.length < limit) {
      const index = join.next++
      const key = join.keys[index]!
      if (node.kind === 'each') {
        const [item, position] = node.body.params
        const params = { ...(item ? { [item]: join.items[index]! } : {}), ...(position ? { [position]: index } : {}) }
        this.enter(node.body, { path: `${step.id}[${escaped(key)}]/`, owner: step, outer: scope, params, index })
      } else this.enter(armOf(node, key), { path: `${step.id}.${key}/`, owner: step, outer: scope, params: {}, index })
    }
  }

  #decideJoin(step: Step): void {
    const { node } = step
    const join = step.join!
    const total = join.keys.length + join.coming.length
    const { needs, bears } = demands(node, total)
    if (join.failed > bears) {
      join.phase = 'failing'
      const isOwn = node.kind === 'any' || (node.kind === 'each' && !node.tolerate && !node.until)
      if (!isOwn)
        join.cause = {
          kind: 'failed',
          fault: { code: JOIN_CODES[node.kind]!, message: '', step: step.id, causes: join.faults.slice() },
        }
      for (const other of [...step.scopes]) if (!other.isShielded) this.close(other, join.cause!)
    } else if (join.passed >= needs) {
      join.phase = 'decided'
      join.value = this.#joinValue(step)
      const cause: Cause = { kind: 'cancelled', fault: { code: 'CANCELLED', message: '', step: step.id } }
      if (restOf(node) === 'cancel')
        for (const other of [...step.scopes]) if (!other.isShielded) this.close(other, cause)
    } else if (join.passed + join.failed === total) {
      join.phase = 'decided'
      join.value = this.#joinValue(step)
    }
  }

  #joinValue({ node, join }: Step): Json {
    const { keys, results, winner } = join!
    const result = (key: string): Json => results[keys.indexOf(key)] ?? UNDEFINED
    switch (node.kind) {
      case 'each':
        return keys.map((_, index) => results[index] ?? UNDEFINED)
      case 'race':
        return { won: winner, value: result(winner) }
      case 'some':
        return Object.fromEntries(Object.keys(node.arms).map(label => [label, result(label)]))
      case 'any': {
        const labels = [...Object.keys(node.arms), ...(node.otherwise ? ['otherwise'] : [])]
        return Object.fromEntries(labels.map(label => [label, result(label)]))
      }
      default:
        return UNDEFINED
    }
  }

  // --- free nets

  #addToken(step: Step, place: string, count: number): void {
    const { tokens } = step.net!
    tokens.set(place, (tokens.get(place) ?? 0) + count)
  }

  protected enabled(step: Step): readonly string[] {
    if (step.node.kind !== 'net') return []
    return step.node.transitions
      .filter(({ consumes }) =>
        consumes.every(place => (step.net!.tokens.get(place) ?? 0) >= consumes.filter(each => each === place).length),
      )
      .map(({ id }) => id)
  }

  protected fireTransition(step: Step, id: string): void {
    const net = step.net!
    const { consumes, body } = transitionOf(step, id)
    for (const place of consumes) this.#addToken(step, place, -1)
    const turn = net.fired.get(id) ?? 0
    net.fired.set(id, turn + 1)
    const path = turn === 0 ? `${step.id}.${id}/` : `${step.id}.${id}[${turn}]/`
    this.#spawn(step, body, id, { path, params: { ...net.outputs } })
  }

  /** What is free of choice fires; what is not is asked about; when nothing can go on, it ends. */
  #play(step: Step): void {
    const { node } = step
    const net = step.net!
    if (node.kind !== 'net') return
    const isFree = (id: string): boolean => {
      const { guard, consumes } = transitionOf(step, id)
      return (
        !guard &&
        !node.transitions.some(other => other.id !== id && other.consumes.some(place => consumes.includes(place)))
      )
    }
    for (let free = this.enabled(step).find(isFree); free; free = this.enabled(step).find(isFree))
      this.fireTransition(step, free)
    if (this.enabled(step).length === 0) return this.#endNet(step)
    net.stale = net.asking
    net.asking = true
  }

  protected playNet(step: Step): void {
    step.net!.asking = false
    this.#play(step)
  }

  /** None of the guards holds: it waits for what still runs. */
  protected noneHolds(step: Step): void {
    step.net!.asking = false
    if (step.net!.stale) this.#play(step)
    else this.#endNet(step)
  }

  #endNet(step: Step): void {
    const { node } = step
    const net = step.net!
    if (node.kind !== 'net' || step.scopes.length > 0 || net.asking) return
    const value = Object.fromEntries(node.transitions.map(({ id }) => [id, net.outputs[id] ?? UNDEFINED]))
    if ((net.tokens.get(node.end) ?? 0) > 0) this.pass(step, value)
    else this.fail(step, { kind: 'failed', fault: { code: 'NET_STUCK', message: '', step: step.id } })
  }

  #haltNet(step: Step): void {
    if (step.scopes.length === 0) this.#endWithout(step, step.net!.cause)
  }

  // --- values

  evaluate(expr: Expr, scope: Scope): Json {
    switch (expr.kind) {
      case 'literal':
        return expr.value
      case 'node':
        return at(stepIn(outward(scope, expr.up), expr.node).value, expr.path)
      case 'param':
        return at(own(outward(scope, expr.up).params, expr.param), expr.path)
      case 'record':
        return Object.fromEntries(
          Object.entries(expr.fields).map(([name, field]) => [name, this.evaluate(field, scope)]),
        )
      case 'list':
        return expr.items.map(item => this.evaluate(item, scope))
      case 'apply':
        return at(applied(expr.args.map(arg => this.evaluate(arg, scope))), expr.path)
      case 'resource':
        return expr.resource as unknown as Json
    }
  }

  /** As seen from inside a region of the step's that is not entered yet. */
  protected evaluateInside(expr: Expr, step: Step, params: { readonly [name: string]: Json }): Json {
    const inside = { region: { params: [], nodes: [], result: expr }, params, outer: step.scope, steps: [] }
    return this.evaluate(expr, inside as unknown as Scope)
  }
}

const JOIN_CODES: { readonly [kind: string]: string } = {
  race: 'RACE_FAILED',
  some: 'SOME_FAILED',
  each: 'TOLERANCE_EXCEEDED',
}

/** What does something itself, and is no mere order of other steps. */
const WORK: ReadonlySet<Node['kind']> = new Set(['task', 'effect', 'flow', 'source', 'wait', 'cancel'])

const newStep = (scope: Scope, node: Node): Step => ({
  id: scope.path + node.id,
  node,
  scope,
  status: 'idle',
  hasPassed: false,
  isUnbegun: false,
  value: UNDEFINED,
  since: 0,
  attempt: 0,
  failures: [],
  losses: 0,
  retryAtMs: { least: 0, most: 0 },
  wakeAtMs: undefined,
  deadlineAtMs: undefined,
  stop: undefined,
  scopes: [],
  join: undefined,
  loop: undefined,
  tries: undefined,
  net: undefined,
  calls: new Map(),
  end: undefined,
})

const own = (record: { readonly [name: string]: Json }, name: string): Json =>
  Object.hasOwn(record, name) ? record[name]! : UNDEFINED

export function stepIn(scope: Scope, id: string): Step {
  const found = scope.steps.find(step => step.node.id === id)
  if (!found) throw new Error(`no step ${id} in the scope ${scope.path}`)
  return found
}

const outward = (scope: Scope, up: number): Scope => (up === 0 ? scope : outward(scope.outer!, up - 1))

/** What depends on it need not wait any more. */
const isResolved = ({ status }: Step): boolean =>
  status === 'passed' || status === 'lingering' || status === 'failed' || status === 'skipped' || status === 'cancelled'

export const isLive = (step: Step): boolean =>
  step.status === 'lingering' || (step.status !== 'idle' && !isResolved(step))

/** An attempt of it, or the step itself where it has none. What will never come is past, too. */
function hasBegun({ status, attempt }: Step): boolean {
  if (status === 'waiting') return attempt > 0
  return status !== 'idle' && status !== 'queued'
}

export const knows = (errors: readonly string[], { code, types = [] }: Fault): boolean =>
  errors.length === 0 || errors.includes(code) || types.some(type => errors.includes(type))

const chained = (cause: Cause, earlier: Fault | undefined): Cause =>
  earlier ? { ...cause, fault: { ...cause.fault, causes: [...(cause.fault.causes ?? []), earlier] } } : cause

/** An error as a handler sees it; messages are free text. */
function faultValue({ code, message, step, types = [], causes = [] }: Fault): Json {
  return { code, message, step: step ?? UNDEFINED, types: [...types], causes: causes.map(faultValue), error: UNDEFINED }
}

function lingers(node: Node): boolean {
  if (node.kind === 'scope') return node.join === 'detached'
  return restOf(node) === 'detach'
}

function restOf(node: Node): Rest | undefined {
  if (node.kind === 'race') return 'cancel'
  if (node.kind === 'some') return node.rest
  return node.kind === 'each' ? node.until?.rest : undefined
}

/** How many successes decide a join, and how many failures it bears. */
function demands(node: Node, total: number): { readonly needs: number; readonly bears: number } {
  switch (node.kind) {
    case 'race':
      return { needs: 1, bears: total - 1 }
    case 'some':
      return { needs: node.count, bears: total - node.count }
    case 'each': {
      const { tolerate } = node
      const tolerated = tolerate ? ('count' in tolerate ? tolerate.count : Math.floor(tolerate.share * total)) : 0
      if (!node.until) return { needs: Number.POSITIVE_INFINITY, bears: tolerated }
      return { needs: node.until.count, bears: Math.max(tolerated, total - node.until.count) }
    }
    default:
      return { needs: Number.POSITIVE_INFINITY, bears: 0 }
  }
}

function armOf(node: Node, label: string): Region {
  if (node.kind === 'race' || node.kind === 'some') return node.arms[label]!
  if (node.kind === 'any') return label === 'otherwise' && node.otherwise ? node.otherwise : node.arms[label]!.body
  throw new Error(`a ${node.kind} has no arms`)
}

function transitionOf(step: Step, id: string) {
  const found = step.node.kind === 'net' ? step.node.transitions.find(each => each.id === id) : undefined
  if (!found) throw new Error(`no transition ${id}`)
  return found
}

/** A literal, or what a caller gave as one. */
const isConstant = (expr: Expr, { params }: Scope): boolean =>
  expr.kind === 'literal' ||
  (expr.kind === 'param' && expr.up === 0 && expr.path.length === 0 && typeof own(params, expr.param) === 'number')

/** What of a fault must agree: messages are free text. */
export const shape = (fault: Fault | undefined): string => (fault ? canonicalJson(shapeOf(fault)) : 'nothing')
const shapeOf = ({ code, step, causes = [] }: Fault): Json => ({ code, step: step ?? '', causes: causes.map(shapeOf) })

export const escaped = (key: string): string =>
  key.replace(/[%/[\]]/g, mark => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)

interface Mention {
  readonly node: string
  readonly up: number
}

const mentioned = new WeakMap<Node, readonly Mention[]>()

/** The siblings that a node names, itself or from inside its regions. (What undoes it may name itself, whose value is there by then.) */
const waitsFor = (node: Node): readonly string[] => [
  ...node.after,
  ...mentions(node).flatMap(({ node: id, up }) => (up === 0 && id !== node.id ? [id] : [])),
]

/** Whatever looks like a mention of a step, anywhere in the node; `up` as seen from where the node stands. */
function mentions(node: Node): readonly Mention[] {
  const known = mentioned.get(node)
  if (known) return known
  const found: Mention[] = []
  const visit = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null) return
    const fields = value as {
      readonly kind?: string
      readonly node?: string
      readonly up?: number
      readonly nodes?: readonly Node[]
    }
    if (fields.kind === 'node' && fields.node !== undefined && fields.up !== undefined) {
      if (fields.up >= depth) found.push({ node: fields.node, up: fields.up - depth })
      return
    }
    if (isRegion(value)) {
      for (const inner of (value as Region).nodes)
        for (const each of mentions(inner))
          if (each.up > depth) found.push({ node: each.node, up: each.up - depth - 1 })
      return visit((value as Region).result, depth + 1)
    }
    for (const [name, inner] of Object.entries(value)) visit(inner, depth + (isInside(fields.kind, name) ? 1 : 0))
  }
  visit(node, 0)
  mentioned.set(node, found)
  return found
}

/** Expressions that look from inside a region. */
const isInside = (kind: string | undefined, field: string): boolean =>
  (kind === 'each' && field === 'key') || (kind === 'loop' && field === 'condition') || field === 'guard'

const isRegion = (value: object): boolean => 'nodes' in value && 'params' in value
