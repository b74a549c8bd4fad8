/**
 * The scheduling set: each shape in several sizes and seeds, on several numbers of slots. Each case is bounded from below twice:
 * by max(critical path, work / slots), and by what narrow places and the packing of long jobs add to it (tight-bound.ts).
 */
import { buildJobs, type Jobs, lowerBound, playedRanks, simulate, tightBound } from '../../src/analysis/index.ts'
import { shorterThan } from './proof.ts'
import { SHAPES, type Shape } from './shapes.ts'

const SIZES = [50, 100, 300, 1_000]
const SEEDS = [1, 2, 3]
const SLOTS = [2, 4, 8, 16, 32, 64]
const TARGET = 1.05

interface Case {
  readonly name: string
  readonly jobs: Jobs
  readonly slots: number
  /** Of what was played. */
  readonly makespan: number
  /** Makespans over the simple bound. */
  readonly simple: Ratios
  /** Over the better one. */
  readonly tight: Ratios
}

/** `longest`: the longest way to the end first. `played`: the best of some orders that were played, as `--schedule critical-path` takes. */
type Ratios = { readonly [K in 'fifo' | 'longest' | 'played']: number }

export function* set(): Generator<readonly string[]> {
  yield [
    'shape',
    'cases',
    'fifo',
    'longest way first',
    'played',
    `over ${TARGET}`,
    'played, simple bound',
    `over ${TARGET}`,
  ]
  yield Array.from({ length: 8 }, () => '---')
  const all: Case[] = []
  for (const shape of SHAPES) {
    const cases = casesOf(shape)
    all.push(...cases)
    yield rowOf(shape.name, cases)
  }
  yield rowOf('all', all)
  for (const each of all.filter(({ tight }) => tight.played > TARGET).sort(byPlayed)) yield overRow(each)
}

/** Whether the schedule is bad or the bound. */
function overRow({ name, jobs, slots, makespan, tight, simple }: Case): readonly string[] {
  const proof =
    shorterThan(jobs, slots, makespan / TARGET) === 'none' ? `none is ${TARGET} x shorter: all were tried` : 'not known'
  return [name, '', figure(tight.fifo), figure(tight.longest), figure(tight.played), proof, figure(simple.played), '']
}

const byPlayed = (a: Case, b: Case): number => b.tight.played - a.tight.played

const casesOf = (shape: Shape): readonly Case[] =>
  SIZES.flatMap(size =>
    SEEDS.flatMap(seed => {
      const jobs = buildJobs(shape.draw(size, seed))
      return SLOTS.map(slots => caseOf(`${shape.name}, ${jobs.count} jobs, seed ${seed}, ${slots} slots`, jobs, slots))
    }),
  )

function caseOf(name: string, jobs: Jobs, slots: number): Case {
  const makespans = {
    fifo: simulate(jobs, { slots, policy: { kind: 'fifo' } }).makespan,
    longest: simulate(jobs, { slots, policy: { kind: 'critical-path' } }).makespan,
    played: simulate(jobs, { slots, policy: { kind: 'ranked', ranks: playedRanks(jobs, { slots }) } }).makespan,
  }
  const over = (bound: number): Ratios => ({
    fifo: makespans.fifo / bound,
    longest: makespans.longest / bound,
    played: makespans.played / bound,
  })
  return {
    name,
    jobs,
    slots,
    makespan: makespans.played,
    simple: over(lowerBound(jobs, { slots }).bound),
    tight: over(tightBound(jobs, { slots })),
  }
}

function rowOf(name: string, cases: readonly Case[]): readonly string[] {
  const tight = (which: keyof Ratios): string => spread(cases.map(each => each.tight[which]))
  const over = (bound: 'tight' | 'simple'): string => String(cases.filter(each => each[bound].played > TARGET).length)
  return [
    name,
    String(cases.length),
    tight('fifo'),
    tight('longest'),
    tight('played'),
    over('tight'),
    spread(cases.map(each => each.simple.played)),
    over('simple'),
  ]
}

/** Median and worst. */
function spread(ratios: readonly number[]): string {
  const sorted = [...ratios].sort((a, b) => a - b)
  return `${figure(sorted[sorted.length >> 1]!)}, ${figure(sorted.at(-1)!)}`
}

const figure = (ratio: number): string => ratio.toFixed(3)
