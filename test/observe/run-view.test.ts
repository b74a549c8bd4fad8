import { describe, expect, test } from 'vitest'
import { apply } from '../../src/core/engine/apply.ts'
import { compile } from '../../src/core/engine/program.ts'
import type { Event } from '../../src/core/engine/protocol.ts'
import { emptyState } from '../../src/core/engine/state.ts'
import type { Graph } from '../../src/core/graph/graph.ts'
import { runView } from '../../src/observe/fold.ts'
import { durationOf, stepsOf, type Counts, type RunView, type ScopeView } from '../../src/observe/run-view.ts'
import * as $ from './log.ts'

/** The view as a small text: a line a step, indented by scope. */
function outline(view: RunView, scope: ScopeView = view.root, indent = ''): string {
  return stepsOf(view, scope)
    .map(step => {
      const inside =
        step.inside?.scopes
          .map(
            inner => `${indent}  (${inner.label || 'body'} ${inner.state})\n${outline(view, inner, `${indent}    `)}`,
          )
          .join('') ?? ''
      const counts = step.inside ? ` items ${show(step.inside.items)}` : ''
      return `${indent}${step.path} ${step.state.kind}${counts}\n${inside}`
    })
    .join('')
}

const show = ({ total, ...rest }: Counts): string =>
  `${total}: ${Object.entries(rest)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(' ')}`

function fold(graph: Graph, events: readonly Event[]): RunView {
  const folded = runView(graph)
  for (const event of events) folded.add(event)
  return folded.view
}

const nested = $.graph([
  $.task('list'),
  $.each('tests', $.ref('list'), $.region([$.task('triage'), $.call('report', $.region([$.task('write')]))])),
  $.when('gate', $.ref('tests'), $.region([$.effect('publish')])),
])

describe('the view follows the log', () => {
  test('all steps of a nested run are shown under their names, and holders end with what they hold', () => {
    const view = fold(
      nested,
      $.log(
        $.started,
        $.start('list'),
        $.settle('list'),
        $.items('tests', 'a.ts', 'b/c'),
        $.start('tests[a.ts]/triage'),
        $.start('tests[b%2Fc]/triage'),
        $.settle('tests[a.ts]/triage'),
        $.start('tests[a.ts]/report/write'),
        $.settle('tests[a.ts]/report/write'),
        $.settle('tests[b%2Fc]/triage'),
        $.start('tests[b%2Fc]/report/write'),
        $.settle('tests[b%2Fc]/report/write'),
        $.choose('gate', 'then'),
        $.start('gate.then/publish'),
        $.settle('gate.then/publish'),
        $.end('succeeded'),
      ),
    )
    expect(outline(view)).toMatchInlineSnapshot(`
      "list succeeded
      tests succeeded items 2: 2 succeeded
        (a.ts succeeded)
          tests[a.ts]/triage succeeded
          tests[a.ts]/report succeeded items 1: 1 succeeded
            (body succeeded)
              tests[a.ts]/report/write succeeded
        (b/c succeeded)
          tests[b/c]/triage succeeded
          tests[b/c]/report succeeded items 1: 1 succeeded
            (body succeeded)
              tests[b/c]/report/write succeeded
      gate succeeded items 1: 1 succeeded
        (then succeeded)
          gate.then/publish succeeded
      "
    `)
    expect(show(view.counts)).toBe('6: 6 succeeded')
    expect(view.active.size).toBe(0)
  })

  test('in the middle: what runs, what retries, what waits', () => {
    const view = fold(
      nested,
      $.log(
        $.started,
        $.start('list'),
        $.settle('list'),
        $.items('tests', 'a', 'b', 'c'),
        $.start('tests[a]/triage'),
        $.start('tests[b]/triage'),
        $.retry('tests[a]/triage', 'boom', 5_000),
      ),
    )
    expect(outline(view)).toMatchInlineSnapshot(`
      "list succeeded
      tests running items 3: 1 waiting 1 running 1 retrying
        (a retrying)
          tests[a]/triage retrying
          tests[a]/report waiting
        (b running)
          tests[b]/triage running
          tests[b]/report waiting
      gate waiting
      "
    `)
    expect(show(view.counts)).toBe('7: 4 waiting 1 running 1 retrying 1 succeeded')
    expect([...view.active].map(step => step.path)).toEqual(['tests[a]/triage', 'tests[b]/triage'])
  })

  test('a failure inside fails what holds it once nothing runs there any more', () => {
    const before = $.log(
      $.started,
      $.start('list'),
      $.settle('list'),
      $.items('tests', 'a', 'b'),
      $.start('tests[a]/triage'),
      $.start('tests[b]/triage'),
      $.settle('tests[a]/triage', $.failed('boom')),
    )
    expect(outline(fold(nested, before))).toContain('tests running items 2: 1 running 1 failed')
    const after = fold(nested, [
      ...before,
      ...$.log(
        $.settle('tests[b]/triage', { kind: 'cancelled' }),
        $.end('failed', { code: 'TASK_FAILED', message: 'boom' }),
      ),
    ])
    expect(outline(after)).toContain('tests failed items 2: 1 failed 1 cancelled')
    expect(after.steps.get('tests[a]/triage')?.failures).toMatchObject([{ attempt: 1, fault: { message: 'boom' } }])
  })

  test('a condition that cannot be evaluated fails the scope around it', () => {
    const graph = $.graph([$.each('all', $.none, $.region([$.when('gate', $.none, $.region([$.task('a')]))]))])
    const view = fold(
      graph,
      $.log($.started, $.items('all', 'x'), $.settle('all[x]/gate', $.failed('no')), $.end('failed')),
    )
    expect(outline(view)).toContain('all failed items 1: 1 failed')
  })

  test.each<[string, Graph, readonly $.Maker[], string]>([
    [
      'an each over nothing',
      $.graph([$.each('all', $.none, $.region([$.task('a')]))]),
      [$.items('all')],
      'all succeeded items 0: \n',
    ],
    [
      'an each whose body has no steps',
      $.graph([$.each('all', $.none, $.region([]))]),
      [$.items('all', 'x', 'y')],
      'all succeeded items 2: 2 succeeded',
    ],
    [
      'a branch without steps',
      $.graph([$.when('gate', $.none, $.region([$.task('a')]))]),
      [$.choose('gate', 'otherwise')],
      'gate succeeded items 1: 1 succeeded',
    ],
    [
      'a call of a workflow without steps in an each',
      $.graph([$.each('all', $.none, $.region([$.task('a'), $.call('c', $.region([]))]))]),
      [$.items('all', 'x'), $.settle('all[x]/a')],
      'all succeeded items 1: 1 succeeded',
    ],
    [
      'labels and ids with dots',
      $.graph([$.match('a.b', $.none, { 'c.d/e': $.region([$.task('t')]) })]),
      [$.choose('a.b', 'c.d/e'), $.settle('a.b.c.d%2Fe/t')],
      'a.b succeeded items 1: 1 succeeded',
    ],
  ])('%s ends', (_, graph, events, expected) => {
    expect(outline(fold(graph, $.log($.started, ...events)))).toContain(expected)
  })

  test("a flow's calls appear as it makes them, numbered by name", () => {
    const view = fold(
      $.graph([$.flow('drain')]),
      $.log(
        $.started,
        $.start('drain'),
        $.calls('drain', 's1~0', 'step'),
        $.start('drain[s1~0]/step'),
        $.settle('drain[s1~0]/step'),
        $.calls('drain', 's1~1', 'step'),
        $.start('drain[s1~1]/step'),
      ),
    )
    expect(outline(view)).toMatchInlineSnapshot(`
      "drain running items 2: 1 running 1 succeeded
        (step#1 succeeded)
          drain/step#1 succeeded
        (step#2 running)
          drain/step#2 running
      "
    `)
    expect(show(view.counts)).toBe('3: 2 running 1 succeeded')
  })

  test('durations run from the first attempt to the end, or to now', () => {
    const view = fold(
      $.graph([$.task('a'), $.task('b'), $.task('c')]),
      $.log(
        $.started,
        $.start('a'),
        $.retry('a', 'x', 10),
        $.start('a', 2),
        $.settle('a', $.succeeded(), 2),
        $.start('b'),
      ),
    )
    const step = (id: string) => stepsOf(view, view.root).find(each => each.id === id)!
    expect([durationOf(step('a'), 9_000), durationOf(step('b'), 9_000), durationOf(step('c'), 9_000)]).toEqual([
      3_000,
      4_000,
      undefined,
    ])
    expect(step('a').attempts).toBe(2)
  })
})

describe('a redrive', () => {
  const graph = $.graph([$.task('a'), $.task('b', $.ref('a')), $.each('all', $.ref('a'), $.region([$.task('x')]))])
  const before = $.log(
    $.started,
    $.start('a'),
    $.settle('a'),
    $.items('all', 'k'),
    $.settle('all[k]/x'),
    $.start('b'),
    $.settle('b', $.failed('boom')),
    $.end('failed', { code: 'TASK_FAILED', message: 'boom' }),
  )

  test('begins anew, and what is known is settled again', () => {
    const view = fold(graph, [
      ...before,
      ...$.log($.redrive('b'), $.known('a', 'r1'), $.items('all', 'k'), $.known('all[k]/x', 'r1')),
    ])
    expect(outline(view)).toMatchInlineSnapshot(`
      "a known
      b waiting
      all succeeded items 1: 1 succeeded
        (k succeeded)
          all[k]/x known
      "
    `)
    expect(view).toMatchObject({ status: 'running', redrives: 1, run: 'r1' })
    expect([view.fault, view.endedAtMs]).toEqual([undefined, undefined])
    expect(show(view.counts)).toBe('3: 1 waiting 2 known')
  })

  test('what happened to a step before stays on it', () => {
    const view = fold(graph, [
      ...before,
      ...$.log($.redrive(), $.start('b', 3), $.settle('b', $.succeeded(), 3), $.end('succeeded')),
    ])
    expect(view.steps.get('b')).toMatchObject({
      state: { kind: 'succeeded' },
      attempts: 2,
      failures: [{ attempt: 1, fault: { message: 'boom' } }],
    })
  })
})

describe('V2: what the graph does not know', () => {
  test.each(['ghost', 'a/ghost', 'a[k]/ghost', 'a.b/c/ghost', '', '/', '][/x', 'tests[zz]/nope/deeper/x', 'a//b'])(
    '%j is shown, not thrown at',
    id => {
      const view = fold(nested, $.log($.started, $.start(id), $.settle(id), $.end('succeeded')))
      expect(view.steps.get(id)).toMatchObject({ id, kind: 'unknown', state: { kind: 'succeeded' } })
    },
  )
})

test('F2: an event that comes twice changes nothing the second time', () => {
  const events = $.log(
    $.started,
    $.start('list'),
    $.settle('list'),
    $.items('tests', 'a', 'b'),
    $.settle('tests[a]/triage'),
    $.settle('tests[a]/report/write'),
    $.choose('gate', 'then'),
    $.settle('gate.then/publish'),
  )
  const once = fold(nested, events)
  const twice = fold(
    nested,
    events.flatMap((event): Event[] => (event.kind === 'attempt.started' ? [event] : [event, event])),
  )
  expect(outline(twice)).toBe(outline(once))
  expect(twice.counts).toEqual(once.counts)
})

test('a run of 100,000 items folds in a moment: so many times as long as the engine takes to play it', () => {
  const graph = $.graph([$.each('all', $.none, $.region([$.task('a')]))])
  const keys = Array.from({ length: 100_000 }, (_, index) => `k${index}`)
  const events = [
    $.started(0),
    $.items('all', ...keys)(0),
    ...keys.flatMap(key => [$.start(`all[${key}]/a`)(1), $.settle(`all[${key}]/a`)(2)]),
  ]
  const state = emptyState(compile(graph))
  const engineMs = timed(() => {
    for (const event of events) apply(state, event)
  })
  const folded = runView(graph)
  const foldMs = timed(() => {
    for (const event of events) folded.add(event)
  })
  expect(show(folded.view.counts)).toBe('100000: 100000 succeeded')
  expect(folded.view.steps.get('all')?.state.kind).toBe('succeeded')
  expect(foldMs).toBeLessThan(20 * engineMs)
})

function timed(work: () => void): number {
  const startMs = performance.now()
  work()
  return performance.now() - startMs
}
