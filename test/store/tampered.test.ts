/** What SQLite cannot see: rows whose columns are not what was written, and rows that are gone. Each is told by who asks. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openDatabase } from '../../src/store/adapter.ts'
import { doctor, openStore, type Store } from '../../src/store/index.ts'
import { begin, codeOf, event, newFolder, readAll } from './fixture.ts'

/** Two runs, with their index written, a letter, a lease that is held no more, and a snapshot. */
async function filledStore(): Promise<string> {
  const folder = newFolder()
  const store = await openStore(folder, { durability: 'normal' })
  const leases = [await begin(store, 'a', { createdAtMs: 1 }), await begin(store, 'b', { createdAtMs: 2 })]
  for (const lease of leases) await store.append([{ lease, events: [event(1), event(2)] }])
  store.mailbox.post('a', { kind: 'cancel', reason: 'asked' })
  store.snapshots.put('a', 1, Buffer.from('one'))
  store.snapshots.put('a', 3, Buffer.from('three'))
  await store.close()
  return folder
}

async function tamper(folder: string, sql: string): Promise<void> {
  const database = await openDatabase(join(folder, 'store.db'), 'libsql')
  database.exec(sql)
  database.close()
}

const letters = (store: Store): unknown => store.mailbox.open(new Set(['a', 'b']))

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

test('rows from before there were digests are believed', async () => {
  const folder = await filledStore()
  await tamper(folder, "UPDATE runs SET digest = ''; UPDATE leases SET digest = ''; UPDATE mailbox SET digest = ''")
  const store = await openStore(folder)
  expect(store.runs.list().map(({ run }) => run)).toEqual(['b', 'a'])
  expect(store.leases.acquire('a').kind).toBe('acquired')
  expect(store.mailbox.open(new Set(['a'])).length).toBe(1)
  await store.close()
  expect((await doctor(folder)).diagnostics).toEqual([])
})
