/**
 * One schedule, for real: the shell on a store, with a scheduler that lets a step begin when the schedule says so, and an executor
 * that holds every attempt open until the schedule ends it. What is told is what has happened: functions that began and ended,
 * signals, cancels, and the end of the run.
 */
import { describeStep, type Graph } from '../../src/core/index.ts'
import type { Executor } from '../../src/exec/attempt.ts'
import { startRun } from '../../src/run/launch.ts'
import { openLocal } from '../../src/run/local.ts'
import type { Runnable } from '../../src/run/runnable.ts'
import type { Candidate, Scheduler } from '../../src/run/scheduler.ts'
import type { Session } from '../../src/run/session.ts'
import { newAgenda } from '../../src/sim/agenda.ts'
import { newLife } from '../../src/sim/life.ts'
import { memoryStore, newMemory } from '../../src/store/memory.ts'
import type { ValueStore } from '../../src/values/index.ts'
import type { Move, RunEnd, Schedule } from './scenario.ts'

export interface Forced {
  readonly marks: readonly string[]
  readonly end: RunEnd
  /** Attempts that were still open. */
  readonly open: readonly string[]
  /** Signals that the run waits for. */
  readonly awaited: readonly string[]
}

interface Held {
  readonly end: (value: unknown) => Promise<void>
}

const RUN = 'r'
/** Of real time, for what the shell does between two moves. */
const PATIENCE_MS = 10_000

export async function force(given: Runnable, { args, moves }: Schedule): Promise<Forced> {
  const runnable = { ...given, graph: withPools(given.graph) }
  const store = memoryStore(newMemory())
  const agenda = newAgenda(0, undefined)
  const life = newLife({ agenda, chance: () => 0.5, lateness: () => 0 })
  const held = new Map<string, Held>()
  const local = openLocal(store, {
    cwd: runnable.cwd,
    clock: life.clock,
  })
  const doors = withDoors(local.shell.scheduler)
  local.register(runnable)
  const cell: { values?: ValueStore } = {}
  const launched = await startRun(
    { ...local, shell: { ...local.shell, scheduler: doors.scheduler }, executor: holding(held, cell) },
    runnable,
    RUN,
    args,
  )
  const { session, values } = launched
  cell.values = values
  const marks: string[] = []
  try {
    await agenda.quiet(PATIENCE_MS)
    for (const [index, move] of moves.entries()) {
      if (move.kind === 'begin' || move.kind === 'complete') {
        doors.open(doorOf(session, move.step))
        local.shell.wake()
        await agenda.quiet(PATIENCE_MS)
      }
      marks.push(...(await perform(move, { held, session, values })))
      // A lock that is free again goes to who has waited longest, unless the schedule has asked before.
      const next = moves[index + 1]
      if (next?.kind === 'grant') {
        while (!session.hasQueued) await Promise.resolve()
        session.submit({ kind: 'grant.proposed', step: next.step, atMs: 0 })
      }
      await agenda.quiet(PATIENCE_MS)
    }
    const awaited = session.waiting().flatMap(wait => (wait.kind === 'signal' ? [wait.signal] : []))
    return { marks, end: endOf(session), open: [...held.keys()], awaited }
  } finally {
    life.end()
    store.kill()
  }
}
/** A pool for each task of the graph, as wide as can be: by its name the scheduler knows whom it is asked for. */
function withPools(graph: Graph): Graph {
  let count = 0
  return JSON.parse(JSON.stringify(graph), (_, value) => {
    const isTask = value?.kind === 'task' || value?.kind === 'effect'
    return isTask ? { ...value, policy: { ...value.policy, pool: { name: `door ${++count}`, slots: 1_000 } } } : value
  }) as Graph
}

const doorOf = ({ state }: Session, step: string): string => describeStep(state, step).node.policy.pool?.name ?? ''

/** Steps are let through the doors that have been opened; the others wait. */
function withDoors(scheduler: Scheduler): { readonly scheduler: Scheduler; open(door: string): void } {
  const opened = new Set<string>()
  const waiting: Candidate[] = []
  const isOpen = ({ pool }: Candidate): boolean => opened.has(pool?.name ?? '')
  return {
    scheduler: {
      release: scheduler.release,
      grantNext: scheduler.grantNext,
      close: scheduler.close,
      get canGrant() {
        return scheduler.canGrant
      },
      add: candidate => (isOpen(candidate) ? scheduler.add(candidate) : void waiting.push(candidate)),
    },
    open(door) {
      opened.add(door)
      for (const candidate of waiting.filter(isOpen)) {
        waiting.splice(waiting.indexOf(candidate), 1)
        scheduler.add(candidate)
      }
    },
  }
}

/** Every attempt waits to be let end; one that is stopped ends at once. */
function holding(held: Map<string, Held>, cell: { readonly values?: ValueStore }): Executor {
  return ({ step, name }, signal) =>
    new Promise(resolve => {
      const stop = (): void => {
        held.delete(step)
        resolve({ kind: 'cancelled' })
      }
      if (signal.aborted) return stop()
      signal.addEventListener('abort', stop, { once: true })
      held.set(step, {
        end: async value => {
          const output = await cell.values!.encode(value, { task: name })
          signal.removeEventListener('abort', stop)
          held.delete(step)
          resolve({ kind: 'succeeded', output })
        },
      })
    })
}

interface Stage {
  readonly held: ReadonlyMap<string, Held>
  readonly session: Session
  readonly values: ValueStore
}

/** What was seen to happen. */
async function perform(move: Move, { held, session, values }: Stage): Promise<readonly string[]> {
  switch (move.kind) {
    case 'begin':
      return held.has(move.step) && move.mark !== undefined ? [move.mark] : []
    case 'complete': {
      const attempt = held.get(move.step)
      await attempt?.end(move.value)
      return attempt ? [move.mark] : []
    }
    case 'signal': {
      const { mark, signal, told } = move
      const value = await values.encode(mark, { task: signal })
      const asked = session.ask({ kind: 'signal.sent', signal, value: { kind: 'value', value, path: [] }, atMs: 0 })
      return told === 'sent' || (await asked).kind === 'accepted' ? [mark] : []
    }
    case 'cancel':
      return (await session.ask({ kind: 'cancel.requested', reason: move.mark, atMs: 0 })).kind === 'accepted'
        ? [move.mark]
        : []
    case 'end':
      return endOf(session) === 'succeeded' ? [move.mark] : []
    case 'grant':
      return []
  }
}

function endOf({ state: { phase } }: Session): RunEnd {
  if (phase.kind !== 'ended') return 'waiting'
  if (phase.status === 'succeeded' || phase.status === 'failed' || phase.status === 'cancelled') return phase.status
  throw new Error(`no scenario ends ${phase.status}`)
}
