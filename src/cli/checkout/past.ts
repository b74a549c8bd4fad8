/** A run as it was at a moment: its log is read up to there, and what each of its steps had given by then. */
import type { Bound, Event, Fault, Origin, Outcome, Region, RunStatus, StepId, ValueRef } from '../../core/index.ts'
import { type RunView, runView } from '../../observe/index.ts'
import { decodeGraph } from '../../run/launch.ts'
import type { RunRow, Store } from '../../store/index.ts'
import { refuse } from '../../util/diagnostic.ts'
import { usage } from '../io.ts'
import { loadCalled } from '../store.ts'

/** `seq`: when this event of the store was durable. */
export type Moment =
  | { readonly kind: 'now' }
  | { readonly kind: 'seq'; readonly seq: number }
  | { readonly kind: 'instant'; readonly atMs: number }

/** A sequence number, or ISO 8601. */
export function momentOf(text: string | undefined): Moment {
  if (text === undefined) return { kind: 'now' }
  if (/^\d{1,15}$/.test(text)) return { kind: 'seq', seq: Number(text) }
  const atMs = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(atMs)) return { kind: 'instant', atMs }
  throw usage(
    `--at takes a sequence number or an instant, not ${JSON.stringify(text)}`,
    'For example --at 57 or --at 2026-11-26T12:00:00Z',
  )
}

/** One step instance that has begun. */
export interface PastStep {
  readonly id: StepId
  path: string
  name: string
  kind: string
  /** Of all lives. */
  attempts: number
  /** Of the last attempt that has begun. */
  startedAtMs?: number
  worker?: string
  readonly failures: { readonly attempt: number; readonly fault: Fault; readonly atMs: number }[]
  end?: StepEnd
}

export interface StepEnd {
  readonly seq: number
  readonly atMs: number
  readonly attempt: number
  readonly outcome: Outcome
  readonly origin?: Origin
  /** How often the run had been redriven. */
  readonly redrives: number
}

export interface PastRun {
  readonly view: RunView
  /** Of the last event that counts. */
  readonly seq: number
  readonly atMs: number
  /** What was printed later does not count. */
  readonly untilMs: number
  readonly args: { readonly [param: string]: Bound }
  readonly steps: ReadonlyMap<StepId, PastStep>
  readonly end?: { readonly status: RunStatus; readonly output?: ValueRef; readonly fault?: Fault }
}

/** Refuses with AT_OUTSIDE. */
export async function readPast(store: Store, row: RunRow, moment: Moment): Promise<PastRun> {
  const { seq, graphHash } = await rangeOf(store, row, moment)
  const graph = decodeGraph(await store.blobs.get(graphHash))
  const library = new Map<string, Region>()
  const fold = runView(graph, library)
  const steps = new Map<StepId, PastStep>()
  let args: PastRun['args'] = {}
  let end: PastRun['end']
  let redrives = 0
  for await (const stored of store.read({ run: row.run, to: seq })) {
    const { event } = stored
    await loadCalled(store, library, event)
    fold.add(event)
    if (event.kind === 'run.started') args = event.args
    if (event.kind === 'run.ended') end = event
    if (event.kind === 'run.redriven') [redrives, end] = [redrives + 1, undefined]
    const id = 'step' in event ? event.step : undefined
    if (id === undefined || id === '') continue
    // What a signal adds to a growing each is an item of it.
    if (event.kind === 'signal.received' && fold.view.steps.get(id)?.kind !== 'wait') continue
    const step = steps.get(id) ?? newStep(id)
    if (!note(step, event, { seq: stored.seq, redrives })) continue
    steps.set(id, step)
    // The view forgets old turns of a loop: what a step is called is asked now.
    const shown = fold.view.steps.get(id)
    if (shown) Object.assign(step, { path: shown.path, name: shown.name, kind: shown.kind })
  }
  const atMs = fold.view.lastAtMs
  return { view: fold.view, seq, atMs, untilMs: untilOf(moment, atMs), args, steps, ...(end ? { end } : {}) }
}

function untilOf(moment: Moment, lastAtMs: number): number {
  switch (moment.kind) {
    case 'now':
      return Number.POSITIVE_INFINITY
    case 'seq':
      return lastAtMs
    case 'instant':
      return moment.atMs
  }
}

/** The last event that counts, and the graph of which the run was one then. */
async function rangeOf(
  store: Store,
  { run, graph }: RunRow,
  moment: Moment,
): Promise<{ readonly seq: number; readonly graphHash: string }> {
  if (moment.kind === 'seq' && moment.seq > store.head())
    refuse('AT_OUTSIDE', `The store has ${store.head()} events: there is no moment ${moment.seq} yet`, {
      hint: 'Leave out --at for the run as it is now.',
    })
  let seq = 0
  let first: number | undefined
  let graphHash = graph
  for await (const { seq: at, event } of store.read({ run })) {
    first ??= at
    if (isAfter(moment, at, event)) break
    seq = at
    if (event.kind === 'run.started' || event.kind === 'run.moved') graphHash = event.graph
  }
  if (seq > 0) return { seq, graphHash }
  return refuse('AT_OUTSIDE', `Run ${run} had not begun then: its first event is ${first ?? 'not there'}`, {
    hint: `tutti show ${run} --json lists its events with their instants.`,
  })
}

function isAfter(moment: Moment, seq: number, { atMs }: Event): boolean {
  switch (moment.kind) {
    case 'now':
      return false
    case 'seq':
      return seq > moment.seq
    case 'instant':
      return atMs > moment.atMs
  }
}

const newStep = (id: StepId): PastStep => ({ id, path: id, name: id, kind: 'unknown', attempts: 0, failures: [] })

/** Whether the event says anything about the step's own attempts or what it gave. */
function note(step: PastStep, event: Event, { seq, redrives }: Pick<StepEnd, 'seq' | 'redrives'>): boolean {
  switch (event.kind) {
    case 'attempt.started':
      step.attempts += 1
      step.startedAtMs = event.atMs
      step.worker = event.worker
      return true
    case 'attempt.failed':
    case 'step.parked':
      step.failures.push({ attempt: event.attempt, fault: event.fault, atMs: event.atMs })
      return true
    case 'step.settled': {
      const { attempt, outcome, origin, atMs } = event
      step.end = { seq, atMs, attempt, outcome, redrives, ...(origin ? { origin } : {}) }
      return true
    }
    case 'signal.received': {
      const output = refOf(event.value)
      if (event.step === undefined || !output) return false
      step.end = { seq, atMs: event.atMs, attempt: 0, outcome: { kind: 'succeeded', output }, redrives }
      return true
    }
    default:
      return false
  }
}

/** Of what came from outside, it is all there. */
export function refOf(bound: Bound): ValueRef | undefined {
  if (bound.kind === 'value' && bound.path.length === 0) return bound.value
  if (bound.kind !== 'literal') return undefined
  const inline = JSON.stringify(bound.value)
  return { codec: 'json', hash: '', sizeBytes: Buffer.byteLength(inline), inline }
}
