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

type Own = keyof RefCore<unknown> | 'at'
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
    : At<T> &
        ([NonNullable<T>] extends [readonly unknown[]]
          ? number extends NonNullable<T>['length']
            ? { readonly length: Ref<number> }
            : Refs<NonNullable<T>>
          : { readonly [K in Exclude<Keys<T>, Own>]: Ref<Field<T, K>> })
interface At<T> {
  /** A field whose name a member of the ref hides (`to`, `then`, `after`, `at`), or an index. */
  at<K extends Keys<T>>(key: K): Ref<Field<T, K>>
}
type Refs<A extends readonly unknown[]> = { readonly [K in keyof A]: Ref<A[K]> }

/** The value that a step will have: its fields are refs, too. */
export type Ref<T> = RefCore<T> & Fields<T>

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
export interface Pool {
  readonly name: string
  readonly slots: number
}

export interface RetryOptions {
  /** Further attempts after the first failure. */
  readonly times: number
  /** Default `exponential`. */
  readonly backoff?: 'fixed' | 'exponential'
  /** Before the first retry. Default 1s. */
  readonly delay?: Duration
  /** Default 5m. */
  readonly maxDelay?: Duration
  /** Default `full`. */
  readonly jitter?: 'none' | 'full' | 'equal'
}

export interface TaskOptions {
  /** Pins name and id. Default: the variable or export that holds the definition. */
  readonly name?: string
  /** Of one attempt. */
  readonly timeout?: Duration
  readonly retry?: number | RetryOptions
  readonly pool?: Pool
  /** Greater goes first. */
  readonly priority?: number
  readonly cache?: 'on' | 'off'
  /** Environment variables that the task sees and hangs on. */
  readonly env?: readonly string[]
  /** `inline` (default), `thread`, or `process`. */
  readonly executor?: 'inline' | 'thread' | 'process'
}

export interface EachOptions<T> {
  /** What an item is called in the run: must be unique among the items. Default: its index. */
  readonly key?: (item: Ref<T>, index: Ref<number>) => In<string | number>
  /** How many items at a time. Default: all. */
  readonly concurrency?: number
}
