/** Runs a past attempt again at the terminal: what it prints, how it ended, how that compares, and the exit code. */
import type { Outcome } from '../../core/index.ts'
import { decodeBundle } from '../../loader/index.ts'
import { compareOutcomes } from '../../run/debug/compare.ts'
import { overlayBlobs } from '../../run/debug/overlay.ts'
import { type Blobs, openBlobs, type Store } from '../../store/index.ts'
import { type Diagnostic, type Position, Refusal } from '../../util/diagnostic.ts'
import { valueStore } from '../../values/index.ts'
import { EXIT } from '../exit.ts'
import type { Io } from '../io.ts'
import { placeIn } from '../place.ts'
import type { SourceOf } from '../render/diagnostics.ts'
import { userFrame } from '../render/failures.ts'
import { causesOf, stackOf } from '../render/faults.ts'
import { decodedFault } from '../run-output.ts'
import { type DebuggeeEnd, type DebugPlan, runDebuggee } from './debuggee.ts'
import { environmentOf, type Past } from './past.ts'
import { type DebugReport, jsonReport, textReport } from './report.ts'

export interface Rerun {
  readonly io: Io
  readonly store: Store
  readonly past: Past
  readonly plan: DebugPlan
  readonly format: 'text' | 'json'
}

export async function rerun(options: Rerun): Promise<number> {
  const { io, store, past, plan } = options
  const place = placeIn(past.projectFolder, io.cwd)
  const report = await reportOf(options, place)
  let startedMs = performance.now()
  const running = runDebuggee(plan, environmentOf(past), news => {
    if (news.kind === 'called') startedMs = performance.now()
    report.tell(news.kind === 'opened' && news.at ? { ...news, at: place(news.at) } : news)
  })
  const stop = forwardSignals(io, running.signal)
  const end = await running.end
  const stopped = stop()
  if (end.kind === 'died' && stopped) return exitOfSignal(stopped)
  const { outcome, shown } = finishedOf(end)
  const blobs = overlayBlobs(store.blobs, openBlobs(plan.valuesFolder, 'normal'))
  const failure = await failureOf(outcome, past, blobs)
  report.end({
    outcome,
    ...(shown === undefined ? {} : { shown }),
    ...(failure ? { failure: failure.at ? { ...failure, at: place(failure.at) } : failure } : {}),
    comparison: await compareOutcomes(past.attempt.outcome, outcome, blobs),
    tookMs: performance.now() - startedMs,
  })
  return stopped ? exitOfSignal(stopped) : EXIT[outcome.kind]
}

const exitOfSignal = (signal: NodeJS.Signals): number => (signal === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted)

async function reportOf(
  { io, store, past, plan, format }: Rerun,
  place: (at: Position) => Position,
): Promise<DebugReport> {
  const { row, step, attempt, restored } = past
  const { work, cwd } = plan.attempt
  const task = work.kind === 'source' ? restored.description.node.name : work.task
  const head = { step: step.path, run: row.run, attempt: attempt.attempt, task, folder: cwd }
  if (format === 'json') return jsonReport(io, head)
  return textReport(io, head, sourcesOf(await store.blobs.get(row.bundle), place))
}

/** The user's files as the bundle has them: today's may be others. */
function sourcesOf(bundle: Uint8Array, place: (at: Position) => Position): SourceOf {
  const sources = new Map(
    Object.entries(decodeBundle(bundle).modules).flatMap(([path, module]) =>
      module.kind === 'script' ? [[place({ file: path, line: 1, column: 1 }).file, module.source] as const] : [],
    ),
  )
  return file => sources.get(file)
}

/** Once: asks the attempt to stop. Twice: ends it, also when a debugger holds it. Taken back, it tells what was received. */
function forwardSignals(io: Io, send: (signal: NodeJS.Signals) => void): () => NodeJS.Signals | undefined {
  let received: NodeJS.Signals | undefined
  const forward = (signal: NodeJS.Signals): void => {
    send(received ? 'SIGKILL' : signal)
    if (!received) io.err('stopping; once more to stop at once\n')
    received ??= signal
  }
  process.on('SIGINT', forward)
  process.on('SIGTERM', forward)
  return () => {
    process.removeListener('SIGINT', forward)
    process.removeListener('SIGTERM', forward)
    return received
  }
}

function finishedOf(end: DebuggeeEnd): Extract<DebuggeeEnd, { kind: 'finished' }> {
  switch (end.kind) {
    case 'finished':
      return end
    case 'refused':
      throw new Refusal(end.diagnostics)
    case 'died': {
      const fault = { code: 'TASK_CRASHED', message: `the attempt ended its process: ${end.how}` }
      return { kind: 'finished', outcome: { kind: 'failed', fault } }
    }
  }
}

/** Why it failed, at the line of the user's file as it was then. */
async function failureOf(outcome: Outcome, past: Past, blobs: Blobs): Promise<Diagnostic | undefined> {
  if (outcome.kind !== 'failed') return undefined
  const { step, projectFolder } = past
  const { fault } = outcome
  const decoded = await decodedFault(valueStore(blobs, { cwd: projectFolder }), fault)
  const at = userFrame(stackOf(fault, decoded), projectFolder)
  return {
    code: fault.code,
    severity: 'error',
    message: `step ${step.path} failed: ${fault.message}`,
    ...(at ? { at } : {}),
    related: causesOf(fault, decoded).map(({ text }) => ({ message: `caused by ${text}` })),
  }
}
