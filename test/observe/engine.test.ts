import fc from 'fast-check'
import { expect, test } from 'vitest'
import { apply } from '../../src/core/engine/apply.ts'
import { decide } from '../../src/core/engine/decide.ts'
import { compile } from '../../src/core/engine/program.ts'
import type { Bound, Command, Event, Input, Outcome } from '../../src/core/engine/protocol.ts'
import { emptyState } from '../../src/core/engine/state.ts'
import type { Graph, Node, Region } from '../../src/core/graph/graph.ts'
import { runView } from '../../src/observe/fold.ts'
import { durationOf, everyStep, isWork, type RunView, type ScopeView } from '../../src/observe/run-view.ts'
import { hashText } from '../../src/util/hash.ts'
import * as $ from './log.ts'

/** Draws an integer below `count`. */
type Dice = (count: number) => number

/** A random region: each node may wait for earlier ones. */
function randomRegion(dice: Dice, depth: number): Region {
  const nodes: Node[] = []
  const count = dice(4) + (depth === 0 ? 1 : 0)
  for (let index = 0; index < count; index++)
    nodes.push(randomNode(dice, `n${index}`, depth, index > 0 && dice(2) ? [$.ref(`n${dice(index)}`)] : []))
  return $.region(nodes)
}

function randomNode(dice: Dice, id: string, depth: number, args: readonly ReturnType<typeof $.ref>[]): Node {
  const [first = $.none] = args
  const inner = () => randomRegion(dice, depth + 1)
  const after = args.map(arg => (arg.kind === 'node' ? arg.node : ''))
  switch (depth >= 3 ? 0 : dice(6)) {
    case 1:
      return $.when(id, first, inner(), inner())
    case 2:
      return $.match(id, first, { 'a.b/c': inner(), d: inner() })
    case 3:
      return $.each(id, first, inner())
    case 4:
      return { ...$.call(id, inner()), after }
    case 5:
      return $.effect(id, ...args)
    default:
      return $.task(id, ...args)
  }
}

/** Plays the real engine to its end with answers from the dice, and gives every event. */
function play(graph: Graph, dice: Dice, failures: 'none' | 'some'): readonly Event[] {
  const state = emptyState(compile(graph))
  const events: Event[] = []
  const queue: Command[] = []
  let atMs = 0
  const tell = (input: Input) => {
    const decision = decide(state, input)
    if (decision.kind === 'refused') return
    for (const event of decision.events) {
      events.push(event)
      queue.push(...apply(state, event))
    }
  }
  tell({ kind: 'run.requested', run: 'r1', graph: hashText('g'), args: {}, atMs })
  while (queue.length > 0) {
    const [command] = queue.splice(dice(queue.length), 1)
    atMs++
    if (command) for (const input of answers(command, graph, dice, failures, atMs)) tell(input)
  }
  return events
}

function answers(
  command: Command,
  graph: Graph,
  dice: Dice,
  failures: 'none' | 'some',
  atMs: number,
): readonly Input[] {
  switch (command.kind) {
    case 'startAttempt': {
      const outcome: Outcome = failures === 'some' && dice(12) === 0 ? $.failed('boom') : $.succeeded()
      const { step } = command
      if (dice(4) === 0 && outcome.kind === 'succeeded')
        return [{ kind: 'step.known', step, outcome, origin: { kind: 'given' }, atMs }]
      return [
        { kind: 'attempt.granted', step, worker: 'w', atMs },
        { kind: 'attempt.finished', step, attempt: 1, outcome, atMs },
      ]
    }
    case 'evaluateBranch': {
      const branch =
        kindOf(graph, command.step) === 'match'
          ? (['a.b/c', 'd'][dice(2)] ?? 'd')
          : (['then', 'otherwise'][dice(2)] ?? 'then')
      return [{ kind: 'branch.evaluated', step: command.step, result: { kind: 'chosen', branch }, atMs }]
    }
    case 'evaluateItems': {
      const keys = ['x', 'y/z', '[q]', 'p%'].slice(0, dice(5))
      const items: Bound = { kind: 'list', items: keys.map(key => ({ kind: 'literal', value: key })) }
      return [{ kind: 'items.evaluated', step: command.step, result: { kind: 'listed', keys, items }, atMs }]
    }
    case 'evaluateResult':
      return [
        { kind: 'result.evaluated', status: command.status, ...(command.fault ? { fault: command.fault } : {}), atMs },
      ]
    case 'stopAttempt':
      return [
        {
          kind: 'attempt.finished',
          step: command.step,
          attempt: command.attempt,
          outcome: { kind: 'cancelled' },
          atMs,
        },
      ]
    case 'answerCall':
      return []
  }
}

/** The kind of the node behind a step id, asked of the fold itself (V2 would say `unknown`). */
function kindOf(graph: Graph, step: string): string {
  const folded = runView(graph)
  folded.add($.start(step)(0))
  return folded.view.steps.get(step)?.kind ?? 'unknown'
}

function fold(graph: Graph, events: readonly Event[]): RunView {
  const folded = runView(graph)
  for (const event of events) folded.add(event)
  return folded.view
}

const cases = fc.array(fc.nat({ max: 1 << 20 }), { minLength: 400, maxLength: 400 })

/** Dice that read the case from its beginning, again and again. */
function diceOf(numbers: readonly number[]): Dice {
  let at = 0
  return count => (numbers[at++ % numbers.length] ?? 0) % Math.max(1, count)
}

/** F1, recomputed the slow way. */
function checkCounts(view: RunView, scope: ScopeView): void {
  const inside = [...everyStep(view, scope)].filter(step => isWork(step.kind) && step.state.kind !== 'waiting')
  for (const kind of ['running', 'retrying', 'succeeded', 'known', 'failed', 'cancelled'] as const) {
    expect(scope.steps[kind], `${scope.path} ${kind}`).toBe(inside.filter(step => step.state.kind === kind).length)
  }
  for (const step of view.steps.values()) {
    for (const inner of step.inside?.scopes ?? [])
      if (inner.path.startsWith(scope.path) && inner !== scope && scope.path === '') checkCounts(view, inner)
  }
}

test('F1: whatever the engine played, all steps are known and counted, and a run that succeeded has nothing left', () => {
  fc.assert(
    fc.property(cases, numbers => {
      const dice = diceOf(numbers)
      const graph: Graph = { ...$.graph([]), root: randomRegion(dice, 0) }
      const events = play(graph, dice, 'none')
      const view = fold(graph, events)
      expect(view.status).toBe('succeeded')
      expect([...view.steps.values()].filter(step => step.kind === 'unknown')).toEqual([])
      expect(view.counts.succeeded + view.counts.known).toBe(view.counts.total)
      const open = [...everyStep(view, view.root)].filter(
        step => step.state.kind !== 'succeeded' && step.state.kind !== 'known',
      )
      // A call of a workflow without steps leaves no trace in the log.
      expect(open.filter(step => step.kind !== 'call').map(step => step.id)).toEqual([])
      for (const step of view.steps.values()) expect(durationOf(step, 0), step.id).toBeGreaterThanOrEqual(0)
      checkCounts(view, view.root)
    }),
    { numRuns: 300 },
  )
})

test('F1: a run that failed ends with no step active, and the failure in every scope around it', () => {
  fc.assert(
    fc.property(cases, numbers => {
      const dice = diceOf(numbers)
      const graph: Graph = { ...$.graph([]), root: randomRegion(dice, 0) }
      const view = fold(graph, play(graph, dice, 'some'))
      expect(view.active.size).toBe(0)
      expect(view.status === 'failed').toBe(view.counts.failed > 0)
      for (const step of view.steps.values()) {
        if (step.state.kind !== 'failed') continue
        const held = [...view.steps.values()].flatMap(each =>
          (each.inside?.scopes ?? []).filter(scope => scope.path !== '' && step.id.startsWith(scope.path)),
        )
        expect(held.map(scope => scope.state)).toEqual(held.map(() => 'failed'))
      }
      checkCounts(view, view.root)
    }),
    { numRuns: 300 },
  )
})

test('V1: same events, same view', () => {
  fc.assert(
    fc.property(cases, numbers => {
      const graph: Graph = { ...$.graph([]), root: randomRegion(diceOf(numbers), 0) }
      const events = play(graph, diceOf(numbers.toReversed()), 'some')
      const shown = (view: RunView) => [...everyStep(view, view.root)].map(step => `${step.path} ${step.state.kind}`)
      expect(shown(fold(graph, events))).toEqual(shown(fold(graph, JSON.parse(JSON.stringify(events)))))
    }),
    { numRuns: 50 },
  )
})
