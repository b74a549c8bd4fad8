/** Versions on disk: how they are packed, what they take, what becomes of a damaged one, who may remove which. */
import fc from 'fast-check'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Event } from '../../src/core/engine/protocol.ts'
import { openDatabase } from '../../src/store/adapter.ts'
import {
  doctor,
  exportStore,
  gc,
  importStore,
  type Keep,
  openStore,
  recover,
  type Store,
} from '../../src/store/index.ts'
import { applyDelta, makeDelta } from '../../src/store/versions/delta.ts'
import {
  contentsOf as contentsIn,
  LINKS_MAX,
  packContents,
  packFacts,
  plainOf,
  unpackContents,
  unpackFacts,
  wordsOf,
} from '../../src/store/versions/pack.ts'
import {
  begin,
  codeOf,
  contentsOf,
  event,
  HASH,
  LINE,
  newFolder,
  OTHER_LINE,
  pinned,
  versionOf,
  lease,
  rowOf,
} from './fixture.ts'

/** Texts that are like one another, with hashes in them, and bytes that are no text. */
const somewhatAlike = fc.array(
  fc.array(
    fc.oneof(
      fc.constantFrom(
        '{"steps":[',
        HASH,
        HASH.slice(24),
        `"${HASH}"`,
        'a',
        '\xff',
        '\xfe',
        '\xc3',
        'text of a module; ',
      ),
      fc.string(),
    ),
    { maxLength: 30 },
  ),
  { minLength: 1, maxLength: 6 },
)

describe('P1: what is unpacked is what was packed', () => {
  test('contents of any bytes, each by those before', () => {
    fc.assert(
      fc.property(somewhatAlike, texts => {
        let before: ReturnType<typeof plainOf> | undefined
        let read: ReturnType<typeof plainOf> | undefined
        for (const parts of texts) {
          const contents = Buffer.from(parts.join(''), 'latin1')
          const packed = packContents(plainOf(contents), before)
          before = plainOf(contents)
          read = unpackContents(packed, read)
          expect(read && contentsIn(read).equals(contents)).toBe(true)
        }
      }),
    )
  })

  test('facts, by those at the beginning of their series', () => {
    fc.assert(
      fc.property(fc.json(), fc.json(), (one, other) => {
        expect(unpackFacts(packFacts(one, undefined), undefined)).toBe(one)
        expect(unpackFacts(packFacts(other, wordsOf(one)), wordsOf(one))).toBe(other)
      }),
    )
  })
})

test('P2: a delta that was damaged, or is not one of this text, gives another text or none, never a throw', () => {
  const [from, to] = [contentsOf('one'), contentsOf('other')]
  const delta = makeDelta(from, to)
  expect(applyDelta(from, delta, to.length)?.equals(to)).toBe(true)
  expect(applyDelta(from, delta, to.length - 1)).toBeUndefined()
  expect(applyDelta(from.subarray(0, 9), delta, to.length)).toBeUndefined()
  for (let at = 0; at < delta.length; at += 1) {
    applyDelta(from, Buffer.concat([delta.subarray(0, at), delta.subarray(at + 1)]), to.length)
    for (let bit = 0; bit < 8; bit += 1) {
      const flipped = Buffer.from(delta)
      flipped[at] = (flipped[at] ?? 0) ^ (1 << bit)
      applyDelta(from, flipped, 10 * to.length)
    }
  }
})

const numberOf = (index: number): string => `1.0.${index}`

/** As an edit makes a file: a part of it is another one. */
function editedContents(index: number): Buffer {
  const notes = Array.from({ length: 6 }, (_, place) => Math.floor((index + 5 - place) / 6))
  return Buffer.concat(notes.map((note, place) => contentsOf(`${place}: ${note}`)))
}

function publishAll(store: Store, count: number, contents: (index: number) => Buffer = editedContents): void {
  for (let index = 0; index < count; index += 1)
    expect(store.versions.publish(versionOf(numberOf(index)), contents(index), index, 'current')).toBe('published')
}

async function withStore<T>(folder: string, work: (store: Store) => T | Promise<T>): Promise<T> {
  const store = await openStore(folder, { durability: 'normal' })
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

async function inDatabase(folder: string, sql: string): Promise<void> {
  const database = await openDatabase(join(folder, 'store.db'), 'libsql')
  database.exec(sql)
  database.close()
}

const idOf = (index: number): number => 2 ** 24 + 1 + index

async function filled(count: number): Promise<string> {
  const folder = newFolder()
  await withStore(folder, store => publishAll(store, count))
  return folder
}

test('a line of more than one series takes little more than one version, and all of it is read', async () => {
  const count = LINKS_MAX + 20
  const [one, all] = [await filled(1), await filled(count)]
  expect(statSync(join(all, 'store.db')).size / statSync(join(one, 'store.db')).size).toBeLessThan(4)
  await withStore(all, store => {
    for (const index of [count - 1, 0, LINKS_MAX, LINKS_MAX + 1, 5, LINKS_MAX - 1])
      expect(Buffer.from(store.versions.contents(LINE, numberOf(index))).equals(editedContents(index))).toBe(true)
    expect(store.versions.list(LINE).length).toBe(count)
  })
})

test('contents of 10 MB are published, read, and differ by what differs', async () => {
  const folder = newFolder()
  const text = 'a text of a module, the same for all; '.repeat(12)
  const steps = Array.from({ length: 9_000 }, (_, index) => ({ id: `step-${index}`, code: HASH, text }))
  const [before, behind] = [JSON.stringify(steps), JSON.stringify(steps.slice(5))]
  const large = (index: number): Buffer => Buffer.from(`[${before},"${numberOf(index)}",${behind}]`)
  expect(large(0).length).toBeGreaterThan(10_000_000)
  await withStore(folder, store => {
    publishAll(store, 3, large)
    for (const index of [2, 0])
      expect(Buffer.from(store.versions.contents(LINE, numberOf(index))).equals(large(index))).toBe(true)
  })
  expect(statSync(join(folder, 'store.db')).size).toBeLessThan(3_000_000)
})

/** Of the transactions in the write-ahead log: their last frames tell how large the database is then. */
function commitsIn(folder: string): number {
  const wal = readFileSync(join(folder, 'store.db-wal'))
  const [header, frame] = [32, 24 + wal.readUInt32BE(8)]
  const salts = wal.subarray(16, 24)
  let commits = 0
  for (let at = header; at + frame <= wal.length && wal.subarray(at + 8, at + 16).equals(salts); at += frame)
    if (wal.readUInt32BE(at + 4) > 0) commits += 1
  return commits
}

const changes: readonly (readonly [what: string, commits: number, change: (store: Store) => unknown])[] = [
  ['publishing', 1, store => store.versions.publish(versionOf('2.0.0'), contentsOf('2'), 3, 'current')],
  ['publishing beside', 1, store => store.versions.publish(versionOf('2.0.0'), contentsOf('2'), 3, 'beside')],
  ['publishing what is stale', 0, store => store.versions.publish(versionOf('2.0.0'), contentsOf('2'), 2, 'current')],
  ['a rewind', 1, store => store.versions.point(LINE, pinned(numberOf(0)))],
  ['reading', 0, store => [store.versions.list(), store.versions.contents(LINE, numberOf(2))]],
]

test.each(changes)('%s takes %i commits', async (_, commits, change) => {
  const folder = newFolder()
  await withStore(folder, async store => {
    publishAll(store, 3)
    const before = commitsIn(folder)
    await change(store)
    expect(commitsIn(folder) - before).toBe(commits)
  })
})

const readable = (store: Store, count: number): Promise<readonly string[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => codeOf(() => store.versions.contents(LINE, numberOf(index)))))

describe('damage', () => {
  test('takes with it those that hang on it, and no other: all are named, and the rest is recovered', async () => {
    const folder = await filled(10)
    // The second series begins with a version that has nothing in common with the one before.
    await withStore(folder, store => {
      const other = Buffer.from(Array.from({ length: 9_000 }, (_, index) => (index * 7919) % 251))
      store.versions.publish(versionOf(numberOf(10)), other, 10, 'current')
      store.versions.publish(versionOf(numberOf(11)), other, 11, 'current')
    })
    await inDatabase(
      folder,
      `UPDATE versions SET contents = CAST(substr(contents, 1, 1) || x'00' AS BLOB) WHERE id = ${idOf(6)}`,
    )
    const lost = [6, 7, 8, 9].map(numberOf)
    await withStore(folder, async store => {
      const codes = await readable(store, 12)
      expect(codes.flatMap((code, index) => (code === 'no refusal' ? [] : [`${numberOf(index)} ${code}`]))).toEqual(
        lost.map(number => `${number} VERSION_DAMAGED`),
      )
      expect(store.versions.list(LINE).length).toBe(12)
    })
    const told = { code: 'VERSION_DAMAGED', message: expect.stringContaining(`version ${lost.join(', ')}`) }
    expect((await doctor(folder)).diagnostics).toMatchObject([told])
    const into = newFolder()
    expect(await recover(folder, into)).toMatchObject({ versions: 8, diagnostics: [told] })
    await withStore(into, store => {
      expect(store.versions.list().map(({ number }) => number)).toEqual([0, 1, 2, 3, 4, 5, 10, 11].map(numberOf))
      expect(store.versions.current(LINE)).toEqual({ number: numberOf(11), how: 'published', atMs: 1 })
    })
    expect((await doctor(into)).diagnostics).toEqual([])
  })

  test('of what is newest is nobody’s base: what is published next stands by itself', async () => {
    const folder = await filled(5)
    await inDatabase(
      folder,
      `UPDATE versions SET contents = CAST(substr(contents, 1, 1) || x'00' AS BLOB) WHERE id = ${idOf(4)}`,
    )
    await withStore(folder, async store => {
      expect(store.versions.publish(versionOf(numberOf(5)), editedContents(5), 5, 'current')).toBe('published')
      expect(await readable(store, 6)).toEqual([...Array(4).fill('no refusal'), 'VERSION_DAMAGED', 'no refusal'])
    })
  })

  test('that gives a row the id of another never passes the contents of the one for those of the other', async () => {
    const folder = await filled(4)
    await inDatabase(
      folder,
      `CREATE TABLE moved AS SELECT * FROM versions; DROP TABLE versions; ALTER TABLE moved RENAME TO versions;
       UPDATE versions SET id = ${idOf(1)} WHERE id = ${idOf(2)}`,
    )
    await withStore(folder, async store => {
      expect(await codeOf(() => store.versions.contents(LINE, numberOf(1)))).toBe('VERSION_DAMAGED')
      expect(await codeOf(() => store.versions.contents(LINE, numberOf(2)))).toBe('STORE_DAMAGED')
    })
  })

  test('of a line: its versions are saved under its name; the newest is current', async () => {
    const folder = await filled(4)
    await withStore(folder, store => store.versions.point(LINE, pinned(numberOf(1))))
    await inDatabase(folder, "UPDATE lines SET number = '1.0.2'")
    const into = newFolder()
    const { versions, diagnostics } = await recover(folder, into)
    expect([versions, diagnostics.map(({ message }) => message)]).toEqual([
      4,
      [`the current version of ${LINE} is no longer known; now it is 1.0.3`],
    ])
    await withStore(into, store => expect(store.versions.current(LINE)?.number).toBe('1.0.3'))
  })
})

const started = { kind: 'run.started', v: 1, run: 'a', graph: HASH, bundle: HASH, args: {}, atMs: 1 } as const
const [GRAPH, BUNDLE] = ['c'.repeat(64), 'd'.repeat(64)]
const movedTo: Event = {
  kind: 'run.moved',
  v: 1,
  ...{ graph: GRAPH, bundle: BUNDLE, version: '2.0.0', renames: { b: 'c' } },
  from: { graph: HASH, bundle: HASH, version: '1.0.0' },
  atMs: 2,
}
const [BEFORE, MOVED] = [
  { graph: HASH, bundle: HASH },
  { graph: GRAPH, bundle: BUNDLE, version: '2.0.0', renames: { b: 'c' } },
]

test.each([
  ['its entry is damaged', "UPDATE runs SET graph = 'x', version = '3.0.0'", MOVED],
  ['its end is lost', "UPDATE batches SET body = 'x' WHERE first_seq = 3", MOVED],
  ['the move is lost with its end', "UPDATE batches SET body = 'x' WHERE first_seq = 2", BEFORE],
  ['nothing is lost', 'DELETE FROM leases', MOVED],
])('a moved run that is recovered is what its events say: %s', async (_, sql, code) => {
  const [folder, into] = [newFolder(), newFolder()]
  await withStore(folder, async store => {
    const held = lease(store, 'a')
    await store.append([{ lease: held, events: [started], row: rowOf('a', { version: '1.0.0' }) }])
    await store.append([{ lease: held, events: [movedTo], row: rowOf('a', MOVED) }])
    await store.append([{ lease: held, events: [event(1)] }])
    store.leases.release(held)
  })
  await inDatabase(folder, sql)
  await recover(folder, into)
  await withStore(into, store => {
    const { graph, bundle, version, renames } = store.runs.get('a') ?? rowOf('none')
    expect({ graph, bundle, version, renames }).toEqual({ version: undefined, renames: undefined, ...code })
  })
})

test('a recovered store has the versions, and what is current', async () => {
  const [folder, into] = [await filled(6), newFolder()]
  await withStore(folder, store => {
    store.versions.publish(versionOf('1.0.0', { line: OTHER_LINE }), contentsOf('other'), 0, 'beside')
    store.versions.point(LINE, pinned(numberOf(2)))
  })
  expect(await recover(folder, into)).toMatchObject({ versions: 7, diagnostics: [] })
  const listed = await withStore(folder, store => store.versions.list())
  await withStore(into, store => {
    expect(store.versions.list()).toEqual(listed)
    expect(store.versions.current(LINE)).toEqual(pinned(numberOf(2)))
    expect(store.versions.current(OTHER_LINE)).toBeUndefined()
  })
})

describe('gc', () => {
  const keep = (versions: number): Keep => ({ runs: 100, endedAfterMs: 0, versions })
  const left = (folder: string): Promise<readonly string[]> =>
    withStore(folder, store => {
      for (const { number } of store.versions.list(LINE)) {
        const contents = editedContents(Number(number.split('.')[2]))
        expect(Buffer.from(store.versions.contents(LINE, number)).equals(contents)).toBe(true)
      }
      return store.versions.list(LINE).map(({ number }) => number)
    })

  test('keeps all versions, unless it is asked to remove old ones', async () => {
    const folder = await filled(5)
    expect(await gc(folder, { runs: 0, endedAfterMs: 0 })).toMatchObject({ versions: 0 })
    expect(await gc(folder, keep(2))).toMatchObject({ versions: 3 })
    expect(await left(folder)).toEqual([3, 4].map(numberOf))
    expect((await doctor(folder)).diagnostics).toEqual([])
    expect(await gc(folder, keep(0))).toMatchObject({ versions: 1 })
    expect(await left(folder)).toEqual([numberOf(4)])
  })

  const uses: readonly (readonly [what: string, use: (store: Store) => unknown])[] = [
    ['a live run is pinned to', store => begin(store, 'live', { version: numberOf(3) })],
    ['an ended run that is kept was pinned to', store => begin(store, 'a', { version: numberOf(3), endedAtMs: 1 })],
    ['new runs take, since it is current', store => store.versions.point(LINE, pinned(numberOf(3)))],
    [
      'a run was moved away from, which may be undone',
      async store => {
        const code = (version: string) => ({ graph: HASH, bundle: HASH, version })
        const moved = { kind: 'run.moved', v: 1, from: code(numberOf(3)), ...code(numberOf(8)), atMs: 1 } as const
        const held = await begin(store, 'moved', { version: numberOf(8) })
        await store.append([{ lease: held, events: [moved] }])
      },
    ],
    ['has the bundle of a run that names no version', store => begin(store, 'a', { bundle: 'c'.repeat(64) })],
  ]
  test.each(uses)('a version in use is never collected: one that %s', async (_, use) => {
    const folder = newFolder()
    await withStore(folder, async store => {
      for (let index = 0; index < 10; index += 1) {
        const facts = { bundle: index === 3 ? 'c'.repeat(64) : 'd'.repeat(64) }
        store.versions.publish(versionOf(numberOf(index), { facts }), editedContents(index), index, 'current')
      }
      await use(store)
    })
    await gc(folder, keep(1))
    expect(await left(folder)).toContain(numberOf(3))
    expect(await left(folder)).not.toContain(numberOf(4))
    expect((await doctor(folder)).diagnostics).toEqual([])
  })

  test('a version in use is never collected: the newest of a channel', async () => {
    const folder = newFolder()
    await withStore(folder, store => {
      for (let index = 0; index < 9; index += 1) {
        const facts = { channel: index < 4 ? 'next' : 'stable' }
        store.versions.publish(versionOf(numberOf(index), { facts }), editedContents(index), index, 'current')
      }
    })
    await gc(folder, keep(1))
    expect(await left(folder)).toEqual([3, 8].map(numberOf))
  })

  test('what a run that is removed was pinned to goes with it; runs of other workflows keep nothing', async () => {
    const folder = await filled(5)
    await withStore(folder, async store => {
      await begin(store, 'ended', { version: numberOf(1), status: 'succeeded', endedAtMs: 1 })
      await begin(store, 'other', { version: numberOf(2), workflow: 'other' })
    })
    await gc(folder, { runs: 0, endedAfterMs: 2, versions: 1 })
    expect(await left(folder)).toEqual([numberOf(4)])
  })

  test('any that are left are what they were, however many and in whichever order', async () => {
    const inUse = fc.uniqueArray(fc.integer({ min: 0, max: 11 }), { maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(inUse, inUse, async (first, second) => {
        const folder = await filled(12)
        for (const [round, indexes] of [
          [0, [...new Set([...first, ...second])]],
          [1, second],
        ] as const) {
          await withStore(folder, async store => {
            for (const index of indexes)
              await begin(store, `${round}-${index}`, { version: numberOf(index), endedAtMs: round + 1 })
          })
          await gc(folder, { runs: 0, endedAfterMs: round, versions: 1 })
          expect(await left(folder)).toEqual([...new Set([...indexes, 11])].sort((a, b) => a - b).map(numberOf))
        }
      }),
      { numRuns: 6 },
    )
  })

  test('a number that was removed is free for nobody who saw it: the line goes on behind its newest', async () => {
    const folder = await filled(5)
    await gc(folder, keep(1))
    await withStore(folder, store => {
      expect(store.versions.publish(versionOf(numberOf(5)), editedContents(5), 5, 'current')).toBe('stale')
      expect(store.versions.publish(versionOf(numberOf(5)), editedContents(5), 1, 'current')).toBe('published')
    })
    expect(await left(folder)).toEqual([4, 5].map(numberOf))
  })

  test('leaves a damaged line alone', async () => {
    const folder = await filled(5)
    await inDatabase(
      folder,
      `UPDATE versions SET contents = CAST(substr(contents, 1, 1) || x'00' AS BLOB) WHERE id = ${idOf(3)}`,
    )
    expect(await gc(folder, keep(1))).toMatchObject({ versions: 0 })
    await withStore(folder, async store =>
      expect(await codeOf(() => store.versions.contents(LINE, '1.0.2'))).toBe('no refusal'),
    )
  })

  test('keeps what facts and contents name, also of a version that differs by it alone', async () => {
    const folder = newFolder()
    const named = await withStore(folder, async store => {
      const hashes = await Promise.all(['a', 'b', 'c', 'no'].map(text => store.blobs.put(Buffer.from(text))))
      const [inFacts = '', first = '', second = ''] = hashes
      for (const [index, hash] of [first, second].entries())
        store.versions.publish(
          versionOf(numberOf(index), { facts: { kept: inFacts } }),
          contentsOf(hash),
          index,
          'current',
        )
      return hashes
    })
    const freed = await gc(folder, { runs: 0, endedAfterMs: 0, blobsUsedAfterMs: Date.now() + 1_000 })
    expect(freed.blobs).toBe(1)
    await withStore(folder, async store =>
      expect(await Promise.all(named.map(hash => store.blobs.has(hash)))).toEqual([true, true, true, false]),
    )
  })
})

describe('export and import', () => {
  async function exported(folder: string, runs?: readonly string[]): Promise<string[]> {
    return withStore(folder, async store => {
      const lines: string[] = []
      for await (const line of exportStore(store, runs ? { runs } : {})) lines.push(line)
      return lines
    })
  }

  async function* each(lines: readonly string[]): AsyncIterable<string> {
    yield* lines
  }

  const imported = (folder: string, lines: readonly string[]): Promise<string> =>
    withStore(folder, store => codeOf(() => importStore(store, each(lines))))

  async function source(): Promise<string> {
    const folder = await filled(6)
    await withStore(folder, async store => {
      const kept = await store.blobs.put(Buffer.from('a source'))
      const facts = { source: kept }
      store.versions.publish(versionOf('2.0.0', { line: 'x.ts#other', facts }), contentsOf('other'), 0, 'current')
      store.versions.point(LINE, pinned(numberOf(2)))
      const held = await begin(store, 'a', { version: numberOf(1), renames: { b: 'c' } })
      await store.append([{ lease: held, events: [event(1)] }])
    })
    return folder
  }

  test('all lines come over with what is current and the blobs that they name; an export of that is the same', async () => {
    const [folder, into] = [await source(), newFolder()]
    const lines = await exported(folder)
    expect(await imported(into, lines)).toBe('no refusal')
    const comparable = (line: string): string => line.replace(/"lastSeq":\d+/, '')
    expect((await exported(into)).map(comparable)).toEqual(lines.map(comparable))
    await withStore(into, store => {
      expect(store.runs.get('a')).toMatchObject({ version: numberOf(1), renames: { b: 'c' } })
      expect(store.versions.current(LINE)).toEqual(pinned(numberOf(2)))
      expect(Buffer.from(store.versions.contents(LINE, numberOf(5))).equals(editedContents(5))).toBe(true)
    })
    expect((await doctor(into)).diagnostics).toEqual([])
  })

  test('of a run only the line that it names comes over', async () => {
    const [folder, into] = [await source(), newFolder()]
    await imported(into, await exported(folder, ['a']))
    await withStore(into, store =>
      expect(new Set(store.versions.list().map(({ line }) => line))).toEqual(new Set([LINE])),
    )
  })

  test('a version that is there is taken once; what is current there stays so', async () => {
    const [folder, into] = [await filled(6), await filled(3)]
    const lines = await exported(folder)
    expect(await imported(into, lines)).toBe('no refusal')
    expect(await imported(into, lines)).toBe('no refusal')
    await withStore(into, store => {
      expect(store.versions.list(LINE).map(({ number }) => number)).toEqual([0, 1, 2, 3, 4, 5].map(numberOf))
      expect(store.versions.current(LINE)?.number).toBe(numberOf(2))
    })
  })

  test('another version under a number that is there is VERSION_DIFFERS', async () => {
    const into = newFolder()
    await withStore(into, store =>
      store.versions.publish(versionOf(numberOf(0), { hash: HASH }), contentsOf('x'), 0, 'current'),
    )
    expect(await imported(into, await exported(await filled(2)))).toBe('VERSION_DIFFERS')
  })

  test.each([
    ['contents', (line: string) => line.replace(/"base64":"..../, '"base64":"AAAA')],
    ['a digest', (line: string) => line.replace(/"digest":"../, '"digest":"zz')],
    ['a row', (line: string) => line.replace('"number":"1.0', '"numbr":"1.0')],
    ['a current version', (line: string) => line.replace('"current":{"number":"1', '"current":{"number":"9')],
    ['a way of being current', (line: string) => line.replace('"how":"published"', '"how":"x"')],
  ])('a line with a damaged part, %s, is IMPORT_MALFORMED', async (_, damage) => {
    const lines = await exported(await filled(3))
    expect(await imported(newFolder(), lines.map(damage))).toBe('IMPORT_MALFORMED')
  })
})
