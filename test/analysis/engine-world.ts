/**
 * The world around the engine as the analysis sees it: everything that may come in next, with no values and no time. Attempts
 * begin and end in any order and fail or succeed, choices fall to any side, items are none, one or two, signals that somebody
 * waits for may come, timers fire.
 */
import {
  apply,
  type Command,
  decide,
  describeStep,
  type Event,
  type Fault,
  type Graph,
  type Input,
  type Node,
  type Note,
  outstanding,
  type Region,
  regionsOf,
  type State,
  waits,
  type ValueRef,
} from '../../src/core/index.ts'
import { locate, nodeOf } from '../../src/core/engine/state.ts'

export interface World {
  /** How much of a kind there is: enough to tell none, one and several apart. */
  readonly itemsMax: number
  readonly turnsMax: number
  /**
   * `late`: also a cancel that a step asks for comes in at any time, which a net without priorities cannot but take for granted;
   * `urgent`: before anything else, as the shell does it.
   */
  readonly cancels: 'late' | 'urgent'
}

export const LATE: World = { itemsMax: 2, turnsMax: 2, cancels: 'late' }
export const URGENT: World = { ...LATE, cancels: 'urgent' }

export const AT_MS = 1_000
export const VALUE: ValueRef = { codec: 'json', hash: 'v', sizeBytes: 1, inline: '0' }
const NOTHING = { kind: 'literal', value: null } as const

/** Codes that handlers of the graph tell apart, and one that no handler names. */
export function faultsOf(graph: Graph): readonly Fault[] {
  const codes = new Set<string>(['TASK_FAILED'])
  const visit = (region: Region): void => {
    for (const node of region.nodes) {
      if (node.kind === 'attempt') for (const { errors } of node.handlers) for (const code of errors) codes.add(code)
      for (const [, inner] of regionsOf(node)) visit(inner)
    }
  }
  visit(graph.root)
  return [...codes].map(code => ({ code, message: code }))
}

export const beginning = (graph: Graph): Input => ({
  kind: 'run.requested',
  run: 'r',
  graph: 'g',
  args: Object.fromEntries(graph.params.map(({ name }) => [name, NOTHING])),
  ...(graph.deadlineMs === undefined ? {} : { deadlineAtMs: AT_MS + graph.deadlineMs }),
  atMs: AT_MS,
})

/** The events, or undefined when it was refused. */
export function submit(state: State, input: Input, notes?: Note[]): readonly Event[] | undefined {
  const decision = decide(state, input)
  if (decision.kind === 'refused') return undefined
  for (const event of decision.events) apply(state, event, notes)
  return decision.events
}

/** All that may come in now. Empty: nothing can happen any more. */
export function inputsTo(state: State, faults: readonly Fault[], world: World): readonly Input[] {
  const commands = outstanding(state)
  const urgent = commands.filter(command => isUrgent(state, command, world))
  const inputs = (urgent.length > 0 ? urgent : commands).flatMap(command => answersTo(state, command, faults, world))
  if (urgent.length > 0) return inputs
  for (const wait of waits(state))
    if (wait.kind === 'parked') inputs.push({ kind: 'retry.requested', step: wait.step, atMs: AT_MS })
  return inputs
}

function isUrgent(state: State, command: Command, { cancels }: World): boolean {
  if (command.kind === 'evaluateItems') return command.added !== undefined
  return cancels === 'urgent' && command.kind === 'proposeGrant' && nodeIn(state, command.step)?.kind === 'cancel'
}

/** `describeStep` would bind what a step that is queued may not have yet. */
function nodeIn(state: State, step: string): Node | undefined {
  const place = locate(state, step)
  return place && nodeOf(state, place)
}

function answersTo(state: State, command: Command, faults: readonly Fault[], world: World): readonly Input[] {
  switch (command.kind) {
    case 'startAttempt':
      if (command.supersedes === undefined)
        return [{ kind: 'attempt.granted', step: command.step, worker: 'w', atMs: AT_MS }]
      return [succeeded(command.step, command.supersedes), ...failures(command.step, command.supersedes, faults)]
    case 'stopAttempt':
      return [succeeded(command.step, command.attempt), cancelled(command.step, command.attempt)]
    case 'evaluateBranch':
      return branchesOf(state, command, world).map(result => ({
        kind: 'branch.evaluated',
        step: command.step,
        result,
        atMs: AT_MS,
      }))
    case 'evaluateItems':
      return itemsOf(state, command, world)
    case 'evaluateTimer':
      return [
        { kind: 'timer.evaluated', step: command.step, result: { kind: 'due', dueAtMs: AT_MS + 1 }, atMs: AT_MS },
        { kind: 'timer.evaluated', step: command.step, result: { kind: 'failed', fault: BROKEN }, atMs: AT_MS },
      ]
    case 'armTimer':
      return [{ kind: 'timer.fired', step: command.step, timer: command.timer, atMs: command.atMs }]
    case 'awaitSignal':
      return canTakeMore(state, command.step, world) ? [signalTo(command.step, command.signal)] : []
    case 'proposeGrant':
      return [{ kind: 'grant.proposed', step: command.step, atMs: AT_MS }]
    case 'evaluateResult':
      return [{ kind: 'result.evaluated', status: command.status, atMs: AT_MS }]
    case 'answerCall':
      return []
  }
}

const BROKEN: Fault = { code: 'EVALUATION_FAILED', message: 'an expression threw' }

const succeeded = (step: string, attempt: number): Input => ({
  kind: 'attempt.finished',
  step,
  attempt,
  outcome: { kind: 'succeeded', output: VALUE },
  atMs: AT_MS,
})

const cancelled = (step: string, attempt: number): Input => ({
  kind: 'attempt.finished',
  step,
  attempt,
  outcome: { kind: 'cancelled' },
  atMs: AT_MS,
})

const failures = (step: string, attempt: number, faults: readonly Fault[]): readonly Input[] =>
  faults.map(fault => ({
    kind: 'attempt.finished',
    step,
    attempt,
    outcome: { kind: 'failed', fault },
    atMs: AT_MS,
  }))

const signalTo = (step: string, signal: string): Input => ({
  kind: 'signal.sent',
  signal,
  step,
  value: NOTHING,
  atMs: AT_MS,
})

type BranchResult = Extract<Input, { kind: 'branch.evaluated' }>['result']

function branchesOf(
  state: State,
  { step, branches }: Extract<Command, { kind: 'evaluateBranch' }>,
  { turnsMax }: World,
): readonly BranchResult[] {
  const chosen = (branch: string): BranchResult => ({ kind: 'chosen', branch })
  const failed: BranchResult = { kind: 'failed', fault: BROKEN }
  if (branches) return branches.map(chosen)
  const { node } = describeStep(state, step)
  switch (node.kind) {
    case 'when':
      return [chosen('then'), chosen('otherwise'), failed]
    case 'match':
      return [...Object.keys(node.arms), ...(node.otherwise ? ['otherwise'] : [])].map(chosen).concat(failed)
    case 'any':
      return [...subsetsOf(node), failed]
    case 'loop': {
      const done: BranchResult = { kind: 'chosen', branch: 'done', value: NOTHING }
      const again: BranchResult = { kind: 'chosen', branch: 'again', value: NOTHING }
      return turnOf(state, step) < turnsMax ? [again, done, failed] : [done, failed]
    }
    default:
      throw new Error(`${node.kind} has no branches`)
  }
}

function subsetsOf(node: Extract<Node, { kind: 'any' }>): readonly BranchResult[] {
  const labels = Object.keys(node.arms)
  return Array.from({ length: 2 ** labels.length }, (_, set) => {
    const branches = labels.filter((_label, index) => (set & (1 << index)) !== 0)
    return { kind: 'several', branches: branches.length === 0 && node.otherwise ? ['otherwise'] : branches }
  })
}

function turnOf(state: State, step: string): number {
  const group = groupOf(state, step)
  return group?.kind === 'loop' ? group.turn : 0
}

function groupOf(state: State, step: string) {
  const place = locate(state, step)
  return place && state.groups.get(place.row)
}

function itemsOf(
  state: State,
  { step, added }: Extract<Command, { kind: 'evaluateItems' }>,
  { itemsMax }: World,
): readonly Input[] {
  const answer = (result: Extract<Input, { kind: 'items.evaluated' }>['result']): Input => ({
    kind: 'items.evaluated',
    step,
    result,
    atMs: AT_MS,
  })
  if (added) return [answer({ kind: 'added', key: `k${added.index}`, item: NOTHING })]
  const { node } = describeStep(state, step)
  const size = node.kind === 'each' ? (node.batch ?? 1) : 1
  const listed = Array.from({ length: itemsMax + 1 }, (_, count) => {
    const keys = Array.from({ length: count }, (_key, index) => `k${index}`)
    return answer({ kind: 'listed', keys, items: { kind: 'list', items: [] }, count: count * size })
  })
  return [...listed, answer({ kind: 'failed', fault: BROKEN })]
}

/** A wait takes one; an each only as many as there may be. */
function canTakeMore(state: State, step: string, { itemsMax }: World): boolean {
  const group = groupOf(state, step)
  return group?.kind !== 'many' || group.keys.length + group.pending.length < itemsMax
}
