/** One bit flipped anywhere in a store is told or harmless: never are other events read than were written. */
import { cpSync, existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { acceptLoss, doctor, openStore, recover } from '../../src/store/index.ts'
import { Refusal } from '../../src/util/diagnostic.ts'
import { begin, bundleChild, codeOf, event, newFolder, readAll, startChild } from './fixture.ts'

const TOLD = ['STORE_TRUNCATED', 'STORE_DAMAGED', 'STORE_FOREIGN', 'STORE_NEWER', 'STORE_UNOPENABLE']

let script = ''
beforeAll(async () => void (script = await bundleChild()))
afterAll(() => rmSync(script, { force: true }))

/** A store whose writer was killed, so that a WAL is left, and what the writer was told. */
async function killedStore(events: number): Promise<{ folder: string; acknowledged: number }> {
  const folder = newFolder()
  const child = startChild(script, ['write', folder, 'run-1'])
  await child.printed(events)
  child.process.kill('SIGKILL')
  await child.ended
  return { folder, acknowledged: Number(child.lines.at(-1)) + 1 }
}

/**
 * A process of its own opens and closes the store. Not this one: here libsql may keep a closed database open until its
 * statements are collected, and would take a changed file for the one that it knows.
 */
async function visit(folder: string): Promise<void> {
  await startChild(script, ['visit', folder]).ended
}

function flip(path: string, bit: number): void {
  const bytes = readFileSync(path)
  const index = Math.floor(bit / 8) % bytes.length
  bytes[index] = (bytes[index] ?? 0) ^ (1 << (bit % 8))
  writeFileSync(path, bytes)
}

/** Without the zeros at the end: a WAL is lengthened before it is used. */
function usedBytes(path: string): number {
  return readFileSync(path).findLastIndex(byte => byte !== 0) + 1
}

/** The code that tells of it, or how many events are there. */
async function look(folder: string): Promise<string | number> {
  try {
    const store = await openStore(folder)
    try {
      const stored = await readAll(store)
      for (const [index, { event: found }] of stored.entries()) expect(found).toEqual(event(index))
      return stored.length
    } finally {
      await store.close()
    }
  } catch (error) {
    if (error instanceof Refusal) return error.diagnostics[0]?.code ?? ''
    throw error
  }
}

describe('a flipped bit is told or harmless', () => {
  test.each(['store.db-wal', 'store.db', 'head', 'turns'])('in %s', async name => {
    const { folder, acknowledged } = await killedStore(20)
    if (name === 'store.db') await visit(folder)
    const size = existsSync(join(folder, name)) ? usedBytes(join(folder, name)) : 0
    let told = 0
    // Spread over the file by a step that meets all bits of a byte.
    for (let round = 0; round < 60 && size > 0; round += 1) {
      const copy = newFolder()
      cpSync(folder, copy, { recursive: true })
      flip(join(copy, name), Math.floor((size * 8 * round) / 60) + round)
      const seen = await look(copy)
      if (typeof seen === 'string') {
        expect(TOLD).toContain(seen)
        told += 1
      } else expect(seen).toBeGreaterThanOrEqual(acknowledged)
    }
    if (name === 'store.db-wal') expect(told).toBeGreaterThan(10)
  })
})

/** Where a frame begins, towards the end of the log, whose page a later commit writes again. How many there are is chance. */
function rewrittenFrame(wal: string): number {
  const bytes = readFileSync(wal)
  const starts = Array.from({ length: Math.floor((usedBytes(wal) - 32) / 4120) }, (_, index) => 32 + index * 4120)
  const pageAt = (start: number): number => bytes.readUInt32BE(start)
  const isRewritten = (start: number): boolean => starts.some(later => later > start && pageAt(later) === pageAt(start))
  const found = starts.slice(0, Math.floor(starts.length * 0.7)).findLast(isRewritten)
  if (found === undefined) throw new Error('no page of the log is written twice')
  return found
}

test('S3: a WAL that lost its end is STORE_TRUNCATED with both numbers; doctor knows, recover saves what is behind', async () => {
  const { folder, acknowledged } = await killedStore(40)
  const wal = join(folder, 'store.db-wal')
  flip(wal, (rewrittenFrame(wal) + 30) * 8)
  const refused = await openStore(folder).catch(error => error as Refusal)
  expect(refused).toMatchObject({
    diagnostics: [{ code: 'STORE_TRUNCATED', message: expect.stringMatching(/\d+ were written, only \d+ are/) }],
  })
  expect((await doctor(folder)).diagnostics.map(({ code }) => code)).toContain('STORE_TRUNCATED')
  expect(await codeOf(() => openStore(folder))).toBe('STORE_TRUNCATED')
  const into = newFolder()
  const recovery = await recover(folder, into)
  // The flipped bit lies in a page that a later commit wrote again: all is saved.
  expect(recovery.events).toBeGreaterThanOrEqual(acknowledged - 2)
  expect(await look(into)).toBe(recovery.events)
  const kept = await acceptLoss(folder)
  expect(await look(folder)).toBe(kept)
})

test('a database that was cut or emptied is told', async () => {
  for (const size of [0, 100, 4_096]) {
    const { folder } = await killedStore(5)
    await visit(folder)
    truncateSync(join(folder, 'store.db'), size)
    expect(TOLD).toContain(await look(folder))
    expect((await doctor(folder)).diagnostics.length).toBeGreaterThan(0)
  }
})

test('a database that was removed is told', async () => {
  const { folder } = await killedStore(5)
  for (const name of ['store.db', 'store.db-wal', 'store.db-shm']) rmSync(join(folder, name), { force: true })
  expect(await look(folder)).toBe('STORE_TRUNCATED')
})

test('a file that is no database is STORE_DAMAGED', async () => {
  const folder = newFolder()
  await visit(folder)
  writeFileSync(
    join(folder, 'store.db'),
    'not a database, but longer than the header of one is: a hundred bytes and more of text',
  )
  expect(await codeOf(() => openStore(folder))).toBe('STORE_DAMAGED')
})

test('an exchanged database is STORE_DAMAGED', async () => {
  const [one, two] = [newFolder(), newFolder()]
  for (const folder of [one, two]) await startChild(script, ['post', folder, folder, folder]).ended
  cpSync(join(one, 'store.db'), join(two, 'store.db'))
  expect(await codeOf(() => openStore(two))).toBe('STORE_DAMAGED')
})

test('doctor finds nothing wrong with a sound store', async () => {
  const folder = newFolder()
  const store = await openStore(folder)
  await begin(store)
  const hash = await store.blobs.put(Buffer.from('value'))
  await store.close()
  expect(await doctor(folder)).toEqual({ diagnostics: [], intactSeq: 1, blobCount: 1 })
  rmSync(join(folder, 'blobs', hash.slice(0, 2)), { recursive: true })
  expect((await doctor(folder)).diagnostics).toEqual([])
})

test('doctor finds a value that is named and missing, and one that is not what its name says', async () => {
  const folder = newFolder()
  const store = await openStore(folder)
  const held = await begin(store)
  const gone = 'b'.repeat(64)
  const output = { codec: 'bytes', hash: gone, sizeBytes: 5 }
  await store.append([
    {
      lease: held,
      events: [{ kind: 'step.settled', v: 1, step: 's', attempt: 1, outcome: { kind: 'succeeded', output }, atMs: 1 }],
    },
  ])
  const damaged = await store.blobs.put(Buffer.from('value'))
  const path = await store.blobs.file(damaged)
  await store.close()
  rmSync(path)
  writeFileSync(path, 'other')
  const codes = (await doctor(folder)).diagnostics.map(({ code, message }) => [
    code,
    message.includes(gone) || message.includes(damaged),
  ])
  expect(codes.sort()).toEqual([
    ['BLOB_DAMAGED', true],
    ['BLOB_MISSING', true],
  ])
})

test('a value that is damaged is mended by whoever makes it again', async () => {
  const folder = newFolder()
  const value = Buffer.from('value')
  const store = await openStore(folder)
  const hash = await store.blobs.put(value)
  const path = await store.blobs.file(hash)
  await store.close()
  const source = join(folder, 'source')
  writeFileSync(source, value)
  for (const again of ['put', 'putFile'] as const) {
    for (const damage of ['vulae', 'val', 'value and more']) {
      rmSync(path)
      writeFileSync(path, damage)
      const later = await openStore(folder)
      expect(await codeOf(() => later.blobs.get(hash))).toBe('BLOB_DAMAGED')
      await (again === 'put' ? later.blobs.put(value) : later.blobs.putFile(source))
      expect(Buffer.from(await later.blobs.get(hash))).toEqual(value)
      await later.close()
    }
  }
})

test('doctor leaves alone what a damaged log has lost, down to its tables: recover finds it', async () => {
  const { folder, acknowledged } = await killedStore(20)
  const wal = join(folder, 'store.db-wal')
  // In the first commit of all, which made the tables.
  flip(wal, (32 + 2 * 4120 + 2_000) * 8)
  const before = readFileSync(wal)
  expect((await doctor(folder)).diagnostics.map(({ code }) => code)).toEqual(['STORE_TRUNCATED'])
  expect(await codeOf(() => openStore(folder))).toBe('STORE_TRUNCATED')
  expect(readFileSync(join(folder, 'store.db-wal.lost')).equals(before)).toBe(true)
  const into = newFolder()
  expect((await recover(folder, into)).events).toBeGreaterThanOrEqual(acknowledged)
  expect(await acceptLoss(folder)).toBe(0)
  expect(await look(folder)).toBe(0)
})
