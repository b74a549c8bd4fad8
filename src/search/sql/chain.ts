/**
 * Chains: which rows have such neighbours. From the far end to what is asked for, each element keeps the rows that have a row of
 * the one before on that side, in the same run and the same item, call or turn.
 */
import type { Database } from '../../store/database.ts'
import type { Chain, Condition, Link } from '../query.ts'
import { type Alias, tablesOf } from './columns.ts'
import { jsonRows } from './json-rows.ts'
import { compileCondition } from './compile.ts'
import { type Neighbours, neighboursIn } from './neighbours.ts'

interface Row {
  readonly id: number
  readonly key: string
  /** With keys of items; undefined where there are none. */
  readonly step?: string
}

/** Rows of one run, or of one graph. */
interface Group {
  readonly graph: number
  readonly rows: Row[]
}
type Groups = ReadonlyMap<number, Group>

/** Ids of the rows of steps or nodes that satisfy `where` and the chain. */
export function chainIds(
  database: Database,
  subject: 'step' | 'node',
  chain: Chain,
  where: Condition | undefined,
): readonly number[] {
  const graphs = new Map<number, Neighbours>()
  const neighbours = (graph: number): Neighbours => {
    const found = graphs.get(graph) ?? neighboursIn(database, graph)
    graphs.set(graph, found)
    return found
  }
  const elements = [where, ...chain.links.map(link => link.where)]
  // The runs in which the rarest element is.
  let groups: Groups | undefined = rarest(database, subject, elements)
  let found = rowsOf(database, subject, elements.at(-1), groups)
  for (const [index, link] of [...chain.links.entries()].reverse()) {
    groups = found
    const wider = rowsOf(database, subject, elements[index], groups)
    found = new Map([...wider].flatMap(([id, group]) => linked(id, group, groups!, link, neighbours(group.graph))))
  }
  return [...found.values()].flatMap(({ rows }) => rows.map(({ id }) => id))
}

/** An element of which there are many tells nothing that the others do not. */
const RARE_MAX = 50_000

function rarest(
  database: Database,
  subject: 'step' | 'node',
  elements: readonly (Condition | undefined)[],
): Groups | undefined {
  const counts = elements.map(where => countOf(database, subject, where))
  const least = counts.indexOf(Math.min(...counts))
  return counts[least]! > RARE_MAX || least === elements.length - 1
    ? undefined
    : rowsOf(database, subject, elements[least], undefined)
}

function countOf(database: Database, subject: 'step' | 'node', where: Condition | undefined): number {
  const { sql, parameters, needed } = compileCondition(database, subject, where)
  return Number(database.prepare(`SELECT count(*) ${tablesOf(subject, needed)} WHERE ${sql}`).all(parameters)[0]?.[0])
}

function rowsOf(
  database: Database,
  subject: 'step' | 'node',
  where: Condition | undefined,
  within: Groups | undefined,
): Groups {
  const { sql, parameters, needed } = compileCondition(database, subject, where)
  const own: readonly Alias[] = subject === 'step' ? ['s', 'p', 'r'] : ['n']
  const tables = tablesOf(subject, new Set([...needed, ...own]))
  const only = within ? `AND ${GROUP[subject]} IN (SELECT value FROM json_each(?${parameters.length + 1}))` : ''
  const rows = jsonRows(
    database,
    ['id', 'around', 'graph', 'key', 'step'],
    `${SELECT[subject]} ${tables} ${JOIN[subject]} WHERE ${sql} ${only}`,
    [...parameters, ...(within ? [JSON.stringify([...within.keys()])] : [])],
  )
  const groups = new Map<number, Group>()
  for (const [id, group, graph, key, step] of rows) {
    const found = groups.get(Number(group)) ?? { graph: Number(graph), rows: [] }
    groups.set(Number(group), found)
    found.rows.push({
      id: Number(id),
      key: String(key),
      ...(step === null || step === key ? {} : { step: String(step) }),
    })
  }
  return groups
}

const GROUP = { step: 's.run', node: 'n.graph' }
const SELECT = {
  step: 'SELECT s.id AS id, s.run AS around, g.id AS graph, p.key AS key, (SELECT step FROM spot WHERE id = s.spot) AS step',
  node: 'SELECT n.id AS id, n.graph AS around, n.graph AS graph, n.key AS key, NULL AS step',
}
const JOIN = {
  step: 'JOIN graph g ON g.hash = r.graph AND g.workflow = r.workflow AND g.file = r.file',
  node: '',
}

function linked(
  id: number,
  group: Group,
  before: Groups,
  link: Link,
  neighbours: Neighbours,
): readonly (readonly [number, Group])[] {
  const others = before.get(id)?.rows ?? []
  const near = neighbours.of(new Set(others.map(({ key }) => key)), link)
  // Without items on either side, the graph tells all.
  const isPlain = others.every(({ step }) => step === undefined)
  const rows = group.rows.filter(
    row =>
      near.has(row.key) &&
      ((isPlain && row.step === undefined) || others.some(other => isLinked(row, other, link, neighbours))),
  )
  return rows.length > 0 ? [[id, { graph: group.graph, rows }]] : []
}

const isLinked = (row: Row, other: Row, link: Link, neighbours: Neighbours): boolean =>
  isSameScope(row, other) && neighbours.of(new Set([other.key]), link).has(row.key)

/** Whether what both stand in is the same item, call or turn of it. */
function isSameScope(a: Row, b: Row): boolean {
  const [left, right] = [a, b].map(({ step, key }) => (step ?? key).split('/').slice(0, -1))
  for (const [index, segment] of left!.entries()) {
    const other = right![index]
    if (other === undefined || bare(segment) !== bare(other)) return true
    if (segment !== other) return false
  }
  return true
}

const bare = (segment: string): string => segment.replace(/\[[^\]]*\]$/, '')
