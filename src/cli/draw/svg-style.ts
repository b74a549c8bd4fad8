/** Signs and colours of a drawing: one sign a kind (shape tells it too, so that it needs no colour), light and dark. */
import type { DrawnChange, DrawnKind, DrawnPart } from './drawn.ts'

export const ICONS: Readonly<Record<DrawnKind, string>> = {
  task: 'ƒ',
  effect: '↯',
  flow: '∿',
  source: '◇',
  when: '?',
  match: '⋔',
  each: '∀',
  call: '▸',
  recursion: '⟲',
  any: '∨',
  loop: '↺',
  race: '⚑',
  some: 'n',
  attempt: '!',
  timer: '◷',
  signal: '✉',
  scope: '▢',
  cancel: '✕',
  service: '∞',
  net: '⊙',
  place: '',
  transition: '▮',
}

/** Colour classes: what computes, acts on the world, comes from outside, steers, repeats, holds others, stops others. */
type Tone = 'work' | 'acts' | 'outside' | 'steers' | 'many' | 'holds' | 'stops'

export const TONES: Readonly<Record<DrawnKind, Tone>> = {
  task: 'work',
  flow: 'work',
  effect: 'acts',
  service: 'acts',
  source: 'outside',
  timer: 'outside',
  signal: 'outside',
  when: 'steers',
  match: 'steers',
  any: 'steers',
  race: 'steers',
  some: 'steers',
  attempt: 'steers',
  loop: 'many',
  each: 'many',
  recursion: 'many',
  call: 'holds',
  scope: 'holds',
  net: 'holds',
  place: 'holds',
  transition: 'work',
  cancel: 'stops',
}

/** What became of a step. */
export const CHANGES: Readonly<Record<Exclude<DrawnChange, 'same'>, string>> = {
  added: '+',
  removed: '−',
  changed: '~',
  moved: '→',
}

/** What a step has to do with what goes wrong; that it ran is told by its number. */
export const PARTS: Readonly<Record<Exclude<DrawnPart, 'aside'>, string>> = {
  ran: '1',
  holds: '=',
  waits: '…',
  dead: '×',
}

interface Palette {
  readonly paper: string
  readonly ink: string
  readonly soft: string
  readonly line: string
  readonly tones: Readonly<Record<Tone, string>>
  readonly changes: Readonly<Record<Exclude<DrawnChange, 'same'>, string>>
}

const LIGHT: Palette = {
  paper: '#ffffff',
  ink: '#1c2330',
  soft: '#667085',
  line: '#98a2b3',
  tones: {
    work: '#2563eb',
    acts: '#c2410c',
    outside: '#0f766e',
    steers: '#a16207',
    many: '#7c3aed',
    holds: '#475467',
    stops: '#be123c',
  },
  changes: { added: '#15803d', removed: '#be123c', changed: '#b45309', moved: '#2563eb' },
}
const DARK: Palette = {
  paper: '#12161d',
  ink: '#e6eaf0',
  soft: '#98a2b3',
  line: '#667085',
  tones: {
    work: '#6ea1ff',
    acts: '#ff9a62',
    outside: '#4fd1c0',
    steers: '#eab54a',
    many: '#b794ff',
    holds: '#a8b3c4',
    stops: '#ff7a90',
  },
  changes: { added: '#4ade80', removed: '#ff7a90', changed: '#fbbf24', moved: '#6ea1ff' },
}

// Plain colours in plain rules: custom properties would be shorter, but several converters to PNG and PDF ignore them.
const coloursOf = ({ paper, ink, soft, line, tones }: Palette): string =>
  [
    `.paper, .box { fill: ${paper} }`,
    `text { fill: ${ink} } .note, .label { fill: ${soft} } .icon { fill: ${paper} } .weight { stroke: ${paper} }`,
    `.edge, .branch { stroke: ${line} } .tip { fill: ${line} }`,
    `.token { fill: ${ink} }`,
    `.again, .recurs { stroke: ${tones.many} } .again-tip { fill: ${tones.many} }`,
    `.cancels, .rescue, .cross { stroke: ${tones.stops} } .rescue-tip { fill: ${tones.stops} }`,
    `.undo { stroke: ${tones.acts} } .before { stroke: ${soft} }`,
    ...Object.entries(tones).map(
      ([name, colour]) =>
        `.${name} > .box { stroke: ${colour} } .${name} > .tint, .${name} > .badge { fill: ${colour} }`,
    ),
  ].join('\n')

export const STYLE = `
text { font: 13px ui-sans-serif, system-ui, "Segoe UI", "Helvetica Neue", Arial, "DejaVu Sans", sans-serif }
.head { font-size: 17px; font-weight: 600 }
.name { font-weight: 500 }
.note, .label, .weight { font-size: 11px }
.place-name { font-size: 11px; text-anchor: middle }
.weight { paint-order: stroke; stroke-width: 3 }
.icon { font-size: 13px; font-weight: 600; text-anchor: middle }
.edge, .again, .cancels, .recurs, .before, .rescue { fill: none; stroke-width: 1.4 }
.cancels, .rescue { stroke-dasharray: 6 4 }
.recurs { stroke-dasharray: 2 3 }
.before { stroke-dasharray: 1 4; stroke-linecap: round }
.cross { fill: none; stroke-width: 1.6 }
.branch { fill: none; stroke-dasharray: 4 4 }
.undo { stroke-dasharray: 7 4; stroke-width: 1.3 }
.box { stroke-width: 1.4 }
.loose { stroke-dasharray: 8 4 }
.tint { fill-opacity: 0.07 }
${coloursOf(LIGHT)}
@media (prefers-color-scheme: dark) {
${coloursOf(DARK)}
}
`

const changeColoursOf = ({ soft, line, changes }: Palette): string =>
  [
    `.same > .box { stroke: ${line} } .same > .badge { fill: ${line} } .same > .name { fill: ${soft} }`,
    ...Object.entries(changes).flatMap(([name, colour]) => [
      `.${name} > .box { stroke: ${colour} } .${name} > .tint, .${name} > .badge { fill: ${colour} }`,
      `.edge-${name} { stroke: ${colour} } .${name}-tip { fill: ${colour} }`,
    ]),
  ].join('\n')

/** Beside `STYLE`, in a drawing of what is different. */
export const CHANGE_STYLE = `
.legend { font-size: 11px }
.added > .box, .changed > .box, .moved > .box { stroke-width: 2 }
.added > .tint, .removed > .tint, .changed > .tint, .moved > .tint { fill-opacity: 0.12 }
.same > .tint { fill-opacity: 0 }
.removed > .box, .edge-removed { stroke-dasharray: 6 4 }
.removed > .name { text-decoration: line-through }
.edge-added, .edge-removed { stroke-width: 2 }
${changeColoursOf(LIGHT)}
@media (prefers-color-scheme: dark) {
${changeColoursOf(DARK)}
}
`

const partColoursOf = ({ soft, line, tones }: Palette): string => {
  const colours = { ran: tones.work, holds: tones.acts, waits: tones.stops, dead: soft }
  return [
    `.aside > .box { stroke: ${line} } .aside > .badge { fill: ${line} } .aside > .name { fill: ${soft} }`,
    ...Object.entries(colours).map(
      ([name, colour]) =>
        `.${name} > .box { stroke: ${colour} } .${name} > .tint, .${name} > .badge { fill: ${colour} }`,
    ),
    `path.waits { stroke: ${tones.stops} } .waits-tip { fill: ${tones.stops} }`,
  ].join('\n')
}

/** Beside `STYLE`, in a drawing of what goes wrong. */
export const PART_STYLE = `
.legend { font-size: 11px }
.holds > .box, .waits > .box { stroke-width: 2.2 }
.holds > .tint, .waits > .tint { fill-opacity: 0.12 }
.aside > .tint { fill-opacity: 0 }
.dead > .box { stroke-dasharray: 3 4 }
.dead > .name { text-decoration: line-through }
path.waits { fill: none; stroke-width: 2 }
${partColoursOf(LIGHT)}
@media (prefers-color-scheme: dark) {
${partColoursOf(DARK)}
}
`

const marker = (id: string, look: string): string =>
  `<marker id="${id}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path class="${look}" d="M0 0L8 4L0 8z"/></marker>`

export const MARKERS = `<defs>${marker('tip', 'tip')}${marker('again-tip', 'again-tip')}${marker('rescue-tip', 'rescue-tip')}<marker id="cross" viewBox="0 0 10 10" refX="5" refY="5" markerWidth="10" markerHeight="10"><path class="cross" d="M1 1L9 9M9 1L1 9"/></marker></defs>`
export const CHANGE_MARKERS = `${marker('added-tip', 'added-tip')}${marker('removed-tip', 'removed-tip')}`
export const PART_MARKERS = marker('waits-tip', 'waits-tip')
