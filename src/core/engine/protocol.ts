/**
 * What crosses the engine's border: inputs report or ask, events are past facts, commands are requests to the world.
 *
 * Events are stored for ever: a `kind` string never changes its meaning, `v` is the version of all of them.
 * Steps are named by structural ids (`build`, `tests[a.ts]/triage`): the same in every replay and in every process.
 */
import type { Node, Path, Region, Resource } from '../graph/graph.ts'
import type { Hash } from '../../util/hash.ts'
import type { Json } from '../../util/json.ts'

export const EVENT_VERSION = 1

/** A step instance in a run: scope path and node id. */
export type StepId = string

/** Where a value is: in the event itself when small, else in the blob store under its hash. */
export interface ValueRef {
  readonly codec: string
  readonly hash: Hash
  readonly sizeBytes: number
  /** The encoded value as text, when it is small and its codec's form is text. */
  readonly inline?: string
}

/** An expression whose refs have become values: all that an executor needs, in any process that has bundle and blobs. */
export type Bound =
  | { readonly kind: 'literal'; readonly value: Json }
  | { readonly kind: 'value'; readonly value: ValueRef; readonly path: Path }
  | { readonly kind: 'record'; readonly fields: { readonly [name: string]: Bound } }
  | { readonly kind: 'list'; readonly items: readonly Bound[] }
  | { readonly kind: 'apply'; readonly fn: string; readonly args: readonly Bound[]; readonly path: Path }
  | { readonly kind: 'resource'; readonly resource: Resource }

/** An error as a value. `error` holds the encoded original (stack, cause, own fields). */
export interface Fault {
  /** TASK_FAILED, TIMEOUT, … or the code that the error itself had. */
  readonly code: string
  readonly message: string
  readonly error?: ValueRef
  /** The step that it came from, when it crossed a scope. */
  readonly step?: StepId
  /** Class names of the error, its own first: what rules of retrying and catching know it by, beside its code. */
  readonly types?: readonly string[]
  /** What it follows from: the arms that failed, the error that a handler was about. */
  readonly causes?: readonly Fault[]
}

export type Outcome =
  /**
   * `wrote`: the content of the outputs that it was given, so that they can be put back without it. `waitedMs`: so long its
   * commands only waited for a slot: it took that much less.
   */
  | {
      readonly kind: 'succeeded'
      readonly output: ValueRef
      readonly wrote?: readonly ValueRef[]
      readonly waitedMs?: number
    }
  | { readonly kind: 'failed'; readonly fault: Fault }
  | { readonly kind: 'cancelled' }

/** Limits of an each that were not known before it ran. */
export interface EachLimits {
  /** Items at a time, at least 1. */
  readonly concurrency?: number
  /** So many may fail. */
  readonly tolerate?: number
}

type WaitNode = Extract<Node, { kind: 'wait' }>

/** A call that a flow made: its step did not exist before. */
export interface FlowCall {
  readonly flow: StepId
  /** `site~order`: unique in the flow, the same after a re-run that takes the same way. */
  readonly key: string
  readonly site: string
  readonly argsHash: Hash
  readonly args: readonly Bound[]
  readonly target:
    | {
        readonly kind: 'node'
        readonly node: Pick<Extract<Node, { kind: 'task' | 'effect' | 'flow' }>, 'kind' | 'name' | 'policy' | 'at'> & {
          readonly task: string
          readonly executor: string
        }
      }
    /** A timer or a signal: the arguments are its duration or instant, if it has one. */
    | { readonly kind: 'wait'; readonly node: Pick<WaitNode, 'name' | 'policy' | 'at' | 'on'> }
    /** A traced workflow: its region is in the run's library under this hash. */
    | {
        readonly kind: 'workflow'
        readonly workflow: string
        readonly params: readonly string[]
        readonly region: Hash
      }
}

export type RunStatus = 'succeeded' | 'failed' | 'cancelled' | 'timed-out' | 'diverged'

export type Input =
  | {
      readonly kind: 'run.requested'
      readonly run: string
      readonly graph: Hash
      readonly bundle?: Hash
      readonly args: { readonly [param: string]: Bound }
      readonly deadlineAtMs?: number
      /** Steps that take no result from other runs, by id; `*`: all. */
      readonly fresh?: readonly string[]
      readonly atMs: number
    }
  /** The scheduler lets a waiting step go. `supersedes`: the attempt that died with its process, after a recovery. */
  | {
      readonly kind: 'attempt.granted'
      readonly step: StepId
      readonly worker: string
      readonly supersedes?: number
      readonly atMs: number
    }
  | {
      readonly kind: 'attempt.finished'
      readonly step: StepId
      readonly attempt: number
      readonly outcome: Outcome
      readonly atMs: number
    }
  /** A waiting step, a timer or a signal need not be waited for: its outcome is known (resume, redrive, rebuild). */
  | {
      readonly kind: 'step.known'
      readonly step: StepId
      readonly outcome: Extract<Outcome, { kind: 'succeeded' }>
      readonly origin: Origin
      readonly atMs: number
    }
  | {
      readonly kind: 'branch.evaluated'
      readonly step: StepId
      readonly result: /** `again` or `done` of a loop, a transition of a net. `value`: the state of a loop or a net, evaluated, so that it does not grow. */
        | { readonly kind: 'chosen'; readonly branch: string; readonly value?: Bound }
        /** The arms of an any that are taken. */
        | { readonly kind: 'several'; readonly branches: readonly string[] }
        /** No guard of a net's enabled transitions holds now. */
        | { readonly kind: 'none' }
        | { readonly kind: 'failed'; readonly fault: Fault }
      readonly atMs: number
    }
  | {
      readonly kind: 'items.evaluated'
      readonly step: StepId
      readonly result: /** `count`: items, when they go in batches; `keys` has one for each batch. */
        | {
            readonly kind: 'listed'
            readonly keys: readonly string[]
            readonly items: Bound
            readonly count?: number
            readonly limits?: EachLimits
          }
        /** One more item, that a signal brought. */
        | { readonly kind: 'added'; readonly key: string; readonly item: Bound }
        | { readonly kind: 'failed'; readonly fault: Fault }
      readonly atMs: number
    }
  /** A flow makes a call: to a definition that may start now, or whose outcome is known, or to a workflow. */
  | { readonly kind: 'call.granted'; readonly call: FlowCall; readonly worker: string; readonly atMs: number }
  | {
      readonly kind: 'call.known'
      readonly call: FlowCall
      readonly outcome: Extract<Outcome, { kind: 'succeeded' }>
      readonly origin: Origin
      readonly atMs: number
    }
  | { readonly kind: 'call.made'; readonly call: FlowCall; readonly atMs: number }
  | {
      readonly kind: 'value.recorded'
      readonly step: StepId
      readonly attempt: number
      readonly name: string
      readonly value: Json
      readonly atMs: number
    }
  | { readonly kind: 'flow.diverged'; readonly step: StepId; readonly fault: Fault; readonly atMs: number }
  /** Only this scope or this step instance; the whole run when both are absent. */
  | {
      readonly kind: 'cancel.requested'
      readonly reason: string
      readonly scope?: string
      readonly step?: StepId
      readonly atMs: number
    }
  /** An instant that `armTimer` named has come. The engine believes `atMs`, not the caller. `step` '' is the run. */
  | { readonly kind: 'timer.fired'; readonly step: StepId; readonly timer: Timer; readonly atMs: number }
  | {
      readonly kind: 'timer.evaluated'
      readonly step: StepId
      readonly result:
        | { readonly kind: 'due'; readonly dueAtMs: number }
        | { readonly kind: 'failed'; readonly fault: Fault }
      readonly atMs: number
    }
  /** `id`: a repetition with the same id is refused. `step`: only for this wait. The value has passed its validator. */
  | {
      readonly kind: 'signal.sent'
      readonly signal: string
      readonly value: Bound
      readonly id?: string
      readonly step?: StepId
      readonly atMs: number
    }
  /** What a queued step waits for may be there: a lock, a kept signal, a gate. The engine looks. */
  | { readonly kind: 'grant.proposed'; readonly step: StepId; readonly atMs: number }
  /** A parked step gets another try. */
  | { readonly kind: 'retry.requested'; readonly step: StepId; readonly atMs: number }
  | {
      readonly kind: 'redrive.requested'
      readonly from: readonly StepId[]
      readonly accept: readonly StepId[]
      readonly atMs: number
    }
  /** The run goes on as a run of another graph, in which its log could have come about, too. */
  | (RunCode & {
      readonly kind: 'move.requested'
      readonly from: RunCode
      readonly atMs: number
    })
  | {
      readonly kind: 'result.evaluated'
      readonly status: RunStatus
      readonly output?: ValueRef
      readonly fault?: Fault
      readonly atMs: number
    }

/** What a run is a run of. */
export interface RunCode {
  readonly graph: Hash
  readonly bundle: Hash
  /** Number of the published version that it is, if it is one. */
  readonly version?: string
  /** By the path of a step in the version's own graph: the id that it has in the run's instead. */
  readonly renames?: { readonly [path: string]: string }
}

/** `wake`: of a wait; `retry`: the body of an attempt is tried again; `deadline`: of a step, or of the run. */
export type Timer = 'wake' | 'retry' | 'deadline'

/** Where a known outcome came from. */
export type Origin =
  | { readonly kind: 'run'; readonly run: string; readonly step: StepId }
  | { readonly kind: 'given'; readonly step?: StepId }

export type Event =
  | {
      readonly kind: 'run.started'
      readonly v: 1
      readonly run: string
      readonly graph: Hash
      readonly bundle?: Hash
      readonly args: { readonly [param: string]: Bound }
      readonly deadlineAtMs?: number
      readonly fresh?: readonly string[]
      readonly atMs: number
    }
  /** An attempt may now be running somewhere. `call`: the step itself came into being with it. */
  | {
      readonly kind: 'attempt.started'
      readonly v: 1
      readonly step: StepId
      readonly attempt: number
      readonly worker: string
      readonly call?: FlowCall
      readonly atMs: number
    }
  /** The attempt failed and the step will be tried again, not before `retryAtMs`. One that was lost with its worker does not count. */
  | {
      readonly kind: 'attempt.failed'
      readonly v: 1
      readonly step: StepId
      readonly attempt: number
      readonly fault: Fault
      readonly counts: boolean
      /** The rule that counts it; absent: the first. */
      readonly rule?: number
      readonly retryAtMs: number
      readonly atMs: number
    }
  /** Final. `attempt` is 0 when none was needed. */
  | {
      readonly kind: 'step.settled'
      readonly v: 1
      readonly step: StepId
      readonly attempt: number
      readonly outcome: Outcome
      readonly origin?: Origin
      readonly call?: FlowCall
      readonly atMs: number
    }
  /** `branches` instead of `branch`: an any. `value`: the state of a loop. */
  | {
      readonly kind: 'chosen'
      readonly v: 1
      readonly step: StepId
      readonly branch: string
      readonly branches?: readonly string[]
      readonly value?: Bound
      readonly atMs: number
    }
  /** No guard of a net's enabled transitions held: it waits for what still runs. */
  | { readonly kind: 'chosen.none'; readonly v: 1; readonly step: StepId; readonly atMs: number }
  | {
      readonly kind: 'items.added'
      readonly v: 1
      readonly step: StepId
      readonly keys: readonly string[]
      /** All items; of a later addition, the one item itself. */
      readonly items: Bound
      /** False of an addition, and of what may be added to. */
      readonly closed: boolean
      readonly added?: true
      readonly count?: number
      readonly limits?: EachLimits
      readonly atMs: number
    }
  | { readonly kind: 'call.added'; readonly v: 1; readonly call: FlowCall; readonly atMs: number }
  | {
      readonly kind: 'value.recorded'
      readonly v: 1
      readonly step: StepId
      readonly attempt: number
      readonly name: string
      readonly value: Json
      readonly atMs: number
    }
  /** The scope starts nothing more, stops what runs, and leaves by `x` when all has settled. */
  | {
      readonly kind: 'scope.closed'
      readonly v: 1
      readonly scope: string
      readonly cause: 'cancelled' | 'diverged'
      readonly fault: Fault
      readonly atMs: number
    }
  /** One step instance is stopped; it fails with this fault unless its result is already on the way. */
  | {
      readonly kind: 'step.stopped'
      readonly v: 1
      readonly step: StepId
      readonly fault: Fault
      readonly atMs: number
    }
  /** When a wait whose instant had to be evaluated ends. */
  | {
      readonly kind: 'timer.set'
      readonly v: 1
      readonly step: StepId
      readonly dueAtMs: number
      readonly atMs: number
    }
  | { readonly kind: 'timer.fired'; readonly v: 1; readonly step: StepId; readonly timer: Timer; readonly atMs: number }
  /** `step`: the wait, or the growing each, that takes it; absent: it is kept. `kept`: it was, and is taken now. */
  | {
      readonly kind: 'signal.received'
      readonly v: 1
      readonly signal: string
      readonly value: Bound
      readonly id?: string
      readonly step?: StepId
      readonly kept?: true
      readonly atMs: number
    }
  /** A queued step got what it waited for: its locks, a kept signal, its gate, or its turn to cancel. */
  | { readonly kind: 'granted'; readonly v: 1; readonly step: StepId; readonly atMs: number }
  /** No attempt is left, and the step waits for somebody to ask for another. */
  | {
      readonly kind: 'step.parked'
      readonly v: 1
      readonly step: StepId
      readonly attempt: number
      readonly fault: Fault
      readonly atMs: number
    }
  | { readonly kind: 'step.retried'; readonly v: 1; readonly step: StepId; readonly atMs: number }
  /** The run begins anew with what is known, minus the steps named and all that follows from them. */
  | {
      readonly kind: 'run.redriven'
      readonly v: 1
      readonly from: readonly StepId[]
      readonly accept: readonly StepId[]
      readonly atMs: number
    }
  /** From here on, and for all that came before, the run is one of this graph: whoever folds its log folds all of it so. */
  | (RunCode & {
      readonly kind: 'run.moved'
      readonly v: 1
      /** What it was until now: to go back to. */
      readonly from: RunCode
      readonly atMs: number
    })
  | {
      readonly kind: 'run.ended'
      readonly v: 1
      readonly status: RunStatus
      readonly output?: ValueRef
      readonly fault?: Fault
      readonly atMs: number
    }

export type EventKind = Event['kind']

export type Command =
  /** The step may be granted an attempt, not before `notBeforeMs` (0: now). */
  | { readonly kind: 'startAttempt'; readonly step: StepId; readonly notBeforeMs: number; readonly supersedes?: number }
  | { readonly kind: 'stopAttempt'; readonly step: StepId; readonly attempt: number }
  /** `branches`: the enabled transitions of a net; of all other kinds absent. */
  | { readonly kind: 'evaluateBranch'; readonly step: StepId; readonly branches?: readonly string[] }
  /** `added`: the key of this one item is wanted, which becomes the item `index` of the each. */
  | {
      readonly kind: 'evaluateItems'
      readonly step: StepId
      readonly added?: { readonly item: Bound; readonly index: number }
    }
  | { readonly kind: 'evaluateTimer'; readonly step: StepId }
  /** Report `timer.fired` not before this instant. Arming the same timer again replaces it. */
  | { readonly kind: 'armTimer'; readonly step: StepId; readonly timer: Timer; readonly atMs: number }
  /** A wait for a signal has begun; nothing is asked but an outcome that is already known (`step.known`). */
  | { readonly kind: 'awaitSignal'; readonly step: StepId; readonly signal: string }
  /** Report `grant.proposed`. */
  | { readonly kind: 'proposeGrant'; readonly step: StepId }
  /** A flow's call has its answer. */
  | { readonly kind: 'answerCall'; readonly flow: StepId; readonly key: string; readonly answer: Answer }
  | { readonly kind: 'evaluateResult'; readonly status: RunStatus; readonly result?: Bound; readonly fault?: Fault }

export type Answer =
  | { readonly kind: 'succeeded'; readonly result: Bound }
  | { readonly kind: 'failed'; readonly fault: Fault }
  | { readonly kind: 'cancelled' }

export type Decision =
  | { readonly kind: 'accepted'; readonly events: readonly Event[] }
  /** Nothing happened: a duplicate, late or impossible input. `code` is stable. */
  | {
      readonly kind: 'refused'
      readonly code:
        | 'SUPERSEDED'
        | 'UNKNOWN_STEP'
        | 'RUN_ENDED'
        | 'NOT_WAITING'
        | 'RUN_EXISTS'
        | 'RUN_LIVE'
        | 'CALL_EXISTS'
        /** A timer that fired before its instant: arm it again. */
        | 'NOT_DUE'
        | 'SIGNAL_UNKNOWN'
        /** A transient signal that nobody waits for is lost. */
        | 'SIGNAL_LOST'
        | 'SIGNAL_REPEATED'
      readonly message: string
    }

/** Region tables that a fold needs beside the graph: sub-workflows that flows called. */
export type Library = ReadonlyMap<Hash, Region>
