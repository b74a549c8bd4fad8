/** What is still known of a step as another run had it: its arguments from the log, its code from the bundle that was kept. */
import { dirname } from 'node:path'
import type { Node, Outcome } from '../../core/index.ts'
import type { Code } from '../../dsl/code.ts'
import type { Definition } from '../../dsl/definition.ts'
import { pastSteps } from '../../run/debug/past-steps.ts'
import { restoreAttempt } from '../../run/debug/restore.ts'
import { decodeGraph, recordedReads } from '../../run/launch.ts'
import type { RunRow, Store, Trace } from '../../store/index.ts'
import { openKept } from '../file.ts'
import type { Side } from './difference.ts'

export interface Past {
  /** Of the step that has this trace. */
  sideOf(trace: Trace): Promise<Side>
  /** Everything that a run's file defines; undefined: its bundle is gone, or cannot be loaded any more. */
  definitionsOf(row: RunRow): Promise<ReadonlyMap<string, Definition> | undefined>
}

/** Remembers what it has opened: many steps come from few runs. */
export function openPast(store: Store): Past {
  const opened = new Map<string, Promise<ReadonlyMap<string, Definition> | undefined>>()
  const past: Past = {
    async sideOf(trace) {
      const row = store.runs.get(trace.run)
      if (!row) return { parts: trace.parts }
      const description = await describe(store, row, trace.step).catch(() => undefined)
      const code = description && codeOf(description.node, await past.definitionsOf(row))
      return { parts: trace.parts, ...(description ? { args: description.args } : {}), ...(code ? { code } : {}) }
    },
    definitionsOf(row) {
      const known = opened.get(row.bundle)
      if (known) return known
      const opening = definitions(store, row).catch(() => undefined)
      opened.set(row.bundle, opening)
      return opening
    },
  }
  return past
}

async function describe(store: Store, row: RunRow, step: string) {
  const graph = decodeGraph(await store.blobs.get(row.graph))
  const attempt = (await pastSteps(store, graph, row.run)).get(step)?.attempts.at(-1)?.attempt
  if (attempt === undefined) return undefined
  return (await restoreAttempt(store, graph, { run: row.run, step, attempt })).description
}

async function definitions(store: Store, row: RunRow): Promise<ReadonlyMap<string, Definition> | undefined> {
  if (row.bundle === '') return undefined
  const graph = decodeGraph(await store.blobs.get(row.graph))
  const reads = await recordedReads(store.blobs, graph)
  return (await openKept(await store.blobs.get(row.bundle), row.file, reads, dirname(row.file))).definitions
}

export function codeOf(node: Node, definitions: ReadonlyMap<string, Definition> | undefined): Code | undefined {
  const definition = 'task' in node ? definitions?.get(node.task) : undefined
  return definition && 'code' in definition ? definition.code?.() : undefined
}

/** Runs that are looked into for what became of a step. */
const RUNS_MAX = 10

/** How the newest run of a workflow that came to the step (before `before`, if given) ended it, when that was a failure. */
export async function lastFailure(
  store: Store,
  { file, name }: { readonly file: string; readonly name: string },
  step: string,
  before?: RunRow,
): Promise<string | undefined> {
  for (const row of earlierRuns(store, file, name, before)) {
    const outcome = await outcomeIn(store, row.run, step)
    if (outcome === undefined) continue
    return outcome.kind === 'failed'
      ? `its last attempt failed (${outcome.fault.code}, run ${row.run})`
      : outcome.kind === 'cancelled'
        ? `it was cancelled in run ${row.run}`
        : undefined
  }
  return undefined
}

/** Newest first. */
export const earlierRuns = (store: Store, file: string, workflow: string, before?: RunRow): readonly RunRow[] =>
  store.runs
    .list({ limit: 1_000 })
    .filter(row => row.file === file && row.workflow === workflow)
    .filter(row => before === undefined || (row.run !== before.run && row.createdAtMs <= before.createdAtMs))
    .slice(0, RUNS_MAX)

async function outcomeIn(store: Store, run: string, step: string): Promise<Outcome | undefined> {
  let found: Outcome | undefined
  for await (const { event } of store.read({ run }))
    if (event.kind === 'step.settled' && event.step === step) found = event.outcome
  return found
}
