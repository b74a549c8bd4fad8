/** `explore(workflow, …)`: the same run in many orders and with many deaths, to find the outcomes that nobody thought of. */
import type { AnyWorkflow, ResultOf } from '../run/embed.ts'
import type { Runnable } from '../run/runnable.ts'
import { Refusal } from '../util/diagnostic.ts'
import { toTagged } from '../util/tagged.ts'
import type { CrashPoint } from './faults.ts'
import { runnableOf, type SimulateOptions, simulateRunnable, type Simulation } from './simulate.ts'

export interface ExploreOptions<T> {
  /** How many seeds are tried. Default 100. */
  readonly seeds?: number
  /** The first seed. Default 1. */
  readonly from?: number
  /** `everywhere`: instead of seeds, the process dies just before and just after each commit, once in each simulation. */
  readonly crashes?: 'everywhere'
  /** What makes two simulations the same outcome. Default: status, output, and code and step of the fault. */
  readonly by?: (simulation: Simulation<T>) => unknown
}

export type Outcome<T> = {
  /** How many simulations came out so. */
  readonly count: number
  /** Of the first of them: with it, it comes out so again. */
  readonly seed: number | undefined
  readonly crash?: CrashPoint
} & (
  | { readonly kind: 'told'; readonly simulation: Simulation<T> }
  /** SIMULATION_ENDLESS or SIMULATION_HANGS. */
  | { readonly kind: 'refused'; readonly refusal: Refusal }
)

export interface Exploration<T> {
  readonly simulations: number
  /** The most frequent first. */
  readonly outcomes: readonly Outcome<T>[]
}

/**
 *     const { outcomes } = await explore(order, { mocks }, { seeds: 1_000 })
 *     assert.equal(outcomes.length, 1)
 */
export async function explore<W extends AnyWorkflow>(
  workflow: W,
  options: SimulateOptions = {},
  exploring: ExploreOptions<ResultOf<W>> = {},
): Promise<Exploration<ResultOf<W>>> {
  const runnable = runnableOf(workflow, options.cwd)
  return (await exploreRunnable(runnable, options, exploring as ExploreOptions<unknown>)) as Exploration<ResultOf<W>>
}

/** The same for a workflow of a file. */
export async function exploreRunnable(
  runnable: Runnable,
  options: SimulateOptions,
  exploring: ExploreOptions<unknown>,
  known: readonly string[] = [],
): Promise<Exploration<unknown>> {
  const { by = sameness } = exploring
  const simulateOne = (each: SimulateOptions) => simulateRunnable(runnable, each, known)
  const found = new Map<string, Outcome<unknown>>()
  let simulations = 0
  for await (const variant of variants(simulateOne, options, exploring)) {
    simulations += 1
    const outcome = await outcomeOf(simulateOne, variant)
    const key = outcome.kind === 'told' ? keyOf(by(outcome.simulation)) : `refused ${outcome.refusal.message}`
    const before = found.get(key)
    found.set(key, before ? { ...before, count: before.count + 1 } : outcome)
  }
  return { simulations, outcomes: [...found.values()].sort((a, b) => b.count - a.count) }
}

interface Variant {
  readonly options: SimulateOptions
  readonly crash?: CrashPoint
}

type SimulateOne = (options: SimulateOptions) => Promise<Simulation<unknown>>

async function* variants(
  simulateOne: SimulateOne,
  options: SimulateOptions,
  { seeds = 100, from = 1, crashes }: ExploreOptions<unknown>,
): AsyncIterable<Variant> {
  if (crashes === undefined) {
    for (let seed = from; seed < from + seeds; seed += 1) yield { options: { ...options, seed } }
    return
  }
  yield { options }
  const { commits } = await simulateOne(options)
  for (let commit = 1; commit <= commits; commit += 1)
    for (const when of ['before', 'after'] as const) {
      const crash: CrashPoint = { commit, when }
      yield {
        crash,
        options: { ...options, faults: { ...(options.faults === true ? {} : options.faults), crashes: [crash] } },
      }
    }
}

async function outcomeOf(simulateOne: SimulateOne, { options, crash }: Variant): Promise<Outcome<unknown>> {
  const common = { count: 1, seed: options.seed, ...(crash ? { crash } : {}) }
  try {
    return { ...common, kind: 'told', simulation: await simulateOne(options) }
  } catch (error) {
    const isFound = error instanceof Refusal && FOUND.has(error.diagnostics[0]?.code ?? '')
    if (!isFound) throw error
    return { ...common, kind: 'refused', refusal: error }
  }
}

/** Refusals that hang on the order of things, not on the call. */
const FOUND: ReadonlySet<string> = new Set(['SIMULATION_ENDLESS', 'SIMULATION_HANGS'])

const sameness = (simulation: Simulation<unknown>): unknown => {
  switch (simulation.status) {
    case 'succeeded':
      return { status: simulation.status, output: simulation.output }
    case 'waiting':
      return { status: simulation.status, waits: simulation.waits.map(wait => wait.step) }
    default:
      return { status: simulation.status, code: simulation.fault.code, step: simulation.fault.step }
  }
}

const keyOf = (value: unknown): string =>
  JSON.stringify(toTagged(value, { extend: object => String('path' in object ? object.path : object) }))
