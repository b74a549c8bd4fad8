/**
 * The process in which a past attempt runs again, alone: `tutti debug` starts it and listens, both sides stand here. It is
 * given all that it needs at once, and appends nothing to the run's log.
 *
 *     owner                        debuggee
 *       plan --------------------->
 *       <----------------- opened    its code is loaded
 *       <------------- (listening)   a debugger is waited for; read from its stderr
 *       <----------------- called    its arguments are there
 *       <--- line, recorded …
 *       <---- finished or refused
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { type FlowRecord, type Outcome, resourcesOf } from '../../core/index.ts'
import type { Definition } from '../../dsl/definition.ts'
import {
  type Attempt,
  type Bindings,
  declareSecrets,
  type Executor,
  type Middleware,
  onion,
  type Reports,
  usesFor,
  valueOptions,
} from '../../exec/index.ts'
import { lineSink } from '../../exec/lines.ts'
import { executorBindings } from '../../run/bindings.ts'
import { bringSources, functionOf, namedArguments, showArguments, writeArguments } from '../../run/debug/arguments.ts'
import { awaitDebugger, type InspectorAddress, listeningAt, pauseIn } from '../../run/debug/inspector.ts'
import { overlayBlobs } from '../../run/debug/overlay.ts'
import { replayFlow } from '../../run/debug/replay.ts'
import { decodeGraph, recordedReads } from '../../run/launch.ts'
import { type Blobs, openBlobs } from '../../store/index.ts'
import type { Diagnostic, Position } from '../../util/diagnostic.ts'
import type { Json } from '../../util/json.ts'
import { type ValueStore, valueStore } from '../../values/index.ts'
import { openKept, type WorkflowFile } from '../file.ts'
import { diagnosticsOf } from '../render/diagnostics.ts'
import { showable } from '../run-output.ts'
import { enterFolder, entry } from '../worker.ts'

export interface DebugPlan {
  readonly attempt: Attempt
  /** Of a flow: its calls with their answers. */
  readonly records: readonly FlowRecord[]
  readonly store: string
  /** Where values go that the attempt makes. */
  readonly valuesFolder: string
  readonly file: string
  readonly projectFolder: string
  /** What kept paths are relative to, in the workplace. */
  readonly base: string
  readonly graph: string
  readonly bundle: string
  readonly workflow: string
  readonly inspect?: { readonly address: InspectorAddress; readonly pause: 'at the first line' | 'at breakpoints' }
  /** Instead of calling the function: where its arguments are written to. */
  readonly argumentsFile?: string
}

/** What happens while it runs. */
export type DebuggeeNews =
  /** `at`: where the task is defined. */
  | { readonly kind: 'opened'; readonly at?: Position }
  /** As short texts, by the names of the parameters. */
  | { readonly kind: 'called'; readonly args: readonly (readonly [name: string, shown: string])[] }
  | { readonly kind: 'listening'; readonly url: string }
  | { readonly kind: 'line'; readonly stream: 'stdout' | 'stderr' | 'log'; readonly text: string }
  /** What the process itself wrote, or a program that it started without us. */
  | { readonly kind: 'raw'; readonly stream: 'stdout' | 'stderr'; readonly text: string }
  | { readonly kind: 'recorded'; readonly name: string; readonly value: Json }

/** `shown`: what it gave, as `tutti run` prints it. */
type LastWord =
  | { readonly kind: 'finished'; readonly outcome: Outcome; readonly shown?: Json }
  | { readonly kind: 'refused'; readonly diagnostics: readonly Diagnostic[] }

export type DebuggeeEnd =
  | LastWord
  /** It ended without a word: killed, or by its own doing. */
  | { readonly kind: 'died'; readonly how: string }

export interface Debuggee {
  readonly end: Promise<DebuggeeEnd>
  signal(signal: NodeJS.Signals): void
}

/** Runs the plan in a process of its own. `env`: what it has besides ours. */
export function runDebuggee(
  plan: DebugPlan,
  env: Readonly<Record<string, string>>,
  onNews: (news: DebuggeeNews) => void,
): Debuggee {
  const child = spawn(process.execPath, [entry(), 'debuggee'], {
    env: { ...process.env, ...env },
    // What a program of the attempt writes past us comes by pipes, so that no secret is in it.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    serialization: 'advanced',
    // A group of its own: Ctrl-C at the terminal is for us, and we pass it on.
    detached: true,
  })
  // Should it be gone already, its end tells.
  child.send(plan, () => undefined)
  return { end: endOf(child, onNews), signal: signal => void child.kill(signal) }
}

function endOf(child: ChildProcess, onNews: (news: DebuggeeNews) => void): Promise<DebuggeeEnd> {
  const sinks = (['stdout', 'stderr'] as const).map(stream => {
    const sink = lineSink(text => {
      onNews({ kind: 'raw', stream, text })
      // It cannot say so itself: it stands still.
      const url = listeningAt(text)
      if (url !== undefined) onNews({ kind: 'listening', url })
    })
    child[stream]?.setEncoding('utf8').on('data', (text: string) => sink.write(text))
    return sink
  })
  return new Promise(resolve => {
    let last: LastWord | undefined
    child.on('message', message => {
      const told = message as DebuggeeNews | LastWord // our own program sends nothing else
      if (told.kind !== 'finished' && told.kind !== 'refused') return onNews(told)
      last = told
      // A debugger that is still attached would hold it open.
      child.kill('SIGKILL')
    })
    child.once('error', error => resolve({ kind: 'died', how: error.message }))
    child.once('close', (code, signal) => {
      for (const sink of sinks) sink.end()
      resolve(last ?? { kind: 'died', how: signal ? `killed by ${signal}` : `exit code ${code}` })
    })
  })
}

/** The debuggee's side. */
export async function serveDebuggee(): Promise<void> {
  const tell = (message: DebuggeeNews | LastWord): Promise<void> =>
    new Promise(resolve => {
      process.send?.(message, undefined, {}, () => resolve())
    })
  // Whoever asked is gone: nobody hears how it ends.
  process.once('disconnect', () => process.exit(1))
  const plan = await new Promise<DebugPlan>(resolve => {
    process.once('message', message => resolve(message as DebugPlan))
  })
  try {
    await tell(await rerun(plan, news => void tell(news)))
  } catch (error) {
    await tell({ kind: 'refused', diagnostics: diagnosticsOf(error) })
  }
}

async function rerun(plan: DebugPlan, tell: (news: DebuggeeNews) => void): Promise<LastWord> {
  enterFolder(plan.attempt.cwd)
  const blobs = overlayBlobs(openBlobs(plan.store, 'normal'), openBlobs(plan.valuesFolder, 'normal'))
  const graph = decodeGraph(await blobs.get(plan.graph))
  declareSecrets([...resourcesOf(graph)].map(({ resource }) => resource))
  const reads = await recordedReads(blobs, graph)
  const file = await openKept(await blobs.get(plan.bundle), plan.file, reads, plan.projectFolder, 'debuggable')
  const { executor, definition, values } = executorOf(plan, file, blobs, tell)
  tell({ kind: 'opened', ...(definition?.at ? { at: definition.at } : {}) })
  if (plan.inspect) awaitDebugger(plan.inspect.address)
  const abort = new AbortController()
  // Asked once it stops as a cancelled attempt does; asked again it dies.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => abort.abort(new Error('cancelled')))
  const outcome = await executor(plan.attempt, abort.signal, reportsTo(tell))
  const output = outcome.kind === 'succeeded' ? await values.decode(outcome.output) : undefined
  return { kind: 'finished', outcome, ...(output === undefined ? {} : { shown: showable(output) }) }
}

const reportsTo = (tell: (news: DebuggeeNews) => void): Reports => ({
  line: (stream, text) => tell({ kind: 'line', stream, text }),
  record: (name, value) => tell({ kind: 'recorded', name, value }),
  // Nobody counts the silence of what stands in a debugger.
  alive: () => undefined,
  saw: () => undefined,
})

function executorOf(
  plan: DebugPlan,
  file: WorkflowFile,
  blobs: Blobs,
  tell: (news: DebuggeeNews) => void,
): { readonly executor: Executor; readonly definition: Definition | undefined; readonly values: ValueStore } {
  const { bindings, configurations, definition: workflow } = file.runnable(plan.workflow)
  // What only a flow calls is in no graph.
  for (const [address, each] of file.definitions) bindings.definitions.set(address, each)
  const { attempt } = plan
  const { routes, ...options } = valueOptions(configurations, { cwd: attempt.root ?? attempt.cwd, base: plan.base })
  // Routes are read from, but nothing is written to a storage of the user's.
  const kept = { ...options, routes: routes.map(route => ({ ...route, task: () => false })) }
  const values = valueStore(blobs, kept)
  const names: Bindings = executorBindings(
    bindings,
    replayFlow({
      run: attempt.run,
      step: attempt.step,
      records: plan.records,
      bindings,
      values,
      blobs,
      warn: text => tell({ kind: 'line', stream: 'stderr', text }),
    }),
  )
  const definition = attempt.work.kind === 'source' ? undefined : bindings.definitions.get(attempt.work.task)
  return {
    definition,
    values,
    executor: onion({
      open: async () => names,
      blobs,
      values: kept,
      use: (_, task) => [
        [debugging(plan, definition, tell)],
        ...usesFor(configurations, workflow, bindings.definitions.get(task)),
      ],
    }),
  }
}

/** The last layer before the user's own: the arguments are there, and the function is about to be called. */
const debugging =
  (plan: DebugPlan, definition: Definition | undefined, tell: (news: DebuggeeNews) => void): Middleware =>
  next =>
  async (attempt, signal, reports) => {
    // What a source step has opened is what it found.
    const given = attempt.work.kind === 'source' ? [] : (attempt.opened?.args ?? [])
    const args = namedArguments(definition, given)
    const { projectFolder } = plan
    await bringSources(args, { projectFolder, folder: attempt.root ?? attempt.cwd }, text =>
      reports.line('stderr', text),
    )
    tell({ kind: 'called', args: showArguments(args, attempt.cwd) })
    if (plan.argumentsFile !== undefined && attempt.opened) {
      writeArguments(plan.argumentsFile, args)
      return { kind: 'succeeded', output: await attempt.opened.keep(undefined) }
    }
    if (plan.inspect?.pause === 'at the first line' && definition) pauseIn(functionOf(definition))
    return next(attempt, signal, reports)
  }
