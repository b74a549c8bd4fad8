/** Every kind of step says in a drawing what is particular to it: by a note, an arrow, a frame or a shape. */
import { describe, expect, test } from 'vitest'
import { graphDot } from '../../src/cli/draw/dot.ts'
import { type DrawnNode, type DrawnRegion, drawingOf } from '../../src/cli/draw/drawn.ts'
import { placeRegion } from '../../src/cli/draw/layout.ts'
import { placeLinks } from '../../src/cli/draw/links.ts'
import { shortDuration } from '../../src/cli/draw/notes.ts'
import { graphSvg } from '../../src/cli/draw/svg.ts'
import { elementsOf } from '../cli-render/xml.ts'
import { everything } from './everything.ts'

const drawing = drawingOf(everything.root)
const all = (region: DrawnRegion): readonly DrawnNode[] =>
  region.nodes.flatMap(node => [node, ...node.regions.flatMap(all)])
const nodes = new Map(all(drawing.root).map(node => [node.key, node]))

test.each([
  ['src', 'source', 'src/**/*.ts'],
  ['compile', 'task', 'retry 3 · timeout 5m'],
  ['approval', 'signal', 'signal approved · deadline 3d'],
  ['pause', 'timer', 'for 1h30m'],
  ['tests', 'each', 'of compile.tests · at most 4 at once · 10 % may fail'],
  ['poll', 'loop', 'until ƒ(state.done) · at most 100 turns'],
  ['mirror', 'race', 'the first wins'],
  ['quorum', 'some', '2 of 3 · the rest runs on'],
  ['alarms', 'any', 'all that hold'],
  ['guarded', 'attempt', ''],
  ['deploy', 'scope', 'lock production · deadline 1h'],
  ['deploy.body/stop', 'cancel', 'cancels mirror'],
  ['metrics', 'scope', 'only before roll out · detached'],
  ['walk.body/children.body/walkAgain', 'recursion', 'again walk'],
  ['kill', 'cancel', 'cancels tests · what follows runs'],
  ['order', 'net', '4 places · 4 transitions'],
  ['order.unpack', 'transition', 'if pay.wrong'],
  ['order.(new)', 'place', ''],
])('%s is drawn as a %s with the note %j', (key, kind, note) => expect(nodes.get(key)).toMatchObject({ kind, note }))

test.each([
  ['mirror', ['east branch', 'west branch', 'never branch']],
  ['alarms', ['mail: if compile.mail branch', 'page: if null branch']],
  ['guarded', ['body branch', 'catch TIMEOUT, RangeError rescue', 'catch rescue', 'finally branch']],
  ['guarded.body/charge', ['undo undo']],
  ['poll', [' body']],
])('the regions of %s have their labels and roles, also where nothing is in them', (key, regions) =>
  expect(nodes.get(key)?.regions.map(({ label, role }) => `${label} ${role}`)).toEqual(regions),
)

test('links lead over borders: what is cancelled, what is entered again, what a milestone closes with', () =>
  expect(drawing.links.map(({ kind, from, to }) => `${from} ${kind} ${to}`)).toEqual([
    'deploy.body/stop cancels mirror',
    'metrics before deploy',
    'walk.body/children.body/walkAgain recurs walk',
    'kill cancels tests',
    'again recurs ',
  ]))

test('a net is drawn as the net: arcs with the number of their tokens, the start and the end', () => {
  const [net] = nodes.get('order')?.regions ?? []
  expect(net?.edges.map(({ from, to, label }) => `${from} ${label ?? 1} ${to}`.replaceAll('order.', ''))).toEqual([
    '(new) 1 pay',
    'pay 1 (paid)',
    '(paid) 1 pack',
    'pack 2 (packed)',
    '(packed) 2 unpack',
    'unpack 1 (paid)',
    '(packed) 2 send',
    'send 1 (sent)',
  ])
  expect(net?.nodes.filter(node => node.look).map(({ name, look }) => `${name} ${look}`)).toEqual([
    'new marked',
    'sent last',
  ])
})

test('links begin and end at the borders of their boxes', () => {
  const root = placeRegion(drawing.root)
  const links = placeLinks(drawing, root)
  expect(links.length).toBe(drawing.links.length)
  for (const { from, to } of links)
    for (const value of [from.x, from.y, to.x, to.y]) expect(Number.isFinite(value)).toBe(true)
})

describe('svg', () => {
  const elements = elementsOf(graphSvg(everything))
  const count = (name: string, look: string): number =>
    elements.filter(each => each.name === name && each.attributes['class']?.split(' ').includes(look)).length
  test.each([
    ['path', 'again', 1],
    ['path', 'rescue', 2],
    ['path', 'cancels', 2],
    ['path', 'recurs', 2],
    ['path', 'before', 1],
    ['rect', 'undo', 1],
    ['rect', 'loose', 1],
    ['rect', 'behind', 2],
    ['circle', 'token', 1],
    ['text', 'weight', 3],
  ])('%s.%s stands there %d times', (name, look, times) => expect(count(name, look)).toBe(times))
})

test('dot draws the same: places as circles, the way back of a loop, links that move no box', () => {
  const dot = graphDot(everything)
  expect(dot).toContain('"order.(new)" [label="new", shape=circle, penwidth=2, tooltip="place"]')
  expect(dot).toContain('"order.(sent)" [label="sent", shape=doublecircle, tooltip="place"]')
  expect(dot).toContain('"poll.body/note" -> "poll.body/look" [label="again", style=dashed, constraint=false]')
  expect(dot).toContain('"deploy.body/stop" -> "mirror.east/fetchEast" [style=dashed, arrowhead=tee, label="cancels"')
  expect(dot).toContain('"order.pack" -> "order.(packed)" [label="2"]')
})

test.each([
  [200, '200ms'],
  [5_000, '5s'],
  [5_500, '5.5s'],
  [65_000, '1m5s'],
  [3_600_000, '1h'],
  [5_400_000, '1h30m'],
  [36_000_000, '10h'],
  [259_200_000, '3d'],
])('%d ms is written %s', (ms, text) => expect(shortDuration(ms)).toBe(text))
