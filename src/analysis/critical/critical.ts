/**
 * What the time of a run hangs on: the derivative of the makespan by each step's duration, the slack of each step, the critical
 * path. With slots and pools the schedule is itself a graph (who handed over what to whom), and its longest way is the makespan.
 *
 *   X3. `gradient`: by how much all ends later when the step takes a little longer, `most`, and earlier when it takes a little
 *       less, `least`, as long as everybody goes in the same order. They differ where several ways are equally long (a tie).
 *   X4. `slackMs`: so much longer it may take, and all ends when it did, if each slot still goes from the same to the same. Where
 *       slots are free it may be more.
 *   X5. The critical path is one of the longest ways: its steps and waits make the makespan.
 */
import { buildTape, type Tape } from '../tape/tape.ts'
import { maxPlus } from '../tape/semiring.ts'
import { bestWays, type Ways } from '../tape/ways.ts'
import type { HandedOver, Timed, TimedStep } from './timed.ts'

export interface Critical {
  readonly makespanMs: number
  /** Work only, in the order of the graph. */
  readonly steps: readonly CriticalStep[]
  readonly path: readonly PathStep[]
  /** How many steps end at an instant at which another one ends: a little more of one, and they may go in another order. */
  readonly coincidences: number
}

export interface CriticalStep extends TimedStep {
  readonly startMs: number
  readonly endMs: number
  /** From its start to its end. */
  readonly durationMs: number
  /** From when it could have begun, but for slots, pools and locks, to when it did. */
  readonly waitedMs: number
  readonly gradient: { readonly least: 0 | 1; readonly most: 0 | 1 }
  readonly slackMs: number
}

export interface PathStep extends TimedStep {
  readonly startMs: number
  readonly durationMs: number
  /** Of the makespan. */
  readonly share: number
  /** Why it began no sooner: the one before it on the path had to end first, or handed something over. */
  readonly because: { readonly kind: 'start' | 'needs' } | HandedOver
  /** Between the end of the one before it and its start. */
  readonly gapMs: number
}

export function criticalOf(timed: Timed): Critical {
  const { tape, handed } = tapeOf(timed)
  const ways = bestWays(tape, maxPlus, { nodes: timed.jobs.durations })
  const steps = timed.steps.flatMap((step, job) => (step ? [criticalStep(timed, ways, step, job)] : []))
  return { makespanMs: timed.makespan, steps, path: pathOf(timed, ways, handed), coincidences: coincidencesOf(timed) }
}

/** Of each job, whether some longest way goes through it (`on`), and whether all do: the gradient as flat arrays. */
export function gradientOf(timed: Pick<Timed, 'jobs' | 'handovers'>): Ways<number> {
  return bestWays(tapeOf(timed).tape, maxPlus, { nodes: timed.jobs.durations })
}

interface ScheduleTape {
  readonly tape: Tape
  /** What was handed over from one job to another. */
  readonly handed: (from: number, to: number) => HandedOver | undefined
}

function tapeOf({ jobs, handovers }: Pick<Timed, 'jobs' | 'handovers'>): ScheduleTape {
  const { count, previous, previousStart } = jobs
  const size = previous.length + handovers.length
  const from = new Uint32Array(size)
  const to = new Uint32Array(size)
  from.set(previous)
  for (let job = 0; job < count; job++) to.fill(job, previousStart[job]!, previousStart[job + 1]!)
  for (let at = 0; at < handovers.length; at++) {
    from[previous.length + at] = handovers[at]!.from
    to[previous.length + at] = handovers[at]!.to
  }
  let given: Map<number, HandedOver> | undefined
  const isNeeded = (before: number, job: number): boolean => {
    for (let at = previousStart[job]!; at < previousStart[job + 1]!; at++) if (previous[at] === before) return true
    return false
  }
  return {
    tape: buildTape(count, { from, to }),
    handed(before, job) {
      if (isNeeded(before, job)) return undefined
      given ??= new Map(handovers.map(each => [each.from * count + each.to, each.of]))
      return given.get(before * count + job)
    },
  }
}

function criticalStep(timed: Timed, ways: Ways<number>, step: TimedStep, job: number): CriticalStep {
  const { jobs, start, end } = timed
  let ready = 0
  for (let at = jobs.previousStart[job]!; at < jobs.previousStart[job + 1]!; at++)
    ready = Math.max(ready, end[jobs.previous[at]!]!)
  return {
    ...step,
    startMs: start[job]!,
    endMs: end[job]!,
    durationMs: end[job]! - start[job]!,
    waitedMs: Math.max(0, start[job]! - ready),
    gradient: { least: ways.always[job] === 1 ? 1 : 0, most: ways.on[job] === 1 ? 1 : 0 },
    slackMs: ways.slack[job]!,
  }
}

/** What holds others takes no time of its own: the way goes through it unseen. */
function pathOf(
  { steps, start, end, makespan }: Timed,
  ways: Ways<number>,
  handed: ScheduleTape['handed'],
): readonly PathStep[] {
  const path: PathStep[] = []
  let [ended, before] = [0, -1]
  let because: PathStep['because'] = { kind: 'start' }
  for (const job of ways.way) {
    if (before !== -1) {
      const given = handed(before, job)
      if (given) because = given
      else if (because.kind === 'start') because = { kind: 'needs' }
    }
    before = job
    const step = steps[job]
    if (!step) continue
    const durationMs = end[job]! - start[job]!
    const share = makespan === 0 ? 0 : durationMs / makespan
    const first = path.length === 0 && because.kind === 'needs' ? ({ kind: 'start' } as const) : because
    path.push({
      ...step,
      startMs: start[job]!,
      durationMs,
      share,
      because: first,
      gapMs: Math.max(0, start[job]! - ended),
    })
    ended = end[job]!
    because = { kind: 'needs' }
  }
  return path
}

function coincidencesOf({ jobs, steps, end }: Timed): number {
  const ends = new Map<number, number>()
  for (let job = 0; job < jobs.count; job++)
    if (steps[job] && jobs.durations[job]! > 0) ends.set(end[job]!, (ends.get(end[job]!) ?? 0) + 1)
  return [...ends.values()].reduce((sum, count) => sum + (count > 1 ? count : 0), 0)
}
