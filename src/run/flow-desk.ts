/** The flows that run in this process, by run and step: joins their runners (./flow.ts) to their sessions. */
import type { Bound, Fault, FlowRecord, Region, StepId, ValueRef } from '../core/index.ts'
import { calledStep, callScopePath, canonicalRegion, regionHash } from '../core/index.ts'
import { addressIn } from '../dsl/address.ts'
import type { WorkflowDefinition } from '../dsl/definition.ts'
import { withFlowHost } from '../dsl/flow-host.ts'
import { resourceOf } from '../dsl/resource.ts'
import { describeParams, paramNames, traceCalled } from '../dsl/workflow.ts'
import { declareSecrets } from '../exec/index.ts'
import type { Blobs } from '../store/store.ts'
import { refuse } from '../util/diagnostic.ts'
import { someInside } from '../util/plain-data.ts'
import { decodeFault, evaluate, type ValueStore } from '../values/index.ts'
import type { TracedBindings } from '../dsl/trace.ts'
import type { RunFlow } from './bindings.ts'
import type { Clock } from './clock.ts'
import type { Evaluation } from './evaluate/evaluation.ts'
import { type FlowRunner, type FlowSession, newFlowRunner, type PastCall } from './flow.ts'
import type { FlowDesk, Session } from './session.ts'

/** What the desk knows of a run. */
export interface DeskRun {
  readonly session: Pick<Session, 'submit' | 'enqueueCall' | 'reviveCall' | 'noteRest'>
  /** What a flow called in this life of the run. */
  readonly records: (step: StepId) => readonly FlowRecord[]
  readonly evaluation: Evaluation
  readonly bindings: TracedBindings
  readonly past: ReadonlyMap<StepId, readonly PastCall[]>
  readonly library: Map<string, Region>
  /** Workflows that flows of this run have called. */
  readonly traced: Map<WorkflowDefinition, Region>
  readonly blobs: Blobs
  readonly clock: Clock
  readonly warn: (step: StepId, text: string) => void
}

export interface Desk {
  readonly runFlow: RunFlow
  add(run: string, known: DeskRun): void
  remove(run: string): void
  /** The answering side of one run. */
  deskOf(run: string): FlowDesk
}

export function newDesk(): Desk {
  const runs = new Map<string, DeskRun>()
  const runners = new Map<string, FlowRunner>()
  const keyOf = (run: string, step: StepId): string => `${run} ${step}`

  return {
    add: (run, known) => void runs.set(run, known),
    remove: run => void runs.delete(run),
    deskOf: run => ({
      answer: (step, key, answer) => runners.get(keyOf(run, step))?.answer(key, answer),
      isResting: step => runners.get(keyOf(run, step))?.isResting ?? false,
    }),
    async runFlow(run, step, definition, args, signal) {
      const known = runs.get(run)
      if (!known || !('body' in definition))
        return refuse('FLOW_ELSEWHERE', `The flow ${definition.name} can only run in the process that owns its run`, {
          hint: "Leave executor: 'inline'.",
        })
      const runner = newFlowRunner(flowSession(known, step, signal))
      runners.set(keyOf(run, step), runner)
      try {
        const result = await drainedAfter(runner, async () => withFlowHost(runner.host, () => definition.body(...args)))
        // F5.
        const lost = runner.host.failures.find(({ call }) => !call.seen)
        if (lost) throw lost.error
        return result
      } finally {
        runners.delete(keyOf(run, step))
      }
    },
  }
}

/** F4, however the body ends. */
async function drainedAfter<T>(runner: FlowRunner, body: () => Promise<T>): Promise<T> {
  try {
    return await body()
  } finally {
    await runner.drained()
  }
}

function flowSession(run: DeskRun, step: StepId, signal: AbortSignal): FlowSession {
  const { session, evaluation } = run
  return {
    step,
    signal,
    records: run.records(step),
    past: run.past.get(step) ?? [],
    encode: (value, where) =>
      bindArgument(value, inner => evaluation.values.encode(inner, { task: step, root: where })),
    decode: bound => evaluate(bound, evaluation.environment),
    error: fault => flowError(fault, evaluation.values),
    keepRegion: definition => keepRegion(run, definition),
    submit: input => session.submit(input),
    enqueue: call => session.enqueueCall(call),
    revive: call => session.reviveCall(call),
    rest: () => session.noteRest(),
    declareSignal: (signal, schema) => {
      if (schema) run.bindings.signals.set(signal, schema)
    },
    abandon: call => {
      run.warn(step, `warning: the flow did not call ${calledStep(call)} again, which was in flight; it is cancelled`)
      session.submit({
        kind: 'cancel.requested',
        scope: callScopePath(call),
        reason: 'the flow did not ask for it again',
        atMs: run.clock.now(),
      })
    },
    addressOf: definition => addressIn(run.bindings, definition),
    clock: run.clock,
  }
}

/** The error as the task threw it, with the step that failed. */
async function flowError(fault: Fault, values: ValueStore): Promise<unknown> {
  const error = await decodeFault(fault, values)
  if (error instanceof Error && fault.step !== undefined && !('step' in error))
    Object.defineProperty(error, 'step', { value: fault.step, enumerable: false })
  return error
}

/** Traces the called workflow, once a run, and keeps its region with the run before any event names it. */
async function keepRegion(run: DeskRun, definition: WorkflowDefinition): ReturnType<FlowSession['keepRegion']> {
  let region = run.traced.get(definition)
  if (!region) run.traced.set(definition, (region = traceCalled(definition, run.bindings)))
  const hash = regionHash(region)
  if (!run.library.has(hash)) {
    const text = canonicalRegion(region)
    await run.blobs.put(new TextEncoder().encode(text))
    // As a resumed run will read it: its result must come out in the same bytes.
    run.library.set(hash, JSON.parse(text) as Region)
  }
  return { hash, params: paramNames(definition.params), args: given => workflowArguments(definition, given) }
}

function workflowArguments(definition: WorkflowDefinition, given: readonly unknown[]): readonly unknown[] {
  if (definition.params.kind === 'positional') return definition.params.names.map((_, index) => given[index])
  const record = (given[0] ?? {}) as Record<string, unknown>
  return describeParams(definition.params).map(param => record[param.name] ?? param.fallback)
}

/** An argument as data: what is only given by name (a secret, an output) stays a name, wherever it stands in plain data. */
async function bindArgument(value: unknown, encode: (value: unknown) => Promise<ValueRef>): Promise<Bound> {
  const resource = resourceOf(value)
  if (resource) {
    // No graph told of it before the run began.
    declareSecrets([resource])
    return { kind: 'resource', resource }
  }
  if (!someInside(value, inner => resourceOf(inner) !== undefined))
    return { kind: 'value', value: await encode(value), path: [] }
  if (Array.isArray(value))
    return { kind: 'list', items: await Promise.all(value.map(item => bindArgument(item, encode))) }
  const fields = await Promise.all(
    Object.entries(value as object).map(async ([name, field]) => [name, await bindArgument(field, encode)] as const),
  )
  return { kind: 'record', fields: Object.fromEntries(fields) }
}
