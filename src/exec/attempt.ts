/**
 * One attempt of one step, as an executor sees it, and the onion around it.
 *
 * `Attempt` is plain data: with the bundle and the blobs any process can run it. An `Executor` turns it into an `Outcome`
 * and never throws. A `Middleware` wraps an executor; the chain is
 * `observe > timeout > heartbeat > secrets > io > executor`.
 */
import type { Bound, Fault, Outcome, StepId, ValueRef } from '../core/engine/protocol.ts'
import type { Policy, ServicePolicy, Source } from '../core/graph/graph.ts'
import type { Hash } from '../util/hash.ts'
import type { Json } from '../util/json.ts'

export interface Attempt {
  readonly run: string
  readonly step: StepId
  /** For display: names instead of ids. */
  readonly name: string
  readonly attempt: number
  /** Attempts before it that failed; those that were lost with their worker do not count. Absent: none. */
  readonly failures?: number
  /** `run/step`: the same for all attempts of a step instance. */
  readonly idempotencyKey: string
  readonly work: Work
  readonly args: readonly Bound[]
  readonly policy: Policy
  /** Folder of the file that defines the task: relative paths and commands start here. */
  readonly cwd: string
  /** Folder of the run's file: where the paths of outputs and secrets start. Absent: `cwd`. */
  readonly root?: string
  /** What the result hangs on, as a hash; set when others may take it, or when a service is to be kept while it stays the same. */
  readonly key?: Hash
  /** Milliseconds that are expected from its start to the end of the run: of commands that wait for a slot the greater goes first. */
  readonly ahead?: number
  /** Set by the `io` layer for the layers inside it; never there outside of `io`, so that what travels stays plain data. */
  readonly opened?: Opened
}

/** An attempt's values: what the executor calls the function with, and where its result goes. */
export interface Opened {
  readonly args: readonly unknown[]
  /** Stores a result. Refuses with VALUE_UNKEEPABLE, SECRET_LEAKED and the like. */
  keep(value: unknown): ValueRef | Promise<ValueRef>
  /** An error as data, secrets redacted. Never rejects. */
  fault(error: unknown, code?: string): Promise<Fault>
}

export type Work =
  | { readonly kind: 'task' | 'effect'; readonly bundle: Hash; readonly task: string; readonly executor: string }
  /** Goes on after its attempt, which has succeeded when it is ready. */
  | {
      readonly kind: 'service'
      readonly bundle: Hash
      readonly task: string
      readonly executor: string
      readonly service: ServicePolicy
    }
  | { readonly kind: 'source'; readonly source: Source }

/** What flows back while an attempt runs. Calls never block and never throw. */
export interface Reports {
  /** One line of output, without its line break, secrets already redacted. */
  line(stream: 'stdout' | 'stderr' | 'log', text: string): void
  record(name: string, value: Json): void
  /** The attempt still works (`ctx().heartbeat()`); a line says the same. */
  alive(): void
  /** Files that the attempt was seen to read and to write; may be called several times. */
  saw(access: Access): void
}

/** Absolute paths. */
export interface Access {
  readonly reads: readonly string[]
  /** What it looked for and did not find: its coming would matter. */
  readonly absent: readonly string[]
  readonly writes: readonly string[]
}

/** May answer at once: a chain of small tasks would spend most of its time on promises. `await` what it gives. */
export type Executor = (attempt: Attempt, signal: AbortSignal, reports: Reports) => Outcome | Promise<Outcome>
export type Middleware = (next: Executor) => Executor

/** Looks at an outcome on its way out, at once when it is there. */
export function whenDone(
  outcome: Outcome | Promise<Outcome>,
  look: (outcome: Outcome) => Outcome,
): Outcome | Promise<Outcome> {
  return isOutcome(outcome) ? look(outcome) : outcome.then(look)
}

export const isOutcome = (outcome: Outcome | Promise<Outcome>): outcome is Outcome => 'kind' in outcome

/** Outermost first. */
export const compose = (layers: readonly Middleware[], core: Executor): Executor =>
  layers.reduceRight((next, layer) => layer(next), core)
