/**
 * Progress as plain lines, one an event: for files, pipes and CI logs, and for what scrolls away above the live block.
 * Items of a wide each do not print a line each: their group prints at every tenth of its way.
 */
import type { Event } from '../../core/engine/protocol.ts'
import { durationOf, type Counts, type RunView, type StepView } from '../../observe/run-view.ts'
import type { Screen } from './screen.ts'
import { faultLine, settledNote, statusColour, wordOf, colourOf } from './step-label.ts'
import { clip, counted, padEnd, plain, showDuration, grouped } from './text.ts'

/** An each with more items than this is shown as one group. */
export const WIDE = 20

const WORD_COLUMNS = 10

/** Lines for `event`; `view` already holds it. `detail`: above a live block, which shows what runs, only outcomes get a line. */
export function progressLines(
  view: RunView,
  event: Event,
  screen: Screen,
  detail: 'all' | 'outcomes' = 'all',
): readonly string[] {
  const step = 'step' in event ? view.steps.get(event.step) : undefined
  switch (event.kind) {
    case 'run.started':
      return [`run ${plain(event.run)} of ${plain(view.workflow)} started`]
    case 'run.redriven':
      return [
        `run ${plain(view.run)} redriven${event.from.length > 0 ? ` from ${event.from.map(plain).join(', ')}` : ''}`,
      ]
    case 'attempt.started':
      if (!step || detail === 'outcomes' || wideGroupOf(view, step)) return []
      return [line('start', screen.paint.cyan, step, event.attempt > 1 ? `attempt ${event.attempt}` : '', screen)]
    case 'attempt.failed': {
      const wait = Math.max(0, event.retryAtMs - event.atMs)
      return step
        ? [
            line(
              'retry',
              screen.paint.yellow,
              step,
              `in ${showDuration(wait)}, attempt ${event.attempt} failed: ${faultLine(event.fault)}`,
              screen,
            ),
          ]
        : []
    }
    case 'step.settled':
      return step ? settledLines(view, step, screen, detail) : []
    case 'items.added':
      return step ? [line('items', screen.paint.cyan, step, counted(event.keys.length, 'item'), screen)] : []
    case 'chosen':
      return step ? [line('chosen', screen.paint.cyan, step, plain(event.branch), screen)] : []
    case 'scope.closed':
      return [`${event.cause === 'cancelled' ? 'cancelling' : 'diverged'}: ${faultLine(event.fault)}`]
    case 'run.ended':
      return [runSummary(view, screen)]
    case 'call.added':
    case 'value.recorded':
      return []
  }
}

/** `run 01… succeeded in 3.4s: 40 steps, 12 known, 1 failed`. */
function runSummary(view: RunView, screen: Screen): string {
  const took =
    view.startedAtMs === undefined ? '' : ` in ${showDuration((view.endedAtMs ?? view.lastAtMs) - view.startedAtMs)}`
  const fault = view.fault && view.status !== 'succeeded' ? `\n  ${faultLine(view.fault)}` : ''
  return `run ${plain(view.run)} ${statusColour(view.status, screen)(view.status)}${took}: ${countsText(view.counts)}${fault}`
}

/** `40 steps, 12 known, 1 failed`: only what is not zero. */
export function countsText(counts: Counts): string {
  const parts = (['known', 'failed', 'cancelled'] as const)
    .filter(kind => counts[kind] > 0)
    .map(kind => `${counts[kind].toLocaleString('en')} ${wordOf(kind)}`)
  const left = counts.waiting > 0 ? [`${grouped(counts.waiting)} not run`] : []
  return [counted(counts.total, 'step'), ...parts, ...left].join(', ')
}

/** The nearest each around a step that is too wide to show its items one by one. */
export function wideGroupOf(view: RunView, step: StepView): StepView | undefined {
  for (let at = holderIdOf(step.id); at !== undefined; at = holderIdOf(at)) {
    const holder = view.steps.get(at)
    if (holder?.inside && holder.inside.items.total > WIDE) return holder
  }
  return undefined
}

/** `tests[a.ts]/triage` -> `tests`; keys hold no bracket or slash of their own (they are escaped). */
function holderIdOf(id: string): string | undefined {
  const slash = id.lastIndexOf('/')
  if (slash < 0) return undefined
  const path = id.slice(0, slash)
  return path.endsWith(']') ? path.slice(0, path.lastIndexOf('[')) : path
}

function settledLines(view: RunView, step: StepView, screen: Screen, detail: 'all' | 'outcomes'): readonly string[] {
  const group = wideGroupOf(view, step)
  const quiet = group && step.state.kind !== 'failed'
  const own = quiet
    ? []
    : [line(wordOf(step.state.kind), colourOf(step.state.kind, screen), step, settledText(step), screen)]
  return [...own, ...(group ? groupLines(group, screen, detail) : [])]
}

function settledText(step: StepView): string {
  const took = step.state.kind === 'known' || step.attempts === 0 ? undefined : durationOf(step, 0)
  const attempts = step.attempts > 1 ? `${step.attempts} attempts` : ''
  return [took === undefined ? '' : showDuration(took), attempts, settledNote(step.state)].filter(Boolean).join('  ')
}

/** A line when the group has passed another tenth with exactly this step. */
function groupLines(group: StepView, screen: Screen, detail: 'all' | 'outcomes'): readonly string[] {
  const counts = group.inside?.steps
  if (!counts) return []
  const settled = settledCount(counts)
  const tenth = detail === 'outcomes' ? counts.total : Math.max(1, Math.ceil(counts.total / 10))
  if (settled % tenth !== 0 && settled !== counts.total) return []
  const failed = counts.failed > 0 ? `, ${counts.failed} failed` : ''
  return [
    line('group', screen.paint.cyan, group, `${grouped(settled)}/${counted(counts.total, 'step')}${failed}`, screen),
  ]
}

export const settledCount = (counts: Counts): number =>
  counts.succeeded + counts.known + counts.failed + counts.cancelled

function line(word: string, colour: (text: string) => string, step: StepView, note: string, screen: Screen): string {
  const head = padEnd(word, WORD_COLUMNS)
  return `${colour(head)}${plain(clip(step.path, 200))}${note ? `  ${screen.paint.dim(note)}` : ''}`
}
