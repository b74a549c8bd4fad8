/** What each construct asks of the world, line by line; ./timeline.ts has the words. */
import { describe, expect, test } from 'vitest'
import { LOST_ATTEMPTS_MAX } from '../../src/core/engine/retry.ts'
import { takeSnapshot } from '../../src/core/engine/snapshot.ts'
import type { Graph, Policy } from '../../src/core/graph/graph.ts'
import * as $ from './graphs.ts'
import { played, timeline } from './timeline.ts'

const retrying = (times: number): Policy => ({
  retry: [{ times, backoff: 'exponential', delayMs: 10, delayMsMax: 100, jitter: 'none' }],
})
const a = $.task('a')
const b = $.task('b')

const CASES: readonly (readonly [what: string, graph: Graph, lines: readonly string[]])[] = [
  ['an empty run ends at once', $.graph([]), ['begin > succeeded {}']],
  [
    'a step opens when what it waits for has passed (E4)',
    $.graph([a, $.effect('b', { args: [$.ref('a')] }), $.source('s')]),
    [
      'begin > start a, start s',
      'go a > ',
      'pass a > start b',
      'go s > ',
      'pass s > ',
      'know b > succeeded {"a":"a","b":"b","s":"s"}',
    ],
  ],
  [
    'when goes one way, and is undefined without a step there',
    $.graph([$.when('w', $.lit(1), $.region([a], { result: $.ref('a') }), $.region([], { result: $.lit(0) }))]),
    ['begin > evaluate w', 'choose w otherwise > succeeded {"w":0}'],
  ],
  [
    'match binds its value',
    $.graph([
      $.match('m', $.lit({ k: 7 }), { 'x.y': $.region([], { params: ['value'], result: $.param('value', ['k']) }) }),
    ]),
    ['begin > evaluate m', 'choose m x.y > succeeded {"m":7}'],
  ],
  [
    'a branch that is not there fails the step',
    $.graph([$.when('w', $.lit(1), $.region([]))]),
    ['begin > evaluate w', 'choose w ghost > failed by NO_BRANCH of w'],
  ],
  [
    'a condition that throws fails the step',
    $.graph([$.when('w', $.lit(1), $.region([]))]),
    ['begin > evaluate w', 'misjudge w > failed by BOOM of w'],
  ],
  [
    'each of no items is an empty list',
    $.graph([$.each('e', $.lit([]), $.item([a]))]),
    ['begin > evaluate e', 'items e > succeeded {"e":[]}'],
  ],
  [
    'each keeps the order of its items',
    $.graph([
      $.each(
        'e',
        $.lit([]),
        $.region([a], { params: ['item', 'index'], result: $.list($.param('item'), $.param('index')) }),
      ),
    ]),
    [
      'begin > evaluate e',
      'items e x y/z > start e[x]/a, start e[y%2Fz]/a',
      'know e[y%2Fz]/a > ',
      'know e[x]/a > succeeded {"e":[["x",0],["y/z",1]]}',
    ],
  ],
  [
    'each opens so many at a time',
    $.graph([$.each('e', $.lit([]), $.item([a]), 2)]),
    [
      'begin > evaluate e',
      'items e x y z > start e[x]/a, start e[y]/a',
      'know e[y]/a > start e[z]/a',
      'know e[z]/a > ',
      'know e[x]/a > succeeded {"e":[{"a":"a"},{"a":"a"},{"a":"a"}]}'.replace(/"a":"a"/g, () => '"a":"?"'),
    ],
  ],
  [
    'a failing item stops the others, waits for those that run, and starts none of the rest',
    $.graph([$.each('e', $.lit([]), $.item([a]), 2)]),
    [
      'begin > evaluate e',
      'items e x y z > start e[x]/a, start e[y]/a',
      'go e[x]/a > ',
      'go e[y]/a > ',
      'fail e[x]/a > stop e[y]/a#1',
      'pass e[y]/a > failed by BOOM of e[x]/a',
    ],
  ],
  [
    'two items with one key fail the each',
    $.graph([$.each('e', $.lit([]), $.item([a]))]),
    ['begin > evaluate e', 'items e x x > failed by DUPLICATE_KEY of e'],
  ],
  [
    'a call binds its parameters, and what is missing is undefined',
    $.graph(
      $.region(
        [
          $.call(
            'c',
            $.region([], { params: ['x', 'constructor'], result: $.list($.param('x'), $.param('constructor')) }),
            { x: $.param('p', ['of', 1]) },
          ),
        ],
        { params: ['p'] },
      ),
    ),
    ['begin > succeeded {"c":[2,{"$undefined":true}]}'],
  ],
  [
    'a failure interrupts its scope: waiting steps never start, running ones are stopped and awaited (E6)',
    $.graph([a, b, $.task('c'), $.task('d', { after: ['b'] })]),
    [
      'begin > start a, start b, start c',
      'go a > ',
      'go b > ',
      'fail a > stop b#1',
      'go c > NOT_WAITING',
      'pass b > failed by BOOM of a',
      'go d > RUN_ENDED',
    ],
  ],
  [
    'a second failure while closing does not change the first',
    $.graph([a, b]),
    ['begin > start a, start b', 'go a > ', 'go b > ', 'fail a > stop b#1', 'fail b > failed by BOOM of a'],
  ],
  [
    'a failure leaves all scopes by their exits, with its own step',
    $.graph([$.call('c', $.region([$.when('w', $.lit(1), $.region([a, b]))])), $.task('other')]),
    [
      'begin > start other, evaluate c/w',
      'choose c/w then > start c/w.then/a, start c/w.then/b',
      'go c/w.then/a > ',
      'go other > ',
      'fail c/w.then/a > stop other#1',
      'stop other > failed by BOOM of c/w.then/a',
    ],
  ],
  [
    'a step in a closing scope is not tried again',
    $.graph([a, $.task('b', { policy: retrying(5) })]),
    [
      'begin > start a, start b',
      'go a > ',
      'go b > ',
      'fail a > stop b#1',
      'again b 1 > NOT_WAITING',
      'fail b > failed by BOOM of a',
    ],
  ],
  [
    'a cancel stops everything',
    $.graph([a, $.call('c', $.region([b])), $.task('d', { policy: retrying(1) })]),
    [
      'begin > start a, start d, start c/b',
      'go c/b > ',
      'go d > ',
      'fail d > start d at 1010',
      'cancel > stop c/b#1',
      'cancel > ',
      'stop c/b > cancelled by CANCELLED of a user',
      'cancel > RUN_ENDED',
    ],
  ],
  ['a cancel of a scope that is not there does nothing', $.graph([a]), ['begin > start a', 'cancel ghost/ > ']],
  [
    'a failure is tried again after its delay, so many times',
    $.graph([$.task('a', { policy: retrying(2) })]),
    [
      'begin > start a',
      'go a > ',
      'fail a > start a at 1010',
      'go a > ',
      'fail a > start a at 1020',
      'go a > ',
      'fail a > failed by BOOM of a',
    ],
  ],
  [
    'late, repeated and superseded reports change nothing',
    $.graph([$.task('a', { policy: retrying(2) }), b]),
    [
      'begin > start a, start b',
      'pass a 1 > SUPERSEDED',
      'go a > ',
      'go a > NOT_WAITING',
      'know a > NOT_WAITING',
      'record a 2 > SUPERSEDED',
      'record a 1 > ',
      'again a 1 > ',
      'pass a 1 > SUPERSEDED',
      'fail a > start a at 1010',
      'fail a 2 > SUPERSEDED',
      'go a > ',
      'pass a > ',
      'pass a > SUPERSEDED',
      'record a 3 > SUPERSEDED',
      'choose a then > NOT_WAITING',
      'items a x > NOT_WAITING',
      'pass ghost > UNKNOWN_STEP',
      'begin > RUN_EXISTS',
      'redrive > RUN_LIVE',
      'end > NOT_WAITING',
    ],
  ],
  [
    'a redriven run begins anew, and its attempts count on',
    $.graph([a]),
    [
      'begin > start a',
      'go a > ',
      'fail a > failed by BOOM of a',
      'end > ',
      'pass a 1 > RUN_ENDED',
      'redrive > start a',
      'go a > ',
      'pass a 1 > SUPERSEDED',
      'pass a 2 > succeeded {"a":"a"}',
    ],
  ],
]

/** `?` stands for what a step gave. */
const masked = (line: string): string => line.replace(/"e\[\w\]\/a"/g, '"?"')

test.each(CASES)('%s', (_, graph, lines) => {
  const told = lines.slice(1).map(line => line.slice(0, line.indexOf(' > ')))
  expect(played(graph, told).map(masked)).toEqual(lines)
})

test('what a redrive begins with is known to whoever takes the run over', () => {
  const { state, tell } = timeline($.graph([a]))
  for (const line of ['begin', 'go a', 'fail a', 'end', 'redrive a']) tell(line)
  expect(state.afresh).toEqual({ names: [], from: ['a'] })
})

const flow = $.graph([$.flow('f')])
const region = $.region([$.task('in', { args: [$.param('a')] })], { params: ['a'] })
const FLOWS: readonly (readonly [what: string, lines: readonly string[]])[] = [
  [
    'a call costs one event to start and one to settle',
    [
      'begin > start f',
      'go f > ',
      'call f k task > ',
      'pass f[k]/step > answer f k: succeeded',
      'pass f > succeeded {"f":"f"}',
    ],
  ],
  [
    'a call can wait for its start, or be known',
    [
      'begin > start f',
      'go f > ',
      'call f k task made > start f[k]/step',
      'go f[k]/step > ',
      'call f l effect known > answer f l: succeeded',
      'pass f[k]/step > answer f k: succeeded',
    ],
  ],
  [
    'a workflow is called as a scope',
    ['begin > start f', 'go f > ', 'call f k w > start f[k]/in', 'know f[k]/in > answer f k: succeeded'],
  ],
  [
    'a failed call is the answer, not the end',
    [
      'begin > start f',
      'go f > ',
      'call f k w > start f[k]/in',
      'go f[k]/in > ',
      'fail f[k]/in > answer f k: failed',
      'pass f > succeeded {"f":"f"}',
    ],
  ],
  [
    'one call can be cancelled alone',
    [
      'begin > start f',
      'go f > ',
      'call f k w > start f[k]/in',
      'cancel f[k]/ > answer f k: cancelled',
      'pass f > succeeded {"f":"f"}',
    ],
  ],
  [
    'a flow calls a flow',
    [
      'begin > start f',
      'go f > ',
      'call f k flow > ',
      'call f[k]/step l task > ',
      'pass f[k]/step[l]/step > answer f[k]/step l: succeeded',
      'pass f[k]/step > answer f k: succeeded',
    ],
  ],
  [
    'a call comes once, and only while its flow runs',
    [
      'begin > start f',
      'call f k task > UNKNOWN_STEP',
      'go f > ',
      'call f k task > ',
      'call f k task > CALL_EXISTS',
      'call ghost k task > UNKNOWN_STEP',
      'cancel > stop f#1, stop f[k]/step#1',
      'call f l task > UNKNOWN_STEP',
    ],
  ],
  [
    'a flow that fails waits for the calls that it left open (E7)',
    [
      'begin > start f',
      'go f > ',
      'call f k task > ',
      'call f l w > start f[l]/in',
      'fail f > stop f[k]/step#1',
      'fail f > SUPERSEDED',
      'call f m task > UNKNOWN_STEP',
      'pass f[k]/step > failed by BOOM of f',
    ],
  ],
  [
    'so does one that succeeds',
    [
      'begin > start f',
      'go f > ',
      'call f k task > ',
      'pass f > stop f[k]/step#1',
      'stop f[k]/step > succeeded {"f":"f"}',
    ],
  ],
  [
    'and one that is cancelled',
    [
      'begin > start f',
      'go f > ',
      'call f k task > ',
      'cancel > stop f#1, stop f[k]/step#1',
      'stop f > ',
      'pass f[k]/step > cancelled by CANCELLED of a user',
    ],
  ],
  [
    'a flow that diverged stops the run',
    ['begin > start f', 'go f > ', 'diverge f > stop f#1', 'fail f > diverged by DIVERGED of a user'],
  ],
]

test.each(FLOWS)('flow: %s', (_, lines) => {
  const told = lines.slice(1).map(line => line.slice(0, line.indexOf(' > ')))
  expect(played(flow, told, new Map([['w', region]])).filter(line => !line.startsWith('?'))).toEqual(lines)
})

test('a step whose workers die is parked, and losses are no failures', () => {
  const { tell } = timeline($.graph([$.task('a', { policy: retrying(1) })]))
  tell('begin')
  for (let lost = 0; lost < LOST_ATTEMPTS_MAX; lost++)
    expect([tell('go a'), tell('lost a')]).toEqual(['', 'start a at 1000'])
  expect([tell('go a'), tell('fail a')], 'the retry is still there').toEqual(['', 'start a at 1010'])
  expect([tell('go a'), tell('lost a')]).toEqual(['', ''])
  expect([tell('go a'), tell('retry a'), tell('go a'), tell('lost a')]).toEqual([
    'NOT_WAITING',
    'start a',
    '',
    'start a at 1000',
  ])
})

describe('a refused input leaves every byte as it was', () => {
  test.each(['pass a 2', 'go b', 'fail ghost', 'call a k task', 'begin', 'redrive', 'end'])('%s', line => {
    const { state, tell } = timeline($.graph([a, $.task('b', { after: ['a'] })]))
    for (const before of ['begin', 'go a']) tell(before)
    const before = takeSnapshot(state)
    expect(tell(line)).toMatch(/^[A-Z_]+$/)
    expect(takeSnapshot(state)).toEqual(before)
  })
})

describe('E2: rows of scopes that were left are used again', () => {
  test('one at a time, 1,000 items take one row', () => {
    const { state, tell } = timeline($.graph([$.each('e', $.lit([]), $.item([a]), 1)]))
    const keys = Array.from({ length: 1_000 }, (_, index) => `k${index}`)
    for (const line of ['begin', `items e ${keys.join(' ')}`, ...keys.map(key => `know e[${key}]/a`)]) tell(line)
    expect(state.phase).toMatchObject({ kind: 'ending', status: 'succeeded' })
    expect([state.scopeCount, state.stepCount]).toEqual([2, 2])
  })
})

describe('depth and width cost neither stack nor square time', () => {
  const deep = (depth: number): Graph => {
    let inner = $.region([a, b])
    for (let level = 0; level < depth; level++)
      inner = $.region([$.call('c', inner, { x: $.lit(1) })], { params: ['x'] })
    return $.graph(inner)
  }

  test.each(['fail', 'stop', 'pass'])('1,000 regions deep: %s', verb => {
    const { state, tell } = timeline(deep(1_000))
    const path = 'c/'.repeat(1_000)
    for (const line of ['begin', `go ${path}a`, `go ${path}b`]) tell(line)
    if (verb === 'stop') tell('cancel')
    for (const step of ['a', 'b']) tell(`${verb} ${path}${step}`)
    expect(state.phase.kind).toBe('ending')
  })

  test('a step of 100,000 fails, and all are awaited', () => {
    const names = Array.from({ length: 100_000 }, (_, index) => `n${index}`)
    const { state, tell } = timeline(
      $.graph(
        $.region(
          names.map(name => $.task(name)),
          { result: $.lit(0) },
        ),
      ),
    )
    const startedAt = performance.now()
    tell('begin')
    for (const name of names) tell(`go ${name}`)
    expect(tell('fail n0').split(', ')).toHaveLength(99_999)
    for (const name of names.slice(1)) tell(`stop ${name}`)
    expect(state.phase).toMatchObject({ kind: 'ending', status: 'failed' })
    expect(performance.now() - startedAt).toBeLessThan(20_000)
  })

  test('100,000 items fail and are awaited', () => {
    const keys = Array.from({ length: 100_000 }, (_, index) => `k${index}`)
    const { state, tell } = timeline($.graph([$.each('e', $.lit([]), $.item([a]))]))
    const startedAt = performance.now()
    tell('begin')
    tell(`items e ${keys.join(' ')}`)
    for (const key of ['k5', 'k7']) tell(`go e[${key}]/a`)
    expect(tell('fail e[k5]/a')).toBe('stop e[k7]/a#1')
    expect(tell('stop e[k7]/a')).toBe('failed by BOOM of e[k5]/a')
    expect(state.scopeCount).toBe(100_001)
    expect(performance.now() - startedAt).toBeLessThan(20_000)
  })
})
