/** A run's record: all scopes and steps, with their times, from logs of every kind of step, and from damaged ones. */
import { expect, test } from 'vitest'
import { newRecording, type RunRecord } from '../../src/analysis/index.ts'
import { regionsOf } from '../../src/core/graph/graph.ts'
import type { Event } from '../../src/core/engine/protocol.ts'
import { runView } from '../../src/observe/index.ts'
import { diceOf } from '../core/dice.ts'
import * as short from '../observe/log.ts'
import { faultPlan, knobsOf } from '../sim/faults.ts'
import { generate, type Made } from '../sim/generate.ts'
import { World } from '../sim/world.ts'

function logOf(seed: number): { readonly made: Made; readonly events: readonly Event[] } {
  const dice = diceOf(seed)
  const made = generate(dice)
  const behaviour = { library: made.library, failOneIn: dice.pick([0, 80, 25]) }
  const world = new World({ ...made, behaviour, dice: diceOf(seed), faults: faultPlan(dice), knobs: knobsOf(dice) })
  world.run()
  return { made, events: world.log.map(text => JSON.parse(text) as Event) }
}

function recorded({ graph, library }: Made, events: readonly Event[]): RunRecord {
  const { record, add } = newRecording(graph, library)
  for (const event of events) add(event)
  return record
}

test('C1: what was entered is there with all steps of its region, and what ran has the times that readers of the log see', () => {
  for (let seed = 1; seed <= 15; seed++) {
    const { made, events } = logOf(seed)
    const record = recorded(made, events)
    const view = runView(made.graph, made.library)
    for (const event of events) view.add(event)
    for (const scope of record.scopes.values()) {
      expect([...scope.steps.keys()], `seed ${seed} ${scope.path}`).toEqual(scope.region.nodes.map(({ id }) => id))
      if (scope.owner && scope.call === undefined && scope.owner.node.kind !== 'call')
        expect(regionsOf(scope.owner.node).map(([label]) => label)).toContain(scope.label)
    }
    for (const shown of view.view.steps.values()) {
      const step = record.steps.get(shown.id)
      if (!step || shown.attempts === 0) continue
      expect([shown.id, step.startedAtMs, step.attempts]).toEqual([shown.id, shown.startedAtMs, shown.attempts])
      if ('atMs' in shown.state && step.role === 'work' && !shown.isLingering)
        expect([seed, shown.id, step.endedAtMs]).toEqual([seed, shown.id, shown.state.atMs])
    }
  }
})

const graph = short.graph([short.task('a'), short.task('b', short.ref('a'))])
const made: Made = { graph, library: new Map() }

test('C2: what was driven again is recorded from there on', () => {
  const events = short.log(
    short.started,
    short.start('a'),
    short.settle('a', short.failed('no')),
    short.end('failed'),
    short.redrive(),
    short.start('a', 2),
    short.settle('a', short.succeeded(), 2),
  )
  const { steps, status, startedAtMs } = recorded(made, events)
  expect([startedAtMs, status]).toEqual([4_000, 'running'])
  expect([...steps.values()].map(({ id, how, startedAtMs }) => [id, how, startedAtMs])).toEqual([
    ['a', 'passed', 5_000],
    ['b', undefined, undefined],
  ])
})

test('C3: a damaged log is recorded as far as it goes', () => {
  const events = short.log(short.started, short.start('a'), short.settle('a'), short.settle('zz'), short.start('b'))
  const { steps, lastAtMs } = recorded(made, events)
  expect([...steps.values()].map(({ id, how }) => [id, how])).toEqual([
    ['a', 'passed'],
    ['b', undefined],
  ])
  expect(lastAtMs).toBe(4_000)
})
