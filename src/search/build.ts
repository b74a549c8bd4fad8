/**
 * The typed form of the language: the compiler knows the fields of each subject, what can be asked of them, and what a row has.
 *
 *     steps().where(step => all(step.duration.above(p95), step.retried)).orderBy('duration', 'desc').limit(10)
 */
import { type Duration, durationMs } from '../util/duration.ts'
import { instantMs } from '../util/instant.ts'
import { type Field, fieldNamed, FIELDS, type Subject } from './fields.ts'
import { plainSlashes } from './language/tokens.ts'
import { readScalar } from './language/literals.ts'
import type { Aggregate, Condition, Link, Operand, Operator, Order, Place, Query, Scalar } from './query.ts'

type FieldsOf<S extends Subject> = (typeof FIELDS)[S]
export type FieldName<S extends Subject> = Exclude<
  { [K in keyof FieldsOf<S>]: FieldsOf<S>[K] extends { readonly type: 'json' } ? never : K }[keyof FieldsOf<S>],
  number | symbol
>

type Heads<K> = K extends `${infer Head}.${string}` ? Head : K
type Tails<T, H extends string> = { [K in keyof T as K extends `${H}.${infer Tail}` ? Tail : never]: T[K] }
/** `run.id` is `id` of `run`. */
type Nested<T> = {
  readonly [H in Heads<keyof T & string>]: H extends keyof T ? T[H] : Nested<Tails<T, H & string>>
}

type WordOf<F> = F extends { readonly words: readonly (infer W)[] } ? W : string
type HandleOf<F> = F extends { readonly type: 'text' }
  ? TextHandle<string>
  : F extends { readonly type: 'word' }
    ? TextHandle<WordOf<F>>
    : F extends { readonly type: 'number' | 'size' }
      ? NumberHandle<number>
      : F extends { readonly type: 'duration' }
        ? NumberHandle<Duration | History>
        : F extends { readonly type: 'time' }
          ? TimeHandle
          : F extends { readonly type: 'flag' }
            ? Condition
            : JsonHandle

/** What conditions are made of. */
export type Handles<S extends Subject> = Nested<{ readonly [K in keyof FieldsOf<S>]: HandleOf<FieldsOf<S>[K]> }>

type ValueOf<F> = F extends { readonly type: 'text' }
  ? string
  : F extends { readonly type: 'word' }
    ? WordOf<F>
    : F extends { readonly type: 'flag' }
      ? boolean
      : F extends { readonly type: 'json' }
        ? unknown
        : number
type MaybeValueOf<F> = F extends { readonly always: true } | { readonly type: 'flag' }
  ? ValueOf<F>
  : ValueOf<F> | undefined

/** What is found: instants in milliseconds since 1970, durations in milliseconds, sizes in bytes. */
export type Row<S extends Subject> = Nested<{ readonly [K in keyof FieldsOf<S>]: MaybeValueOf<FieldsOf<S>[K]> }>
type GroupRow<S extends Subject, K extends FieldName<S>> = Nested<
  { readonly [F in K & keyof FieldsOf<S>]: ValueOf<FieldsOf<S>[F]> | undefined } & { readonly count: number }
>

export interface TextHandle<T extends string> {
  is(text: T): Condition
  isNot(text: T): Condition
  isIn(texts: readonly T[]): Condition
  contains(text: string): Condition
  /** Flags i, m, s and u count. */
  matches(pattern: RegExp): Condition
  exists(): Condition
}

export interface NumberHandle<T> {
  is(number: T): Condition
  isNot(number: T): Condition
  isIn(numbers: readonly Exclude<T, History>[]): Condition
  below(number: T): Condition
  atMost(number: T): Condition
  above(number: T): Condition
  atLeast(number: T): Condition
  exists(): Condition
}

/** A Date, milliseconds since 1970, ISO 8601, `today`, `yesterday`, or `-2d`. A day is 24 hours of UTC. */
export type When = Date | number | string

export interface TimeHandle {
  /** At that instant, or on that day. */
  is(when: When): Condition
  isNot(when: When): Condition
  before(when: When): Condition
  until(when: When): Condition
  after(when: When): Condition
  since(when: When): Condition
  exists(): Condition
}

type Plain = string | number | boolean | null

export interface JsonHandle {
  /** Into the value: names of fields, and indices from 0. */
  at(...path: readonly (string | number)[]): JsonHandle
  is(value: Plain): Condition
  isNot(value: Plain): Condition
  isIn(values: readonly Plain[]): Condition
  below(value: string | number): Condition
  atMost(value: string | number): Condition
  above(value: string | number): Condition
  atLeast(value: string | number): Condition
  /** A text that has it in it, or a list that has it as an item. */
  contains(text: string): Condition
  matches(pattern: RegExp): Condition
  exists(): Condition
}

/** What the same step, or the same workflow, took before, over all of the store. */
export type History = Extract<Operand, { kind: 'aggregate' }>
const history = (of: Aggregate): History => ({ kind: 'aggregate', of, times: 1 })
export const avg = history('avg')
export const max = history('max')
export const p50 = history('p50')
export const p95 = history('p95')
export const p99 = history('p99')
/** `times(2, avg)`: twice the average. */
export const times = (count: number, of: History): History => ({ ...of, times: of.times * count })

export const all = (...of: readonly Condition[]): Condition => joined('all', of)
export const any = (...of: readonly Condition[]): Condition => joined('any', of)
export const not = (of: Condition): Condition => ({ kind: 'not', of })

const joined = (kind: 'all' | 'any', of: readonly Condition[]): Condition =>
  of.length === 1 ? of[0]! : { kind, of: of.flatMap(each => (each.kind === kind ? each.of : [each])) }

/** A question that can be narrowed further; `find` answers it. */
export interface Asked<S extends Subject, R> {
  readonly query: Query
  /** Never there: it says what the rows are. */
  readonly row?: R
  /** Asked again, both hold. */
  where(condition: (fields: Handles<S>) => Condition): Asked<S, R>
  orderBy(field: FieldName<S>, direction?: Order['direction']): Asked<S, R>
  limit(count: number): Asked<S, R>
  /** How often each combination of these occurs, the most frequent first. */
  groupBy<K extends FieldName<S>>(...fields: readonly K[]): Asked<S, GroupRow<S, K>>
}

/** Steps have a place in a graph. */
export interface AskedSteps<S extends 'step' | 'node'> extends Asked<S, Row<S>> {
  where(condition: (fields: Handles<S>) => Condition): AskedSteps<S>
  /** Those that come after such a step: over any number of steps, or as what depends on it directly. */
  after(where?: (fields: Handles<S>) => Condition, reach?: Link['reach']): AskedSteps<S>
  before(where?: (fields: Handles<S>) => Condition, reach?: Link['reach']): AskedSteps<S>
}

const empty = (subject: Subject): Query => ({ subject, groupBy: [], orderBy: [], wanted: 'rows' })

export const runs = (): Asked<'run', Row<'run'>> => asked('run', empty('run'))
export const steps = (): AskedSteps<'step'> => askedSteps('step', empty('step'))
export const nodes = (): AskedSteps<'node'> => askedSteps('node', empty('node'))
export const values = (): Asked<'value', Row<'value'>> => asked('value', empty('value'))
export const logs = (): Asked<'log', Row<'log'>> => asked('log', empty('log'))

function asked<S extends Subject, R>(subject: S, query: Query): Asked<S, R> {
  return {
    query,
    where: condition => asked(subject, narrowed(query, condition(handlesOf(subject)))),
    orderBy: (field, direction = 'asc') =>
      asked(subject, { ...query, orderBy: [...query.orderBy, { field, direction }] }),
    limit: limit => asked(subject, { ...query, limit }),
    groupBy: (...groupBy) => asked(subject, { ...query, groupBy }),
  }
}

function askedSteps<S extends 'step' | 'node'>(subject: S, query: Query): AskedSteps<S> {
  const linked = (
    towards: Link['towards'],
    where: ((fields: Handles<S>) => Condition) | undefined,
    reach: Link['reach'],
  ) => {
    const link: Link = { towards, reach, ...(where ? { where: where(handlesOf(subject)) } : {}) }
    return askedSteps(subject, { ...query, chain: { links: [...(query.chain?.links ?? []), link] } })
  }
  return {
    ...asked<S, Row<S>>(subject, query),
    where: condition => askedSteps(subject, narrowed(query, condition(handlesOf(subject)))),
    after: (where, reach = 'any') => linked('upstream', where, reach),
    before: (where, reach = 'any') => linked('downstream', where, reach),
  }
}

const narrowed = (query: Query, condition: Condition): Query => ({
  ...query,
  where: query.where ? all(query.where, condition) : condition,
})

const made = new Map<Subject, unknown>()

function handlesOf<S extends Subject>(subject: S): Handles<S> {
  const known = made.get(subject)
  if (known) return known as Handles<S>
  const handles: Record<string, unknown> = {}
  for (const name of Object.keys(FIELDS[subject]))
    put(handles, name.split('.'), handleOf(name, fieldNamed(subject, name)!))
  made.set(subject, handles)
  // The table of fields is what both the type and the object follow.
  return handles as Handles<S>
}

function put(into: Record<string, unknown>, [first = '', ...rest]: readonly string[], handle: unknown): void {
  if (rest.length === 0) into[first] = handle
  else put((into[first] ??= {}) as Record<string, unknown>, rest, handle)
}

function handleOf(name: string, field: Field): unknown {
  const place: Place = { name, path: [] }
  switch (field.type) {
    case 'text':
    case 'word':
      return textHandle(place)
    case 'number':
    case 'size':
      return numberHandle<number>(place, number => ({ kind: 'number', number }))
    case 'duration':
      return numberHandle<Duration | History>(place, duration =>
        typeof duration === 'object' ? duration : { kind: 'number', number: durationMs(duration) },
      )
    case 'time':
      return timeHandle(place, field)
    case 'flag':
      return { kind: 'flag', field: name } satisfies Condition
    case 'json':
      return jsonHandle(place)
  }
}

const compared = (field: Place, operator: Operator, operand: Operand): Condition => ({
  kind: 'compare',
  field,
  operator,
  with: operand,
})
const text = (value: string): Scalar => ({ kind: 'text', text: value })
const exists = (field: Place) => (): Condition => ({ kind: 'has', field })
const contains =
  (field: Place) =>
  (part: string): Condition => ({ kind: 'contains', field, text: part })
const matches =
  (field: Place) =>
  (pattern: RegExp): Condition => ({
    kind: 'matches',
    field,
    pattern: plainSlashes(pattern.source),
    flags: pattern.flags.replace(/[^imsu]/g, ''),
  })

const textHandle = (field: Place): TextHandle<string> => ({
  is: value => compared(field, '=', text(value)),
  isNot: value => compared(field, '!=', text(value)),
  isIn: list => ({ kind: 'in', field, values: list.map(text) }),
  contains: contains(field),
  matches: matches(field),
  exists: exists(field),
})

function numberHandle<T>(field: Place, operand: (value: T) => Operand): NumberHandle<T> {
  const compare = (operator: Operator) => (value: T) => compared(field, operator, operand(value))
  return {
    is: compare('='),
    isNot: compare('!='),
    isIn: list => ({ kind: 'in', field, values: list.map(each => operand(each as T) as Scalar) }),
    below: compare('<'),
    atMost: compare('<='),
    above: compare('>'),
    atLeast: compare('>='),
    exists: exists(field),
  }
}

function timeHandle(field: Place, type: Field): TimeHandle {
  const compare = (operator: Operator) => (when: When) => compared(field, operator, timeOf(when, type))
  return {
    is: compare('='),
    isNot: compare('!='),
    before: compare('<'),
    until: compare('<='),
    after: compare('>'),
    since: compare('>='),
    exists: exists(field),
  }
}

/** Refuses with BAD_INSTANT. */
function timeOf(when: When, type: Field): Scalar {
  if (typeof when === 'string') {
    const read = readScalar({ kind: 'word', text: when }, type, Date.now())
    if (read.kind === 'read') return read.scalar
  }
  const ms = instantMs(when)
  return { kind: 'time', fromMs: ms, toMs: ms + 1 }
}

function plain(value: Plain): Scalar {
  if (value === null) return { kind: 'null' }
  if (typeof value === 'string') return text(value)
  return typeof value === 'number' ? { kind: 'number', number: value } : { kind: 'flag', flag: value }
}

function jsonHandle(field: Place): JsonHandle {
  const compare = (operator: Operator) => (value: Plain) => compared(field, operator, plain(value))
  return {
    at: (...path) => jsonHandle({ ...field, path: [...field.path, ...path] }),
    is: compare('='),
    isNot: compare('!='),
    isIn: list => ({ kind: 'in', field, values: list.map(plain) }),
    below: compare('<'),
    atMost: compare('<='),
    above: compare('>'),
    atLeast: compare('>='),
    contains: contains(field),
    matches: matches(field),
    exists: exists(field),
  }
}
