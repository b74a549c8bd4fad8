/** What a run waits for, each with the command that answers it: for `show`, for a run that does not wait, and for `--json`. */
import type { Awaited, RunView, StepView } from '../../observe/run-view.ts'
import type { Json } from '../../util/json.ts'
import { exampleOf } from './example.ts'
import type { Screen } from './screen.ts'
import { awaitedText, faultLine, instantText } from './step-label.ts'
import { clip, counted, plain } from './text.ts'

/** More than this say no more than their number. */
const SHOWN_MAX = 20

/** The kinds and fields here are public: they stand in `--json`. */
export type WaitJson =
  | {
      readonly kind: 'signal'
      readonly step: string
      readonly signal: string
      readonly type: Json
      readonly deadline?: string
      readonly command: string
    }
  | { readonly kind: 'timer'; readonly step: string; readonly until: string }
  | { readonly kind: 'lock'; readonly step: string; readonly locks: readonly string[] }
  | {
      readonly kind: 'parked'
      readonly step: string
      readonly error: { readonly code: string; readonly message: string }
      readonly command: string
    }

/** What somebody can answer first, in the order in which it began; then what backs off. */
export function waitsOf(view: RunView): readonly WaitJson[] {
  return [...view.held, ...view.active].flatMap(step => {
    const wait = waitOf(view.run, step)
    return wait ? [wait] : []
  })
}

function waitOf(run: string, { id, state }: StepView): WaitJson | undefined {
  switch (state.kind) {
    case 'awaiting':
      return awaitedJson(run, id, state.what)
    case 'retrying':
      return { kind: 'timer', step: id, until: instantText(state.retryAtMs) }
    case 'parked': {
      const { code, message } = state.fault
      return { kind: 'parked', step: id, error: { code, message }, command: `tutti retry ${run} ${quoted(id)}` }
    }
    default:
      return undefined
  }
}

function awaitedJson(run: string, step: string, what: Awaited): WaitJson {
  switch (what.kind) {
    case 'signal': {
      const { signal, type, deadlineAtMs } = what
      const command = `tutti signal ${run} ${quoted(signal)} ${quoted(JSON.stringify(exampleOf(type)))}`
      return {
        kind: 'signal',
        step,
        signal,
        type,
        ...(deadlineAtMs === undefined ? {} : { deadline: instantText(deadlineAtMs) }),
        command,
      }
    }
    case 'timer':
      return { kind: 'timer', step, until: instantText(what.dueAtMs) }
    case 'locks':
      return { kind: 'lock', step, locks: what.locks }
  }
}

/** A line each for people: what it is, and below it the command that answers it. */
export function waitLines(view: RunView, nowMs: number, { paint, columns }: Screen): readonly string[] {
  const waiting = [...view.held]
  const lines = waiting.slice(0, SHOWN_MAX).flatMap(step => {
    const command = commandOf(view.run, step)
    return [clip(waitText(step, nowMs), columns - 2), ...(command === undefined ? [] : [paint.dim(`  ${command}`)])]
  })
  const more = waiting.length - SHOWN_MAX
  return more > 0 ? [...lines, paint.dim(`… and ${counted(more, 'more step')}`)] : lines
}

/** What answers it, if a command does. */
export function commandOf(run: string, step: StepView): string | undefined {
  const wait = waitOf(run, step)
  return wait && 'command' in wait ? wait.command : undefined
}

function waitText({ path, state }: StepView, nowMs: number): string {
  switch (state.kind) {
    case 'awaiting':
      return `${plain(path)}: ${awaitedText(state.what, nowMs)}`
    case 'parked':
      return `${plain(path)}: parked after ${faultLine(state.fault)}`
    default:
      return plain(path)
  }
}

/** One word of a shell. */
const quoted = (text: string): string => {
  const word = plain(text)
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replace(/'/g, `'\\''`)}'`
}
