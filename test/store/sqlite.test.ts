/** The suite, for each SQLite library that this Node has. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStore } from '../../src/store/index.ts'
import { hasNodeSqlite } from '../../src/store/node-sqlite.ts'
import { codeOf, newFolder } from './fixture.ts'
import { storeSuite } from './suite.ts'

const kept = process.env['TUTTI_SQLITE']

for (const adapter of ['libsql', 'node'] as const) {
  const missing = adapter === 'node' && !hasNodeSqlite()
  describe.skipIf(missing)(
    `store on ${adapter}${missing ? ` (skipped: Node ${process.version} has no node:sqlite)` : ''}`,
    () => {
      beforeAll(() => void (process.env['TUTTI_SQLITE'] = adapter))
      afterAll(() => {
        if (kept === undefined) delete process.env['TUTTI_SQLITE']
        else process.env['TUTTI_SQLITE'] = kept
      })
      storeSuite(folder => openStore(folder))
      describe('with durability normal', () => storeSuite(folder => openStore(folder, { durability: 'normal' })))
    },
  )
}

test('an unknown library is refused', async () => {
  process.env['TUTTI_SQLITE'] = 'oracle'
  expect(await codeOf(() => openStore(newFolder()))).toBe('STORE_UNOPENABLE')
  if (kept === undefined) delete process.env['TUTTI_SQLITE']
  else process.env['TUTTI_SQLITE'] = kept
})
