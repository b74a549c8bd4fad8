/**
 * The live block at the bottom of a terminal: one line for the run, then what runs, retries, or is wide enough to have a
 * bar. Pure; live-block.ts owns cursor and redraw. Never wider or higher than the screen, so that a redraw stays exact.
 */
import { isActive, type RunView, type StepView } from '../../observe/run-view.ts'
import { wideGroupOf } from '../render/groups.ts'
import { settledCount } from '../render/counts.ts'
import type { Screen } from '../render/screen.ts'
import { awaitedText, faultLine, markOf } from '../render/step-label.ts'
import { clip, clipMiddle, padEnd, plain, showDuration, widthOf, grouped } from '../render/text.ts'

/** More lines than this tell less than they hide. */
const LINES_MAX = 16
const BAR_COLUMNS = 20
/** Steps that wait and are looked at for a drawing: the first lines are soon full, and there may be 100,000 of them. */
const HELD_MAX = 500

export function progressBlock(view: RunView, nowMs: number, screen: Screen): readonly string[] {
  const room = Math.max(1, Math.min(LINES_MAX, screen.rows - 2))
  const shown = shownSteps(view)
  const body = shown.length <= room ? shown : shown.slice(0, room - 1)
  const more = shown.length - body.length
  return [
    headline(view, nowMs, screen),
    ...body.map(step => stepLine(step, nowMs, screen)),
    ...(more > 0 ? [screen.paint.dim(clip(`  … and ${grouped(more)} more`, screen.columns - 1))] : []),
  ]
}

/** Wide groups stand for their items; other active steps for themselves, those that wait for others last. */
function shownSteps(view: RunView): readonly StepView[] {
  const groups = new Set<StepView>()
  const running: StepView[] = []
  const waiting: StepView[] = []
  let looked = 0
  for (const step of view.active) {
    const group = wideGroupOf(view, step)
    if (group) groups.add(group)
    else if (!step.inside || step.inside.steps.running === 0) running.push(step)
  }
  for (const step of view.held) {
    if (looked > HELD_MAX) break
    const group = wideGroupOf(view, step)
    if (group) groups.add(group)
    else waiting.push(step)
    looked++
  }
  return [...groups, ...running, ...waiting]
}

function headline(view: RunView, nowMs: number, screen: Screen): string {
  const { counts } = view
  const { paint } = screen
  const parts = [
    `${grouped(settledCount(counts))}/${grouped(counts.total)} steps`,
    ...(counts.running > 0 ? [paint.cyan(`${grouped(counts.running)} running`)] : []),
    ...(counts.retrying > 0 ? [paint.yellow(`${grouped(counts.retrying)} retrying`)] : []),
    ...(counts.awaiting > 0 ? [paint.blue(`${grouped(counts.awaiting)} awaiting`)] : []),
    ...(counts.parked > 0 ? [paint.yellow(`${grouped(counts.parked)} parked`)] : []),
    ...(counts.failed > 0 ? [paint.red(`${grouped(counts.failed)} failed`)] : []),
    ...(view.closing ? [paint.magenta('stopping')] : []),
    showDuration(Math.max(0, nowMs - (view.startedAtMs ?? nowMs))),
  ]
  const text = parts.join(paint.dim(' · '))
  const name = clip(plain(view.workflow), Math.max(0, screen.columns - widthOf(text) - 4))
  const whole = `${paint.bold(name)}  ${text}`
  return widthOf(whole) < screen.columns ? whole : clip(plain(stripColours(whole)), screen.columns - 1)
}

const stripColours = (text: string): string => text.replace(/\x1b\[\d+m/g, '')

function stepLine(step: StepView, nowMs: number, screen: Screen): string {
  const note = noteOf(step, nowMs)
  const room = screen.columns - 5
  const shownNote = clip(note, Math.floor(room * 0.6))
  const path = clipMiddle(plain(clip(step.path, 400)), Math.max(4, room - widthOf(shownNote) - 2))
  const bar =
    step.inside && step.inside.items.total > 0 && !isActiveWork(step) && step.kind !== 'loop' && step.kind !== 'net'
      ? barOf(step, room - widthOf(path) - widthOf(shownNote) - 4)
      : ''
  return clipColoured(
    `  ${markOf(step.state.kind, screen)} ${path}${bar && `  ${bar}`}  ${screen.paint.dim(shownNote)}`,
    screen,
  )
}

/** On a screen too narrow for the parts, colours go first. */
const clipColoured = (text: string, screen: Screen): string =>
  widthOf(text) < screen.columns ? text : clip(stripColours(text), screen.columns - 1)

const isActiveWork = (step: StepView): boolean => isActive(step.state) && step.kind === 'flow'

function barOf(step: StepView, room: number): string {
  if (!step.inside || room < BAR_COLUMNS) return ''
  const { items } = step.inside
  const filled = Math.floor((settledCount(items) / Math.max(1, items.total)) * BAR_COLUMNS)
  return padEnd('█'.repeat(filled), filled) + '░'.repeat(BAR_COLUMNS - filled)
}

function noteOf(step: StepView, nowMs: number): string {
  const elapsed = step.startedAtMs === undefined ? '' : showDuration(Math.max(0, nowMs - step.startedAtMs))
  if (step.state.kind === 'retrying') {
    const cause = step.failures.at(-1)
    return `retry in ${showDuration(Math.max(0, step.state.retryAtMs - nowMs))}${cause ? `: ${faultLine(cause.fault)}` : ''}`
  }
  if (step.state.kind === 'awaiting') return awaitedText(step.state.what, nowMs)
  if (step.state.kind === 'parked') return faultLine(step.state.fault)
  if (!step.inside) return step.attempts > 1 ? `${elapsed}, attempt ${step.attempts}` : elapsed
  const { items, steps } = step.inside
  const isOpenEnded = step.kind === 'loop' || step.kind === 'net'
  const done = isOpenEnded ? `turn ${grouped(items.total)}` : `${grouped(settledCount(items))}/${grouped(items.total)}`
  const parts = [done, `${steps.running} running`]
  if (steps.awaiting > 0) parts.push(`${grouped(steps.awaiting)} awaiting`)
  if (steps.retrying > 0) parts.push(`${steps.retrying} retrying`)
  if (items.failed > 0) parts.push(`${items.failed} failed`)
  return [...parts, elapsed].join(' · ')
}
