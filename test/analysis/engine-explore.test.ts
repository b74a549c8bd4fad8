/** What the search over the engine's states says of graphs that a reader can judge. */
import { describe, expect, test } from 'vitest'
import type { Graph, Node, Policy, Region } from '../../src/core/index.ts'
import { exploreEngine } from './engine-explore.ts'
import { graphOf } from './engine-graphs.ts'

const NOTHING = { kind: 'literal', value: null } as const

const region = (...nodes: Node[]): Region => ({ params: [], nodes, result: NOTHING })

const common = (id: string, locks: string, after: readonly string[]) => ({
  id,
  name: id,
  after,
  policy: locks === '' ? {} : ({ locks: [...locks].map(name => ({ name, of: 'run' })) } satisfies Policy),
})

const task = (id: string, locks = '', after: readonly string[] = []): Node => ({
  ...common(id, locks, after),
  kind: 'task',
  task: id,
  args: [],
  executor: 'inline',
})

const scope = (id: string, locks: string, ...nodes: Node[]): Node => ({
  ...common(id, locks, []),
  kind: 'scope',
  body: region(...nodes),
})

type Arcs = Readonly<Record<string, readonly [consumes: string, produces: string]>>

const net = (id: string, arcs: Arcs): Node => ({
  ...common(id, '', []),
  kind: 'net',
  places: [...new Set(['i', 'o', ...Object.values(arcs).flatMap(([from, to]) => [...from, ...to])])],
  start: ['i'],
  end: 'o',
  transitions: Object.entries(arcs).map(([name, [from, to]]) => ({
    id: name,
    consumes: [...from],
    produces: [...to],
    body: region(task('f')),
  })),
})

const attempt = (id: string, body: readonly Node[], handlers: readonly (readonly Node[])[]): Node => ({
  ...common(id, '', []),
  kind: 'attempt',
  body: region(...body),
  handlers: handlers.map(each => ({ errors: [], body: region(...each) })),
})

interface Said {
  readonly stuck?: readonly string[]
  readonly endless?: true
  readonly dead?: readonly string[]
  readonly netsStuck?: readonly string[]
  readonly netsImproper?: readonly string[]
}

function check(graph: Graph): Said {
  const found = exploreEngine(graph)
  if (found.kind !== 'explored') throw new Error(`more than ${found.states} states`)
  return {
    ...(found.stuck ? { stuck: found.stuck.open.map(each => each.replace(/:.*/, '')) } : {}),
    ...(found.endless ? { endless: true } : {}),
    ...(found.dead.length > 0 ? { dead: found.dead } : {}),
    ...(found.netsStuck.size > 0 ? { netsStuck: [...found.netsStuck.keys()] } : {}),
    ...(found.netsImproper.size > 0 ? { netsImproper: [...found.netsImproper.keys()] } : {}),
  }
}

const GRAPHS: readonly (readonly [name: string, nodes: readonly Node[], said: Said])[] = [
  ['one step after another', [task('a'), task('b', '', ['a'])], {}],
  ['one lock', [scope('a', 'A', task('b')), scope('c', 'A', task('d'))], {}],
  ['two locks in one order', [scope('a', 'A', task('b', 'B')), scope('c', 'A', task('d', 'B'))], {}],
  [
    'two locks in two orders',
    [scope('a', 'A', task('b', 'B')), scope('c', 'B', task('d', 'A'))],
    { stuck: ['a', 'c', 'a.body/b', 'c.body/d'] },
  ],
  ['both locks at once', [task('a', 'AB'), task('b', 'BA')], {}],
  [
    'two orders, one after the other',
    [scope('a', 'A', task('b', 'B')), { ...scope('c', 'B', task('d', 'A')), after: ['a'] }],
    {},
  ],
  ['a net that ends', [net('n', { t: ['i', 'ab'], u: ['a', 'c'], v: ['bc', 'o'] })], {}],
  ['a net that may take the wrong way', [net('n', { t: ['i', 'o'], u: ['i', 'a'] })], { netsStuck: ['n'] }],
  ['a net that leaves a token', [net('n', { t: ['i', 'oa'] })], { netsImproper: ['n'] }],
  ['a net that goes round for ever', [net('n', { t: ['i', 'a'], u: ['a', 'i'] })], { endless: true }],
  ['a transition that nothing reaches', [net('n', { t: ['i', 'o'], u: ['a', 'o'] })], { dead: ['n.u/f'] }],
  [
    'a handler behind one that knows every error',
    [attempt('a', [task('b')], [[task('c')], [task('d')]])],
    { dead: ['a.catch2/d'] },
  ],
  [
    'a milestone that is over whenever it opens',
    [
      task('a'),
      { ...scope('m', '', task('b')), kind: 'scope', until: 'a', after: ['c'] } as Node,
      task('c', '', ['a']),
    ],
    { dead: ['m', 'm.body/b'] },
  ],
]

describe('the engine, looked at in all its states', () => {
  test.each(GRAPHS)('%s', (_name, nodes, said) => {
    expect(check(graphOf(region(...nodes)))).toEqual(said)
  })
})
