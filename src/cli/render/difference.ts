/** What is different between two versions, as text: by what it concerns, `+` what came, `-` what went, `~` what is other, `→` what is elsewhere. */
import type { Expr } from '../../core/graph/graph.ts'
import type { Json } from '../../util/json.ts'
import type { Change, StepName } from '../../versions/change.ts'
import type { Bump, Package } from '../../versions/version.ts'
import { exprText, shortDuration } from '../draw/notes.ts'
import type { CodeDifference, Hunk, PieceDifference } from '../versions/code-difference.ts'
import type { Screen } from './screen.ts'
import { clip, counted, grouped, padEnd, plain, widthOf } from './text.ts'
import { typeText } from './type-text.ts'

export interface Difference {
  /** `ci@1.2.0`, `tutti.ts`. */
  readonly before: string
  readonly after: string
  readonly changes: readonly Change[]
  readonly code: readonly CodeDifference[]
  /** What it weighs, and the number that follows from it; undefined: nothing is different. */
  readonly next: { readonly bump: Bump; readonly number: string | undefined } | undefined
}

/** How much is told: so many lines of each group and piece, or the counts alone. */
export type Detail =
  | { readonly kind: 'counts' }
  | { readonly kind: 'lines'; readonly most: number }
  | { readonly kind: 'all' }

export const LINES_SHOWN = 60

export function renderDifference(difference: Difference, detail: Detail, screen: Screen): string {
  const { before, after, changes } = difference
  const { paint } = screen
  const head = `${plain(before)} → ${plain(after)}`
  if (changes.length === 0) return `${paint.bold(head)}\n${paint.dim('nothing is different')}\n`
  const groups = groupsOf(difference)
  const body =
    detail.kind === 'counts'
      ? countLines(groups, difference)
      : groups.flatMap(({ title, entries }) => [
          '',
          paint.bold(title),
          ...cut(
            entries.flatMap(entry => entryLines(entry, screen)),
            detail,
            screen,
          ),
          ...(title === CODE ? difference.code.flatMap(each => codeLines(each, detail, screen)) : []),
        ])
  return `${[paint.bold(head), ...body, ...nextLines(difference, detail, screen)].join('\n')}\n`
}

type Mark = '+' | '-' | '~' | '→'

interface Entry {
  readonly mark: Mark
  readonly text: string
  /** What of it, a line each: name, before, after. */
  readonly notes: readonly string[]
}

interface Group {
  readonly title: string
  readonly entries: readonly Entry[]
}

const CODE = 'code'
const TITLES = ['interface', 'steps', 'edges', CODE, 'packages', 'run'] as const
type Title = (typeof TITLES)[number]

function groupsOf({ changes }: Difference): readonly Group[] {
  const byTitle = new Map<Title, Change[]>()
  for (const change of changes) {
    const title = titleOf(change)
    const list = byTitle.get(title)
    if (list) list.push(change)
    else byTitle.set(title, [change])
  }
  return TITLES.flatMap(title => {
    const own = byTitle.get(title) ?? []
    return own.length === 0 ? [] : [{ title, entries: title === 'steps' ? stepEntries(own) : own.map(entryOf) }]
  })
}

function titleOf({ kind }: Change): Title {
  switch (kind) {
    case 'parameter.added':
    case 'parameter.removed':
    case 'parameter.changed':
    case 'result.added':
    case 'result.removed':
    case 'result.changed':
    case 'signal.added':
    case 'signal.removed':
    case 'signal.changed':
      return 'interface'
    case 'step.added':
    case 'step.removed':
    case 'step.renamed':
    case 'step.moved':
    case 'step.changed':
      return 'steps'
    case 'edge.added':
    case 'edge.removed':
      return 'edges'
    case 'code.changed':
    case 'signature.changed':
      return CODE
    case 'package.changed':
      return 'packages'
    case 'workflow.changed':
      return 'run'
  }
}

/** All that changed in one step is one entry. */
function stepEntries(changes: readonly Change[]): readonly Entry[] {
  const entries = new Map<string, Entry>()
  for (const change of changes) {
    const entry = entryOf(change)
    const key = `${entry.mark}${change.kind === 'step.changed' ? change.step.path : ` ${entries.size}`}`
    const known = entries.get(key)
    entries.set(key, known ? { ...known, notes: [...known.notes, ...entry.notes] } : entry)
  }
  return [...entries.values()]
}

function entryOf(change: Change): Entry {
  const entry = (mark: Mark, text: string, notes: readonly string[] = []): Entry => ({ mark, text: plain(text), notes })
  switch (change.kind) {
    case 'parameter.added':
      return entry('+', `parameter ${change.name}: ${typeText(change.type)}${change.required ? ', required' : ''}`)
    case 'parameter.removed':
      return entry('-', `parameter ${change.name}`)
    case 'parameter.changed':
      return entry('~', `parameter ${change.name}: ${parameterText(change)}`)
    case 'result.added':
      return entry('+', resultName(change.path))
    case 'result.removed':
      return entry('-', resultName(change.path))
    case 'result.changed':
      return entry('~', `${resultName(change.path)}: ${typesText(change)}`)
    case 'signal.added':
      return entry('+', `signal ${change.name}`)
    case 'signal.removed':
      return entry('-', `signal ${change.name}`)
    case 'signal.changed':
      return entry('~', `signal ${change.name}: ${signalText(change)}`)
    case 'step.added':
      return entry('+', `${change.step.shown} (${change.is})`)
    case 'step.removed':
      return entry('-', `${change.step.shown} (${change.is})`)
    case 'step.renamed':
      return entry('→', `${change.step.shown}, was ${change.before.shown}${BY[change.by]}`)
    case 'step.moved':
      return entry('→', `${change.step.shown}, moved from ${change.before.shown}`)
    case 'step.changed':
      return entry('~', change.step.shown, [fieldText(change.field, change.before, change.after)])
    case 'edge.added':
      return entry('+', edgeText(change))
    case 'edge.removed':
      return entry('-', edgeText(change))
    case 'code.changed':
      return entry('~', codeText(change))
    case 'signature.changed':
      return entry('~', `${change.address}: ${change.part} ${change.how}`)
    case 'package.changed':
      return packageEntry(change.before, change.after)
    case 'workflow.changed':
      return entry('~', fieldText(change.field, change.before, change.after))
  }
}

const BY = { id: '', content: ' (the same but for its name)', declared: ' (declared)' } as const

const resultName = (path: string): string => (path === '' ? 'result' : `result ${path}`)

function parameterText({ how, before, after }: Extract<Change, { kind: 'parameter.changed' }>): string {
  switch (how) {
    case 'required':
      return 'must be given now'
    case 'optional':
      return 'may be left out now'
    case 'default':
      return `default ${valueText(before)} → ${valueText(after)}`
    default:
      return typesText({ how, before, after })
  }
}

function signalText({ how, before, after }: Extract<Change, { kind: 'signal.changed' }>): string {
  switch (how) {
    case 'kept':
      return 'kept when it comes early'
    case 'transient':
      return 'lost when it comes early'
    default:
      return typesText({ how, before, after })
  }
}

function typesText({
  how,
  before,
  after,
}: {
  readonly how: string
  readonly before: Json
  readonly after: Json
}): string {
  return `${clip(typeText(before), SIDE_COLUMNS)} → ${clip(typeText(after), SIDE_COLUMNS)}${how === 'changed' ? '' : ` (${how})`}`
}

/** Of each side of `before → after`. */
const SIDE_COLUMNS = 60

const fieldText = (field: string, before: Json | undefined, after: Json | undefined): string =>
  `${field}: ${valueText(before, field)} → ${valueText(after, field)}`

function valueText(value: Json | undefined, field = ''): string {
  if (value === undefined) return 'none'
  if (typeof value === 'number' && field.endsWith('Ms')) return shortDuration(value)
  if (typeof value === 'string') return clip(value, SIDE_COLUMNS)
  return clip(isExpr(value) ? exprText(value, id => id) : JSON.stringify(value), SIDE_COLUMNS)
}

const EXPRESSIONS = new Set(['literal', 'node', 'param', 'record', 'list', 'apply', 'resource'])

/** A graph is plain JSON by its type, which an interface cannot say. */
function isExpr(value: unknown): value is Expr {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false
  return typeof value.kind === 'string' && EXPRESSIONS.has(value.kind)
}

const edgeText = ({ from, to, carries }: Extract<Change, { kind: 'edge.added' | 'edge.removed' }>): string =>
  `${from.shown} → ${to.shown}${carries === 'order' ? ' (order)' : ''}`

const STEPS_NAMED = 4

function codeText({ address, steps }: Extract<Change, { kind: 'code.changed' }>): string {
  const others = steps.filter(({ shown }) => shown !== address)
  return others.length === 0 ? address : `${address}, of ${stepsText(others)}`
}

const stepsText = (steps: readonly StepName[]): string =>
  `${steps
    .slice(0, STEPS_NAMED)
    .map(({ shown }) => shown)
    .join(', ')}${steps.length > STEPS_NAMED ? ` and ${counted(steps.length - STEPS_NAMED, 'more')}` : ''}`

function packageEntry(before: Package | undefined, after: Package | undefined): Entry {
  const name = plain(after?.name ?? before?.name ?? '')
  if (!before) return { mark: '+', text: `${name} ${plain(after?.version ?? '')}`, notes: [] }
  if (!after) return { mark: '-', text: `${name} ${plain(before.version)}`, notes: [] }
  const what =
    before.version === after.version ? `${after.version}, with other content` : `${before.version} → ${after.version}`
  return { mark: '~', text: `${name} ${plain(what)}`, notes: [] }
}

function entryLines({ mark, text, notes }: Entry, screen: Screen): readonly string[] {
  return [`  ${colourOf(mark, screen)(`${mark} ${text}`)}`, ...notes.map(note => `      ${plain(note)}`)]
}

function colourOf(mark: string, { paint }: Screen): (text: string) => string {
  switch (mark) {
    case '+':
      return paint.green
    case '-':
      return paint.red
    case '~':
      return paint.yellow
    case '→':
      return paint.blue
    default:
      return text => text
  }
}

/** What would fill many screens is cut, and says so. */
function cut(lines: readonly string[], detail: Detail, { paint }: Screen, indent = '  '): readonly string[] {
  if (detail.kind !== 'lines' || lines.length <= detail.most + 1) return lines
  return [
    ...lines.slice(0, detail.most),
    paint.dim(`${indent}… ${grouped(lines.length - detail.most)} more lines; all with --all`),
  ]
}

function codeLines({ address, pieces }: CodeDifference, detail: Detail, screen: Screen): readonly string[] {
  return pieces.flatMap(piece => ['', ...pieceLines(address, piece, detail, screen)])
}

function pieceLines(address: string, piece: PieceDifference, detail: Detail, screen: Screen): readonly string[] {
  const { paint } = screen
  const { name, file, toldUnder, hunks } = piece
  const what = name === address ? name : `${name}, which ${address} uses`
  if (toldUnder !== undefined) return [`  ${plain(what)}: ${paint.dim(`as under ${plain(toldUnder)}`)}`]
  const lines = hunks.flatMap(hunk => hunkLines(file, hunk, screen))
  return [`  ${paint.bold(plain(what))}`, ...cut(lines, detail, screen)]
}

function hunkLines(file: string, { before, after, lines }: Hunk, screen: Screen): readonly string[] {
  const { paint } = screen
  const at = after === 0 ? `${file}:${before} (gone)` : `${file}:${after}`
  const width = String(Math.max(before, after) + lines.length).length
  let [old, now] = [before, after]
  const numbered = lines.map(line => {
    const mark = line[0] ?? ' '
    const number = mark === '-' ? old : now
    if (mark !== '+') old++
    if (mark !== '-') now++
    const shown = `${mark} ${plain(line.slice(1))}`.trimEnd()
    return `  ${paint.dim(String(number).padStart(width))} ${colourOf(mark, screen)(shown)}`
  })
  return [`  ${paint.cyan(plain(at))}`, ...numbered]
}

/** `steps  2 added, 1 removed, 3 changed`. */
function countLines(groups: readonly Group[], { code }: Difference): readonly string[] {
  const width = Math.max(...groups.map(({ title }) => widthOf(title)))
  return groups.map(({ title, entries }) => {
    const count = (mark: Mark): number => entries.filter(each => each.mark === mark).length
    const parts = WORDS.flatMap(([mark, word]) => (count(mark) > 0 ? [`${grouped(count(mark))} ${word}`] : []))
    const lines = title === CODE ? linesText(code) : ''
    return `  ${padEnd(title, width)}  ${parts.join(', ')}${lines}`
  })
}

const WORDS: readonly (readonly [Mark, string])[] = [
  ['+', 'added'],
  ['-', 'removed'],
  ['→', 'renamed or moved'],
  ['~', 'changed'],
]

function linesText(code: readonly CodeDifference[]): string {
  const pieces = code.flatMap(each => each.pieces).filter(({ toldUnder }) => toldUnder === undefined)
  const sum = (pick: (piece: PieceDifference) => number): number =>
    pieces.reduce((total, piece) => total + pick(piece), 0)
  return pieces.length === 0
    ? ''
    : `: ${grouped(sum(each => each.added))} lines added, ${grouped(sum(each => each.removed))} removed`
}

function nextLines({ next }: Difference, { kind }: Detail, { paint }: Screen): readonly string[] {
  if (!next) return []
  const text = next.number === undefined ? next.bump : `${next.bump}: ${next.number}`
  return kind === 'counts' ? [paint.bold(text)] : ['', paint.bold(text)]
}
