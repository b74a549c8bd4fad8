/** How a step's state looks: one word and one colour each, the same in lines, tables and pages. */
import type { Awaited, RunView, StateKind, StepState } from '../../observe/run-view.ts'
import type { Fault } from '../../core/engine/protocol.ts'
import type { Screen } from './screen.ts'
import { plain, showDuration } from './text.ts'

const MARKS: Readonly<Record<StateKind, string>> = {
  waiting: '·',
  awaiting: '◷',
  running: '●',
  retrying: '↻',
  parked: '‖',
  succeeded: '✓',
  known: '=',
  skipped: '»',
  failed: '✗',
  cancelled: '-',
}
const WORDS: Readonly<Record<StateKind, string>> = {
  waiting: 'waiting',
  awaiting: 'awaits',
  running: 'running',
  retrying: 'retrying',
  parked: 'parked',
  succeeded: 'ok',
  known: 'known',
  skipped: 'skipped',
  failed: 'failed',
  cancelled: 'cancelled',
}

export const markOf = (state: StateKind, screen: Screen): string => colourOf(state, screen)(MARKS[state])
export const wordOf = (state: StateKind): string => WORDS[state]

export function colourOf(state: StateKind, { paint }: Screen): (text: string) => string {
  switch (state) {
    case 'waiting':
    case 'known':
    case 'skipped':
      return paint.dim
    case 'running':
      return paint.cyan
    case 'awaiting':
      return paint.blue
    case 'retrying':
    case 'parked':
      return paint.yellow
    case 'succeeded':
      return paint.green
    case 'failed':
      return paint.red
    case 'cancelled':
      return paint.magenta
  }
}

/** The colour of a run's or a store row's status. */
export function statusColour(status: RunView['status'] | 'paused', { paint }: Screen): (text: string) => string {
  switch (status) {
    case 'waiting':
      return paint.dim
    case 'running':
      return paint.cyan
    case 'paused':
      return paint.yellow
    case 'succeeded':
      return paint.green
    case 'failed':
    case 'timed-out':
    case 'diverged':
      return paint.red
    case 'cancelled':
      return paint.magenta
  }
}

/** `CODE: message` on one line. A message that opens with its code is not told twice. */
export const faultLine = ({ code, message }: Fault): string =>
  plain(message.startsWith(`${code}:`) ? message : `${code}: ${message}`)

/** `signal approval`, `lock production`, `until 2026-11-26T10:00:00.000Z`; with a clock `for 2m05s more`. */
export function awaitedText(what: Awaited, nowMs?: number): string {
  switch (what.kind) {
    case 'signal':
      return `signal ${plain(what.signal)}${what.deadlineAtMs === undefined ? '' : `, gives up ${untilText(what.deadlineAtMs, nowMs)}`}`
    case 'timer':
      return nowMs === undefined
        ? `until ${instantText(what.dueAtMs)}`
        : `for ${showDuration(what.dueAtMs - nowMs)} more`
    case 'locks':
      return `lock ${what.locks.map(plain).join(', ')}`
  }
}

const untilText = (atMs: number, nowMs: number | undefined): string =>
  nowMs === undefined ? `at ${instantText(atMs)}` : `in ${showDuration(atMs - nowMs)}`

/** An instant that no calendar holds is shown as what it is. */
export const instantText = (atMs: number): string =>
  Math.abs(atMs) <= 8.64e15 ? new Date(atMs).toISOString() : `${atMs} ms`

/** What a step in this state was told besides it. */
export function settledNote(state: StepState): string {
  switch (state.kind) {
    case 'known':
      return state.origin.kind === 'run' ? `from run ${state.origin.run}` : 'given'
    case 'failed':
    case 'parked':
      return faultLine(state.fault)
    case 'awaiting':
      return awaitedText(state.what)
    case 'waiting':
    case 'running':
    case 'retrying':
    case 'succeeded':
    case 'skipped':
    case 'cancelled':
      return ''
  }
}
