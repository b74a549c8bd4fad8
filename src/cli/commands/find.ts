/** `tutti find`: searches a store. Its exit code is what those of grep are: 0 found, 1 nothing, 2 a query that is wrong. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Found, openSearch, parseQuery, type Query, type Search, type SearchOptions } from '../../search/index.ts'
import { memoryStore, type Store } from '../../store/index.ts'
import { Refusal } from '../../util/diagnostic.ts'
import { EXIT } from '../exit.ts'
import { DEFAULT_FILES, loadFile } from '../file.ts'
import type { Io } from '../io.ts'
import { moduleCache } from '../module-cache.ts'
import { diagnosticsJson, renderDiagnostics } from '../render/diagnostics.ts'
import { renderFound, renderGroups } from '../render/found.ts'
import { counted, grouped } from '../render/text.ts'
import { hasStore, storeFolder, type StoreFlags, withStore } from '../store.ts'

interface FindWords {
  readonly query: string
  /** Whose workflows are searched beside those of the store. */
  readonly file: string | undefined
}

/** Rows of a table that nobody has limited. */
const TABLE_ROWS_MAX = 100

export async function findCommand(
  io: Io,
  words: FindWords,
  flags: StoreFlags & { readonly json?: boolean },
): Promise<number> {
  // Before the store is opened: a slip costs no time.
  const nowMs = Date.now()
  const query = readQuery(io, words.query, nowMs, flags)
  if (!query) return EXIT.usage
  const asksGraphs = query.subject === 'node'
  const graphs = asksGraphs ? await graphsOf(io, words.file, flags) : []
  const answer = async (store: Store): Promise<number> => {
    const search = await openSearch(store, { nowMs: () => nowMs, graphs })
    try {
      const { unreadable } = await search.refresh()
      if (unreadable.length > 0)
        io.err(`${counted(unreadable.length, 'run')} cannot be read and were left out; tutti doctor says why\n`)
      return await show(io, search, query, flags)
    } finally {
      search.close()
    }
  }
  // Steps of a file can be searched before anything has run.
  const folder = storeFolder(io, flags, words.file)
  if (asksGraphs && graphs.length > 0 && !hasStore(folder)) return answer(memoryStore())
  return withStore(io, { ...flags, store: folder }, answer)
}

function readQuery(io: Io, text: string, nowMs: number, flags: { readonly json?: boolean }): Query | undefined {
  try {
    return parseQuery(text, nowMs)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const { diagnostics } = error
    if (flags.json) io.out(`${JSON.stringify({ kind: 'error', diagnostics: diagnosticsJson(diagnostics) })}\n`)
    io.err(renderDiagnostics(diagnostics, io.errScreen, () => text))
    return undefined
  }
}

/** Today's workflows: of the file that is named, or of the one that lies here. */
async function graphsOf(
  io: Io,
  named: string | undefined,
  flags: StoreFlags,
): Promise<NonNullable<SearchOptions['graphs']>> {
  const file = named ?? DEFAULT_FILES.find(each => existsSync(join(io.cwd, each)))
  if (file === undefined) return []
  try {
    const loaded = await loadFile(file, io.cwd, {
      cache: moduleCache(join(storeFolder(io, flags, file), 'cache')),
      reading: io.reading,
    })
    return [...loaded.workflows.keys()].map(name => {
      const runnable = loaded.runnable(name)
      return { file: runnable.file, graph: runnable.graph }
    })
  } catch (error) {
    // What is wrong with a file that nobody has named must not hide what the store has.
    if (named !== undefined || !(error instanceof Refusal)) throw error
    io.err(renderDiagnostics(error.diagnostics, io.errScreen))
    return []
  }
}

async function show(io: Io, search: Search, query: Query, flags: { readonly json?: boolean }): Promise<number> {
  if (query.wanted === 'count') {
    const count = await search.count(query)
    io.out(flags.json ? `${JSON.stringify({ count })}\n` : `${count}\n`)
    return count > 0 ? EXIT.succeeded : EXIT.failed
  }
  return flags.json ? showJson(io, search, query) : showTable(io, search, query)
}

async function showJson(io: Io, search: Search, query: Query): Promise<number> {
  let isFound = false
  for await (const page of search.pages(query)) {
    for (const row of page) io.out(`${JSON.stringify(row)}\n`)
    isFound ||= page.length > 0
  }
  return isFound ? EXIT.succeeded : EXIT.failed
}

async function showTable(io: Io, search: Search, query: Query): Promise<number> {
  const limit = query.limit ?? TABLE_ROWS_MAX
  const rows: Found[] = []
  for await (const page of search.pages({ ...query, limit })) rows.push(...page)
  if (rows.length === 0) {
    io.err('Nothing found.\n')
    return EXIT.failed
  }
  const { subject, groupBy } = query
  io.out(groupBy.length > 0 ? renderGroups(rows, groupBy, io.outScreen) : renderFound(rows, subject, io.outScreen))
  // How many more there are is worth a second question.
  if (query.limit === undefined && rows.length === limit && groupBy.length === 0) {
    const all = await search.count(query)
    if (all > limit) io.err(`${grouped(all - limit)} more: add limit ${all}, or take --json\n`)
  }
  return EXIT.succeeded
}
