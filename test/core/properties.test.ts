/** What must hold of every graph under every schedule. A failure prints the seed; the seed is the test. */
import { deserialize, serialize } from 'node:v8'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { apply } from '../../src/core/engine/apply.ts'
import { compile } from '../../src/core/engine/program.ts'
import type { Event } from '../../src/core/engine/protocol.ts'
import { restoreSnapshot, type Snapshot, takeSnapshot } from '../../src/core/engine/snapshot.ts'
import { ScopeStatus, type State, Status } from '../../src/core/engine/state.ts'
import type { Graph } from '../../src/core/graph/graph.ts'
import { validateGraph } from '../../src/core/graph/validate.ts'
import { failTransition, openTransition, passTransition } from '../../src/core/net/net.ts'
import { canonicalJson } from '../../src/util/json.ts'
import type { Behaviour } from './behaviour.ts'
import { diceOf } from './dice.ts'
import { meaningOf } from './interpreter.ts'
import { randomGraph, randomLibrary } from './random-graph.ts'
import { fold, newWorld, type World, type WorldOptions } from './world.ts'

const bytesOf = (state: State): string => serialize(takeSnapshot(state)).toString('base64')

interface Case {
  readonly graph: Graph
  readonly behaviour: Behaviour
}

function caseOf(seed: number): Case {
  const dice = diceOf(seed)
  return { graph: randomGraph(dice), behaviour: { library: randomLibrary(dice), failOneIn: dice.pick([0, 0, 40, 10]) } }
}

function played({ graph, behaviour }: Case, schedule: number, watch?: WorldOptions['watch']): World {
  const world = newWorld({ graph, behaviour, dice: diceOf(schedule), ...(watch ? { watch } : {}) })
  world.begin()
  world.work()
  return world
}

const forAll = (numRuns: number, check: (of: Case, schedule: number) => void): void =>
  fc.assert(
    fc.property(fc.nat(), fc.nat(), (seed, schedule) => check(caseOf(seed), schedule)),
    { numRuns, endOnFailure: true },
  )

/** The run has ended, and as the plain reading of the graph says. */
function checkOutcome({ graph, behaviour }: Case, { state }: World): void {
  const meaning = meaningOf(behaviour, graph.root, { p: ['p', 1] })
  if (state.phase.kind !== 'ended') throw new Error(`the run stopped in phase ${state.phase.kind}`)
  if (meaning.kind === 'succeeded') {
    expect(state.phase.status).toBe('succeeded')
    expect(state.phase.output?.inline).toBe(canonicalJson(meaning.value))
  } else {
    expect(state.phase.status).toBe('failed')
    expect([...meaning.by]).toContain(state.phase.fault?.step)
  }
}

/** No step that settled starts again; an attempt costs two events at most. */
function checkLog(events: readonly Event[]): void {
  const settled = new Set<string>()
  const counts = new Map<string, number>()
  for (const event of events) {
    if (event.kind === 'attempt.started' || event.kind === 'attempt.failed' || event.kind === 'step.settled') {
      expect(settled, `${event.kind} after the end`).not.toContain(event.step)
      const attempt = `${event.step} ${event.attempt}`
      counts.set(attempt, (counts.get(attempt) ?? 0) + 1)
      expect(counts.get(attempt), attempt).toBeLessThanOrEqual(2)
    }
    if (event.kind === 'step.settled') settled.add(event.step)
  }
}

/** M = M0 + C·s: the marking of an open scope is what the fired transitions make of it, and no place owes a token (E5). */
function checkMarking(state: State, scope: number): void {
  const { net, region } = state.program.units[state.scopes.unit[scope]!]!
  const marking = new Int32Array(net.placeCount)
  marking[0] = 1
  const fire = (transition: number): void => {
    for (const place of net.pre.subarray(net.preStart[transition], net.preStart[transition + 1])) marking[place]! -= 1
    for (const place of net.post.subarray(net.postStart[transition], net.postStart[transition + 1]))
      marking[place]! += 1
  }
  fire(0)
  region.nodes.forEach((_, index) => {
    const status = state.steps.status[state.scopes.step[scope]! + index]
    if (status !== Status.idle) fire(openTransition(net, index))
    if (status === Status.passed) fire(passTransition(net, index))
    if (status === Status.failed) fire(failTransition(net, index))
  })
  const first = state.scopes.token[scope]!
  expect([...state.marks.tokens.subarray(first, first + net.placeCount)]).toEqual([...marking])
  expect(Math.min(...marking)).toBeGreaterThanOrEqual(0)
}

const LIVE: readonly number[] = [Status.waiting, Status.running, Status.evaluating, Status.spawned, Status.draining]

function checkState(state: State): void {
  for (let scope = 0; scope < state.scopeCount; scope++) {
    const status = state.scopes.status[scope]
    if (status === ScopeStatus.free) continue
    if (status === ScopeStatus.open) checkMarking(state, scope)
    const first = state.scopes.step[scope]!
    const { region } = state.program.units[state.scopes.unit[scope]!]!
    const live = region.nodes.filter((_, index) => LIVE.includes(state.steps.status[first + index]!)).length
    expect(state.scopes.live[scope], 'E3: live counts the open steps').toBe(live)
    expect(live, 'E6: a scope with nothing open has been left').toBeGreaterThan(0)
  }
}

test('random graphs pass the validator', () =>
  forAll(200, ({ graph }) => void expect(validateGraph(graph)).toEqual([])))

test('a run ends as the plain reading of its graph says, whatever the order of completions (N2, E4, E5)', () => {
  forAll(200, (of, schedule) => {
    for (const each of [schedule, schedule + 1, schedule + 2]) {
      const world = played(of, each)
      checkOutcome(of, world)
      checkLog(world.events)
    }
  })
})

test('every marking is what a firing sequence of the net leaves, and scopes are left when they should be (N3, E3, E5, E6)', () => {
  forAll(150, (of, schedule) => void played(of, schedule, checkState))
})

test('equal inputs give equal bytes', () => {
  forAll(100, (of, schedule) => {
    const [first, second] = [played(of, schedule), played(of, schedule)]
    expect(first.log).toEqual(second.log)
    expect(bytesOf(first.state)).toBe(bytesOf(second.state))
  })
})

describe('E1: the log is the state', () => {
  test('folded from its beginning', () => {
    forAll(150, (of, schedule) => {
      const world = played(of, schedule)
      expect(bytesOf(fold(of.graph, of.behaviour.library, world.log))).toBe(bytesOf(world.state))
    })
  })

  test('at every event, and folded on from a snapshot taken there', () => {
    forAll(40, (of, schedule) => {
      const bytes: string[] = []
      const world = played(of, schedule, state => bytes.push(bytesOf(state)))
      const { log } = world
      for (let taken = 0; taken < log.length; taken += 5) {
        const snapshot = deserialize(Buffer.from(bytes[taken]!, 'base64')) as Snapshot
        const state = restoreSnapshot(compile(of.graph, of.behaviour.library), snapshot)
        expect(bytesOf(state)).toBe(bytes[taken])
        for (let next = taken + 1; next < log.length; next++) apply(state, JSON.parse(log[next]!) as Event)
        expect(bytesOf(state)).toBe(bytes.at(-1))
      }
    })
  })
})

test('a crash after any event changes nothing that counts', () => {
  forAll(35, (of, schedule) => {
    const count = played(of, schedule).log.length
    for (let crashAt = 1; crashAt <= count; crashAt += count > 60 ? 3 : 1) {
      const world = newWorld({ ...of, dice: diceOf(schedule) })
      world.begin()
      world.work(crashAt)
      world.crash()
      world.work()
      checkOutcome(of, world)
      checkLog(world.events)
    }
  })
})

test('a run that crashes again and again still ends', () => {
  forAll(60, (of, schedule) => {
    const world = newWorld({ ...of, dice: diceOf(schedule) })
    world.begin()
    for (let at = 4; world.state.phase.kind !== 'ended' && at < 5_000; at += 4) {
      world.work(at)
      world.crash()
    }
    checkOutcome(of, world)
  })
})

test('a cancel at any event ends the run, with what runs awaited and nothing started', () => {
  forAll(35, (of, schedule) => {
    const count = played(of, schedule).log.length
    for (let cancelAt = 1; cancelAt < count; cancelAt += 3) {
      const world = newWorld({ ...of, dice: diceOf(schedule), watch: checkState })
      world.begin()
      world.work(cancelAt)
      const open = world.state.phase.kind === 'running' && world.state.scopes.status[0] === ScopeStatus.open
      world.tell({ kind: 'cancel.requested', reason: 'enough', atMs: 1 })
      world.work()
      expect(world.state.phase.kind).toBe('ended')
      checkLog(world.events)
      if (!open) continue
      expect(world.state.phase).toMatchObject({ status: 'cancelled', fault: { code: 'CANCELLED' } })
      expect(world.events.slice(cancelAt + 1).map(event => event.kind)).not.toContain('attempt.started')
    }
  })
})
