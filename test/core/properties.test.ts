/** Which steps a property means, wherever it stands; and those that mean none. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Graph, Node, Region } from '../../src/core/graph/graph.ts'
import { placedProperties } from '../../src/core/graph/properties.ts'
import type { Property, StepRef } from '../../src/core/graph/property.ts'
import { pathMark } from '../../src/core/graph/placed.ts'
import { renamedGraph, stepPaths } from '../../src/core/graph/rename.ts'
import { regionsOf } from '../../src/core/graph/graph.ts'
import { validateGraph } from '../../src/core/graph/validate.ts'
import { diceOf } from './dice.ts'
import * as $ from './graphs.ts'
import { generate, KINDS } from '../sim/generate.ts'

const step = (path: string, up = 0): StepRef => ({ kind: 'step', path, up })
const calls = (name: string): StepRef => ({ kind: 'calls', of: 'task', name })
const at = { file: 'tutti.ts', line: 7, column: 3 }
const claiming = (region: Region, ...refs: readonly StepRef[]): Region => ({
  ...region,
  properties: refs.map(ref => ({ kind: 'eventually', a: [ref], at })),
})

const inner = $.region([$.task('deploy'), $.flow('drain')])
const whole = (...refs: readonly StepRef[]): Graph =>
  $.graph(claiming($.region([$.call('ci', inner), $.when('ask', $.lit(true), $.region([$.task('deploy')]))]), ...refs))

test.each<readonly [what: string, ref: StepRef, meant: readonly string[]]>([
  ['a step', step('ci'), ['ci']],
  ['a step inside', step('ask.then/deploy'), ['ask.then/deploy']],
  ['all calls of a definition (G10)', calls('deploy'), ['ci/deploy', 'ask.then/deploy']],
  ['a workflow', { kind: 'calls', of: 'workflow', name: 'ci' }, ['ci']],
  ['a flow', { kind: 'calls', of: 'flow', name: 'drain' }, ['ci/drain']],
])('%s', (_, ref, meant) => {
  const graph = whole(ref)
  expect(validateGraph(graph)).toEqual([])
  expect(placedProperties(graph).map(placed => placed.meant)).toEqual([[meant]])
})

test.each<readonly [what: string, graph: Graph, message: string, hint: string]>([
  [
    'a step that is not there',
    whole(step('ask.then/depoly')),
    'A property (eventually) speaks of the step ask.then/depoly, which is not there',
    'Did you mean ask.then/deploy?',
  ],
  [
    'a step out of the graph',
    whole(step('ci', 1)),
    'A property (eventually) speaks of the step ci, which is not there',
    'Name a step of this body, or something that it or a workflow that it calls does call.',
  ],
  [
    'a definition that is not called there',
    $.graph([$.task('deploy'), $.call('ci', claiming($.region([$.task('test')]), calls('deploy')))]),
    'A property (eventually) speaks of deploy, which is never called here',
    'Name a step of this body, or something that it or a workflow that it calls does call.',
  ],
])('%s is PROPERTY_UNKNOWN_STEP, with its place', (_, graph, message, hint) =>
  expect(validateGraph(graph)).toEqual([{ code: 'PROPERTY_UNKNOWN_STEP', severity: 'error', message, hint, at }]),
)

test('in a graph without positions it is told by its number, and where it stands', () => {
  const properties: readonly Property[] = [{ kind: 'eventually', a: [step('depoly')] }]
  const inside = $.graph([$.call('ci', { ...inner, properties })])
  expect(validateGraph(inside).map(({ message }) => message)).toEqual([
    'properties[0] of ci (eventually) speaks of the step depoly, which is not there',
  ])
})

test('a definition that only a flow may call is no error', () =>
  expect(validateGraph(whole(calls('nowhere')))).toEqual([]))

/** The graph with a property in every region that names each step of it, and one above of each step inside. */
function claimed(graph: Graph): Graph {
  const region = (each: Region): Region => ({
    ...each,
    nodes: each.nodes.map(node),
    properties: [...stepPaths(each)]
      .map(({ around, node: { id } }): Property => ({ kind: 'eventually', a: [step(around + id)] }))
      .concat(
        each.nodes.flatMap(outer =>
          regionsOf(outer).flatMap(([label, within]) =>
            within.nodes.map(
              ({ id }): Property => ({ kind: 'reachable', a: [step(outer.id + pathMark(outer, label) + id)] }),
            ),
          ),
        ),
      ),
  })
  const node = (each: Node): Node =>
    each.kind === 'scope' || each.kind === 'call' || each.kind === 'each' ? { ...each, body: region(each.body) } : each
  return { ...graph, root: region(graph.root) }
}

test('G9: after a rename they mean the same steps, by their new paths', () => {
  fc.assert(
    fc.property(fc.nat(), seed => {
      const dice = diceOf(seed)
      const graph = claimed(generate(dice, KINDS, 10).graph)
      const paths = [...stepPaths(graph.root)].map(({ around, node }) => around + node.id)
      const renames = Object.fromEntries(
        paths.filter(() => dice.roll(3) === 0).map((path, index) => [path, `new${index}`]),
      )
      const renamed = renamedGraph(graph, renames)
      const order = new Map([...stepPaths(renamed.root)].map(({ around, node }, index) => [around + node.id, index]))
      const meant = (of: Graph, index: (path: string) => number | undefined) =>
        placedProperties(of).map(placed => placed.meant.map(operand => operand.map(index)))
      expect(meant(renamed, path => order.get(path))).toEqual(meant(graph, path => paths.indexOf(path)))
    }),
    { numRuns: 60 },
  )
})
