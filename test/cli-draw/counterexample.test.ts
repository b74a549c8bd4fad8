/** A counterexample on its graph: who holds, who waits for whom, in which order they began, what never runs. */
import { expect, test } from 'vitest'
import { checkGraph, finish, newBudget } from '../../src/analysis/index.ts'
import { counterexampleSvg } from '../../src/cli/draw/counterexample.ts'
import type { Node } from '../../src/core/index.ts'
import { elementsOf } from '../cli-render/xml.ts'
import { graph, region, task } from '../core/graphs.ts'

const lock = (name: string) => ({ locks: [{ name, of: 'run' as const }] })
const nested = (id: string, outer: string, inner: string): Node => ({
  id,
  name: id,
  after: [],
  policy: lock(outer),
  kind: 'scope',
  body: region([task('inner', { policy: lock(inner) })]),
})

const drawn = (nodes: readonly Node[]): string => {
  const { counterexamples } = finish(checkGraph(graph(nodes), newBudget()))
  return counterexampleSvg(graph(nodes), counterexamples[0]!)
}

test('a deadlock has an arrow from each that waits to who holds what it wants, and says so in words', () => {
  const svg = drawn([nested('x', 'a', 'b'), nested('y', 'b', 'a'), task('z')])
  const looks = elementsOf(svg).map(({ attributes }) => attributes['class'])
  expect(looks.filter(look => look === 'waits').length).toBeGreaterThanOrEqual(4)
  expect(looks).toContain('holds')
  expect(looks).toContain('aside')
  expect(svg.match(/<path class="waits"/g)).toHaveLength(2)
  expect(svg).toContain('X holds a and waits for b, while y holds b and waits for a.')
})

test('what never runs is struck out', () => {
  const cancel: Node = {
    id: 'c',
    name: 'c',
    after: [],
    policy: {},
    kind: 'cancel',
    target: { node: 'a', up: 0 },
    dependents: 'skip',
  }
  const svg = drawn([cancel, task('a', { after: ['c'] }), task('b', { after: ['a'] })])
  expect(svg.match(/<g class="dead"/g)).toHaveLength(3)
  expect(svg).toContain('never runs')
})
