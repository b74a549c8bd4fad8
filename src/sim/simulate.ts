/** `simulate(workflow, …)`: a run on a virtual clock, with mocks in place of the world. */
import type { Event, Fault, Graph, RunStatus } from '../core/index.ts'
import { regionsOf, type Region } from '../core/index.ts'
import { definitionOf } from '../dsl/definition.ts'
import { checkArguments } from '../run/arguments.ts'
import type { AnyWorkflow, ResultOf } from '../run/embed.ts'
import { embeddedRunnable, type Runnable } from '../run/runnable.ts'
import type { Line } from '../run/session.ts'
import { refuse } from '../util/diagnostic.ts'
import { type Duration, durationMs } from '../util/duration.ts'
import { decodeFault } from '../values/index.ts'
import type { Faults } from './faults.ts'
import { SOME_FAULTS } from './faults.ts'
import { isReal, type Mockable, notMocked, type Real, type SimulatedCall } from './layers.ts'
import { type Mocks, newMockBook, refuseUnknown, type MockBook } from './mocks.ts'
import type { Signals, SignalWait, SimulatedRequest, Wait } from './signals.ts'
import type { Moment, SimulatedStep } from './chronicle.ts'
import { simulateWorld, type WorldOptions } from './world.ts'

export interface SimulateOptions {
  /** Arguments by the names of the parameters. */
  readonly args?: Readonly<Record<string, unknown>>
  readonly mocks?: Mocks
  /** What runs for real where nothing is mocked. `tasks` (default): tasks, but no effects. */
  readonly real?: Real
  /** How long a function takes that runs for real: asked when it has ended. Absent: no time passes. */
  readonly takes?: (call: SimulatedCall) => Duration | undefined
  /** Told how the virtual clock is read, before anything runs: for functions of yours that ask for the time. */
  readonly onClock?: (now: () => number) => void
  /** What the world tells the run: signals with their instants, or what each wait is answered with. */
  readonly signals?: Signals
  /** What somebody asks of the run: to cancel it or a step, to try a parked step again. */
  readonly requests?: readonly SimulatedRequest[]
  /** What decides everything that may come in several orders, and what mocks draw. Absent: first come, first served. */
  readonly seed?: number
  /** What goes wrong on purpose; `true`: some of each. */
  readonly faults?: Faults | true
  /** When the run starts. Default: 2030-01-01T00:00:00Z, so that a simulation comes out the same every day. */
  readonly start?: Date
  /** Virtual time after which the simulation is given up. Default: 10 years. */
  readonly maxTime?: Duration
  /** Events after which it is given up. Default: 1,000,000. */
  readonly maxEvents?: number
  /** Real time that one thing may take. Default: 30 s. */
  readonly patience?: Duration
  /** Attempts in flight at a time. Default 256. */
  readonly slots?: number
  /** Values of sources by name: of the step, of the variable, of the environment variable, or the path or globs. */
  readonly sources?: Readonly<Record<string, unknown>>
  /** Values of secrets by name. Real ones are never opened: what is not here is a stand-in. */
  readonly secrets?: Readonly<Record<string, string>>
  /** Folder where relative paths start. Default: the current one. */
  readonly cwd?: string
}

interface Common {
  /** Virtual milliseconds from start to end. */
  readonly durationMs: number
  /** Every event of the run, as it would be stored. */
  readonly log: readonly Event[]
  /** The same for people: moments counted from the start. */
  readonly trace: readonly Moment[]
  /** Steps that had attempts or ended, in the order of their beginning. */
  readonly steps: readonly SimulatedStep[]
  /** Functions and mocks that were called, in order; more than once a step when attempts failed or were lost. */
  readonly calls: readonly SimulatedCall[]
  /** What steps printed; `atMs` counts from the start of the run. */
  readonly lines: readonly Line[]
  readonly graph: Graph
  readonly seed: number | undefined
  readonly commits: number
  readonly crashes: number
  /** Waits for signals that still last, or failed because none came. */
  readonly unanswered: readonly SignalWait[]
  /** Names of mocks that no step has asked for. */
  readonly unusedMocks: readonly string[]
}

export type Simulation<T> = Common &
  (
    | { readonly status: 'succeeded'; readonly output: T }
    | { readonly status: Exclude<RunStatus, 'succeeded'>; readonly fault: Fault; readonly error: unknown }
    /** Nothing more happens by itself. */
    | { readonly status: 'waiting'; readonly waits: readonly Wait[] }
  )

const START = Date.UTC(2030, 0, 1)
const EVENTS_MAX = 1_000_000

/**
 * Runs a workflow or a flow on a virtual clock: what takes days takes milliseconds.
 *
 *     const result = await simulate(release, { mocks: { publish: 'done' } })
 *
 * Refuses with what is wrong with the call (NOT_A_WORKFLOW, PARAMETER_INVALID, EFFECT_NOT_MOCKED, TASK_NOT_MOCKED,
 * MOCK_UNKNOWN), and SIMULATION_ENDLESS, SIMULATION_HANGS. What goes wrong in the run is data.
 */
export async function simulate<W extends AnyWorkflow>(
  workflow: W,
  options: SimulateOptions = {},
): Promise<Simulation<ResultOf<W>>> {
  return (await simulateRunnable(runnableOf(workflow, options.cwd), options)) as Simulation<ResultOf<W>>
}

/** Refuses NOT_A_WORKFLOW, and what is wrong with the graph. */
export function runnableOf(workflow: AnyWorkflow, cwd = process.cwd()): Runnable {
  const definition = definitionOf(workflow)
  if (definition && 'body' in definition) return embeddedRunnable(definition, cwd)
  return refuse('NOT_A_WORKFLOW', 'simulate() and explore() take what workflow() or flow() gave', {
    hint: 'Wrap the tasks in a workflow.',
  })
}

/** The same for a workflow of a file. `known`: names that may be mocked although this workflow has no such step. */
export async function simulateRunnable(
  runnable: Runnable,
  options: SimulateOptions,
  known: readonly string[] = [],
): Promise<Simulation<unknown>> {
  const { real = 'tasks', seed, faults = {} } = options
  const book = newMockBook(options.mocks ?? {})
  checkMocks(runnable, book, { real, known })
  const world: WorldOptions = {
    runnable,
    args: await checkArguments(runnable.definition, options.args ?? {}),
    book,
    real,
    seed,
    faults: faults === true ? SOME_FAULTS : faults,
    signals: options.signals ?? [],
    requests: options.requests ?? [],
    ...(options.takes ? { takes: options.takes } : {}),
    ...(options.onClock ? { onClock: options.onClock } : {}),
    startMs: options.start?.getTime() ?? START,
    timeMsMax: durationMs(options.maxTime ?? '3650d'),
    eventsMax: options.maxEvents ?? EVENTS_MAX,
    patienceMs: durationMs(options.patience ?? '30s'),
    slots: options.slots,
    sources: options.sources ?? {},
    secrets: options.secrets ?? {},
  }
  return simulateWorld(world, async (told, values) => {
    const { calls, lines, commits, crashes, chronicle } = told
    const common: Common = {
      durationMs: told.durationMs,
      log: chronicle.events,
      trace: chronicle.moments,
      steps: chronicle.steps,
      calls,
      lines,
      graph: runnable.graph,
      seed,
      commits,
      crashes,
      unanswered: chronicle.unanswered,
      unusedMocks: book.unusedNames(),
    }
    const end = chronicle.events.findLast(event => event.kind === 'run.ended')
    if (end?.kind !== 'run.ended') return { ...common, status: 'waiting', waits: told.waits }
    if (end.status === 'succeeded')
      return { ...common, status: 'succeeded', output: end.output && (await values.decode(end.output)) }
    const fault = end.fault ?? { code: 'FAILED', message: 'the run failed' }
    return { ...common, status: end.status, fault, error: await decodeFault(fault, values) }
  })
}

/** What the graph tells before anything runs; what flows call is only known when they do. */
function checkMocks(
  { graph, bindings }: Runnable,
  book: MockBook,
  { real, known: others }: { readonly real: Real; readonly known: readonly string[] },
): void {
  const known = [...others]
  const missing = { task: [] as string[], effect: [] as string[], service: [] as string[] }
  const isFlowing = visit(graph.root, '', (node, step) => {
    const called = calledBy(node)
    if (!called) return
    const definition = bindings.definitions.get(called.task)
    known.push(node.name, ...(definition ? [definition.name] : []))
    if (!book.find({ step, name: node.name }, definition) && !isReal(real, called.kind))
      missing[called.kind].push(definition?.name ?? node.name)
  })
  for (const kind of ['effect', 'service', 'task'] as const)
    if (missing[kind].length > 0) throw notMocked(kind, missing[kind])
  if (!isFlowing)
    refuseUnknown(
      book.unusedNames().filter(name => !known.includes(name)),
      known,
    )
}

/** The function that a step calls. That of a source is called like a task's. */
function calledBy(node: Region['nodes'][number]): { readonly kind: Mockable; readonly task: string } | undefined {
  if (node.kind === 'task' || node.kind === 'effect' || node.kind === 'service') return node
  return node.kind === 'source' && node.source.kind === 'function'
    ? { kind: 'task', task: node.source.task }
    : undefined
}

/** Every node, with its id as far as it is known; true when there is a flow. */
function visit(region: Region, path: string, see: (node: Region['nodes'][number], step: string) => void): boolean {
  let isFlowing = false
  for (const node of region.nodes) {
    see(node, path + node.id)
    if (node.kind === 'flow') isFlowing = true
    for (const [, inner] of regionsOf(node)) if (visit(inner, `${path}${node.id}/`, see)) isFlowing = true
  }
  return isFlowing
}
