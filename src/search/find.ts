/** Queries answered: the index is brought to where the store is, then asked. */
import { existsSync } from 'node:fs'
import { closeDatabase } from '../store/adapter.ts'
import type { Database } from '../store/database.ts'
import type { Store } from '../store/store.ts'
import type { Asked } from './build.ts'
import type { Subject } from './fields.ts'
import { fillContents, withContents } from './kept/contents.ts'
import { fillGraphs, type GivenGraph } from './kept/graphs.ts'
import { fillLines } from './kept/lines.ts'
import { isDamage, openIndex, removeIndex } from './kept/open.ts'
import { type Refreshed, refresh } from './kept/refresh.ts'
import { parseQuery } from './language/parse.ts'
import type { Condition, Found, Query } from './query.ts'
import { countRows, groupRows, pagesOf } from './sql/rows.ts'

export interface SearchOptions {
  /** What `now` is; default: the clock. */
  readonly nowMs?: () => number
  /** Graphs that are in no store yet: those of today's files. */
  readonly graphs?: readonly GivenGraph[]
}

export interface Search {
  /** Brings the index to where the store is now; whoever asks sees what was there then. */
  refresh(): Promise<Refreshed>
  /** How many rows there are. */
  count(query: Query): Promise<number>
  /** In the query's order, a page at a time; of a query with `group by`, the groups. */
  pages(query: Query): AsyncGenerator<readonly Found[]>
  parse(text: string): Query
  close(): void
}

/** Opens the index beside the store, and makes it when it is not there. */
export async function openSearch(store: Store, options: SearchOptions = {}): Promise<Search> {
  const nowMs = options.nowMs ?? Date.now
  const folder = existsSync(store.path) ? store.path : undefined
  let database = await openIndex(folder)

  /** I1: what a damaged index cannot answer, a new one can. */
  const patiently = async <T>(work: (database: Database) => T | Promise<T>): Promise<T> => {
    try {
      return await work(database)
    } catch (error) {
      if (folder === undefined || !isDamage(error)) throw error
      closeDatabase(database)
      removeIndex(folder)
      database = await openIndex(folder)
      await refresh(store, database, nowMs())
      return work(database)
    }
  }

  const prepare = async (query: Query, index: Database): Promise<void> => {
    if (query.subject === 'node' || query.chain) await fillGraphs(store, index, options.graphs ?? [])
    if (query.subject === 'log' && folder !== undefined) fillLines(folder, index, nowMs())
    if (query.subject === 'value' && asksContent(query.where)) await fillContents(store, index)
  }

  const shown = (query: Query, rows: readonly Found[]): Promise<readonly Found[]> | readonly Found[] =>
    query.subject === 'value' && query.groupBy.length === 0 ? withContents(store, rows) : rows

  return {
    refresh: () => patiently(index => refresh(store, index, nowMs())),
    count: query =>
      patiently(async index => {
        await prepare(query, index)
        return countRows(index, query)
      }),
    pages: async function* (query) {
      const pages = await patiently(async index => {
        await prepare(query, index)
        const all = query.groupBy.length > 0 ? [groupRows(index, query)][Symbol.iterator]() : pagesOf(index, query)
        // The first page is where a damaged index shows.
        return { first: all.next(), rest: all }
      })
      if (pages.first.done === true) return
      yield await shown(query, pages.first.value)
      for (const page of pages.rest) yield await shown(query, page)
    },
    parse: text => parseQuery(text, nowMs()),
    close: () => closeDatabase(database),
  }
}

function asksContent(condition: Condition | undefined): boolean {
  if (!condition) return false
  switch (condition.kind) {
    case 'flag':
      return false
    case 'all':
    case 'any':
      return condition.of.some(asksContent)
    case 'not':
      return asksContent(condition.of)
    default:
      return condition.field.name === 'value'
  }
}

/** All rows that a query finds, in its order. Text is refused with QUERY_SYNTAX and others; see docs/errors.md. */
export function find<R>(
  store: Store,
  asked: Pick<Asked<Subject, R>, 'query' | 'row'>,
  options?: SearchOptions,
): Promise<readonly R[]>
export function find(store: Store, text: string, options?: SearchOptions): Promise<readonly Found[]>
export function find(
  store: Store,
  asked: { readonly query: Query } | string,
  options: SearchOptions = {},
): Promise<readonly unknown[]> {
  return once(store, options, async search => {
    const found: Found[] = []
    for await (const page of search.pages(queryOf(search, asked))) found.push(...page)
    return found
  })
}

/** How many rows there are. */
export function count(
  store: Store,
  asked: { readonly query: Query } | string,
  options: SearchOptions = {},
): Promise<number> {
  return once(store, options, search => search.count(queryOf(search, asked)))
}

const queryOf = (search: Search, asked: { readonly query: Query } | string): Query =>
  typeof asked === 'string' ? search.parse(asked) : asked.query

async function once<T>(store: Store, options: SearchOptions, work: (search: Search) => Promise<T>): Promise<T> {
  const search = await openSearch(store, options)
  try {
    await search.refresh()
    return await work(search)
  } finally {
    search.close()
  }
}
