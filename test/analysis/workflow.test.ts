/** Workflows and what is said of them: the verdict, the sentence, what waits for what. */
import { expect, test } from 'vitest'
import { checkGraph, finish, newBudget, netOf, checkSoundness } from '../../src/analysis/index.ts'
import { linesOf, sentenceOf } from '../../src/cli/render/counterexample.ts'
import type { Lock, Node, Region } from '../../src/core/index.ts'
import { call, each, graph, item, lit, ref, region, task, when } from '../core/graphs.ts'

const locks = (...names: readonly string[]): readonly Lock[] => names.map(name => ({ name, of: 'run' }))
const common = (id: string, after: readonly string[] = []) => ({ id, name: id, after, policy: {} })
const scope = (id: string, nodes: readonly Node[], rest: Partial<Extract<Node, { kind: 'scope' }>> = {}): Node => ({
  ...common(id),
  kind: 'scope',
  body: region(nodes),
  ...rest,
})
/** Holds `outer` and wants `inner` in there. */
const nested = (id: string, outer: string, inner: string, after: readonly string[] = []): Node =>
  scope(id, [task('t', { policy: { locks: locks(inner) } })], { after, policy: { locks: locks(outer) } })
const race = (id: string, arms: { readonly [label: string]: Region }): Node => ({ ...common(id), kind: 'race', arms })
const attempt = (id: string, body: Region, handlers: Extract<Node, { kind: 'attempt' }>['handlers']): Node => ({
  ...common(id),
  kind: 'attempt',
  body,
  handlers,
})
const cancel = (id: string, node: string, after: readonly string[] = []): Node => ({
  ...common(id, after),
  kind: 'cancel',
  target: { node, up: 0 },
  dependents: 'skip',
})
type Arc = readonly [id: string, consumes: readonly string[], produces: readonly string[]]
const net = (id: string, end: string, ...arcs: readonly Arc[]): Node => ({
  ...common(id),
  kind: 'net',
  places: [...new Set(['i', end, ...arcs.flatMap(([, from, to]) => [...from, ...to])])],
  start: ['i'],
  end,
  transitions: arcs.map(([name, consumes, produces]) => ({
    id: name,
    consumes,
    produces,
    body: region([task('work')]),
  })),
})
const again: Node = { ...common('again'), kind: 'call', workflow: 'walk', args: {}, body: region([]), recurs: 1 }

const checked = (nodes: readonly Node[]) => finish(checkGraph(graph(nodes), newBudget()))
const saidOf = (nodes: readonly Node[]): readonly string[] => {
  const { soundness, counterexamples } = checked(nodes)
  if (soundness.kind !== 'unsound') return [soundness.kind === 'unknown' ? `unknown: ${soundness.far}` : 'sound']
  return soundness.violations.map(({ kind }, index) => `${kind}: ${sentenceOf(counterexamples[index]!)}`)
}

test.each<readonly [string, readonly Node[]]>([
  ['steps in order', [task('a'), task('b', { args: [ref('a')] })]],
  ['locks in one order', [nested('x', 'a', 'b'), nested('y', 'a', 'b')]],
  ['locks in two orders, one after the other', [nested('x', 'a', 'b'), nested('y', 'b', 'a', ['x'])]],
  [
    'locks in two orders, on two ways of a choice',
    [when('w', lit(true), region([nested('x', 'a', 'b')]), region([nested('y', 'b', 'a')]))],
  ],
  [
    'locks in two orders under a third',
    [
      scope('x', [nested('x', 'a', 'b')], { policy: { locks: locks('c') } }),
      scope('y', [nested('y', 'b', 'a')], { policy: { locks: locks('c') } }),
    ],
  ],
  [
    'items that take turns',
    [{ ...each('e', lit([1, 2]), item([nested('x', 'a', 'b', []), nested('y', 'b', 'a', ['x'])]), 1) }],
  ],
  ['a step that may be withdrawn', [task('a'), cancel('c', 'a'), task('b', { after: ['a'] })]],
  ['a milestone', [task('m'), scope('s', [task('t')], { until: 'm' })]],
  ['tokens left over in a net', [net('n', 'o', ['t', ['i'], ['o', 'p']])]],
  ['recursion with a way out', [call('walk', region([when('w', lit(true), region([again]))]))]],
])('sound: %s', (_, nodes) => expect(saidOf(nodes)).toEqual(['sound']))

test.each<readonly [string, readonly Node[], readonly string[]]>([
  [
    'locks in two orders',
    [nested('x', 'a', 'b'), nested('y', 'b', 'a')],
    ['deadlock: x holds a and waits for b, while y holds b and waits for a'],
  ],
  [
    'three locks in a circle',
    [nested('x', 'a', 'b'), nested('y', 'b', 'c'), nested('z', 'c', 'a')],
    ['deadlock: x holds a and waits for b, while y holds b and waits for c, while z holds c and waits for a'],
  ],
  [
    'items of one each',
    [each('e', lit([1, 2]), item([nested('x', 'a', 'b'), nested('y', 'b', 'a', ['x'])]))],
    [
      'deadlock: if e has 2 items, e[*]/y of item 1 holds b and waits for a, while e[*]/x of item 2 holds a and waits for b',
    ],
  ],
  [
    'both arms of a race',
    [race('r', { one: region([nested('x', 'a', 'b')]), two: region([nested('y', 'b', 'a')]) })],
    ['deadlock: r.one/x holds a and waits for b, while r.two/y holds b and waits for a'],
  ],
  [
    'only when something fails',
    [
      attempt('try', region([task('lint')]), [{ errors: [], body: region([nested('x', 'a', 'b')]) }]),
      nested('y', 'b', 'a'),
    ],
    ['deadlock: if try.body/lint fails, try.catch/x holds a and waits for b, while y holds b and waits for a'],
  ],
  [
    'what comes after its cancel',
    [cancel('c', 'a'), task('a', { after: ['c'] }), task('b', { after: ['a'] })],
    ['dead-transition: a and b can never run'],
  ],
  [
    'a handler after one for all',
    [
      attempt('try', region([task('t')]), [
        { errors: [], body: region([]) },
        { errors: [], body: region([task('late')]) },
      ]),
    ],
    ['dead-transition: try.catch2/late can never run'],
  ],
  [
    'a net that stops short',
    [net('n', 'o', ['t', ['i'], ['p']], ['u', ['p', 'q'], ['o']])],
    [
      'deadlock: n is stuck with tokens on p: nothing can fire, and its end is not reached',
      'dead-transition: u of n can never run',
    ],
  ],
  [
    'a net in a circle',
    [net('n', 'o', ['t', ['i'], ['p']], ['u', ['p'], ['i']])],
    ['no-completion: n goes on for ever and cannot reach its end any more'],
  ],
  [
    'recursion on every way',
    [call('walk', region([when('w', lit(true), region([again]), region([again]))]))],
    ['no-completion: walk/w.then/again is called again in any case, so walk never comes to an end'],
  ],
])('unsound: %s', (_, nodes, said) => expect(saidOf(nodes)).toEqual(said))

test('W1: no net is made of a workflow without crossings, however large', () => {
  const many = Array.from({ length: 10_000 }, (_, at) => task(`t${at}`, { after: at === 0 ? [] : [`t${at - 1}`] }))
  const { soundness, composed } = checked(many)
  expect(soundness).toMatchObject({ kind: 'sound', states: 0 })
  expect(composed).toBeUndefined()
})

test('W2: bookkeeping that never happens is no dead step, and is not in the net that others read', () => {
  const nodes = [task('a'), cancel('c', 'a', ['a']), task('b', { after: ['a'] })]
  expect(saidOf(nodes)).toEqual(['sound'])
  const written = finish(netOf(graph(nodes), newBudget()))
  expect(finish(checkSoundness(written, newBudget())).kind).toBe('sound')
})

test('the net that others read of calls that never come back has no way to its end', () => {
  const nodes = [call('walk', region([again]))]
  expect(checked(nodes).soundness.kind).toBe('unsound')
  const written = finish(netOf(graph(nodes), newBudget()))
  expect(finish(checkSoundness(written, newBudget())).kind).toBe('unsound')
})

test('W3: no verdict where undoing takes locks in a circle, since undoing is not seen', () => {
  const undone: Node = {
    ...task('s'),
    undo: { captures: {}, body: region([task('u', { policy: { locks: locks('a') } })]) },
  }
  const nodes = [nested('x', 'a', 'b'), scope('y', [undone, task('f')], { policy: { locks: locks('b') } })]
  expect(saidOf(nodes)).toEqual(['unknown: what is undone takes the locks a, b in a circle, and undoing is not seen'])
})

test('says where things stand, what holds what, and all that happened when asked', () => {
  const at = (line: number) => ({ file: 'tutti.ts', line, column: 3 })
  const nodes = [
    { ...nested('x', 'a', 'b'), at: at(4) },
    { ...nested('y', 'b', 'a'), at: at(9) },
  ]
  const [counterexample] = checked(nodes).counterexamples
  expect(linesOf(counterexample!, 'choices')).toEqual([
    'x.body/t waits for the lock b, which y (tutti.ts:9:3) holds',
    'y.body/t waits for the lock a, which x (tutti.ts:4:3) holds',
  ])
  expect(linesOf(counterexample!, 'all').slice(2)).toEqual(['1. x (tutti.ts:4:3) begins', '2. y (tutti.ts:9:3) begins'])
})
