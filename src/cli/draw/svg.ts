/**
 * A graph as one SVG file that stands alone: follows the light or dark scheme of who looks at it, has a title and a
 * description for those who cannot, loads nothing, and holds no text that is not escaped.
 */
import type { Graph } from '../../core/graph/graph.ts'
import { escapeAttribute, escapeText } from '../render/xml.ts'
import { clip, counted, plain, widthOf } from '../render/text.ts'
import { type DrawnChange, type Drawing, type DrawnNode, type DrawnPart, type DrawnRegion, drawingOf } from './drawn.ts'
import {
  COLUMN_WIDTH,
  LABEL_HEIGHT,
  LOOP_ROOM,
  NAME_X,
  NODE_HEIGHT,
  NOTE_COLUMN_WIDTH,
  PLACE_RADIUS,
  type PlacedEdge,
  type PlacedNode,
  type PlacedRegion,
  placeRegion,
  type Point,
  titleHeight,
} from './layout.ts'
import { BULGE, FRAME, type PlacedLink, placeLinks } from './links.ts'
import {
  CHANGE_MARKERS,
  CHANGE_STYLE,
  CHANGES,
  ICONS,
  MARKERS,
  PART_MARKERS,
  PART_STYLE,
  PARTS,
  STYLE,
  TONES,
} from './svg-style.ts'

const MARGIN = 24
const HEADER_HEIGHT = 40

export function graphSvg(graph: Graph): string {
  const drawing = drawingOf(graph.root)
  return sheetSvg(drawing, { name: graph.name, description: description(drawing.root), style: STYLE, markers: MARKERS })
}

/** What surrounds a drawing: its title, a text for those who cannot see it, and a line below the title. */
interface Sheet {
  readonly name: string
  readonly description: string
  readonly style: string
  readonly markers: string
  readonly legend?: readonly LegendEntry[]
}

export interface LegendEntry {
  readonly change: DrawnChange | DrawnPart
  readonly text: string
}

type Marked = (drawing: Drawing, told: Required<Pick<Sheet, 'name' | 'description' | 'legend'>>) => string

/** With colours and arrowheads of its own. */
const marked =
  (style: string, markers: string): Marked =>
  (drawing, told) =>
    sheetSvg(drawing, { ...told, style: `${STYLE}${style}`, markers: MARKERS.replace('</defs>', `${markers}</defs>`) })

/** What is different, drawn over one another. */
export const changesSvg = marked(CHANGE_STYLE, CHANGE_MARKERS)

/** What goes wrong, on the graph. */
export const partsSvg = marked(PART_STYLE, PART_MARKERS)

function sheetSvg(drawing: Drawing, sheet: Sheet): string {
  const root = placeRegion(drawing.root)
  const links = placeLinks(drawing, root)
  const { legend = [], style, markers } = sheet
  const head = HEADER_HEIGHT + (legend.length > 0 ? LEGEND_HEIGHT : 0)
  const name = plain(clip(sheet.name, 80))
  const used = root.width + (links.length > 0 ? BULGE : 0)
  const inner = Math.max(used, 240, legendWidth(legend), legend.length > 0 ? widthOf(name) * HEAD_COLUMN_WIDTH : 0)
  const width = Math.ceil(inner + 2 * MARGIN)
  const height = Math.ceil(root.height + head + 2 * MARGIN)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title desc">`,
    `<title id="title">${escapeText(name)}</title>`,
    `<desc id="desc">${escapeText(sheet.description)}</desc>`,
    `<style>${style}</style>`,
    markers,
    `<rect class="paper" width="${width}" height="${height}"/>`,
    `<text class="head" x="${MARGIN}" y="${MARGIN + 14}">${escapeText(name)}</text>`,
    ...legendParts(legend),
    `<g transform="translate(${number(MARGIN + (legend.length > 0 ? (inner - used) / 2 : 0))} ${MARGIN + head})">`,
    ...(drawing.links.some(link => link.to === '') ? frameParts(root) : []),
    ...regionParts(root),
    ...links.map(linkPart),
    '</g>',
    '</svg>',
    '',
  ].join('\n')
}

const LEGEND_HEIGHT = 26
const HEAD_COLUMN_WIDTH = 9.6
/** Of the sign, of a column of the text, and between two entries. */
const LEGEND_SIGN = 24
const LEGEND_GAP = 20

const entryWidth = ({ text }: LegendEntry): number => LEGEND_SIGN + widthOf(text) * NOTE_COLUMN_WIDTH + LEGEND_GAP
const legendWidth = (legend: readonly LegendEntry[]): number => legend.reduce((sum, each) => sum + entryWidth(each), 0)

function legendParts(legend: readonly LegendEntry[]): readonly string[] {
  let x = MARGIN
  return legend.flatMap(entry => {
    const at = x
    x += entryWidth(entry)
    return [
      `<g class="${entry.change}" transform="translate(${number(at)} ${MARGIN + HEADER_HEIGHT - 8})">`,
      ...markParts(entry.change, 9, 0),
      `<text class="legend" x="${LEGEND_SIGN}" y="4">${escapeText(entry.text)}</text>`,
      '</g>',
    ]
  })
}

/** A sign in a circle: what became of a step is seen without colours, too. */
const markParts = (change: DrawnChange | DrawnPart, x: number, y: number, sign = SIGNS[change]): readonly string[] =>
  sign === ''
    ? [`<circle class="badge" cx="${number(x)}" cy="${number(y)}" r="5"/>`]
    : [
        `<circle class="badge" cx="${number(x)}" cy="${number(y)}" r="9"/>`,
        `<text class="icon" x="${number(x)}" y="${number(y + 4.5)}">${sign}</text>`,
      ]

const SIGNS: Readonly<Record<DrawnChange | DrawnPart, string>> = { ...CHANGES, ...PARTS, same: '', aside: '' }

function description(root: DrawnRegion): string {
  const names = root.nodes.slice(0, 20).map(node => `${node.kind} ${plain(clip(node.name, 60))}`)
  const rest = root.nodes.length - names.length
  return `Workflow with ${counted(root.nodes.length, 'step')}: ${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}.`
}

/** Round the whole workflow, when something leads back into it. */
const frameParts = ({ width, height }: PlacedRegion): readonly string[] => [
  `<rect class="branch" x="-${FRAME}" y="-${FRAME}" width="${number(width + 2 * FRAME)}" height="${number(height + 2 * FRAME)}" rx="10"/>`,
]

// Edges first, so that they pass behind the boxes.
const regionParts = (placed: PlacedRegion): readonly string[] => [
  ...placed.edges.flatMap((edge, index) => edgeParts(edge, placed, index)),
  ...placed.nodes.flatMap(nodeParts),
]

/** Through the bends of a layered edge as one smooth line. */
function edgeParts({ points, label }: PlacedEdge, { nodes, region }: PlacedRegion, index: number): readonly string[] {
  const { from, to, change } = region.edges[index] ?? { from: '', to: '' }
  const clipped = clippedAt(nodes, [from, to], points)
  const [first, ...rest] = clipped
  const last = rest.at(-1)
  if (!first || !last) return []
  const middles = rest.slice(0, -1).map((point, at) => {
    const next = rest[at + 1] ?? point
    return `Q${coordinates(point)} ${coordinates({ x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 })}`
  })
  const middle = clipped[Math.floor(clipped.length / 2)] ?? first
  return [
    `<path class="edge${change ? ` edge-${change}` : ''}" marker-end="url(#${change && change !== 'same' ? `${change}-tip` : 'tip'})" d="M${coordinates(first)}${middles.join('')}L${coordinates(last)}"/>`,
    ...(label === undefined
      ? []
      : [
          `<text class="weight" x="${number(middle.x + 5)}" y="${number(middle.y)}">${escapeText(plain(label))}</text>`,
        ]),
  ]
}

/** An edge of a place ends at its circle, not at the box round circle and name. */
function clippedAt(
  nodes: readonly PlacedNode[],
  [from, to]: readonly [string, string],
  points: readonly Point[],
): readonly Point[] {
  if (nodes[0]?.node.kind !== 'place') return points
  const circle = (key: string): PlacedNode | undefined =>
    nodes.find(({ node }) => node.key === key && node.kind === 'place')
  const [tail, head] = [circle(from), circle(to)]
  const before = points.at(-2)
  return [
    ...points.slice(0, -1),
    ...points.slice(-1).map(last => (head && before ? onCircle(head, before) : last)),
  ].map((point, index) => (index === 0 && tail ? belowName(tail, point) : point))
}

const centreOf = ({ x, y, width }: PlacedNode): Point => ({ x: x + width / 2, y: y + PLACE_RADIUS })

function onCircle(placed: PlacedNode, from: Point): Point {
  const { x, y } = centreOf(placed)
  const distance = Math.hypot(from.x - x, from.y - y) || 1
  const radius = PLACE_RADIUS + 1
  return { x: x + ((from.x - x) / distance) * radius, y: y + ((from.y - y) / distance) * radius }
}

/** Downwards an edge begins below the name; upwards (a way back) at the circle. */
const belowName = (placed: PlacedNode, point: Point): Point =>
  point.y < centreOf(placed).y ? onCircle(placed, point) : point

function nodeParts(placed: PlacedNode): readonly string[] {
  const { node, width, height } = placed
  const group = `<g class="${node.part?.look ?? node.change ?? TONES[node.kind]}" transform="translate(${number(placed.x)} ${number(placed.y)})">`
  const title = `<title>${escapeText(plain(`${node.change ? `${node.change}: ` : ''}${node.part ? `${node.part.look}: ` : ''}${node.kind} ${node.name}${node.note ? `: ${node.note}` : ''}`))}</title>`
  if (node.kind === 'place') return [group, title, ...placeParts(placed), '</g>']
  const holds = placed.regions.length > 0
  const shape = `width="${number(width)}" height="${number(height)}" rx="${cornerOf(node)}"`
  return [
    group,
    title,
    // Many instances: a second box looks out from behind.
    ...(node.kind === 'each' ? [`<rect class="box behind" x="4" y="4" ${shape}/>`] : []),
    `<rect class="box${node.look === 'detached' ? ' loose' : ''}" ${shape}/>`,
    `<rect class="tint" ${shape}/>`,
    ...titleParts(node, width, holds ? titleHeight(node) : NODE_HEIGHT),
    ...placed.regions.flatMap(inner => branchParts(inner)),
    ...wayParts(placed),
    ...(node.change && node.change !== 'same' ? markParts(node.change, width - 4, 4) : []),
    ...partBadges(node, width),
    '</g>',
  ]
}

/** Its place in the order of what began, and what it is stuck with. */
function partBadges({ part }: DrawnNode, width: number): readonly string[] {
  if (!part || part.look === 'aside') return []
  const order = part.order === undefined ? [] : markParts('ran', width - 4, 4, String(part.order))
  return part.look === 'ran' ? order : [...markParts(part.look, width - (order.length > 0 ? 26 : 4), 4), ...order]
}

/** A circle with its tokens; the last place has a second ring. */
function placeParts({ node, width }: PlacedNode): readonly string[] {
  const x = number(width / 2)
  const circle = (look: string, radius: number): string =>
    `<circle class="${look}" cx="${x}" cy="${PLACE_RADIUS}" r="${radius}"/>`
  const columns = Math.floor(width / NOTE_COLUMN_WIDTH)
  return [
    circle('box', PLACE_RADIUS),
    ...(node.look?.includes('last') ? [circle('box', PLACE_RADIUS - 4)] : []),
    ...(node.look?.includes('marked') ? [circle('token', 4.5)] : []),
    `<text class="place-name" x="${x}" y="${2 * PLACE_RADIUS + 13}">${escapeText(plain(clip(node.name, columns)))}</text>`,
  ]
}

const cornerOf = (node: DrawnNode): number =>
  TONES[node.kind] === 'outside' ? NODE_HEIGHT / 2 : node.kind === 'transition' ? 2 : 8

function titleParts(node: DrawnNode, width: number, height: number): readonly string[] {
  const columns = Math.floor((width - NAME_X - 8) / COLUMN_WIDTH)
  const noteColumns = Math.floor((width - NAME_X - 8) / NOTE_COLUMN_WIDTH)
  const middle = height / 2
  const twoLines = node.note !== ''
  const name = `<text class="name" x="${NAME_X}" y="${number(twoLines ? middle - 3 : middle + 4.5)}">${escapeText(plain(clip(node.name, columns)))}</text>`
  const note = twoLines
    ? [
        `<text class="note" x="${NAME_X}" y="${number(middle + 12)}">${escapeText(plain(clip(node.note, noteColumns)))}</text>`,
      ]
    : []
  return [
    `<circle class="badge" cx="20" cy="${number(middle)}" r="10"/>`,
    `<text class="icon" x="20" y="${number(middle + 5)}">${escapeText(ICONS[node.kind])}</text>`,
    name,
    ...note,
  ]
}

function branchParts(placed: PlacedRegion): readonly string[] {
  const { region, x, y, width, height } = placed
  const look = region.role === 'undo' ? 'branch undo' : 'branch'
  const label = region.role === 'undo' ? '↶ undo' : region.label
  const frame = region.label
    ? [
        `<rect class="${look}" x="${number(x - 6)}" y="${number(y - LABEL_HEIGHT + 2)}" width="${number(width + 12)}" height="${number(height + LABEL_HEIGHT + 4)}" rx="6"/>`,
        `<text class="label" x="${number(x + 2)}" y="${number(y - 6)}">${escapeText(plain(clip(label, Math.max(4, Math.floor(width / 6.2)))))}</text>`,
      ]
    : []
  return [
    ...frame,
    `<g transform="translate(${number(x)} ${number(y)})" aria-label="${escapeAttribute(plain(region.label || 'body'))}">`,
    ...regionParts(placed),
    '</g>',
  ]
}

/** How a holder goes from one of its regions to the next: a loop's way back, an attempt's way to what rescues it. */
function wayParts({ node, regions }: PlacedNode): readonly string[] {
  const [body] = regions
  if (!body) return []
  if (node.kind === 'loop') return [wayBack(body)]
  if (node.kind !== 'attempt') return []
  return regions.filter(({ region }) => region.role === 'rescue').map(rescue => wayTo(body, rescue))
}

function wayBack({ x, y, width, height }: PlacedRegion): string {
  const [side, out] = [x + width, x + width + LOOP_ROOM]
  const [top, bottom] = [y + Math.min(NODE_HEIGHT / 2, height / 3), y + height - Math.min(NODE_HEIGHT / 2, height / 3)]
  return `<path class="again" marker-end="url(#again-tip)" d="M${coordinates({ x: side, y: bottom })}C${number(out)} ${number(bottom)} ${number(out)} ${number(top)} ${coordinates({ x: side + 2, y: top })}"/>`
}

/** Straight to the handler beside the body; to those behind it over their frames, so that no label is crossed. */
function wayTo(body: PlacedRegion, rescue: PlacedRegion): string {
  const from = { x: body.x + body.width + 6, y: body.y - LABEL_HEIGHT / 2 }
  const top = rescue.y - LABEL_HEIGHT + 2
  const isBeside = rescue.x - from.x < 60
  const to = isBeside ? { x: rescue.x - 7, y: from.y } : { x: rescue.x + 10, y: top - 1 }
  const way = isBeside ? 'L' : `C${number(from.x + 24)} ${number(top - 22)} ${number(to.x)} ${number(top - 22)} `
  return `<path class="rescue" marker-end="url(#rescue-tip)" d="M${coordinates(from)}${way}${coordinates(to)}"/>`
}

const LINK_ENDS: Readonly<Record<PlacedLink['kind'], string>> = {
  cancels: 'cross',
  recurs: 'again-tip',
  before: 'tip',
  waits: 'waits-tip',
}

const linkPart = ({ kind, from, controls: [one, two], to }: PlacedLink): string =>
  `<path class="${kind}" marker-end="url(#${LINK_ENDS[kind]})" d="M${coordinates(from)}C${coordinates(one)} ${coordinates(two)} ${coordinates(to)}"/>`

const coordinates = ({ x, y }: Point): string => `${number(x)} ${number(y)}`

/** One decimal is enough for a pixel, and keeps the file small and the same everywhere. */
const number = (value: number): string => String(Math.round(value * 10) / 10)
