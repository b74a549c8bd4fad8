/** Where each field stands in the index. */
import { FIELDS, fieldNamed, STEP_STATUSES, type Subject } from '../fields.ts'

/** s: step, p: its place, r: run, h: history of the run's workflow, c: value, n: node, g: graph, l: line. */
export type Alias = 's' | 'p' | 'r' | 'h' | 'c' | 'n' | 'g' | 'l'

export interface Column {
  /** What is compared; of flags, what is true. Null: the record has no such field. */
  readonly sql: string
  /** What it is made of. */
  readonly from: readonly Alias[]
  /** The number in `sql` is an index in these words. */
  readonly words?: readonly string[]
  /** The number in `sql` is the id of a row there. Asked first who it can be, rows need not be joined. */
  readonly via?: { readonly table: 'text' | 'place' | 'spot'; readonly column: string }
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

const via = (sql: string, table: 'text' | 'place' | 'spot', column: string): Column => ({
  sql,
  from: [sql.startsWith('l') ? 'l' : 's'],
  via: { table, column },
})

const statusIs = (status: (typeof STEP_STATUSES)[number]): Column => ({
  sql: isStatus(STEP_STATUSES.indexOf(status)),
  from: ['s'],
})

/** Said twice where there is an index of those that did not just succeed: SQLite would not conclude it. */
export const isStatus = (index: number): string =>
  index > 0 ? `(s.status = ${index} AND s.status > 0)` : `s.status = ${index}`

const STEP: { readonly [name: string]: Column } = {
  ...plain('s', { started: 'started', ended: 'ended', duration: 'duration', attempts: 'attempts' }),
  id: via('s.spot', 'spot', 'step'),
  name: via('s.place', 'place', 'name'),
  path: via('s.spot', 'spot', 'path'),
  key: via('s.spot', 'spot', 'key'),
  kind: via('s.place', 'place', 'kind'),
  status: { sql: 's.status', from: ['s'], words: STEP_STATUSES },
  worker: via('s.worker', 'text', 'text'),
  'error.code': via('s.code', 'text', 'text'),
  'error.message': via('s.message', 'text', 'text'),
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
  ...plain('c', { codec: 'codec', size: 'size' }),
  value: { sql: 'ifnull(c.text, (SELECT text FROM content WHERE content.hash = c.hash))', from: ['c'] },
  hash: { sql: 'lower(hex(c.hash))', from: ['c'] },
  at: { sql: 's.ended', from: ['s'] },
  ...pick(STEP, ['name', 'path', 'key', 'kind', 'known']),
}

const LOG: { readonly [name: string]: Column } = {
  ...plain('l', { text: 'text', stream: 'stream', at: 'at', attempt: 'attempt' }),
  name: via('l.place', 'place', 'name'),
  path: via('l.spot', 'spot', 'path'),
}

const COLUMNS: { readonly [subject in Subject]: { readonly [name: string]: Column } } = {
  run: RUN,
  step: { ...STEP, ...OF_RUN },
  node: NODE,
  value: { ...VALUE, ...OF_RUN },
  log: { ...LOG, ...OF_RUN },
}

/** The one row a record. */
export const MAIN: { readonly [subject in Subject]: Alias } = { run: 'r', step: 's', node: 'n', value: 'c', log: 'l' }

/** What is always looked at, whatever the conditions. */
const ALWAYS: { readonly [subject in Subject]: readonly Alias[] } = {
  run: ['r'],
  step: ['s'],
  node: ['n', 'g'],
  value: ['c'],
  log: ['l'],
}

/** What a table is joined by, and which others that needs. */
interface Join {
  readonly sql: string
  readonly needs?: readonly Alias[]
}

const JOINS: { readonly [alias in Alias]: (subject: Subject) => Join } = {
  n: () => ({ sql: 'node n' }),
  l: () => ({ sql: 'line l' }),
  c: () => ({ sql: 'value c' }),
  s: subject => ({ sql: subject === 'value' ? 'step s ON s.id = c.id' : 'step s' }),
  r: subject => {
    if (subject === 'run') return { sql: 'run r' }
    return subject === 'log' ? { sql: 'run r ON r.id = l.run' } : { sql: 'run r ON r.id = s.run', needs: ['s'] }
  },
  p: () => ({ sql: 'place p ON p.id = s.place', needs: ['s'] }),
  h: () => ({ sql: 'history h ON h.id = r.history', needs: ['r'] }),
  g: () => ({ sql: 'graph g ON g.id = n.graph' }),
}
const ORDER: readonly Alias[] = ['n', 'l', 'c', 's', 'r', 'p', 'h', 'g']

/** `FROM …` with the tables that are needed. */
export function tablesOf(subject: Subject, needed: ReadonlySet<Alias>): string {
  const all = new Set<Alias>(ALWAYS[subject])
  const add = (alias: Alias): void => {
    for (const other of JOINS[alias](subject).needs ?? []) add(other)
    all.add(alias)
  }
  for (const alias of needed) add(alias)
  return `FROM ${ORDER.filter(alias => all.has(alias))
    .map(alias => JOINS[alias](subject).sql)
    .join(' JOIN ')}`
}

export function columnOf(subject: Subject, name: string): Column {
  const column = COLUMNS[subject][name]
  if (!column || !fieldNamed(subject, name)) throw new Error(`no column for ${subject}.${name}`)
  return column
}

/** The field as people see it, for output, order and groups. */
export function shownOf(subject: Subject, name: string): string {
  const { sql, words, via: table } = columnOf(subject, name)
  if (table) return `(SELECT ${table.column} FROM ${table.table} WHERE id = ${sql})`
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
