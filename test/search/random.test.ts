/** Random queries give what going through plain records gives. */
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { type Found, find, openSearch, printQuery, type Search, type Subject } from '../../src/search/index.ts'
import { SUBJECTS } from '../../src/search/fields.ts'
import type { Store } from '../../src/store/index.ts'
import { queryOf } from './arbitrary.ts'
import { historiesOf, holds, inOrder, materialOf, type Records } from './naive.ts'
import { newFolder, openNew, runAll, writeLines } from './stores.ts'

let store: Store
let search: Search
let all: { readonly [subject in Subject]: readonly Found[] }
let history: Records['history']

beforeAll(async () => {
  store = await openNew(newFolder())
  await runAll(store, ['good-1', 'bad-1', 'good-2', 'bad-2', 'good-3'])
  for (const run of ['good-1', 'bad-2'])
    writeLines(store.path, run, [
      { step: 'compile', text: 'Building main.ts', atMs: 10 },
      { step: 'each[x]/flaky', text: 'x: "ECONNRESET" again', stream: 'stderr', atMs: 20 },
      { step: 'unheard/of', text: '', stream: 'log', atMs: 30 },
      { step: 'deploy', text: 'ümlaut, and more ECONNRESET', atMs: 30 },
    ])
  const rows = await Promise.all(SUBJECTS.map(async subject => [subject, await find(store, subject)] as const))
  all = Object.fromEntries(rows) as typeof all
  history = historiesOf(all.run, all.step)
  search = await openSearch(store)
  return async () => {
    search.close()
    await store.close()
  }
})

test('there is something to search', () => {
  for (const subject of SUBJECTS) expect(all[subject].length, subject).toBeGreaterThan(3)
})

const plain = (rows: readonly Found[]): readonly string[] => rows.map(row => JSON.stringify(row)).sort()

test.each(SUBJECTS)('C1: %s', async subject => {
  const records: Records = { subject, rows: all[subject], history }
  await fc.assert(
    fc.asyncProperty(queryOf(materialOf(all), subject), async query => {
      const { chain: _, ...unchained } = query
      const { where, orderBy, limit = Number.POSITIVE_INFINITY } = unchained
      const expected = where ? records.rows.filter(row => holds(records, row, where)) : records.rows
      expect(await search.count(unchained), printQuery(unchained)).toBe(Math.min(limit, expected.length))
      const found: Found[] = []
      for await (const page of search.pages(unchained)) found.push(...page)
      if (limit >= expected.length) expect(plain(found), printQuery(unchained)).toEqual(plain(expected))
      else expect(found).toHaveLength(limit)
      for (const [index, row] of found.slice(1).entries())
        expect(inOrder(found[index]!, row, orderBy), printQuery(unchained)).toBe(true)
    }),
    { numRuns: 100 },
  )
})
