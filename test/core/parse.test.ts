import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Graph, Node, NodeKind, Position } from '../../src/core/graph/graph.ts'
import { canonicalGraph, graphHash, regionHash } from '../../src/core/graph/identity.ts'
import { parseGraph } from '../../src/core/graph/parse.ts'
import type { Property, Steps } from '../../src/core/graph/property.ts'
import type { Json } from '../../src/util/json.ts'
import { diceOf } from './dice.ts'
import * as $ from './graphs.ts'
import { generate, KINDS } from '../sim/generate.ts'

const none = $.region([])
const OTHERS: { readonly [K in NodeKind]?: readonly object[] } = {
  any: [{ arms: { a: { condition: $.lit(1), body: none } }, otherwise: none }],
  loop: [{ init: $.lit(1), body: none, condition: $.lit(1), test: 'until', limit: 0 }],
  race: [{ arms: { a: none } }],
  some: [{ count: 1, rest: 'detach', arms: { a: none } }],
  attempt: [{ body: none, handlers: [{ errors: ['TIMEOUT'], body: none }], finalizer: none }],
  wait: [
    { on: { kind: 'signal', signal: 's', type: true, early: 'kept' } },
    { on: { kind: 'timer', duration: $.lit(1) } },
    { on: { kind: 'instant', instant: $.lit(1) } },
  ],
  scope: [{ body: { ...none, onFailure: 'finish' }, join: 'detached', until: 'task' }],
  cancel: [{ target: { node: 'task', up: 0 }, dependents: 'run' }],
  service: [
    {
      task: 't',
      args: [],
      dir: 'api',
      service: {
        ready: { kind: 'http', path: '/', port: 'web', status: 204 },
        readyTimeoutMs: 1_000,
        live: { probe: { kind: 'tcp', port: 'web' }, everyMs: 100, failures: 3 },
        restart: { times: 5, delayMs: 100, delayMsMax: 1_000, factor: 2 },
        reload: { kind: 'signal', signal: 'SIGHUP' },
        stop: { signal: 'SIGTERM', graceMs: 5_000 },
      },
    },
    ...[
      { kind: 'log', pattern: 'ready', flags: 'i' },
      { kind: 'file', path: 'x' },
      { kind: 'exit' },
      { kind: 'started' },
    ]
      .map(ready => ({
        ready,
        readyTimeoutMs: 1,
        restart: { times: 0, delayMs: 0, delayMsMax: 0, factor: 1 },
        stop: { signal: 'SIGINT', graceMs: 0 },
      }))
      .map(service => ({ task: 't', args: [], service })),
    {
      task: 't',
      args: [],
      service: {
        ready: { kind: 'function', fn: 'f' },
        readyTimeoutMs: 1,
        restart: { times: 0, delayMs: 0, delayMsMax: 0, factor: 1 },
        reload: { kind: 'function', fn: 'f' },
        stop: { signal: 'SIGINT', graceMs: 0 },
      },
    },
  ],
  net: [
    {
      places: ['p', 'q'],
      start: ['p'],
      end: 'q',
      transitions: [{ id: 't', consumes: ['p'], produces: [], guard: $.lit(true), body: none }],
    },
  ],
}
const at: Position = { file: 'tutti.ts', line: 3, column: 7 }
const policy: Node['policy'] = {
  retry: [
    { times: 2, backoff: 'fixed', delayMs: 1.5, delayMsMax: 9, jitter: 'equal' },
    {
      errors: ['TIMEOUT'],
      times: 0,
      backoff: 'exponential',
      factor: 1.5,
      delayMs: 0,
      delayMsMax: 0,
      jitter: 'decorrelated',
    },
  ],
  exhausted: 'park',
  timeoutMs: 5,
  heartbeatMs: 1,
  deadlineMs: 9,
  pool: { name: 'p', slots: 2, weight: 2, across: 'store' },
  locks: [{ name: 'm', of: 'region' }],
  priority: -1,
  env: ['CI'],
  cache: 'off',
}
const EVERY_KIND: readonly Node[] = [
  $.task('task', { policy, args: [$.record({ a: $.list($.param('p', ['x', 0])) })] }),
  $.effect('effect', { args: [{ kind: 'apply', fn: 'f', args: [$.ref('task')], path: [] }] }),
  $.flow('flow', { after: ['task'] }),
  $.source('source'),
  $.when('when', $.lit(null), none),
  { ...$.match('match', $.lit('a'), { a: none }), by: 'kind', otherwise: none } as Node,
  {
    ...$.each('each', $.lit([]), $.item([]), 4),
    key: $.param('index'),
    batch: 2,
    tolerate: { count: 0 },
    until: { count: 1, rest: 'finish' },
    more: { signal: 's', type: {} },
  } as Node,
  $.call('call', none, { x: $.lit(1) }),
  { ...$.each('share', $.lit([]), $.item([])), tolerate: { share: 0.5 } } as Node,
  { ...$.call('again', none), recurs: 0 } as Node,
  { ...$.task('undone'), undo: { captures: { x: $.ref('undone') }, body: $.region([], { params: ['value', 'x'] }) } },
  $.task('opens', {
    args: [
      { kind: 'resource', resource: { kind: 'output', path: 'dist' } },
      { kind: 'resource', resource: { kind: 'secret', name: 'T', from: { kind: 'file', path: 'f' } } },
    ],
  }),
  ...Object.entries(OTHERS).flatMap(([kind, list]) =>
    list.map(fields => ({ id: kind, name: kind, at, after: [], policy: {}, kind, ...fields }) as unknown as Node),
  ),
]

const steps: Steps = [
  { kind: 'step', path: 'task', up: 0 },
  { kind: 'calls', of: 'signal', name: 's' },
]
const PROPERTIES: readonly Property[] = [
  { kind: 'never', a: steps, b: steps, at },
  { kind: 'atMost', a: steps, count: 2 },
  { kind: 'eventually', a: steps },
]

const whole: Graph = {
  ...$.graph({ ...$.region(EVERY_KIND, { params: ['p'] }), properties: PROPERTIES }),
  deadlineMs: 60_000,
  params: [{ name: 'p', type: { type: 'string' }, required: false, default: null }],
  reads: [
    { kind: 'env', name: 'CI', value: null },
    { kind: 'file', path: 'f', hash: 'h' },
  ],
}
const asJson = (graph: Graph): Json => JSON.parse(JSON.stringify(graph)) as Json
const messagesOf = (json: Json): readonly string[] => {
  const parsed = parseGraph(json)
  return parsed.ok ? [] : parsed.error.map(({ code, message }) => `${code} ${message}`)
}

test('a graph with every kind and field passes, and is the value itself', () => {
  const json = asJson(whole)
  expect(parseGraph(json)).toEqual({ ok: true, value: json })
})

/** The graph with one place changed; undefined takes it away. */
function changed(path: string, value: Json | undefined): Json {
  const copy = asJson(whole) as { [name: string]: unknown }
  const steps = path.split('.')
  const last = steps.pop()!
  const place = steps.reduce((part, step) => part[step] as { [name: string]: unknown }, copy)
  if (value === undefined) delete place[last]
  else Object.defineProperty(place, last, { value, enumerable: true, configurable: true })
  return copy as Json
}

const malformed = (rest: string) => `GRAPH_MALFORMED graph${rest}`
test.each<readonly [path: string, value: Json | undefined, problem: string]>([
  ['version', 2, 'GRAPH_VERSION graph has version 2; this Tutti reads version 1'],
  ['name', undefined, malformed(' lacks the field name')],
  ['ghost', 1, malformed(' has a field "ghost", which means nothing')],
  ['__proto__', {}, malformed(' has a field "__proto__", which means nothing')],
  ['root', [], malformed('.root should be a record, but is a list')],
  ['root.nodes', {}, malformed('.root.nodes should be a list, but is a record')],
  ['root.nodes.0', null, malformed('.root.nodes[0] should be a record, but is null')],
  [
    'root.nodes.0.kind',
    'ghost',
    'GRAPH_KIND_UNKNOWN graph.root.nodes[0] has the kind "ghost", which this Tutti does not know',
  ],
  [
    'root.nodes.0.kind',
    'constructor',
    'GRAPH_KIND_UNKNOWN graph.root.nodes[0] has the kind "constructor", which this Tutti does not know',
  ],
  ['root.nodes.0.kind', undefined, malformed('.root.nodes[0].kind should be text, but is null')],
  ['root.nodes.0.kind', 7, malformed('.root.nodes[0].kind should be text, but is 7')],
  ['root.nodes.0.id', 7, malformed('.root.nodes[0].id should be text, but is 7')],
  ['root.nodes.0.after', ['a', 1], malformed('.root.nodes[0].after[1] should be text, but is 1')],
  [
    'root.nodes.0.args.0.kind',
    'eval',
    'GRAPH_KIND_UNKNOWN graph.root.nodes[0].args[0] has the kind "eval", which this Tutti does not know',
  ],
  [
    'root.nodes.0.args.0.fields.a.items.0.up',
    -1,
    malformed('.root.nodes[0].args[0].fields.a.items[0].up should be a whole number from 0, but is -1'),
  ],
  [
    'root.nodes.0.args.0.fields.a.items.0.path.1',
    0.5,
    malformed('.root.nodes[0].args[0].fields.a.items[0].path[1] should be a name or an index, but is 0.5'),
  ],
  [
    'root.nodes.0.policy.retry.0.jitter',
    'some',
    malformed(
      '.root.nodes[0].policy.retry[0].jitter should be "none" or "full" or "equal" or "decorrelated", but is "some"',
    ),
  ],
  ['root.nodes.0.policy.retry', {}, malformed('.root.nodes[0].policy.retry should be a list, but is a record')],
  [
    'root.nodes.0.policy.retry.1.factor',
    0.5,
    malformed('.root.nodes[0].policy.retry[1].factor should be a number from 1, but is 0.5'),
  ],
  [
    'root.nodes.0.policy.locks.0.of',
    'world',
    malformed('.root.nodes[0].policy.locks[0].of should be "run" or "region", but is "world"'),
  ],
  ['root.nodes.6.batch', 0, malformed('.root.nodes[6].batch should be a whole number from 1, but is 0')],
  ['root.nodes.6.tolerate', {}, malformed('.root.nodes[6].tolerate lacks the field count')],
  [
    'root.nodes.6.until.rest',
    'kill',
    malformed('.root.nodes[6].until.rest should be "cancel" or "finish" or "detach", but is "kill"'),
  ],
  [
    'root.nodes.8.tolerate.share',
    1.5,
    malformed('.root.nodes[8].tolerate.share should be a share from 0 to 1, but is 1.5'),
  ],
  ['root.nodes.9.recurs', -1, malformed('.root.nodes[9].recurs should be a whole number from 0, but is -1')],
  ['root.nodes.10.undo.body', undefined, malformed('.root.nodes[10].undo lacks the field body')],
  ['root.onFailure', 'panic', malformed('.root.onFailure should be "stop" or "finish", but is "panic"')],
  [
    'root.properties.0.kind',
    'always',
    'GRAPH_KIND_UNKNOWN graph.root.properties[0] has the kind "always", which this Tutti does not know',
  ],
  ['root.properties.0.b', [], malformed('.root.properties[0].b should be a list of one step or more, but is a list')],
  ['root.properties.0.b', undefined, malformed('.root.properties[0] lacks the field b')],
  ['root.properties.1.count', undefined, malformed('.root.properties[1] lacks the field count')],
  ['root.properties.2.b', [], malformed('.root.properties[2] has a field "b", which means nothing')],
  [
    'root.properties.2.a.1.of',
    'step',
    malformed('.root.properties[2].a[1].of should be "task" or "flow" or "workflow" or "signal", but is "step"'),
  ],
  ['deadlineMs', -1, malformed('.deadlineMs should be a number of milliseconds, but is -1')],
  [
    'root.nodes.0.policy.pool.slots',
    0,
    malformed('.root.nodes[0].policy.pool.slots should be a whole number from 1, but is 0'),
  ],
  [
    'root.nodes.3.source.kind',
    'web',
    'GRAPH_KIND_UNKNOWN graph.root.nodes[3].source has the kind "web", which this Tutti does not know',
  ],
  ['root.nodes.6.concurrency', 0, malformed('.root.nodes[6].concurrency should be a whole number from 1, but is 0')],
  ['root.nodes.4.then.result', undefined, malformed('.root.nodes[4].then lacks the field result')],
  ['params.0.type', 'string', malformed('.params[0].type should be a JSON Schema, but is "string"')],
  ['reads.0.value', 1, malformed('.reads[0].value should be text or null, but is 1')],
])('%s = %j', (path, value, problem) => expect(messagesOf(changed(path, value))).toEqual([problem]))

test('all problems are reported', () =>
  expect(messagesOf({ ...(asJson(whole) as object), name: 1, params: 'x', reads: [null] })).toEqual([
    malformed('.name should be text, but is 1'),
    malformed('.params should be a list, but is "x"'),
    malformed('.reads[0] should be a record, but is null'),
  ]))

test.each([
  ['lists', '['.repeat(100_000) + ']'.repeat(100_000)],
  ['regions', '{"version":1,"root":'.repeat(5_000) + '0' + '}'.repeat(5_000)],
])('%s without end are refused, not a crash', (_, text) =>
  expect(messagesOf(JSON.parse(text) as Json)).toEqual(['GRAPH_TOO_DEEP graph is nested more than 1000 levels deep']),
)

test('whatever JSON it is given, it answers', () => {
  fc.assert(fc.property(fc.jsonValue(), json => void parseGraph(json as Json)))
})

describe('the published JSON Schema agrees', () => {
  const ajv = new Ajv2020({ strict: false })
  const accepts = ajv.compile(
    JSON.parse(readFileSync(new URL('../../schema/graph.schema.json', import.meta.url), 'utf8')),
  )
  const agree = (json: Json) =>
    expect({ schema: accepts(json) }, JSON.stringify(json).slice(0, 2_000)).toEqual({ schema: parseGraph(json).ok })

  test('on what is right', () => agree(asJson(whole)))

  test('on random damage', () => {
    const values: readonly (Json | undefined)[] = [
      undefined,
      null,
      0,
      -1,
      0.5,
      'x',
      '',
      true,
      [],
      {},
      [1],
      { kind: 'task' },
    ]
    const places: string[] = []
    const visit = (value: Json, path: string): void => {
      if (path !== '') places.push(path)
      if (typeof value === 'object' && value !== null)
        for (const [name, inner] of Object.entries(value)) visit(inner ?? null, path === '' ? name : `${path}.${name}`)
    }
    visit(asJson(whole), '')
    fc.assert(
      fc.property(fc.nat(), seed => {
        const dice = diceOf(seed)
        agree(changed(dice.pick(places), dice.pick(values)))
      }),
      { numRuns: 800 },
    )
  })
})

describe('G4: the hash of a graph', () => {
  const moved = (graph: Graph): Graph =>
    JSON.parse(JSON.stringify(graph), (_, value) =>
      typeof value === 'object' && value !== null && 'after' in value && 'policy' in value ? { ...value, at } : value,
    ) as Graph

  test('ignores positions of properties', () => {
    const [first, ...others] = PROPERTIES
    const { at: _, ...bare } = first!
    const without = { ...whole, root: { ...whole.root, properties: [bare as Property, ...others] } }
    expect(graphHash(without)).toBe(graphHash(whole))
    expect(graphHash({ ...whole, root: { ...whole.root, properties: others } })).not.toBe(graphHash(whole))
  })

  test('ignores positions, at any depth', () => {
    fc.assert(
      fc.property(fc.nat(), seed => {
        const graph = generate(diceOf(seed), KINDS, 12).graph
        expect(canonicalGraph(moved(graph))).not.toContain('tutti.ts')
        expect(graphHash(moved(graph))).toBe(graphHash(graph))
      }),
    )
  })

  test('survives the way through JSON', () => {
    fc.assert(
      fc.property(fc.nat(), seed => {
        const graph = generate(diceOf(seed), KINDS, 12).graph
        const parsed = parseGraph(JSON.parse(canonicalGraph(graph)) as Json)
        expect(parsed.ok && graphHash(parsed.value)).toBe(graphHash(graph))
      }),
    )
  })

  test.each([
    [
      'a literal',
      $.region([$.task('a', { args: [$.lit({ id: 1, kind: 2, after: 3, at: 4 })] })]),
      $.region([$.task('a', { args: [$.lit({ id: 1, kind: 2, after: 3, at: 5 })] })]),
    ],
    [
      'an argument named at',
      $.region([$.call('c', none, { id: $.lit(1), kind: $.lit(1), after: $.lit(1), at: $.lit(1) })]),
      $.region([$.call('c', none, { id: $.lit(1), kind: $.lit(1), after: $.lit(1), at: $.lit(2) })]),
    ],
    [
      'an arm named at',
      $.region([$.match('m', $.lit(1), { id: none, kind: none, after: none, at: none })]),
      $.region([$.match('m', $.lit(1), { id: none, kind: none, after: none })]),
    ],
    ['the name of a step', $.region([$.task('a')]), $.region([$.task('b')])],
  ])('sees %s', (_, one, other) => expect(regionHash(one)).not.toBe(regionHash(other)))
})
