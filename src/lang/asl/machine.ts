/**
 * A state machine as the Amazon States Language writes it, once it is known to be well-formed: the same JSON, with types.
 *
 * Fields keep the specification's names (https://states-language.net/spec.html; AWS's own additions: JSONata, variables,
 * distributed maps). What is not here after ./validate does not occur. Positions are kept beside it (./source.ts), by path.
 */
import type { Json } from '../../util/json.ts'

export type QueryLanguage = 'JSONPath' | 'JSONata'

/** Of a whole definition, of a branch, or of what a map does with each item. */
export interface Machine {
  readonly Comment?: string
  readonly StartAt: string
  readonly States: { readonly [name: string]: State }
  /** Of all states that name none; what stands inside of a state does not take over the state's own. */
  readonly QueryLanguage?: QueryLanguage
  readonly TimeoutSeconds?: number
  readonly Version?: string
}

export interface ProcessorConfig {
  readonly Mode?: 'INLINE' | 'DISTRIBUTED'
  readonly ExecutionType?: 'STANDARD' | 'EXPRESS'
}

export type State =
  | TaskState
  | PassState
  | ChoiceState
  | WaitState
  | SucceedState
  | FailState
  | ParallelState
  | MapState

export type StateType = State['Type']

/** A payload template (JSONPath), or any JSON with `{% … %}` in it (JSONata). */
export type Template = Json
/** A JSONPath or a JSONata text. `null`: an empty object instead. */
export type PathField = string | null

interface Common {
  readonly Comment?: string
  readonly QueryLanguage?: QueryLanguage
  /** JSONPath. */
  readonly InputPath?: PathField
  readonly OutputPath?: PathField
  /** Variables. */
  readonly Assign?: { readonly [name: string]: Template }
  /** JSONata. */
  readonly Output?: Template
}

/** Exactly one of both. */
interface Onward {
  readonly Next?: string
  readonly End?: boolean
}

interface Resulting {
  readonly Parameters?: Template
  readonly ResultSelector?: Template
  readonly ResultPath?: PathField
  readonly Arguments?: Template
}

export interface Fallible {
  readonly Retry?: readonly Retrier[]
  readonly Catch?: readonly Catcher[]
}

export interface Retrier {
  readonly ErrorEquals: readonly string[]
  /** Seconds; 1 when absent. */
  readonly IntervalSeconds?: number
  /** 3 when absent, 0: never. */
  readonly MaxAttempts?: number
  /** 2 when absent. */
  readonly BackoffRate?: number
  readonly MaxDelaySeconds?: number
  readonly JitterStrategy?: 'FULL' | 'NONE'
  readonly Comment?: string
}

export interface Catcher {
  readonly ErrorEquals: readonly string[]
  readonly Next: string
  readonly ResultPath?: PathField
  readonly Assign?: { readonly [name: string]: Template }
  readonly Output?: Template
  readonly Comment?: string
}

/** Seconds, or a JSONata text that gives them. */
export type Seconds = number | string

export interface TaskState extends Common, Onward, Resulting, Fallible {
  readonly Type: 'Task'
  readonly Resource: string
  readonly TimeoutSeconds?: Seconds
  readonly TimeoutSecondsPath?: string
  readonly HeartbeatSeconds?: Seconds
  readonly HeartbeatSecondsPath?: string
  readonly Credentials?: Template
}

export interface PassState extends Common, Onward {
  readonly Type: 'Pass'
  readonly Result?: Json
  readonly Parameters?: Template
  readonly ResultPath?: PathField
}

export interface ChoiceState extends Common {
  readonly Type: 'Choice'
  readonly Choices: readonly ChoiceRule[]
  readonly Default?: string
}

/** Of the outermost level: what it leads to. */
export interface ChoiceRule extends Test {
  readonly Next: string
  /** JSONata: text that gives true or false, or these themselves. */
  readonly Condition?: string | boolean
  readonly Assign?: { readonly [name: string]: Template }
  readonly Output?: Template
  readonly Comment?: string
}

/** And, Or, Not, or Variable with one of the operators, by the operator's own name (`NumericEquals`, `IsPresent` …). */
export interface Test {
  readonly And?: readonly Test[]
  readonly Or?: readonly Test[]
  readonly Not?: Test
  readonly Variable?: string
  readonly [operator: string]: unknown
}

export interface WaitState extends Common, Onward {
  readonly Type: 'Wait'
  readonly Seconds?: Seconds
  readonly SecondsPath?: string
  readonly Timestamp?: string
  readonly TimestampPath?: string
}

export interface SucceedState extends Common {
  readonly Type: 'Succeed'
}

export interface FailState extends Common {
  readonly Type: 'Fail'
  readonly Error?: string
  readonly ErrorPath?: string
  readonly Cause?: string
  readonly CausePath?: string
}

export interface ParallelState extends Common, Onward, Resulting, Fallible {
  readonly Type: 'Parallel'
  readonly Branches: readonly Machine[]
}

export interface MapState extends Common, Onward, Resulting, Fallible {
  readonly Type: 'Map'
  readonly ItemProcessor?: Machine & { readonly ProcessorConfig?: ProcessorConfig }
  /** What ItemProcessor was called before. */
  readonly Iterator?: Machine
  readonly ItemsPath?: string
  /** JSONata: a list, or text that gives one. */
  readonly Items?: Template
  readonly ItemSelector?: Template
  readonly ItemReader?: ItemReader
  readonly ItemBatcher?: ItemBatcher
  readonly ResultWriter?: ResultWriter
  readonly MaxConcurrency?: number | string
  readonly MaxConcurrencyPath?: string
  readonly ToleratedFailureCount?: number | string
  readonly ToleratedFailureCountPath?: string
  readonly ToleratedFailurePercentage?: number | string
  readonly ToleratedFailurePercentagePath?: string
  readonly Label?: string
}

export interface ItemReader {
  readonly Resource: string
  readonly Parameters?: Template
  readonly Arguments?: Template
  readonly ReaderConfig?: {
    readonly InputType?: string
    readonly CSVHeaderLocation?: 'FIRST_ROW' | 'GIVEN'
    readonly CSVHeaders?: readonly string[]
    readonly CSVDelimiter?: string
    readonly ManifestType?: string
    readonly Transformation?: string
    readonly ItemsPointer?: string
    readonly MaxItems?: number | string
    readonly MaxItemsPath?: string
  }
}

export interface ItemBatcher {
  readonly BatchInput?: Template
  readonly MaxItemsPerBatch?: number | string
  readonly MaxItemsPerBatchPath?: string
  readonly MaxInputBytesPerBatch?: number | string
  readonly MaxInputBytesPerBatchPath?: string
}

export interface ResultWriter {
  readonly Resource?: string
  readonly Parameters?: Template
  readonly Arguments?: Template
  readonly WriterConfig?: { readonly Transformation?: string; readonly OutputType?: string }
}

/** The language of a state that names none is that of the machine around all, never that of a state around it. */
export const languageOf = (state: Pick<State, 'QueryLanguage'>, standard: QueryLanguage): QueryLanguage =>
  state.QueryLanguage ?? standard

/** What a map does with each item, under whichever of its names. */
export const processorOf = (state: MapState): Machine & { readonly ProcessorConfig?: ProcessorConfig } => {
  const processor = state.ItemProcessor ?? state.Iterator
  if (!processor) throw new Error('defect: a map without a processor is refused before')
  return processor
}

/** Its iterations are executions of their own, and its items may come from elsewhere. */
export const isDistributed = (state: MapState): boolean => processorOf(state).ProcessorConfig?.Mode === 'DISTRIBUTED'
