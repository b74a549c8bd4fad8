/** What SQLite cannot see: rows whose columns are not what was written, and rows that are gone. Each is told by who asks. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openDatabase } from '../../src/store/adapter.ts'
import { doctor, openStore, type Store } from '../../src/store/index.ts'
import { begin, codeOf, contentsOf, event, LINE, newFolder, OTHER_LINE, readAll, versionOf } from './fixture.ts'

/** Two runs, with their index written, a letter, a lease that is held no more, a snapshot, and two lines of versions. */
async function filledStore(): Promise<string> {
  const folder = newFolder()
  const store = await openStore(folder, { durability: 'normal' })
  const leases = [await begin(store, 'a', { createdAtMs: 1 }), await begin(store, 'b', { createdAtMs: 2 })]
  for (const lease of leases) await store.append([{ lease, events: [event(1), event(2)] }])
  store.mailbox.post('a', { kind: 'cancel', reason: 'asked' })
  store.snapshots.put('a', 1, Buffer.from('one'))
  store.snapshots.put('a', 3, Buffer.from('three'))
  for (const index of [0, 1, 2])
    store.versions.publish(versionOf(`1.0.${index}`), contentsOf(String(index)), index, 'current')
  store.versions.publish(versionOf('1.0.1', { line: OTHER_LINE }), contentsOf('other'), 0, 'current')
  await store.close()
  return folder
}

async function tamper(folder: string, sql: string): Promise<void> {
  const database = await openDatabase(join(folder, 'store.db'), 'libsql')
  database.exec(sql)
  database.close()
}

const letters = (store: Store): unknown => store.mailbox.open(new Set(['a', 'b']))

/** The id of the first. */
const VERSION = 2 ** 24 + 1
const askFor = (number: string) => (store: Store) => store.versions.get(LINE, number)

const questions: readonly (readonly [what: string, sql: string, ask: (store: Store) => unknown])[] = [
  ['a status', "UPDATE runs SET status = 'failed' WHERE run = 'a'", store => store.runs.get('a')],
  [
    'the status that a list is filtered by',
    "UPDATE runs SET status = 'x'",
    store => store.runs.list({ status: ['failed'] }),
  ],
  ['the time of a run', "UPDATE runs SET created_ms = 0 WHERE run = 'b'", store => store.runs.list()],
  ['an entry that is gone', "DELETE FROM runs WHERE run = 'a'", store => store.runs.get('a')],
  ['a fence', 'UPDATE leases SET fence = fence - 1', store => store.leases.acquire('a')],
  ['a letter', `UPDATE mailbox SET message = '{"kind":"cancel","reason":"astro"}'`, letters],
  ['whose letter it is', "UPDATE mailbox SET run = 'c'", letters],
  ['a letter that seems answered', "UPDATE mailbox SET reply = '{}'", letters],
  ['the end of the index', 'UPDATE indexed SET seq = seq + 1', readAll],
  [
    'a row that the index has lost',
    "DELETE FROM run_rows WHERE run = 'a' AND last_seq = 1",
    store => readAll(store, { run: 'a' }),
  ],
  [
    'the last row, lost by the index',
    "DELETE FROM run_rows WHERE run = 'a' AND last_seq > 1",
    store => readAll(store, { run: 'a' }),
  ],
  [
    'an end that is too far',
    "UPDATE run_ends SET last_seq = 99 WHERE run = 'a'",
    store => readAll(store, { run: 'a' }),
  ],
  ['an end that is gone', 'DELETE FROM run_ends', store => store.runs.list()],
  ['the run of an event', "UPDATE batches SET run = 'b' WHERE last_seq = 1", store => readAll(store, { run: 'a' })],
  ['the run of an event, among all', "UPDATE batches SET run = 'b' WHERE last_seq = 1", readAll],
  ['a link', "UPDATE batches SET previous = 2 WHERE run = 'a' AND previous = 1", store => readAll(store, { run: 'a' })],
  ['the number of a version', "UPDATE versions SET number = '1.0.9' WHERE number = '1.0.2'", askFor('1.0.2')],
  [
    'a number that another version has, too',
    "UPDATE versions SET number = '1.0.2' WHERE number = '1.0.0'",
    askFor('1.0.2'),
  ],
  ['a number that is asked for before all are listed', "UPDATE versions SET number = '2.0.0'", askFor('1.0.0')],
  ['a version that is gone', `DELETE FROM versions WHERE id = ${VERSION}`, store => store.versions.list(LINE)],
  ['a version that is gone, of all', `DELETE FROM versions WHERE id = ${VERSION}`, store => store.versions.list()],
  ['a version that is gone and asked for', `DELETE FROM versions WHERE id = ${VERSION}`, askFor('1.0.0')],
  ['whose version it is', `UPDATE versions SET id = ${2 * 2 ** 24 + 9} WHERE id = ${VERSION}`, askFor('1.0.0')],
  ['the place of a version', `UPDATE versions SET id = id + 9 WHERE id = ${VERSION + 2}`, askFor('1.0.2')],
  ['what a version says', `UPDATE versions SET facts = CAST(substr(facts, 1, 40) AS BLOB)`, askFor('1.0.1')],
  [
    'what all later ones say it by',
    `UPDATE versions SET facts = (SELECT facts FROM versions WHERE id = ${VERSION + 1}) WHERE id = ${VERSION}`,
    askFor('1.0.2'),
  ],
  ['which version is current', "UPDATE lines SET number = '1.0.1'", store => store.versions.current(LINE)],
  ['how it is current', "UPDATE lines SET how = 'pinned'", store => store.versions.current(LINE)],
  ['the name of a line', "UPDATE lines SET line = 'tutti.ts#ck' WHERE id = 1", store => store.versions.current(LINE)],
  ['the name of a line that seems to have none', "UPDATE lines SET line = 'tutti.ts#ck' WHERE id = 1", askFor('1.0.0')],
  ['a line that is gone', 'DELETE FROM lines WHERE id = 1', store => store.versions.current(LINE)],
  ['the last line, gone', 'DELETE FROM lines WHERE id = 2', store => store.versions.current(OTHER_LINE)],
  ['all lines, gone', 'DELETE FROM lines', store => store.versions.list()],
  ['a digest of a line that is gone', "UPDATE lines SET digest = ''", store => store.versions.current(LINE)],
  ['the first event', 'DELETE FROM batches WHERE last_seq = 1', readAll],
]

test.each(questions)('%s is STORE_DAMAGED for who asks, and for doctor', async (_, sql, ask) => {
  const folder = await filledStore()
  await tamper(folder, sql)
  const told = await codeOf(async () => {
    const store = await openStore(folder, { durability: 'normal' })
    try {
      await ask(store)
    } finally {
      await store.close()
    }
  })
  expect(told).toBe('STORE_DAMAGED')
  expect((await doctor(folder)).diagnostics.map(({ code }) => code)).toContain('STORE_DAMAGED')
})

test('the end of the index is vouched for before anything is in it', async () => {
  const folder = newFolder()
  await (await openStore(folder)).close()
  await tamper(folder, 'UPDATE indexed SET seq = 128')
  expect(await codeOf(() => openStore(folder))).toBe('STORE_DAMAGED')
})

test('a snapshot at another place of the log is passed over', async () => {
  const folder = await filledStore()
  await tamper(folder, 'UPDATE snapshots SET seq = 4 WHERE seq = 3')
  const store = await openStore(folder)
  expect(store.snapshots.latest('a')?.seq).toBe(1)
  await store.close()
})

test('rows from before there were digests get theirs when the store is brought forward, and only then', async () => {
  const folder = await filledStore()
  await tamper(folder, "UPDATE runs SET digest = ''; UPDATE leases SET digest = ''; UPDATE mailbox SET digest = ''")
  const unbelieved = await openStore(folder)
  expect(await codeOf(() => unbelieved.runs.list())).toBe('STORE_DAMAGED')
  await unbelieved.close()
  await tamper(
    folder,
    `DROP TABLE versions; DROP TABLE lines; ALTER TABLE runs DROP COLUMN version; ALTER TABLE runs DROP COLUMN renames;
     PRAGMA user_version = 6`,
  )
  const store = await openStore(folder)
  expect(store.runs.list().map(({ run }) => run)).toEqual(['b', 'a'])
  expect(store.leases.acquire('a').kind).toBe('acquired')
  expect(store.mailbox.open(new Set(['a'])).length).toBe(1)
  await store.close()
  expect((await doctor(folder)).diagnostics).toEqual([])
})
