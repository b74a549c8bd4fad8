/** What is still known of a step as another run had it: its arguments from the log, its code from the bundle that was kept. */
import { dirname } from 'node:path'
import {
  compile,
  describeStep,
  newLogFold,
  type Node,
  type Outcome,
  type Region,
  type StepDescription,
} from '../../core/index.ts'
import type { Code } from '../../dsl/code.ts'
import type { Definition } from '../../dsl/definition.ts'
import { decodeGraph, loadRegion } from '../../run/launch.ts'
import type { RunRow, Store, Trace } from '../../store/index.ts'
import { openRunFile } from '../file.ts'
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
  const described = new Map<string, Promise<ReadonlyMap<string, StepDescription> | undefined>>()
  const descriptionsOf = (row: RunRow): Promise<ReadonlyMap<string, StepDescription> | undefined> => {
    const known = described.get(row.run) ?? describeAll(store, row).catch(() => undefined)
    described.set(row.run, known)
    return known
  }
  const past: Past = {
    async sideOf(trace) {
      const row = store.runs.get(trace.run)
      if (!row) return { parts: trace.parts }
      const description = (await descriptionsOf(row))?.get(trace.step)
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

/** Every step that had an attempt, as its last one found it: all of them in one pass over the log. */
async function describeAll(store: Store, row: RunRow): Promise<ReadonlyMap<string, StepDescription>> {
  const graph = decodeGraph(await store.blobs.get(row.graph))
  const library = new Map<string, Region>()
  const fold = newLogFold(compile(graph, library))
  const found = new Map<string, StepDescription>()
  for await (const { event } of store.read({ run: row.run })) {
    if ('call' in event && event.call) await loadRegion(store, library, event.call.target)
    const state = fold.add(event)
    if (state && event.kind === 'attempt.started') found.set(event.step, describeStep(state, event.step))
  }
  return found
}

async function definitions(store: Store, row: RunRow): Promise<ReadonlyMap<string, Definition> | undefined> {
  if (row.bundle === '') return undefined
  return (await openRunFile(store, row, dirname(row.file))).definitions
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
    const outcome = (await outcomesIn(store, row.run)).get(step)
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

type Outcomes = ReadonlyMap<string, Outcome>
/** By run: many steps ask for the same few. */
const known = new WeakMap<Store, Map<string, Promise<Outcomes>>>()

function outcomesIn(store: Store, run: string): Promise<Outcomes> {
  const runs = known.get(store) ?? new Map<string, Promise<Outcomes>>()
  known.set(store, runs)
  const outcomes = runs.get(run) ?? readOutcomes(store, run)
  runs.set(run, outcomes)
  return outcomes
}

async function readOutcomes(store: Store, run: string): Promise<Outcomes> {
  const found = new Map<string, Outcome>()
  for await (const { event } of store.read({ run }))
    if (event.kind === 'step.settled') found.set(event.step, event.outcome)
  return found
}
