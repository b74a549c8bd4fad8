/** `tutti debug`: a past attempt again, alone, from what the store has of it. Nothing is appended to its run. */
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { idempotencyKey, type Outcome, resourcesOf } from '../../core/index.ts'
import { declareSecrets } from '../../exec/index.ts'
import { commandEnv, pathWithBins } from '../../exec/sh/spawn.ts'
import { decodeBundle } from '../../loader/index.ts'
import { rerunOf } from '../../run/debug/attempt.ts'
import { compareOutcomes } from '../../run/debug/compare.ts'
import { inspectorAddress } from '../../run/debug/inspector.ts'
import { overlayBlobs } from '../../run/debug/overlay.ts'
import { chooseAttempt, type PastAttempt, type PastStep, pastSteps } from '../../run/debug/past-steps.ts'
import { type Restored, restoreAttempt } from '../../run/debug/restore.ts'
import { clearOutputs, openWorkplace, projectAsWorkplace, type Workplace } from '../../run/debug/workplace.ts'
import { decodeGraph } from '../../run/launch.ts'
import { type Blobs, openBlobs, type RunRow, type Store } from '../../store/index.ts'
import { type Diagnostic, type Position, refuse, Refusal } from '../../util/diagnostic.ts'
import { valueStore } from '../../values/index.ts'
import { type DebugReport, jsonReport, textReport } from '../debug-report.ts'
import { type DebuggeeEnd, type DebugPlan, runDebuggee } from '../debuggee.ts'
import { EXIT } from '../exit.ts'
import type { Io } from '../io.ts'
import { placeIn } from '../place.ts'
import { userFrame } from '../render/failures.ts'
import { causesOf, stackOf } from '../render/faults.ts'
import { decodedFault } from '../run-output.ts'
import { findRun, type StoreFlags, withStore } from '../store.ts'

export interface DebugFlags extends StoreFlags {
  readonly attempt?: number
  readonly inspect?: boolean
  readonly inspectBrk?: boolean
  /** HOST:PORT of either. */
  readonly inspectAt?: string
  readonly allowEffects?: boolean
  readonly inPlace?: boolean
  readonly shell?: boolean
  readonly json?: boolean
}

export const debugCommand = (io: Io, run: string, step: string, flags: DebugFlags): Promise<number> =>
  withStore(io, flags, async store => {
    const inspect = inspectOf(flags)
    const past = await findPast(store, findRun(store, run), step, flags)
    const workplace = await openPlace(io, store, past, flags)
    const plan = { ...planOf(store, past, workplace), ...inspect }
    return flags.shell ? shell(io, past, plan) : rerun(io, store, past, plan, flags)
  })

const inspectOf = ({ inspect, inspectBrk, inspectAt }: DebugFlags): Pick<DebugPlan, 'inspect'> =>
  inspect || inspectBrk
    ? {
        inspect: {
          address: inspectorAddress(inspectAt),
          pause: inspectBrk ? 'at the first line' : 'at breakpoints',
        },
      }
    : {}

/** The attempt that is meant, as the log has it. */
interface Past {
  readonly row: RunRow
  readonly step: PastStep
  readonly attempt: PastAttempt
  readonly restored: Restored
  readonly projectFolder: string
}

async function findPast(store: Store, row: RunRow, name: string, flags: DebugFlags): Promise<Past> {
  const { run } = row
  if (row.bundle === '')
    refuse('RUN_EMBEDDED', `Run ${run} belongs to a program that embeds Tutti, so its code is not in the store`, {
      hint: 'Run that program in a debugger.',
    })
  const graph = decodeGraph(await store.blobs.get(row.graph))
  declareSecrets([...resourcesOf(graph)].map(({ resource }) => resource))
  const steps = await pastSteps(store, graph, run)
  const wanted = { step: name, ...(flags.attempt === undefined ? {} : { attempt: flags.attempt }) }
  const { step, attempt } = chooseAttempt(steps, run, wanted)
  const restored = await restoreAttempt(store, graph, { run, step: step.id, attempt: attempt.attempt })
  if (restored.description.node.kind === 'effect' && !flags.allowEffects && !flags.shell)
    refuse('EFFECT_BLOCKED', `Step ${step.path} is an effect: run again, it would act on the world again`, {
      ...(step.at ? { at: placeIn(dirname(row.file), process.cwd())(step.at) } : {}),
      hint: `--allow-effects runs it, with the idempotency key that it had: ${idempotencyKey(run, step.id)}`,
    })
  return { row, step, attempt, restored, projectFolder: dirname(row.file) }
}

async function openPlace(io: Io, store: Store, past: Past, flags: DebugFlags): Promise<Workplace> {
  const { projectFolder, restored } = past
  if (flags.inPlace) return projectAsWorkplace(projectFolder)
  const workplace = await openWorkplace(projectFolder, store.path)
  await clearOutputs(workplace.folder, restored.description.args)
  if (workplace.leftOut > 0)
    io.err(
      `warning: ${workplace.leftOut} files of ${projectFolder} are not copied (too many, too large, or links that lead out); --in-place runs it there\n`,
    )
  return workplace
}

function planOf(store: Store, { row, step, attempt, restored, projectFolder }: Past, workplace: Workplace): DebugPlan {
  const { folder, valuesFolder } = workplace
  const name = { run: row.run, step: step.id, attempt: attempt.attempt }
  return {
    attempt: rerunOf(restored.description, { ...name, bundle: row.bundle, projectFolder, folder }),
    records: restored.records,
    store: store.path,
    valuesFolder,
    file: row.file,
    projectFolder,
    graph: row.graph,
    bundle: row.bundle,
    workflow: row.workflow,
  }
}

async function rerun(io: Io, store: Store, past: Past, plan: DebugPlan, flags: DebugFlags): Promise<number> {
  const place = placeIn(past.projectFolder, io.cwd)
  const report = await reportOf(io, store, past, plan, place, flags)
  let startedMs = performance.now()
  const running = runDebuggee(plan, environmentOf(past), news => {
    if (news.kind === 'called') startedMs = performance.now()
    report.tell(news.kind === 'opened' && news.at ? { ...news, at: place(news.at) } : news)
  })
  const stop = forwardSignals(io, running.signal)
  const end = await running.end
  const stopped = stop()
  const finished = finishedOf(end, stopped)
  if (finished === undefined) return exitOfSignal(stopped)
  const { outcome, shown } = finished
  const blobs = overlayBlobs(store.blobs, openBlobs(plan.valuesFolder, 'normal'))
  const failure = await failureOf(outcome, past, blobs, place)
  report.end({
    outcome,
    ...(shown === undefined ? {} : { shown }),
    ...(failure ? { failure } : {}),
    comparison: await compareOutcomes(past.attempt.outcome, outcome, blobs),
    tookMs: performance.now() - startedMs,
  })
  if (stopped) return exitOfSignal(stopped)
  return outcome.kind === 'succeeded' ? EXIT.succeeded : outcome.kind === 'failed' ? EXIT.failed : EXIT.cancelled
}

const exitOfSignal = (signal: NodeJS.Signals | undefined): number =>
  signal === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted

async function reportOf(
  io: Io,
  store: Store,
  { row, step, attempt, restored }: Past,
  plan: DebugPlan,
  place: (at: Position) => Position,
  flags: DebugFlags,
): Promise<DebugReport> {
  const { work, cwd } = plan.attempt
  const task = work.kind === 'source' ? restored.description.node.name : work.task
  const head = { step: step.path, run: row.run, attempt: attempt.attempt, task, folder: cwd }
  if (flags.json) return jsonReport(io, head)
  const { modules } = decodeBundle(await store.blobs.get(row.bundle))
  const sources = new Map(
    Object.entries(modules).flatMap(([path, module]) =>
      module.kind === 'script' ? [[place({ file: path, line: 1, column: 1 }).file, module.source] as const] : [],
    ),
  )
  return textReport(io, head, file => sources.get(file))
}

/** Tools of the project's folders, from wherever the attempt runs. */
const environmentOf = ({ projectFolder }: Past): Readonly<Record<string, string>> => ({
  PATH: pathWithBins(projectFolder, process.env['PATH']),
})

/** Once: asks the attempt to stop. Twice: ends it, also when a debugger holds it. What was received is told at the end. */
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

/** How the attempt ended; undefined when it was stopped by us before it could tell. */
function finishedOf(
  end: DebuggeeEnd,
  stopped: NodeJS.Signals | undefined,
): Extract<DebuggeeEnd, { kind: 'finished' }> | undefined {
  switch (end.kind) {
    case 'finished':
      return end
    case 'refused':
      throw new Refusal(end.diagnostics)
    case 'died':
      if (stopped) return undefined
      return {
        kind: 'finished',
        outcome: {
          kind: 'failed',
          fault: { code: 'TASK_CRASHED', message: `the attempt ended its process: ${end.how}` },
        },
      }
  }
}

/** Why it failed, at the line of the user's file as it was then. */
async function failureOf(
  outcome: Outcome,
  { step, projectFolder }: Past,
  blobs: Blobs,
  place: (at: Position) => Position,
): Promise<Diagnostic | undefined> {
  if (outcome.kind !== 'failed') return undefined
  const { fault } = outcome
  const decoded = await decodedFault(valueStore(blobs, { cwd: projectFolder }), fault)
  const at = userFrame(stackOf(fault, decoded), projectFolder)
  return {
    code: fault.code,
    severity: 'error',
    message: `step ${step.path} failed: ${fault.message}`,
    ...(at ? { at: place(at) } : {}),
    related: causesOf(fault, decoded).map(cause => ({ message: `caused by ${cause}` })),
  }
}

/** A shell where the attempt would run, with its arguments in a file and in the environment that its commands have. */
async function shell(io: Io, past: Past, plan: DebugPlan): Promise<number> {
  const argumentsFile = join(dirname(plan.valuesFolder), 'arguments.json')
  const { end } = runDebuggee({ ...plan, argumentsFile }, environmentOf(past), news => {
    if (news.kind === 'line') io.err(`${news.text}\n`)
  })
  const prepared = finishedOf(await end, undefined)
  if (prepared?.outcome.kind === 'failed') {
    const { code, message } = prepared.outcome.fault
    refuse(code, `The arguments of ${past.step.path} cannot be had: ${message}`)
  }
  const { attempt } = plan
  io.err(
    `the folder of ${past.step.path}, attempt ${attempt.attempt}: ${attempt.cwd}\nits arguments: ${argumentsFile}\n`,
  )
  const env = commandEnv(attempt.policy.env, {
    ...environmentOf(past),
    TUTTI_RUN: attempt.run,
    TUTTI_STEP: attempt.step,
    TUTTI_ATTEMPT: String(attempt.attempt),
    TUTTI_IDEMPOTENCY_KEY: attempt.idempotencyKey,
    TUTTI_ARGUMENTS: argumentsFile,
  })
  return interactive(process.env['SHELL'] ?? '/bin/sh', attempt.cwd, env)
}

/** The terminal's signals are the shell's. */
function interactive(file: string, cwd: string, env: NodeJS.ProcessEnv): Promise<number> {
  const ignore = (): void => undefined
  process.on('SIGINT', ignore)
  const child = spawn(file, [], { cwd, env, stdio: 'inherit' })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      process.removeListener('SIGINT', ignore)
      resolve(code ?? (signal === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted))
    })
  })
}
