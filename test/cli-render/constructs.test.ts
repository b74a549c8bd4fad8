/** How people and scripts are told of waits, parked and skipped steps, undoing, turns and chains of causes. */
import { describe, expect, test } from 'vitest'
import { exampleOf } from '../../src/cli/render/example.ts'
import { failureDiagnostics } from '../../src/cli/render/failures.ts'
import { faultLines } from '../../src/cli/render/faults.ts'
import { isMendable } from '../../src/cli/render/groups.ts'
import { renderJunit } from '../../src/cli/render/junit.ts'
import { progressBlock } from '../../src/cli/progress/block.ts'
import { progressLines } from '../../src/cli/progress/lines.ts'
import { runPausedLine } from '../../src/cli/render/run-end.ts'
import { renderRuns } from '../../src/cli/render/runs-table.ts'
import { plainScreen } from '../../src/cli/render/screen.ts'
import { renderShow } from '../../src/cli/render/show-page.ts'
import { waitsOf } from '../../src/cli/render/waits.ts'
import type { Event, Fault } from '../../src/core/engine/protocol.ts'
import type { Graph, Node } from '../../src/core/graph/graph.ts'
import { runView } from '../../src/observe/fold.ts'
import type { RunView } from '../../src/observe/run-view.ts'
import { toTagged } from '../../src/util/tagged.ts'
import * as $ from '../observe/log.ts'
import { elementsOf } from './xml.ts'

function fold(graph: Graph, events: readonly Event[]): RunView {
  const folded = runView(graph)
  for (const event of events) folded.add(event)
  return folded.view
}

function lines(graph: Graph, events: readonly Event[]): string {
  const folded = runView(graph)
  return events
    .flatMap(event => {
      folded.add(event)
      return progressLines(folded.view, event, plainScreen())
    })
    .join('\n')
}

const boom = { code: 'TASK_FAILED', message: 'boom' }
const approval: Node = {
  ...$.signal('approved', 'approval'),
  policy: { deadlineMs: 3_600_000 },
  on: {
    kind: 'signal',
    signal: 'approval',
    early: 'kept',
    type: {
      type: 'object',
      properties: { by: { type: 'string' }, level: { enum: ['low', 'high'] }, note: {} },
      required: ['by', 'level'],
    },
  },
}
const lock = (node: Node): Node => ({ ...node, policy: { locks: [{ name: 'production', of: 'run' }] } })

const waiting = $.graph([
  approval,
  $.sleep('nap', 5_400_000),
  { ...$.effect('charge'), policy: { exhausted: 'park' } },
  lock($.task('first')),
  lock($.task('second')),
])
const waitingEvents = $.log(
  $.started,
  $.start('charge'),
  $.grant('first'),
  $.start('first'),
  $.park('charge', 'card refused'),
)

describe('a run that waits', () => {
  const view = fold(waiting, waitingEvents)

  test('lines', () => {
    expect(lines(waiting, waitingEvents)).toMatchInlineSnapshot(`
      "run r1 of ci started
      awaits    approved  signal approval, gives up at 1970-01-01T01:00:00.000Z
                tutti signal r1 approval '{"by":"…","level":"low"}'
      awaits    nap  until 1970-01-01T01:30:00.000Z
      start     charge
      start     first
      parked    charge  TASK_FAILED: card refused
                tutti retry r1 charge"
    `)
  })
  test('the block', () => {
    expect(progressBlock(view, 10_000, plainScreen()).join('\n')).toMatchInlineSnapshot(`
      "ci  0/5 steps · 1 running · 3 awaiting · 1 parked · 10.0s
        ● first  7.0s
        ◷ approved  signal approval, gives up in 59m50s
        ◷ nap  for 1h30m more
        ◷ second  lock production
        ‖ charge  TASK_FAILED: card refused"
    `)
  })
  test('the page ends with what it waits for, and the command that answers it', () => {
    expect(renderShow(view, plainScreen(100), { nowMs: 10_000 })).toMatchInlineSnapshot(`
      "run r1 of ci  running in 10.0s
        started  1970-01-01T00:00:00.000Z
        steps    5 steps, 3 awaiting, 1 parked

      ◷ approved  10.0s  signal approval, gives up in 59m50s
      ◷ nap       10.0s  for 1h30m more
      ‖ charge    9.0s  parked
          attempt 1 TASK_FAILED: card refused
      ● first     7.0s
      ◷ second    lock production

      waits for
        approved: signal approval, gives up in 59m50s
          tutti signal r1 approval '{"by":"…","level":"low"}'
        nap: for 1h30m more
        second: lock production
        charge: parked after TASK_FAILED: card refused
          tutti retry r1 charge
      "
    `)
  })
  test('scripts get the same', () => {
    expect(JSON.parse(runPausedLine('r1', 'waiting', waitsOf(view)))).toEqual({
      kind: 'run.paused',
      run: 'r1',
      reason: 'waiting',
      waits: [
        {
          kind: 'signal',
          step: 'approved',
          signal: 'approval',
          type: approval.kind === 'wait' && approval.on.kind === 'signal' ? approval.on.type : {},
          deadline: '1970-01-01T01:00:00.000Z',
          command: `tutti signal r1 approval '{"by":"…","level":"low"}'`,
        },
        { kind: 'timer', step: 'nap', until: '1970-01-01T01:30:00.000Z' },
        { kind: 'lock', step: 'second', locks: ['production'] },
        {
          kind: 'parked',
          step: 'charge',
          error: { code: 'TASK_FAILED', message: 'card refused' },
          command: 'tutti retry r1 charge',
        },
      ].toSorted(),
    })
  })
  test('the table of runs has a column for it', () => {
    const row = {
      run: 'r1',
      workflow: 'ci',
      file: 'tutti.ts',
      graph: '',
      bundle: '',
      args: '',
      status: 'paused',
      createdAtMs: 0,
      updatedAtMs: 4_000,
      lastSeq: 5,
    } as const
    const rows = [
      { ...row, waits: waitsOf(view) },
      { ...row, run: 'r0', status: 'succeeded', endedAtMs: 9_000 },
    ] as const
    expect(renderRuns(rows, 60_000, plainScreen(100))).toMatchInlineSnapshot(`
      "RUN  WORKFLOW  STATUS     STARTED  TOOK  WAITS FOR                           FILE
      r1   ci        paused     1m ago   4.0s  signal approval, 1 parked, 1 timer  tutti.ts
      r0   ci        succeeded  1m ago   9.0s                                      tutti.ts
      "
    `)
  })
  test('JUnit skips what waits, and says for what', () => {
    const skipped = elementsOf(renderJunit(view)).filter(each => each.name === 'skipped')
    expect(skipped.map(each => each.attributes['message'])).toEqual([
      'awaits signal approval, gives up at 1970-01-01T01:00:00.000Z',
      'awaits until 1970-01-01T01:30:00.000Z',
      'parked: TASK_FAILED: card refused',
      'running',
      'awaits lock production',
    ])
  })
})

describe('a run that was undone', () => {
  const undone = (id: string): Node => ({
    ...$.effect(id),
    undo: { captures: {}, body: $.region([{ ...$.effect('refund'), policy: { exhausted: 'park' } }]) },
  })
  const graph: Graph = $.graph([
    $.attempt('guard', $.region([undone('charge'), $.task('ship', $.ref('charge'))]), {
      handlers: [{ errors: ['NO_STOCK'], body: $.region([$.task('later')]) }],
      finalizer: $.region([$.task('close')]),
    }),
    $.race('fast', { east: $.region([$.task('fetch')]), west: $.region([$.signal('push')]) }),
    $.scope('aside', $.region([$.task('log')]), { join: 'detached' }),
    { ...$.task('after'), after: ['guard'] },
  ])
  const events = $.log(
    $.started,
    $.settle('guard.body/charge'),
    $.start('guard.body/ship'),
    $.start('aside.body/log'),
    $.settle('fast.east/fetch'),
    $.settle('guard.body/ship', $.failed('gone', 'NO_STOCK')),
    $.start('guard.body/charge.undo/refund'),
    $.park('guard.body/charge.undo/refund', 'bank closed'),
    $.again('guard.body/charge.undo/refund'),
    $.settle('guard.body/charge.undo/refund'),
    $.start('guard.catch/later'),
  )
  test('lines', () => {
    expect(lines(graph, events)).toMatchInlineSnapshot(`
      "run r1 of ci started
      awaits    fast.west/push  signal push
                tutti signal r1 push '"…"'
      ok        guard.body/charge
      start     guard.body/ship
      start     aside.body/log
      ok        fast.east/fetch
      cancelled fast.west/push
      failed    guard.body/ship  3.0s  NO_STOCK: gone
      start     guard.body/charge.undo/refund
      parked    guard.body/charge.undo/refund  TASK_FAILED: bank closed
                tutti retry r1 guard.body/charge.undo/refund
      again     guard.body/charge.undo/refund  asked for
      ok        guard.body/charge.undo/refund  3.0s
      start     guard.catch/later"
    `)
  })
  test('the page', () => {
    expect(renderShow(fold(graph, events), plainScreen(100), { nowMs: 20_000 })).toMatchInlineSnapshot(`
      "run r1 of ci  running in 20.0s
        started  1970-01-01T00:00:00.000Z
        steps    8 steps, 1 failed, 1 cancelled, 1 not run

      ● guard  19.0s
        ✗ body
          ✓ charge  0ms  undone  → null
            ✓ undo
              ✓ refund  3.0s  → null
                  attempt 1 TASK_FAILED: bank closed
          ✗ ship    3.0s
              attempt 1 NO_STOCK: gone
        ● catch
          ● later  10.0s
      ✓ fast   4.0s  won by east
        ✓ east
          ✓ fetch  0ms  → null
        - west
          - push  4.0s
      ✓ aside  0ms  runs on
        ● log  17.0s
      · after
      "
    `)
  })
})

describe('a loop', () => {
  const graph = $.graph([$.loop('poll', $.region([$.task('look')])), { ...$.cancel('stop', 'poll'), after: ['gate'] }])
  const turns = (count: number): readonly Event[] => [
    $.started(0),
    ...Array.from({ length: count }, (_, turn) => [
      $.choose('poll', 'again')(turn * 10),
      $.start(`poll[${turn}]/look`)(turn * 10),
      $.settle(`poll[${turn}]/look`)(turn * 10 + 5),
    ]).flat(),
  ]
  test('says its first turns, then only now and then', () => {
    const told = lines(graph, turns(1_000)).split('\n')
    expect(told.slice(0, 4)).toEqual([
      'run r1 of ci started',
      'loop      poll  turn 1',
      'start     poll[0]/look',
      'ok        poll[0]/look  5ms',
    ])
    expect(told.slice(-5)).toEqual(['50', '100', '200', '500', '1,000'].map(turn => `loop      poll  turn ${turn}`))
  })
  test('shows its last turns', () => {
    const page = renderShow(fold(graph, turns(12)), plainScreen(), { nowMs: 1_000 })
    expect(page).toContain('12 turns')
    expect(page).toContain('… 4 turns before')
    expect(page).toContain('[11]')
    expect(page).not.toContain('[3]')
  })
})

describe('causes of a fault', () => {
  const fault = (code: string, message: string, rest: Partial<Fault> = {}): Fault => ({ code, message, ...rest })
  const east = fault('TIMEOUT', 'east is slow', { step: 'fast.east/fetch' })
  const west = fault('TASK_FAILED', 'west is down', { step: 'fast.west/fetch', causes: [fault('DNS', 'no such host')] })

  test('each once, under what it caused', () => {
    const late = fault('RACE_FAILED', 'all 2 arms of fast failed', { step: 'fast', causes: [east, west] })
    expect(faultLines(fault('TASK_FAILED', 'cannot clean up', { causes: [late, east, late] }))).toEqual([
      'TASK_FAILED: cannot clean up',
      'caused by RACE_FAILED: all 2 arms of fast failed (fast)',
      '  caused by TIMEOUT: east is slow (fast.east/fetch)',
      '  caused by TASK_FAILED: west is down (fast.west/fetch)',
      '    caused by DNS: no such host',
    ])
  })
  test('what was thrown is known by its class, and told once', () => {
    const cause = new TypeError('bad row 7')
    const error = $.value(JSON.stringify(toTagged(new Error('cannot read', { cause }))))
    const causes = [fault('TASK_FAILED', 'bad row 7', { types: ['TypeError', 'Error'] })]
    expect(faultLines(fault('TASK_FAILED', 'cannot read', { error, causes }))).toEqual([
      'TASK_FAILED: cannot read',
      'caused by TypeError: bad row 7',
    ])
  })
  test('no more than can be read', () =>
    expect(
      faultLines(fault('X', 'x', { causes: Array.from({ length: 500 }, (_, at) => fault('Y', `y${at}`)) })).length,
    ).toBe(21))
})

test.each([
  ['guard.body/a', true],
  ['guard.catch/b', true],
  ['last', false],
])('whether a failure of %s may be mended: %s', (id, expected) => {
  const caught = $.attempt('guard', $.region([$.task('a')]), {
    handlers: [{ errors: [], body: $.region([$.task('b')]) }],
  })
  const graph = $.graph([caught, $.task('last')])
  const view = fold(
    graph,
    $.log($.started, $.start('last'), $.settle('guard.body/a', $.failed('x')), $.start('guard.catch/b')),
  )
  expect(isMendable(view, id)).toBe(expected)
})

describe('failures that were mended', () => {
  const caught = $.attempt('guard', $.region([$.task('a')]), {
    handlers: [{ errors: [], body: $.region([$.task('b')]) }],
  })
  const graph = $.graph([caught, $.task('last', $.ref('guard'))])
  const before = [$.settle('guard.body/a', $.failed('no luck')), $.settle('guard.catch/b')]
  const told = (view: RunView) =>
    failureDiagnostics(view, { dir: '/' }).map(({ message, related = [] }) => [message, ...related.map(r => r.message)])

  test('are no failures of the run', () => {
    const view = fold(graph, $.log($.started, ...before, $.settle('last', $.failed('boom')), $.end('failed', boom)))
    expect(told(view)).toEqual([['step last failed: boom']])
  })
  test('are skipped tests in a report', () => {
    const view = fold(graph, $.log($.started, ...before, $.settle('last'), $.end('succeeded')))
    const elements = elementsOf(renderJunit(view))
    expect(elements[0]?.attributes).toMatchObject({ tests: '3', failures: '0', skipped: '1' })
    expect(elements.find(each => each.name === 'skipped')?.attributes['message']).toBe(
      'failed, and the run went on: TASK_FAILED: no luck',
    )
  })
  test('are a cause when the handler fails too', () => {
    const view = fold(
      graph,
      $.log(
        $.started,
        $.settle('guard.body/a', $.failed('no luck')),
        $.settle('guard.catch/b', $.failed('again')),
        $.end('failed', boom),
      ),
    )
    expect(told(view)).toEqual([['step guard.catch/b failed: again']])
    expect(view.steps.get('guard')?.state).toMatchObject({ fault: { causes: [{ message: 'no luck' }] } })
  })
  test('a race of which all arms failed is one failure, with theirs as its causes', () => {
    const arms = { east: $.region([$.task('a')]), west: $.region([$.task('b')]) }
    const view = fold(
      $.graph([$.race('fast', arms)]),
      $.log(
        $.started,
        $.settle('fast.east/a', $.failed('one')),
        $.settle('fast.west/b', $.failed('two')),
        $.end('failed', boom),
      ),
    )
    expect(told(view)).toEqual([
      [
        'step fast failed: all 2 arms of fast failed',
        'caused by TASK_FAILED: one (fast.east/a)',
        'caused by TASK_FAILED: two (fast.west/b)',
      ],
    ])
  })
})

test.each([
  [{ type: 'string' }, '…'],
  [{ type: 'integer' }, 0],
  [{ type: 'boolean' }, true],
  [{ const: 7 }, 7],
  [{ enum: ['a', 'b'] }, 'a'],
  [{ type: 'array', items: { type: 'null' } }, [null]],
  [{}, '…'],
  [true, '…'],
])('an example of %j is %j', (type, example) => expect(exampleOf(type)).toEqual(example))
