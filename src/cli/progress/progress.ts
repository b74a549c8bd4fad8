/**
 * Progress on a stream: a live block on a terminal, plain lines elsewhere. The only part of it that has a timer.
 * Told events and output lines, it draws what block.ts and lines.ts say.
 */
import type { Event } from '../../core/engine/protocol.ts'
import type { Position } from '../../util/diagnostic.ts'
import type { RunView } from '../../observe/run-view.ts'
import { annotation, foldedLines, type CiHost } from './ci-host.ts'
import { isMendable, WIDE } from '../render/groups.ts'
import { LiveBlock, type Terminal } from './live-block.ts'
import { progressBlock } from './block.ts'
import { progressLines } from './lines.ts'
import type { Screen } from '../render/screen.ts'
import { faultLine } from '../render/step-label.ts'

export interface Progress {
  /** `view` already holds the event. */
  event(view: RunView, event: Event): void
  /** A line that belongs to no event: a step's output, a warning. */
  line(text: string): void
  /** Draws what is left and gives the terminal back. Idempotent. */
  close(): void
}

export interface ProgressOptions {
  readonly terminal: Terminal
  readonly style: 'live' | 'lines'
  /** Asked at every drawing, not at every event: the window may change its size. */
  readonly screen: () => Screen
  readonly now: () => number
  readonly host: CiHost
  /** Lines of output of a step that failed, to be shown with it. */
  readonly outputOf?: (step: string) => readonly string[]
  /** A step's position as the user sees it from where they stand. */
  readonly place?: (at: Position) => Position
}

/** Drawings a second: more cannot be read, and each costs the run time. */
const REDRAW_MS = 80

export const openProgress = (options: ProgressOptions): Progress =>
  options.style === 'live' ? liveProgress(options) : lineProgress(options)

function lineProgress({ terminal, screen, host, outputOf, place }: ProgressOptions): Progress {
  // Lines of one turn of the event loop go out together: ten thousand writes would be slower than the steps.
  let waiting: string[] = []
  let drawn = screen()
  const isTold = newAttention()
  const flush = () => {
    drawn = screen()
    if (waiting.length > 0) terminal.write(`${waiting.join('\n')}\n`)
    waiting = []
  }
  const add = (lines: readonly string[]) => {
    if (lines.length > 0 && waiting.length === 0) setImmediate(flush)
    waiting.push(...lines)
  }
  return {
    event(view, event) {
      if (!isTold(view, event)) return
      add(progressLines(view, event, drawn))
      add(failureLines(view, event, host, outputOf, place))
    },
    line: text => add([text]),
    close: flush,
  }
}

function liveProgress({ terminal, screen, now, host, outputOf, place }: ProgressOptions): Progress {
  const block = new LiveBlock(terminal)
  let latest: RunView | undefined
  let above: string[] = []
  let drawn = screen()
  const isTold = newAttention()
  const draw = () => {
    drawn = screen()
    if (!latest) return
    block.draw(latest.endedAtMs === undefined ? progressBlock(latest, now(), drawn) : [], above)
    above = []
  }
  const timer = setInterval(draw, REDRAW_MS)
  timer.unref()
  return {
    event(view, event) {
      latest = view
      if (!isTold(view, event)) return
      above.push(...progressLines(view, event, drawn, 'outcomes'), ...failureLines(view, event, host, outputOf, place))
    },
    line: text => void above.push(text),
    close() {
      clearInterval(timer)
      block.close()
      if (above.length > 0) terminal.write(`${above.join('\n')}\n`)
      above = []
    },
  }
}

/** The first so many steps that were known, and sources that were looked at, have a line each; then the end counts them. */
const ROUTINE_MAX = WIDE

/** Whether an event is worth a line: in a large rebuild nearly all are not. */
function newAttention(): (view: RunView, event: Event) => boolean {
  const routine = new Set<string>()
  return (view, event) => {
    if (event.kind !== 'step.settled' && event.kind !== 'attempt.started') return true
    const step = view.steps.get(event.step)
    if (!step || (step.state.kind !== 'known' && (step.kind !== 'source' || step.state.kind === 'failed'))) return true
    if (routine.has(step.id)) return true
    if (routine.size < ROUTINE_MAX) routine.add(step.id)
    return routine.has(step.id)
  }
}

/** What a failed step printed, folded where the host can, and a mark on the line that it came from. */
function failureLines(
  view: RunView,
  event: Event,
  host: CiHost,
  outputOf: ProgressOptions['outputOf'],
  place: (at: Position) => Position = at => at,
): readonly string[] {
  if (event.kind !== 'step.settled' || event.outcome.kind !== 'failed') return []
  const step = view.steps.get(event.step)
  const name = step?.path ?? event.step
  const output = outputOf?.(event.step) ?? []
  return [
    ...(output.length > 0
      ? foldedLines(
          host,
          `output of ${name}`,
          output.map(each => `  | ${each}`),
          event.atMs,
        )
      : []),
    ...annotation(
      host,
      name,
      faultLine(event.outcome.fault),
      step?.at && place(step.at),
      isMendable(view, event.step) ? 'warning' : 'error',
    ),
  ]
}
