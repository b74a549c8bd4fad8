/**
 * Progress as plain lines, one an event: for files, pipes and CI logs, and for what scrolls away above the live block.
 * Items of a wide each do not print a line each: their group prints at every tenth of its way.
 */
import type { Event } from '../../core/engine/protocol.ts'
import { durationOf, isActive, type RunView, type StepView } from '../../observe/run-view.ts'
import { countsText, settledCount } from '../render/counts.ts'
import { WIDE, wideGroupOf } from '../render/groups.ts'
import type { Screen } from '../render/screen.ts'
import { colourOf, faultLine, instantText, settledNote, statusColour, wordOf } from '../render/step-label.ts'
import { clip, counted, padEnd, plain, showDuration, grouped } from '../render/text.ts'
import { commandOf } from '../render/waits.ts'

const WORD_COLUMNS = 10

type EventOf<K extends Event['kind']> = Extract<Event, { kind: K }>

/** `all`: every event. `outcomes`: above a live block, which shows what runs, only outcomes get a line. */
type Detail = 'all' | 'outcomes'

/** Lines for `event`; `view` already holds it. */
export function progressLines(view: RunView, event: Event, screen: Screen, detail: Detail = 'all'): readonly string[] {
  const step = 'step' in event && event.step !== undefined ? view.steps.get(event.step) : undefined
  return [
    ...(step ? stepLines(view, event, step, screen, detail) : runLines(view, event, screen)),
    ...view.changed.flatMap(each => changedLines(view, each, screen)),
  ]
}

/** Of events that name no step, or none that is there. */
function runLines(view: RunView, event: Event, screen: Screen): readonly string[] {
  switch (event.kind) {
    case 'run.started': {
      const until = event.deadlineAtMs === undefined ? '' : `, to end by ${instantText(event.deadlineAtMs)}`
      return [`run ${plain(event.run)} of ${plain(view.workflow)} started${until}`]
    }
    case 'run.redriven':
      return [
        `run ${plain(view.run)} redriven${event.from.length > 0 ? ` from ${event.from.map(plain).join(', ')}` : ''}`,
      ]
    case 'run.moved':
      return [`run ${plain(view.run)} moved${event.version === undefined ? '' : ` to ${plain(event.version)}`}`]
    case 'scope.closed': {
      const what = event.scope === '' ? '' : ` ${plain(event.scope.replace(/\/$/, ''))}`
      return [`${event.cause === 'cancelled' ? `cancelling${what}` : 'diverged'}: ${faultLine(event.fault)}`]
    }
    case 'timer.fired':
      return view.closing ? [`out of time: ${faultLine(view.closing.fault)}`] : []
    case 'signal.received':
      return [`signal ${plain(event.signal)} kept`]
    case 'run.ended':
      return [runSummary(view, screen)]
    default:
      return []
  }
}

function stepLines(view: RunView, event: Event, step: StepView, screen: Screen, detail: Detail): readonly string[] {
  const { paint } = screen
  const quiet = wideGroupOf(view, step) !== undefined
  switch (event.kind) {
    case 'attempt.started':
      if (detail === 'outcomes' || quiet) return []
      return [line('start', paint.cyan, step, event.attempt > 1 ? `attempt ${event.attempt}` : '', screen)]
    case 'attempt.failed':
      return [line('retry', paint.yellow, step, retryNote(event), screen)]
    case 'step.settled':
      return settledLines(view, step, screen, detail)
    case 'step.parked':
      return [line('parked', paint.yellow, step, faultLine(event.fault), screen), ...commandLines(view, step, screen)]
    case 'step.retried':
      return [line('again', paint.cyan, step, 'asked for', screen)]
    case 'step.stopped':
      return isActive(step.state)
        ? [line('stopping', paint.magenta, step, faultLine(event.fault), screen)]
        : settledLines(view, step, screen, detail)
    case 'items.added':
      return quiet ? [] : [line('items', paint.cyan, step, itemsNote(event, step), screen)]
    case 'signal.received':
      return step.kind === 'each'
        ? [line('signal', paint.cyan, step, plain(event.signal), screen)]
        : settledLines(view, step, screen, detail)
    case 'chosen':
      return chosenLines(event, step, quiet, screen)
    case 'timer.fired':
      return firedLines(view, event, step, screen, detail)
    case 'granted':
      // A lock: the start of the attempt says enough. A cancel is done with it.
      return step.state.kind === 'succeeded' ? settledLines(view, step, screen, detail) : []
    default:
      return []
  }
}

const retryNote = ({ attempt, fault, retryAtMs, atMs }: EventOf<'attempt.failed'>): string =>
  `in ${showDuration(Math.max(0, retryAtMs - atMs))}, attempt ${attempt} failed: ${faultLine(fault)}`

const itemsNote = ({ keys, added, count }: EventOf<'items.added'>, { inside }: StepView): string =>
  added
    ? `${counted(keys.length, 'more item')}, ${grouped(inside?.items.total ?? 0)} in all`
    : count === undefined || count === keys.length
      ? counted(keys.length, 'item')
      : `${counted(count, 'item')} in ${counted(keys.length, 'batch')}`.replace(/batchs$/, 'batches')

/** Of loops and nets the first choices, then only now and then: there may be a million. */
function chosenLines(event: EventOf<'chosen'>, step: StepView, quiet: boolean, screen: Screen): readonly string[] {
  const { cyan } = screen.paint
  const branch = plain((event.branches ?? [event.branch]).join(', '))
  if (step.kind !== 'loop' && step.kind !== 'net') return quiet ? [] : [line('chosen', cyan, step, branch, screen)]
  const turns = step.inside?.items.total ?? 0
  const isDone = step.kind === 'loop' && event.branch === 'done'
  if (quiet || (turns > WIDE && !isRound(turns) && !isDone)) return []
  return [
    step.kind === 'loop'
      ? line('loop', cyan, step, isDone ? `done after ${counted(turns, 'turn')}` : `turn ${grouped(turns)}`, screen)
      : line('fires', cyan, step, branch, screen),
  ]
}

/** 20, 50, 100, 200, 500 … */
const isRound = (count: number): boolean => /^[125]0*$/.test(String(count))

function firedLines(
  view: RunView,
  event: EventOf<'timer.fired'>,
  step: StepView,
  screen: Screen,
  detail: Detail,
): readonly string[] {
  switch (event.timer) {
    case 'wake':
      return settledLines(view, step, screen, detail)
    case 'retry':
      return [line('again', screen.paint.cyan, step, `try ${step.inside?.items.total ?? 1}`, screen)]
    case 'deadline':
      return isActive(step.state)
        ? [line('stopping', screen.paint.magenta, step, 'its deadline has come', screen)]
        : settledLines(view, step, screen, detail)
  }
}

/** What an event brought about without naming it. */
function changedLines(view: RunView, step: StepView, screen: Screen): readonly string[] {
  if (wideGroupOf(view, step) && step.state.kind !== 'failed') return []
  // A free lock is had at once, and who waits for long is seen in the block.
  if (step.state.kind === 'awaiting' && step.state.what.kind === 'locks') return []
  return [
    line(wordOf(step.state.kind), colourOf(step.state.kind, screen), step, settledText(step), screen),
    ...commandLines(view, step, screen),
  ]
}

/** Whoever reads that something waits wants to know what to type. */
function commandLines(view: RunView, step: StepView, { paint }: Screen): readonly string[] {
  const command = commandOf(view.run, step)
  return command === undefined ? [] : [paint.dim(`${' '.repeat(WORD_COLUMNS)}${command}`)]
}

/** `run 01… succeeded in 3.4s: 40 steps, 12 known, 1 failed`. */
function runSummary(view: RunView, screen: Screen): string {
  const took =
    view.startedAtMs === undefined ? '' : ` in ${showDuration((view.endedAtMs ?? view.lastAtMs) - view.startedAtMs)}`
  const fault = view.fault && view.status !== 'succeeded' ? `\n  ${faultLine(view.fault)}` : ''
  return `run ${plain(view.run)} ${statusColour(view.status, screen)(view.status)}${took}: ${countsText(view.counts)}${fault}`
}

function settledLines(view: RunView, step: StepView, screen: Screen, detail: Detail): readonly string[] {
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
function groupLines(group: StepView, screen: Screen, detail: Detail): readonly string[] {
  const counts = group.inside?.steps
  // How many turns there will be nobody knows: they tell of themselves when they are chosen.
  if (!counts || group.kind === 'loop' || group.kind === 'net') return []
  const settled = settledCount(counts)
  const tenth = detail === 'outcomes' ? counts.total : Math.max(1, Math.ceil(counts.total / 10))
  if (settled % tenth !== 0 && settled !== counts.total) return []
  const failed = counts.failed > 0 ? `, ${counts.failed} failed` : ''
  return [
    line('group', screen.paint.cyan, group, `${grouped(settled)}/${counted(counts.total, 'step')}${failed}`, screen),
  ]
}

function line(word: string, colour: (text: string) => string, step: StepView, note: string, screen: Screen): string {
  const head = padEnd(word, WORD_COLUMNS)
  return `${colour(head)}${plain(clip(step.path, 200))}${note ? `  ${screen.paint.dim(note)}` : ''}`
}
