/**
 * A graph as one SVG file that stands alone: follows the light or dark scheme of who looks at it, has a title and a
 * description for those who cannot, loads nothing, and holds no text that is not escaped.
 */
import type { Graph, NodeKind } from '../../core/graph/graph.ts'
import { drawnRegion, type DrawnNode } from './drawn.ts'
import {
  COLUMN_WIDTH,
  LABEL_HEIGHT,
  NAME_X,
  NODE_HEIGHT,
  placeRegion,
  TITLE_HEIGHT,
  type PlacedNode,
  type PlacedRegion,
  type Point,
} from './layout.ts'
import { escapeAttribute, escapeText } from '../render/xml.ts'
import { clip, counted, plain } from '../render/text.ts'

const MARGIN = 24
const HEADER_HEIGHT = 40

/** One sign a kind: shape tells it too, so that it needs no colour. */
const ICONS: Readonly<Record<NodeKind, string>> = {
  task: 'ƒ',
  effect: '↯',
  flow: '∿',
  source: '◇',
  when: '?',
  match: '⋔',
  each: '∀',
  call: '▸',
  any: '∨',
  loop: '↺',
  race: '⚑',
  some: 'n',
  attempt: '⛨',
  wait: '◷',
  scope: '▢',
  service: '∞',
  net: '⊙',
}

/** Colour classes: what computes, what acts on the world, what comes from outside, what steers. */
const CLASSES: Readonly<Record<NodeKind, string>> = {
  task: 'work',
  flow: 'work',
  effect: 'acts',
  service: 'acts',
  source: 'outside',
  wait: 'outside',
  when: 'steers',
  match: 'steers',
  any: 'steers',
  race: 'steers',
  some: 'steers',
  attempt: 'steers',
  loop: 'many',
  each: 'many',
  call: 'holds',
  scope: 'holds',
  net: 'holds',
}

interface Palette {
  readonly paper: string
  readonly ink: string
  readonly soft: string
  readonly line: string
  readonly kinds: Readonly<Record<'work' | 'acts' | 'outside' | 'steers' | 'many' | 'holds', string>>
}

const LIGHT: Palette = {
  paper: '#ffffff',
  ink: '#1c2330',
  soft: '#667085',
  line: '#98a2b3',
  kinds: { work: '#2563eb', acts: '#c2410c', outside: '#0f766e', steers: '#a16207', many: '#7c3aed', holds: '#475467' },
}
const DARK: Palette = {
  paper: '#12161d',
  ink: '#e6eaf0',
  soft: '#98a2b3',
  line: '#667085',
  kinds: { work: '#6ea1ff', acts: '#ff9a62', outside: '#4fd1c0', steers: '#eab54a', many: '#b794ff', holds: '#a8b3c4' },
}

// Plain colours in plain rules: custom properties would be shorter, but several converters to PNG and PDF ignore them.
const coloursOf = ({ paper, ink, soft, line, kinds }: Palette): string =>
  [
    `.paper, .box { fill: ${paper} }`,
    `text { fill: ${ink} } .note, .label { fill: ${soft} } .icon { fill: ${paper} }`,
    `.edge, .branch { stroke: ${line} } .tip { fill: ${line} }`,
    ...Object.entries(kinds).map(
      ([name, colour]) =>
        `.${name} > .box { stroke: ${colour} } .${name} > .tint, .${name} > .badge { fill: ${colour} }`,
    ),
  ].join('\n')

const STYLE = `
text { font: 13px ui-sans-serif, system-ui, "Segoe UI", "Helvetica Neue", Arial, "DejaVu Sans", sans-serif }
.head { font-size: 17px; font-weight: 600 }
.name { font-weight: 500 }
.note, .label { font-size: 11px }
.icon { font-size: 13px; font-weight: 600; text-anchor: middle }
.edge { fill: none; stroke-width: 1.4 }
.branch { fill: none; stroke-dasharray: 4 4 }
.box { stroke-width: 1.4 }
.tint { fill-opacity: 0.07 }
${coloursOf(LIGHT)}
@media (prefers-color-scheme: dark) {
${coloursOf(DARK)}
}
`

export function graphSvg(graph: Graph): string {
  const root = placeRegion(drawnRegion(graph.root))
  const width = Math.ceil(Math.max(root.width, 240) + 2 * MARGIN)
  const height = Math.ceil(root.height + HEADER_HEIGHT + 2 * MARGIN)
  const name = plain(clip(graph.name, 80))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title desc">`,
    `<title id="title">${escapeText(name)}</title>`,
    `<desc id="desc">${escapeText(description(graph))}</desc>`,
    `<style>${STYLE}</style>`,
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path class="tip" d="M0 0L8 4L0 8z"/></marker></defs>',
    `<rect class="paper" width="${width}" height="${height}"/>`,
    `<text class="head" x="${MARGIN}" y="${MARGIN + 14}">${escapeText(name)}</text>`,
    `<g transform="translate(${MARGIN} ${MARGIN + HEADER_HEIGHT})">`,
    ...regionParts(root),
    '</g>',
    '</svg>',
    '',
  ].join('\n')
}

function description(graph: Graph): string {
  const root = drawnRegion(graph.root)
  const names = root.nodes.slice(0, 20).map(node => `${node.kind} ${plain(clip(node.name, 60))}`)
  const rest = root.nodes.length - names.length
  return `Workflow with ${counted(root.nodes.length, 'step')}: ${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}.`
}

// Edges first, so that they pass behind the boxes.
const regionParts = ({ nodes, edges }: PlacedRegion): readonly string[] => [
  ...edges.flatMap(edgePart),
  ...nodes.flatMap(nodeParts),
]

/** Through the bends of a layered edge as one smooth line. */
function edgePart(points: readonly Point[]): readonly string[] {
  const [first, ...rest] = points
  const last = rest.at(-1)
  if (!first || !last) return []
  const middles = rest.slice(0, -1).map((point, index) => {
    const next = rest[index + 1] ?? point
    return `Q${number(point.x)} ${number(point.y)} ${number((point.x + next.x) / 2)} ${number((point.y + next.y) / 2)}`
  })
  return [
    `<path class="edge" marker-end="url(#tip)" d="M${number(first.x)} ${number(first.y)}${middles.join('')}L${number(last.x)} ${number(last.y)}"/>`,
  ]
}

function nodeParts(placed: PlacedNode): readonly string[] {
  const { node, width, height } = placed
  const holds = placed.regions.length > 0
  return [
    `<g class="${CLASSES[node.kind]}" transform="translate(${number(placed.x)} ${number(placed.y)})">`,
    `<title>${escapeText(plain(`${node.kind} ${node.name}${node.note ? `: ${node.note}` : ''}`))}</title>`,
    `<rect class="box" width="${number(width)}" height="${number(height)}" rx="${cornerOf(node)}"/>`,
    `<rect class="tint" width="${number(width)}" height="${number(height)}" rx="${cornerOf(node)}"/>`,
    ...titleParts(node, width, holds ? TITLE_HEIGHT : NODE_HEIGHT),
    ...placed.regions.flatMap(branchParts),
    '</g>',
  ]
}

const cornerOf = (node: DrawnNode): number => (CLASSES[node.kind] === 'outside' ? NODE_HEIGHT / 2 : 8)

function titleParts(node: DrawnNode, width: number, height: number): readonly string[] {
  const columns = Math.floor((width - NAME_X - 8) / COLUMN_WIDTH)
  const middle = height / 2
  const twoLines = node.note !== '' && height === NODE_HEIGHT
  const name = `<text class="name" x="${NAME_X}" y="${number(twoLines ? middle - 3 : middle + 4.5)}">${escapeText(plain(clip(node.name, columns)))}</text>`
  const note = twoLines
    ? [
        `<text class="note" x="${NAME_X}" y="${number(middle + 12)}">${escapeText(plain(clip(node.note, Math.floor(columns * 1.15))))}</text>`,
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
  const frame = region.label
    ? [
        `<rect class="branch" x="${number(x - 6)}" y="${number(y - LABEL_HEIGHT + 2)}" width="${number(width + 12)}" height="${number(height + LABEL_HEIGHT + 4)}" rx="6"/>`,
        `<text class="label" x="${number(x + 2)}" y="${number(y - 6)}">${escapeText(plain(clip(region.label, Math.max(4, Math.floor(width / 6.5)))))}</text>`,
      ]
    : []
  return [
    ...frame,
    `<g transform="translate(${number(x)} ${number(y)})" aria-label="${escapeAttribute(plain(region.label || 'body'))}">`,
    ...regionParts(placed),
    '</g>',
  ]
}

/** One decimal is enough for a pixel, and keeps the file small and the same everywhere. */
const number = (value: number): string => String(Math.round(value * 10) / 10)
