/** What a state sees while it is worked on, and what it hands on: data alone, so that a run, a test and a history share it. */
import type { Json } from '../../util/json.ts'
import type { QueryLanguage } from './machine.ts'

export type Vars = { readonly [name: string]: Json }

/** What goes from one state to the next: the value of a machine's net (see ./compile). */
export interface Frame {
  /** The next state's raw input. */
  readonly input: Json
  readonly vars: Vars
  /** Names that the state which has just ended has assigned; absent: none. */
  readonly assigned?: readonly string[]
  /** AWS's id of the last event so far, as far as one way alone can count: causes name it. */
  readonly events: number
  /** The catcher that the state which has just ended goes on by; absent: none. */
  readonly caught?: number
}

/** Random and time of a run; a test and a simulation give their own. */
export interface World {
  /** Milliseconds since 1970. */
  now(): number
  /** In [0, 1). */
  random(): number
  uuid(): string
}

/** One state at work. */
export interface Scope {
  /** The state's name, and its language once that of the machine is counted in. */
  readonly name: string
  readonly language: QueryLanguage
  /** Raw. */
  readonly input: Json
  readonly vars: Vars
  /** The context object, `$$` or `$states.context`. */
  readonly context: { readonly [field: string]: Json }
  /** AWS's id of the event by which the state was entered. */
  readonly enteredId: number
  readonly world: World
  /** Told what each stage of the data's way gave; TestState shows it. */
  readonly inspect?: (stage: Stage, value: Json) => void
}

/** As TestState's inspectionData names them. */
export type Stage =
  | 'input'
  | 'afterInputPath'
  | 'afterParameters'
  | 'afterArguments'
  | 'result'
  | 'afterResultSelector'
  | 'afterResultPath'
  | 'afterItemsPath'
  | 'afterItemSelector'
  | 'afterItemBatcher'
  | 'afterItemsPointer'
  | 'variables'

/** What a state gives when it has ended. `vars`: all, with what it assigned. */
export interface Exit {
  readonly output: Json
  readonly vars: Vars
  readonly assigned: readonly string[]
}

/** A value, or a promise of one where something had to be waited for (JSONata). */
export type Soon<T> = T | Promise<T>
