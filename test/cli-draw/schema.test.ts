import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import type { Graph, Node, NodeKind, Source } from '../../src/core/graph/graph.ts'
import type { Property, Steps } from '../../src/core/graph/property.ts'
import { parseGraph } from '../../src/core/graph/parse.ts'
import { graphJson } from '../../src/cli/draw/json.ts'
import * as $ from '../observe/log.ts'

const schema = JSON.parse(readFileSync(new URL('../../schema/graph.schema.json', import.meta.url), 'utf8'))
const validate = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false, allErrors: false }).compile(
  schema,
)

const region = $.region([$.task('inner')])
const common = {
  id: 'n',
  name: 'n',
  after: ['inner'],
  policy: {},
  at: { file: 'tutti.ts', line: 1, column: 1 },
  undo: { captures: { a: $.none }, body: region },
}

/** One of each kind, every field given: the type makes a new kind fail to compile here. */
const examples: { readonly [kind in NodeKind]: Extract<Node, { kind: kind }> } = {
  task: {
    ...common,
    kind: 'task',
    task: 't',
    executor: 'thread',
    args: [
      { kind: 'literal', value: { $date: '2026-01-01' } },
      { kind: 'node', node: 'a', up: 1, path: ['x', 0] },
      { kind: 'param', param: 'p', up: 0, path: [] },
      { kind: 'record', fields: { a: $.none } },
      { kind: 'list', items: [$.none] },
      { kind: 'apply', fn: 'f', args: [$.none], path: [] },
      { kind: 'resource', resource: { kind: 'output', path: 'dist' } },
      { kind: 'resource', resource: { kind: 'secret', name: 'T', from: { kind: 'env' } } },
      { kind: 'resource', resource: { kind: 'secret', name: 'T', from: { kind: 'file', path: 'f' } } },
      { kind: 'resource', resource: { kind: 'secret', name: 'T', from: { kind: 'command', command: 'c' } } },
    ],
    policy: {
      retry: [
        {
          errors: ['TIMEOUT'],
          times: 2,
          backoff: 'exponential',
          factor: 1.5,
          delayMs: 1,
          delayMsMax: 9,
          jitter: 'decorrelated',
        },
      ],
      exhausted: 'park',
      timeoutMs: 5,
      heartbeatMs: 1,
      deadlineMs: 9,
      pool: { name: 'p', slots: 2, weight: 2, across: 'store' },
      locks: [{ name: 'm', of: 'run' }],
      priority: -1,
      env: ['CI'],
      cache: 'off',
    },
  },
  effect: { ...common, kind: 'effect', task: 't', args: [], executor: 'inline' },
  flow: { ...common, kind: 'flow', flow: 'f', args: [] },
  source: { ...common, kind: 'source', source: { kind: 'env', name: 'CI', default: '' } },
  when: { ...common, kind: 'when', condition: $.none, then: region, otherwise: region },
  match: { ...common, kind: 'match', value: $.none, by: 'kind', arms: { a: region }, otherwise: region },
  each: {
    ...common,
    kind: 'each',
    items: $.none,
    body: region,
    key: $.none,
    concurrency: 4,
    batch: 2,
    tolerate: { share: 0.1 },
    until: { count: 1, rest: 'cancel' },
    more: { signal: 's', type: {} },
  },
  call: { ...common, kind: 'call', workflow: 'w', args: { a: $.none }, body: region, recurs: 1 },
  any: { ...common, kind: 'any', arms: { a: { condition: $.none, body: region } }, otherwise: region },
  loop: { ...common, kind: 'loop', init: $.none, body: region, condition: $.none, test: 'until', limit: 9 },
  race: { ...common, kind: 'race', arms: { a: region } },
  some: { ...common, kind: 'some', count: 1, rest: 'finish', arms: { a: region } },
  attempt: {
    ...common,
    kind: 'attempt',
    body: region,
    handlers: [{ errors: ['TypeError'], body: region }],
    finalizer: region,
  },
  wait: { ...common, kind: 'wait', on: { kind: 'signal', signal: 's', type: {}, early: 'kept' } },
  scope: { ...common, kind: 'scope', body: { ...region, onFailure: 'finish' }, join: 'detached', until: 'inner' },
  cancel: { ...common, kind: 'cancel', target: { node: 'inner', up: 0 }, dependents: 'skip' },
  service: {
    ...common,
    kind: 'service',
    task: 't',
    args: [],
    dir: 'api',
    service: {
      ready: { kind: 'http', path: '/' },
      readyTimeoutMs: 1_000,
      live: { probe: { kind: 'tcp' }, everyMs: 100, failures: 3 },
      restart: { times: 5, delayMs: 100, delayMsMax: 1_000, factor: 2 },
      reload: { kind: 'signal', signal: 'SIGHUP' },
      stop: { signal: 'SIGTERM', graceMs: 5_000 },
    },
  },
  net: {
    ...common,
    kind: 'net',
    places: ['p', 'q'],
    start: ['p'],
    end: 'q',
    transitions: [{ id: 't', consumes: ['p'], produces: ['q'], guard: $.none, body: region }],
  },
}
const kinds = Object.keys(examples) as NodeKind[]

const graphOf = (node: unknown): Graph => ({
  ...$.graph([node as Node]),
  deadlineMs: 1,
  params: [{ name: 'p', type: {}, required: true }],
  reads: [
    { kind: 'env', name: 'CI', value: null },
    { kind: 'file', path: 'f', hash: 'h' },
    { kind: 'folder', path: 'd', hash: null },
  ],
})
/** As it is published: through JSON. */
const check = (graph: unknown): boolean => validate(JSON.parse(graphJson(graph as Graph)))

test("the schema's kinds are the union's kinds", () =>
  expect(schema.$defs.node.properties.kind.enum.toSorted()).toEqual(kinds.toSorted()))

test('every kind has a definition, and no definition is left over', () => {
  const text = JSON.stringify(schema)
  for (const name of Object.keys(schema.$defs)) expect(text, name).toContain(`"#/$defs/${name}"`)
  for (const kind of kinds) expect(schema.$defs[`${kind}Node`].properties.kind.const).toBe(kind)
})

describe.each(kinds)('%s', kind => {
  const node = examples[kind]
  test('with every field is accepted', () => expect([check(graphOf(node)), validate.errors]).toEqual([true, null]))
  test('without its position is accepted', () => expect(check(graphOf({ ...node, at: undefined }))).toBe(true))
  test('with a field that is not there is refused', () => expect(check(graphOf({ ...node, ghost: 1 }))).toBe(false))
  test('without an id, a name, order or policy is refused', () => {
    for (const field of ['id', 'name', 'after', 'policy'])
      expect(check(graphOf({ ...node, [field]: undefined })), field).toBe(false)
  })
})

test.each<[Source]>([
  [{ kind: 'files', globs: ['*'], ignore: 'gitignore', dir: 'api' }],
  [{ kind: 'file', path: 'f' }],
  [{ kind: 'dir', path: 'd' }],
  [{ kind: 'env', name: 'CI', default: '' }],
  [{ kind: 'http', url: 'https://x.test', headers: { accept: '*' }, everyMs: 1 }],
  [{ kind: 'time', everyMs: 1 }],
  [{ kind: 'result', workflow: 'w' }],
  [{ kind: 'function', task: 't', dir: 'api' }],
])('the source $kind is accepted with every field, and refused with another one', source => {
  const graph = (given: Source): Graph => graphOf({ ...common, kind: 'source', source: given })
  expect([check(graph(source)), parseGraph(JSON.parse(graphJson(graph(source)))).ok]).toEqual([true, true])
  const ghost = graph({ ...source, ghost: 1 } as unknown as Source)
  expect([check(ghost), parseGraph(JSON.parse(graphJson(ghost))).ok]).toEqual([false, false])
})

const steps: Steps = [
  { kind: 'step', path: 'n', up: 0 },
  { kind: 'calls', of: 'task', name: 't' },
]
/** One of each kind. */
const properties: { readonly [kind in Property['kind']]: Extract<Property, { kind: kind }> } = {
  never: { kind: 'never', a: steps, b: steps },
  atMost: { kind: 'atMost', a: steps, count: 0 },
  precedes: { kind: 'precedes', a: steps, b: steps },
  responds: { kind: 'responds', a: steps, b: steps },
  exclusive: { kind: 'exclusive', a: steps, b: steps },
  absent: { kind: 'absent', a: steps, b: steps },
  alternates: { kind: 'alternates', a: steps, b: steps },
  eventually: { kind: 'eventually', a: steps },
  exactlyOnce: { kind: 'exactlyOnce', a: steps },
  reachable: { kind: 'reachable', a: steps },
}
test.each(Object.values(properties))(
  'the property $kind is accepted with every field, and refused with another one',
  property => {
    const graph = (given: object): Graph => ({
      ...graphOf(examples.flow),
      root: { ...graphOf(examples.flow).root, properties: [{ at: common.at, ...given } as Property] },
    })
    const other = 'b' in property ? { ...property, b: undefined } : { ...property, b: steps }
    for (const [given, isRight] of [
      [property, true],
      [{ ...property, ghost: 1 }, false],
      [other, false],
    ] as const)
      expect([check(graph(given)), parseGraph(JSON.parse(graphJson(graph(given)))).ok]).toEqual([isRight, isRight])
  },
)

test.each([
  ['an unknown kind', graphOf({ ...common, kind: 'ghost' })],
  ['another version', { ...graphOf(examples.task), version: 2 }],
  [
    'an expression that looks inwards',
    graphOf({ ...examples.flow, args: [{ kind: 'node', node: 'a', up: -1, path: [] }] }),
  ],
  ['a line 0', graphOf({ ...examples.flow, at: { file: 'f', line: 0, column: 1 } })],
  ['a wait for nothing', graphOf({ ...examples.wait, on: { kind: 'never' } })],
  ['a share and a count', graphOf({ ...examples.each, tolerate: { share: 0.1, count: 1 } })],
  ['a pool without slots', graphOf({ ...examples.flow, policy: { pool: { name: 'p', slots: 0 } } })],
  [
    'a wrong node deep inside',
    graphOf({ ...examples.scope, body: $.region([examples.scope, { ...examples.task, task: 1 } as unknown as Node]) }),
  ],
])('%s is refused', (_, graph) => expect(check(graph)).toBe(false))
