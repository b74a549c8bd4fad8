/**
 * The reference interpreter: told what came from outside, in the order of the log, it says what must follow from it. It
 * shares no line with the engine; what the engine says beyond it is a disagreement, and so is what it leaves out.
 */
import type { Bound, Event, FlowCall, Input, Outcome } from '../../src/core/engine/protocol.ts'
import { type Graph, type Node, type Region, regionsOf } from '../../src/core/graph/graph.ts'
import { canonicalJson, type Json } from '../../src/util/json.ts'
import {
  type Behaviour,
  branchOf,
  goesOn,
  guardHolds,
  itemsOf,
  keyOf,
  matchLabels,
  resultOf,
  scriptOf,
  takes,
  UNDEFINED,
} from './behaviour.ts'
import type { TokenGame } from './token-game.ts'
import { escaped, type Scope, shape, type Step, Tree } from './tree.ts'
import { evaluated } from './values.ts'
import type { Entry } from './world.ts'

/** As LOST_ATTEMPTS_MAX and LOOP_TURNS_MAX of the engine, told again. */
const LOST_MAX = 10
const TURNS_MAX = 100_000

type InputOf<K extends Input['kind']> = Extract<Input, { kind: K }>
type EventOf<K extends Event['kind']> = Extract<Event, { kind: K }>

/** What must come of an input. */
type Expected =
  /** An event with (at least) these fields. */
  | (Partial<Event> & { readonly kind: Event['kind'] })
  /** It is accepted, and nothing happens. */
  | 'nothing'
  | { readonly refusal: string | undefined }
  /** Which of these, the reference cannot know. */
  | { readonly either: readonly Expected[] }

const REFUSED: Expected = { refusal: undefined }

/** `about`: what it is about, the same for all graphs. */
export class Disagreement extends Error {
  readonly about: string
  constructor(
    message: string,
    about = message.replace(/[\w.[\]/%'#]*\bn\d+\b[\w.[\]/%'#]*|\{.*|\d+/g, '#').slice(0, 60),
  ) {
    super(message)
    this.about = about
  }
}

export class Reference extends Tree {
  readonly #behaviour: Behaviour
  readonly #early: ReadonlyMap<string, 'kept' | 'transient'>
  readonly #graph: Graph
  #phase: 'new' | 'running' | 'ending' | 'ended' = 'new'
  #runDeadlineAtMs: number | undefined
  #args: Scope['params'] = {}
  readonly #kept = new Map<string, Json[]>()
  readonly #signalIds = new Set<string>()
  /** While it is told what a run of another graph was told. */
  #isForeign = false
  /** Attempts that began then: what they give may be made of arguments that are not this graph's. */
  readonly #foreign = new Set<string>()

  constructor(graph: Graph, behaviour: Behaviour, game: TokenGame) {
    super(game)
    this.#graph = graph
    this.#behaviour = behaviour
    this.#early = earlySignals([graph.root, ...behaviour.library.values()])
  }

  /** Compares what came of an input with what must. */
  compare({ input, events, torn, refused }: Entry): void {
    this.nowMs = input.atMs
    const expected = this.#expect(input)
    if (!isMet(expected, events, refused, torn))
      throw new Disagreement(
        `${show(input)} should bring ${show(expected)}, and brought ${refused ?? (events.map(show).join(' and ') || 'nothing')}`,
        `${input.kind}: ${kindOf(expected)}, not ${refused ?? events.map(({ kind }) => kind).join(' and ')}`,
      )
  }

  /**
   * As `compare`, of what a run of another graph was told. Whether it can have happened here is asked; what was chosen,
   * counted, keyed or given then, and whether a failure was the last one, is believed.
   */
  compareForeign(entry: Entry): void {
    this.#isForeign = true
    try {
      this.compare(open(entry))
      for (const event of entry.events)
        if (event.kind === 'attempt.started') this.#foreign.add(`${event.step} ${event.attempt}`)
    } finally {
      this.#isForeign = false
    }
  }

  /** A run that has ended: when it begins anew, nothing of its earlier lives is left but its arguments. */
  inherit(args: { readonly [param: string]: Bound }): void {
    this.#args = valuesOf(args)
    this.#phase = 'ended'
  }

  /** Of a step that is there. */
  nodeOf(id: string): Node | undefined {
    return this.#find(id)?.node
  }

  /** Whether a timer of it hangs on chance, so that its instant is only known to lie in a span. */
  isDueByChance(id: string): boolean {
    const step = this.#find(id)
    return step?.status === 'backing off' && step.retryAtMs.least < step.retryAtMs.most
  }

  get isOver(): boolean {
    return this.#phase === 'ended'
  }

  /** What a process that takes over must be asked for, a line each, sorted. */
  owed(): readonly string[] {
    if (this.#phase !== 'running') return this.#phase === 'ending' ? ['result'] : []
    const steps = [...this.scopes.values()].flatMap(scope => scope.steps.flatMap(step => this.#owedBy(step)))
    return [
      ...steps,
      ...(this.#runDeadlineAtMs === undefined ? [] : [`timer  deadline ${this.#runDeadlineAtMs}`]),
    ].sort()
  }

  #owedBy(step: Step): readonly string[] {
    const { id, status, node, scope } = step
    const stops = scope.state !== 'open' || step.stop !== undefined
    const signal = signalOf(node)
    const takes = signal !== undefined && isTaking(step, signal)
    const asks = (step.join?.coming.length ?? 0) > 0 || step.net?.asking === true
    const evaluates = status === 'evaluating' || (status === 'spawned' && asks)
    return [
      ...(step.deadlineAtMs !== undefined && status !== 'idle' && !stops
        ? [`timer ${id} deadline ${step.deadlineAtMs}`]
        : []),
      ...(status === 'sleeping' && !takes ? [`timer ${id} wake ${step.wakeAtMs}`] : []),
      ...(status === 'backing off' ? [`timer ${id} retry`] : []),
      ...(status === 'waiting' ? [`start ${id}`] : []),
      ...(status === 'running' ? [`${stops ? 'stop' : 'supersede'} ${id} ${step.attempt}`] : []),
      ...(evaluates ? [`evaluate ${id}`] : []),
      ...(takes ? [`signal ${id}`] : []),
      ...(this.canBeGranted(step) || (takes && (this.#kept.get(signal)?.length ?? 0) > 0) ? [`grant ${id}`] : []),
    ]
  }

  #find(id: string): Step | undefined {
    const end = id.lastIndexOf('/') + 1
    return this.scopes.get(id.slice(0, end))?.steps.find(step => step.id === id)
  }

  #must(id: string): Step {
    const step = this.#find(id)
    if (!step) throw new Disagreement(`there is no step ${id}`)
    return step
  }

  // --- what must come of an input

  #expect(input: Input): Expected {
    switch (input.kind) {
      case 'run.requested':
        return this.#phase === 'new' ? { kind: 'run.started' } : REFUSED
      case 'redrive.requested':
        return this.#phase === 'ended' ? { kind: 'run.redriven' } : REFUSED
      case 'result.evaluated':
        return this.#expectEnd(input)
      case 'move.requested':
        return this.#phase === 'running' || this.#phase === 'ending' ? { kind: 'run.moved' } : { refusal: 'RUN_ENDED' }
      default:
        return this.#phase === 'running' ? this.#expectRunning(input) : { refusal: 'RUN_ENDED' }
    }
  }

  #expectEnd(input: InputOf<'result.evaluated'>): Expected {
    if (this.#phase !== 'ending' || !this.left) return REFUSED
    const { status, value, fault } = this.left
    const output = value === undefined ? undefined : canonicalJson(value)
    if (input.output?.inline !== output)
      throw new Disagreement(`the run gives ${input.output?.inline}, and should give ${output}`)
    if (shape(input.fault) !== shape(fault))
      throw new Disagreement(`the run ends by ${shape(input.fault)}, and should by ${shape(fault)}`)
    return { kind: 'run.ended', status }
  }

  #expectRunning(
    input: Exclude<Input, { kind: 'run.requested' | 'redrive.requested' | 'result.evaluated' | 'move.requested' }>,
  ): Expected {
    switch (input.kind) {
      case 'cancel.requested':
        return this.#expectCancel(input)
      case 'flow.diverged':
        return this.scopes.get('')?.state === 'open' ? { kind: 'scope.closed' } : 'nothing'
      case 'call.granted':
      case 'call.known':
      case 'call.made':
        return this.#expectCall(input)
      case 'signal.sent':
        return this.#expectSignal(input)
      case 'timer.fired':
        return this.#expectTimer(input)
      default: {
        const step = this.#find(input.step)
        return step ? this.#expectStep(step, input) : { refusal: 'UNKNOWN_STEP' }
      }
    }
  }

  #expectCancel({ step: id, scope }: InputOf<'cancel.requested'>): Expected {
    if (id === undefined)
      return this.scopes.get(scope ?? '')?.state === 'open' ? { kind: 'scope.closed', scope: scope ?? '' } : 'nothing'
    const step = this.#find(id)
    if (!step) return REFUSED
    return step.scope.state === 'open' && !step.stop && !isOver(step) ? { kind: 'step.stopped', step: id } : 'nothing'
  }

  #expectCall({ kind, call }: InputOf<'call.granted' | 'call.known' | 'call.made'>): Expected {
    const flow = this.#find(call.flow)
    if (flow?.node.kind !== 'flow' || flow.status !== 'running' || flow.scope.state !== 'open' || flow.stop)
      return REFUSED
    if (flow.calls.has(callPath(call))) return { refusal: 'CALL_EXISTS' }
    if (kind === 'call.made') return { kind: 'call.added' }
    return { kind: kind === 'call.known' ? 'step.settled' : 'attempt.started', step: `${callPath(call)}step` }
  }

  #expectSignal({ signal, id, step: only }: InputOf<'signal.sent'>): Expected {
    if (id !== undefined && this.#signalIds.has(id)) return { refusal: 'SIGNAL_REPEATED' }
    if (only !== undefined) {
      const step = this.#find(only)
      return step && isTaking(step, signal) ? { kind: 'signal.received', step: only } : REFUSED
    }
    const takers = this.#takers(signal)
    if (takers.length > 0) {
      // What began to wait with one event has waited equally long.
      const since = Math.min(...takers.map(step => step.since))
      return {
        either: takers.filter(step => step.since === since).map(step => ({ kind: 'signal.received', step: step.id })),
      }
    }
    const early = this.#early.get(signal) ?? this.#early.get('*')
    if (early === 'kept') return { kind: 'signal.received', step: undefined }
    return { refusal: early === 'transient' ? 'SIGNAL_LOST' : 'SIGNAL_UNKNOWN' }
  }

  #takers(signal: string): readonly Step[] {
    return [...this.scopes.values()].flatMap(scope => scope.steps.filter(step => isTaking(step, signal)))
  }

  #expectTimer({ step: id, timer, atMs }: InputOf<'timer.fired'>): Expected {
    const accepted = { kind: 'timer.fired', step: id, timer } as const
    const early = { refusal: 'NOT_DUE' }
    const fires = (dueAtMs: number | undefined): Expected =>
      dueAtMs === undefined ? REFUSED : atMs >= dueAtMs ? accepted : early
    if (id === '') return fires(this.scopes.get('')?.state === 'open' ? this.#runDeadlineAtMs : undefined)
    const step = this.#find(id)
    if (step?.scope.state !== 'open') return REFUSED
    switch (timer) {
      case 'wake':
        return fires(step.status === 'sleeping' ? step.wakeAtMs : undefined)
      case 'deadline':
        return fires(step.stop ? undefined : step.deadlineAtMs)
      case 'retry':
        if (step.status !== 'backing off') return REFUSED
        if (atMs >= step.retryAtMs.most) return accepted
        return atMs < step.retryAtMs.least ? early : { either: [accepted, early] }
    }
  }

  #expectStep(step: Step, input: Extract<Input, { readonly step: string }>): Expected {
    const { id, status } = step
    switch (input.kind) {
      case 'attempt.granted': {
        const again =
          status === 'running' && input.supersedes === step.attempt && step.scope.state === 'open' && !step.stop
        return status === 'waiting' || again ? { kind: 'attempt.started', step: id } : REFUSED
      }
      case 'attempt.finished':
        if (status !== 'running' || step.attempt !== input.attempt) return { refusal: 'SUPERSEDED' }
        return this.#expectFinished(step, input)
      case 'step.known': {
        const waits = step.node.kind === 'wait' && (status === 'sleeping' || status === 'evaluating')
        return status === 'waiting' || waits ? { kind: 'step.settled', step: id, attempt: 0 } : REFUSED
      }
      case 'branch.evaluated':
        return this.#expectBranch(step, input)
      case 'items.evaluated':
        return this.#expectItems(step, input)
      case 'timer.evaluated':
        if (status !== 'evaluating' || step.node.kind !== 'wait') return REFUSED
        return input.result.kind === 'failed'
          ? { kind: 'step.settled', step: id }
          : { kind: 'timer.set', step: id, dueAtMs: input.result.dueAtMs }
      case 'grant.proposed':
        return this.#expectGrant(step)
      case 'retry.requested':
        return status === 'parked' ? { kind: 'step.retried', step: id } : REFUSED
      case 'value.recorded':
        return status === 'running' && step.attempt === input.attempt ? { kind: 'value.recorded' } : REFUSED
      default:
        throw new Error(`no expectation for ${input.kind}`)
    }
  }

  #expectFinished(step: Step, { outcome, atMs }: InputOf<'attempt.finished'>): Expected {
    const settled = { kind: 'step.settled', step: step.id } as const
    if (outcome.kind === 'succeeded') this.#checkResult(step, outcome)
    if (outcome.kind !== 'failed' || step.scope.state !== 'open' || step.stop) return settled
    if (this.#isForeign) return this.#canFail(step)
    const { fault } = outcome
    const lost = fault.code === 'WORKER_LOST'
    if (lost && step.losses < LOST_MAX) return { kind: 'attempt.failed', step: step.id, counts: false, retryAtMs: atMs }
    const retry = lost ? undefined : this.retryAfter(step, step.node.policy.retry, fault)
    if (retry) {
      const { least, most } = retry.atMs
      return {
        kind: 'attempt.failed',
        step: step.id,
        counts: true,
        ...(retry.rule > 0 ? { rule: retry.rule } : {}),
        ...(least === most ? { retryAtMs: least } : {}),
      }
    }
    const parks = lost || step.node.policy.exhausted === 'park' || isUndoing(step.scope)
    return parks ? { kind: 'step.parked', step: step.id } : settled
  }

  /** Whether a failure is the last one is a matter of policy. But what undoes is never given up. */
  #canFail({ id, scope }: Step): Expected {
    const again = [{ kind: 'attempt.failed', step: id } as const, { kind: 'step.parked', step: id } as const]
    return { either: isUndoing(scope) ? again : [...again, { kind: 'step.settled', step: id } as const] }
  }

  /** The step has seen the right values if it gives the right one. */
  #checkResult(step: Step, outcome: Extract<Outcome, { kind: 'succeeded' }>): void {
    const { node, scope, id, attempt } = step
    if (this.#isForeign || this.#foreign.has(`${id} ${attempt}`)) return
    const args = 'args' in node && Array.isArray(node.args) ? node.args.map(arg => this.evaluate(arg, scope)) : []
    const expected = canonicalJson(resultOf(id, node.kind === 'flow' ? [args, this.#answers(step)] : args))
    if (outcome.output.inline !== expected)
      throw new Disagreement(`${id} gives ${outcome.output.inline}, with the right arguments it gives ${expected}`)
  }

  #answers(step: Step): Json {
    const { calls } = scriptOf(this.#behaviour, step.id)
    return calls.map(({ key }) => {
      const answer = step.calls.get(callPath({ flow: step.id, key }))?.answer
      return answer?.kind === 'value' ? answer.value : 'caught'
    })
  }

  #expectBranch(step: Step, { result }: InputOf<'branch.evaluated'>): Expected {
    const { id, node, scope } = step
    const isAsked = node.kind === 'net' ? step.net?.asking && step.status === 'spawned' : step.status === 'evaluating'
    if (!isAsked || scope.state !== 'open') return REFUSED
    const failed: Expected = { kind: node.kind === 'net' ? 'step.stopped' : 'step.settled', step: id }
    if (result.kind === 'failed') return failed
    if (this.#isForeign) return this.#canBranch(step, result) ?? failed
    const chosen = (branch: string): Expected => ({ kind: 'chosen', step: id, branch })
    switch (node.kind) {
      case 'when':
        return chosen(branchOf(id, ['then', 'otherwise'], this.evaluate(node.condition, scope)))
      case 'match':
        return chosen(branchOf(id, matchLabels(node), this.evaluate(node.value, scope)))
      case 'any': {
        const taken = Object.entries(node.arms).filter(([label, arm]) =>
          takes(id, label, this.evaluate(arm.condition, scope)),
        )
        const labels = taken.length > 0 || !node.otherwise ? taken.map(([label]) => label) : ['otherwise']
        return { kind: 'chosen', step: id, branches: labels }
      }
      case 'loop': {
        const { turn, state } = step.loop!
        if (
          result.kind !== 'chosen' ||
          !result.value ||
          canonicalJson(evaluated(result.value)) !== canonicalJson(state)
        )
          throw new Disagreement(
            `${id} has the state ${canonicalJson(state)} before turn ${turn}, and was shown ${show(result)}`,
          )
        return chosen(goesOn(id, this.evaluateInside(node.condition, step, { state, turn })) ? 'again' : 'done')
      }
      case 'net': {
        const enabled = this.enabled(step)
        const first = enabled.find(each => {
          const guard = node.transitions.find(transition => transition.id === each)!.guard
          return !guard || guardHolds(id, each, this.evaluateInside(guard, step, paramsOf(node, step)))
        })
        return first === undefined ? { kind: 'chosen.none', step: id } : chosen(first)
      }
      default:
        throw new Disagreement(`a ${node.kind} has no branches`)
    }
  }

  /** What was chosen elsewhere, if it is to be had here. */
  #canBranch(step: Step, result: InputOf<'branch.evaluated'>['result']): Expected | undefined {
    const { id, node } = step
    const labels = node.kind === 'net' ? this.enabled(step) : labelsOf(node)
    switch (result.kind) {
      case 'none':
        return node.kind === 'net' ? { kind: 'chosen.none', step: id } : REFUSED
      case 'chosen':
        return labels.includes(result.branch) ? { kind: 'chosen', step: id, branch: result.branch } : undefined
      case 'several':
        return result.branches.every(branch => labels.includes(branch))
          ? { kind: 'chosen', step: id, branches: result.branches }
          : undefined
      case 'failed':
        return undefined
    }
  }

  #expectItems(step: Step, { result }: InputOf<'items.evaluated'>): Expected {
    const { id, node, scope } = step
    if (node.kind !== 'each') return REFUSED
    const coming = step.join?.coming.length ?? 0
    if (scope.state !== 'open' || (step.status !== 'evaluating' && coming === 0)) return REFUSED
    const failed: Expected = { kind: coming > 0 ? 'step.stopped' : 'step.settled', step: id }
    if (result.kind === 'failed') return failed
    if (result.kind === 'added') {
      const { keys, coming: items } = step.join!
      if (coming === 0) return REFUSED
      if (node.key) this.#checkKey(step, result.key, keys.length, node.batch === undefined ? items[0]! : [items[0]!])
      return keys.some(key => escaped(key) === escaped(result.key))
        ? failed
        : { kind: 'items.added', step: id, keys: [result.key], added: true }
    }
    if (coming > 0) return REFUSED
    const items = this.#isForeign
      ? (evaluated(result.items) as readonly Json[])
      : itemsOf(id, this.evaluate(node.items, scope)).items
    const batches = inBatches(items, node.batch)
    if (this.#isForeign && result.keys.length !== batches.length) return REFUSED
    if (result.keys.length !== batches.length)
      throw new Disagreement(`${id} has ${result.keys.length} keys for ${batches.length} items`)
    if (node.key) for (const [index, key] of result.keys.entries()) this.#checkKey(step, key, index, batches[index]!)
    if (new Set(result.keys.map(escaped)).size < result.keys.length) return failed
    return { kind: 'items.added', step: id, keys: result.keys, ...(this.#isForeign ? {} : { closed: !node.more }) }
  }

  #checkKey(step: Step, key: string, index: number, item: Json): void {
    if (this.#isForeign || step.node.kind !== 'each' || !step.node.key) return
    const expected = keyOf(step.id, index, this.evaluateInside(step.node.key, step, eachParams(step.node, item, index)))
    if (key !== expected)
      throw new Disagreement(`item ${index} of ${step.id} has the key ${key}, with the right item it has ${expected}`)
  }

  #expectGrant(step: Step): Expected {
    if (step.scope.state !== 'open') return REFUSED
    const signal = signalOf(step.node)
    if (signal !== undefined && isTaking(step, signal)) {
      const kept = this.#kept.get(signal) ?? []
      return kept.length > 0 ? { kind: 'signal.received', step: step.id, signal } : REFUSED
    }
    return this.canBeGranted(step) ? { kind: 'granted', step: step.id } : REFUSED
  }

  // --- what has happened

  follow(event: Event): void {
    this.notes.length = 0
    this.nowMs = event.atMs
    this.tick += 1
    this.#happen(event)
    this.settle()
    if (this.#phase === 'running' && this.left) this.#phase = 'ending'
  }

  #happen(event: Event): void {
    switch (event.kind) {
      case 'run.started':
        this.#phase = 'running'
        this.#runDeadlineAtMs = event.deadlineAtMs
        this.#args = valuesOf(event.args)
        return this.#begin()
      case 'run.ended':
        this.#phase = 'ended'
        return
      case 'run.redriven':
        this.clear()
        this.#kept.clear()
        this.#signalIds.clear()
        this.#phase = 'running'
        this.#runDeadlineAtMs = undefined
        return this.#begin()
      case 'value.recorded':
        return
      case 'call.added':
        return this.#addCall(event.call)
      case 'attempt.started':
        return this.#start(event)
      case 'attempt.failed': {
        const step = this.#must(event.step)
        step.status = 'waiting'
        if (!event.counts) step.losses += 1
        else step.failures[event.rule ?? 0] = (step.failures[event.rule ?? 0] ?? 0) + 1
        return
      }
      case 'step.settled': {
        if (event.call) this.#addCall(event.call)
        const { outcome } = event
        const step = this.#must(event.step)
        if (outcome.kind === 'succeeded')
          return this.outcome(step, { kind: 'value', value: parsed(outcome.output.inline) })
        return this.outcome(step, {
          kind: 'cause',
          cause: outcome.kind === 'failed' ? { kind: 'failed', fault: outcome.fault } : undefined,
        })
      }
      case 'chosen':
        return this.#choose(this.#must(event.step), event)
      case 'chosen.none':
        return this.noneHolds(this.#must(event.step))
      case 'items.added':
        return this.#addItems(this.#must(event.step), event)
      case 'granted':
        return this.granted(this.#must(event.step))
      case 'timer.set':
        return this.sleep(this.#must(event.step), event.dueAtMs)
      case 'timer.fired':
        return this.#fire(event)
      case 'signal.received':
        return this.#receive(event)
      case 'step.stopped':
        return this.stop(this.#must(event.step), { kind: 'stopped', fault: event.fault, cause: 'cancelled' })
      case 'step.parked':
        this.#must(event.step).status = 'parked'
        return
      case 'step.retried': {
        const step = this.#must(event.step)
        step.status = 'waiting'
        step.failures = []
        step.losses = 0
        return
      }
      case 'scope.closed':
        return this.close(this.scopes.get(event.scope)!, { kind: event.cause, fault: event.fault })
    }
  }

  #begin(): void {
    const params = { ...defaultsOf(this.#graph), ...this.#args }
    this.enter(this.#graph.root, { path: '', owner: undefined, outer: undefined, params })
  }

  #start({ step: id, attempt, call }: EventOf<'attempt.started'>): void {
    if (call) this.#addCall(call)
    const step = this.#must(id)
    if (step.scope.state !== 'open') throw new Disagreement(`${id} starts an attempt in a scope that closes`)
    if (attempt <= step.attempt)
      throw new Disagreement(`attempt ${attempt} of ${id} comes after attempt ${step.attempt}`)
    step.status = 'running'
    step.attempt = attempt
    this.begun(step)
  }

  #addCall(call: FlowCall): void {
    const flow = this.#must(call.flow)
    const path = callPath(call)
    const region = calledRegion(this.#behaviour, call)
    const params = Object.fromEntries(region.params.map((name, index) => [name, evaluated(call.args[index]!)]))
    flow.calls.set(path, { answer: undefined })
    this.enter(region, { path, owner: flow, outer: undefined, params })
    this.settle()
  }

  #choose(step: Step, { branch, branches, value }: EventOf<'chosen'>): void {
    const { node, scope } = step
    switch (node.kind) {
      case 'when':
        return this.choose(step, branch, branch === 'then' ? node.then : node.otherwise)
      case 'match': {
        const region = Object.hasOwn(node.arms, branch) ? node.arms[branch]! : node.otherwise!
        return this.choose(
          step,
          branch,
          region,
          Object.fromEntries(region.params.map(name => [name, this.evaluate(node.value, scope)])),
        )
      }
      case 'any':
        return this.beginJoin(step, branches ?? [branch], [])
      case 'loop': {
        const limit = node.limit ?? TURNS_MAX
        if (value) step.loop!.state = evaluated(value)
        if (branch !== 'again') return this.pass(step, step.loop!.state)
        if (limit === 0 || step.loop!.turn < limit) return this.turn(step)
        return this.fail(step, { kind: 'failed', fault: { code: 'LOOP_LIMIT', message: '', step: step.id } })
      }
      case 'net':
        this.fireTransition(step, branch)
        return this.playNet(step)
      default:
        throw new Disagreement(`${step.id} cannot choose`)
    }
  }

  #addItems(step: Step, { keys, items, added }: EventOf<'items.added'>): void {
    const { node } = step
    if (node.kind !== 'each') throw new Disagreement(`${step.id} has no items`)
    const value = evaluated(items)
    if (added) {
      const item = step.join!.coming.shift()!
      if (canonicalJson(value) !== canonicalJson(item))
        throw new Disagreement(
          `${step.id} gets the item ${canonicalJson(value)}, and the signal brought ${canonicalJson(item)}`,
        )
      // It came too late to count.
      if (step.join!.phase === 'decided') return
      step.join!.keys.push(keys[0]!)
      step.join!.items.push(node.batch === undefined ? item : [item])
      return this.joinMore(step)
    }
    step.since = this.tick
    this.beginJoin(step, keys, inBatches(value as readonly Json[], node.batch))
  }

  #fire({ step: id, timer }: EventOf<'timer.fired'>): void {
    const fault = { code: 'TIMEOUT', message: '' }
    if (id === '') {
      this.#runDeadlineAtMs = undefined
      return this.close(this.scopes.get('')!, { kind: 'timed-out', fault })
    }
    const step = this.#must(id)
    switch (timer) {
      case 'wake':
        return this.pass(step, UNDEFINED)
      case 'retry':
        return this.tryBody(step)
      case 'deadline':
        return this.stop(step, { kind: 'stopped', fault: { ...fault, step: id }, cause: 'timed-out' })
    }
  }

  #receive({ signal, value, id, step: taker, kept: wasKept }: EventOf<'signal.received'>): void {
    const kept = this.#kept.get(signal) ?? []
    const received = evaluated(value)
    if (id !== undefined) this.#signalIds.add(id)
    if (taker === undefined) return void this.#kept.set(signal, [...kept, received])
    if (wasKept && canonicalJson(kept.shift() ?? null) !== canonicalJson(received))
      throw new Disagreement(`${taker} gets ${canonicalJson(received)}, which is not what was kept longest`)
    const step = this.#must(taker)
    if (step.node.kind === 'wait') return this.pass(step, received)
    step.join!.coming.push(received)
  }
}

const parsed = (text: string | undefined): Json => JSON.parse(text ?? 'null') as Json

const valuesOf = (args: { readonly [param: string]: Bound }): { readonly [param: string]: Json } =>
  Object.fromEntries(Object.entries(args).map(([name, arg]) => [name, evaluated(arg)]))

/** Of parameters that the run was not given, because it began before there were any. */
const defaultsOf = ({ params }: Graph): { readonly [param: string]: Json } =>
  Object.fromEntries(params.flatMap(param => (param.default === undefined ? [] : [[param.name, param.default]])))

const isOver = ({ status }: Step): boolean =>
  status === 'passed' || status === 'failed' || status === 'cancelled' || status === 'skipped'

const callPath = ({ flow, key }: Pick<FlowCall, 'flow' | 'key'>): string => `${flow}[${escaped(key)}]/`

/** A called definition stands alone in its region. */
function calledRegion({ library }: Behaviour, { target, args }: FlowCall): Region {
  if (target.kind === 'workflow') return library.get(target.region)!
  const params = args.map((_, index) => String(index))
  const exprs = params.map(name => ({ kind: 'param', param: name, up: 0, path: [] }) as const)
  const common = { id: 'step', name: 'called', after: [], policy: target.node.policy }
  const node = (): Node => {
    if (target.kind === 'wait') {
      const { on } = target.node
      return { ...common, kind: 'wait', on: on.kind === 'timer' ? { kind: 'timer', duration: exprs[0]! } : on }
    }
    const { kind, task, executor } = target.node
    return kind === 'flow'
      ? { ...common, kind, flow: task, args: exprs }
      : { ...common, kind, task, executor, args: exprs }
  }
  return { params, nodes: [node()], result: { kind: 'node', node: 'step', up: 0, path: [] } }
}

/** A parked step is one of an undoing. */
function isUndoing(scope: Scope): boolean {
  for (let at: Scope | undefined = scope; at; at = at.owner?.scope) if (at.undoes) return true
  return false
}

const signalOf = (node: Node): string | undefined =>
  node.kind === 'wait' && node.on.kind === 'signal'
    ? node.on.signal
    : node.kind === 'each'
      ? node.more?.signal
      : undefined

/** A wait, and an each as long as its end is open. */
function isTaking(step: Step, signal: string): boolean {
  if (signalOf(step.node) !== signal) return false
  if (step.node.kind === 'wait') return step.status === 'sleeping'
  return step.join?.phase === 'joining' && step.status === 'spawned' && !step.stop && step.scope.state === 'open'
}

/** What becomes of a signal that nobody waits for, by its name; `*` is any name, where a flow may wait for it. */
function earlySignals(regions: readonly Region[]): ReadonlyMap<string, 'kept' | 'transient'> {
  const found = new Map<string, 'kept' | 'transient'>()
  const visit = (region: Region): void => {
    for (const node of region.nodes) {
      const name = node.kind === 'flow' ? '*' : signalOf(node)
      const isKept = node.kind !== 'wait' || (node.on.kind === 'signal' && node.on.early === 'kept')
      if (name !== undefined && found.get(name) !== 'kept') found.set(name, isKept ? 'kept' : 'transient')
      for (const [, inner] of regionsOf(node)) visit(inner)
    }
  }
  for (const region of regions) visit(region)
  if (found.has('*')) for (const name of found.keys()) found.set(name, 'kept')
  return found
}

function labelsOf(node: Node): readonly string[] {
  switch (node.kind) {
    case 'when':
      return ['then', 'otherwise']
    case 'match':
    case 'any':
      return [...Object.keys(node.arms), ...(node.otherwise ? ['otherwise'] : [])]
    case 'loop':
      return ['again', 'done']
    default:
      return []
  }
}

const paramsOf = (node: Extract<Node, { kind: 'net' }>, step: Step): { readonly [name: string]: Json } =>
  Object.fromEntries(node.transitions.map(({ id }) => [id, step.net!.outputs[id] ?? UNDEFINED]))

const eachParams = (
  { body }: Extract<Node, { kind: 'each' }>,
  item: Json,
  index: number,
): { readonly [name: string]: Json } =>
  Object.fromEntries(body.params.map((name, position) => [name, position === 0 ? item : index]))

function inBatches(items: readonly Json[], size: number | undefined): readonly Json[] {
  if (size === undefined) return items
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  )
}

function isMet(
  expected: Expected,
  events: readonly Event[],
  refused: string | undefined,
  torn: true | undefined,
): boolean {
  if (expected === 'nothing') return refused === undefined && events.length === 0
  if ('either' in expected) return expected.either.some(each => isMet(each, events, refused, torn))
  if ('refusal' in expected) return refused !== undefined && (expected.refusal ?? refused) === refused
  return refused === undefined && (torn || events.length === 1) && events.every(event => hasFields(event, expected))
}

const hasFields = (event: Event, fields: { readonly [name: string]: unknown }): boolean =>
  Object.entries(fields).every(([name, value]) =>
    same((event as unknown as { readonly [name: string]: unknown })[name], value),
  )

const same = (a: unknown, b: unknown): boolean =>
  a === b || (typeof a === 'object' && typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b))

const kindOf = (expected: Expected): string =>
  typeof expected === 'string'
    ? expected
    : 'kind' in expected
      ? expected.kind
      : 'refusal' in expected
        ? (expected.refusal ?? 'refused')
        : 'either'

const show = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** The entry with an input that leaves open what is not asked: who took a signal, who stopped a step, why an evaluation failed. */
function open(entry: Entry): Entry {
  const { input } = entry
  const event = entry.events[0]!
  const { atMs } = event
  switch (event.kind) {
    case 'signal.received':
      if (input.kind !== 'signal.sent' || event.step === undefined) return entry
      return { ...entry, input: { ...input, step: event.step } }
    case 'step.stopped':
      return { ...entry, input: { kind: 'cancel.requested', reason: '', step: event.step, atMs } }
    case 'step.settled': {
      const { outcome, step } = event
      if (event.attempt > 0 || outcome.kind !== 'failed') return entry
      if (input.kind === 'branch.evaluated' || input.kind === 'items.evaluated')
        return { ...entry, input: { kind: input.kind, step, result: outcome, atMs } }
      return entry
    }
    default:
      return entry
  }
}
