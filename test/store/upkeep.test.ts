/** Export and import, gc, recover: what keeps a store handy over years. */
import { existsSync, utimesSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Event } from '../../src/core/engine/protocol.ts'
import { doctor, exportStore, gc, importStore, openStore, recover, type Store } from '../../src/store/index.ts'
import { begin, codeOf, event, HASH, newFolder, readAll, rowOf } from './fixture.ts'

const settled = (hash: string): Event => ({
  kind: 'step.settled',
  v: 1,
  step: 's',
  attempt: 1,
  outcome: { kind: 'succeeded', output: { codec: 'dir', hash, sizeBytes: 9 } },
  atMs: 1,
})

/** A run whose result is a listing (JSON) that names a file; both are blobs. */
async function runWithFolder(store: Store, run: string): Promise<{ listing: string; file: string }> {
  const file = await store.blobs.put(Buffer.from(`content of ${run}`))
  const listing = await store.blobs.put(Buffer.from(JSON.stringify({ files: [{ path: 'a', hash: file }] })))
  const held = await begin(store, run)
  const ended = rowOf(run, { status: 'succeeded', endedAtMs: 100 })
  await store.append([{ lease: held, events: [settled(listing)], row: ended }])
  store.leases.release(held)
  return { listing, file }
}

async function withStore<T>(folder: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(folder)
  return work(store).finally(() => store.close())
}

async function collect(lines: AsyncIterable<string>): Promise<string[]> {
  const found: string[] = []
  for await (const line of lines) found.push(line)
  return found
}

async function* each(lines: readonly string[]): AsyncIterable<string> {
  yield* lines
}

test('what is exported is imported: events, rows, blobs; an export of that is the same bytes', async () => {
  const lines = await withStore(newFolder(), async store => {
    await runWithFolder(store, 'a')
    await runWithFolder(store, 'b')
    await store.blobs.put(Buffer.alloc(3_000_000, 1))
    return collect(exportStore(store))
  })
  expect(lines[0]).toBe('{"kind":"tutti.export","v":1}\n')
  await withStore(newFolder(), async store => {
    expect(await importStore(store, each(lines))).toEqual(['a', 'b'])
    expect((await readAll(store, { run: 'b' })).map(stored => stored.event.kind)).toEqual([
      'value.recorded',
      'step.settled',
    ])
    expect(store.runs.get('a')?.status).toBe('succeeded')
    const again = (await collect(exportStore(store))).map(line => line.replace(/"lastSeq":\d+/, ''))
    expect(again).toEqual(lines.map(line => line.replace(/"lastSeq":\d+/, '')))
    expect(await codeOf(() => importStore(store, each(lines)))).toBe('RUN_EXISTS')
  })
})

test('a large blob goes in parts', async () => {
  const bytes = Buffer.alloc(2_000_001, 5)
  const lines = await withStore(newFolder(), async store => {
    const hash = await store.blobs.put(bytes)
    const held = await begin(store, 'a')
    await store.append([{ lease: held, events: [settled(hash)] }])
    return collect(exportStore(store, { runs: ['a'] }))
  })
  expect(lines.filter(line => line.includes('"blob.part"')).length).toBe(3)
  await withStore(newFolder(), async store => {
    await importStore(store, each(lines))
    const [, second] = await readAll(store)
    const hash = /[0-9a-f]{64}/.exec(JSON.stringify(second?.event))?.[0] ?? ''
    expect(Buffer.from(await store.blobs.get(hash)).equals(bytes)).toBe(true)
  })
})

test.each([
  ['nothing', ['{"kind":"run"}']],
  ['no JSON', ['{"kind":"tutti.export","v":1}', '{']],
  ['a newer version', ['{"kind":"tutti.export","v":2}']],
  ['an event without its run', ['{"kind":"tutti.export","v":1}', '{"kind":"event","run":"x","event":{"kind":"y"}}']],
  ['a path for a hash', ['{"kind":"tutti.export","v":1}', '{"kind":"blob.part","hash":"../../x","base64":""}']],
  ['a wrong blob', ['{"kind":"tutti.export","v":1}', `{"kind":"blob.end","hash":"${HASH}"}`]],
])('an import with %s is IMPORT_MALFORMED and leaves no run', (_, lines) =>
  withStore(newFolder(), async store => {
    expect(await codeOf(() => importStore(store, each(lines)))).toBe('IMPORT_MALFORMED')
    expect(store.runs.list()).toEqual([])
  }),
)

test('an unknown run cannot be exported', () =>
  withStore(newFolder(), async store =>
    expect(await codeOf(() => collect(exportStore(store, { runs: ['x'] })))).toBe('RUN_UNKNOWN'),
  ))

test('gc removes old ended runs and what only they name; the chain still checks, the rest is as it was', async () => {
  const folder = newFolder()
  const [a, b, loose] = await withStore(folder, async store => {
    const named = [await runWithFolder(store, 'a'), await runWithFolder(store, 'b')] as const
    await begin(store, 'alive')
    return [...named, await store.blobs.put(Buffer.from('named by nobody'))] as const
  })
  const later = Date.now() + 1_000
  const freed = await gc(folder, { runs: 1, endedAfterMs: 1_000, blobsUsedAfterMs: later })
  expect(freed).toMatchObject({ runs: ['a'], blobs: 3 })
  await withStore(folder, async store => {
    expect(
      store.runs
        .list()
        .map(({ run }) => run)
        .sort(),
    ).toEqual(['alive', 'b'])
    expect(await readAll(store, { run: 'a' })).toEqual([])
    expect((await readAll(store)).map(({ seq }) => seq)).toEqual([3, 4, 5])
    expect(await Promise.all([a.listing, a.file, loose, b.listing, b.file].map(store.blobs.has))).toEqual([
      false,
      false,
      false,
      true,
      true,
    ])
    // The name is free again, and the new run's log is its own.
    await begin(store, 'a')
    expect((await readAll(store, { run: 'a' })).length).toBe(1)
  })
  expect((await doctor(folder)).diagnostics).toEqual([])
})

test('gc spares a blob that was put again, however old it is', async () => {
  const folder = newFolder()
  const hash = await withStore(folder, async store => {
    const put = await store.blobs.put(Buffer.from('old'))
    utimesSync(await store.blobs.file(put), new Date(0), new Date(0))
    expect(await store.blobs.put(Buffer.from('old'))).toBe(put)
    return put
  })
  expect((await gc(folder, { runs: 0, endedAfterMs: 0 })).blobs).toBe(0)
  await withStore(folder, async store => expect(await store.blobs.has(hash)).toBe(true))
})

test('recover of a sound store is a copy of it', async () => {
  const [folder, into] = [newFolder(), newFolder()]
  await withStore(folder, async store => {
    await runWithFolder(store, 'a')
    const held = await begin(store, 'b')
    await store.append([{ lease: held, events: [event(1)] }])
  })
  expect(await recover(folder, into)).toEqual({ runs: 2, events: 4, blobs: 2, versions: 0, diagnostics: [] })
  expect((await doctor(into)).diagnostics).toEqual([])
  await withStore(into, async store => expect(store.runs.get('a')?.status).toBe('succeeded'))
  expect(existsSync(into)).toBe(true)
})
