/** How a step's state looks: one word and one colour each, the same in lines, tables and pages. */
import type { StateKind, StepState } from '../../observe/run-view.ts'
import type { RunView } from '../../observe/run-view.ts'
import type { Fault } from '../../core/engine/protocol.ts'
import type { Screen } from './screen.ts'
import { plain } from './text.ts'

const MARKS: Readonly<Record<StateKind, string>> = {
  waiting: '·',
  running: '●',
  retrying: '↻',
  succeeded: '✓',
  known: '=',
  failed: '✗',
  cancelled: '-',
}
const WORDS: Readonly<Record<StateKind, string>> = {
  waiting: 'waiting',
  running: 'running',
  retrying: 'retrying',
  succeeded: 'ok',
  known: 'known',
  failed: 'failed',
  cancelled: 'cancelled',
}

export const markOf = (state: StateKind, screen: Screen): string => colourOf(state, screen)(MARKS[state])
export const wordOf = (state: StateKind): string => WORDS[state]

export function colourOf(state: StateKind, { paint }: Screen): (text: string) => string {
  switch (state) {
    case 'waiting':
    case 'known':
      return paint.dim
    case 'running':
      return paint.cyan
    case 'retrying':
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

/** What a settled step was told besides its state. */
export function settledNote(state: StepState): string {
  switch (state.kind) {
    case 'known':
      return state.origin.kind === 'run' ? `from run ${state.origin.run}` : 'given'
    case 'failed':
      return faultLine(state.fault)
    case 'waiting':
    case 'running':
    case 'retrying':
    case 'succeeded':
    case 'cancelled':
      return ''
  }
}
