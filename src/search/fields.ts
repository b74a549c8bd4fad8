/**
 * What can be asked about: subjects, their fields, and what kind of thing each field holds. The parser, the typed API, the
 * compiler to SQL and the tables in docs/find.md all follow this one table.
 */

export type FieldType =
  | 'text'
  /** One of a few words, which the field lists. */
  | 'word'
  | 'number'
  /** Milliseconds. */
  | 'duration'
  /** Bytes. */
  | 'size'
  /** Milliseconds since 1970. */
  | 'time'
  /** True or not; stands alone as a condition. */
  | 'flag'
  /** Plain data, asked by a path: `value.items[0].price`. */
  | 'json'

export interface Field {
  readonly type: FieldType
  readonly about: string
  readonly words?: readonly string[]
  /** Every record has it. Flags need not say so. */
  readonly always?: true
}

const RUN_STATUSES = ['running', 'paused', 'succeeded', 'failed', 'cancelled', 'timed-out', 'diverged'] as const
export const STEP_STATUSES = [
  'succeeded',
  'failed',
  'known',
  'skipped',
  'cancelled',
  'running',
  'retrying',
  'parked',
  'awaiting',
  'waiting',
] as const
const KINDS = [
  ...['task', 'effect', 'flow', 'source', 'wait', 'cancel', 'service', 'when', 'match', 'any', 'each', 'loop', 'race'],
  ...['some', 'attempt', 'call', 'scope', 'net', 'unknown'],
]

const RUN = {
  id: { type: 'text', always: true, about: 'id of the run' },
  workflow: { type: 'text', always: true, about: 'name of the workflow' },
  file: { type: 'text', always: true, about: 'file of the workflow, as it lies beside the store' },
  version: { type: 'text', about: 'number of the published version that it runs' },
  status: { type: 'word', always: true, about: 'how it stands', words: RUN_STATUSES },
  started: { type: 'time', always: true, about: 'when it began' },
  ended: { type: 'time', about: 'when it ended' },
  duration: { type: 'duration', always: true, about: 'from its start to its end, or until now' },
  steps: { type: 'number', always: true, about: 'how many step instances it had' },
  failed: { type: 'flag', about: 'it failed, ran out of time, or diverged' },
  succeeded: { type: 'flag', about: 'it succeeded' },
  'error.code': { type: 'text', about: 'code of the error that it ended with' },
  'error.message': { type: 'text', about: 'message of that error' },
} as const satisfies { readonly [name: string]: Field }

/** Whatever belongs to a run has the run's fields, too. */
type OfRun = { readonly [K in keyof typeof RUN as `run.${K}`]: (typeof RUN)[K] }
// The keys of the type are made as those of the object are.
const OF_RUN = Object.fromEntries(
  Object.entries(RUN).map(([name, field]) => [`run.${name}`, field]),
) as unknown as OfRun

const STEP = {
  id: { type: 'text', always: true, about: 'id in the run, with keys: `tests[a.ts]/triage`' },
  name: { type: 'text', always: true, about: 'name of the step' },
  path: { type: 'text', always: true, about: 'names from the outermost step on, with keys' },
  key: { type: 'text', about: 'key of the item, call or turn that it stands in' },
  kind: { type: 'word', always: true, about: 'what it is', words: KINDS },
  status: { type: 'word', always: true, about: 'how it stands; waiting: it has not begun', words: STEP_STATUSES },
  started: { type: 'time', about: 'when its first attempt, or the first step inside, began' },
  ended: { type: 'time', about: 'when it came to rest' },
  duration: { type: 'duration', about: 'from its start to its end, or until now; missing where nothing ran' },
  attempts: { type: 'number', always: true, about: 'attempts that were started' },
  worker: { type: 'text', about: 'process of its last attempt' },
  succeeded: { type: 'flag', about: 'it ran and succeeded' },
  failed: { type: 'flag', about: 'it failed' },
  retried: { type: 'flag', about: 'it took more than one attempt' },
  known: { type: 'flag', about: 'it did not run: its result was known from another run or from before' },
  skipped: { type: 'flag', about: 'it never began, because something it hangs on did not come' },
  cancelled: { type: 'flag', about: 'it was stopped' },
  'error.code': { type: 'text', about: 'code of its error, or of its last failed attempt' },
  'error.message': { type: 'text', about: 'message of that error' },
} as const satisfies { readonly [name: string]: Field }

const NODE = {
  name: { type: 'text', always: true, about: 'name of the step' },
  path: { type: 'text', always: true, about: 'names from the outermost step on; `tests[*]/triage` in an each' },
  kind: { type: 'word', always: true, about: 'what it is', words: KINDS },
  workflow: { type: 'text', always: true, about: 'name of the workflow' },
  file: { type: 'text', always: true, about: 'file of the workflow' },
  version: { type: 'text', about: 'number of the first published version with this graph' },
  latest: {
    type: 'flag',
    about: "it stands in the workflow's newest graph: today's file, else the newest run or version",
  },
  task: { type: 'text', about: 'address of the function that it calls' },
  executor: { type: 'text', about: 'where its attempts run' },
  pool: { type: 'text', about: 'pool that its attempts take slots of' },
  retries: { type: 'number', about: 'further attempts that its first retry rule allows' },
  timeout: { type: 'duration', about: 'limit of one attempt' },
  at: { type: 'text', about: '`file:line` where it is called' },
} as const satisfies { readonly [name: string]: Field }

const VALUE = {
  value: { type: 'json', about: 'the value itself, or by a path what is inside of it' },
  codec: { type: 'text', always: true, about: 'how it is encoded: `json`, `text`, `file` …' },
  size: { type: 'size', always: true, about: 'of its encoded form' },
  hash: { type: 'text', always: true, about: 'SHA-256 of its encoded form' },
  at: { type: 'time', about: 'when the step that gave it came to rest' },
  name: STEP.name,
  path: STEP.path,
  key: STEP.key,
  kind: STEP.kind,
  known: STEP.known,
} as const satisfies { readonly [name: string]: Field }

const LOG = {
  text: { type: 'text', always: true, about: 'the line' },
  stream: { type: 'word', always: true, about: 'where it was written', words: ['stdout', 'stderr', 'log'] },
  at: { type: 'time', always: true, about: 'when it was written' },
  attempt: { type: 'number', always: true, about: 'attempt of the step that wrote it' },
  name: STEP.name,
  path: STEP.path,
} as const satisfies { readonly [name: string]: Field }

export const FIELDS = {
  run: RUN,
  step: { ...STEP, ...OF_RUN },
  node: NODE,
  value: { ...VALUE, ...OF_RUN },
  log: { ...LOG, ...OF_RUN },
} as const satisfies { readonly [subject: string]: { readonly [name: string]: Field } }

export type Subject = keyof typeof FIELDS
export const SUBJECTS = Object.keys(FIELDS) as readonly Subject[]

/** Shorter words for a field. */
const ALIASES: { readonly [subject in Subject]: { readonly [alias: string]: string } } = {
  run: { run: 'id' },
  step: { step: 'name', run: 'run.id' },
  node: { node: 'name', step: 'name' },
  value: { step: 'name', run: 'run.id' },
  log: { step: 'name', run: 'run.id', log: 'text' },
}

export const fieldNamed = (subject: Subject, name: string): Field | undefined => {
  const fields: { readonly [name: string]: Field } = FIELDS[subject]
  return Object.hasOwn(fields, name) ? fields[name] : undefined
}

/** The field's own name, for a name or a shorter word. */
export const fullName = (subject: Subject, name: string): string => {
  const aliases = ALIASES[subject]
  return (Object.hasOwn(aliases, name) ? aliases[name] : undefined) ?? name
}

export const namesOf = (subject: Subject): readonly string[] => [
  ...Object.keys(FIELDS[subject]),
  ...Object.keys(ALIASES[subject]),
]

/** Fields whose values are compared with what the same step, or the same workflow, took before. */
export const hasHistory = (subject: Subject, field: string): boolean =>
  field === 'duration' ? subject === 'step' || subject === 'run' : field === 'run.duration' && subject !== 'node'
