/**
 * How far it is from each step of a workflow to the end, for whoever lets steps go. Of a step instance that the past does not
 * know, that of its like (the same step for other items) counts, else that of what it stands in.
 */
import type { Graph, StepId } from '../../core/index.ts'
import { expectedJobs } from './expected.ts'
import { playedRanks } from './improve.ts'
import type { PastDurations } from './past.ts'

/** Milliseconds from the start of a step instance to the end of the run; greater goes first. */
export type Ahead = (step: StepId) => number

export function aheadOf(graph: Pick<Graph, 'root'>, past: PastDurations, slots: number): Ahead {
  const { jobs, steps, pools } = expectedJobs(graph, past)
  const ranks = playedRanks(jobs, { slots, pools: pools.map(pool => pool.slots) })
  const exact = new Map<StepId, number>()
  const alike = new Map<StepId, number>()
  steps.forEach((step, job) => {
    if (step === '') return
    exact.set(step, ranks[job]!)
    const like = likeOf(step)
    alike.set(like, Math.max(alike.get(like) ?? 0, ranks[job]!))
  })
  const find = (step: StepId): number => {
    const found = exact.get(step) ?? alike.get(likeOf(step))
    if (found !== undefined) return found
    const around = step.lastIndexOf('/')
    return around === -1 ? 0 : find(holderOf(step.slice(0, around)))
  }
  return find
}

/** Keys and turns left out. */
const likeOf = (step: StepId): StepId => (step.includes('[') ? step.replace(/\[[^\]]*\]/g, '[*]') : step)

/** The step whose scope this is: its last segment without its mark. */
function holderOf(scope: string): StepId {
  const from = scope.lastIndexOf('/') + 1
  return scope.slice(0, from) + scope.slice(from).replace(/[.[].*$/, '')
}
