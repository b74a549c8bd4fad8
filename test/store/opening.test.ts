/** Stores of other versions, of other programs, on disks that are read-only or full. */
import { execFileSync, spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openDatabase } from '../../src/store/adapter.ts'
import { openStore } from '../../src/store/index.ts'
import { MIGRATIONS, STORE_VERSION } from '../../src/store/schema.ts'
import { begin, bundleChild, codeOf, event, newFolder, readAll, startChild } from './fixture.ts'

async function withDatabase(folder: string, work: (exec: (sql: string) => void) => void): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const database = await openDatabase(join(folder, 'store.db'), 'libsql')
  work(database.exec)
  database.close()
}

test.each(MIGRATIONS.map((_, version) => version))(
  'a store of format %i is migrated, and its events are there',
  async version => {
    const folder = newFolder()
    const store = await openStore(folder)
    await begin(store)
    await store.close()
    // Back to the older format: the same events in the tables that it had.
    await withDatabase(folder, exec => {
      if (version < 7)
        exec(`DROP TABLE versions; DROP TABLE lines; ALTER TABLE runs DROP COLUMN version;
          ALTER TABLE runs DROP COLUMN renames`)
      if (version < 6) exec('DROP TABLE traces')
      if (version < 5)
        exec(`DROP TABLE run_ends; ALTER TABLE runs DROP COLUMN digest; ALTER TABLE leases DROP COLUMN digest;
          ALTER TABLE mailbox DROP COLUMN digest; ALTER TABLE indexed DROP COLUMN digest`)
      if (version < 4)
        exec(`DROP TABLE mailbox; DROP TABLE slots;
          CREATE TABLE mailbox (id INTEGER PRIMARY KEY, run TEXT NOT NULL, message TEXT NOT NULL) STRICT;
          CREATE INDEX mailbox_by_run ON mailbox (run, id);
          INSERT INTO mailbox (run, message) VALUES ('run-1', '{"kind":"cancel","reason":"before"}')`)
      if (version < 3)
        exec('DROP TABLE run_rows; DROP TABLE indexed; CREATE INDEX batches_by_run ON batches (run, last_seq)')
      if (version < 2) exec('DROP TABLE mailbox; DROP TABLE snapshots')
      exec(`PRAGMA user_version = ${version}`)
    })
    if (version === 0) rmSync(folder, { recursive: true })
    const again = await openStore(folder)
    expect((await readAll(again)).map(stored => stored.event)).toEqual(version === 0 ? [] : [event(0)])
    // Its entry is as its digest says, also where that knows nothing of versions.
    expect(again.runs.list().map(({ run }) => run)).toEqual(version === 0 ? [] : ['run-1'])
    expect(again.versions.list()).toEqual([])
    // What was asked of the run before is not lost, and what comes now follows it.
    const kept = version === 2 || version === 3 ? [{ kind: 'cancel', reason: 'before' }] : []
    if (version > 0) again.mailbox.post('run-1', { kind: 'cancel', reason: 'migrated' })
    expect(again.mailbox.open(new Set(['run-1'])).map(letter => letter.mail)).toEqual(
      version > 0 ? [...kept, { kind: 'cancel', reason: 'migrated' }] : [],
    )
    await again.close()
  },
)

test('a store of a newer format is STORE_NEWER and is left as it is', async () => {
  const folder = newFolder()
  await (await openStore(folder)).close()
  await withDatabase(folder, exec => exec(`PRAGMA user_version = ${STORE_VERSION + 1}`))
  const before = readFileSync(join(folder, 'store.db'))
  expect(await codeOf(() => openStore(folder))).toBe('STORE_NEWER')
  expect(readFileSync(join(folder, 'store.db')).equals(before)).toBe(true)
})

test('a database of another program is STORE_FOREIGN and is left as it is', async () => {
  const folder = newFolder()
  await withDatabase(folder, exec => exec('CREATE TABLE theirs (x)'))
  const before = readFileSync(join(folder, 'store.db'))
  expect(await codeOf(() => openStore(folder))).toBe('STORE_FOREIGN')
  expect(readFileSync(join(folder, 'store.db')).equals(before)).toBe(true)
})

test('where there is no store, mode existing is STORE_MISSING and makes none', async () => {
  const folder = newFolder()
  expect(await codeOf(() => openStore(folder, { mode: 'existing' }))).toBe('STORE_MISSING')
  await (await openStore(folder)).close()
  await (await openStore(folder, { mode: 'existing' })).close()
})

test('a path that is a file, or lies in one, is STORE_UNOPENABLE', async () => {
  const folder = newFolder()
  writeFileSync(folder, 'a file')
  expect(await codeOf(() => openStore(folder))).toBe('STORE_UNOPENABLE')
  expect(await codeOf(() => openStore(join(folder, 'below')))).toBe('STORE_UNOPENABLE')
})

/** A file system of its own, for what only a mount can do. */
function withMount<T>(options: string, work: (path: string) => Promise<T>): Promise<T> {
  const path = mkdtempSync(join(tmpdir(), 'tutti-mount-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path])
  return work(path).finally(() => {
    execFileSync('umount', ['-l', path])
    rmSync(path, { recursive: true, force: true })
  })
}

/** To the last byte. */
function fillDisk(path: string): void {
  const file = openSync(join(path, 'ballast'), 'w')
  try {
    for (;;) writeSync(file, Buffer.alloc(4_096))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
  } finally {
    closeSync(file)
  }
}

function canMount(): boolean {
  const path = mkdtempSync(join(tmpdir(), 'tutti-mount-'))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', path]).status === 0
  if (mounted) execFileSync('umount', ['-l', path])
  rmSync(path, { recursive: true, force: true })
  return mounted
}

const mountable = canMount()

describe.skipIf(!mountable)(`disks${mountable ? '' : ' (skipped: this user may not mount)'}`, () => {
  test('a full disk is STORE_FULL; nothing is half there, and with space the store goes on', () =>
    withMount('size=2m', async path => {
      const store = await openStore(join(path, '.tutti'))
      const held = await begin(store)
      writeFileSync(join(path, 'ballast'), Buffer.alloc(500_000))
      let count = 1
      const fill = async () => {
        for (;;) {
          await store.append([{ lease: held, events: [event(count, 'x'.repeat(50_000))] }])
          count += 1
        }
      }
      expect(await codeOf(fill)).toBe('STORE_FULL')
      expect(await codeOf(() => store.blobs.put(Buffer.alloc(3_000_000)))).toBe('STORE_FULL')
      expect((await readAll(store)).length).toBe(count)
      rmSync(join(path, 'ballast'))
      expect(await store.append([{ lease: held, events: [event(count)] }])).toBe(count + 1)
      await store.close()
      const again = await openStore(join(path, '.tutti'))
      expect((await readAll(again)).length).toBe(count + 1)
      await again.close()
    }))

  test('closing on a full disk tidies up what it can and refuses nothing: all that matters was written before', () =>
    withMount('size=2m', async path => {
      const store = await openStore(join(path, '.tutti'))
      const held = await begin(store)
      for (let index = 1; index < 5; index += 1) await store.append([{ lease: held, events: [event(index)] }])
      fillDisk(path)
      await store.close()
      rmSync(join(path, 'ballast'))
      const again = await openStore(join(path, '.tutti'))
      expect((await readAll(again, { run: 'run-1' })).length).toBe(5)
      await again.close()
    }))

  test('a full disk when the store is made is STORE_FULL', () =>
    withMount('size=64k', async path => {
      writeFileSync(join(path, 'ballast'), Buffer.alloc(48_000))
      expect(await codeOf(() => openStore(join(path, '.tutti')))).toBe('STORE_FULL')
    }))

  test('a read-only disk is STORE_READONLY, for a new store and an old one', () =>
    withMount('size=8m', async path => {
      // By another process: here libsql may keep files open for a while, and the disk could not be remounted.
      const script = await bundleChild()
      await startChild(script, ['post', join(path, '.tutti'), 'run-1', 'run-1']).ended
      rmSync(script)
      execFileSync('mount', ['-o', 'remount,ro', path])
      expect(await codeOf(() => openStore(join(path, '.tutti')))).toBe('STORE_READONLY')
      expect(await codeOf(() => openStore(join(path, 'new')))).toBe('STORE_READONLY')
    }))
})
