/**
 * The types of the language: what a ref of a value looks like, what may be passed for a parameter, what comes out of a body.
 * Only types; what they promise is done by the files beside this one and asserted by test/dsl/types.test-d.ts.
 */
import type { Duration } from '../util/duration.ts'
import type { Handle } from './resources.ts'

type Primitive = string | number | bigint | boolean | symbol | null | undefined
// biome-ignore lint/suspicious/noExplicitAny: `any` is what the users' own `any` (JSON.parse) looks like; the types below ask for it.
type Any = any
type IsAny<T> = 0 extends 1 & T ? true : false

/** Values that travel whole: no field of theirs is a ref, and no ref may stand inside them. */
type Whole =
  | Primitive
  | Date
  | RegExp
  | URL
  | Map<Any, Any>
  | Set<Any>
  | ArrayBuffer
  | ArrayBufferView
  | Error
  | Handle
  | ((...args: never) => unknown)

declare const refOf: unique symbol

/** What every ref has. `PromiseLike`, so that a flow can await it and `if (ref)` is an error of the compiler (TS2801). */
export interface RefCore<out T> extends PromiseLike<T> {
  readonly [refOf]: T
  /** A small pure map, evaluated where its value is used. */
  to<U>(fn: (value: T) => U): Ref<Awaited<U>>
  /** Order without data. */
  after(...steps: readonly RefCore<unknown>[]): this
}

type Own = keyof RefCore<unknown> | keyof Undoable<unknown> | 'at'
/** All keys of all members of a union. */
type Keys<T> = T extends Whole
  ? T extends Handle
    ? Extract<keyof T, 'path' | 'paths'>
    : never
  : T extends readonly unknown[]
    ? number | 'length'
    : T extends object
      ? keyof T
      : never
type Field<T, K extends PropertyKey> = T extends Primitive
  ? undefined
  : T extends readonly unknown[]
    ? K extends 'length'
      ? T['length']
      : number extends T['length']
        ? T[number] | undefined
        : K extends keyof T
          ? T[K]
          : undefined
    : K extends keyof T
      ? T[K]
      : undefined
type Fields<T> =
  IsAny<T> extends true
    ? { readonly [field: string]: Any }
    : [NonNullable<T>] extends [never]
      ? unknown
      : At<T> &
          ([NonNullable<T>] extends [readonly unknown[]]
            ? number extends NonNullable<T>['length']
              ? { readonly length: Ref<number> }
              : Refs<NonNullable<T>>
            : { readonly [K in Exclude<Keys<T>, Own>]: Ref<Field<T, K>> })
interface At<T> {
  /** A field whose name a member of the ref hides (`to`, `then`, `after`, `undo`, `at`), or an index. */
  at<K extends Keys<T>>(key: K): Ref<Field<T, K>>
}
type Refs<A extends readonly unknown[]> = { readonly [K in keyof A]: Ref<A[K]> }

/** Apart from the core, which must stay covariant. */
interface Undoable<T> {
  /**
   * What undoes the step after it has succeeded, when what is around it fails or is cancelled: last first. The body gets
   * what the step gave; other refs that it uses are kept as they are when the step succeeds.
   */
  undo(body: (value: Ref<T>) => unknown): this
}

/** The value that a step will have: its fields are refs, too. */
export type Ref<T> = RefCore<T> & Undoable<T> & Fields<T>

/** What may be passed for a `T`: a value, a ref of it, or a literal with refs anywhere inside. */
export type In<T> = IsAny<T> extends true ? Any : RefCore<T> | Inside<T>
type Inside<T> = T extends Whole | RefCore<Any>
  ? T
  : T extends readonly unknown[]
    ? { readonly [K in keyof T]: In<T[K]> }
    : T extends object
      ? { [K in keyof T]: In<T[K]> }
      : T
type Ins<A extends unknown[]> = { [K in keyof A]: In<A[K]> }

/** What comes out of a body: refs become their values. */
export type Out<R> =
  IsAny<R> extends true
    ? Any
    : [R] extends [void]
      ? undefined
      : R extends RefCore<infer T>
        ? T
        : R extends PromiseLike<infer T>
          ? T
          : R extends Whole
            ? R
            : R extends object
              ? { -readonly [K in keyof R]: Out<R[K]> }
              : R
export type NotAsync<R> = [R] extends [Promise<unknown>] ? 'a traced body cannot be async: use flow()' : R

type Parameter<P> = P extends RefCore<infer T> ? In<T> : In<P>
type Parameters<A extends unknown[]> = { [K in keyof A]: Parameter<A[K]> }

/** One call signature and nothing else, so that generic functions stay generic. */
export type Task<A extends unknown[], R> = (...args: Ins<A>) => Ref<Awaited<R>>

/** A workflow is called like a task. `[Result]` is for the types of `run` only. */
export type Workflow<A extends unknown[], R> = (...args: Parameters<A>) => Ref<Out<R>>

/** https://standardschema.dev, version 1: zod, valibot, arktype and others have it. */
export interface Schema<O = unknown> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult | Promise<SchemaResult>
    readonly types?: { readonly input: unknown; readonly output: O } | undefined
  }
}
export type SchemaResult =
  | { readonly value: unknown; readonly issues?: undefined }
  | {
      readonly issues: readonly {
        readonly message: string
        readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
      }[]
    }
export type Schemas = { readonly [param: string]: Schema }
type Parsed<S> = S extends { '~standard': { types?: infer T } }
  ? NonNullable<T> extends { output: infer O }
    ? O
    : unknown
  : unknown
type Accepted<S> = S extends { '~standard': { types?: infer T } }
  ? NonNullable<T> extends { input: infer I }
    ? I
    : unknown
  : unknown
type OptionalKeys<S> = { [K in keyof S]: undefined extends Accepted<S[K]> ? K : never }[keyof S]
/** What a caller passes for a record of validators, values or refs: what a validator fills in may be left out. */
export type Arguments<S> = { [K in Exclude<keyof S, OptionalKeys<S>>]: In<Parsed<S[K]>> } & {
  [K in OptionalKeys<S>]?: In<Parsed<S[K]>>
}
/** All of it may be left out when every parameter has a default. */
export type ArgumentList<S> = [Exclude<keyof S, OptionalKeys<S>>] extends [never]
  ? [args?: Arguments<S>]
  : [args: Arguments<S>]
export type ParamRefs<S> = { readonly [K in keyof S]: Ref<Parsed<S[K]>> }
export type ParamValues<S> = { readonly [K in keyof S]: Parsed<S[K]> }

/** At most `slots` steps of one pool run at a time. Pools of one name are one pool. */
export interface Pool extends PoolShare {
  /** What a step takes that needs more than one slot. */
  take(slots: number): PoolShare
}

export interface PoolShare {
  readonly name: string
  readonly slots: number
  readonly across: 'process' | 'store'
  /** Slots that one attempt takes. Default: 1. */
  readonly weight?: number
}

export interface PoolOptions {
  readonly name?: string
  /** Whose steps share the slots: those of this process (default), or of all processes that use one store. */
  readonly across?: 'process' | 'store'
}

/** Held by one at a time in a run. Locks of one name are one lock. */
export interface Lock {
  readonly name: string
}

/** One rule of retrying; of several the first that knows the error counts it. */
export interface RetryOptions {
  /** Codes and class names of errors (`'TIMEOUT'`, `'TypeError'`). Default: every error. */
  readonly errors?: readonly string[]
  /** Further attempts after the first failure. */
  readonly times: number
  /** Default `exponential`. */
  readonly backoff?: 'fixed' | 'exponential'
  /** Growth of an exponential back-off. Default 2. */
  readonly factor?: number
  /** Before the first retry. Default 1s. */
  readonly delay?: Duration
  /** Default 5m. */
  readonly maxDelay?: Duration
  /** Default `full`. */
  readonly jitter?: 'none' | 'full' | 'equal' | 'decorrelated'
}

export type RetryPolicy = number | RetryOptions | readonly RetryOptions[]

export interface TaskOptions {
  /** Pins name and id. Default: the variable or export that holds the definition. */
  readonly name?: string
  /** Of one attempt. */
  readonly timeout?: Duration
  /** Of the whole step, from when it could begin: all attempts, and what it waits for between them. */
  readonly deadline?: Duration
  /** Longest silence of one attempt: it must call `ctx().heartbeat()` that often. */
  readonly heartbeat?: Duration
  readonly retry?: RetryPolicy
  /** When no attempt is left: the step fails (default), or it is parked until somebody retries it. */
  readonly exhausted?: 'fail' | 'park'
  readonly pool?: Pool | PoolShare
  /** Held while the step runs; all at once. */
  readonly locks?: readonly Lock[]
  /** Greater goes first. */
  readonly priority?: number
  readonly cache?: 'on' | 'off'
  /**
   * What the task hangs on beside its arguments. `inferred`: the files of the project that it is seen to read. `depfile`:
   * those that its compiler writes down (`gcc -MD`), in a file named relative to the task's folder; `{output}` in it stands
   * for the path of the first output argument.
   */
  readonly inputs?: 'inferred' | { readonly depfile: string }
  /** Environment variables that the task sees and hangs on. */
  readonly env?: readonly string[]
  /** `inline` (default), `thread`, or `process`. */
  readonly executor?: 'inline' | 'thread' | 'process'
}

export interface WorkflowOptions {
  /** From its start. */
  readonly deadline?: Duration
  /** What a failed step does to the others: interrupts them (default), or lets them end first. */
  readonly onFailure?: 'stop' | 'finish'
  /**
   * However often a graph calls it, it is one step, beside the outermost ones, which all callers wait for: what several
   * projects build on. Only for a workflow without parameters.
   */
  readonly once?: boolean
}

/** What becomes of those that were not waited for: stopped, awaited without effect, or left to run on. */
export type Rest = 'cancel' | 'finish' | 'detach'

/** An error as a handler gets it. */
export interface Caught {
  /** Stable: `TIMEOUT`, `COMMAND_FAILED`, or a code of your own. */
  readonly code: string
  readonly message: string
  /** The id of the step that failed. */
  readonly step: string | undefined
  /** Names of the error's classes, its own first. */
  readonly types: readonly string[]
  /** What led to it: the failures of a race's arms, of an each's items. */
  readonly causes: readonly Caught[]
  /** The error itself, as far as it could be kept. */
  readonly error: unknown
}

/** Something that a person or another system tells the run. Signals of one name are one signal. */
export interface Signal<T> {
  readonly name: string
  /** Waits until it is sent; a step of its own. Fails with TIMEOUT after `timeout`. */
  wait(options?: { readonly timeout?: Duration }): Ref<T>
}

export type Arms = { readonly [label: string]: () => unknown }
/** Arms that are no async functions. */
export type Traced<M extends Arms> = { readonly [K in keyof M]: () => NotAsync<ReturnType<M[K]>> }
