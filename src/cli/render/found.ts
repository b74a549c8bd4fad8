/**
 * What `tutti find` found, as a table that fits the screen. Columns that say the same in no row are left out; the one that may be
 * long takes what room is left.
 */
import type { Found } from '../../search/index.ts'
import type { Screen } from './screen.ts'
import { colourOf, statusColour } from './step-label.ts'
import { clip, clipMiddle, grouped, padEnd, padStart, plain, showBytes, showDuration, widthOf } from './text.ts'

type Kind = 'text' | 'middle' | 'status' | 'number' | 'duration' | 'size' | 'time' | 'json' | 'version'

interface Column {
  readonly head: string
  /** `run.id` is `id` of `run`. */
  readonly field: string
  readonly kind: Kind
  readonly columnsMax?: number
}

const column = (head: string, field: string, kind: Kind = 'text', columnsMax?: number): Column => ({
  head,
  field,
  kind,
  ...(columnsMax === undefined ? {} : { columnsMax }),
})

/** The last one takes the room that is left. */
const COLUMNS: { readonly [subject in Subject]: readonly Column[] } = {
  run: [
    column('RUN', 'id'),
    column('WORKFLOW', 'workflow', 'text', 32),
    column('VERSION', 'version', 'version'),
    column('STATUS', 'status', 'status'),
    column('STARTED', 'started', 'time'),
    column('TOOK', 'duration', 'duration'),
    column('STEPS', 'steps', 'number'),
    column('ERROR', 'error.message'),
  ],
  step: [
    column('RUN', 'run.id'),
    column('STEP', 'path', 'middle', 40),
    column('STATUS', 'status', 'status'),
    column('STARTED', 'started', 'time'),
    column('TOOK', 'duration', 'duration'),
    column('TRIES', 'attempts', 'number'),
    column('ERROR', 'error.message'),
  ],
  node: [
    column('WORKFLOW', 'workflow', 'text', 32),
    column('VERSION', 'version', 'version'),
    column('STEP', 'path', 'middle', 40),
    column('KIND', 'kind'),
    column('AT', 'at', 'middle'),
  ],
  value: [
    column('RUN', 'run.id'),
    column('STEP', 'path', 'middle', 40),
    column('CODEC', 'codec', 'text', 12),
    column('SIZE', 'size', 'size'),
    column('VALUE', 'value', 'json'),
  ],
  log: [
    column('RUN', 'run.id'),
    column('STEP', 'path', 'middle', 24),
    column('AT', 'at', 'time'),
    column('TEXT', 'text'),
  ],
}

type Subject = 'run' | 'step' | 'node' | 'value' | 'log'

const GAP = 2
/** What the last column gets at least, when the others are wide. */
const REST_COLUMNS_MIN = 16

export function renderFound(rows: readonly Found[], subject: Subject, screen: Screen): string {
  return renderColumns(rows, COLUMNS[subject], screen)
}

/** Groups: their fields, and how many rows each has. */
export function renderGroups(rows: readonly Found[], fields: readonly string[], screen: Screen): string {
  const columns = [column('COUNT', 'count', 'number'), ...fields.map(field => column(field.toUpperCase(), field))]
  return renderColumns(rows, columns, screen)
}

function renderColumns(rows: readonly Found[], all: readonly Column[], screen: Screen): string {
  const columns = all.filter(({ field }, index) => index === 0 || rows.some(row => at(row, field) !== undefined))
  const cells = rows.map(row => columns.map(each => cellText(at(row, each.field), each)))
  const natural = columns.map(({ head }, index) => Math.max(widthOf(head), ...cells.map(cell => widthOf(cell[index]!))))
  const taken = natural.slice(0, -1).reduce((sum, width) => sum + width + GAP, 0)
  const rest = Math.max(REST_COLUMNS_MIN, screen.columns - taken)
  const widths = natural.map((width, index) => (index === columns.length - 1 ? Math.min(width, rest) : width))
  const line = (texts: readonly string[], paint: (text: string, index: number) => string): string =>
    texts
      .map((text, index) => paint(fitted(text, widths[index]!, columns[index]!, index === columns.length - 1), index))
      .join(' '.repeat(GAP))
      .trimEnd()
  const head = line(
    columns.map(({ head: text }) => text),
    text => text,
  )
  const body = cells.map((cell, index) =>
    line(cell, (text, number) => {
      const { kind, field } = columns[number]!
      return kind === 'status' ? painted(text, at(rows[index]!, field), screen) : text
    }),
  )
  return `${[screen.paint.dim(head), ...body].join('\n')}\n`
}

/** A status of a run or of a step: what both have means the same in both. */
function painted(text: string, status: unknown, screen: Screen): string {
  const paint =
    colourOf(status as Parameters<typeof colourOf>[0], screen) ??
    statusColour(status as Parameters<typeof statusColour>[0], screen)
  return paint(text)
}

function fitted(text: string, width: number, { kind }: Column, isLast: boolean): string {
  const short = kind === 'middle' ? clipMiddle(text, width) : clip(text, width)
  if (isLast) return short
  return kind === 'number' || kind === 'duration' || kind === 'size' ? padStart(short, width) : padEnd(short, width)
}

/** A field by its name with dots. */
function at(row: Found, field: string): unknown {
  return field
    .split('.')
    .reduce<unknown>(
      (value, name) => (typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined),
      row,
    )
}

function cellText(value: unknown, { kind, columnsMax }: Column): string {
  if (value === undefined) return kind === 'version' ? '-' : ''
  const text = shown(value, kind)
  if (columnsMax === undefined) return text
  return kind === 'middle' ? clipMiddle(text, columnsMax) : clip(text, columnsMax)
}

function shown(value: unknown, kind: Kind): string {
  switch (kind) {
    case 'number':
      return grouped(Number(value))
    case 'duration':
      return showDuration(Number(value))
    case 'size':
      return showBytes(Number(value))
    case 'time':
      return new Date(Number(value)).toISOString().replace('T', ' ').slice(0, 19)
    case 'json':
      return plain(JSON.stringify(value))
    default:
      return plain(String(value))
  }
}
