import { describe, expect, test } from 'vitest'
import { annotation, ciHostOf, foldedLines } from '../../src/cli/progress/ci-host.ts'
import { LiveBlock } from '../../src/cli/progress/live-block.ts'
import { progressBlock } from '../../src/cli/progress/block.ts'
import { progressLines } from '../../src/cli/progress/lines.ts'
import { openProgress } from '../../src/cli/progress/progress.ts'
import { plainScreen, screenOf } from '../../src/cli/render/screen.ts'
import { widthOf } from '../../src/cli/render/text.ts'
import type { Event } from '../../src/core/engine/protocol.ts'
import type { Graph } from '../../src/core/graph/graph.ts'
import { runView } from '../../src/observe/fold.ts'
import * as $ from '../observe/log.ts'

const graph = $.graph([
  $.task('list'),
  $.each('tests', $.ref('list'), $.region([$.task('triage')])),
  $.when('gate', $.ref('tests'), $.region([$.effect('publish')])),
])

/** All lines that the events print on a plain screen. */
function lines(of: Graph, events: readonly Event[]): string {
  const folded = runView(of)
  return events
    .flatMap(event => {
      folded.add(event)
      return progressLines(folded.view, event, plainScreen())
    })
    .join('\n')
}

function viewOf(of: Graph, events: readonly Event[]) {
  const folded = runView(of)
  for (const event of events) folded.add(event)
  return folded.view
}

const block = (of: Graph, events: readonly Event[], nowMs: number, columns = 80, rows = 24): readonly string[] =>
  progressBlock(viewOf(of, events), nowMs, plainScreen(columns, rows))

describe('plain lines', () => {
  test('a run from start to end', () => {
    expect(
      lines(
        graph,
        $.log(
          $.started,
          $.start('list'),
          $.retry('list', 'boom\nand more', 2_000),
          $.start('list', 2),
          $.settle('list', $.succeeded(), 2),
          $.items('tests', 'a', 'b'),
          $.start('tests[a]/triage'),
          $.known('tests[b]/triage', 'r0'),
          $.settle('tests[a]/triage'),
          $.choose('gate', 'then'),
          $.start('gate.then/publish'),
          $.settle('gate.then/publish', $.failed('401', 'HTTP')),
          $.end('failed', { code: 'HTTP', message: '401' }),
        ),
      ),
    ).toMatchInlineSnapshot(`
      "run r1 of ci started
      start     list
      retry     list  in 2.0s, attempt 1 failed: TASK_FAILED: boom\\nand more
      start     list  attempt 2
      ok        list  3.0s  2 attempts
      items     tests  2 items
      start     tests[a]/triage
      known     tests[b]/triage  from run r0
      ok        tests[a]/triage  2.0s
      chosen    gate  then
      start     gate.then/publish
      failed    gate.then/publish  1.0s  HTTP: 401
      run r1 failed in 12.0s: 4 steps, 1 known, 1 failed
        HTTP: 401"
    `)
  })

  test('a wide each prints every tenth of its way, and each failure', () => {
    const keys = Array.from({ length: 100 }, (_, index) => `k${index}`)
    const steps = keys.flatMap(key => [
      $.start(`tests[${key}]/triage`)(1_000),
      $.settle(`tests[${key}]/triage`, key === 'k33' ? $.failed('boom') : undefined)(2_000),
    ])
    const before = [$.started(0), $.settle('list')(0), $.items('tests', ...keys)(0)]
    expect(lines(graph, [...before, ...steps])).toMatchInlineSnapshot(`
      "run r1 of ci started
      ok        list
      items     tests  100 items
      group     tests  10/100 steps
      group     tests  20/100 steps
      group     tests  30/100 steps
      failed    tests[k33]/triage  1.0s  TASK_FAILED: boom
      group     tests  40/100 steps, 1 failed
      group     tests  50/100 steps, 1 failed
      group     tests  60/100 steps, 1 failed
      group     tests  70/100 steps, 1 failed
      group     tests  80/100 steps, 1 failed
      group     tests  90/100 steps, 1 failed
      group     tests  100/100 steps, 1 failed"
    `)
  })

  test('a cancelled run says why', () => {
    expect(
      lines(
        graph,
        $.log(
          $.started,
          $.start('list'),
          $.close('asked for by a user'),
          $.settle('list', { kind: 'cancelled' }),
          $.end('cancelled'),
        ),
      ),
    ).toMatchInlineSnapshot(`
      "run r1 of ci started
      start     list
      cancelling: CANCELLED: asked for by a user
      cancelled list  2.0s
      run r1 cancelled in 4.0s: 1 step, 1 cancelled"
    `)
  })
})

test('above a live block only outcomes get a line', () => {
  const keys = Array.from({ length: 30 }, (_, index) => `k${index}`)
  const folded = runView(graph)
  const events = [
    $.started(0),
    $.start('list')(0),
    $.settle('list')(1),
    $.items('tests', ...keys)(1),
    ...keys.flatMap(key => [$.start(`tests[${key}]/triage`)(1), $.settle(`tests[${key}]/triage`)(2)]),
  ]
  const shown = events.flatMap(event => {
    folded.add(event)
    return progressLines(folded.view, event, plainScreen(), 'outcomes')
  })
  expect(shown).toEqual([
    'run r1 of ci started',
    'ok        list  1ms',
    'items     tests  30 items',
    'group     tests  30/30 steps',
  ])
})

describe('the live block', () => {
  const keys = Array.from({ length: 10_000 }, (_, index) => `k${index}`)
  const wide = [
    $.started(0),
    $.start('list')(0),
    $.settle('list')(100),
    $.items('tests', ...keys)(100),
    ...keys.slice(0, 4_200).map(key => $.settle(`tests[${key}]/triage`)(200)),
    ...keys.slice(4_200, 4_208).map(key => $.start(`tests[${key}]/triage`)(300)),
    $.retry(`tests[${keys[4_200]}]/triage`, 'x', 100)(400),
  ]

  test('steps that run and retry', () => {
    expect(
      block(
        graph,
        $.log(
          $.started,
          $.start('list'),
          $.settle('list'),
          $.items('tests', 'a', 'b'),
          $.start('tests[a]/triage'),
          $.start('tests[b]/triage'),
          $.retry('tests[a]/triage', 'boom', 9_000),
        ),
        10_000,
      ).join('\n'),
    ).toMatchInlineSnapshot(`
      "ci  1/3 steps · 1 running · 1 retrying · 10.0s
        ↻ tests[a]/triage  retry in 5.0s: TASK_FAILED: boom
        ● tests[b]/triage  5.0s"
    `)
  })
  test('a wide each is one line with a bar', () =>
    expect(block(graph, wide, 2_000).join('\n')).toMatchInlineSnapshot(`
    "ci  4,201/10,001 steps · 7 running · 1 retrying · 2.0s
      ● tests  ████████░░░░░░░░░░░░  4,200/10,000 · 7 running · 1 retrying · 1.9s"
  `))
  test('a run that stops says so', () =>
    expect(block(graph, $.log($.started, $.start('list'), $.close('x')), 2_000)[0]).toBe(
      'ci  0/1 steps · 1 running · stopping · 2.0s',
    ))

  const many = $.graph(
    Array.from({ length: 60 }, (_, index) => ({
      ...$.task(`t${index}`),
      name: ['日本語'.repeat(30), '👩‍👩‍👧'.repeat(60), 'x'.repeat(10_000), 'a\nb\x1b[2J'][index % 4]!,
    })),
    '😀'.repeat(200),
  )
  const busy = $.log(
    $.started,
    ...Array.from(
      { length: 60 },
      (_, index): $.Maker => (index % 5 ? $.start(`t${index}`) : $.retry(`t${index}`, '日本語'.repeat(50), 10 ** 9)),
    ),
  )
  test.each([
    [80, 24],
    [200, 50],
    [40, 10],
    [20, 6],
    [10, 4],
    [5, 3],
    [2, 2],
    [1, 1],
  ])('stays inside %d x %d', (columns, rows) => {
    for (const screen of [plainScreen(columns, rows), screenOf({ isTTY: true, columns, rows }, { FORCE_COLOR: '1' })]) {
      const shown = progressBlock(viewOf(many, busy), 10_000, screen)
      expect(shown.length).toBeLessThanOrEqual(Math.max(2, rows))
      for (const line of shown) {
        expect(line).not.toContain('\n')
        expect(widthOf(line)).toBeLessThanOrEqual(Math.max(0, columns - 1))
      }
    }
  })
})

/** What a terminal shows after all that was written: knows the few codes that the block uses. */
function terminal() {
  const screen: string[] = ['']
  let row = 0
  let cursor: 'shown' | 'hidden' = 'shown'
  return {
    write(text: string) {
      for (const [token] of text.matchAll(/\x1b\[\??\d*[A-Za-z]|\r|\n|[^\x1b\r\n]+/g)) {
        const up = /^\x1b\[(\d+)A$/.exec(token)
        if (up) row -= Number(up[1])
        else if (token === '\n') screen[++row] ??= ''
        else if (token === '\x1b[2K') screen[row] = ''
        else if (token === '\x1b[0J') screen.splice(row, Number.POSITIVE_INFINITY, '')
        else if (token === '\x1b[?25l') cursor = 'hidden'
        else if (token === '\x1b[?25h') cursor = 'shown'
        else if (token !== '\r') screen[row] += token
        if (row < 0) throw new Error('the cursor left the screen')
      }
    },
    shown: () => screen.join('\n'),
    cursor: () => cursor,
  }
}

describe('the terminal', () => {
  test('a block is replaced in place, lines stay above it, and the end leaves only them', () => {
    const term = terminal()
    const live = new LiveBlock(term)
    live.draw(['one', 'two', 'three'])
    live.draw(['ONE'], ['done: zero'])
    expect([term.shown(), term.cursor()]).toEqual(['done: zero\nONE\n', 'hidden'])
    live.draw(['a', 'b'], ['done: one'])
    expect(term.shown()).toBe('done: zero\ndone: one\na\nb\n')
    live.close()
    live.close()
    expect([term.shown(), term.cursor()]).toEqual(['done: zero\ndone: one\n', 'shown'])
  })

  test('the cursor is given back when the process exits in the middle, and nothing is left listening', () => {
    const before = process.listenerCount('exit')
    const term = terminal()
    const live = new LiveBlock(term)
    live.draw(['one'])
    const listener = process.listeners('exit').at(-1)
    listener?.call(process, 0)
    expect(term.cursor()).toBe('shown')
    live.close()
    expect(process.listenerCount('exit')).toBe(before)
  })

  test.each(['live', 'lines'] as const)(
    'progress in the style %s ends with the summary and the cursor shown',
    style => {
      const term = terminal()
      const folded = runView(graph)
      const progress = openProgress({
        terminal: term,
        style,
        screen: () => plainScreen(),
        now: () => 0,
        host: 'none',
        outputOf: () => ['last words'],
      })
      for (const event of $.log($.started, $.start('list'), $.settle('list', $.failed('boom')), $.end('failed'))) {
        folded.add(event)
        progress.event(folded.view, event)
      }
      progress.line('a warning')
      progress.close()
      progress.close()
      expect(term.shown()).toMatch(
        /failed +list +1\.0s {2}TASK_FAILED: boom\n {2}\| last words\nrun r1 failed in 3\.0s: 1 step, 1 failed\na warning\n$/,
      )
      expect(term.cursor()).toBe('shown')
    },
  )

  test.each(['live', 'lines'] as const)('of many steps that are known the first have a line each: %s', style => {
    const term = terminal()
    const names = Array.from({ length: 100 }, (_, index) => `t${index}`)
    const folded = runView($.graph([...names, 'last'].map(name => $.task(name))))
    const progress = openProgress({ terminal: term, style, screen: () => plainScreen(), now: () => 0, host: 'none' })
    const events = [
      $.started,
      ...names.map(name => $.known(name, 'r0')),
      $.start('last'),
      $.settle('last'),
      $.end('succeeded'),
    ]
    for (const event of $.log(...events)) {
      folded.add(event)
      progress.event(folded.view, event)
    }
    progress.close()
    expect(term.shown().match(/^known /gm)?.length).toBe(20)
    expect(term.shown()).toMatch(/^ok +last/m)
    expect(term.shown()).toMatch(/101 steps, 100 known/)
  })
})

describe('CI hosts', () => {
  test.each([
    [{}, 'none'],
    [{ GITHUB_ACTIONS: 'true' }, 'github'],
    [{ GITLAB_CI: 'true' }, 'gitlab'],
    [{ CI: 'true' }, 'none'],
  ])('%j is %s', (env, host) => expect(ciHostOf(env)).toBe(host))
  test('sections', () => {
    expect(foldedLines('github', 'output of a\nb', ['x', ' ::set-env name=a::b', '##[error]x', '#x'], 0)).toEqual([
      '::group::output of a\\nb',
      'x',
      ' :\u200b:set-env name=a::b',
      '#\u200b#[error]x',
      '#x',
      '::endgroup::',
    ])
    expect(foldedLines('gitlab', 'output of tests[a]/x', ['x'], 7_999)).toEqual([
      '\x1b[0Ksection_start:7:tutti_output_of_tests_a_x[collapsed=true]\r\x1b[0Koutput of tests[a]/x',
      'x',
      '\x1b[0Ksection_end:7:tutti_output_of_tests_a_x\r\x1b[0K',
    ])
    expect(foldedLines('none', 't', ['x'], 0)).toEqual(['x'])
  })
  test('annotations', () => {
    expect(annotation('github', 'a,b:c', '100 %\nlost', { file: 'src/a,b.ts', line: 3, column: 7 })).toEqual([
      '::error file=src/a%2Cb.ts,line=3,col=7,title=a%2Cb%3Ac::100 %25%0Alost',
    ])
    expect(annotation('github', 't', 'm', undefined)).toEqual(['::error title=t::m'])
    expect(annotation('gitlab', 't', 'm', undefined)).toEqual([])
  })
})
