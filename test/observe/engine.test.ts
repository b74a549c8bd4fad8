/**
 * The view against the engine's own state, on random runs of every kind of step with faults: after each event all steps that
 * the engine has are shown as they are, the view waits for what the engine waits for, and the counts are sums.
 */
import { describe, expect, test } from 'vitest'
import { apply } from '../../src/core/engine/apply.ts'
import { compile } from '../../src/core/engine/program.ts'
import type { Event } from '../../src/core/engine/protocol.ts'
import { emptyState, idOf, placeAt, ScopeStatus, type State, Status, unitOf } from '../../src/core/engine/state.ts'
import { waits } from '../../src/core/engine/waits.ts'
import { runView } from '../../src/observe/fold.ts'
import {
  durationOf,
  everyStep,
  isActive,
  isHeld,
  isWork,
  type RunView,
  type ScopeView,
  scopesOf,
  type StateKind,
  type StepView,
} from '../../src/observe/run-view.ts'
import { diceOf } from '../core/dice.ts'
import { faultPlan, knobsOf } from '../sim/faults.ts'
import { generate } from '../sim/generate.ts'
import { World, type WorldOptions } from '../sim/world.ts'

const SEEDS = Array.from({ length: 80 }, (_, index) => index + 1)

type Case = Omit<WorldOptions, 'dice' | 'watch'> & { readonly seed: number }

function caseOf(seed: number): Case {
  const dice = diceOf(seed)
  const { graph, library } = generate(dice)
  const behaviour = { library, failOneIn: dice.pick([0, 80, 25]) }
  return { graph, behaviour, faults: faultPlan(dice), knobs: knobsOf(dice), seed }
}

/** The log of one random run. */
function logOf(of: Case): readonly Event[] {
  const world = new World({ ...of, dice: diceOf(of.seed) })
  world.run()
  return world.log.map(text => JSON.parse(text) as Event)
}

function fold(of: Case, events: readonly Event[]): RunView {
  const folded = runView(of.graph, of.behaviour.library)
  for (const event of events) folded.add(event)
  return folded.view
}

/** What a step of this status may be shown as. Holders wait until something inside begins. */
const SHOWN: Readonly<Record<number, readonly StateKind[]>> = {
  [Status.idle]: ['waiting'],
  [Status.waiting]: ['waiting', 'retrying'],
  [Status.running]: ['running'],
  [Status.evaluating]: ['waiting', 'running'],
  [Status.spawned]: ['waiting', 'running'],
  [Status.passed]: ['succeeded', 'known'],
  [Status.failed]: ['failed'],
  // What had not begun has simply not run.
  [Status.cancelled]: ['cancelled', 'waiting'],
  [Status.draining]: ['running', 'waiting', 'retrying'],
  [Status.queued]: ['waiting', 'awaiting'],
  [Status.sleeping]: ['awaiting'],
  [Status.backingOff]: ['retrying'],
  [Status.parked]: ['parked'],
  [Status.lingering]: ['succeeded'],
  [Status.skipped]: ['skipped', 'cancelled'],
}

/** Steps of the engine that the view shows otherwise. */
function differences(state: State, view: RunView): readonly string[] {
  const found: string[] = []
  for (let scope = 0; scope < state.scopeCount; scope++) {
    if (state.scopes.status[scope] === ScopeStatus.free) continue
    for (let node = 0; node < unitOf(state, scope).region.nodes.length; node++) {
      const place = placeAt(state, scope, node)
      const id = idOf(state, place)
      const status = state.steps.status[place.row]!
      const shown = view.steps.get(id)
      const kind = shown?.state.kind ?? 'waiting'
      if (!SHOWN[status]?.includes(kind)) found.push(`${id}: status ${status} is shown as ${kind}`)
      if ((status === Status.lingering) !== (shown?.isLingering ?? false)) found.push(`${id}: lingering`)
    }
  }
  return found
}

const engineWaits = (state: State): readonly string[] =>
  [...waits(state)].map(wait => `${wait.step} ${wait.kind}`).toSorted()

const viewWaits = (view: RunView): readonly string[] =>
  [...view.held, ...view.active]
    .flatMap(step => (waitOf(step) === undefined ? [] : [`${step.id} ${waitOf(step)}`]))
    .toSorted()

function waitOf({ state }: StepView): string | undefined {
  switch (state.kind) {
    case 'awaiting':
      return state.what.kind === 'locks' ? 'lock' : state.what.kind
    case 'retrying':
      return 'timer'
    case 'parked':
      return 'parked'
    default:
      return undefined
  }
}

const KINDS = [
  'awaiting',
  'running',
  'retrying',
  'parked',
  'succeeded',
  'known',
  'skipped',
  'failed',
  'cancelled',
] as const

/** F1, recomputed the slow way, where no turns were dropped. */
function checkCounts(view: RunView, scope: ScopeView): void {
  const steps = [...everyStep(view, scope)]
  if (steps.some(step => step.inside?.dropped)) return
  const begun = steps.filter(step => isWork(step.kind))
  for (const kind of KINDS)
    expect(scope.steps[kind], `${scope.path} ${kind}`).toBe(begun.filter(step => step.state.kind === kind).length)
  for (const step of steps) {
    const { inside } = step
    if (inside) {
      // Of an each also the items in which nothing has happened are counted.
      if (step.kind !== 'each') expect(inside.items.total, step.id).toBe(inside.scopes.length)
      for (const kind of KINDS) expect(inside.items[kind], `${step.id} ${kind}`).toBeGreaterThanOrEqual(0)
    }
    for (const inner of scopesOf(step)) checkCounts(view, inner)
  }
}

describe('whatever the engine plays', () => {
  test.each(SEEDS)('seed %d: each step is shown as it is, and the run waits for what the engine waits for', seed => {
    const of = caseOf(seed)
    const events = logOf(of)
    const state = emptyState(compile(of.graph, of.behaviour.library))
    const folded = runView(of.graph, of.behaviour.library)
    events.forEach((event, index) => {
      apply(state, event)
      folded.add(event)
      const told = `after event ${index}, ${event.kind}`
      expect(differences(state, folded.view), told).toEqual([])
      expect(viewWaits(folded.view), told).toEqual(engineWaits(state))
    })
    checkCounts(folded.view, folded.view.root)
  })

  test.each(SEEDS)('seed %d: F1: an ended run has nothing active, and its times are in order', seed => {
    const of = caseOf(seed)
    const view = fold(of, logOf(of))
    const steps = [...everyStep(view, view.root)]
    expect(steps.filter(step => step.kind === 'unknown').map(step => step.id)).toEqual([])
    expect(
      steps.filter(step => isActive(step.state) || isHeld(step.state)).map(step => `${step.id} ${step.state.kind}`),
    ).toEqual([])
    expect([view.active.size, view.held.size]).toEqual([0, 0])
    for (const step of steps) expect(durationOf(step, 0) ?? 0, step.id).toBeGreaterThanOrEqual(0)
    if (view.status === 'succeeded') expect(view.root.state).toBe('succeeded')
  })
})

test('V1: same events, same view', () => {
  const shown = (view: RunView) => [...everyStep(view, view.root)].map(step => `${step.path} ${step.state.kind}`)
  for (const seed of SEEDS.slice(0, 20)) {
    const of = caseOf(seed)
    const events = logOf(of)
    expect(shown(fold(of, events))).toEqual(shown(fold(of, JSON.parse(JSON.stringify(events)))))
  }
})
