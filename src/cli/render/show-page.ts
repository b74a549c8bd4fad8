/**
 * The page of one run: its steps as a tree with state, duration, attempts, failures with their causes, recorded values
 * and short outputs. Of a wide each only what failed, runs, or was recorded in is listed; the rest is a number.
 */
import type { ValueRef } from '../../core/engine/protocol.ts'
import { durationOf, isWork, stepsOf, type RunView, type ScopeView, type StepView } from '../../observe/run-view.ts'
import { faultLines, type Decoded } from './faults.ts'
import { countsText, settledCount, WIDE } from './progress-lines.ts'
import type { RunRow } from '../../store/store.ts'
import type { Screen } from './screen.ts'
import { colourOf, markOf, settledNote, statusColour } from './step-label.ts'
import { clip, counted, padEnd, plain, plainLines, showBytes, showDuration, widthOf, grouped } from './text.ts'

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
  return [...head, '', ...tree, ...endLines(view, screen, decoded), ''].join('\n')
}

/** A value in one short line: its text when it is inline, else its kind and size. */
const showValue = (value: ValueRef, columns: number): string =>
  value.inline === undefined ? `${value.codec}, ${showBytes(value.sizeBytes)}` : clip(plain(value.inline), columns)

interface Page {
  readonly screen: Screen
  readonly decoded: Decoded | undefined
  readonly nowMs: number
}

const startFact = (view: RunView): readonly (readonly [string, string])[] =>
  view.startedAtMs === undefined ? [] : [['started', new Date(view.startedAtMs).toISOString()]]

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
    ...(step.state.kind === 'failed' ? [] : [settledNote(step.state)].filter(Boolean)),
  ]
  const head =
    `${indent}${markOf(step.state.kind, screen)} ${padEnd(plain(clip(step.name, 48)), columns)}  ${facts.join('  ')}`.trimEnd()
  const output = outputOf(step)
  const room = screen.columns - widthOf(head) - 6
  return [
    output && room > 8 ? `${head}  ${paint.dim(`→ ${showValue(output, room)}`)}` : head,
    ...detailLines(step, `${indent}    `, page),
  ]
}

const outputOf = ({ state }: StepView): ValueRef | undefined =>
  state.kind === 'succeeded' || state.kind === 'known' ? state.output : undefined

function insideFacts({ kind, inside }: StepView): readonly string[] {
  if (!inside) return []
  if (inside.branch !== undefined) return [plain(inside.branch)]
  if (kind === 'each')
    return [
      `${grouped(settledCount(inside.items))}/${counted(inside.items.total, 'item')}`,
      ...(inside.items.failed > 0 ? [`${inside.items.failed} failed`] : []),
    ]
  return kind === 'flow' ? [counted(inside.items.total, 'call')] : []
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
  const scopes = step.inside?.scopes ?? []
  const wide = (step.inside?.items.total ?? 0) > WIDE
  const shown = wide ? scopes.filter(scope => isTelling(view, scope)).slice(0, WIDE) : scopes
  const lines = shown.flatMap(scope => [
    ...scopeHead(step, scope, indent, page.screen),
    ...scopeLines(view, scope, `${indent}${labelled(step) ? '  ' : ''}`, page),
  ])
  const rest = (step.inside?.items.total ?? 0) - shown.length
  return wide && rest > 0 && shown.length > 0
    ? [...lines, page.screen.paint.dim(`${indent}… and ${counted(rest, 'more item')}`)]
    : lines
}

/** Items have a line of their own; branches and bodies do not, nor does a flow's call of one step (its name says it). */
const labelled = (step: StepView): boolean => step.kind === 'each'

const scopeHead = (step: StepView, scope: ScopeView, indent: string, screen: Screen): readonly string[] =>
  labelled(step)
    ? [`${indent}${markOf(scope.state, screen)} ${colourOf(scope.state, screen)(`[${plain(clip(scope.label, 60))}]`)}`]
    : []

/** Worth a line among thousands: it failed, retries, runs, or something was recorded in it. */
function isTelling(view: RunView, scope: ScopeView): boolean {
  if (scope.state === 'failed' || scope.state === 'retrying' || scope.state === 'running') return true
  return stepsOf(view, scope).some(
    step => step.recorded.length > 0 || (!isWork(step.kind) && step.state.kind === 'failed'),
  )
}

/** Why the run failed, or what it gave. The causes of a step's failure stand at the step already. */
function endLines(view: RunView, { paint, columns }: Screen, decoded: Decoded | undefined): readonly string[] {
  if (view.fault) {
    const step = view.fault.step === undefined ? undefined : view.steps.get(view.fault.step)
    const [first = '', ...causes] = faultLines(view.fault, decoded)
    return [
      '',
      paint.red(clip(step ? `${plain(step.path)}: ${first}` : first, columns)),
      ...(step ? [] : causes.map(cause => clip(`  ${cause}`, columns))),
    ]
  }
  return view.output ? ['', `${paint.dim('result')} ${showValue(view.output, columns - 8)}`] : []
}
