/**
 * A world for the engine: it answers commands in any order that the dice choose, on a clock of its own, loses workers,
 * repeats itself, and breaks as its plan says. Its log is text, as a store's is. What is not committed is not performed.
 */
import { apply } from '../../src/core/engine/apply.ts'
import { calledStep, decide } from '../../src/core/engine/decide.ts'
import { waits } from '../../src/core/engine/waits.ts'
import { boundGuards, boundKey, describeStep, flowRecords, isThere } from '../../src/core/engine/describe.ts'
import { heir, inherit, newHeritage } from '../../src/core/engine/image.ts'
import { outstanding } from '../../src/core/engine/outstanding.ts'
import { compile, type Program } from '../../src/core/engine/program.ts'
import type {
  Answer,
  Bound,
  Command,
  Decision,
  Event,
  FlowCall,
  Input,
  Outcome,
  Timer,
} from '../../src/core/engine/protocol.ts'
import { restoreSnapshot, type Snapshot, takeSnapshot } from '../../src/core/engine/snapshot.ts'
import { emptyState, locate, type State, Status } from '../../src/core/engine/state.ts'
import type { Graph } from '../../src/core/graph/graph.ts'
import type { Json } from '../../src/util/json.ts'
import { type Dice, trait } from '../core/dice.ts'
import {
  type Behaviour,
  branchOf,
  evaluationFault,
  failuresOf,
  goesOn,
  guardHolds,
  instantOf,
  itemsOf,
  keyOf,
  matchLabels,
  resultOf,
  type ScriptedCall,
  scriptOf,
  takes,
} from './behaviour.ts'
import type { Fault, Knobs } from './faults.ts'
import { evaluated, keep, literalValue } from './values.ts'

export interface WorldOptions {
  readonly graph: Graph
  readonly behaviour: Behaviour
  readonly dice: Dice
  readonly faults: readonly Fault[]
  readonly knobs: Knobs
  /** After every event. */
  readonly watch?: (state: State, event: Event) => void
}

/** What was told to the engine and what came of it: `events` of a torn write are fewer than were decided. */
export interface Entry {
  readonly input: Input
  readonly events: readonly Event[]
  readonly torn?: true
  readonly refused?: Extract<Decision, { kind: 'refused' }>['code']
}

type Action =
  | { readonly kind: 'start'; readonly step: string; readonly notBeforeMs: number; readonly supersedes?: number }
  | {
      readonly kind: 'finish' | 'stop'
      readonly step: string
      readonly attempt: number
      readonly args: Json
      readonly flow: boolean
    }
  | { readonly kind: 'flow'; readonly step: string; readonly attempt: number }
  | { readonly kind: 'timer' | 'grant' | 'retry'; readonly step: string }
  | { readonly kind: 'branch'; readonly step: string; readonly branches?: readonly string[] }
  | { readonly kind: 'items'; readonly command: Extract<Command, { kind: 'evaluateItems' }> }
  | { readonly kind: 'result'; readonly command: Extract<Command, { kind: 'evaluateResult' }> }
  | { readonly kind: 'tell'; readonly input: Input }

interface Timed {
  readonly step: string
  readonly timer: Timer
  readonly dueAtMs: number
}

/** More is a run that does not end. */
const ACTIONS_MAX = 4_000

/** A store keeps texts; a process that takes over has nothing else. */
function fold(graph: Graph, library: Behaviour['library'], log: readonly string[], from?: Kept): State {
  const program = compile(graph, library)
  const events = log.slice(from?.at ?? 0).map(text => JSON.parse(text) as Event)
  if (!from) return foldLastLife(program, events)
  const state = restoreSnapshot(program, from.snapshot)
  for (const event of events) apply(state, event)
  return state
}

/** Earlier lives of the run may have been those of another graph; what of them counts is inherited. */
function foldLastLife(program: Program, events: readonly Event[]): State {
  const start = Math.max(
    0,
    events.findLastIndex(({ kind }) => kind === 'run.redriven'),
  )
  const heritage = newHeritage()
  for (const event of events.slice(0, start)) inherit(heritage, event)
  const state = heir(program, heritage)
  for (const event of events.slice(start)) apply(state, event)
  return state
}

/** A snapshot and the number of events that it holds. */
interface Kept {
  readonly snapshot: Snapshot
  readonly at: number
}

interface Pending {
  readonly event: Event
  readonly commands: readonly Command[]
  readonly entry: number
}

export class World {
  readonly #options: WorldOptions
  readonly #dice: Dice
  #graph: Graph
  state: State
  /** JSON texts of the events that are acknowledged. */
  readonly log: string[] = []
  readonly entries: Entry[] = []
  /** Acknowledged entries. */
  #acknowledged = 0
  #pending: Pending[] = []
  #pool: Action[] = []
  /** Timers, which come by themselves when their instant has come, and seldom before all else. */
  #timers: Timed[] = []
  #nowMs = 1_000
  #actions = 0
  #failing = 0
  #kept: Kept | undefined
  #choices: number
  readonly #faults: Fault[]
  readonly happened: Fault[] = []
  readonly #failures = new Map<string, number>()
  /** Hashes of the values that are in the log. */
  readonly #durable = new Set<string>()
  /** Steps that wait for a signal, as far as this process has heard. */
  readonly #awaiting = new Map<string, string>()
  /** Steps that were ever asked about, for whoever cancels at random. */
  readonly #heard: string[] = []

  constructor(options: WorldOptions) {
    this.#options = options
    this.#dice = options.dice
    this.#graph = options.graph
    this.#faults = [...options.faults]
    this.#choices = options.knobs.choices
    this.state = emptyState(compile(options.graph, options.behaviour.library))
  }

  /** Works until the run has ended and nothing is left to do. */
  run(): void {
    this.runTo(ACTIONS_MAX)
  }

  /** The same as far as the action with this number. */
  runTo(before: number): void {
    const { deadlineMs } = this.#options.graph
    const deadline = deadlineMs === undefined ? {} : { deadlineAtMs: this.#nowMs + deadlineMs }
    this.#tell({
      kind: 'run.requested',
      run: 'r',
      graph: 'g',
      args: { p: literalValue(['p', 1]) },
      ...deadline,
      atMs: this.#nowMs,
    })
    this.goOn(before)
  }

  /** Everything that was decided is written, or was lost with its commit. */
  quiesce(): void {
    while (this.#pending.length > 0) this.#commit()
    this.#failing = 0
  }

  /** The process dies when all is written, and another takes over. */
  restart(): void {
    this.quiesce()
    this.#recover({ written: 0, alive: false })
  }

  /** From here on it is a run of another graph, in this state; what ran goes on, or has died with its process. */
  moveTo(graph: Graph, state: State, attempts: 'go on' | 'die'): void {
    this.#graph = graph
    this.#kept = undefined
    this.state = state
    const from = { graph: 'g', bundle: 'b' }
    this.#tell({ kind: 'move.requested', from, graph: 'g2', bundle: 'b2', atMs: this.#nowMs })
    this.#commit()
    this.#askAnew(attempts)
  }

  /** The run that has ended begins anew. `before`: as far as so many actions from now. */
  redrive(before = ACTIONS_MAX): void {
    this.#tell({ kind: 'redrive.requested', from: [], accept: [], atMs: this.#nowMs })
    this.#kept = undefined
    this.goOn(Math.min(ACTIONS_MAX, this.actions + before))
  }

  /** How many there were. */
  get actions(): number {
    return this.#actions
  }

  /** Works until the action with this number, or until the run has ended and nothing is left to do. */
  goOn(before = ACTIONS_MAX): void {
    this.#commit()
    for (; this.#actions < before; this.#actions++) {
      while (this.#faults[0] && this.#faults[0].before <= this.#actions) this.#strike(this.#faults.shift()!)
      if (this.#pending.length > 0 && (this.#pool.length === 0 || !this.#chance(this.#options.knobs.slow)))
        this.#commit()
      else if (this.#pool.length > 0 && this.#dice.roll(60) > 0) this.#act(this.#next())
      else if (this.#timers.length === 0 || this.#dice.roll(4) > 0) {
        if (!this.#rouse() && this.#timers.length === 0 && this.#pool.length === 0) return this.#end()
      } else this.#fire(this.#nextTimer())
    }
    if (this.#actions === ACTIONS_MAX) throw new Error(`endless: ${ACTIONS_MAX} actions, and the run goes on`)
  }

  #end(): void {
    if (this.state.phase.kind !== 'ended')
      throw new Error(`stuck: nothing is left to do in phase ${this.state.phase.kind}`)
  }

  #chance(oneIn: number): boolean {
    return oneIn > 0 && this.#dice.roll(oneIn) === 0
  }

  #next(): Action {
    const index = this.#choices > 0 ? this.#dice.roll(this.#pool.length) : 0
    this.#choices -= 1
    if (index === 0 && this.#choices <= 0) return this.#pool.shift()!
    const action = this.#pool[index]!
    const last = this.#pool.pop()!
    if (index < this.#pool.length) this.#pool[index] = last
    return action
  }

  /** What only comes from outside comes when nothing else is left to happen: a signal, another try of what is parked. */
  #rouse(): boolean {
    if (this.state.phase.kind !== 'running') return false
    for (const [step, signal] of this.#awaiting) {
      const place = locate(this.state, step)
      if (place && this.state.steps.status[place.row] === Status.sleeping) {
        // The others get their turn, too, should somebody else take it.
        this.#awaiting.delete(step)
        this.#awaiting.set(step, signal)
        const only = this.#actions < 500 && this.#dice.roll(4) === 0 ? {} : { step }
        this.#tell({
          kind: 'signal.sent',
          signal,
          value: literalValue({ of: [signal], at: this.#actions }),
          ...only,
          atMs: this.#nowMs,
        })
        return true
      }
      this.#awaiting.delete(step)
    }
    const parked = [...waits(this.state)].find(({ kind }) => kind === 'parked')
    if (!parked) return false
    this.#tell({ kind: 'retry.requested', step: parked.step, atMs: this.#nowMs })
    return true
  }

  #tell(input: Input): boolean {
    const decision = decide(this.state, input)
    if (decision.kind === 'refused') {
      this.entries.push({ input, events: [], refused: decision.code })
      return false
    }
    this.entries.push({ input, events: decision.events })
    for (const event of decision.events) {
      this.#pending.push({ event, commands: apply(this.state, event), entry: this.entries.length })
      this.#options.watch?.(this.state, event)
    }
    return true
  }

  /** Group commit: what was decided since the last one is written, and only then performed. */
  #commit(): void {
    if (this.#failing > 0) {
      this.#failing -= 1
      return this.#recover({ written: 0, alive: true })
    }
    const batch = this.#pending
    this.#pending = []
    for (const { event } of batch) this.#write(event)
    this.#acknowledged = this.entries.length
    for (const { event, commands } of batch) {
      this.#hear(event)
      for (const command of commands) this.#ask(command)
    }
  }

  #write(event: Event): void {
    this.log.push(JSON.stringify(event))
    noteValues(event, this.#durable)
  }

  /** An attempt begins when its event is durable. */
  #hear(event: Event): void {
    if (event.kind === 'attempt.started') this.#begin(event.step, event.attempt)
    if (event.kind === 'step.parked') {
      if (this.#dice.roll(3) === 0) this.#pool.push({ kind: 'retry', step: event.step })
    }
  }

  #begin(step: string, attempt: number): void {
    if (!this.#isRunning(step, attempt)) return
    const flow = this.#node(step) === 'flow'
    if (flow) this.#pool.push({ kind: 'flow', step, attempt })
    else this.#pool.push({ kind: 'finish', step, attempt, args: this.#args(step), flow })
  }

  #node(step: string): string {
    return describeStep(this.state, step).node.kind
  }

  /** What an attempt sees; all of it must be in the log. (What is evaluated here comes after it in the log.) */
  #see(bound: Bound): Json {
    return evaluated(bound, ref => {
      if (!this.#durable.has(ref.hash))
        throw new Error(`invariant 5: a value is seen that is not durable: ${ref.inline}`)
    })
  }

  #args(step: string): Json {
    return describeStep(this.state, step).args.map(arg => this.#see(arg))
  }

  #isRunning(step: string, attempt: number): boolean {
    const place = locate(this.state, step)
    return (
      place !== undefined &&
      this.state.steps.status[place.row] === Status.running &&
      this.state.steps.attempt[place.row] === attempt
    )
  }

  #ask(command: Command): void {
    switch (command.kind) {
      case 'startAttempt':
        return void this.#pool.push({ ...command, kind: 'start' })
      case 'stopAttempt': {
        const { step, attempt } = command
        if (!this.#isRunning(step, attempt)) return
        const flow = this.#node(step) === 'flow'
        return void this.#pool.push({ kind: 'stop', step, attempt, flow, args: flow ? [] : this.#args(step) })
      }
      case 'evaluateBranch':
        return void this.#pool.push({ ...command, kind: 'branch' })
      case 'evaluateItems':
        return void this.#pool.push({ kind: 'items', command })
      case 'evaluateTimer':
        return void this.#pool.push({ kind: 'timer', step: command.step })
      case 'armTimer':
        return void this.#timers.push({ step: command.step, timer: command.timer, dueAtMs: command.atMs })
      case 'awaitSignal':
        this.#awaiting.set(command.step, command.signal)
        return this.#heardOf(command.step)
      case 'proposeGrant':
        return void this.#pool.push({ kind: 'grant', step: command.step })
      case 'answerCall':
        return void this.#pool.push({ kind: 'flow', step: command.flow, attempt: this.#attemptOf(command.flow) })
      case 'evaluateResult':
        return void this.#pool.push({ kind: 'result', command })
    }
  }

  #heardOf(step: string): void {
    if (this.#heard.length < 200) this.#heard.push(step)
  }

  #attemptOf(step: string): number {
    const place = locate(this.state, step)
    return place ? this.state.steps.attempt[place.row]! : -1
  }

  #act(action: Action): void {
    this.#nowMs += this.#dice.roll(3)
    const atMs = this.#nowMs
    switch (action.kind) {
      case 'start':
        return this.#start(action)
      case 'finish':
      case 'stop':
        return this.#finish(action)
      case 'flow':
        return this.#isRunning(action.step, action.attempt) ? this.#runFlow(action.step, action.attempt) : undefined
      case 'branch':
        return isThere(this.state, action.step) ? this.#evaluateBranch(action) : undefined
      case 'items':
        return isThere(this.state, action.command.step) ? this.#evaluateItems(action.command) : undefined
      case 'timer':
        return isThere(this.state, action.step) ? this.#evaluateTimer(action.step) : undefined
      case 'grant':
        return void this.#tell({ kind: 'grant.proposed', step: action.step, atMs })
      case 'retry':
        return void this.#tell({ kind: 'retry.requested', step: action.step, atMs })
      case 'tell':
        return void this.#tell(action.input)
      case 'result': {
        const { status, result, fault } = action.command
        const output = result ? keep(this.#see(result)) : undefined
        return this.#report({
          kind: 'result.evaluated',
          status,
          ...(output ? { output } : {}),
          ...(fault ? { fault } : {}),
          atMs,
        })
      }
    }
  }

  /** A report may come twice, at once or late. Evaluations do not: they are made in the process that asks for them. */
  #report(input: Input, mayBeLate = true): void {
    this.#tell(input)
    if (input.kind.endsWith('evaluated') || !this.#chance(this.#options.knobs.twice)) return
    if (!mayBeLate || this.#dice.roll(2)) this.#tell(input)
    else this.#pool.push({ kind: 'tell', input })
  }

  #start({ step, notBeforeMs, supersedes }: Extract<Action, { kind: 'start' }>): void {
    this.#nowMs = Math.max(this.#nowMs, notBeforeMs)
    if (!isThere(this.state, step)) return
    this.#heardOf(step)
    // The attempt may still run after a commit that failed: then it need not be begun again.
    const runs = this.#pool.some(
      action => action.kind === 'finish' && action.step === step && action.attempt === supersedes,
    )
    if (supersedes !== undefined && runs && this.#dice.roll(2)) return
    if (supersedes === undefined && this.#isKnown(step)) return this.#know(step)
    const superseding = supersedes === undefined ? {} : { supersedes }
    this.#tell({ kind: 'attempt.granted', step, worker: 'w', ...superseding, atMs: this.#nowMs })
  }

  /** Flows are re-run, never known; what fails is not known either. */
  #isKnown(step: string): boolean {
    const { knobs, behaviour } = this.#options
    if (knobs.known === 0 || trait(`${step} known`, knobs.known) > 0) return false
    return this.#node(step) !== 'flow' && failuresOf(behaviour, step).times === 0
  }

  #know(step: string): void {
    const outcome = { kind: 'succeeded', output: keep(resultOf(step, this.#args(step))) } as const
    this.#report({ kind: 'step.known', step, outcome, origin: { kind: 'given' }, atMs: this.#nowMs })
  }

  #finish({ kind, step, attempt, args, flow }: Extract<Action, { kind: 'finish' | 'stop' }>): void {
    const gently = kind === 'stop' && (flow || this.#dice.roll(2) === 0)
    const outcome: Outcome = gently ? { kind: 'cancelled' } : this.#outcomeOf(step, args)
    this.#report({ kind: 'attempt.finished', step, attempt, outcome, atMs: this.#nowMs })
  }

  #outcomeOf(step: string, args: Json): Outcome {
    if (this.#chance(this.#options.knobs.lost)) return LOST
    const { times, fault } = failuresOf(this.#options.behaviour, step)
    const failed = this.#failures.get(step) ?? 0
    // What is parked until it succeeds must succeed in the end.
    if (failed >= Math.min(times, 12)) return { kind: 'succeeded', output: keep(resultOf(step, args)) }
    this.#failures.set(step, failed + 1)
    return { kind: 'failed', fault }
  }

  #evaluateBranch({ step, branches = [] }: Extract<Action, { kind: 'branch' }>): void {
    const fault = evaluationFault(this.#options.behaviour, step)
    const result = fault ? ({ kind: 'failed', fault } as const) : this.#choice(step, branches)
    this.#report({ kind: 'branch.evaluated', step, result, atMs: this.#nowMs })
  }

  #choice(step: string, branches: readonly string[]): Extract<Input, { kind: 'branch.evaluated' }>['result'] {
    const { node, args } = describeStep(this.state, step)
    const value = (index = 0): Json => evaluated(args[index]!)
    switch (node.kind) {
      case 'when':
        return { kind: 'chosen', branch: branchOf(step, ['then', 'otherwise'], value()) }
      case 'match':
        return { kind: 'chosen', branch: branchOf(step, matchLabels(node), value()) }
      case 'any': {
        const taken = Object.keys(node.arms).filter((label, index) => takes(step, label, value(index)))
        return { kind: 'several', branches: taken.length > 0 || !node.otherwise ? taken : ['otherwise'] }
      }
      case 'loop':
        if (goesOn(step, value())) return { kind: 'chosen', branch: 'again', value: literalValue(value(1)) }
        return { kind: 'chosen', branch: 'done', value: literalValue(value(1)) }
      case 'net': {
        const guards = boundGuards(this.state, step, branches, undefined)
        const branch = branches.find((id, index) => {
          const guard = guards[index]
          return guard === undefined || guardHolds(step, id, evaluated(guard))
        })
        return branch === undefined ? { kind: 'none' } : { kind: 'chosen', branch }
      }
      default:
        throw new Error(`a ${node.kind} asks for a branch`)
    }
  }

  #evaluateItems({ step, added }: Extract<Command, { kind: 'evaluateItems' }>): void {
    const fault = evaluationFault(this.#options.behaviour, step)
    const result = fault
      ? ({ kind: 'failed', fault } as const)
      : added
        ? this.#addedItem(step, added)
        : this.#listedItems(step)
    this.#report({ kind: 'items.evaluated', step, result, atMs: this.#nowMs })
  }

  #addedItem(step: string, { item, index }: { readonly item: Bound; readonly index: number }): ItemsResult {
    const key = boundKey(this.state, step, { items: item, index, count: 0, added: item })
    return { kind: 'added', key: key ? keyOf(step, index, evaluated(key)) : String(index), item }
  }

  #listedItems(step: string): ItemsResult {
    const { node, args } = describeStep(this.state, step)
    const { items: values, form } = itemsOf(step, evaluated(args[0]!))
    const items = boundItems(values, form)
    const batch = node.kind === 'each' ? node.batch : undefined
    const count = values.length
    const keys = Array.from({ length: Math.ceil(count / (batch ?? 1)) }, (_, index) => {
      const key = boundKey(this.state, step, { items, index, count })
      return key ? keyOf(step, index, evaluated(key)) : String(index)
    })
    return { kind: 'listed', keys, items, ...(batch === undefined ? {} : { count }) }
  }

  #evaluateTimer(step: string): void {
    const { args } = describeStep(this.state, step)
    const fault = evaluationFault(this.#options.behaviour, step)
    const atMs = this.#nowMs
    const dueAtMs = atMs + instantOf(step, args[0] ? evaluated(args[0]) : null)
    this.#report({
      kind: 'timer.evaluated',
      step,
      result: fault ? { kind: 'failed', fault } : { kind: 'due', dueAtMs },
      atMs,
    })
  }

  /** A timer that fires before its instant is refused, and armed again. */
  #fire(timed: Timed): void {
    if (!this.#chance(this.#options.knobs.early)) this.#nowMs = Math.max(this.#nowMs, timed.dueAtMs)
    this.#tell({ kind: 'timer.fired', step: timed.step, timer: timed.timer, atMs: this.#nowMs })
    if (this.entries.at(-1)?.refused === 'NOT_DUE')
      this.#timers.push({ ...timed, dueAtMs: Math.max(timed.dueAtMs, this.#nowMs + 1) })
  }

  /** The first that is due; of two, the one that was armed first. */
  #nextTimer(): Timed {
    const first = this.#timers.reduce((least, each) => (each.dueAtMs < least.dueAtMs ? each : least))
    this.#timers = this.#timers.filter(each => each !== first)
    return first
  }

  /** Runs a flow's body as far as its answers reach: it holds nothing that the state does not. */
  #runFlow(step: string, attempt: number): void {
    const script = scriptOf(this.#options.behaviour, step)
    const answers: Json[] = []
    let open = 0
    const end = (outcome: Outcome): void =>
      // A flow's body lives where its calls are known: what it gave is not told to a state that has lost them.
      this.#report({ kind: 'attempt.finished', step, attempt, outcome, atMs: this.#nowMs }, false)
    for (const scripted of script.calls) {
      if (!this.#answers(step).has(scripted.key)) this.#call(step, scripted)
      const answer = this.#answers(step).get(scripted.key)
      if (answer?.kind === 'succeeded') answers.push(evaluated(answer.result))
      else if (answer && script.onFailure === 'catch') answers.push('caught')
      else if (answer)
        return end({
          kind: 'failed',
          fault: answer.kind === 'failed' ? answer.fault : { code: 'CANCELLED', message: 'a call' },
        })
      else open += 1
      if (open > 0 && script.mode === 'one by one') return
    }
    if (open === 0) end(this.#outcomeOf(step, [this.#args(step), answers]))
  }

  #answers(step: string): ReadonlyMap<string, Answer | undefined> {
    return new Map(flowRecords(this.state, step).map(({ call, answer }) => [call.key, answer]))
  }

  #call(flow: string, { args, ...scripted }: ScriptedCall): void {
    const bound: Bound[] = args.map((arg, index) => (index === 0 ? { kind: 'literal', value: arg } : literalValue(arg)))
    const call: FlowCall = { ...scripted, flow, argsHash: '', args: bound }
    const step = calledStep(call)
    const way = call.target.kind === 'node' ? this.#dice.roll(3) : 0
    const canBeKnown =
      call.target.kind === 'node' &&
      call.target.node.kind !== 'flow' &&
      failuresOf(this.#options.behaviour, step).times === 0
    if (way === 1 && canBeKnown) {
      const outcome = { kind: 'succeeded', output: keep(resultOf(step, args)) } as const
      this.#tell({ kind: 'call.known', call, outcome, origin: { kind: 'given' }, atMs: this.#nowMs })
    } else if (way === 2) this.#tell({ kind: 'call.granted', call, worker: 'w', atMs: this.#nowMs })
    else this.#tell({ kind: 'call.made', call, atMs: this.#nowMs })
  }

  #strike(fault: Fault): void {
    const atMs = this.#nowMs
    this.happened.push(fault)
    switch (fault.kind) {
      case 'crash':
        return this.#recover({ written: 0, alive: false })
      case 'torn write':
        return this.#recover({ written: this.#dice.roll(this.#pending.length + 1), alive: false })
      case 'lost lease':
        return this.#recover({ written: 0, alive: true })
      case 'failed append':
        this.#failing += 1
        return
      case 'store full':
        this.#failing += 2 + this.#dice.roll(3)
        return
      case 'lost worker':
        return this.#loseWorker()
      case 'clock forward':
        this.#nowMs += 1_000
        return
      case 'clock back':
        this.#nowMs = Math.max(0, this.#nowMs - 900)
        return
      case 'signal':
      case 'signal twice':
        return this.#signal(fault.kind === 'signal twice')
      case 'cancel run':
        return void this.#tell({ kind: 'cancel.requested', reason: 'enough', atMs })
      case 'cancel scope':
      case 'cancel step': {
        if (this.#heard.length === 0) return
        const step = this.#dice.pick(this.#heard)
        const what = fault.kind === 'cancel step' ? { step } : { scope: step.slice(0, step.lastIndexOf('/') + 1) }
        return void this.#tell({ kind: 'cancel.requested', reason: 'enough of this', ...what, atMs })
      }
      case 'snapshot':
        this.#commit()
        this.#kept = { snapshot: takeSnapshot(this.state), at: this.log.length }
        return this.#recover({ written: 0, alive: true })
    }
  }

  #signal(twice: boolean): void {
    const signal = this.#dice.pick(['s0', 's1', 's2', 'nobody'])
    const id = this.#dice.roll(2) ? { id: `id${this.#dice.roll(3)}` } : {}
    const waiting = [...this.#awaiting.keys()]
    const step = waiting.length > 0 && this.#dice.roll(4) === 0 ? { step: this.#dice.pick(waiting) } : {}
    const input: Input = {
      kind: 'signal.sent',
      signal,
      value: literalValue({ of: ['early', this.#actions] }),
      ...id,
      ...step,
      atMs: this.#nowMs,
    }
    this.#tell(input)
    if (twice) this.#tell(input)
  }

  #loseWorker(): void {
    this.#pool = this.#pool.map(action => {
      if (action.kind !== 'finish') return action
      const { step, attempt } = action
      return { kind: 'tell', input: { kind: 'attempt.finished', step, attempt, outcome: LOST, atMs: this.#nowMs } }
    })
  }

  /** The state is gone; what the log has is folded. `alive`: attempts go on, and report to whoever is there now. */
  #recover({ written, alive }: { readonly written: number; readonly alive: boolean }): void {
    const torn = this.#pending.slice(0, written)
    const last = torn.at(-1)
    this.entries.length = last ? last.entry : this.#acknowledged
    if (last) {
      const entry = this.entries[last.entry - 1]!
      const events = torn.filter(each => each.entry === last.entry).map(each => each.event)
      if (events.length < entry.events.length) this.entries[last.entry - 1] = { input: entry.input, events, torn: true }
    }
    this.#acknowledged = this.entries.length
    this.#pending = []
    for (const { event } of torn) this.#write(event)
    const { library } = this.#options.behaviour
    this.state = fold(this.#graph, library, this.log, this.#dice.roll(2) ? this.#kept : undefined)
    this.#askAnew(alive ? 'go on' : 'die')
  }

  /** What the state owes is all that the process knows of; attempts may still report. */
  #askAnew(attempts: 'go on' | 'die'): void {
    this.#timers = []
    this.#pool = attempts === 'go on' ? this.#pool.filter(({ kind }) => kind === 'finish' || kind === 'tell') : []
    for (const command of outstanding(this.state)) this.#ask(command)
  }
}

type ItemsResult = Extract<Input, { kind: 'items.evaluated' }>['result']

function boundItems(values: readonly Json[], form: 'list' | 'value' | 'literal'): Bound {
  if (form === 'value') return literalValue(values)
  return form === 'literal' ? { kind: 'literal', value: values } : { kind: 'list', items: values.map(literalValue) }
}

const LOST: Outcome = { kind: 'failed', fault: { code: 'WORKER_LOST', message: 'the worker is gone' } }

/** Every stored value that an event brings. */
function noteValues(event: Event, into: Set<string>): void {
  const note = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    if ('codec' in value && 'hash' in value && typeof value.hash === 'string') into.add(value.hash)
    else for (const inner of Object.values(value)) note(inner)
  }
  switch (event.kind) {
    case 'run.started':
      return note(event.args)
    case 'step.settled':
      note(event.call?.args)
      return note(event.outcome)
    case 'attempt.started':
      return note(event.call?.args)
    case 'call.added':
      return note(event.call.args)
    case 'items.added':
      return note(event.items)
    case 'chosen':
      return note(event.value)
    case 'signal.received':
      return note(event.value)
    default:
      return
  }
}
