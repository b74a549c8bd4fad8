/**
 * Every schedule of a scenario on the pure engine: from each state each thing that may happen next is tried, so what comes out
 * is the set of all complete traces, each with a schedule that forces it.
 *
 * Assumed of the shell, and held by its own tests: a cancel that a step asks for is performed before anything else comes in.
 * All else may come in any order: the evaluation of conditions, the grant of locks and gates, the beginnings and ends of tasks.
 */
import {
  apply,
  type Command,
  compile,
  decide,
  describeStep,
  emptyState,
  type Input,
  isThere,
  outstanding,
  type Program,
  restoreSnapshot,
  type State,
  takeSnapshot,
  type ValueRef,
} from '../../src/core/index.ts'
import { definitionOf } from '../../src/dsl/definition.ts'
import { askEvaluation } from '../../src/run/evaluate/ask.ts'
import { boundArguments } from '../../src/run/launch.ts'
import { embeddedRunnable, type Runnable } from '../../src/run/runnable.ts'
import { memoryStore, newMemory } from '../../src/store/memory.ts'
import { valueStore, type ValueStore } from '../../src/values/index.ts'
import type { Move, RunEnd, Scenario, Schedule } from './scenario.ts'

export interface Exploration {
  /** By the trace's text. */
  readonly traces: ReadonlyMap<string, Found>
  readonly states: number
}

export interface Found {
  readonly schedule: Schedule
  readonly end: RunEnd
}

export interface ExploreOptions {
  /** `atomic`: a task that is not held is done as soon as it begins; `open`: it begins at any time before it is done. */
  readonly tasks: 'atomic' | 'open'
  /** `late`: what the shell promises about cancels does not hold. */
  readonly cancels?: 'late'
}

const AT_MS = 1_000
/** Far above what any scenario needs: a search that runs away says so. */
const STATES_MAX = 200_000

export async function explore(scenario: Scenario, options: ExploreOptions): Promise<Exploration> {
  const runnable = runnableOf(scenario)
  const found = new Map<string, Found>()
  let states = 0
  for (const args of scenario.args ?? [{}]) states += await exploreOne({ scenario, runnable, options, args, found })
  return { traces: found, states }
}

export function runnableOf({ workflow }: Pick<Scenario, 'workflow'>): Runnable {
  const definition = definitionOf(workflow)
  if (!definition || !('body' in definition)) throw new Error('a scenario has a workflow')
  return embeddedRunnable(definition, process.cwd())
}

interface Job {
  readonly scenario: Scenario
  readonly runnable: Runnable
  readonly options: ExploreOptions
  readonly args: Readonly<Record<string, unknown>>
  readonly found: Map<string, Found>
}

/** One point of the search: a state, how it was reached, and what was sent on the way. */
interface Point {
  readonly state: State
  readonly path: Path | undefined
  readonly marks: readonly string[]
  readonly sent: Readonly<Record<string, number>>
}

interface Path {
  readonly before: Path | undefined
  readonly move: Move
}

async function exploreOne(job: Job): Promise<number> {
  const store = memoryStore(newMemory())
  try {
    const world = newWorld(job, valueStore(store.blobs, { cwd: process.cwd() }))
    const seen = new Set<string>()
    const first = await world.begin()
    const pending: Point[] = [first]
    for (let point = pending.pop(); point; point = pending.pop()) {
      if (seen.size > STATES_MAX) throw new Error(`${job.scenario.name}: more than ${STATES_MAX} states`)
      const key = keyOf(point)
      if (seen.has(key)) continue
      seen.add(key)
      if (point.marks.length > (job.scenario.marksMax ?? Number.POSITIVE_INFINITY)) continue
      const next = await world.after(point)
      if (next.length === 0) noteEnd(job, point)
      pending.push(...next)
    }
    return seen.size
  } finally {
    await store.close()
  }
}

function noteEnd({ found, args, scenario }: Job, { state, marks, path }: Point): void {
  const trace = marks.join(' ')
  const end = endOf(state)
  const before = found.get(trace)
  if (before && before.end !== end) throw new Error(`${scenario.name}: ${trace} ends ${before.end} and ${end}`)
  if (!before) found.set(trace, { schedule: { args, moves: movesOf(path) }, end })
}

function movesOf(path: Path | undefined): readonly Move[] {
  const moves: Move[] = []
  for (let each = path; each; each = each.before) moves.push(each.move)
  return moves.reverse()
}

function endOf({ phase }: State): RunEnd {
  if (phase.kind !== 'ended') return 'waiting'
  if (phase.status === 'succeeded' || phase.status === 'failed' || phase.status === 'cancelled') return phase.status
  throw new Error(`no scenario ends ${phase.status}`)
}

/** What has happened, but for how many events it took. */
function keyOf({ state, marks, sent }: Point): string {
  const { fields, ...rest } = takeSnapshot(state)
  return JSON.stringify([marks, sent, { ...fields, eventCount: 0 }, rest])
}

type DecodePath = NonNullable<Parameters<ValueStore['decode']>[1]>

interface Branch {
  readonly inputs: readonly Input[]
  readonly move?: Move
}

function newWorld(job: Job, values: ValueStore) {
  const { scenario, runnable, args } = job
  const evaluation = {
    values,
    environment: {
      load: (ref: ValueRef, path: DecodePath) => values.decode(ref, path),
      loadNow: (ref: ValueRef, path: DecodePath) => values.decodeNow(ref, path),
      pure: (name: string) => {
        const pure = runnable.bindings.pure.get(name)
        if (!pure) throw new Error(`no function ${name}`)
        return pure
      },
      resource: (): never => {
        throw new Error('scenarios have no resources')
      },
    },
  }
  const isHeld = (task: string): boolean => scenario.held?.includes(task) ?? false
  const program = (): Program => compile(runnable.graph, new Map())
  const fork = (state: State): State => restoreSnapshot(program(), takeSnapshot(state))

  /** A cancel is performed and an added item taken in at once; what is told to stop stops. */
  const eagerInput = async (state: State): Promise<Input | undefined> => {
    for (const command of outstanding(state)) {
      if (command.kind === 'stopAttempt') {
        const { step, attempt } = command
        return { kind: 'attempt.finished', step, attempt, outcome: { kind: 'cancelled' }, atMs: AT_MS }
      }
      if (command.kind === 'evaluateItems' && command.added)
        return askEvaluation(evaluation, state, command, () => AT_MS)
      if (
        job.options.cancels !== 'late' &&
        command.kind === 'proposeGrant' &&
        describeStep(state, command.step).node.kind === 'cancel'
      )
        return { kind: 'grant.proposed', step: command.step, atMs: AT_MS }
    }
    return undefined
  }

  const tell = async (state: State, inputs: readonly Input[]): Promise<boolean> => {
    for (const input of inputs) if (!submit(state, input)) return false
    for (let eager = await eagerInput(state); eager; eager = await eagerInput(state)) submit(state, eager)
    return true
  }

  const taskOf = (state: State, step: string): string => taskName(runnable, state, step)

  const completions = async (state: State, step: string): Promise<readonly Branch[]> => {
    const task = taskOf(state, step)
    const attempt = attemptOf(state, step)
    const branches: Branch[] = []
    for (const { value, mark = '' } of scenario.results?.[task] ?? [{ value: task }]) {
      const output = await values.encode(value, { task })
      const outcome = { kind: 'succeeded', output } as const
      branches.push({
        inputs: [{ kind: 'attempt.finished', step, attempt, outcome, atMs: AT_MS }],
        move: { kind: 'complete', step, value, mark: `${task}${mark}${isHeld(task) ? '>' : ''}` },
      })
    }
    return branches
  }

  const starts = async (state: State, step: string): Promise<readonly Branch[]> => {
    const task = taskOf(state, step)
    const granted: Input = { kind: 'attempt.granted', step, worker: 'w', atMs: AT_MS }
    if (isHeld(task)) return [{ inputs: [granted], move: { kind: 'begin', step, mark: `${task}<` } }]
    if (job.options.tasks === 'open') return [{ inputs: [granted] }]
    const begun = fork(state)
    submit(begun, granted)
    return (await completions(begun, step)).map(({ inputs, move }) => ({
      inputs: [granted, ...inputs],
      ...(move ? { move } : {}),
    }))
  }

  const branchesOf = async (state: State, command: Command): Promise<readonly Branch[]> => {
    switch (command.kind) {
      case 'startAttempt':
        return command.supersedes === undefined ? starts(state, command.step) : completions(state, command.step)
      case 'evaluateBranch':
      case 'evaluateItems':
      case 'evaluateTimer':
      case 'evaluateResult':
        return [{ inputs: [await askEvaluation(evaluation, state, command, () => AT_MS)] }]
      case 'proposeGrant': {
        const { step } = command
        const hasLock = (describeStep(state, step).node.policy.locks?.length ?? 0) > 0
        return [
          {
            inputs: [{ kind: 'grant.proposed', step, atMs: AT_MS }],
            ...(hasLock ? { move: { kind: 'grant', step } as const } : {}),
          },
        ]
      }
      default:
        return []
    }
  }

  const happeningsOf = async ({ state, sent, marks }: Point): Promise<readonly Branch[]> => {
    const branches: Branch[] = []
    for (const [mark, happening] of Object.entries(scenario.happenings ?? {})) {
      if (happening.kind === 'cancel' && marks.length > 0 && state.phase.kind === 'running' && !isClosing(state))
        branches.push({
          inputs: [{ kind: 'cancel.requested', reason: mark, atMs: AT_MS }],
          move: { kind: 'cancel', mark },
        })
      if (happening.kind !== 'signal' || (sent[mark] ?? 0) >= happening.times) continue
      const { signal } = happening
      const isAwaited = outstanding(state).some(each => each.kind === 'awaitSignal' && each.signal === signal)
      if (happening.told === 'taken' && !isAwaited) continue
      const output = await values.encode(mark, { task: signal })
      branches.push({
        inputs: [{ kind: 'signal.sent', signal, value: { kind: 'value', value: output, path: [] }, atMs: AT_MS }],
        move: { kind: 'signal', signal, told: happening.told, mark },
      })
    }
    return branches
  }

  const endMark = Object.entries(scenario.happenings ?? {}).find(([, { kind }]) => kind === 'end')?.[0]

  return {
    async begin(): Promise<Point> {
      const state = emptyState(program())
      const bound = await boundArguments(values, runnable.graph, args)
      await tell(state, [{ kind: 'run.requested', run: 'r', graph: 'g', args: bound, atMs: AT_MS }])
      return { state, path: undefined, marks: [], sent: {} }
    },
    async after(point: Point): Promise<readonly Point[]> {
      const branches: Branch[] = [...(await happeningsOf(point))]
      for (const command of outstanding(point.state)) branches.push(...(await branchesOf(point.state, command)))
      const next: Point[] = []
      for (const { inputs, move } of branches) {
        const state = fork(point.state)
        const isDone = await tell(state, inputs)
        if (!isDone && move?.kind !== 'signal') throw new Error(`refused: ${JSON.stringify(inputs)}`)
        const marks = move && 'mark' in move && move.mark !== undefined ? [...point.marks, move.mark] : point.marks
        const path = move ? { before: point.path, move } : point.path
        const sent =
          move?.kind === 'signal' ? { ...point.sent, [move.mark]: (point.sent[move.mark] ?? 0) + 1 } : point.sent
        const { phase } = state
        const justEnded = phase.kind === 'ended' && point.state.phase.kind !== 'ended'
        if (endMark && justEnded && phase.status === 'succeeded')
          next.push({
            state,
            path: { before: path, move: { kind: 'end', mark: endMark } },
            marks: [...marks, endMark],
            sent,
          })
        else next.push({ state, path, marks, sent })
      }
      return next
    },
  }
}

/** False when it was refused. */
function submit(state: State, input: Input): boolean {
  const decision = decide(state, input)
  if (decision.kind === 'refused') return false
  for (const event of decision.events) apply(state, event)
  return true
}

const isClosing = (state: State): boolean => {
  const root = state.byPath.get('')
  return root === undefined || state.scopes.status[root] !== 1
}

function attemptOf(state: State, step: string): number {
  for (const command of outstanding(state))
    if (command.kind === 'startAttempt' && command.step === step) return command.supersedes ?? 0
  throw new Error(`${step} does not run, ${isThere(state, step) ? 'though it is there' : 'it is not there'}`)
}

export function taskName({ bindings }: Runnable, state: State, step: string): string {
  const { node } = describeStep(state, step)
  if (node.kind !== 'task' && node.kind !== 'effect') throw new Error(`${step} is no task`)
  return bindings.definitions.get(node.task)?.name ?? node.task
}
