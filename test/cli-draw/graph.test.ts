import { describe, expect, test } from 'vitest'
import type { Graph, Node } from '../../src/core/graph/graph.ts'
import { graphDot } from '../../src/cli/draw/dot.ts'
import { drawingOf } from '../../src/cli/draw/drawn.ts'
import { graphJson } from '../../src/cli/draw/json.ts'
import { placeRegion, type Box, type PlacedRegion } from '../../src/cli/draw/layout.ts'
import { graphSvg } from '../../src/cli/draw/svg.ts'
import * as $ from '../observe/log.ts'
import { elementsOf } from '../cli-render/xml.ts'

const release = $.graph(
  [
    $.source('src', 'src/**/*.ts'),
    $.task('lint', $.ref('src')),
    { ...$.task('compile', $.ref('src')), after: ['lint'] },
    $.each(
      'triaged',
      $.ref('compile'),
      $.region([$.task('triage'), $.task('report', $.ref('triage'), $.ref('lint', 1))]),
    ),
    $.when(
      'gate',
      $.ref('compile'),
      $.region([$.effect('publish', $.ref('compile', 1))]),
      $.region([$.effect('notify')]),
    ),
  ],
  'release',
)

/** Names that try to leave the place where they stand. */
const HOSTILE = [
  '"',
  '\\',
  '\\"]; x [label="',
  '<b>&amp;',
  ']]>',
  '--><script>',
  '\n\r\t',
  '\u0000\u001b[2J',
  '\ud800',
  '😀'.repeat(50),
  'x'.repeat(10_000),
  '',
  ' ',
  '../',
  '${x}',
  '日本',
]
const hostile = $.graph(
  HOSTILE.map((name, index): Node => ({ ...$.when(`n${index}`, $.none, $.region([{ ...$.task('t'), name }])), name })),
  HOSTILE.join(''),
)

test('edges: data, order, and what nested regions look up', () => {
  expect(drawingOf(release.root).root.edges.map(({ from, to }) => `${from} -> ${to}`)).toEqual([
    'src -> lint',
    'lint -> compile',
    'src -> compile',
    'compile -> triaged',
    'lint -> triaged',
    'compile -> gate',
  ])
})

test('dangling and looping dependencies are left out, not thrown at', () => {
  expect(drawingOf($.region([$.task('a', $.ref('a'), $.ref('ghost'))])).root.edges).toEqual([])
})

describe('json', () => {
  test('the order of fields does not matter', () => {
    const turned = {
      root: release.root,
      reads: release.reads,
      params: release.params,
      name: release.name,
      version: release.version,
    } as Graph
    expect(graphJson(turned)).toBe(graphJson(release))
  })
  test('it is the graph', () => expect(JSON.parse(graphJson(release))).toEqual(JSON.parse(JSON.stringify(release))))
})

describe('dot', () => {
  test('regions are clusters, edges to them are cut at their border', () =>
    expect(graphDot(release)).toMatchInlineSnapshot(`
      "digraph "release" {
        compound=true
        rankdir=TB
        node [shape=box, style=rounded, fontname="sans-serif"]
        edge [arrowsize=0.7]
        "src" [label="src\\nsrc/**/*.ts", shape=note, tooltip="source"]
        "lint" [label="lint", shape=box, tooltip="task"]
        "compile" [label="compile", shape=box, tooltip="task"]
        subgraph "cluster_triaged" {
          label="each triaged\\nof compile"
          style=rounded
          "triaged.body/triage" [label="triage", shape=box, tooltip="task"]
          "triaged.body/report" [label="report", shape=box, tooltip="task"]
          "triaged.body/triage" -> "triaged.body/report"
        }
        subgraph "cluster_gate" {
          label="when gate\\nif compile"
          style=rounded
          subgraph "cluster_gate.then/" {
            label="then"
            style="rounded,dashed"
            "gate.then/publish" [label="publish", shape=box3d, tooltip="effect"]
          }
          subgraph "cluster_gate.otherwise/" {
            label="otherwise"
            style="rounded,dashed"
            "gate.otherwise/notify" [label="notify", shape=box3d, tooltip="effect"]
          }
        }
        "src" -> "lint"
        "lint" -> "compile"
        "src" -> "compile"
        "compile" -> "triaged.body/triage" [lhead="cluster_triaged"]
        "lint" -> "triaged.body/triage" [lhead="cluster_triaged"]
        "compile" -> "gate.then/publish" [lhead="cluster_gate"]
      }
      "
    `))
  test('no name leaves its quotes', () => {
    const bare = graphDot(hostile).replace(/"(?:[^"\\\n]|\\.)*"/g, 'Q')
    expect(bare).not.toMatch(/["\\<>]/)
    for (const line of bare.split('\n'))
      expect(line).toMatch(
        /^ *(digraph Q \{|\}|compound=true|rankdir=TB|node \[.*\]|edge \[.*\]|subgraph Q \{|label=Q|style=(rounded|Q)|Q \[.*\]|Q -> Q.*)?$/,
      )
  })
})

describe('svg', () => {
  test('a box for each step, an arrow for each edge, a title and a description', () => {
    const elements = elementsOf(graphSvg(release))
    const count = (name: string, of: string) =>
      elements.filter(each => each.name === name && each.attributes['class'] === of).length
    expect({ boxes: count('rect', 'box'), edges: count('path', 'edge'), branches: count('rect', 'branch') }).toEqual({
      boxes: 9,
      edges: 7,
      branches: 2,
    })
    expect(elements.slice(0, 3).map(each => `${each.name} ${each.text.trim()}`)).toEqual([
      'svg ',
      'title release',
      'desc Workflow with 5 steps: source src, task lint, task compile, each triaged, when gate.',
    ])
  })
  test('hostile names are text, and nothing is loaded', () => {
    const svg = graphSvg(hostile)
    expect(new Set(elementsOf(svg).map(each => each.name))).toEqual(
      new Set(['svg', 'title', 'desc', 'style', 'defs', 'marker', 'path', 'rect', 'text', 'g', 'circle']),
    )
    expect(svg.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|href|@import|<script/)
  })
  test('the same graph gives the same bytes', () =>
    expect(graphSvg(release)).toBe(graphSvg(JSON.parse(JSON.stringify(release)))))
  test('an empty graph is drawn too', () =>
    expect(elementsOf(graphSvg($.graph([], 'nothing')))[1]?.text).toBe('nothing'))
})

describe('layout', () => {
  const chain = (count: number, each: (index: number) => readonly number[]): Graph =>
    $.graph(Array.from({ length: count }, (_, index) => $.task(`t${index}`, ...each(index).map(at => $.ref(`t${at}`)))))
  const nest = (depth: number): Node =>
    depth === 0
      ? $.task('leaf')
      : $.when(`w${depth}`, $.none, $.region([nest(depth - 1), $.task('x')]), $.region([$.task('y')]))
  const shapes: readonly (readonly [string, Graph])[] = [
    ['a nested graph', release],
    ['12 levels', $.graph([nest(12)])],
    ['1,000 steps in layers', chain(1_000, index => (index < 50 ? [] : [index - 50, index - 49 - (index % 7)]))],
    [
      '1,000 steps, edges over all layers',
      chain(1_000, index => (index < 2 ? [] : [index - 1, Math.floor(index / 2), index % 2])),
    ],
    [
      '1,000 steps round one',
      chain(1_000, index => (index === 0 ? [] : index === 999 ? Array.from({ length: 998 }, (_, at) => at + 1) : [0])),
    ],
    ['a chain of 1,000', chain(1_000, index => (index === 0 ? [] : [index - 1]))],
    [
      '1,000 steps in 100 regions',
      $.graph(
        Array.from({ length: 100 }, (_, index) =>
          $.each(
            `e${index}`,
            $.none,
            $.region(Array.from({ length: 9 }, (_, at) => $.task(`t${at}`, ...(at ? [$.ref(`t${at - 1}`)] : [])))),
          ),
        ),
      ),
    ],
  ]
  test.each(shapes)('%s: boxes do not overlap and lie inside what holds them, in seconds', (_, graph) => {
    const startMs = performance.now()
    const placed = placeRegion(drawingOf(graph.root).root)
    expect(performance.now() - startMs).toBeLessThan(8_000)
    checkInside(placed)
  })

  function checkInside(region: PlacedRegion): void {
    for (const node of region.nodes) {
      expect(contains({ ...region, x: 0, y: 0 }, node), node.node.key).toBe(true)
      for (const inner of node.regions) {
        expect(contains({ ...node, x: 0, y: 0 }, inner), inner.region.key).toBe(true)
        checkInside(inner)
      }
      overlapFree(node.regions)
    }
    overlapFree(region.nodes)
  }
  const contains = (outer: Box, inner: Box): boolean =>
    inner.x >= outer.x - 1 &&
    inner.y >= outer.y - 1 &&
    inner.x + inner.width <= outer.x + outer.width + 1 &&
    inner.y + inner.height <= outer.y + outer.height + 1
  function overlapFree(boxes: readonly Box[]): void {
    const sorted = boxes.toSorted((a, b) => a.y - b.y)
    let overlaps = 0
    for (const [index, a] of sorted.entries()) {
      for (let at = index + 1; at < sorted.length; at++) {
        const b = sorted[at]!
        if (b.y >= a.y + a.height) break
        if (b.x < a.x + a.width && a.x < b.x + b.width) overlaps++
      }
    }
    expect(overlaps).toBe(0)
  }
})
