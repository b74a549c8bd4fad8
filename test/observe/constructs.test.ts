/** What each construct looks like while it is under way and after it: what waits for what, who won, what was undone. */
import { describe, expect, test } from 'vitest'
import type { Event } from '../../src/core/engine/protocol.ts'
import type { Graph, Node } from '../../src/core/graph/graph.ts'
import { runView } from '../../src/observe/fold.ts'
import type { RunView, StepView } from '../../src/observe/run-view.ts'
import { everyStep } from '../../src/observe/run-view.ts'
import * as $ from './log.ts'

function fold(graph: Graph, ...makers: readonly $.Maker[]): RunView {
  const folded = runView(graph)
  for (const event of $.log($.started, ...makers)) folded.add(event)
  return folded.view
}

/** `path state`, and what a step awaits. */
const told = ({ path, state }: StepView): string => {
  if (state.kind !== 'awaiting') return `${path} ${state.kind}`
  const { what } = state
  switch (what.kind) {
    case 'signal':
      return `${path} awaits ${what.signal}${what.deadlineAtMs === undefined ? '' : ` until ${what.deadlineAtMs}`}`
    case 'timer':
      return `${path} sleeps until ${what.dueAtMs}`
    case 'locks':
      return `${path} queues for ${what.locks.join(', ')}`
  }
}
const steps = (view: RunView): readonly string[] => [...everyStep(view, view.root)].map(told)
const active = (view: RunView): readonly string[] => [...view.held, ...view.active].map(told)

const lock = (node: Node): Node => ({ ...node, policy: { locks: [{ name: 'door', of: 'run' }] } })
const undone = (id: string): Node => ({
  ...$.effect(id),
  undo: { captures: {}, body: $.region([$.effect(`no-${id}`)]) },
})

describe('what a step waits for', () => {
  test('signals with their deadline, sleeps with their end, from the moment in which they open', () => {
    const graph = $.graph([
      $.task('a'),
      { ...$.signal('yes', 'approval'), policy: { deadlineMs: 60_000 } },
      { ...$.sleep('nap', 5_000), after: ['a'] },
    ])
    expect(active(fold(graph))).toEqual(['yes awaits approval until 60000'])
    const view = fold(graph, $.start('a'), $.settle('a'))
    expect(active(view)).toEqual(['yes awaits approval until 60000', 'nap sleeps until 7000'])
    expect(view.changed.map(told)).toEqual(['nap sleeps until 7000'])
    const after = fold(graph, $.start('a'), $.settle('a'), $.receive('approval', 'yes', '"me"'), $.fire('nap'))
    expect(steps(after)).toEqual(['a succeeded', 'yes succeeded', 'nap succeeded'])
    expect(after.steps.get('yes')?.state).toMatchObject({ output: { inline: '"me"' } })
  })

  test('an instant that had to be evaluated, and a signal that came early and was kept', () => {
    const graph = $.graph([
      { ...$.sleep('until', 0), kind: 'wait', on: { kind: 'instant', instant: $.none } },
      { ...$.signal('yes'), after: ['until'] },
    ])
    const set: $.Maker = atMs => ({ kind: 'timer.set', v: 1, step: 'until', dueAtMs: 9_000, atMs })
    expect(active(fold(graph, $.receive('yes')))).toEqual([])
    expect(active(fold(graph, $.receive('yes'), set))).toEqual(['until sleeps until 9000'])
  })

  test('a lock that another step holds; its time counts from when it has it', () => {
    const graph = $.graph([lock($.task('a')), lock($.task('b'))])
    const view = fold(graph, $.grant('a'), $.start('a'))
    expect(active(view)).toEqual(['b queues for door', 'a running'])
    const after = fold(graph, $.grant('a'), $.start('a'), $.settle('a'), $.grant('b'), $.start('b'))
    expect(after.steps.get('b')).toMatchObject({ state: { kind: 'running' }, startedAtMs: 5_000 })
  })

  test('a parked step with its fault, until somebody asks for another try', () => {
    const graph = $.graph([{ ...$.task('a'), policy: { exhausted: 'park' } }])
    const parked = fold(graph, $.start('a'), $.park('a', 'no luck'))
    expect(parked.steps.get('a')).toMatchObject({ state: { kind: 'parked', fault: { message: 'no luck' } } })
    expect([parked.counts.parked, active(parked)]).toEqual([1, ['a parked']])
    const after = fold(graph, $.start('a'), $.park('a', 'no luck'), $.again('a'), $.start('a', 2))
    expect(after.steps.get('a')).toMatchObject({ state: { kind: 'running' }, failures: [{ attempt: 1 }] })
  })

  test('an attempt that backs off between two tries of its body', () => {
    const graph = $.graph([
      {
        ...$.attempt('guard', $.region([$.task('a')])),
        policy: { retry: [{ times: 1, backoff: 'fixed', delayMs: 500, delayMsMax: 500, jitter: 'none' }] },
      },
    ])
    const failing = [$.start('guard.body/a'), $.settle('guard.body/a', $.failed('boom'))]
    const backing = fold(graph, ...failing)
    expect(backing.steps.get('guard')).toMatchObject({ state: { kind: 'retrying', retryAtMs: 2_500 } })
    const again = fold(graph, ...failing, $.fire('guard', 'retry'), $.start('guard.body[1]/a'))
    expect(steps(again)).toEqual(['guard running', 'guard.body/a failed', 'guard.body[1]/a running'])
  })
})

describe('what did not come', () => {
  test('dependents of what failed are skipped in a region that finishes', () => {
    const graph: Graph = {
      ...$.graph([]),
      root: { ...$.region([$.task('a'), $.task('b', $.ref('a')), $.task('c')]), onFailure: 'finish' },
    }
    const view = fold(graph, $.start('a'), $.start('c'), $.settle('a', $.failed('boom')))
    expect(steps(view)).toEqual(['a failed', 'b skipped', 'c running'])
    expect(view.changed.map(told)).toEqual(['b skipped'])
  })

  test('what a cancel withdrew is cancelled when it had begun, else skipped', () => {
    const nodes = [$.task('slow'), $.task('next', $.ref('slow')), $.cancel('stop', 'slow')]
    const view = fold($.graph(nodes), $.start('slow'), $.grant('stop'), $.settle('slow', { kind: 'cancelled' }))
    expect(steps(view)).toEqual(['slow cancelled', 'next skipped', 'stop succeeded'])
  })

  test('what was stopped before its turn fails when it comes', () => {
    const graph = $.graph([$.task('a'), $.task('b', $.ref('a'))])
    expect(steps(fold(graph, $.stop('b')))).toEqual(['a waiting', 'b waiting'])
    expect(steps(fold(graph, $.stop('b'), $.start('a'), $.settle('a')))).toEqual(['a succeeded', 'b failed'])
  })

  test('what never got its turn before its scope closed has simply not run', () => {
    const view = fold($.graph([$.task('a'), $.task('b')]), $.start('a'), $.settle('a', $.failed('boom')))
    expect(steps(view)).toEqual(['a failed', 'b waiting'])
    expect(view.active.size).toBe(0)
  })
})

describe('steps that hold others', () => {
  test('a race knows who won, and the other arms are cancelled', () => {
    const graph = $.graph([$.race('fast', { east: $.region([$.task('a')]), west: $.region([$.signal('b')]) })])
    const view = fold(graph, $.start('fast.east/a'), $.settle('fast.east/a'))
    expect(steps(view)).toEqual(['fast succeeded', 'fast.east/a succeeded', 'fast.west/b cancelled'])
    expect(view.steps.get('fast')?.inside).toMatchObject({
      branch: 'east',
      items: { total: 2, succeeded: 1, cancelled: 1 },
    })
  })

  test('a catch and a finally are scopes of their own', () => {
    const graph = $.graph([
      $.attempt('guard', $.region([$.task('a')]), {
        handlers: [{ errors: [], body: $.region([$.task('b')]) }],
        finalizer: $.region([$.task('c')]),
      }),
    ])
    const view = fold(
      graph,
      $.start('guard.body/a'),
      $.settle('guard.body/a', $.failed('boom')),
      $.start('guard.catch/b'),
      $.settle('guard.catch/b'),
      $.start('guard.finally/c'),
      $.settle('guard.finally/c'),
    )
    expect(view.steps.get('guard')?.inside?.scopes.map(({ label, state }) => `${label} ${state}`)).toEqual([
      'body failed',
      'catch succeeded',
      'finally succeeded',
    ])
    expect(view.steps.get('guard')?.state.kind).toBe('succeeded')
  })

  test('a detached scope has passed, and says that something of it runs on', () => {
    const graph = $.graph([$.scope('aside', $.region([$.task('a')]), { join: 'detached' })])
    const view = fold(graph, $.start('aside.body/a'))
    expect(view.steps.get('aside')).toMatchObject({ state: { kind: 'succeeded' }, isLingering: true })
    expect(fold(graph, $.start('aside.body/a'), $.settle('aside.body/a')).steps.get('aside')?.isLingering).toBe(false)
  })

  test('what undoes a step stands under it, and the scope that it leaves counts its steps', () => {
    const graph = $.graph([undone('pay'), $.task('ship', $.ref('pay'))])
    const failing = [$.start('pay'), $.settle('pay'), $.start('ship'), $.settle('ship', $.failed('boom'))]
    const undoing = fold(graph, ...failing, $.start('pay.undo/no-pay'))
    expect(undoing.steps.get('pay')?.undo).toMatchObject({ label: 'undo', state: 'running' })
    expect(undoing.counts).toMatchObject({ total: 3, running: 1, succeeded: 1, failed: 1 })
    const done = fold(graph, ...failing, $.start('pay.undo/no-pay'), $.settle('pay.undo/no-pay'))
    expect(done.steps.get('pay')).toMatchObject({ state: { kind: 'succeeded' }, undo: { state: 'succeeded' } })
    expect(steps(done)).toContain('pay.undo/no-pay succeeded')
  })

  test('a step of a loop is undone after its turn is no longer kept', () => {
    const graph = $.graph([$.loop('each', $.region([undone('pay')])), { ...$.task('last'), after: ['each'] }])
    const choose = (branch: string): $.Maker => $.choose('each', branch)
    const turns = Array.from({ length: 20 }, (_, turn) => [choose('again'), $.settle(`each[${turn}]/pay`)]).flat()
    const view = fold(
      graph,
      ...turns,
      choose('done'),
      $.start('last'),
      $.settle('last', $.failed('boom')),
      ...Array.from({ length: 20 }, (_, index) => $.settle(`each[${19 - index}]/pay.undo/no-pay`)),
    )
    expect(view.steps.get('each[0]/pay')?.undo?.state).toBe('succeeded')
    expect(view.counts).toMatchObject({ total: 41, succeeded: 40, failed: 1 })
  })

  test('a workflow that calls itself shows each level', () => {
    const again: Node = { ...$.call('again', $.region([])), recurs: 1 } as Node
    const graph = $.graph([$.call('walk', $.region([$.task('a'), $.when('more', $.ref('a'), $.region([again]))]))])
    const view = fold(
      graph,
      $.settle('walk/a'),
      $.choose('walk/more', 'then'),
      $.settle('walk/more.then/again/a'),
      $.choose('walk/more.then/again/more', 'otherwise'),
    )
    expect(steps(view)).toEqual([
      'walk succeeded',
      'walk/a succeeded',
      'walk/more succeeded',
      'walk/more.then/again succeeded',
      'walk/more.then/again/a succeeded',
      'walk/more.then/again/more succeeded',
    ])
    expect(view.counts).toMatchObject({ total: 2, succeeded: 2 })
  })
})

test('of a loop of 20,000 turns the last ones are kept, and all are counted', () => {
  const folded = runView($.graph([$.loop('poll', $.region([$.task('look')]))]))
  const add = (make: $.Maker): void => folded.add(make(1))
  add($.started)
  for (let turn = 0; turn < 20_000; turn++) {
    add($.choose('poll', 'again'))
    add($.start(`poll[${turn}]/look`))
    add($.settle(`poll[${turn}]/look`))
  }
  const { view } = folded
  expect(view.steps.get('poll')?.inside).toMatchObject({
    items: { total: 20_000, succeeded: 20_000 },
    steps: { succeeded: 20_000 },
    dropped: 19_992,
  })
  expect(view.steps.size).toBe(9)
})

describe('the end of a run', () => {
  test('a deadline of the run is told as its closing', () => {
    const view = fold($.graph([$.task('a')]), $.start('a'), $.fire('', 'deadline'))
    expect(view.closing).toMatchObject({ cause: 'timed-out', fault: { code: 'TIMEOUT' } })
  })

  test('F3: a log that the engine cannot play is still shown, event by event', () => {
    const graph = $.graph([$.task('a'), $.task('b', $.ref('a'))])
    const wrong: readonly Event[] = $.log(
      $.start('b'),
      $.started,
      $.settle('b'),
      $.choose('a', 'then'),
      $.grant('b'),
      $.fire('b'),
      $.park('a', 'x'),
      $.end('failed', { code: 'X', message: 'y' }),
    )
    const folded = runView(graph)
    for (const event of wrong) folded.add(event)
    expect(steps(folded.view)).toEqual(['a cancelled', 'b waiting'])
    expect(folded.view.status).toBe('failed')
  })
})
