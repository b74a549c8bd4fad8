import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ValueRef } from '../../src/core/engine/protocol.ts'
import { openBlobs } from '../../src/store/blobs.ts'
import type { Blobs } from '../../src/store/store.ts'
import { Refusal } from '../../src/util/diagnostic.ts'
import { hashText } from '../../src/util/hash.ts'
import { blobsOf, type Codec, type Route, valueStore } from '../../src/values/index.ts'
import { sha256 } from '../../src/values/digest.ts'
import { Lru } from '../../src/values/lru.ts'
import { limit } from '../../src/values/limit.ts'

let folder: string
let blobs: Blobs
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tutti-values-'))
  blobs = openBlobs(folder, 'normal')
})
afterAll(() => rm(folder, { recursive: true }))

const where = { task: 'compile' }
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'nothing refused',
    problem =>
      problem instanceof Refusal
        ? `${problem.diagnostics[0]!.code}: ${problem.diagnostics[0]!.message}`
        : String(problem),
  )

class Money {
  readonly cents: bigint
  constructor(cents: bigint) {
    this.cents = cents
  }
}
const money: Codec = {
  name: 'money',
  form: 'text',
  matches: value => value instanceof Money,
  encode: (value: Money) => `${value.cents}c`,
  decode: text => new Money(BigInt(text.slice(0, -1))),
}

const long = 'ä'.repeat(10_000)
const table: readonly [name: string, value: unknown, codec: string, place: 'inline' | 'blob'][] = [
  ['undefined', undefined, 'json', 'inline'],
  ['a number', 5, 'json', 'inline'],
  ['a short text', 'hello', 'json', 'inline'],
  ['a long text', long, 'text', 'blob'],
  ['a long text that is not Unicode', `${long}\ud800`, 'json', 'blob'],
  ['a record', { a: [1, { b: new Date(0) }] }, 'json', 'inline'],
  ['a long list', Array.from({ length: 5_000 }, (_, index) => ({ index, at: new Date(index) })), 'json', 'blob'],
  ['few bytes', new Uint8Array([1, 2]), 'json', 'inline'],
  ['many bytes', new Uint8Array(10_000).fill(7), 'bytes', 'blob'],
  ['a long Buffer', Buffer.alloc(10_000, 'x'), 'buffer', 'blob'],
  ['many floats', new Float64Array(2_000).fill(0.5), 'json', 'blob'],
  ['many bytes inside a record', { bytes: new Uint8Array(10_000) }, 'json', 'blob'],
  ['an own class', new Money(5n), 'money', 'inline'],
  ['an own class inside', { $a: [new Money(5n), new Map([[1, new Money(7n)]])] }, 'json', 'inline'],
]

describe('W1: what was encoded is decoded', () => {
  test.each(table)('%s', async (_name, value, codec, place) => {
    const values = valueStore(blobs, { cwd: folder, codecs: [money] })
    const ref = await values.encode(value, where)
    expect([ref.codec, ref.inline === undefined ? 'blob' : 'inline']).toEqual([codec, place])
    expect(await values.decode(ref)).toStrictEqual(value)
    // Another process: only blobs are left, and the ref went through an event.
    const elsewhere = valueStore(openBlobs(folder, 'normal'), { cwd: folder, codecs: [money] })
    expect(await elsewhere.decode(JSON.parse(JSON.stringify(ref)) as ValueRef)).toStrictEqual(value)
    expect(await blobs.has(ref.hash)).toBe(place === 'blob')
    expect(ref.inline === undefined || ref.hash === hashText(ref.inline)).toBe(true)
  })

  test('of any data, whatever fits inline', async () => {
    const data = fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true })
    await fc.assert(
      fc.asyncProperty(data, fc.integer({ min: 0, max: 100 }), async (value, inlineBytesMax) => {
        const values = valueStore(blobs, { cwd: folder, inlineBytesMax })
        const ref = await values.encode(value, where)
        expect(await values.decode(ref)).toEqual(value)
        expect(await values.decode(ref)).toEqual(value)
      }),
      { numRuns: 150 },
    )
  })

  test('a value of 100 MB', async () => {
    const values = valueStore(blobs, { cwd: folder })
    const ref = await values.encode('x'.repeat(100_000_000), where)
    expect([ref.codec, ref.sizeBytes]).toEqual(['text', 100_000_000])
    expect(((await values.decode(ref)) as string).length).toBe(100_000_000)
  })
})

/** Changes a value in place wherever it can. */
function change(value: unknown): void {
  if (value instanceof Uint8Array) value.fill(1)
  else if (value instanceof Map) value.forEach(change)
  else if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(change)
    if (Array.isArray(value)) value.push('changed')
    else Object.assign(value, { changed: true })
  }
}

describe('W2: readers do not see each other', () => {
  const list = () => Array.from({ length: 3_000 }, (_, index) => ({ n: 3_000 - index }))
  test.each([
    ['inline', [3, 1, 2]],
    ['in a blob', list()],
    ['in a blob, with a map', { list: list(), map: new Map([[1, list()]]) }],
    ['bytes', new Uint8Array(9_000)],
  ])('%s', async (_name, value) => {
    const values = valueStore(blobs, { cwd: folder })
    const ref = await values.encode(value, where)
    const [first, second, third] = [await values.decode(ref), await values.decode(ref), await values.decode(ref)]
    change(first)
    change(second)
    expect(third).toStrictEqual(value)
    expect(await values.decode(ref)).toStrictEqual(value)
  })

  test('the caller may go on writing to what it gave', async () => {
    const values = valueStore(blobs, { cwd: folder })
    const value = { list: [1] }
    const bytes = new Uint8Array(9_000)
    const refs = [values.encode(value, where), values.encode(bytes, where)]
    value.list.push(2)
    bytes.fill(1)
    expect(await Promise.all(refs.map(async ref => values.decode(await ref)))).toEqual([
      { list: [1] },
      new Uint8Array(9_000),
    ])
  })
})

test('a blob that many read at once is read once, and again when it did not fit', async () => {
  let reads = 0
  const counting: Blobs = {
    ...blobs,
    get: hash => {
      reads++
      return blobs.get(hash)
    },
  }
  const value = Array.from({ length: 2_000 }, (_, index) => ({ index }))
  for (const [decodedBytesMax, expected] of [
    [undefined, 1],
    [10, 100],
  ] as const) {
    reads = 0
    const values = valueStore(counting, { cwd: folder, decodedBytesMax })
    const ref = await values.encode(value, where)
    const items = await Promise.all(Array.from({ length: 100 }, (_, index) => values.decode(ref, [index])))
    expect(items).toEqual(value.slice(0, 100))
    expect(reads).toBe(expected)
  }
})

test('a reading that failed is told to all who waited, and tried again by the next', async () => {
  let fail = true
  const failing: Blobs = { ...blobs, get: async hash => (fail ? Promise.reject(new Error('disk')) : blobs.get(hash)) }
  const values = valueStore(failing, { cwd: folder })
  const ref = await values.encode('x'.repeat(5_000).split(''), where)
  const tries = await Promise.allSettled([values.decode(ref), values.decode(ref), values.decode(ref)])
  expect(tries.map(each => each.status)).toEqual(['rejected', 'rejected', 'rejected'])
  fail = false
  expect(await values.decode(ref, ['length'])).toBe(5_000)
})

test('W3: the hash is that of the stored text, and differs when the value does', async () => {
  const values = valueStore(blobs, { cwd: folder })
  const hashes = await Promise.all(
    [{ a: 1 }, { a: 1 }, { a: 2 }, { a: '1' }, [1]].map(async value => (await values.encode(value, where)).hash),
  )
  expect(hashes[0]).toBe(hashes[1])
  expect(new Set(hashes).size).toBe(4)
  expect(sha256('ä')).toBe(hashText('ä'))
})

test('decode reads what stands at a path', async () => {
  const values = valueStore(blobs, { cwd: folder })
  const item = { deep: ['x', null], text: 'abc' }
  const big = await values.encode({ items: Array.from({ length: 3_000 }, () => item) }, where)
  const small = await values.encode({ items: [item] }, where)
  for (const ref of [big, small]) {
    expect(await values.decode(ref, ['items', 0])).toStrictEqual(item)
    expect(await values.decode(ref, ['items', 0, 'deep', 0])).toBe('x')
    expect(await values.decode(ref, ['items', 0, 'text', 'length'])).toBe(3)
    expect(await values.decode(ref, ['items', 9_999, 'deep'])).toBeUndefined()
    expect(await values.decode(ref, ['items', 0, 'deep', 1, 'none'])).toBeUndefined()
    expect(await values.decode(ref, ['constructor'])).toBeUndefined()
    expect(await values.decode(ref, ['items', 'map'])).toBeUndefined()
  }
})

describe('refusals', () => {
  test.each([
    ['a function', { f: () => 1 }, 'VALUE_UNKEEPABLE: result.f is the function f, which cannot be kept as a value'],
    [
      'an unknown class',
      { m: new Money(1n) },
      'VALUE_UNKEEPABLE: result.m is an instance of Money, which cannot be kept as a value',
    ],
    [
      'too large a record',
      { t: 'x'.repeat(2_000) },
      'VALUE_TOO_LARGE: The result of compile is larger than 1000 bytes, or than text can be',
    ],
    [
      'too many bytes',
      new Uint8Array(2_000),
      'VALUE_TOO_LARGE: The result of compile is larger than 1000 bytes, or than text can be',
    ],
  ])('%s', async (_name, value, refusal) => {
    const values = valueStore(blobs, { cwd: folder, valueBytesMax: 1_000, inlineBytesMax: 100 })
    expect(await codeOf(values.encode(value, where))).toBe(refusal)
  })

  test('text beyond what V8 can hold', async () => {
    const values = valueStore(blobs, { cwd: folder })
    const half = 'x'.repeat(300_000_000)
    expect(await codeOf(values.encode([half, half], where))).toMatch(/^VALUE_TOO_LARGE/)
  })

  test('an unknown codec, by name and in a ref', async () => {
    const values = valueStore(blobs, { cwd: folder })
    expect(await codeOf(values.encode(1, { task: 't', codec: 'parquet' }))).toMatch(
      /^CODEC_UNKNOWN: There is no codec "parquet"/,
    )
    expect(await codeOf(values.decode({ codec: 'parquet', hash: 'a', sizeBytes: 1, inline: '' }))).toMatch(
      /^CODEC_UNKNOWN/,
    )
    expect(await codeOf(values.decode({ codec: 'route:s3', hash: 'a', sizeBytes: 1, inline: '1' }))).toMatch(
      /^CODEC_UNKNOWN: There is no route "s3"/,
    )
  })

  test('a blob that is gone', async () => {
    const values = valueStore(blobs, { cwd: folder })
    expect(await codeOf(values.decode({ codec: 'json', hash: 'a'.repeat(64), sizeBytes: 9_999 }))).toMatch(
      /^BLOB_MISSING/,
    )
  })
})

test('a codec can be asked for by name', async () => {
  const values = valueStore(blobs, { cwd: folder })
  const ref = await values.encode('short', { task: 't', codec: 'text' })
  expect([ref.codec, await values.decode(ref)]).toEqual(['text', 'short'])
})

describe('routes', () => {
  const warehouse = (): Route & { readonly rows: Map<string, unknown> } => {
    const rows = new Map<string, unknown>()
    return {
      name: 'warehouse',
      task: task => task.startsWith('load'),
      matches: Array.isArray,
      rows,
      write: async (value, { task }) => {
        rows.set(`${task}@${rows.size}`, structuredClone(value))
        return { table: `${task}@${rows.size - 1}` }
      },
      read: async token => structuredClone(rows.get((token as { table: string }).table)),
    }
  }

  test('take the values of a task and a type; the rest stays', async () => {
    const route = warehouse()
    const values = valueStore(blobs, { cwd: folder, routes: [route] })
    const ref = await values.encode([{ a: 1 }], { task: 'loadRows' })
    expect(ref).toMatchObject({ codec: 'route:warehouse', inline: '{"table":"loadRows@0"}' })
    expect(await values.decode(ref)).toEqual([{ a: 1 }])
    expect(await values.decode(ref, [0, 'a'])).toBe(1)
    expect((await values.encode({ a: 1 }, { task: 'loadRows' })).codec).toBe('json')
    expect((await values.encode([1], { task: 'other' })).codec).toBe('json')
    expect(route.rows.size).toBe(1)
    expect(await blobsOf(ref, blobs)).toEqual([])
  })

  test('that give no token are refused', async () => {
    const values = valueStore(blobs, {
      cwd: folder,
      routes: [{ ...warehouse(), write: async () => undefined as unknown as null }],
    })
    expect(await codeOf(values.encode([1], { task: 'load' }))).toMatch(/^ROUTE_TOKEN/)
  })
})

test('blobsOf names the blobs of a value and of what is inside of it', async () => {
  const wide: Codec = {
    name: 'wide',
    form: 'bytes',
    matches: value => value instanceof Money,
    encode: () => new Uint8Array([1]),
    decode: () => new Money(1n),
  }
  const values = valueStore(blobs, { cwd: folder, codecs: [wide] })
  const ref = await values.encode({ a: new Money(1n), pad: 'x'.repeat(9_000) }, where)
  expect([...(await blobsOf(ref, blobs))].sort()).toEqual([ref.hash, sha256(new Uint8Array([1]))].sort())
  expect(await blobsOf(await values.encode(1, where), blobs)).toEqual([])
})

test('the cache drops what was used least recently, and keeps nothing larger than itself', () => {
  const cache = new Lru<number>(10)
  cache.set('a', 1, 4)
  cache.set('b', 2, 4)
  cache.get('a')
  cache.set('c', 3, 4)
  cache.set('huge', 4, 11)
  expect(['a', 'b', 'c', 'huge'].map(key => cache.get(key)?.value)).toEqual([1, undefined, 3, undefined])
  expect(cache.bytes).toBe(8)
})

test('no more jobs run at once than allowed, failed and later ones included', async () => {
  const turn = limit(3)
  let running = 0
  let most = 0
  const job = async (index: number): Promise<number> => {
    most = Math.max(most, ++running)
    await new Promise(setImmediate)
    running--
    if (index % 4 === 0) throw new Error('no')
    return index
  }
  const all = (): Promise<PromiseSettledResult<number>[]> =>
    Promise.allSettled(Array.from({ length: 20 }, (_, index) => turn(() => job(index))))
  for (let round = 0; round < 2; round++) {
    const done = await all()
    expect([most, done.filter(each => each.status === 'fulfilled').length]).toEqual([3, 15])
  }
})
