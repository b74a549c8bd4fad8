/**
 * Steps with their times, as one form for what has run and for what is only expected: jobs, when each began and ended, and who
 * waited for whose slot, lock or pool.
 */
import { roleOf } from '../record/role.ts'
import { type Graph, placedNodes, type Node, type StepId } from '../../core/index.ts'
import { expectedJobs, type Pool } from '../schedule/expected.ts'
import type { Jobs } from '../schedule/jobs.ts'
import type { PastDurations } from '../schedule/past.ts'
import type { SchedulePolicy } from '../schedule/policy.ts'
import { type Schedule, simulate } from '../schedule/simulate.ts'

export interface Timed {
  readonly jobs: Jobs
  /** By job; undefined: where something that holds others begins or ends, or a run itself. */
  readonly steps: readonly (TimedStep | undefined)[]
  readonly pools: readonly Pool[]
  /** Milliseconds from the beginning of all. */
  readonly start: Float64Array
  readonly end: Float64Array
  readonly makespan: number
  /** Who began when somebody else gave back what it waited for. */
  readonly handovers: readonly Handover[]
  readonly slots: number
}

export interface TimedStep {
  readonly step: StepId
  readonly shown: string
  readonly kind: Node['kind']
}

export interface Handover {
  readonly from: number
  readonly to: number
  readonly of: HandedOver
}

export type HandedOver =
  /** One of the slots of all. */
  | { readonly kind: 'slot' }
  | { readonly kind: 'pool'; readonly name: string }
  | { readonly kind: 'lock'; readonly name: string }

/** What is asked of a schedule: who may run at one time, and who goes first. */
export interface Room {
  readonly slots: number
  readonly policy: SchedulePolicy
  /** Slots of pools, by name, where they are to be others. */
  readonly pools?: ReadonlyMap<string, number>
}

/** The jobs as a schedule would have them. */
export function played({ jobs, steps, pools }: Pick<Timed, 'jobs' | 'steps' | 'pools'>, room: Room): Timed {
  const { start, end, makespan, handovers } = scheduleOf(jobs, pools, room)
  const given: Handover[] = []
  for (let at = 0; at < handovers.from.length; at++) {
    const pool = handovers.pool[at]!
    given.push({
      from: handovers.from[at]!,
      to: handovers.to[at]!,
      of: pool === -1 ? { kind: 'slot' } : { kind: 'pool', name: pools[pool]?.name ?? '' },
    })
  }
  return { jobs, steps, pools, start, end, makespan, handovers: given, slots: room.slots }
}

const scheduleOf = (jobs: Jobs, pools: readonly Pool[], { slots, pools: others, policy }: Room): Schedule =>
  simulate(jobs, { slots, pools: pools.map(({ name, slots }) => others?.get(name) ?? slots), policy })

/** A workflow that has not run, with what its steps took in the past; each takes 1 ms where nothing is known at all. */
export function expectedTimes(graph: Graph, past: PastDurations, room: Room): Timed {
  const { jobs, steps, pools } = expectedJobs(graph, past)
  const placed = new Map([...placedNodes(graph.root)].map(each => [each.path, each]))
  const told = steps.map(step => {
    const place = step === '' ? undefined : placed.get(likeOf(step))
    return place === undefined || roleOf(place.node) === 'holder'
      ? undefined
      : { step, shown: shownAs(step, place), kind: place.node.kind }
  })
  return played({ jobs, steps: told, pools }, room)
}

/** As paths of a graph have it: `[*]` for an item, no turn of a loop or of a region that was entered again. */
export const likeOf = (step: StepId): string =>
  step.includes('[')
    ? step
        .replace(/\.[^./[\]]+\[\d+\]\//g, all => `${all.slice(0, all.indexOf('['))}/`)
        .replace(/\[[^\]]*\]\//g, '[*]/')
    : step

/** The path with names, and the items of the step itself in it. */
function shownAs(step: StepId, { shown }: { readonly shown: string }): string {
  const keys = step.match(/\[[^\]]*\]/g)
  let at = 0
  return keys ? shown.replace(/\[\*\]/g, all => keys[at++] ?? all) : shown
}
