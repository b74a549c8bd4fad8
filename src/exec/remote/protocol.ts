/**
 * What the two sides of a worker say to each other. Everything is JSON: a worker may be a thread, a process, or a process on
 * the other end of a socket. A worker runs one attempt at a time, so that its death is the death of that attempt alone.
 *
 *   owner                         worker
 *     <------------------- ready
 *     attempt ------------------->
 *     <--- line, record, alive, saw, group, beat …
 *     cancel -------------------->       (perhaps)
 *     <---------------- finished
 *     stop ---------------------->
 */
import type { Outcome } from '../../core/engine/protocol.ts'
import type { Json } from '../../util/json.ts'
import type { Access, Attempt } from '../attempt.ts'

export const PROTOCOL_VERSION = 2

export type ToWorker =
  /** `hidden`: environment variables that hold secrets. */
  | { readonly kind: 'attempt'; readonly attempt: Attempt; readonly hidden: readonly string[] }
  | { readonly kind: 'cancel' }
  /** Finish and end. */
  | { readonly kind: 'stop' }

export type FromWorker =
  | { readonly kind: 'ready'; readonly v: number; readonly pid: number }
  | { readonly kind: 'line'; readonly stream: 'stdout' | 'stderr' | 'log'; readonly text: string }
  | { readonly kind: 'record'; readonly name: string; readonly value: Json }
  /** A process group that the worker has started, or that has ended: whoever outlives the worker ends it. */
  | { readonly kind: 'group'; readonly pid: number; readonly state: 'started' | 'ended' }
  /** The attempt says that it still works. */
  | { readonly kind: 'alive' }
  | { readonly kind: 'saw'; readonly access: Access }
  /** The worker lives. */
  | { readonly kind: 'beat' }
  | { readonly kind: 'finished'; readonly outcome: Outcome }

export interface Channel<Out, In> {
  send(message: Out): void
  /** Called for every message; `raw` for text that is none (a program that writes to its stdout). One listener each. */
  listen(listener: { message(message: In): void; raw?(text: string): void; closed(): void }): void
  close(): void
}
