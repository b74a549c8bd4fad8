/**
 * One run's dealings with what runs take from one another: which of its steps have keys, what their attempts were seen to
 * read, and what is to be stored with the events that are decided next.
 */
import type { Event, FlowCall, Input, Node, Outcome, StepDescription, StepId } from '../core/index.ts'
import type { Access, Executor } from '../exec/attempt.ts'
import { isOutcome } from '../exec/attempt.ts'
import type { Freshness, Key, SeenFiles, Soon, Verdict } from '../freshness/index.ts'
import type { Trace } from '../store/store.ts'
import type { Hash } from '../util/hash.ts'
import { resourcesIn } from '../values/bound-resources.ts'
import type { Clock } from './clock.ts'
import type { Looked } from './looked.ts'

export interface Keeping {
  /** The result that the step may take; undefined: it must run. */
  ask(step: StepId, description: StepDescription): Soon<Trace | undefined>
  /** Under which its result will be kept. Asked when its attempt begins. */
  keyOf(step: StepId): Hash | undefined
  saw(step: StepId, access: Access): void
  settled(event: Extract<Event, { kind: 'step.settled' }>): void
  takeTraces(): readonly Trace[]
  /** Something goes on in the run that no later one can be spared. */
  block(why: string): void
  /** The executor, which puts back what a step had written last when an attempt of it fails. */
  around(executor: Executor): Executor
}

interface Pending {
  readonly key: Key
  readonly description: StepDescription
  readonly mayWrite: boolean
  startedAtMs: number
  seen: { readonly [K in keyof SeenFiles]: Set<string> } | undefined
}

export interface KeepingOptions {
  readonly run: string
  readonly freshness: Freshness
  readonly clock: Clock
  readonly looked?: Looked
  readonly warn: (step: StepId, text: string) => void
}

export function newKeeping({ run, freshness, clock, looked, warn }: KeepingOptions): Keeping {
  const pending = new Map<StepId, Pending>()
  let traces: Trace[] = []

  const note = (step: StepId, description: StepDescription, verdict: Verdict): Trace | undefined => {
    if (verdict.kind === 'known') {
      // It is what the step gave last now, and is kept as that.
      if (!verdict.isLast) traces.push(freshness.takenBy(step, verdict.trace))
      return verdict.trace
    }
    if (verdict.key) {
      const mayWrite = description.args.some(arg => resourcesIn(arg).some(each => each.kind === 'output'))
      pending.set(step, { key: verdict.key, description, mayWrite, startedAtMs: clock.now(), seen: undefined })
    }
    return undefined
  }

  return {
    ask(step, description) {
      const verdict = freshness.ask(step, description.node, description.args)
      return verdict instanceof Promise
        ? verdict.then(later => note(step, description, later))
        : note(step, description, verdict)
    },
    keyOf(step) {
      const mine = pending.get(step)
      if (mine) mine.startedAtMs = clock.now()
      return mine?.key.hash
    },
    saw(step, access) {
      const mine = pending.get(step)
      if (!mine) return
      mine.seen ??= { reads: new Set(), absent: new Set(), writes: new Set() }
      for (const path of access.reads) mine.seen.reads.add(path)
      for (const path of access.absent) mine.seen.absent.add(path)
      for (const path of access.writes) mine.seen.writes.add(path)
    },
    settled({ step, attempt, outcome }) {
      const mine = pending.get(step)
      if (!mine) {
        if (outcome.kind === 'succeeded') looked?.gave(run, step, outcome.output)
        return
      }
      pending.delete(step)
      // What an attempt of another life of the run gave has no key here.
      if (outcome.kind !== 'succeeded' || attempt === 0) return
      // What was written could not be kept, so it could not be put back.
      if (mine.mayWrite && outcome.wrote === undefined) return freshness.block(step)
      const { key, description, seen, startedAtMs } = mine
      const kept = freshness.traceOf({
        step,
        node: description.node,
        key,
        args: description.args,
        outcome,
        seen,
        ms: Math.max(0, clock.now() - startedAtMs - (outcome.waitedMs ?? 0)),
      })
      if (kept.kind === 'kept') traces.push(kept.trace)
      if (kept.kind === 'changed')
        warn(step, `INPUT_CHANGED: ${kept.path} changed while the step ran, so its result is for this run only`)
    },
    block: freshness.block,
    takeTraces() {
      const taken = traces
      traces = []
      return taken
    },
    around: executor => (attempt, signal, reports) => {
      const outcome = executor(attempt, signal, reports)
      const done = async (end: Outcome): Promise<Outcome> => {
        await freshness.restoreLast(attempt.step).catch(() => undefined)
        return end
      }
      const isBad = (end: Outcome): boolean => end.kind === 'failed' && attempt.key !== undefined
      if (isOutcome(outcome)) return isBad(outcome) ? done(outcome) : outcome
      return attempt.key === undefined ? outcome : outcome.then(end => (isBad(end) ? done(end) : end))
    },
  }
}

/** As the step that gave it told it. */
export const outcomeOf = ({ output, wrote }: Trace): Extract<Outcome, { kind: 'succeeded' }> => ({
  kind: 'succeeded',
  output,
  ...(wrote.length > 0 ? { wrote } : {}),
})

export type CalledNode = Extract<FlowCall['target'], { kind: 'node' }>['node']

/** A flow's call as the node that it would be in a graph. */
export const nodeOfCall = (called: CalledNode): Node => {
  const { kind, name, policy, task, executor } = called
  const common = { id: name, name, after: [], policy, args: [] }
  return kind === 'flow' ? { ...common, kind, flow: task } : { ...common, kind, task, executor }
}

export const knownCall = (call: FlowCall, trace: Trace, atMs: number): Input => ({
  kind: 'call.known',
  call,
  outcome: outcomeOf(trace),
  origin: { kind: 'run', run: trace.run, step: trace.step },
  atMs,
})
