/** Where an execution is while its log is read: one thread for each machine, branch and iteration, and what each is at. */
import type { Bound } from '../../../core/engine/protocol.ts'
import type { Json } from '../../../util/json.ts'
import { idOf } from '../compile/build.ts'
import type { Machine, QueryLanguage, State } from '../machine.ts'
import type { Frame } from '../scope.ts'
import type { Happening, HistoryEvent } from './event.ts'

export interface Failure {
  readonly error?: string
  readonly cause?: string
  /** Of an expression: the field that it stands in. */
  readonly location?: string
}

export interface Thread {
  /** The step that its states are firings of. */
  readonly path: string
  readonly machine: Machine
  /** Of states that name none. */
  readonly language: QueryLanguage
  readonly owner: Work | undefined
  /** Of an iteration its index, of a branch its place. */
  readonly index: number
  /** The event that its next one follows. */
  last: number
  /** What the next state begins with, as far as it is known. */
  given: Frame
  /** States that it has been at. */
  turn: number
  current: Current | undefined
  /** `failing`: its state has failed, and may yet be tried again or caught. */
  status: 'going' | 'failing' | 'ended'
  failure: Failure | undefined
}

/** A state as it was entered: what has been told of it. */
export interface Visit {
  readonly place: string
  readonly enteredId: number
  readonly before: number
  isStarted: boolean
  isLeft: boolean
}

/** The state that a thread is at. */
export interface Current {
  readonly visit: Visit
  readonly name: string
  readonly state: State
  readonly frame: Frame
  readonly enteredId: number
  /** What its entering followed. */
  readonly before: number
  /** Of a Map or a Parallel. */
  work: Work | undefined
  /** By which of its firings it is left: `2` or `default` of a Choice, `ok` or `catch1` of a state with catchers. */
  way: string | undefined
  /** What it hands on, where an event has told it before the next state is chosen. */
  after: Frame | undefined
  /** Of a Task: how far its call is. */
  call: 'none' | 'scheduled' | 'submitted'
}

/** Branches or iterations at work. */
export interface Work {
  readonly thread: Thread
  readonly name: string
  readonly isDistributed: boolean
  isStarted: boolean
  /** All that it has started has succeeded. */
  isDone: boolean
  startedId: number
  readonly threads: Map<string, Thread>
  /** Of a Map, once they are known. */
  items: Bound | undefined
  /** Last events of iterations that have ended, and whose place none has taken yet. */
  readonly free: number[]
  /** What its success follows. */
  lastEnded: number
  failure: Failure | undefined
  /** Of a distributed map, once an iteration has failed: what it would fail with. */
  inside: Failure | undefined
}

/** The events so far. */
export interface Chain {
  readonly events: HistoryEvent[]
  /** Adds one that follows `previous`; its id. */
  readonly add: (happening: Happening, previous: number, atMs: number) => number
}

export function newChain(): Chain {
  const events: HistoryEvent[] = []
  return {
    events,
    add(happening, previousEventId, atMs) {
      const id = events.length + 1
      events.push({ ...happening, id, previousEventId, atMs })
      return id
    },
  }
}

const NOTHING: Frame = { input: {}, vars: {}, events: 0 }

export const newThread = (
  given: Pick<Thread, 'path' | 'machine' | 'language' | 'owner' | 'index' | 'last'>,
): Thread => ({ ...given, given: NOTHING, turn: 0, current: undefined, status: 'going', failure: undefined })

export const newWork = (thread: Thread, name: string, isDistributed: boolean): Work => ({
  thread,
  name,
  isDistributed,
  isStarted: false,
  isDone: false,
  startedId: 0,
  threads: new Map(),
  items: undefined,
  free: [],
  lastEnded: 0,
  failure: undefined,
  inside: undefined,
})

const names = new WeakMap<Machine, ReadonlyMap<string, string>>()

/** The state that a place of the net stands for. */
export function stateAt(machine: Machine, place: string): string | undefined {
  const known = names.get(machine) ?? new Map(Object.keys(machine.States).map(name => [idOf(name), name]))
  names.set(machine, known)
  return known.get(place)
}

export const assignedOf = ({ vars, assigned }: Frame): { readonly assigned?: { readonly [name: string]: Json } } =>
  assigned === undefined || assigned.length === 0
    ? {}
    : { assigned: Object.fromEntries(assigned.map(name => [name, vars[name] ?? null])) }
