import { describe, expect, test } from 'vitest'
import { type DrawnSides, differenceDrawing, differenceSvg } from '../../src/cli/draw/difference.ts'
import { type DrawnNode, type DrawnRegion, drawingOf } from '../../src/cli/draw/drawn.ts'
import type { Graph, Node } from '../../src/core/graph/graph.ts'
import type { Change, StepName } from '../../src/versions/change.ts'
import { difference, matchedPaths } from '../../src/versions/difference.ts'
import { diceOf } from '../core/dice.ts'
import * as $ from '../observe/log.ts'
import { generate } from '../sim/generate.ts'
import { edited, randomEdits } from '../sim/move/edit.ts'
import { bareFace } from '../versions/rig.ts'
import { elementsOf } from '../cli-render/xml.ts'

const step = (path: string, shown = path): StepName => ({ path, shown })

const before = $.graph(
  [
    $.source('src', 'src/**/*.ts'),
    $.task('lint', $.ref('src')),
    $.task('compile', $.ref('src')),
    $.each('tests', $.ref('compile'), $.region([$.task('unit'), $.task('report', $.ref('unit'))])),
    $.when('gate', $.ref('compile'), $.region([$.effect('publish')]), $.region([$.effect('notify')])),
    $.task('size', $.ref('compile')),
  ],
  'release',
)
const after = $.graph(
  [
    $.source('src', 'src/**/*.ts'),
    $.task('check', $.ref('src')),
    { ...$.task('compile', $.ref('src')), after: ['check'] },
    $.each(
      'tests',
      $.ref('compile'),
      $.region([$.task('unit'), $.task('browser', $.ref('unit')), $.task('report', $.ref('unit'))]),
    ),
    $.when('gate', $.ref('compile'), $.region([$.effect('publish'), $.task('size')]), $.region([])),
    $.effect('announce', $.ref('gate')),
  ],
  'release',
)
const changes: readonly Change[] = [
  { kind: 'step.renamed', before: step('lint'), step: step('check'), by: 'content' },
  { kind: 'step.added', step: step('tests[*]/browser'), is: 'task' },
  { kind: 'step.added', step: step('announce'), is: 'effect' },
  { kind: 'step.removed', step: step('gate.otherwise/notify'), is: 'effect' },
  { kind: 'step.moved', before: step('size'), step: step('gate.then/size') },
  { kind: 'code.changed', address: 'compile', steps: [step('compile')] },
  { kind: 'step.changed', step: step('compile'), field: 'policy.retry', before: undefined, after: [] },
]
/** Each node with what became of it, each edge that is not in both. */
function told({ nodes, edges }: DrawnRegion, indent = ''): readonly string[] {
  const nameOf = (key: string): string => nodes.find(each => each.key === key)?.name ?? `?${key}`
  return [
    ...nodes.flatMap(({ name, change, note, regions }) => [
      `${indent}${name}: ${change}${change === 'changed' || change === 'moved' ? ` (${note})` : ''}`,
      ...regions.flatMap(each => told(each, `${indent}  `)),
    ]),
    ...edges.flatMap(({ from, to, change }) =>
      change === 'same' ? [] : [`${indent}${nameOf(from)} > ${nameOf(to)}: ${change}`],
    ),
  ]
}

const PAIRS = new Map([
  ...['src', 'compile', 'tests', 'tests[*]/unit', 'tests[*]/report', 'gate', 'gate.then/publish'].map(same),
  ['lint', 'check'],
  ['size', 'gate.then/size'],
])

function same(path: string): readonly [string, string] {
  return [path, path]
}

/** `pairs`: the steps that are in both, path before and after. */
const draw = (old: Graph, now: Graph, changes: readonly Change[], pairs: Iterable<readonly [string, string]>): string =>
  told(differenceDrawing(sides(old, now, changes, pairs)).root).join('\n')

const sides = (
  old: Graph,
  now: Graph,
  changes: readonly Change[],
  pairs: Iterable<readonly [string, string]>,
): DrawnSides => ({
  before: { name: 'release@1.2.0', face: { graph: old } },
  after: { name: 'release@1.3.0', face: { graph: now } },
  changes,
  paths: new Map(pairs),
})

test('steps stand where they are now; those that are gone, where they stood', () => {
  expect(draw(before, after, changes, PAIRS)).toMatchInlineSnapshot(`
    "src: same
    check: moved (was lint)
    compile: changed (~ code, policy.retry)
    tests: same
      unit: same
      browser: added
      report: same
      unit > browser: added
    gate: same
      publish: same
      size: moved (from size)
      notify: removed
    announce: added
    check > compile: added
    gate > announce: added"
  `)
})

const two = (...nodes: readonly Node[]): Graph => $.graph(nodes)

describe('what is gone', () => {
  test('an edge', () => {
    expect(
      draw(two($.task('a'), $.task('b', $.ref('a'))), two($.task('a'), $.task('b')), [], ['a', 'b'].map(same)),
    ).toBe('a: same\nb: same\na > b: removed')
  })

  test('a step with its edges, seen from under its new name too', () => {
    const old = two($.task('a'), $.task('b', $.ref('a')), $.task('c', $.ref('b')))
    const now = two($.task('a'), $.task('see', $.ref('a')))
    expect(
      draw(
        old,
        now,
        [
          { kind: 'step.removed', step: step('b'), is: 'task' },
          { kind: 'step.renamed', before: step('c'), step: step('see'), by: 'declared' },
        ],
        [
          ['a', 'a'],
          ['c', 'see'],
        ],
      ),
    ).toBe('a: same\nsee: moved (was c)\nb: removed\na > see: added\na > b: removed\nb > see: removed')
  })

  test('what held others, without what has moved out of it', () => {
    const old = two($.when('gate', $.none, $.region([$.task('a'), $.task('b', $.ref('a'))])))
    const now = two($.task('a'))
    expect(
      draw(
        old,
        now,
        [
          { kind: 'step.removed', step: step('gate'), is: 'when' },
          { kind: 'step.removed', step: step('gate.then/b'), is: 'task' },
          { kind: 'step.moved', before: step('gate.then/a'), step: step('a') },
        ],
        [['gate.then/a', 'a']],
      ),
    ).toBe('a: moved (from gate.then/a)\ngate: removed\n  b: removed')
  })

  test('a way that is no longer there', () => {
    const old = two($.match('by', $.none, { one: $.region([$.task('a')]), two: $.region([$.task('b')]) }))
    const now = two($.match('by', $.none, { one: $.region([$.task('a')]) }))
    expect(
      draw(old, now, [{ kind: 'step.removed', step: step('by.two/b'), is: 'task' }], ['by', 'by.one/a'].map(same)),
    ).toBe('by: same\n  a: same\n  b: removed')
  })
})

test('the steps inside of what has another name are the same ones', () => {
  const each = (id: string): Graph =>
    two($.each(id, $.none, $.region([$.task('a'), $.call('c', $.region([$.task('b')]))])))
  expect(
    draw(
      each('tests'),
      each('checks'),
      [{ kind: 'step.renamed', before: step('tests'), step: step('checks'), by: 'content' }],
      ['', '[*]/a', '[*]/c', '[*]/c/b'].map(path => [`tests${path}`, `checks${path}`] as const),
    ),
  ).toBe('checks: moved (was tests)\n  a: same\n  c: same\n    b: same')
})

test('another kind of step under the same id is another step', () => {
  expect(
    draw(
      two($.task('a')),
      two($.effect('a')),
      [
        { kind: 'step.removed', step: step('a'), is: 'task' },
        { kind: 'step.added', step: step('a'), is: 'effect' },
      ],
      [],
    ),
  ).toBe('a: added\na: removed')
})

describe('svg', () => {
  const svg = differenceSvg(sides(before, after, changes, PAIRS))

  test('a sign beside each colour, and a legend that counts', () => {
    const texts = [...svg.matchAll(/<text class="legend"[^>]*>([^<]*)</g)].map(([, text]) => text)
    expect(texts).toEqual([
      '2 steps added',
      '1 step removed',
      '1 step changed',
      '2 steps renamed or moved',
      '6 steps unchanged',
    ])
    const signs = (sign: string): number => svg.split(`>${sign}</text>`).length - 1
    expect(['+', '−', '~', '→'].map(signs)).toEqual([3, 2, 2, 3])
  })

  test('well formed, with a title and a description for those who cannot see it', () => {
    expect(elementsOf(svg)[0]).toMatchObject({ name: 'svg' })
    expect(svg).toContain('<title id="title">release@1.2.0 → release@1.3.0</title>')
    expect(svg).toContain('2 steps added, 1 step removed')
  })
})

describe('random graphs, edited at random', () => {
  /** Of every region, the drawn steps that are steps of a graph, and the edges. */
  function* regionsIn(region: DrawnRegion): Generator<DrawnRegion> {
    yield region
    for (const { regions } of region.nodes) for (const inner of regions) yield* regionsIn(inner)
  }
  const stepsIn = (root: DrawnRegion): readonly DrawnNode[] =>
    [...regionsIn(root)].flatMap(({ nodes }) => nodes.filter(({ kind }) => kind !== 'place' && kind !== 'transition'))

  test.each(Array.from({ length: 40 }, (_, index) => index))('seed %i', seed => {
    const dice = diceOf(seed)
    const old = generate(dice).graph
    const now = edited(old, randomEdits(dice)).graph
    const found = difference(bareFace(old), bareFace(now))
    const paths = matchedPaths(bareFace(old), bareFace(now))
    const { root } = differenceDrawing(sides(old, now, found, paths))
    const steps = stepsIn(root)
    // Each step of the one and of the other is there, once.
    const count = (change: DrawnNode['change']): number => steps.filter(each => each.change === change).length
    expect(new Set(steps.map(({ key }) => key)).size).toBe(steps.length)
    expect(steps.length - count('removed')).toBe(stepsIn(drawingOf(now.root).root).length)
    expect(steps.length - count('added')).toBe(stepsIn(drawingOf(old.root).root).length)
    expect(count('added')).toBe(found.filter(({ kind }) => kind === 'step.added').length)
    expect(count('removed')).toBe(found.filter(({ kind }) => kind === 'step.removed').length)
    for (const { nodes, edges } of regionsIn(root)) {
      const keys = new Set(nodes.map(({ key }) => key))
      for (const { from, to, change } of edges) {
        expect([keys.has(from), keys.has(to)], `${from} > ${to}`).toEqual([true, true])
        expect(change).toBeDefined()
      }
    }
  })
})
