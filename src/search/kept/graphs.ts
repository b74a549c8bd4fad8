/**
 * Graphs in the index: their steps, and what depends directly on what. Filled when somebody asks for steps of graphs, or where
 * steps of runs stand in theirs; by content, so each graph once.
 */
import { dependenciesOf, eachReferenceIn, insideExpressions, ownExpressions } from '../../core/graph/dependencies.ts'
import type { Expr, Graph, Node } from '../../core/graph/graph.ts'
import { asText, type Database, textColumn } from '../../store/database.ts'
import type { Store } from '../../store/store.ts'
import { inTransaction } from '../../store/writing.ts'
import { Refusal } from '../../util/diagnostic.ts'
import { hashText } from '../../util/hash.ts'
import { fileBeside } from './file.ts'
import { parsed } from './collect.ts'
import { type Placed, placedIn } from './placed.ts'

/** A graph from today's file, which may be in no store yet; its hash is the address that it would have there. */
export interface GivenGraph {
  readonly file: string
  readonly graph: Graph
}

interface Use {
  readonly hash: string
  readonly workflow: string
  readonly file: string
  readonly version?: string
  /** When it was last used or published. */
  readonly atMs: number
  readonly graph?: Graph
}

export async function fillGraphs(store: Store, database: Database, given: readonly GivenGraph[]): Promise<void> {
  const uses = usesOf(store, database, given)
  const known = new Set(
    database
      .prepare(`SELECT ${textColumn('hash')}, ${textColumn('workflow')}, ${textColumn('file')} FROM graph`)
      .all([])
      .map(row => row.map(asText).join('\n')),
  )
  const missing: (Use & { readonly graph: Graph })[] = []
  for (const use of uses.values()) {
    if (known.has(keyOfUse(use))) continue
    const graph = use.graph ?? (await readGraph(store, use.hash))
    if (graph) missing.push({ ...use, graph })
  }
  inTransaction(database, () => {
    for (const use of missing) writeGraph(database, use)
    forgetUnused(database, uses)
    markLatest(database, uses)
  })
}

const keyOfUse = ({ hash, workflow, file }: Use): string => `${hash}\n${workflow}\n${file}`

function usesOf(store: Store, database: Database, given: readonly GivenGraph[]): ReadonlyMap<string, Use> {
  const uses = new Map<string, Use>()
  const add = (use: Use): void => {
    const before = uses.get(keyOfUse(use))
    uses.set(keyOfUse(use), before ? { ...use, ...before, atMs: Math.max(use.atMs, before.atMs) } : use)
  }
  for (const row of store.versions.list()) {
    const facts = row.facts as { readonly graph?: unknown } | null
    const cut = row.line.lastIndexOf('#')
    if (typeof facts?.graph !== 'string') continue
    const [file, workflow] = [row.line.slice(0, cut), row.line.slice(cut + 1)]
    add({ hash: facts.graph, workflow, file, version: row.number, atMs: row.atMs })
  }
  const ofRuns = database
    .prepare(
      `SELECT ${textColumn('graph')} AS graph, ${textColumn('workflow')} AS workflow, ${textColumn('file')} AS file,
         max(started) FROM run GROUP BY 1, 2, 3`,
    )
    .all([])
  for (const [hash, workflow, file, atMs] of ofRuns)
    add({ hash: asText(hash), workflow: asText(workflow), file: asText(file), atMs: Number(atMs) })
  for (const { file, graph } of given)
    add({
      hash: hashText(JSON.stringify(graph)),
      workflow: graph.name,
      file: fileBeside(store.path, file),
      atMs: Number.MAX_SAFE_INTEGER,
      graph,
    })
  return uses
}

async function readGraph(store: Store, hash: string): Promise<Graph | undefined> {
  try {
    return parsed(await store.blobs.get(hash)) as Graph
  } catch (error) {
    // Of a version, it may be kept only as its contents.
    if (error instanceof Refusal) return undefined
    throw error
  }
}

function writeGraph(
  database: Database,
  { hash, workflow, file, version, graph }: Use & { readonly graph: Graph },
): void {
  const [made] = database
    .prepare('INSERT INTO graph (hash, workflow, file, version) VALUES (?, ?, ?, ?) RETURNING id')
    .all([hash, workflow, file, version ?? null])
  const id = Number(made?.[0])
  const placed = [...placedIn(graph.root)]
  const ids = new Map<string, number>()
  for (const each of placed) ids.set(each.key, writeNode(database, id, each, ids))
  for (const { from, to } of edgesOf(placed)) {
    const [a, b] = [ids.get(from), ids.get(to)]
    if (a !== undefined && b !== undefined)
      database.prepare('INSERT OR IGNORE INTO edge (a, b) VALUES (?, ?)').run([a, b])
  }
}

function writeNode(
  database: Database,
  graph: number,
  { key, path, node, holder }: Placed,
  ids: ReadonlyMap<string, number>,
): number {
  const { pool, retry, timeoutMs } = node.policy
  const [made] = database
    .prepare(
      `INSERT INTO node (graph, key, path, name, kind, task, executor, pool, retries, timeout, at, parent)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET name = excluded.name RETURNING id`,
    )
    .all([
      ...[graph, key, path, node.name, node.kind],
      ...['task' in node ? node.task : null, 'executor' in node ? node.executor : null, pool?.name ?? null],
      ...[retry?.[0]?.times ?? null, timeoutMs ?? null, node.at ? `${node.at.file}:${node.at.line}` : null],
      holder === undefined ? null : (ids.get(holder) ?? null),
    ])
  return Number(made?.[0])
}

interface Edge {
  readonly from: string
  readonly to: string
}

/** What each step mentions: beside it, or in a region around it. */
function edgesOf(placed: readonly Placed[]): readonly Edge[] {
  const byIds = new Map<string, { readonly key: string }>()
  const keyed = (ids: readonly string[]): string => JSON.stringify(ids)
  for (const each of placed) byIds.set(keyed(each.ids), each)
  return placed.flatMap(({ key, ids, node }) => {
    const mentioned = mentionsOf(node).flatMap(({ id, up }) => {
      const outer = ids.slice(0, Math.max(0, ids.length - 1 - up))
      return byIds.get(keyed([...outer, id])) ?? []
    })
    return mentioned.map(from => ({ from: from.key, to: key }))
  })
}

interface Mention {
  readonly id: string
  /** How many regions up. */
  readonly up: number
}

/** What it waits for beside it, as what is inside of it makes it wait, and what it takes from further out. */
function mentionsOf(node: Node): readonly Mention[] {
  const found: Mention[] = dependenciesOf(node).map(id => ({ id, up: 0 }))
  const note = (expr: Expr, inside: number): void =>
    eachReferenceIn(expr, reference => {
      const up = reference.up - inside
      if (reference.kind === 'node' && up > 0) found.push({ id: reference.node, up })
    })
  for (const expr of ownExpressions(node)) note(expr, 0)
  // Seen from inside of one of its own regions.
  for (const { expr } of insideExpressions(node)) note(expr, 1)
  return found
}

/** Today's file was another one yesterday; the graphs of runs that are gone are nobody's. */
function forgetUnused(database: Database, uses: ReadonlyMap<string, Use>): void {
  const all = database
    .prepare(
      `SELECT id, ${textColumn('hash')} AS hash, ${textColumn('workflow')} AS workflow, ${textColumn('file')} AS file FROM graph`,
    )
    .all([])
  for (const [id = 0, ...use] of all) {
    if (uses.has(use.map(asText).join('\n'))) continue
    database.prepare('DELETE FROM edge WHERE a IN (SELECT id FROM node WHERE graph = ?)').run([id])
    database.prepare('DELETE FROM node WHERE graph = ?').run([id])
    database.prepare('DELETE FROM graph WHERE id = ?').run([id])
  }
}

function markLatest(database: Database, uses: ReadonlyMap<string, Use>): void {
  const newest = new Map<string, Use>()
  for (const use of uses.values()) {
    const before = newest.get(`${use.workflow}\n${use.file}`)
    if (!before || before.atMs <= use.atMs) newest.set(`${use.workflow}\n${use.file}`, use)
  }
  database.exec('UPDATE graph SET latest = 0 WHERE latest = 1')
  for (const { hash, workflow, file } of newest.values())
    database
      .prepare('UPDATE graph SET latest = 1 WHERE hash = ? AND workflow = ? AND file = ?')
      .run([hash, workflow, file])
}
