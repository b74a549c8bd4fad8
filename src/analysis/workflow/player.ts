/**
 * The real engine with nothing around it: a run in which somebody decides what comes in next, so that a way through a net can be
 * gone again where it counts. No values and no time: whatever is asked for is answered as whoever plays likes it.
 */
import {
  apply,
  type Command,
  compile,
  decide,
  describeStep,
  emptyState,
  type Event,
  type Fault,
  type Graph,
  type Input,
  isThere,
  type Node,
  type Note,
  outstanding,
  type State,
  type StepId,
  type ValueRef,
} from '../../core/index.ts'
import { hashText } from '../../util/hash.ts'

const AT_MS = 0
const NOTHING = { kind: 'literal', value: null } as const
const VALUE: ValueRef = { codec: 'json', hash: hashText('null'), sizeBytes: 4, inline: 'null' }
/** Answers until it is given up that all comes to rest: a net may bring forth more and more. */
const ANSWERS_MAX = 100_000

export interface Player {
  readonly state: State
  readonly inputs: readonly Input[]
  readonly events: readonly Event[]
  /** Whether the engine took it. */
  tell(input: Input): boolean
  /** What it asks for now: of one step and what is inside of it, or of the whole run. */
  asked(inside?: StepId): readonly Command[]
  /** Answers what is asked for, so that all goes well, until nothing is. */
  settle(inside?: StepId): void
  /** The same of all steps of which `isMeant` holds. Whether anything came of it. */
  settleThose(isMeant: (step: StepId) => boolean): boolean
}

/** Told of each event after it has come about, with what it brought about. */
export type Hear = (state: State, notes: readonly Note[]) => void

/** Whether there is no time left: then nothing is told any more, so all that plays comes to its end. */
export type IsOver = () => boolean

export function newPlayer(graph: Graph, isOver: IsOver, hear?: Hear): Player {
  const state = emptyState(compile(graph))
  const inputs: Input[] = []
  const events: Event[] = []
  const tell = (input: Input): boolean => {
    if (isOver()) return false
    const decision = decide(state, input)
    if (decision.kind === 'refused' || decision.events.length === 0) return false
    inputs.push(input)
    for (const event of decision.events) {
      events.push(event)
      const notes: Note[] | undefined = hear && []
      apply(state, event, notes)
      if (notes) hear?.(state, notes)
    }
    return true
  }
  const asked = (inside?: StepId): readonly Command[] =>
    outstanding(state).filter(
      command => isAnswerable(state, command) && (inside === undefined || isOf(command, inside)),
    )
  /** What an earlier answer has brought to its end is asked for no more. */
  const answer = (command: Command): boolean =>
    (!('step' in command) || isThere(state, command.step)) && tell(goodAnswer(state, command))
  const answerAll = (commands: () => readonly Command[]): boolean => {
    let answers = 0
    for (let before = -1; before < answers && answers < ANSWERS_MAX; ) {
      before = answers
      for (const command of commands()) if (answer(command)) answers += 1
    }
    return answers > 0
  }
  const settle = (inside?: StepId): void => void answerAll(() => asked(inside))
  const settleThose = (isMeant: (step: StepId) => boolean): boolean =>
    answerAll(() => asked().filter(command => 'step' in command && isMeant(command.step)))
  const args = Object.fromEntries(graph.params.map(({ name }) => [name, NOTHING]))
  tell({ kind: 'run.requested', run: 'counterexample', graph: hashText(graph.name), args, atMs: AT_MS })
  return { state, inputs, events, tell, asked, settle, settleThose }
}

/** Deadlines come when somebody wants them to, an `each` need not be given more, and a flow makes no calls here. */
function isAnswerable(state: State, command: Command): boolean {
  if (command.kind === 'armTimer') return command.timer !== 'deadline'
  if (command.kind === 'awaitSignal') return describeStep(state, command.step).node.kind !== 'each'
  return command.kind !== 'answerCall'
}

function isOf(command: Command, inside: StepId): boolean {
  if (!('step' in command)) return false
  const { step } = command
  return step === inside || (step.startsWith(inside) && /^[/.[]/.test(step.slice(inside.length)))
}

/** The answer that lets things go on, with as little of them as can be. */
export function goodAnswer(state: State, command: Command): Input {
  switch (command.kind) {
    case 'startAttempt': {
      const { step, supersedes } = command
      return supersedes === undefined
        ? { kind: 'attempt.granted', step, worker: 'player', atMs: command.notBeforeMs }
        : finished(step, supersedes, { kind: 'succeeded', output: VALUE })
    }
    case 'stopAttempt':
      return finished(command.step, command.attempt, { kind: 'cancelled' })
    case 'evaluateBranch':
      return branch(command.step, plainBranch(state, command))
    case 'evaluateItems':
      return command.added ? added(command.step, command.added.index) : listed(state, command.step, 0)
    case 'evaluateTimer':
      return { kind: 'timer.evaluated', step: command.step, result: { kind: 'due', dueAtMs: 1 }, atMs: AT_MS }
    case 'armTimer':
      return { kind: 'timer.fired', step: command.step, timer: command.timer, atMs: command.atMs }
    case 'awaitSignal':
      return { kind: 'signal.sent', signal: command.signal, step: command.step, value: NOTHING, atMs: AT_MS }
    case 'proposeGrant':
      return { kind: 'grant.proposed', step: command.step, atMs: AT_MS }
    case 'evaluateResult': {
      const { status, fault } = command
      return { kind: 'result.evaluated', status, ...(fault ? { fault } : {}), atMs: AT_MS }
    }
    case 'answerCall':
      throw new Error('defect: a flow that is played makes no calls')
  }
}

/** The answer by which the step fails; undefined where it is asked for nothing that can. */
export function badAnswer(command: Command, code: string): Input | undefined {
  const fault: Fault = { code, message: code }
  switch (command.kind) {
    case 'startAttempt':
      return command.supersedes === undefined
        ? undefined
        : finished(command.step, command.supersedes, { kind: 'failed', fault })
    case 'evaluateBranch':
      return { kind: 'branch.evaluated', step: command.step, result: { kind: 'failed', fault }, atMs: AT_MS }
    case 'evaluateItems':
      return { kind: 'items.evaluated', step: command.step, result: { kind: 'failed', fault }, atMs: AT_MS }
    case 'evaluateTimer':
      return { kind: 'timer.evaluated', step: command.step, result: { kind: 'failed', fault }, atMs: AT_MS }
    default:
      return undefined
  }
}

/** What is told to stop has been done all the same. */
export const lateAnswer = (command: Command): Input | undefined =>
  command.kind === 'stopAttempt'
    ? finished(command.step, command.attempt, { kind: 'succeeded', output: VALUE })
    : undefined

type BranchResult = Extract<Input, { kind: 'branch.evaluated' }>['result']

export const branch = (step: StepId, result: BranchResult): Input => ({
  kind: 'branch.evaluated',
  step,
  result,
  atMs: AT_MS,
})

/** A loop's state is a value of its own, so that it does not grow. */
export const chosen = (label: string): BranchResult => ({ kind: 'chosen', branch: label, value: NOTHING })

export function listed(state: State, step: StepId, count: number): Input {
  const { node } = describeStep(state, step)
  const size = node.kind === 'each' ? (node.batch ?? 1) : 1
  const keys = Array.from({ length: count }, (_, index) => String(index))
  const items = { kind: 'list', items: [] } as const
  return {
    kind: 'items.evaluated',
    step,
    result: { kind: 'listed', keys, items, count: count * size },
    atMs: AT_MS,
  }
}

const added = (step: StepId, index: number): Input => ({
  kind: 'items.evaluated',
  step,
  result: { kind: 'added', key: String(index), item: NOTHING },
  atMs: AT_MS,
})

const finished = (
  step: StepId,
  attempt: number,
  outcome: Extract<Input, { kind: 'attempt.finished' }>['outcome'],
): Input => ({ kind: 'attempt.finished', step, attempt, outcome, atMs: AT_MS })

function plainBranch(state: State, { step, branches }: Extract<Command, { kind: 'evaluateBranch' }>): BranchResult {
  if (branches) return { kind: 'chosen', branch: branches[0] ?? '' }
  const { node } = describeStep(state, step)
  return node.kind === 'any' ? severalOf(node, []) : chosen(firstLabel(node))
}

export const severalOf = (node: Extract<Node, { kind: 'any' }>, labels: readonly string[]): BranchResult => ({
  kind: 'several',
  branches: labels.length === 0 && node.otherwise ? ['otherwise'] : labels,
})

function firstLabel(node: Node): string {
  switch (node.kind) {
    case 'loop':
      return 'done'
    case 'match':
      return Object.keys(node.arms)[0] ?? 'otherwise'
    default:
      return 'otherwise'
  }
}
