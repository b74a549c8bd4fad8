/** A query as data: what the text form is parsed to, what the typed API builds, and what is compiled to SQL. */
import type { Subject } from './fields.ts'

export interface Query {
  readonly subject: Subject
  /** Where the steps stand in their graphs; the subject's own conditions are in `where`, too. */
  readonly chain?: Chain
  readonly where?: Condition
  readonly groupBy: readonly string[]
  readonly orderBy: readonly Order[]
  readonly limit?: number
  /** Rows, or only how many there would be. */
  readonly wanted: 'rows' | 'count'
}

export interface Order {
  readonly field: string
  readonly direction: 'asc' | 'desc'
}

/**
 * From the step that is asked for to its neighbours, one link after the other: `a -> * -> b` asks for b, so its first link
 * leads upstream, over any number of steps, to a.
 */
export interface Chain {
  readonly links: readonly Link[]
}

export interface Link {
  /** `upstream`: towards what the step depends on. */
  readonly towards: 'upstream' | 'downstream'
  readonly reach: 'direct' | 'any'
  /** Undefined: any step. */
  readonly where?: Condition
}

export type Condition =
  | { readonly kind: 'all'; readonly of: readonly Condition[] }
  | { readonly kind: 'any'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition }
  | { readonly kind: 'has'; readonly field: Place }
  | { readonly kind: 'flag'; readonly field: string }
  | { readonly kind: 'compare'; readonly field: Place; readonly operator: Operator; readonly with: Operand }
  | { readonly kind: 'contains'; readonly field: Place; readonly text: string }
  | { readonly kind: 'matches'; readonly field: Place; readonly pattern: string; readonly flags: string }
  | { readonly kind: 'in'; readonly field: Place; readonly values: readonly Scalar[] }

/** A field, and of plain data the way into it. */
export interface Place {
  readonly name: string
  readonly path: readonly (string | number)[]
}

export type Operator = '=' | '!=' | '<' | '<=' | '>' | '>='

export type Scalar =
  | { readonly kind: 'text'; readonly text: string }
  /** Also of durations (milliseconds) and sizes (bytes). */
  | { readonly kind: 'number'; readonly number: number }
  | { readonly kind: 'flag'; readonly flag: boolean }
  /** JSON's null; only of plain data. */
  | { readonly kind: 'null' }
  /** From `fromMs` to before `toMs`: an instant is a millisecond, a day is 24 hours. Before it, in it or after it is what is asked. */
  | { readonly kind: 'time'; readonly fromMs: number; readonly toMs: number }

export type Operand =
  | Scalar
  /** Of the same field over the history of the same step or workflow, so many times. */
  | { readonly kind: 'aggregate'; readonly of: Aggregate; readonly times: number }

export const AGGREGATES = ['avg', 'max', 'p50', 'p95', 'p99'] as const
export type Aggregate = (typeof AGGREGATES)[number]

/** A record as it is found: its fields in groups (`run.id`, `error.code`), those that it has not left out. */
export interface Found {
  readonly [field: string]: unknown
}
