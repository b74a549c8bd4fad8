/** Drives one run to its end at the terminal: progress on stderr, data on stdout, signals, and the exit code. */
import type { Region } from '../core/index.ts'
import { observe, runView, type RunView } from '../observe/index.ts'
import type { Launched } from '../run/launch.ts'
import type { Local } from '../run/local.ts'
import type { Runnable } from '../run/runnable.ts'
import type { Line } from '../run/session.ts'
import type { ValueStore } from '../values/index.ts'
import { EXIT, exitOfStatus } from './exit.ts'
import { type Io, renderPlaced, writeReport } from './io.ts'
import { placeIn } from './place.ts'
import { ciHostOf } from './progress/ci-host.ts'
import { failureDiagnostics } from './render/failures.ts'
import { renderJunit } from './render/junit.ts'
import { renderLogLine } from './render/log-lines.ts'
import { openProgress } from './progress/progress.ts'
import { runPausedLine } from './render/run-end.ts'
import { screenOf } from './render/screen.ts'
import { waitLines, waitsOf } from './render/waits.ts'
import { decodedFaults, faultsOf, printEnd } from './run-output.ts'
import { loadCalled } from './store.ts'

export interface FollowFlags {
  readonly json?: boolean
  readonly quiet?: boolean
  /** False: the run is paused when only waiting is left. */
  readonly wait?: boolean
  readonly junit?: string
  readonly verbose?: boolean
}

export interface Following {
  /** To be told every line that steps print. */
  readonly onLine: (line: Line) => void
  /** `since`: events up to there were told by an earlier life of the run. */
  follow(local: Local, launched: Launched, runnable: Runnable, since: number): Promise<FollowEnd>
}

export type FollowEnd =
  | { readonly kind: 'exit'; readonly code: number }
  /** Somebody moves the run. `seq`: the last event that was told. */
  | { readonly kind: 'yielded'; readonly seq: number }

/** What ctx().log.warn and Tutti itself put before a warning: these are shown at once, other lines on demand. */
const WARNING = 'warning: '
/** Output lines kept of each step, to be shown when it fails. */
const TAIL_LINES = 20

export function newFollowing(io: Io, flags: FollowFlags): Following {
  const tails = new Map<string, string[]>()
  let show: (line: Line) => void = () => undefined
  return {
    onLine(line) {
      const tail = tails.get(line.step) ?? []
      tail.push(line.text)
      if (tail.length > TAIL_LINES) tail.shift()
      tails.set(line.step, tail)
      show(line)
    },
    async follow(local, launched, runnable, since) {
      const { store } = local.shell
      const { run } = launched.session
      const quiet = flags.quiet === true
      const library = new Map<string, Region>()
      const fold = runView(runnable.graph, library)
      let last = since
      const place = placeIn(runnable.cwd, io.cwd)
      const progress = openProgress({
        terminal: { write: text => io.err(text) },
        style: io.errIsTerminal && !flags.quiet ? 'live' : 'lines',
        screen: () => screenOf(process.stderr, io.env),
        now: () => Date.now(),
        host: ciHostOf(io.env),
        outputOf: step => tails.get(step) ?? [],
        place,
      })
      show = line => {
        if (flags.verbose || (!quiet && line.text.startsWith(WARNING)))
          progress.line(renderLogLine({ step: line.step, stream: line.stream, text: line.text }, 20, io.errScreen))
      }
      const observation = observe(
        store,
        { from: 1, run, onError: error => io.err(`warning: ${String(error)}\n`) },
        async ({ seq, event }) => {
          await loadCalled(store, library, event)
          fold.add(event)
          if (seq <= since) return
          last = seq
          if (flags.json && event.kind !== 'run.ended') io.out(`${JSON.stringify({ seq, run, ...event })}\n`)
          if (!quiet) progress.event(fold.view, event)
        },
      )
      const stop = installSignals(io, launched, run)
      const end = await launched.session.ended
      const interrupted = stop()
      await observation.drain()
      progress.close()
      if (end.kind === 'broken') throw end.error
      if (end.kind === 'yielded' && interrupted === undefined) return { kind: 'yielded', seq: last }
      if (flags.junit !== undefined)
        writeReport(io, flags.junit, renderJunit(fold.view, { outputOf: step => tails.get(step) ?? [] }))
      if (end.kind === 'yielded') return exit(paused(io, flags, run, interrupted))
      if (end.kind === 'paused') {
        return exit(
          end.waiting && interrupted === undefined
            ? waiting(io, flags, fold.view)
            : paused(io, flags, run, interrupted),
        )
      }
      if (!quiet) io.err(await failuresText(io, fold.view, launched.values, runnable.cwd))
      return exit(await ended(io, flags, launched))
    },
  }
}

const exit = (code: number): FollowEnd => ({ kind: 'exit', code })

function paused(io: Io, flags: FollowFlags, run: string, signal: NodeJS.Signals | undefined): number {
  if (flags.json) io.out(`${runPausedLine(run, 'interrupted')}\n`)
  io.err(`run ${run} is paused; go on with: tutti resume ${run}\n`)
  return signal === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted
}

/** Nothing is left but waiting: what for, and what answers it. */
function waiting(io: Io, flags: FollowFlags, view: RunView): number {
  const { run } = view
  if (flags.json) io.out(`${runPausedLine(run, 'waiting', waitsOf(view))}\n`)
  const lines = waitLines(view, Date.now(), io.errScreen)
  io.err(`run ${run} waits for\n${lines.map(line => `  ${line}\n`).join('')}`)
  io.err(`go on with: tutti resume ${run}\n`)
  return EXIT.waiting
}

async function ended(io: Io, flags: FollowFlags, { session, values }: Launched): Promise<number> {
  const { phase } = session.state
  if (phase.kind !== 'ended') throw new Error('defect: the run has not ended')
  await printEnd(io, flags, { run: session.run, ...phase }, values)
  return exitOfStatus(phase.status)
}

/** Why the run failed: each failed step with the line of the user's code that threw. */
async function failuresText(io: Io, view: RunView, values: ValueStore, dir: string): Promise<string> {
  if (view.fault === undefined) return ''
  const decoded = await decodedFaults(values, faultsOf(view))
  return renderPlaced(io, failureDiagnostics(view, { dir, decoded }), dir)
}

/** Once: stop gently, stay resumable. Twice: at once. Returns how to take it back, which says what was received. */
function installSignals(io: Io, { session }: Launched, run: string): () => NodeJS.Signals | undefined {
  let received: NodeJS.Signals | undefined
  const onSignal = (signal: NodeJS.Signals): void => {
    if (received) {
      io.err(`run ${run} was stopped at once; go on with: tutti resume ${run}\n`)
      process.exit(signal === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted)
    }
    received = signal
    io.err('stopping; once more to stop at once\n')
    void session.pause()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return () => {
    process.removeListener('SIGINT', onSignal)
    process.removeListener('SIGTERM', onSignal)
    return received
  }
}
