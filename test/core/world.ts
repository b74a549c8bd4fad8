/**
 * A world for the engine: it answers commands in any order that the dice choose, loses workers, repeats itself, and can
 * crash after any event. Its log is text, as a store's is.
 */
import { apply } from '../../src/core/engine/apply.ts'
import { calledStep, decide } from '../../src/core/engine/decide.ts'
import { describeStep, flowRecords } from '../../src/core/engine/describe.ts'
import { outstanding } from '../../src/core/engine/outstanding.ts'
import { compile } from '../../src/core/engine/program.ts'
import type {
  Answer,
  Bound,
  Command,
  Event,
  FlowCall,
  Input,
  Outcome,
  ValueRef,
} from '../../src/core/engine/protocol.ts'
import { emptyState, locate, type State, Status } from '../../src/core/engine/state.ts'
import type { Graph } from '../../src/core/graph/graph.ts'
import { hashText } from '../../src/util/hash.ts'
import { canonicalJson, type Json } from '../../src/util/json.ts'
import { type Behaviour, branchOf, failuresOf, itemsOf, keysOf, scriptOf, resultOf } from './behaviour.ts'
import { type Dice, trait } from './dice.ts'
import { applied, at } from './interpreter.ts'

export interface WorldOptions {
  readonly graph: Graph
  readonly behaviour: Behaviour
  readonly dice: Dice
  /** After every event. */
  readonly watch?: (state: State, event: Event) => void
}

export interface World {
  readonly state: State
  /** JSON texts of the events. */
  readonly log: readonly string[]
  readonly events: readonly Event[]
  /** Codes of refused inputs. */
  readonly refused: readonly string[]
  begin(): void
  tell(input: Input): void
  /** Works until nothing is left to do, or the log has so many events. */
  work(eventsMax?: number): void
  /** The process dies; another one folds the log. */
  crash(): void
}

type Action =
  | { readonly kind: 'start'; readonly step: string; readonly notBeforeMs: number; readonly supersedes?: number }
  | { readonly kind: 'finish' | 'stopped' | 'flow'; readonly step: string; readonly attempt: number }
  | { readonly kind: 'branch' | 'items'; readonly step: string }
  | { readonly kind: 'result'; readonly command: Extract<Command, { kind: 'evaluateResult' }> }

const LOST_ONE_IN = 12

export function fold(graph: Graph, library: Behaviour['library'], log: readonly string[]): State {
  const state = emptyState(compile(graph, library))
  for (const text of log) apply(state, JSON.parse(text) as Event)
  return state
}

export function newWorld({ graph, behaviour, dice, watch }: WorldOptions): World {
  let state = emptyState(compile(graph, behaviour.library))
  let todo: Action[] = []
  let nowMs = 0
  let limit = Number.POSITIVE_INFINITY
  const log: string[] = []
  const refused: string[] = []
  const failures = new Map<string, number>()
  const lost = new Map<string, number>()

  const tell = (input: Input): void => {
    if (log.length >= limit) return
    const decision = decide(state, input)
    if (decision.kind === 'refused') return void refused.push(decision.code)
    for (const event of decision.events) {
      log.push(JSON.stringify(event))
      if (event.kind === 'attempt.failed' && event.counts) failures.set(event.step, (failures.get(event.step) ?? 0) + 1)
      for (const command of apply(state, event)) ask(command)
      watch?.(state, event)
    }
  }

  const ask = (command: Command): void => {
    switch (command.kind) {
      case 'startAttempt':
        return void todo.push({ ...command, kind: 'start' })
      case 'stopAttempt':
        return void todo.push({ ...command, kind: 'stopped' })
      case 'evaluateBranch':
        return void todo.push({ kind: 'branch', step: command.step })
      case 'evaluateItems':
        return void todo.push({ kind: 'items', step: command.step })
      case 'answerCall':
        return void todo.push({ kind: 'flow', step: command.flow, attempt: attemptOf(command.flow) })
      case 'evaluateResult':
        return void todo.push({ kind: 'result', command })
    }
  }

  const attemptOf = (step: string): number => {
    const place = locate(state, step)
    return place ? state.steps.attempt[place.row]! : -1
  }
  const isRunning = (step: string, attempt: number): boolean => {
    const place = locate(state, step)
    return place !== undefined && state.steps.status[place.row] === Status.running && attemptOf(step) === attempt
  }

  const act = (action: Action): void => {
    nowMs += 1
    // A step can be gone with its scope before the world comes to it.
    if ('step' in action && action.kind !== 'finish' && action.kind !== 'stopped' && !locate(state, action.step)) return
    switch (action.kind) {
      case 'start':
        return start(action)
      case 'finish':
      case 'stopped':
        return finish(action)
      case 'flow':
        return isRunning(action.step, action.attempt) ? runFlow(action.step, action.attempt) : undefined
      case 'branch': {
        const { node } = describeStep(state, action.step)
        const labels = node.kind === 'match' ? Object.keys(node.arms) : ['then', 'otherwise']
        const result = { kind: 'chosen', branch: branchOf(action.step, labels) } as const
        return tell({ kind: 'branch.evaluated', step: action.step, result, atMs: nowMs })
      }
      case 'items': {
        const result = { kind: 'listed', keys: keysOf(action.step), items: boundItems(action.step) } as const
        return tell({ kind: 'items.evaluated', step: action.step, result, atMs: nowMs })
      }
      case 'result': {
        const { status, result, fault } = action.command
        const output = result ? keep(evaluated(result)) : undefined
        return tell({ kind: 'result.evaluated', status, output, fault, atMs: nowMs })
      }
    }
  }

  const start = ({ step, notBeforeMs, supersedes }: Extract<Action, { kind: 'start' }>): void => {
    nowMs = Math.max(nowMs, notBeforeMs)
    if (
      supersedes === undefined &&
      trait(`${step} known`, 6) === 0 &&
      failuresOf(behaviour, step) === 0 &&
      !isFlow(step)
    ) {
      const outcome = { kind: 'succeeded', output: keep(resultOf(step, argsOf(step))) } as const
      return tell({ kind: 'step.known', step, outcome, origin: { kind: 'given' }, atMs: nowMs })
    }
    tell({
      kind: 'attempt.granted',
      step,
      worker: 'w',
      ...(supersedes === undefined ? {} : { supersedes }),
      atMs: nowMs,
    })
    afterStart(step)
  }

  const afterStart = (step: string): void => {
    const attempt = attemptOf(step)
    if (isRunning(step, attempt)) todo.push({ kind: isFlow(step) ? 'flow' : 'finish', step, attempt })
  }

  const isFlow = (step: string): boolean =>
    locate(state, step) !== undefined && describeStep(state, step).node.kind === 'flow'
  const argsOf = (step: string): Json => describeStep(state, step).args.map(evaluated)

  const finish = ({ kind, step, attempt }: Extract<Action, { kind: 'finish' | 'stopped' | 'flow' }>): void => {
    if (!isRunning(step, attempt))
      return tell({ kind: 'attempt.finished', step, attempt, outcome: { kind: 'cancelled' }, atMs: nowMs })
    const gently = kind === 'stopped' && (isFlow(step) || trait(`${step} stops`, 2) === 0)
    const outcome: Outcome = gently ? { kind: 'cancelled' } : outcomeOf(step, argsOf(step))
    const input: Input = { kind: 'attempt.finished', step, attempt, outcome, atMs: nowMs }
    tell(input)
    if (dice.roll(8) === 0) tell(input)
  }

  const outcomeOf = (step: string, args: Json): Outcome => {
    if (dice.roll(LOST_ONE_IN) === 0 && (lost.get(step) ?? 0) < 2) {
      lost.set(step, (lost.get(step) ?? 0) + 1)
      return failed('WORKER_LOST')
    }
    if ((failures.get(step) ?? 0) < failuresOf(behaviour, step)) return failed('TASK_FAILED')
    return { kind: 'succeeded', output: keep(resultOf(step, args)) }
  }

  /** Runs a flow's body as far as its answers reach: it holds nothing that the state does not. */
  const runFlow = (step: string, attempt: number): void => {
    const script = scriptOf(behaviour, step)
    const given = (): ReadonlyMap<string, Answer | undefined> =>
      new Map(flowRecords(state, step).map(({ call, answer }) => [call.key, answer]))
    const answers: Json[] = []
    let open = 0
    for (const [index, scripted] of script.calls.entries()) {
      if (!given().has(scripted.key))
        makeCall({
          ...scripted,
          flow: step,
          argsHash: '',
          args: [{ kind: 'literal', value: index }, literalValue('two')],
        })
      const answer = given().get(scripted.key)
      if (answer?.kind === 'succeeded') answers.push(evaluated(answer.result))
      else if (answer && script.onFailure === 'catch') answers.push('caught')
      else if (answer)
        return tell({
          kind: 'attempt.finished',
          step,
          attempt,
          outcome: { kind: 'failed', fault: answer.kind === 'failed' ? answer.fault : fault('CANCELLED') },
          atMs: nowMs,
        })
      else open += 1
      if (open > 0 && script.mode === 'one by one') return
    }
    if (open === 0)
      tell({ kind: 'attempt.finished', step, attempt, outcome: outcomeOf(step, [argsOf(step), answers]), atMs: nowMs })
  }

  const makeCall = (call: FlowCall): void => {
    const step = calledStep(call)
    const isCalledFlow = call.target.kind === 'node' && call.target.node.kind === 'flow'
    const way =
      call.target.kind === 'workflow' ? 'made' : (['granted', 'made', 'known'] as const)[trait(`${step} way`, 3)]!
    if (way === 'known' && !isCalledFlow && failuresOf(behaviour, step) === 0) {
      const outcome = { kind: 'succeeded', output: keep(resultOf(step, call.args.map(evaluated))) } as const
      return tell({ kind: 'call.known', call, outcome, origin: { kind: 'given' }, atMs: nowMs })
    }
    if (way === 'made') return tell({ kind: 'call.made', call, atMs: nowMs })
    tell({ kind: 'call.granted', call, worker: 'w', atMs: nowMs })
    afterStart(step)
  }

  return {
    get state() {
      return state
    },
    log,
    get events() {
      return log.map(text => JSON.parse(text) as Event)
    },
    refused,
    begin: () => tell({ kind: 'run.requested', run: 'r', graph: 'g', args: { p: literalValue(['p', 1]) }, atMs: 0 }),
    tell,
    work(eventsMax = Number.POSITIVE_INFINITY) {
      limit = eventsMax
      while (todo.length > 0 && log.length < limit) act(todo.splice(dice.roll(todo.length), 1)[0]!)
      limit = Number.POSITIVE_INFINITY
    },
    crash() {
      state = fold(graph, behaviour.library, log)
      todo = []
      for (const command of outstanding(state)) ask(command)
    },
  }
}

export const fault = (code: string) => ({ code, message: code })
export const failed = (code: string): Outcome => ({ kind: 'failed', fault: fault(code) })

/** A small value stands in its ref. */
export function keep(value: Json): ValueRef {
  const inline = canonicalJson(value)
  return { codec: 'json', hash: hashText(inline), sizeBytes: inline.length, inline }
}
export const literalValue = (value: Json): Bound => ({ kind: 'value', value: keep(value), path: [] })

function boundItems(step: string): Bound {
  const { values, form } = itemsOf(step)
  if (form === 'value') return literalValue(values)
  if (form === 'literal') return { kind: 'literal', value: values }
  return { kind: 'list', items: values.map(literalValue) }
}

export function evaluated(bound: Bound): Json {
  switch (bound.kind) {
    case 'literal':
      return bound.value
    case 'value':
      return at(JSON.parse(bound.value.inline ?? 'null') as Json, bound.path)
    case 'record':
      return Object.fromEntries(Object.entries(bound.fields).map(([name, field]) => [name, evaluated(field)]))
    case 'list':
      return bound.items.map(evaluated)
    case 'apply':
      return at(applied(bound.args.map(evaluated)), bound.path)
    case 'resource':
      return bound.resource as unknown as Json
  }
}
