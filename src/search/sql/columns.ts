/** Where each field stands in the index. */
import { FIELDS, fieldNamed, STEP_STATUSES, type Subject } from '../fields.ts'

/** s: step, p: its place, r: run, h: history of the run's workflow, c: content, n: node, g: graph, l: line. */
export type Alias = 's' | 'p' | 'r' | 'h' | 'c' | 'n' | 'g' | 'l'

export interface Column {
  /** What is compared; of flags, what is true. Null: the record has no such field. */
  readonly sql: string
  /** What it is made of. */
  readonly from: readonly Alias[]
  /** The number in `sql` is an index in these words. */
  readonly words?: readonly string[]
  /** The number in `sql` is the id of a text. */
  readonly isInterned?: true
}

const RUN: { readonly [name: string]: Column } = {
  ...plain('r', {
    ...{ id: 'run', workflow: 'workflow', file: 'file', version: 'version', status: 'status', started: 'started' },
    ...{ ended: 'ended', duration: 'duration', steps: 'steps', 'error.code': 'code', 'error.message': 'message' },
  }),
  failed: { sql: "r.status IN ('failed', 'timed-out', 'diverged')", from: ['r'] },
  succeeded: { sql: "r.status = 'succeeded'", from: ['r'] },
}

const OF_RUN = Object.fromEntries(Object.entries(RUN).map(([name, column]) => [`run.${name}`, column]))

const statusIs = (status: (typeof STEP_STATUSES)[number]): Column => ({
  sql: `s.status = ${STEP_STATUSES.indexOf(status)}`,
  from: ['s'],
})

const STEP: { readonly [name: string]: Column } = {
  ...plain('s', { key: 'key', started: 'started', ended: 'ended', duration: 'duration', attempts: 'attempts' }),
  ...plain('p', { name: 'name', kind: 'kind' }),
  id: { sql: 'ifnull(s.step, p.key)', from: ['s', 'p'] },
  path: { sql: 'ifnull(s.path, p.path)', from: ['s', 'p'] },
  status: { sql: 's.status', from: ['s'], words: STEP_STATUSES },
  worker: { sql: 's.worker', from: ['s'], isInterned: true },
  'error.code': { sql: 's.code', from: ['s'], isInterned: true },
  'error.message': { sql: 's.message', from: ['s'], isInterned: true },
  retried: { sql: 's.attempts > 1', from: ['s'] },
  succeeded: statusIs('succeeded'),
  failed: statusIs('failed'),
  known: statusIs('known'),
  skipped: statusIs('skipped'),
  cancelled: statusIs('cancelled'),
}

const NODE: { readonly [name: string]: Column } = {
  ...plain('n', {
    ...{ name: 'name', path: 'path', kind: 'kind', task: 'task', executor: 'executor', pool: 'pool' },
    ...{ retries: 'retries', timeout: 'timeout', at: 'at' },
  }),
  ...plain('g', { workflow: 'workflow', file: 'file', version: 'version' }),
  latest: { sql: 'g.latest = 1', from: ['g'] },
}

const VALUE: { readonly [name: string]: Column } = {
  ...plain('c', { value: 'text', codec: 'codec', size: 'size', hash: 'hash' }),
  at: { sql: 's.ended', from: ['s'] },
  ...pick(STEP, ['name', 'path', 'key', 'kind', 'known']),
}

const LOG: { readonly [name: string]: Column } = {
  ...plain('l', { text: 'text', stream: 'stream', at: 'at', attempt: 'attempt' }),
  name: { sql: 'p.name', from: ['p'] },
  path: { sql: 'ifnull(l.path, p.path)', from: ['l', 'p'] },
}

const COLUMNS: { readonly [subject in Subject]: { readonly [name: string]: Column } } = {
  run: RUN,
  step: { ...STEP, ...OF_RUN },
  node: NODE,
  value: { ...VALUE, ...OF_RUN },
  log: { ...LOG, ...OF_RUN },
}

/** The one row a record. */
export const MAIN: { readonly [subject in Subject]: Alias } = { run: 'r', step: 's', node: 'n', value: 's', log: 'l' }

/** What is always looked at, whatever the conditions. */
const ALWAYS: { readonly [subject in Subject]: readonly Alias[] } = {
  run: ['r'],
  step: ['s'],
  node: ['n', 'g'],
  value: ['s', 'c'],
  log: ['l'],
}

/** `s` and `p` of a line are its place; of everything else the step's. */
const JOINS: { readonly [alias in Alias]: (subject: Subject) => string } = {
  s: () => 'step s',
  n: () => 'node n',
  l: () => 'line l',
  r: subject => (subject === 'run' ? 'run r' : `run r ON r.id = ${MAIN[subject]}.run`),
  p: subject => `place p ON p.id = ${MAIN[subject]}.place`,
  h: () => 'history h ON h.id = r.history',
  c: () => 'content c ON c.id = s.content',
  g: () => 'graph g ON g.id = n.graph',
}
const ORDER: readonly Alias[] = ['s', 'n', 'l', 'r', 'p', 'h', 'c', 'g']

/** `FROM …` with the tables that are needed. */
export function tablesOf(subject: Subject, needed: ReadonlySet<Alias>): string {
  const all = new Set<Alias>([...ALWAYS[subject], ...needed, ...(needed.has('h') ? (['r'] as const) : [])])
  return `FROM ${ORDER.filter(alias => all.has(alias))
    .map(alias => JOINS[alias](subject))
    .join(' JOIN ')}`
}

export function columnOf(subject: Subject, name: string): Column {
  const column = COLUMNS[subject][name]
  if (!column || !fieldNamed(subject, name)) throw new Error(`no column for ${subject}.${name}`)
  return column
}

/** The field as people see it, for output, order and groups. */
export function shownOf(subject: Subject, name: string): string {
  const { sql, words, isInterned } = columnOf(subject, name)
  if (isInterned) return `(SELECT text FROM text WHERE id = ${sql})`
  if (!words) return sql
  return `CASE ${sql} ${words.map((word, index) => `WHEN ${index} THEN '${word}'`).join(' ')} END`
}

export const fieldsOf = (subject: Subject): readonly string[] => Object.keys(FIELDS[subject])

function plain(alias: Alias, columns: { readonly [name: string]: string }): { readonly [name: string]: Column } {
  return Object.fromEntries(
    Object.entries(columns).map(([name, column]) => [name, { sql: `${alias}.${column}`, from: [alias] }]),
  )
}

function pick(
  columns: { readonly [name: string]: Column },
  names: readonly string[],
): { readonly [name: string]: Column } {
  return Object.fromEntries(names.map(name => [name, columns[name]!]))
}
