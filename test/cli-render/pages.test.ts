import { describe, expect, test } from 'vitest'
import { failureDiagnostics } from '../../src/cli/render/failures.ts'
import { renderJunit } from '../../src/cli/render/junit.ts'
import { renderLogLine } from '../../src/cli/render/log-lines.ts'
import { runEndedLine, runPausedLine } from '../../src/cli/render/run-end.ts'
import { renderRuns } from '../../src/cli/render/runs-table.ts'
import { plainScreen, screenOf } from '../../src/cli/render/screen.ts'
import { renderShow } from '../../src/cli/render/show-page.ts'
import { clip, clipMiddle, showBytes, showDuration, widthOf } from '../../src/cli/render/text.ts'
import { runView } from '../../src/observe/fold.ts'
import type { RunView } from '../../src/observe/run-view.ts'
import type { Event, Fault } from '../../src/core/engine/protocol.ts'
import type { Graph } from '../../src/core/graph/graph.ts'
import type { RunRow } from '../../src/store/store.ts'
import { toTagged } from '../../src/util/tagged.ts'
import * as $ from '../observe/log.ts'
import { elementsOf } from './xml.ts'

function fold(graph: Graph, events: readonly Event[]): RunView {
  const folded = runView(graph)
  for (const event of events) folded.add(event)
  return folded.view
}

const fault = (error: Error): Fault => ({
  code: 'TASK_FAILED',
  message: error.message,
  error: $.value(JSON.stringify(toTagged(error))),
})
const broken = fault(new Error('cannot read a.csv', { cause: new TypeError('bad row 7', { cause: 'line 7' }) }))

const graph = $.graph([
  { ...$.task('list'), at: { file: 'tutti.ts', line: 3, column: 7 } },
  $.each('tests', $.ref('list'), $.region([$.task('parse'), $.task('triage', $.ref('parse'))])),
  $.when('gate', $.ref('tests'), $.region([$.effect('publish')])),
  $.flow('drain'),
])
const events = $.log(
  $.started,
  $.start('list'),
  $.retry('list', 'timed out', 500),
  $.start('list', 2),
  $.settle('list', $.succeeded('["a","b"]'), 2),
  $.items('tests', 'a', 'b'),
  $.start('tests[a]/parse'),
  $.record('tests[a]/parse', 'rows', 'seven'),
  $.settle('tests[a]/parse', $.succeeded('7')),
  $.known('tests[b]/parse', 'r0'),
  $.start('tests[b]/triage'),
  $.start('drain'),
  $.calls('drain', 's~0', 'step'),
  $.start('drain[s~0]/step'),
  $.settle('drain[s~0]/step'),
  $.settle('tests[b]/triage', { kind: 'failed', fault: broken }),
  $.settle('drain', { kind: 'cancelled' }),
  $.end('failed', { ...broken, step: 'tests[b]/triage' }),
)
const ended = fold(graph, events)

describe('show', () => {
  test('a tree of steps with what happened to them', () => {
    expect(renderShow(ended, plainScreen(90), { nowMs: 0, facts: [['file', 'tutti.ts']] })).toMatchInlineSnapshot(`
      "run r1 of ci  failed in 17.0s
        file     tutti.ts
        started  1970-01-01T00:00:00.000Z
        steps    7 steps, 1 known, 1 failed, 1 cancelled, 1 not run

      ✓ list   3.0s  2 attempts  → ["a","b"]
          attempt 1 TASK_FAILED: timed out
      ✗ tests  10.0s  2/2 items  1 failed
        - [a]
          ✓ parse   2.0s  → 7
              rows = "seven"
          · triage
        ✗ [b]
          = parse   from run r0  → null
          ✗ triage  5.0s
              attempt 1 TASK_FAILED: cannot read a.csv
                caused by TypeError: bad row 7
                caused by line 7
      · gate
      - drain  5.0s  1 call
        ✓ step#1  1.0s  → null

      tests[b]/triage: TASK_FAILED: cannot read a.csv
      "
    `)
  })

  test('a run in the middle counts up to now', () => {
    expect(renderShow(fold(graph, events.slice(0, 12)), plainScreen(), { nowMs: 100_000 })).toContain(
      'running in 1m40s',
    )
  })

  test('of a wide each only what tells something is listed', () => {
    const keys = Array.from({ length: 500 }, (_, index) => `k${index}`)
    const view = fold(graph, [
      $.started(0),
      $.settle('list')(0),
      $.items('tests', ...keys)(0),
      ...keys.flatMap(key => [
        $.settle(`tests[${key}]/parse`)(1),
        $.settle(`tests[${key}]/triage`, key === 'k7' ? $.failed('boom') : undefined)(2),
      ]),
    ])
    const page = renderShow(view, plainScreen(), { nowMs: 0 })
    expect(page).toContain('[k7]')
    expect(page).toContain('… and 499 more items')
    expect(page.split('\n').length).toBeLessThan(20)
  })
})

test('runs: newest first as given, clipped to the screen', () => {
  const row = (rest: Partial<RunRow>): RunRow => ({
    run: 'r1',
    workflow: 'ci',
    file: 'tutti.ts',
    graph: '',
    bundle: '',
    args: '',
    status: 'succeeded',
    createdAtMs: 0,
    updatedAtMs: 9_000,
    endedAtMs: 8_000,
    lastSeq: 1,
    ...rest,
  })
  const rows = [
    row({ run: '01ab', status: 'running', endedAtMs: undefined, createdAtMs: 50_000 }),
    row({ status: 'paused', endedAtMs: undefined, file: 'a/very/long/path/that/goes/on/and/on/tutti.ts' }),
    row({ workflow: 'w'.repeat(90), status: 'failed' }),
    row({ workflow: 'ev\x1bil\n' }),
  ]
  const table = renderRuns(rows, 60_000, plainScreen(80))
  expect(table).toMatchInlineSnapshot(`
    "RUN   WORKFLOW                          STATUS     STARTED  TOOK   FILE
    01ab  ci                                running    10s ago  10.0s  tutti.ts
    r1    ci                                paused     1m ago   9.0s   a/ve…tutti.ts
    r1    wwwwwwwwwwwwwwwwwwwwwwwwwwwwwww…  failed     1m ago   8.0s   tutti.ts
    r1    ev\\u{1b}il\\n                      succeeded  1m ago   8.0s   tutti.ts
    "
  `)
  for (const line of table.split('\n').filter(each => !each.includes('www')))
    expect(widthOf(line)).toBeLessThanOrEqual(80)
  expect(renderRuns([], 0, plainScreen())).toBe('No runs yet.\n')
})

describe('log lines', () => {
  const bright = screenOf({}, { FORCE_COLOR: '1' })
  test('stand behind their step', () => {
    expect(renderLogLine({ step: 'tests[a]/triage', stream: 'stdout', text: 'hello' }, 20, plainScreen())).toBe(
      'tests[a]/triage      | hello',
    )
  })
  test("a step's own colours pass on a colour screen, nothing else of its control codes does", () => {
    const text = '\x1b[31mred\x1b[0m \x1b[2J\x1b]0;title\x07\rover'
    expect(renderLogLine({ step: 's', stream: 'stdout', text }, 1, plainScreen())).toBe(
      's | red \\u{1b}[2J\\u{1b}]0;title\\u{7}\\rover',
    )
    expect(renderLogLine({ step: 's', stream: 'stdout', text }, 1, bright)).toMatch(
      /\x1b\[31mred\x1b\[0m \\u\{1b\}\[2J.*\x1b\[0m$/,
    )
  })
})

describe('junit', () => {
  const elements = elementsOf(
    renderJunit(ended, {
      outputOf: step => (step === 'tests[b]/triage' ? ['\x1b[31mred\x1b[0m', 'a & b < c ]]>'] : []),
    }),
  )
  test('a case for each step that works, with its failure', () => {
    expect(elements.filter(each => each.name === 'testcase').map(each => each.attributes['name'])).toEqual([
      'list',
      'tests[a]/parse',
      'tests[a]/triage',
      'tests[b]/parse',
      'tests[b]/triage',
      'drain',
      'drain/step#1',
    ])
    expect(elements.find(each => each.name === 'testsuite')?.attributes).toMatchObject({
      tests: '7',
      failures: '1',
      skipped: '2',
      time: '17.000',
    })
    expect(elements.find(each => each.name === 'failure')).toMatchObject({
      attributes: { type: 'TASK_FAILED', message: 'cannot read a.csv' },
      text: expect.stringContaining('caused by TypeError: bad row 7\ncaused by line 7'),
    })
    expect(elements.find(each => each.name === 'system-out')?.text).toBe('red\na & b < c ]]>')
    expect(elements[3]?.attributes).toEqual({ name: 'run', value: 'r1' })
  })
  test('the totals are those of the cases', () => {
    const count = (name: string) => elements.filter(each => each.name === name).length
    expect(elements[0]?.attributes).toMatchObject({
      tests: String(count('testcase')),
      failures: String(count('failure')),
      skipped: String(count('skipped')),
    })
  })
  test.each([
    '"',
    "'",
    '<&>',
    '\u0000\u0008\u000b\ufffe\uffff',
    '\ud800x\udc00',
    '😀',
    'a\nb\tc\rd',
    ']]>',
    'x'.repeat(10_000),
  ])('%j as a name and a message stays well formed', text => {
    const hostile = { ...$.task('t'), name: text }
    const view = fold($.graph([hostile], text), $.log($.started, $.settle('t', $.failed(text)), $.end('failed')))
    const shown = elementsOf(renderJunit(view)).find(each => each.name === 'testcase')?.attributes['name']
    expect(shown).toBe(text.replace(/[\u0000\u0008\u000b\ufffe\uffff]|[\ud800](?=x)|\udc00$/g, '\ufffd'))
  })
})

describe('failures', () => {
  const thrown = (stack: string) => Object.assign(new TypeError('no luck', { cause: 'rain' }), { stack })
  const failing = (stack: string) =>
    fold(graph, $.log($.started, $.settle('list', { kind: 'failed', fault: fault(thrown(stack)) }), $.end('failed')))
  test.each([
    [
      'TypeError: no luck\n    at Object.fn (/srv/me/p/src/a b.ts:8:78)\n    at async x (/srv/me/p/tutti.ts:1:1)',
      { file: 'src/a b.ts', line: 8, column: 78 },
    ],
    [
      'TypeError: no luck\n    at node:fs:1:2\n    at f (/srv/me/p/node_modules/x/y.js:3:4)\n    at file:///srv/me/p/tutti.ts:5:6',
      { file: 'tutti.ts', line: 5, column: 6 },
    ],
    ['TypeError: no luck\n    at f (/srv/me/pq/other.ts:3:4)', { file: 'tutti.ts', line: 3, column: 7 }],
    ['no stack', { file: 'tutti.ts', line: 3, column: 7 }],
  ])('%j points to the line of the user, else to the step', (stack, at) => {
    expect(failureDiagnostics(failing(stack), { dir: '/srv/me/p' })).toEqual([
      {
        code: 'TASK_FAILED',
        severity: 'error',
        message: 'step list failed: no luck',
        at,
        related: [{ message: 'caused by rain' }],
        hint: 'When it is mended, go on with: tutti redrive r1 --from list',
      },
    ])
  })
})

describe('the last line of --json', () => {
  test.each([
    [
      runEndedLine({ run: 'r', status: 'succeeded', output: { a: 1 } }),
      '{"kind":"run.ended","run":"r","status":"succeeded","output":{"a":1}}',
    ],
    [
      runEndedLine({ run: 'r', status: 'failed', fault: { ...broken, step: 's' } }),
      '{"kind":"run.ended","run":"r","status":"failed","error":{"code":"TASK_FAILED","message":"cannot read a.csv","step":"s","causes":["TypeError: bad row 7","line 7"]}}',
    ],
    [runEndedLine({ run: 'r', status: 'cancelled' }), '{"kind":"run.ended","run":"r","status":"cancelled"}'],
    [runPausedLine('r', 'interrupted'), '{"kind":"run.paused","run":"r","reason":"interrupted"}'],
  ])('%s', (line, expected) => expect(line).toBe(expected))
})

describe('text', () => {
  test.each([
    [0, '0ms'],
    [999, '999ms'],
    [1_000, '1.0s'],
    [59_949, '59.9s'],
    [59_960, '1m00s'],
    [3_599_600, '1h00m'],
    [3_661_000, '1h01m'],
    [90_000_000, '1d01h'],
    [-5, '0ms'],
  ])('%d ms is %s', (ms, expected) => expect(showDuration(ms)).toBe(expected))
  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_000, '1.0 kB'],
    [1_600_000, '1.6 MB'],
    [5e15, '5000.0 TB'],
  ])('%d bytes are %s', (bytes, expected) => expect(showBytes(bytes)).toBe(expected))
  test.each([
    ['abcdef', 4, 'abc…'],
    ['abc', 3, 'abc'],
    ['日本語', 4, '日…'],
    ['👩‍👩‍👧👩‍👩‍👧', 3, '👩‍👩‍👧…'],
    ['abc', 0, ''],
    ['é̂é̂é̂', 2, 'é̂…'],
  ])('%j in %d columns is %j', (text, columns, expected) => expect(clip(text, columns)).toBe(expected))
  test('the end of a path is kept', () => expect(clipMiddle('src/a/b/c/index.ts', 12)).toBe('src/…ndex.ts'))
})
