/** Differences as entries of a list, by what they concern: `+` what came, `-` what went, `~` what is other, `→` what is elsewhere. */
import type { Json } from '../../util/json.ts'
import type { Change, StepName } from '../../versions/change.ts'
import { valueText } from '../../versions/text.ts'
import type { Package } from '../../versions/version.ts'
import { shortDuration } from '../draw/notes.ts'
import { clip, grouped, plain } from './text.ts'
import { typeText } from './type-text.ts'

export type Mark = '+' | '-' | '~' | '→'

export interface Entry {
  readonly mark: Mark
  readonly text: string
  /** What of it, a line each: name, before, after. */
  readonly notes: readonly string[]
}

export interface Group {
  readonly title: Title
  readonly entries: readonly Entry[]
}

export const CODE = 'code'
const TITLES = ['interface', 'steps', 'edges', CODE, 'packages', 'run'] as const
type Title = (typeof TITLES)[number]

export function groupsOf(changes: readonly Change[]): readonly Group[] {
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
      return entry('→', renameText(change))
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
      return entry('~', `${change.address}: ${change.part} ${typesText(change)}`)
    case 'package.changed':
      return packageEntry(change.before, change.after)
    case 'workflow.changed':
      return entry('~', fieldText(change.field, change.before, change.after))
  }
}

function renameText({ before, step, by }: Extract<Change, { kind: 'step.renamed' }>): string {
  if (before.shown === step.shown) return `${step.shown}, under another id: ${before.path} → ${step.path}`
  return `${step.shown}, was ${before.shown}${BY[by]}`
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
  `${field}: ${fieldValue(before, field)} → ${fieldValue(after, field)}`

const fieldValue = (value: Json | undefined, field: string): string =>
  typeof value === 'number' && field.endsWith('Ms') ? shortDuration(value) : valueText(value)

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
    .join(', ')}${steps.length > STEPS_NAMED ? ` and ${grouped(steps.length - STEPS_NAMED)} more` : ''}`

function packageEntry(before: Package | undefined, after: Package | undefined): Entry {
  const name = plain(after?.name ?? before?.name ?? '')
  if (!before) return { mark: '+', text: `${name} ${plain(after?.version ?? '')}`, notes: [] }
  if (!after) return { mark: '-', text: `${name} ${plain(before.version)}`, notes: [] }
  const what =
    before.version === after.version ? `${after.version}, with other content` : `${before.version} → ${after.version}`
  return { mark: '~', text: `${name} ${plain(what)}`, notes: [] }
}
