/** What each combinator becomes in the graph: its node, its regions, and what they see. */
import { describe, expect, test } from 'vitest'
import type { Graph, Node, Region } from '../../src/core/index.ts'
import { graphOf, HEAD, nodeIn, nodesOf } from './rig.ts'

const PRELUDE = `${HEAD}import { z } from 'zod'
const a = task((x?: any) => x as any)
const b = effect((x?: any, y?: any) => x as any)
const ledger = lock()
const stock = lock()
const db = pool(4, { across: 'store' })
const go = signal()
const arrivals = signal(z.number(), { early: 'transient' })
`
const traced = (body: string): Promise<Graph> =>
  graphOf(`${PRELUDE}export const w = workflow((p: any) => {\n${body}\n})`, 'w')
const nodeOf = async (body: string, id: string): Promise<Node> => nodeIn((await traced(body)).root, id)

const node = (id: string, up = 0, path: readonly (string | number)[] = []) => ({ kind: 'node', node: id, up, path })
const param = (name: string, up = 0, path: readonly (string | number)[] = []) => ({
  kind: 'param',
  param: name,
  up,
  path,
})
const literal = (value: unknown) => ({ kind: 'literal', value })
/** A region with these nodes, by id. */
const region = (...ids: readonly string[]) => ({ nodes: ids.map(id => ({ id })) })

const NODES: readonly (readonly [what: string, body: string, id: string, wanted: object])[] = [
  [
    'any has a condition and a body for each arm',
    'const x = a(); any({ mail: [x.mail, () => a(1)], letter: [true, () => b(x)] })',
    'any',
    {
      kind: 'any',
      arms: {
        mail: { condition: node('a', 0, ['mail']), body: { params: [], result: node('a') } },
        letter: { condition: literal(true), body: { nodes: [{ args: [node('a', 1)] }] } },
      },
    },
  ],
  ['any with an otherwise', 'any({ mail: [true, () => a(1)] }, () => b(2))', 'any', { otherwise: region('b') }],
  [
    'a loop sees its state and turn',
    'loop(1, (n, turn) => a([n, turn]), { while: (n, turn) => n.more })',
    'loop',
    {
      kind: 'loop',
      init: literal(1),
      test: 'while',
      condition: param('state', 0, ['more']),
      body: {
        params: ['state', 'turn'],
        nodes: [{ id: 'a', args: [{ kind: 'list', items: [param('state'), param('turn')] }] }],
        result: node('a'),
      },
    },
  ],
  [
    'a loop with a limit',
    'loop(1, n => n, { until: (n: any, turn: any) => turn.to((t: number) => t > 2), limit: 3 })',
    'loop',
    { test: 'until', limit: 3, condition: { kind: 'apply', args: [param('turn')] } },
  ],
  ['a loop without one', 'loop(1, n => n, { until: (n: any) => n.done, limit: "none" })', 'loop', { limit: 0 }],
  [
    'a race has arms',
    "race({ paid: () => a(), late: () => sleep('1h') })",
    'race',
    { kind: 'race', arms: { paid: region('a'), late: region('sleep') } },
  ],
  [
    'some cancels the rest, unless told',
    'some(1, { x: () => a(), y: () => b() })',
    'some',
    { kind: 'some', count: 1, rest: 'cancel', arms: { x: region('a'), y: region('b') } },
  ],
  [
    'some lets the rest finish',
    "some(2, { x: () => a(), y: () => b() }, { rest: 'finish' })",
    'some',
    { count: 2, rest: 'finish' },
  ],
  [
    'an attempt catches every error',
    'attempt(() => a(), { catch: error => b(error.message) })',
    'attempt',
    {
      kind: 'attempt',
      body: region('a'),
      handlers: [
        { errors: [], body: { params: ['error'], nodes: [{ id: 'b', args: [param('error', 0, ['message'])] }] } },
      ],
    },
  ],
  [
    'an attempt catches some by name, and the others last',
    'attempt(() => a(), { catch: { else: () => 1, TIMEOUT: () => 2, TypeError: () => 3 }, finally: () => b() })',
    'attempt',
    {
      handlers: [
        { errors: ['TIMEOUT'], body: { result: literal(2) } },
        { errors: ['TypeError'], body: { result: literal(3) } },
        { errors: [], body: { result: literal(1) } },
      ],
      finalizer: region('b'),
    },
  ],
  [
    'an attempt is tried again, until its deadline',
    "attempt(() => a(), { retry: 2, deadline: '1h' })",
    'attempt',
    { handlers: [], policy: { retry: [{ times: 2, backoff: 'exponential' }], deadlineMs: 3_600_000 } },
  ],
  [
    'sleep waits for a time that is known, or for one that is not',
    "sleep('5s'); sleep(a().ms)",
    'sleep',
    { kind: 'wait', on: { kind: 'timer', duration: literal(5_000) } },
  ],
  ['sleep for a ref', 'sleep(a().ms)', 'sleep', { on: { kind: 'timer', duration: node('a', 0, ['ms']) } }],
  [
    'until waits for an instant',
    "until('2027-01-31T09:00:00Z')",
    'until',
    { on: { kind: 'instant', instant: literal('2027-01-31T09:00:00Z') } },
  ],
  [
    'until takes a date',
    'until(new Date(0))',
    'until',
    { on: { kind: 'instant', instant: literal({ $date: '1970-01-01T00:00:00.000Z' }) } },
  ],
  [
    'a signal is called like its variable',
    "go.wait({ timeout: '3d' })",
    'go',
    {
      kind: 'wait',
      name: 'go',
      on: { kind: 'signal', signal: 'go', type: {}, early: 'kept' },
      policy: { timeoutMs: 259_200_000 },
    },
  ],
  [
    'a signal has the type of its validator',
    'arrivals.wait()',
    'arrivals',
    { on: { signal: 'arrivals', type: { type: 'number' }, early: 'transient' } },
  ],
  [
    'each in batches, some of which may fail',
    "each(p, list => a(list), { batch: 10, tolerate: '20%', key: (list: any) => list[0] })",
    'each',
    { kind: 'each', batch: 10, tolerate: { share: 0.2 }, key: param('item', 0, [0]) },
  ],
  ['each bears a number', 'each(p, x => a(x), { tolerate: 3 })', 'each', { tolerate: { count: 3 } }],
  ['each goes on after so many', 'each(p, x => a(x), { until: 2 })', 'each', { until: { count: 2, rest: 'cancel' } }],
  [
    'each leaves the rest',
    "each(p, x => a(x), { until: { count: 2, rest: 'detach' } })",
    'each',
    { until: { count: 2, rest: 'detach' } },
  ],
  [
    'each grows by a signal',
    'each(p, x => a(x), { more: arrivals })',
    'each',
    { more: { signal: 'arrivals', type: { type: 'number' } } },
  ],
  [
    'a scope has a deadline, a lock and a fate',
    "scope(() => a(), { deadline: '2h', onFailure: 'finish', lock: ledger })",
    'scope',
    {
      kind: 'scope',
      body: { ...region('a'), onFailure: 'finish' },
      policy: { deadlineMs: 7_200_000, locks: [{ name: 'ledger', of: 'run' }] },
    },
  ],
  [
    'a critical section takes its locks at once',
    'critical([ledger, stock, ledger], () => a())',
    'critical',
    {
      kind: 'scope',
      policy: {
        locks: [
          { name: 'ledger', of: 'run' },
          { name: 'stock', of: 'run' },
        ],
      },
    },
  ],
  [
    "interleaved steps hold their region's own lock",
    'interleaved(() => { a(); b() })',
    'interleaved',
    {
      kind: 'scope',
      body: {
        nodes: [
          { id: 'a', policy: { locks: [{ name: 'interleaved', of: 'region' }] } },
          { id: 'b', policy: { locks: [{ name: 'interleaved', of: 'region' }] } },
        ],
      },
    },
  ],
  [
    'a milestone ends with a step',
    'const shipped = a(); milestone({ until: shipped }, () => b())',
    'milestone',
    { kind: 'scope', until: 'a', body: region('b') },
  ],
  ['what is detached', 'detach(() => b())', 'detach', { kind: 'scope', join: 'detached', body: region('b') }],
  [
    'cancel names its target, in this body',
    "const x = a(); cancel(x, { dependents: 'run' })",
    'cancel',
    { kind: 'cancel', target: { node: 'a', up: 0 }, dependents: 'run', after: [] },
  ],
  [
    'a net has the places that its transitions name',
    "net({ start: 'in', end: 'out', transitions: { one: { from: 'in', to: ['p', 'q'], run: () => a() }, two: { from: ['p', 'q'], to: 'out', run: last => b(last.one), if: last => last.one.ok } } })",
    'net',
    {
      kind: 'net',
      places: ['in', 'p', 'q', 'out'],
      start: ['in'],
      end: 'out',
      transitions: [
        { id: 'one', consumes: ['in'], produces: ['p', 'q'], body: { params: ['one', 'two'], result: node('a') } },
        {
          id: 'two',
          consumes: ['p', 'q'],
          produces: ['out'],
          guard: param('one', 0, ['ok']),
          body: { nodes: [{ id: 'b', args: [param('one')] }] },
        },
      ],
    },
  ],
]

describe('nodes', () => {
  test.each(NODES)('%s', async (_, body, id, wanted) => expect(await nodeOf(body, id)).toMatchObject(wanted))

  test('a combinator is called like its variable', async () => {
    const { root } = await traced(`const first = race({ x: () => a() })
  const again = loop(1, n => n, { until: (n: any) => n.done })
  const safe = attempt(() => a())
  const alone = critical(ledger, () => a())
  const open = milestone({ until: safe }, () => a())
  return { told: any({ x: [true, () => a()] }), pause: sleep(1) }`)
    expect(nodesOf(root)).toEqual([
      ['race', 'first'],
      ['loop', 'again'],
      ['attempt', 'safe'],
      ['critical', 'alone'],
      ['milestone', 'open'],
      ['any', 'told'],
      ['sleep', 'pause'],
    ])
  })

  test('a cancel reaches out of its region', async () => {
    const when = await nodeOf('const x = a(); when(p.stop, () => { cancel(x) })', 'when')
    expect(when).toMatchObject({ then: { nodes: [{ kind: 'cancel', target: { node: 'a', up: 1 } }] } })
  })

  test('order reaches out of every region', async () => {
    const { root } = await traced(`const x = a()
  race({ y: () => b().after(x) })
  attempt(() => 1, { finally: () => { b().after(x) } })
  loop(1, n => b(n).after(x), { until: (n: any) => n.done })
  net({ start: 'i', end: 'o', transitions: { t: { from: 'i', to: 'o', run: () => b().after(x) } } })`)
    for (const id of ['race', 'attempt', 'loop', 'net']) expect(nodeIn(root, id).after, id).toEqual(['a'])
  })
})

describe('undo', () => {
  const undoOf = async (body: string, id = 'b') => (await nodeOf(body, id)).undo

  test('takes a task as it is', async () =>
    expect(await undoOf('b(1).undo(a)')).toMatchObject({
      captures: {},
      body: { params: ['value'], nodes: [{ id: 'a', args: [param('value')] }] },
    }))

  test('captures what it uses from around it, each once', async () =>
    expect(
      await undoOf('const x = a(); b(1).undo(receipt => { b(receipt.id, x.y); b([x.z, p.q, x.to((v: any) => v)]) })'),
    ).toMatchObject({
      captures: { a: node('a'), p: param('p') },
      body: {
        params: ['value', 'a', 'p'],
        nodes: [
          { args: [param('value', 0, ['id']), param('a', 0, ['y'])] },
          {
            args: [
              {
                items: [param('a', 0, ['z']), param('p', 0, ['q']), { kind: 'apply', args: [param('a')] }],
              },
            ],
          },
        ],
      },
    }))

  test('captures through regions inside it, and from regions around it', async () => {
    const { root } = await traced(
      'const x = a(); when(true, () => { const y = a(2); b(1).undo(() => when(y.ok, () => b(x, y))) })',
    )
    const when = nodeIn(root, 'when')
    const undone = when.kind === 'when' ? nodeIn(when.then, 'b').undo : undefined
    expect(undone).toMatchObject({
      captures: { a: node('a', 1), 'a~2': node('a', 0) },
      body: {
        params: ['value', 'a', 'a~2'],
        nodes: [{ condition: param('a~2', 0, ['ok']), then: { nodes: [{ args: [param('a', 1), param('a~2', 1)] }] } }],
      },
    })
  })

  test('sees its own step as the value', async () =>
    expect(await undoOf('const x = b(1); x.undo(() => a(x.id))')).toMatchObject({
      captures: {},
      body: { nodes: [{ args: [param('value', 0, ['id'])] }] },
    }))

  test('may have steps that are undone themselves', async () =>
    expect(await undoOf('const x = a(); b(1).undo(v => b(v).undo(w => a([v, w, x])))')).toMatchObject({
      captures: { a: node('a') },
      body: {
        params: ['value', 'a'],
        nodes: [
          {
            undo: {
              captures: { 'value~2': param('value'), a: param('a') },
              body: { params: ['value', 'value~2', 'a'] },
            },
          },
        ],
      },
    }))

  test('belongs to any step, and returns it', async () => {
    const { root } = await traced('const x = scope(() => a()).undo(() => b()); const y = a(x)')
    expect(nodeIn(root, 'scope')).toMatchObject({ name: 'x', undo: { body: region('b') } })
    expect(nodeIn(root, 'a')).toMatchObject({ name: 'y', args: [node('scope')] })
  })
})

describe('recursion', () => {
  const walk = `const walk: any = workflow((n: any) => { const next = a(n); return when(next.more, () => walk(next.left)) })
export const w = workflow((n: any) => walk(n))`

  test('a workflow that calls itself enters its region again', async () => {
    const { root } = await graphOf(`${PRELUDE}${walk}`, 'w')
    const call = nodeIn(root, 'walk')
    const when = call.kind === 'call' ? nodeIn(call.body, 'when') : call
    expect(when.kind === 'when' && nodeIn(when.then, 'walk')).toMatchObject({
      kind: 'call',
      recurs: 1,
      workflow: 'walk',
      args: { n: node('a', 1, ['left']) },
      body: { params: [], nodes: [] },
    })
  })

  test('also one that is run itself, and two that call one another', async () => {
    const root = (await graphOf(`${PRELUDE}${walk.replace('const walk', 'export const walk')}`, 'walk')).root
    const when = nodeIn(root, 'when')
    expect(when.kind === 'when' && nodeIn(when.then, 'walk')).toMatchObject({ recurs: 1 })
    const mutual = await graphOf(
      `${PRELUDE}const even: any = workflow((n: any) => when(n.more, () => odd(n)))
const odd: any = workflow((n: any) => when(n.more, () => even(n)))
export const w = workflow((n: any) => even(n))`,
      'w',
    )
    const inside = (region: Region, id: string): Region => {
      const found = nodeIn(region, id)
      if (found.kind === 'call') return found.body
      return found.kind === 'when' ? found.then : region
    }
    const deepest = ['even', 'when', 'odd', 'when'].reduce(inside, mutual.root)
    expect(nodeIn(deepest, 'even')).toMatchObject({ recurs: 3 })
  })
})

describe('policies', () => {
  test('retry is a list of rules, each with its errors', async () => {
    const { root } = await graphOf(
      `${HEAD}const a = task(() => 1, { retry: [{ errors: ['TIMEOUT'], times: 5, factor: 1.5, jitter: 'decorrelated' }, { times: 1, backoff: 'fixed', delay: 5 }] })
export const w = workflow(() => { a() })`,
    )
    expect(root.nodes[0]?.policy.retry).toEqual([
      {
        errors: ['TIMEOUT'],
        times: 5,
        backoff: 'exponential',
        factor: 1.5,
        delayMs: 1_000,
        delayMsMax: 300_000,
        jitter: 'decorrelated',
      },
      { times: 1, backoff: 'fixed', delayMs: 5, delayMsMax: 300_000, jitter: 'full' },
    ])
  })

  test('deadlines, heartbeats, parking, locks, weights', async () => {
    const { root } = await graphOf(
      `${PRELUDE}const heavy = task(() => 1, { deadline: '1h', heartbeat: '10s', exhausted: 'park', locks: [ledger], pool: db.take(2) })
const light = task(() => 1, { pool: db })
export const w = workflow(() => { heavy(); light() })`,
      'w',
    )
    expect(root.nodes.map(each => each.policy)).toEqual([
      {
        exhausted: 'park',
        heartbeatMs: 10_000,
        deadlineMs: 3_600_000,
        pool: { name: 'db', slots: 4, weight: 2, across: 'store' },
        locks: [{ name: 'ledger', of: 'run' }],
      },
      { pool: { name: 'db', slots: 4, across: 'store' } },
    ])
  })

  test('a workflow has a deadline and a way to fail, as a run and as a call', async () => {
    const text = `${PRELUDE}export const inner = workflow(() => { a() }, { deadline: '1h', onFailure: 'finish' })
export const outer = workflow(() => { inner() })
export const f = flow(async () => 1, { deadline: '1m' })
export const g = workflow(() => { f() })`
    const inner = await graphOf(text, 'inner')
    expect(inner).toMatchObject({ deadlineMs: 3_600_000, root: { onFailure: 'finish' } })
    const outer = await graphOf(text, 'outer')
    expect(outer.deadlineMs).toBeUndefined()
    expect(outer.root.nodes[0]).toMatchObject({ policy: { deadlineMs: 3_600_000 }, body: { onFailure: 'finish' } })
    expect(await graphOf(text, 'f')).toMatchObject({ deadlineMs: 60_000, root: { nodes: [{ policy: {} }] } })
    expect((await graphOf(text, 'g')).root.nodes[0]?.policy).toEqual({ deadlineMs: 60_000 })
  })

  test('signals and locks that are written in place are not one', async () => {
    const { root } = await graphOf(
      `${PRELUDE}export const w = workflow((p: any) => {
  scope(() => a(), { lock: lock() })
  scope(() => a(), { lock: lock() })
  each(p, x => a(x), { more: signal(z.number()) })
  each(p, x => a(x), { more: signal(z.string()) })
})`,
      'w',
    )
    const names = root.nodes.flatMap(each => [
      ...(each.policy.locks ?? []).map(lock => lock.name),
      ...(each.kind === 'each' && each.more ? [each.more.signal] : []),
    ])
    expect(new Set(names).size).toBe(4)
  })
})
