/** What follows from a changed step, in graphs that are traced from the language: `step <- the step that it hangs on`. */
import { expect, test } from 'vitest'
import { affectedBy } from '../../src/core/graph/affected.ts'
import { type PlacedNode, placedNodes } from '../../src/core/graph/placed.ts'
import { definitionOf } from '../../src/dsl/definition.ts'
import * as t from '../../src/dsl/index.ts'
import { traceWorkflow } from '../../src/dsl/workflow.ts'

// biome-ignore lint/suspicious/noExplicitAny: wiring is what is tested, not values.
type Any = any
const step = (name: string): Any => t.task((..._args: unknown[]): Any => undefined, { name })
const act = (name: string): Any => t.effect((..._args: unknown[]): Any => undefined, { name })
const [a, b, c, d, e] = ['a', 'b', 'c', 'd', 'e'].map(step) as [Any, Any, Any, Any, Any]
const [deploy, release] = [act('deploy'), act('release')]

function traceOf(body: (x: Any) => unknown) {
  const definition = definitionOf(t.workflow(body as () => object))
  if (!definition || !('body' in definition)) throw new Error('no workflow')
  return traceWorkflow(definition)
}

/** Ids as in step ids; what has changed is the step `a`, wherever it stands. */
function affected(body: (x: Any) => unknown): readonly string[] {
  const { graph } = traceOf(body)
  return affectedBy(graph, ({ node }) => node.kind === 'task' && node.task === 'a').map(
    ({ path, from }) => `${path}${from === undefined ? '' : ` <- ${from}`}`,
  )
}

const inner = t.workflow(function inner(x: Any) {
  return { one: b(x), two: c() }
})
const open = t.workflow(function open() {
  return { one: a(), two: b() }
})
const self: Any = t.workflow(function again(n: Any): Any {
  const less = b(n)
  return t.when(less, () => self(c(n)))
})

const CASES: readonly (readonly [what: string, body: (x: Any) => unknown, affected: readonly string[]])[] = [
  ['what takes its value, and what takes that (A3)', () => c(b(a()), d()), ['a', 'b <- a', 'c <- b']],
  ['not what does not', () => [a(), b(), c(b())], ['a']],
  ['inside of a record, a list, a .to()', () => b({ deep: [a().to((x: Any) => x)] }), ['a', 'b <- a']],
  ['order after a task hands nothing on (A1)', () => b().after(a()), ['a']],
  ['order after an effect does', () => b().after(deploy(a())), ['b <- deploy', 'a', 'deploy <- a']],
  [
    'order after each of several effects',
    () => {
      const [first, second] = [deploy(a()), release(d(), a())]
      return [b().after(first), c().after(second), e().after(second)]
    },
    ['a', 'deploy <- a', 'a~2', 'release <- a~2', 'b <- deploy', 'c <- release', 'e <- release'],
  ],
  ['a call gets it by a parameter', () => inner(a()), ['a', 'inner/b <- a']],
  [
    'a call gives it on field by field',
    () => {
      const { one, two } = open() as Any
      return [c(one), d(two), e(open())]
    },
    ['open/a', 'c <- open/a', 'open~2/a', 'e <- open~2/a'],
  ],
  ['through calls of calls', () => c((inner(open().one) as Any).one), ['open/a', 'inner/b <- open/a', 'c <- inner/b']],
  [
    'after a call that acts',
    () => b().after(t.scope(() => [deploy(a()), c()])),
    ['b <- scope.body/deploy', 'scope.body/a', 'scope.body/deploy <- scope.body/a'],
  ],
  [
    'a choice by it affects all inside (A2)',
    () =>
      d(
        t.when(
          a(),
          () => b(),
          () => c(),
        ),
      ),
    ['a', 'when.then/b <- a', 'when.otherwise/c <- a', 'd <- a'],
  ],
  [
    'inside of a choice only what takes it',
    () => {
      const it = a()
      return d(
        t.when(
          e(),
          () => b(it),
          () => c(),
        ),
      )
    },
    ['a', 'when.then/b <- a', 'd <- when.then/b'],
  ],
  ['all items of what it counts', () => c(t.each(a(), () => b())), ['a', 'each[*]/b <- a', 'c <- a']],
  [
    'what an item takes from around it',
    () => {
      const it = a()
      return c(t.each(d(), (x: Any) => b(x, it)))
    },
    ['a', 'each[*]/b <- a', 'c <- each[*]/b'],
  ],
  [
    'a loop gives it to its next turn',
    () => {
      const it = a()
      return e(t.loop(b(), (state: Any) => c(d(state), it), { until: (state: Any) => state }))
    },
    ['a', 'loop.body/d <- loop.body/c', 'loop.body/c <- a', 'e <- loop.body/c'],
  ],
  ['an arm of a race', () => c(t.race({ x: () => a(), y: () => b() })), ['race.x/a', 'c <- race.x/a']],
  [
    'a handler, by the error',
    () => c(t.attempt(() => a(), { catch: (error: Any) => b(error) } as Any)),
    ['attempt.body/a', 'attempt.catch/b <- attempt.body/a', 'c <- attempt.body/a'],
  ],
  ['a recursion', () => self(a()), ['a', 'again/b <- a', 'again/when.then/c <- again/b']],
]

test.each(CASES)('%s', (_what, body, expected) => expect(affected(body)).toEqual(expected))

test('the order of the list does not matter (A4), and a long chain costs no more than its length', () => {
  const length = 3_000
  const { graph } = traceOf(() => Array.from({ length }).reduce<Any>(last => b(last), a()))
  const reversed = { root: { ...graph.root, nodes: graph.root.nodes.toReversed() } }
  const isA = ({ node }: PlacedNode): boolean => node.kind === 'task' && node.task === 'a'
  const [first, second] = [graph, reversed].map(each => affectedBy(each, isA).map(({ path }) => path))
  expect(first).toHaveLength(length + 1)
  expect(second?.toSorted()).toEqual(first?.toSorted())
})

test('what has changed is asked of each step that does something, as it is placed, once at most', () => {
  const { graph } = traceOf(() => [inner(a()), t.each(d(), (x: Any) => t.when(x, () => open()))])
  const placed = new Map([...placedNodes(graph.root)].map(each => [each.path, each]))
  const asked: PlacedNode[] = []
  const ask = () => affectedBy(graph, each => asked.push(each) < 0)
  ask()
  ask()
  expect(asked).toHaveLength(2 * new Set(asked.map(({ path }) => path)).size)
  for (const each of asked) expect(each).toEqual(placed.get(each.path))
})
