/**
 * The page of one run: its steps as a tree with state, duration, attempts, failures with their causes, recorded values
 * and short outputs, and at the end what it waits for. Of a wide each only what failed, runs, or was recorded in is
 * listed, of a loop only the last turns; the rest is a number.
 */
import type { ValueRef } from '../../core/engine/protocol.ts'
import {
  durationOf,
  isWork,
  type RunView,
  type ScopeView,
  type StateKind,
  stepsOf,
  type StepView,
} from '../../observe/run-view.ts'
import { faultLines, type Decoded } from './faults.ts'
import { WIDE } from './groups.ts'
import { countsText, settledCount } from './counts.ts'
import type { RunRow } from '../../store/store.ts'
import type { Screen } from './screen.ts'
import { awaitedText, colourOf, instantText, markOf, settledNote, statusColour } from './step-label.ts'
import { clip, counted, padEnd, plain, plainLines, showBytes, showDuration, widthOf, grouped } from './text.ts'
import { waitLines } from './waits.ts'

export interface ShowOptions {
  /** Lines for the head, such as `['file', 'tutti.ts']`. */
  readonly facts?: readonly (readonly [label: string, text: string])[]
  readonly decoded?: Decoded
  /** What the store knows and the log does not: that nobody works on the run at present. */
  readonly status?: RunRow['status']
  readonly nowMs: number
}

export function renderShow(
  view: RunView,
  screen: Screen,
  { facts = [], decoded, status = view.status === 'waiting' ? 'running' : view.status, nowMs }: ShowOptions,
): string {
  const { paint } = screen
  const untilMs = view.endedAtMs ?? (status === 'paused' ? view.lastAtMs : nowMs)
  const took = view.startedAtMs === undefined ? '' : ` in ${showDuration(untilMs - view.startedAtMs)}`
  const head = [
    `${paint.bold(`run ${plain(view.run)}`)} of ${plain(view.workflow)}  ${statusColour(status, screen)(status)}${took}`,
    ...[...facts, ...startFact(view)].map(([label, text]) => `  ${paint.dim(padEnd(label, 8))} ${plain(text)}`),
    `  ${paint.dim(padEnd('steps', 8))} ${countsText(view.counts)}`,
    ...(view.redrives > 0 ? [`  ${paint.dim(padEnd('redriven', 8))} ${counted(view.redrives, 'time')}`] : []),
  ]
  const tree = scopeLines(view, view.root, '', { screen, decoded, nowMs })
  const waits = waitLines(view, nowMs, screen)
  return [
    ...head,
    '',
    ...tree,
    ...(waits.length > 0 ? ['', paint.bold('waits for'), ...waits.map(text => `  ${text}`)] : []),
    ...endLines(view, screen, decoded),
    '',
  ].join('\n')
}

/** `undefined`, as values are kept: a step that gave nothing has nothing to show. */
const NOTHING = '{"$undefined":true}'

/** A value in one short line: its text when it is inline, else its kind and size. */
const showValue = (value: ValueRef, columns: number): string =>
  value.inline === undefined ? `${value.codec}, ${showBytes(value.sizeBytes)}` : clip(plain(value.inline), columns)

interface Page {
  readonly screen: Screen
  readonly decoded: Decoded | undefined
  readonly nowMs: number
}

const startFact = (view: RunView): readonly (readonly [string, string])[] => [
  ...(view.startedAtMs === undefined ? [] : [['started', instantText(view.startedAtMs)] as const]),
  ...(view.deadlineAtMs === undefined ? [] : [['deadline', instantText(view.deadlineAtMs)] as const]),
]

function scopeLines(view: RunView, scope: ScopeView, indent: string, page: Page): readonly string[] {
  const steps = stepsOf(view, scope)
  const columns = Math.min(48, Math.max(0, ...steps.map(step => widthOf(plain(clip(step.name, 48))))))
  return steps.flatMap(step => [
    ...stepLines(step, columns, indent, page),
    ...insideLines(view, step, `${indent}  `, page),
  ])
}

function stepLines(step: StepView, columns: number, indent: string, page: Page): readonly string[] {
  const { screen } = page
  const { paint } = screen
  const took = step.state.kind === 'waiting' || step.state.kind === 'known' ? undefined : durationOf(step, page.nowMs)
  const facts = [
    ...(took === undefined ? [] : [showDuration(took)]),
    ...(step.attempts > 1 ? [counted(step.attempts, 'attempt')] : []),
    ...insideFacts(step),
    ...stateFacts(step, page),
  ]
  const head =
    `${indent}${markOf(step.state.kind, screen)} ${padEnd(plain(clip(step.name, 48)), columns)}  ${facts.join('  ')}`.trimEnd()
  const output = outputOf(step)
  const room = screen.columns - widthOf(head) - 6
  return [
    output && output.inline !== NOTHING && room > 8 ? `${head}  ${paint.dim(`→ ${showValue(output, room)}`)}` : head,
    ...detailLines(step, `${indent}    `, page),
  ]
}

function stateFacts({ state, isLingering, undo }: StepView, { nowMs }: Page): readonly string[] {
  const note = state.kind === 'awaiting' ? awaitedText(state.what, nowMs) : settledNote(state)
  // Failures stand below, each with its attempt.
  const isTold = state.kind === 'failed' || state.kind === 'parked'
  return [
    ...(note !== '' && !isTold ? [note] : []),
    ...(state.kind === 'parked' || state.kind === 'skipped' ? [state.kind] : []),
    ...(isLingering ? ['runs on'] : []),
    ...(undo ? [undoWord(undo.state)] : []),
  ]
}

function undoWord(state: StateKind): string {
  switch (state) {
    case 'succeeded':
    case 'known':
      return 'undone'
    case 'failed':
    case 'cancelled':
      return 'not undone'
    case 'parked':
      return 'its undoing is parked'
    default:
      return 'being undone'
  }
}

const outputOf = ({ state }: StepView): ValueRef | undefined =>
  state.kind === 'succeeded' || state.kind === 'known' ? state.output : undefined

function insideFacts({ kind, inside }: StepView): readonly string[] {
  if (!inside) return []
  const { items, branch } = inside
  const total = (noun: string): readonly string[] => [counted(items.total, noun)]
  switch (kind) {
    case 'when':
    case 'match':
    case 'any':
      return branch === undefined ? [] : [plain(branch)]
    case 'race':
      return branch === undefined ? [] : [`won by ${plain(branch)}`]
    case 'some':
      return [`${items.succeeded}/${counted(items.total, 'arm')} succeeded`]
    case 'each':
      return [
        `${grouped(settledCount(items))}/${counted(items.total, 'item')}`,
        ...(items.failed > 0 ? [`${items.failed} failed`] : []),
      ]
    case 'loop':
      return total('turn')
    case 'net':
      return total('firing')
    case 'flow':
      return total('call')
    default:
      return []
  }
}

/** Failures of work with their causes, and what was recorded. A step that holds others repeats nothing of theirs. */
function detailLines(step: StepView, indent: string, { screen, decoded }: Page): readonly string[] {
  const { paint } = screen
  const failures = step.failures.flatMap(failure => {
    const [first = '', ...causes] = faultLines(failure.fault, decoded)
    return [
      `${indent}${paint.red(`attempt ${failure.attempt}`)} ${first}`,
      ...causes.map(cause => `${indent}  ${cause}`),
    ]
  })
  const recorded = step.recorded.map(
    each => `${indent}${paint.dim(`${plain(each.name)} =`)} ${plain(JSON.stringify(each.value) ?? 'undefined')}`,
  )
  return [...failures, ...recorded].map(text => (widthOf(text) > screen.columns ? clipTail(text, screen) : text))
}

const clipTail = (text: string, screen: Screen): string =>
  clip(plainLines(text.replace(/\x1b\[\d+m/g, '')).join(' '), screen.columns)

function insideLines(view: RunView, step: StepView, indent: string, page: Page): readonly string[] {
  const { undo } = step
  return [
    ...partLines(view, step, indent, page),
    ...(undo ? [...labelLine(undo, 'undo', indent, page.screen), ...scopeLines(view, undo, `${indent}  `, page)] : []),
  ]
}

function partLines(view: RunView, step: StepView, indent: string, page: Page): readonly string[] {
  const scopes = step.inside?.scopes ?? []
  const wide = (step.inside?.items.total ?? 0) > WIDE
  const shown = wide ? scopes.filter(scope => isTelling(view, scope)).slice(0, WIDE) : scopes
  const lines = shown.flatMap(scope => [
    ...(labelled(step) ? labelLine(scope, labelOf(step, scope), indent, page.screen) : []),
    ...scopeLines(view, scope, `${indent}${labelled(step) ? '  ' : ''}`, page),
  ])
  const rest = (step.inside?.items.total ?? 0) - shown.length
  const { dim } = page.screen.paint
  if (step.inside?.dropped && !wide) return [dim(`${indent}… ${counted(step.inside.dropped, 'turn')} before`), ...lines]
  return wide && rest > 0 && shown.length > 0 ? [...lines, dim(`${indent}… and ${counted(rest, 'more item')}`)] : lines
}

/** What is there several times has a line of its own; a chosen branch, a body and a flow's call have not (a name says it). */
function labelled({ kind }: StepView): boolean {
  switch (kind) {
    case 'each':
    case 'loop':
    case 'race':
    case 'some':
    case 'any':
    case 'attempt':
    case 'net':
      return true
    default:
      return false
  }
}

const labelOf = ({ kind }: StepView, { label }: ScopeView): string =>
  kind === 'each' || kind === 'loop' ? `[${label}]` : label

const labelLine = ({ state }: ScopeView, label: string, indent: string, screen: Screen): readonly string[] => [
  `${indent}${markOf(state, screen)} ${colourOf(state, screen)(plain(clip(label, 60)))}`,
]

/** Worth a line among thousands: it failed, retries, runs, or something was recorded in it. */
function isTelling(view: RunView, scope: ScopeView): boolean {
  if (scope.state === 'failed' || isActiveKind(scope.state)) return true
  return stepsOf(view, scope).some(
    step => step.recorded.length > 0 || (!isWork(step.kind) && step.state.kind === 'failed'),
  )
}

const ACTIVE: ReadonlySet<StateKind> = new Set(['running', 'retrying', 'awaiting', 'parked'])
const isActiveKind = (state: StateKind): boolean => ACTIVE.has(state)

/** Why the run failed, or what it gave. The causes of a step's failure stand at the step already. */
function endLines(view: RunView, { paint, columns }: Screen, decoded: Decoded | undefined): readonly string[] {
  if (view.fault) {
    const step = view.fault.step === undefined ? undefined : view.steps.get(view.fault.step)
    const [first = '', ...causes] = faultLines(view.fault, decoded)
    return [
      '',
      paint.red(clip(step ? `${plain(step.path)}: ${first}` : first, columns)),
      ...(step && isWork(step.kind) ? [] : causes.map(cause => clip(`  ${cause}`, columns))),
    ]
  }
  return view.output ? ['', `${paint.dim('result')} ${showValue(view.output, columns - 8)}`] : []
}
