/**
 * Who goes first: steps that may start wait here until there are slots of the shell and of their pool.
 * Greater priority first, then the longest way to the end (where the policy knows it), then first come, first served; one that
 * needs many slots is not overtaken by small ones of its pool. What waits costs a queue entry, so 100,000 enabled steps are no
 * load. The ways are learnt when somebody has to wait for the first time: until then nobody need know them.
 *
 * Slots of a pool that all processes of a store share are asked of the store, for one candidate of each pool at a time; while
 * that one waits, the store is asked again every SHARED_LOOK_MS, and not at all when nobody waits.
 */
import type { Policy, StepId } from '../core/index.ts'
import type { Store } from '../store/store.ts'
import type { Clock } from './clock.ts'
import type { Prospect } from './prospect.ts'
import { goesBefore, type Line, newLine, type Place } from '../util/line.ts'

export interface Candidate {
  readonly pool: Policy['pool']
  readonly priority: number
  readonly step: StepId
  readonly prospect: Prospect
  /** Flows only wait for others: they take no slot, so they can never starve their own calls. */
  readonly weight: 0 | 1
  /** Starts it; called in the turn that grants it. False: it need not run any more, its slot is free. */
  readonly grant: () => boolean
}

export interface Scheduler {
  add(candidate: Candidate): void
  /** Grants up to `limit` candidates for whom there are slots. */
  grantNext(limit: number): number
  /** A granted candidate is done. */
  release(candidate: Candidate): void
  /** Whether a candidate waits for whom there may be a slot. */
  readonly canGrant: boolean
  /** Nobody will be granted any more: gives back what is still held or asked for in the store. */
  close(): void
}

interface SchedulerOptions {
  readonly slots: number
  readonly shared: Store['slots']
  readonly clock: Clock
  /** Asks for a turn. */
  readonly wake: () => void
  /** So many at once are in one another's way although each has a slot: there are not more processors. */
  readonly busyAt: number
}

interface Lane {
  readonly slots: number
  readonly across: 'process' | 'store'
  readonly name: string
  running: number
  readonly line: Line<Candidate>
  /** Of a shared pool: for whom the store was asked, and what it said. */
  asked:
    | { readonly ticket: number; readonly candidate: Candidate; answer: 'taken' | 'waiting' | 'ask again' }
    | undefined
}

/** How late a slot that another process gave back is seen. */
const SHARED_LOOK_MS = 50

export function newScheduler({ slots, shared, clock, wake, busyAt }: SchedulerOptions): Scheduler {
  const lanes = new Map<string, Lane>()
  /** Of those that run in a shared pool. */
  const tickets = new Map<Candidate, number>()
  let ticketCount = 0
  let running = 0
  let arrivals = 0
  /** Of candidates that have been added. */
  const unlearnt = new Set<Prospect>()
  let learning: 'nothing' | 'something' = 'nothing'
  let stopLooking: (() => void) | undefined

  const laneOf = ({ pool, weight }: Candidate): Lane => {
    const own = weight === 0 ? undefined : pool
    const key = weight === 0 ? 'flows' : own ? `${own.across ?? 'process'} ${own.name}` : ''
    const known = lanes.get(key)
    if (known) return known
    const lane: Lane = {
      slots: own?.slots ?? Number.POSITIVE_INFINITY,
      across: own?.across ?? 'process',
      name: own?.name ?? '',
      running: 0,
      line: newLine(),
      asked: undefined,
    }
    lanes.set(key, lane)
    return lane
  }

  /** The lane whose first candidate may have its slots, and goes before those of the others. */
  const best = (): { lane: Lane; place: Place<Candidate> } | undefined => {
    let found: { lane: Lane; place: Place<Candidate> } | undefined
    for (const lane of lanes.values()) {
      const place = lane.line.first
      if (!place || (found && goesBefore(found.place, place))) continue
      if (mayHave(lane, place.item)) found = { lane, place }
    }
    return found
  }

  /** Whether nobody goes before it is known who goes first. */
  const mustLearn = (): boolean => {
    if (learning === 'nothing' && unlearnt.size > 0 && isBusy()) {
      learning = 'something'
      const learnt = [...unlearnt]
      unlearnt.clear()
      void Promise.all(learnt.map(prospect => prospect.learn())).then(() => {
        learning = 'nothing'
        for (const { line } of lanes.values()) for (const { item, arrival } of line.clear()) place(item, arrival)
        wake()
      })
    }
    return learning === 'something'
  }

  const isBusy = (): boolean => {
    let waiting = 0
    for (const lane of lanes.values()) {
      waiting += lane.line.size
      if (lane.running + lane.line.size > lane.slots) return true
    }
    return running + waiting > Math.min(slots, busyAt)
  }

  const place = (candidate: Candidate, arrival: number): void => {
    const { priority, prospect, step } = candidate
    laneOf(candidate).line.add({ priority, ahead: prospect.ahead?.(step) ?? 0, arrival, item: candidate })
  }

  const mayHave = (lane: Lane, candidate: Candidate): boolean => {
    if (running + candidate.weight > slots) return false
    return lane.across === 'process'
      ? lane.running + poolWeight(candidate) <= lane.slots
      : lane.asked?.candidate !== candidate || lane.asked.answer !== 'waiting'
  }

  /** Asks the store, for the first in line only. */
  const take = (lane: Lane, candidate: Candidate): boolean => {
    if (lane.asked && lane.asked.candidate !== candidate) {
      shared.leave(lane.asked.ticket)
      lane.asked = undefined
    }
    const asked = (lane.asked ??= { ticket: (ticketCount += 1), candidate, answer: 'ask again' })
    if (asked.answer !== 'taken') {
      const { name: pool, slots: poolSlots } = lane
      const { priority } = candidate
      asked.answer = shared.take({
        ticket: asked.ticket,
        pool,
        slots: poolSlots,
        weight: poolWeight(candidate),
        priority,
      })
    }
    if (asked.answer === 'waiting') lookLater()
    return asked.answer === 'taken'
  }

  const lookLater = (): void => {
    stopLooking ??= clock.at(clock.now() + SHARED_LOOK_MS, () => {
      stopLooking = undefined
      for (const { asked } of lanes.values()) if (asked?.answer === 'waiting') asked.answer = 'ask again'
      wake()
    })
  }

  const grant = (lane: Lane, candidate: Candidate): boolean => {
    const { asked } = lane
    lane.asked = undefined
    if (!candidate.grant()) {
      if (asked) shared.leave(asked.ticket)
      return false
    }
    running += candidate.weight
    lane.running += poolWeight(candidate)
    if (asked) tickets.set(candidate, asked.ticket)
    return true
  }

  return {
    get canGrant() {
      return learning === 'nothing' && best() !== undefined
    },
    add(candidate) {
      if (candidate.prospect.ahead === undefined) unlearnt.add(candidate.prospect)
      place(candidate, arrivals++)
    },
    grantNext(limit) {
      let granted = 0
      if (mustLearn()) return granted
      while (granted < limit) {
        const next = best()
        if (!next) break
        const { lane, place } = next
        const candidate = place.item
        if (lane.across === 'store' && !take(lane, candidate)) continue
        lane.line.removeFirst()
        if (grant(lane, candidate)) granted += 1
      }
      return granted
    },
    release(candidate) {
      const lane = laneOf(candidate)
      running -= candidate.weight
      lane.running -= poolWeight(candidate)
      const ticket = tickets.get(candidate)
      if (ticket === undefined) return
      tickets.delete(candidate)
      shared.leave(ticket)
      if (lane.asked?.answer === 'waiting') lane.asked.answer = 'ask again'
    },
    close() {
      stopLooking?.()
      stopLooking = undefined
      for (const { asked } of lanes.values()) if (asked) shared.leave(asked.ticket)
      for (const ticket of tickets.values()) shared.leave(ticket)
      lanes.clear()
      tickets.clear()
    },
  }
}

const poolWeight = ({ pool, weight }: Candidate): number => (weight === 0 ? 0 : (pool?.weight ?? 1))
