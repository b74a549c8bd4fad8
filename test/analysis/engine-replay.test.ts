/** Counterexamples as they come out in the engine: what it was told, and what the run waits for at its end, for ever. */
import { expect, test } from 'vitest'
import type { Graph, Input, Node, Region } from '../../src/core/index.ts'
import { finish, newBudget } from '../../src/analysis/net/budget.ts'
import { checkSoundness } from '../../src/analysis/soundness/check.ts'
import { composeGraph } from '../../src/analysis/workflow/compose.ts'
import { composeNetAlone } from '../../src/analysis/workflow/nets.ts'
import { replay, type Replayed } from '../../src/analysis/workflow/replay.ts'
import { graphOf } from './engine-graphs.ts'

const NOTHING = { kind: 'literal', value: null } as const
const region = (...nodes: readonly Node[]): Region => ({ params: [], nodes, result: NOTHING })

const common = (id: string, locks = '', after: readonly string[] = []) => ({
  id,
  name: id,
  after,
  policy: locks === '' ? {} : { locks: [...locks].map(name => ({ name, of: 'run' as const })) },
})
const task = (id: string, locks = '', after: readonly string[] = []): Node => ({
  ...common(id, locks, after),
  kind: 'task',
  task: id,
  args: [],
  executor: 'inline',
})
const scope = (id: string, locks: string, ...nodes: readonly Node[]): Node => ({
  ...common(id, locks),
  kind: 'scope',
  body: region(...nodes),
})
const when = (id: string, locks: string, then: Node): Node => ({
  ...common(id, locks),
  kind: 'when',
  condition: NOTHING,
  then: region(then),
  otherwise: region(),
})
const any = (id: string, arms: Readonly<Record<string, Node>>): Node => ({
  ...common(id),
  kind: 'any',
  arms: Object.fromEntries(
    Object.entries(arms).map(([label, node]) => [label, { condition: NOTHING, body: region(node) }]),
  ),
})
const each = (id: string, locks: string, ...nodes: readonly Node[]): Node => ({
  ...common(id, locks),
  kind: 'each',
  items: NOTHING,
  body: region(...nodes),
})
const attempt = (id: string, body: Node, handlers: Readonly<Record<string, Node>>): Node => ({
  ...common(id),
  kind: 'attempt',
  body: region(body),
  handlers: Object.entries(handlers).map(([code, node]) => ({
    errors: code === 'any' ? [] : [code],
    body: region(node),
  })),
})
const net = (id: string, arcs: Readonly<Record<string, readonly [from: string, to: string]>>): Node => ({
  ...common(id),
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

/** The choices and grants among what it was told, and what waits in the end. */
function told(replayed: Replayed): readonly string[] {
  if (replayed.kind !== 'confirmed') return [replayed.kind]
  const inputs = replayed.inputs.flatMap(input => textOf(input) ?? [])
  return [...inputs, ...replayed.waits.map(wait => `${wait.step} waits`).toSorted()]
}

function textOf(input: Input): string | undefined {
  if (input.kind === 'grant.proposed') return `grant ${input.step}`
  if (input.kind === 'attempt.finished' && input.outcome.kind === 'failed')
    return `fail ${input.step} with ${input.outcome.fault.code}`
  if (input.kind === 'items.evaluated' && input.result.kind === 'listed')
    return `${input.step} has ${input.result.keys.length} items`
  if (input.kind !== 'branch.evaluated') return undefined
  if (input.result.kind === 'chosen') return `${input.step} takes ${input.result.branch}`
  return input.result.kind === 'several' ? `${input.step} takes ${input.result.branches.join(' and ')}` : undefined
}

const other = scope('y', 'B', task('z', 'A'))

const DEADLOCKS: readonly (readonly [name: string, nodes: readonly Node[], told: readonly string[]])[] = [
  [
    'two orders of two locks',
    [scope('a', 'A', task('b', 'B')), other],
    ['grant a', 'grant y', 'a.body/b waits', 'y.body/z waits'],
  ],
  [
    'a step that comes before',
    [task('s'), { ...scope('a', 'A', task('b', 'B')), after: ['s'] }, other],
    ['grant y', 'grant a', 'a.body/b waits', 'y.body/z waits'],
  ],
  [
    'behind a choice',
    [when('a', 'A', task('b', 'B')), other],
    ['grant a', 'a takes then', 'grant y', 'a.then/b waits', 'y.body/z waits'],
  ],
  [
    'in both arms of an any',
    [any('q', { a: scope('a', 'A', task('b', 'B')), b: other })],
    ['q takes a and b', 'grant q.a/a', 'grant q.b/y', 'q.a/a.body/b waits', 'q.b/y.body/z waits'],
  ],
  [
    'in an item',
    [each('e', 'A', task('b', 'B')), other],
    ['grant e', 'e has 1 items', 'grant y', 'e[0]/b waits', 'y.body/z waits'],
  ],
  [
    'in the handler of one error',
    [attempt('t', task('w'), { BROKEN: scope('a', 'A', task('b', 'B')), any: task('c') }), other],
    ['fail t.body/w with BROKEN', 'grant t.catch/a', 'grant y', 't.catch/a.body/b waits', 'y.body/z waits'],
  ],
]

function deadlockOf(graph: Graph) {
  const composed = composeGraph(graph)
  const soundness = finish(checkSoundness(composed.net, newBudget()))
  const violations = soundness.kind === 'unsound' ? soundness.violations : []
  const violation = violations.find(({ kind }) => kind === 'deadlock')
  if (!violation) throw new Error(`no deadlock: ${soundness.kind}`)
  return { composed, violation }
}

test.each(DEADLOCKS)('%s', (_name, nodes, expected) => {
  const graph = graphOf(region(...nodes))
  const { composed, violation } = deadlockOf(graph)
  const said = told(replay(graph, composed, violation))
  // Where two things have no order, the trace has any.
  expect(said.toSorted()).toEqual(expected.toSorted())
})

test('a net that gets stuck fails as the engine says it', () => {
  const node = net('n', { t: ['i', 'o'], u: ['i', 'a'] })
  if (node.kind !== 'net') throw new Error('it is one')
  const composed = composeNetAlone({ path: 'n', shown: 'n', node }, node)
  const soundness = finish(checkSoundness(composed.net, newBudget()))
  const deadlock =
    soundness.kind === 'unsound' ? soundness.violations.find(({ kind }) => kind === 'deadlock') : undefined
  expect(deadlock && told(replay(graphOf(region(node)), composed, deadlock))).toEqual(['n takes u'])
})

test('what does not come out so is not confirmed (W4)', () => {
  const graph = graphOf(region(scope('a', 'A', task('b', 'B')), other))
  const { composed, violation } = deadlockOf(graph)
  const harmless = graphOf(region(scope('a', 'A', task('b', 'B')), scope('y', 'A', task('z', 'B'))))
  expect(replay(harmless, composed, violation)).toMatchObject({
    kind: 'differs',
    why: 'the run ends: it has succeeded',
  })
})

test('of what never happens there is nothing to play', () => {
  const graph = graphOf(region(task('a')))
  const dead = { kind: 'dead-transition', trace: [], length: 'shortest', places: [], transitions: [0] } as const
  expect(replay(graph, composeGraph(graph), dead)).toEqual({ kind: 'nothing-to-play' })
})

test('what is stuck from its very beginning is played as well (W4)', () => {
  const node = net('n', { t: ['a', 'o'] })
  if (node.kind !== 'net') throw new Error('it is one')
  const composed = composeNetAlone({ path: 'n', shown: 'n', node }, node)
  const stuck = { kind: 'deadlock', trace: [], length: 'shortest', places: [0], transitions: [] } as const
  expect(replay(graphOf(region(node)), composed, stuck)).toMatchObject({ kind: 'confirmed' })
})

test('without time nothing is confirmed', () => {
  const [, nodes] = DEADLOCKS[0]!
  const graph = graphOf(region(...nodes))
  const { composed, violation } = deadlockOf(graph)
  expect(replay(graph, composed, violation, () => true)).toMatchObject({
    kind: 'differs',
    why: 'there was no time left to play it',
  })
})
