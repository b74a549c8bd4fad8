/** `tutti simulate`: a run on a virtual clock, or many, with mocks in place of the world. */
import { runView } from '../../observe/index.ts'
import type { Runnable } from '../../run/runnable.ts'
import { exploreRunnable } from '../../sim/explore.ts'
import type { Outcome, Real, SentSignal, SimulatedRequest, SimulateOptions, Simulation, Wait } from '../../sim/index.ts'
import { simulateRunnable } from '../../sim/simulate.ts'
import { durationMs } from '../../util/duration.ts'
import { unreachable } from '../../util/unreachable.ts'
import { EXIT, exitOfDiagnostics, exitOfStatus } from '../exit.ts'
import { type Io, renderPlaced } from '../io.ts'
import { badWord, isJson, jsonOrText, type MockFlags, mocksOf, readMock, splitWord } from '../mock-words.ts'
import { readArguments } from '../parameters.ts'
import { failureDiagnostics } from '../render/failures.ts'
import type { Decoded } from '../render/faults.ts'
import { renderLogLine } from '../render/log-lines.ts'
import { faultLine } from '../render/step-label.ts'
import { plain } from '../render/text.ts'
import { showOffset, timelineText } from '../render/timeline.ts'
import { printDecoded, showable } from '../run-output.ts'
import { enterFolder } from '../worker.ts'
import { loadTarget } from '../versions/load.ts'

interface SimulateFlags extends MockFlags {
  readonly param?: readonly string[]
  readonly input?: string
  readonly signal?: readonly string[]
  readonly cancel?: readonly string[]
  readonly retry?: readonly string[]
  readonly real?: Real
  readonly seed?: number
  readonly seeds?: number
  readonly faults?: boolean
  readonly crashEverywhere?: boolean
  readonly maxTime?: string
  readonly json?: boolean
  readonly quiet?: boolean
  readonly verbose?: boolean
}

export async function simulateCommand(io: Io, words: readonly string[], flags: SimulateFlags): Promise<number> {
  const { runnable, definitions } = await loadTarget(io, words)
  const options: SimulateOptions = {
    args: await readArguments(runnable.definition, flags.param ?? [], flags.input),
    mocks: await mocksOf(io, flags),
    signals: (flags.signal ?? []).map(readSignal),
    requests: [...(flags.cancel ?? []).map(readCancel), ...(flags.retry ?? []).map(readRetry)],
    ...(flags.real === undefined ? {} : { real: flags.real }),
    ...(flags.seed === undefined ? {} : { seed: flags.seed }),
    ...(flags.maxTime === undefined ? {} : { maxTime: flags.maxTime }),
    ...(flags.faults ? { faults: true } : {}),
  }
  // Mocks may be shared by all workflows of a file.
  const known = [...definitions.values()].map(each => each.name)
  // As in every run: tasks that run for real expect the folder of their file.
  enterFolder(runnable.cwd)
  if (flags.seeds === undefined && !flags.crashEverywhere)
    return show(io, flags, runnable, await simulateRunnable(runnable, options, known))
  const { outcomes, simulations } = await exploreRunnable(
    runnable,
    options,
    {
      ...(flags.seeds === undefined ? {} : { seeds: flags.seeds }),
      ...(flags.seed === undefined ? {} : { from: flags.seed }),
      ...(flags.crashEverywhere ? { crashes: 'everywhere' } : {}),
    },
    known,
  )
  for (const outcome of outcomes)
    io.out(`${flags.json ? JSON.stringify(outcomeJson(outcome)) : outcomeLine(outcome, simulations)}\n`)
  return outcomes.map(exitOfOutcome).find(exit => exit !== EXIT.succeeded) ?? EXIT.succeeded
}

/** `name`, `name=JSON`, `name=JSON@2d`, `name@2d`. An `@` inside the JSON is no time. */
function readSignal(word: string): SentSignal {
  const [name, text] = splitWord(word, '--signal takes name=JSON@time', `--signal 'approval={"by":"me"}@2d'`)
  if (text === undefined) {
    const [bare = name, at] = splitTime(name) ?? [name]
    return { name: bare, ...(at === undefined ? {} : { at }) }
  }
  const timed = isJson(text) ? undefined : splitTime(text)
  return timed ? { name, value: jsonOrText(timed[0]), at: timed[1] } : { name, value: jsonOrText(text) }
}

function readCancel(word: string): SimulatedRequest {
  if (isDuration(word)) return { kind: 'cancel', at: word }
  const [step, at] = splitTime(word) ?? badWord('--cancel takes a time or STEP@time', word, '--cancel 2d')
  return { kind: 'cancel', step, at }
}

function readRetry(word: string): SimulatedRequest {
  const [step, at] = splitTime(word) ?? badWord('--retry takes STEP@time', word, '--retry publish@2d')
  return { kind: 'retry', step, at }
}

function splitTime(text: string): readonly [string, string] | undefined {
  const at = text.lastIndexOf('@')
  return at > 0 && isDuration(text.slice(at + 1)) ? [text.slice(0, at), text.slice(at + 1)] : undefined
}

const isDuration = (text: string): boolean => {
  try {
    durationMs(text)
    return true
  } catch {
    return false
  }
}

/** The timeline on stderr, what it gave on stdout. */
function show(io: Io, flags: SimulateFlags, runnable: Runnable, simulation: Simulation<unknown>): number {
  if (flags.json)
    for (const [index, event] of simulation.log.entries())
      if (event.kind !== 'run.ended') io.out(`${JSON.stringify({ seq: index + 1, run: RUN, ...event })}\n`)
  if (!flags.quiet) io.err(timelineText(simulation.trace, io.errScreen))
  if (flags.verbose)
    for (const { step, stream, text } of simulation.lines)
      io.err(`${renderLogLine({ step, stream, text }, STEP_COLUMNS, io.errScreen)}\n`)
  const given = new Set((flags.mock ?? []).map(word => readMock(word)[0]))
  for (const name of simulation.unusedMocks)
    if (given.has(name)) io.err(`warning: no step asked for the mock ${name}\n`)
  for (const wait of simulation.unanswered) io.err(`${waitText({ kind: 'signal', ...wait })}\n`)
  if (simulation.status === 'waiting') {
    for (const wait of simulation.waits) if (wait.kind !== 'signal') io.err(`${waitText(wait)}\n`)
    if (flags.json)
      io.out(`${JSON.stringify({ kind: 'run.paused', run: RUN, reason: 'waiting', waits: simulation.waits })}\n`)
    return EXIT.waiting
  }
  if (simulation.status === 'succeeded') {
    printDecoded(io, flags, { run: RUN, status: simulation.status, output: simulation.output, decoded: new Map() })
    return EXIT.succeeded
  }
  const { status, fault, error } = simulation
  const decoded: Decoded = fault.error ? new Map([[fault.error.hash, error]]) : new Map()
  if (!flags.quiet) io.err(failureText(io, runnable, simulation, decoded))
  printDecoded(io, flags, { run: RUN, status, output: undefined, fault, decoded })
  return exitOfStatus(status)
}

const RUN = 'simulation'
/** Of a step's name before what it printed. */
const STEP_COLUMNS = 20

/** As of any run, but that nothing is to be gone on with. */
function failureText(io: Io, runnable: Runnable, { log }: Simulation<unknown>, decoded: Decoded): string {
  const fold = runView(runnable.graph)
  for (const event of log) fold.add(event)
  const diagnostics = failureDiagnostics(fold.view, { dir: runnable.cwd, decoded })
  return renderPlaced(
    io,
    diagnostics.map(({ hint: _, ...each }) => each),
    runnable.cwd,
  )
}

function waitText(wait: Wait): string {
  const since = wait.sinceMs === undefined ? '' : ` since ${showOffset(wait.sinceMs)}`
  switch (wait.kind) {
    case 'signal':
      return `${wait.step} waits for signal ${wait.signal}${since}: give --signal '${wait.signal}=…'`
    case 'parked':
      return `${wait.step} is parked: no attempt is left`
    case 'lock':
      return `${wait.step} waits for ${wait.locks.join(', ')}${since}`
    default:
      return unreachable(wait)
  }
}

function outcomeLine(outcome: Outcome<unknown>, simulations: number): string {
  const how = outcome.crash
    ? `crash ${outcome.crash.when} commit ${outcome.crash.commit}`
    : outcome.seed === undefined
      ? 'without a crash'
      : `--seed ${outcome.seed}`
  return `${outcome.count} of ${simulations}  ${plain(outcomeText(outcome))}  (${how})`
}

function outcomeText(outcome: Outcome<unknown>): string {
  if (outcome.kind === 'refused') return outcome.refusal.message
  const { simulation } = outcome
  switch (simulation.status) {
    case 'succeeded':
      return `succeeded ${JSON.stringify(showable(simulation.output))}`
    case 'waiting':
      return `waiting: ${simulation.waits.map(waitText).join('; ')}`
    default:
      return `${simulation.status} ${faultLine(simulation.fault)}`
  }
}

function outcomeJson({ count, seed, crash, ...outcome }: Outcome<unknown>): object {
  const common = { kind: 'outcome', count, seed, crash }
  if (outcome.kind === 'refused') return { ...common, status: 'refused', diagnostics: outcome.refusal.diagnostics }
  const { simulation } = outcome
  switch (simulation.status) {
    case 'succeeded':
      return { ...common, status: simulation.status, output: showable(simulation.output) }
    case 'waiting':
      return { ...common, status: simulation.status, waits: simulation.waits }
    default:
      return {
        ...common,
        status: simulation.status,
        error: { code: simulation.fault.code, message: simulation.fault.message, step: simulation.fault.step },
      }
  }
}

function exitOfOutcome(outcome: Outcome<unknown>): number {
  if (outcome.kind === 'refused') return exitOfDiagnostics(outcome.refusal.diagnostics)
  const { status } = outcome.simulation
  return status === 'waiting' ? EXIT.waiting : exitOfStatus(status)
}
