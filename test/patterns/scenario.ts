/**
 * A pattern's scenario: a workflow, and what the world around it may do. Marks are the notation of traces: `A` done, `B<` begun,
 * `B>` done after it was begun, `A=2` gave 2; anything else is something that happens outside, and END that the run succeeded.
 */
import type { AnyWorkflow } from '../../src/run/embed.ts'

export interface Scenario {
  readonly number: number
  readonly name: string
  readonly workflow: AnyWorkflow
  /** How many complete traces there are. */
  readonly traces: number
  /** The run is tried with each of these arguments. */
  readonly args?: readonly Readonly<Record<string, unknown>>[]
  /** What a task may give, by its name; each is a choice of the schedule. */
  readonly results?: { readonly [task: string]: readonly Result[] }
  /** Tasks whose beginning and end are told apart. All others are atomic. */
  readonly held?: readonly string[]
  readonly happenings?: { readonly [mark: string]: Happening }
  /** Longest trace, where a loop makes them endless. */
  readonly marksMax?: number
  /** Only as atomic tasks: the pattern is about beginnings, which a trace of atomic tasks does not tell from ends. */
  readonly isAboutBeginnings?: true
  /** How the run stands after a complete trace. Default: succeeded. */
  readonly ends?: (marks: readonly string[]) => RunEnd
}

export type RunEnd = 'succeeded' | 'failed' | 'cancelled' | 'waiting'

export interface Result {
  readonly value: unknown
  /** Beside the task's name. */
  readonly mark?: string
}

export type Happening =
  /** `sent`: told whatever becomes of it; `taken`: only told, and only sent, while somebody waits for it. */
  | { readonly kind: 'signal'; readonly signal: string; readonly times: number; readonly told: 'sent' | 'taken' }
  /** Of the whole run, once anything has been done. */
  | { readonly kind: 'cancel' }
  /** The run's own end. */
  | { readonly kind: 'end' }

/** What a schedule is made of. `result` is the value that an end brings. */
export type Move =
  | { readonly kind: 'begin'; readonly step: string; readonly mark?: string }
  | { readonly kind: 'complete'; readonly step: string; readonly value: unknown; readonly mark: string }
  | { readonly kind: 'signal'; readonly signal: string; readonly told: 'sent' | 'taken'; readonly mark: string }
  | { readonly kind: 'cancel'; readonly mark: string }
  | { readonly kind: 'end'; readonly mark: string }
  /** Of a lock: who has it next. */
  | { readonly kind: 'grant'; readonly step: string }

export interface Schedule {
  readonly args: Readonly<Record<string, unknown>>
  readonly moves: readonly Move[]
}
