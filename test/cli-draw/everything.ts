/** One workflow with every kind of step in it, wired as people would. */
import type { Expr, Graph, Node, Region } from '../../src/core/graph/graph.ts'
import * as $ from '../observe/log.ts'

const literal = (value: number): Expr => ({ kind: 'literal', value })
const param = (name: string, ...path: readonly string[]): Expr => ({ kind: 'param', param: name, up: 0, path })
const common = (id: string, ...after: readonly string[]) => ({ id, name: id, after, policy: {} })
const of = (...nodes: readonly Node[]): Region => $.region(nodes)
const call = (id: string, workflow: string, body: Region, recurs?: number): Node => ({
  ...common(id),
  name: workflow,
  kind: 'call',
  workflow,
  args: {},
  body,
  ...(recurs === undefined ? {} : { recurs }),
})
const HOUR = 3_600_000

const charge: Node = {
  ...$.effect('charge', $.ref('compile', 1)),
  undo: { captures: {}, body: of($.effect('refund', param('value'))) },
}

export const everything: Graph = $.graph(
  [
    $.source('src', 'src/**/*.ts'),
    {
      ...$.task('compile', $.ref('src')),
      policy: {
        retry: [{ times: 3, backoff: 'fixed', delayMs: 1, delayMsMax: 1, jitter: 'none' }],
        timeoutMs: HOUR / 12,
      },
    },
    {
      ...common('approval'),
      policy: { deadlineMs: 72 * HOUR },
      kind: 'wait',
      on: { kind: 'signal', signal: 'approved', type: {}, early: 'kept' },
    },
    { ...common('pause', 'compile'), kind: 'wait', on: { kind: 'timer', duration: literal(1.5 * HOUR) } },
    {
      ...$.each('tests', { kind: 'node', node: 'compile', up: 0, path: ['tests'] }, of($.task('run', param('item')))),
      concurrency: 4,
      tolerate: { share: 0.1 },
    } as Node,
    {
      ...common('poll', 'tests'),
      kind: 'loop',
      init: $.none,
      test: 'until',
      condition: { kind: 'apply', fn: 'f', args: [param('state', 'done')], path: [] },
      limit: 100,
      body: { ...of($.task('look', param('state')), $.task('note', $.ref('look'))), params: ['state', 'turn'] },
    },
    {
      ...common('mirror', 'compile'),
      kind: 'race',
      arms: { east: of($.task('fetchEast')), west: of($.task('fetchWest')), never: of() },
    },
    {
      ...common('quorum', 'mirror'),
      kind: 'some',
      count: 2,
      rest: 'detach',
      arms: { a: of($.task('voteA')), b: of($.task('voteB')), c: of($.task('voteC')) },
    },
    {
      ...common('alarms', 'compile'),
      kind: 'any',
      arms: {
        mail: { condition: { kind: 'node', node: 'compile', up: 0, path: ['mail'] }, body: of($.effect('sendMail')) },
        page: { condition: $.none, body: of($.effect('sendPage')) },
      },
    },
    {
      ...common('guarded', 'pause'),
      kind: 'attempt',
      body: of(charge, $.task('ship', $.ref('charge'))),
      handlers: [
        { errors: ['TIMEOUT', 'RangeError'], body: of($.task('later')) },
        { errors: [], body: of() },
      ],
      finalizer: of($.task('close')),
    },
    {
      ...common('deploy', 'approval', 'guarded'),
      name: 'roll out',
      policy: { locks: [{ name: 'production', of: 'run' }], deadlineMs: HOUR },
      kind: 'scope',
      body: of($.effect('push'), {
        ...common('stop', 'push'),
        kind: 'cancel',
        target: { node: 'mirror', up: 1 },
        dependents: 'skip',
      }),
    },
    { ...common('metrics'), kind: 'scope', join: 'detached', until: 'deploy', body: of($.task('collect')) },
    call(
      'walk',
      'walk',
      of($.task('visit'), $.each('children', $.ref('visit'), of(call('walkAgain', 'walk', of(), 1)))),
    ),
    { ...common('kill'), kind: 'cancel', target: { node: 'tests', up: 0 }, dependents: 'run' },
    {
      ...common('order', 'deploy'),
      kind: 'net',
      places: ['new', 'paid', 'packed', 'sent'],
      start: ['new'],
      end: 'sent',
      transitions: [
        { id: 'pay', consumes: ['new'], produces: ['paid'], body: of($.task('takeMoney')) },
        { id: 'pack', consumes: ['paid'], produces: ['packed', 'packed'], body: of() },
        { id: 'unpack', consumes: ['packed', 'packed'], produces: ['paid'], guard: param('pay', 'wrong'), body: of() },
        { id: 'send', consumes: ['packed', 'packed'], produces: ['sent'], body: of($.effect('post')) },
      ],
    },
    call('again', 'everything', of(), 0),
  ],
  'everything',
)
