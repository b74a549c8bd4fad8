/**
 * Plays a schedule without running anything: jobs start as soon as all before them have ended and their slots are free, in the
 * order that a policy says (list scheduling: R. L. Graham, Bounds on Multiprocessing Timing Anomalies, 1969). The same rules as
 * those of the shell's own scheduler, O((V + E) log V).
 *
 *   Y1. A job starts at an instant at which it became ready or another one ended; never while it could have started before,
 *       but for one of its pool that is before it and needs more slots than there are.
 *   Y2. Greater priority first, then the policy, then first come, first served. What ends at one instant gives back its slots
 *       before anything starts at it.
 *   Y3. Each start is the latest end among the jobs before it and its handovers: so the schedule itself is a graph, whose
 *       longest way is the makespan.
 */
import { refuse } from '../../util/diagnostic.ts'
import { type Heap, newHeap } from './heap.ts'
import type { Jobs } from './jobs.ts'
import { ranksOf, type SchedulePolicy } from './policy.ts'
import { newUnits } from './units.ts'

export interface ScheduleOptions {
  /** At least 1; may be infinite. */
  readonly slots: number
  /** Slots of each pool. */
  readonly pools?: readonly number[]
  readonly policy: SchedulePolicy
}

export interface Schedule {
  /** Milliseconds from the start of all. */
  readonly start: Float64Array
  readonly end: Float64Array
  readonly makespan: number
  /** All jobs in the order in which they started: each after those that it waited for. */
  readonly order: Uint32Array
  readonly handovers: Handovers
}

/** Whose end gave whom a slot: a relation between jobs, beside that of who waits for whom. */
export interface Handovers {
  readonly from: Uint32Array
  readonly to: Uint32Array
  /** What was handed over: slots of this pool, or (-1) one of the slots of all. */
  readonly pool: Int32Array
}

/** Refuses JOBS_INVALID: a pool that is not there, a job that needs more slots than there are. */
export function simulate(jobs: Jobs, { slots, pools = [], policy }: ScheduleOptions): Schedule {
  checkSlots(jobs, slots, pools)
  const { count, durations, nextStart, next, previousStart, pool, weight, slot } = jobs
  const start = new Float64Array(count)
  const end = new Float64Array(count)
  const order = new Uint32Array(count)
  const missing = new Uint32Array(count)
  const readyAt = new Float64Array(count)
  /** Jobs by their arrival, which is what lanes hold: of equal keys who came first goes first. */
  const arrivals = new Uint32Array(count)
  const keys = keysOf(jobs, policy)
  const handovers = newHandovers(count + 16)
  const all = newUnits(slots)
  const units = pools.map(newUnits)
  // A lane for each pool, one for those that have none, one for those that take nothing.
  const lanes: readonly Heap[] = Array.from({ length: pools.length + 2 }, () => newHeap())
  const [free, idle] = [pools.length, pools.length + 1]
  const running = newHeap()
  let [started, arrived, now, trigger] = [0, 0, 0, -1]

  const laneOf = (job: number): number => (slot[job] === 0 ? idle : pool[job] === -1 ? free : pool[job]!)

  const arrive = (job: number): void => {
    readyAt[job] = now
    arrivals[arrived] = job
    lanes[laneOf(job)]!.push(keys[job]!, arrived++)
  }

  const fits = (lane: number, job: number): boolean =>
    lane === idle || (all.free >= 1 && (lane === free || units[lane]!.free >= weight[job]!))

  /** Y2: the first in line of each lane only (Y1). */
  const best = (): number => {
    let [found, foundKey, foundArrival] = [-1, 0, 0]
    for (let lane = 0; lane < lanes.length; lane++) {
      const heap = lanes[lane]!
      if (heap.size === 0 || !fits(lane, arrivals[heap.first()]!)) continue
      const [key, arrival] = [heap.firstKey(), heap.first()]
      if (found !== -1 && (key > foundKey || (key === foundKey && arrival > foundArrival))) continue
      found = lane
      foundKey = key
      foundArrival = arrival
    }
    return found
  }

  /** Of the job that begins: something that it hangs on ends at this very instant. */
  let isTight = false
  let [taker, takenPool] = [-1, -1]
  const give = (from: number, which: number): void => {
    handovers.add(from, taker, which)
    if (end[from] === now) isTight = true
  }
  const takeSlot = (from: number): void => give(from, -1)
  const takeFromPool = (from: number): void => give(from, takenPool)

  const begin = (lane: number): void => {
    const job = arrivals[lanes[lane]!.pop()]!
    start[job] = now
    end[job] = now + durations[job]!
    order[started] = job
    isTight = readyAt[job] === now
    taker = job
    if (lane !== idle) all.take(1, takeSlot)
    if (lane < free) {
      takenPool = lane
      units[lane]!.take(weight[job]!, takeFromPool)
    }
    // It waited for one before it, which the same end let go.
    if (!isTight && trigger !== -1) handovers.add(trigger, job, lane < free ? lane : -1)
    // Equal ends come out in the order of their starts.
    running.push(end[job]!, started++)
  }

  const finish = (job: number): void => {
    trigger = job
    const lane = laneOf(job)
    if (lane !== idle) all.give(1, job)
    if (lane < free) units[lane]!.give(weight[job]!, job)
    for (let at = nextStart[job]!; at < nextStart[job + 1]!; at++) {
      missing[next[at]!]! -= 1
      if (missing[next[at]!] === 0) arrive(next[at]!)
    }
  }

  for (let job = 0; job < count; job++) missing[job] = previousStart[job + 1]! - previousStart[job]!
  for (let job = 0; job < count; job++) if (missing[job] === 0) arrive(job)
  for (;;) {
    for (let lane = best(); lane !== -1; lane = best()) begin(lane)
    if (running.size === 0) break
    now = running.firstKey()
    while (running.size > 0 && running.firstKey() === now) finish(order[running.pop()]!)
  }
  return { start, end, makespan: now, order, handovers: handovers.taken() }
}

function checkSlots({ count, pool, weight }: Jobs, slots: number, pools: readonly number[]): void {
  if (!(slots >= 1)) tooFew(`there are ${slots} slots`, 'Give at least one.')
  for (let job = 0; job < count; job++) {
    if (pool[job] === -1) continue
    const has = pools[pool[job]!]
    if (has === undefined)
      tooFew(`job ${job} takes slots of pool ${pool[job]}, which is not there`, 'Name the slots of each pool.')
    if (!(weight[job]! >= 0 && weight[job]! <= has!))
      tooFew(`job ${job} needs ${weight[job]} slots of a pool that has ${has}`, 'Give the pool more slots.')
  }
}

const tooFew = (what: string, hint: string): never =>
  refuse('JOBS_INVALID', `These jobs have no schedule: ${what}`, { hint })

/** The less goes first. */
function keysOf(jobs: Jobs, policy: SchedulePolicy): Float64Array {
  const { count, priority } = jobs
  const ranks = ranksOf(jobs, policy)
  if (priority.every(each => each === priority[0])) return ranks?.map(rank => -rank) ?? new Float64Array(count)
  const isAfter = (a: number, b: number): number =>
    priority[b]! - priority[a]! || (ranks ? ranks[b]! - ranks[a]! : 0) || 0
  const sorted = Uint32Array.from({ length: count }, (_, job) => job).sort(isAfter)
  const keys = new Float64Array(count)
  for (let at = 1; at < count; at++)
    keys[sorted[at]!] = keys[sorted[at - 1]!]! + (isAfter(sorted[at - 1]!, sorted[at]!) === 0 ? 0 : 1)
  return keys
}

function newHandovers(capacity: number) {
  let [from, to, pool] = [new Uint32Array(capacity), new Uint32Array(capacity), new Int32Array(capacity)]
  let count = 0
  const grow = (): void => {
    const more = count * 2
    const grown = [new Uint32Array(more), new Uint32Array(more), new Int32Array(more)] as const
    grown[0].set(from)
    grown[1].set(to)
    grown[2].set(pool)
    ;[from, to, pool] = grown
  }
  return {
    add(giver: number, taker: number, which: number): void {
      if (count === from.length) grow()
      from[count] = giver
      to[count] = taker
      pool[count++] = which
    },
    taken: (): Handovers => ({ from: from.slice(0, count), to: to.slice(0, count), pool: pool.slice(0, count) }),
  }
}
