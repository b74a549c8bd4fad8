import { deepStrictEqual } from 'node:assert'
import fc from 'fast-check'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { fromBase64, toBase64 } from '../../src/util/base64.ts'
import { Refusal } from '../../src/util/diagnostic.ts'
import { fromTagged, toTagged } from '../../src/util/tagged.ts'

const throughText = (value: unknown): unknown => fromTagged(JSON.parse(JSON.stringify(toTagged(value))))

/** The one diagnostic of what `work` refuses. */
function refusal(work: () => unknown): { code: string; message: string; hint?: string } {
  try {
    work()
  } catch (problem) {
    if (problem instanceof Refusal) return problem.diagnostics[0]!
    throw problem
  }
  throw new Error('nothing was refused')
}

const anything = fc.anything({
  withBigInt: true,
  withBoxedValues: false,
  withDate: true,
  withMap: true,
  withSet: true,
  withTypedArray: true,
  withNullPrototype: false,
  withSparseArray: false,
  withObjectString: true,
  key: fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('$', '$$', '$date', '$$date', '$map', '__proto__', 'constructor', 'toString'),
  ),
  maxDepth: 4,
})

test('V1: a value comes back as it was, through text', () => {
  fc.assert(
    fc.property(anything, value => deepStrictEqual(throughText(value), value)),
    { numRuns: 1_000 },
  )
})

test('V1: plain JSON stays itself, byte for byte', () => {
  // Through text first: JSON has no -0.
  const plain = fc
    .json()
    .map(text => JSON.parse(JSON.stringify(JSON.parse(text))) as unknown)
    .filter(value => !JSON.stringify(value).includes('"$'))
  fc.assert(
    fc.property(plain, value => void expect(JSON.stringify(toTagged(value))).toBe(JSON.stringify(value))),
    { numRuns: 500 },
  )
})

test('base64 is what Node says it is', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 50_000 }), bytes => {
      const text = toBase64(bytes)
      expect(text).toBe(Buffer.from(bytes).toString('base64'))
      expect(fromBase64(text)).toEqual(new Uint8Array(bytes))
    }),
    { numRuns: 200 },
  )
  expect(fromBase64('abc')).toBeUndefined()
  expect(fromBase64('ab!=')).toBeUndefined()
})

const kept: readonly [name: string, value: unknown, json: unknown][] = [
  ['undefined', undefined, { $undefined: true }],
  ['undefined as a field', { a: undefined }, { a: { $undefined: true } }],
  ['undefined as an item', [undefined, 1], [{ $undefined: true }, 1]],
  ['NaN', Number.NaN, { $number: 'NaN' }],
  ['-Infinity', Number.NEGATIVE_INFINITY, { $number: '-Infinity' }],
  ['-0', -0, { $number: '-0' }],
  ['a date', new Date(86_400_000), { $date: '1970-01-02T00:00:00.000Z' }],
  ['an invalid date', new Date(Number.NaN), { $date: null }],
  ['a bigint', -(2n ** 70n), { $bigint: '-1180591620717411303424' }],
  [
    'a map with objects as keys',
    new Map([[{ a: 1 }, new Set([1n])]]),
    { $map: [[{ a: 1 }, { $set: [{ $bigint: '1' }] }]] },
  ],
  ['a regular expression', /a\/b/giu, { $regexp: ['a\\/b', 'giu', 0] }],
  ['a URL', new URL('https://example.org/?q=1'), { $url: 'https://example.org/?q=1' }],
  ['a Buffer', Buffer.from('hi'), { $bytes: ['Buffer', 'aGk='] }],
  ['a view into a larger buffer', new Uint8Array([1, 2, 3, 4]).subarray(1, 3), { $bytes: ['Uint8Array', 'AgM='] }],
  ['a Float64Array', new Float64Array([1.5, -0]), { $bytes: ['Float64Array', 'AAAAAAAA+D8AAAAAAAAAgA=='] }],
  ['a DataView', new DataView(new Uint8Array([7]).buffer), { $bytes: ['DataView', 'Bw=='] }],
  ['an ArrayBuffer', new Uint8Array([7]).buffer, { $bytes: ['ArrayBuffer', 'Bw=='] }],
  ['keys that look like ours', { $date: 1, $$x: 2, $: 3 }, { $$date: 1, $$$x: 2, $$: 3 }],
  ['half a surrogate pair', '\ud800', '\ud800'],
]
test.each(kept)('V1: %s is kept', (_name, value, json) => {
  expect(toTagged(value)).toEqual(json)
  expect(throughText(value)).toStrictEqual(value)
})

test('V2: what becomes something nearby', () => {
  expect(throughText(Object.assign(Object.create(null), { a: 1 }))).toStrictEqual({ a: 1 })
  expect(throughText(new Array(2))).toStrictEqual([undefined, undefined])
  const shared = { n: 1 }
  const pair = throughText([shared, shared]) as [object, object]
  expect(pair).toStrictEqual([{ n: 1 }, { n: 1 }])
  expect(pair[0]).not.toBe(pair[1])
  expect(throughText(runInNewContext('({ a: [1, { b: 2 }] })'))).toStrictEqual({ a: [1, { b: 2 }] })
})

class Account {
  #owner = 'me'
  owner(): string {
    return this.#owner
  }
}
const cycle: { a: { list: unknown[] } } = { a: { list: [] } }
cycle.a.list.push(0, cycle.a)
const mapCycle = new Map<string, unknown>()
mapCycle.set('me', mapCycle)
const deep = (levels: number): unknown => (levels === 0 ? 1 : [deep(levels - 1)])

const refused: readonly [name: string, value: unknown, message: string][] = [
  ['a function', { run: () => 1 }, 'result.run is the function run, which cannot be kept as a value'],
  ['a nameless function', [() => 1], 'result[0] is a function, which cannot be kept as a value'],
  ['a symbol', { 'a b': Symbol('x') }, 'result["a b"] is a symbol (x), which cannot be kept as a value'],
  ['a promise', { later: Promise.resolve(1) }, 'result.later is a promise, which cannot be kept as a value'],
  [
    'an instance',
    { items: [1, 2, 3, { account: new Account() }] },
    'result.items[3].account is an instance of Account, which cannot be kept as a value',
  ],
  [
    'a WeakMap in a map',
    new Map([['w', new WeakMap()]]),
    'result.get("w") is an instance of WeakMap, which cannot be kept as a value',
  ],
  ['a function as a key', new Map([[() => 1, 1]]), 'result.key(0) is a function, which cannot be kept as a value'],
  ['an iterator', new Set([[1].values()]), 'result.item(0) is an instance of Object, which cannot be kept as a value'],
  ['a cycle', cycle, 'result.a.list[1] is a cycle (it contains itself), which cannot be kept as a value'],
  [
    'a cycle through a map',
    { m: mapCycle },
    'result.m.get("me") is a cycle (it contains itself), which cannot be kept as a value',
  ],
  [
    'shared memory',
    { m: new Uint8Array(new SharedArrayBuffer(1)) },
    'result.m is an instance of Uint8Array, which cannot be kept as a value',
  ],
]
test.each(refused)('V2: %s is refused where it stands', (_name, value, message) => {
  const diagnostic = refusal(() => toTagged(value))
  expect(diagnostic.message.replace('instance of Array Iterator', 'instance of Object')).toBe(message)
  expect(diagnostic.code).toBe('VALUE_UNKEEPABLE')
  expect(diagnostic.hint).toBeTruthy()
})

test('V2: too deep is refused, deep is not', () => {
  expect(throughText(deep(400))).toStrictEqual(deep(400))
  expect(refusal(() => toTagged(deep(600)))).toMatchObject({ code: 'VALUE_TOO_DEEP' })
})

test('V3: neither side sees what the other one changes later', () => {
  const value = { list: [1], bytes: new Uint8Array([1]), date: new Date(0) }
  const json = toTagged(value)
  value.list.push(2)
  value.bytes[0] = 9
  const back = fromTagged(json) as typeof value
  expect(back).toStrictEqual({ list: [1], bytes: new Uint8Array([1]), date: new Date(0) })
  back.list.push(3)
  expect(fromTagged(json)).toMatchObject({ list: [1] })
})

describe('V4: errors', () => {
  class HttpError extends TypeError {
    override readonly name = 'HttpError'
    readonly status = 404
    readonly socket = new Account()
  }

  test('keep message, stack, name, own fields and the chain of causes', () => {
    const root = new RangeError('root')
    const error = new HttpError('not found', { cause: new Error('middle', { cause: root }) })
    const back = throughText(error) as HttpError
    expect(back).toBeInstanceOf(TypeError)
    expect([back.name, back.message, back.stack, back.status]).toEqual(['HttpError', 'not found', error.stack, 404])
    expect(back.socket).toBe('[not kept: result.socket is an instance of Account, which cannot be kept as a value]')
    const cause = back.cause as Error
    expect([cause.message, (cause.cause as Error).message, cause.cause instanceof RangeError]).toEqual([
      'middle',
      'root',
      true,
    ])
  })

  test('keep the errors of an AggregateError', () => {
    const back = throughText(new AggregateError([new Error('a'), 'b'], 'both')) as AggregateError
    expect(back).toBeInstanceOf(AggregateError)
    expect([back.message, (back.errors[0] as Error).message, back.errors[1]]).toEqual(['both', 'a', 'b'])
    expect(Object.keys(back)).toEqual([])
  })

  test('are kept although they contain themselves or throw when they are read', () => {
    const error: Error & { self?: unknown } = new Error('loop')
    error.cause = error
    error.self = { error }
    Object.defineProperty(error, 'bad', {
      enumerable: true,
      get: () => {
        throw new Error('no')
      },
    })
    const back = throughText(error) as Error & { self: { error: unknown }; bad: unknown }
    expect(back.cause).toMatch(/not kept: result.cause is a cycle/)
    expect(back.self).toMatch(/not kept: result.self.error is a cycle/)
    expect(back.bad).toBe('[not kept: its getter threw]')
  })

  test('of the host keep their name', () => {
    const back = throughText(new DOMException('stopped', 'AbortError')) as Error
    expect([back.name, back.message]).toEqual(['AbortError', 'stopped'])
  })
})

test('the path starts with the name that the root was given', () => {
  expect(refusal(() => toTagged({ f() {} }, { root: 'argument 2' })).message).toContain(
    'argument 2.f is the function f',
  )
})

test('extend gives an object a form of its own, and revive reads it', () => {
  const json = toTagged(
    { a: new Account() },
    { extend: value => (value instanceof Account ? { $account: value.owner() } : undefined) },
  )
  expect(json).toEqual({ a: { $account: 'me' } })
  expect(fromTagged(json, { revive: (tag, body) => `${tag}=${String(body)}` })).toEqual({ a: '$account=me' })
  expect(refusal(() => fromTagged(json))).toMatchObject({ code: 'VALUE_DAMAGED' })
})

test('a bare context without URL and Buffer reads and writes what it knows', async () => {
  const { build } = await import('esbuild')
  const built = await build({
    entryPoints: ['src/util/tagged.ts'],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'tagged',
  })
  const script = `${built.outputFiles[0]!.text}; JSON.stringify(tagged.toTagged(tagged.fromTagged(${JSON.stringify(toTagged({ d: new Date(0), m: new Map([[1, 2n]]), b: Buffer.from('x') }))})))`
  expect(JSON.parse(String(runInNewContext(script)))).toEqual({
    d: { $date: '1970-01-01T00:00:00.000Z' },
    m: { $map: [[1, { $bigint: '2' }]] },
    b: { $bytes: ['Uint8Array', 'eA=='] },
  })
})
