/** What is said of two outcomes: the same, or where they differ, in few words. */
import { describe, expect, test } from 'vitest'
import type { Outcome, ValueRef } from '../../src/core/index.ts'
import { compareOutcomes } from '../../src/run/debug/compare.ts'
import type { Blobs } from '../../src/store/index.ts'
import { hashText } from '../../src/util/hash.ts'

const stored = new Map<string, Uint8Array>()
const blobs = {
  get: async (hash: string) => stored.get(hash) ?? Promise.reject(new Error('missing')),
} as unknown as Blobs

const ref = (text: string, codec = 'json'): ValueRef => ({
  codec,
  hash: hashText(text),
  sizeBytes: text.length,
  inline: text,
})
const gave = (value: unknown, codec?: string): Outcome => ({
  kind: 'succeeded',
  output: ref(JSON.stringify(value), codec),
})
const inBlob = (bytes: string | Uint8Array, codec: string, sizeBytes?: number): Outcome => {
  const content = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes
  const hash = hashText(String(content))
  stored.set(hash, content)
  return { kind: 'succeeded', output: { codec, hash, sizeBytes: sizeBytes ?? content.length } }
}
const failed = (code: string, message: string): Outcome => ({ kind: 'failed', fault: { code, message } })

describe('values', () => {
  const tree = (...entries: readonly object[]) => ({
    place: { kind: 'project', path: 'dist' },
    shape: { kind: 'tree', entries },
  })
  const lines = (text: string): Outcome => inBlob(text, 'text')
  test.for<readonly [name: string, then: Outcome, now: Outcome, differences: readonly object[]]>([
    ['a number', gave(1), gave(2), [{ path: '', then: '1', now: '2' }]],
    ['a field', gave({ a: 1, b: [1] }), gave({ a: 1, b: [2] }), [{ path: '.b[0]', then: '1', now: '2' }]],
    [
      'a field that is gone, and one that is new',
      gave({ a: 1 }),
      gave({ 'b c': 1 }),
      [
        { path: '.a', then: '1' },
        { path: '["b c"]', now: '1' },
      ],
    ],
    ['a list that is shorter', gave([1, 2]), gave([1]), [{ path: '[1]', then: '2' }]],
    ['another kind', gave([1]), gave({}), [{ path: '', then: '[1]', now: '{}' }]],
    ['text of several lines', gave('a\nb\nc'), gave('a\nx\nc'), [{ path: 'text line 2', then: '"b"', now: '"x"' }]],
    ['text with more lines', gave({ log: 'a' }), gave({ log: 'a\nb' }), [{ path: '.log line 2', now: '"b"' }]],
    ['long text, in blobs', lines('a\nb'), lines('a\nc'), [{ path: 'text line 2', then: '"b"', now: '"c"' }]],
    [
      'a folder, file by file',
      gave(tree({ kind: 'file', path: 'a.js', hash: 'x' }), 'dir'),
      gave(tree({ kind: 'dir', path: '0' }, { kind: 'file', path: 'a.js', hash: 'y' }), 'dir'),
      [
        { path: '["a.js"].hash', then: '"x"', now: '"y"' },
        { path: '["0"]', now: '{"kind":"dir"}' },
      ],
    ],
    [
      'bytes',
      inBlob(new Uint8Array([255, 1]), 'bytes'),
      inBlob(new Uint8Array([255, 2]), 'bytes'),
      [{ then: expect.stringContaining('bytes of 2 bytes'), now: expect.stringContaining('bytes of 2 bytes') }],
    ],
    [
      'what is too large to be looked into',
      inBlob('1', 'json', 2 ** 30),
      inBlob('2', 'json', 2 ** 30),
      [{ then: expect.stringContaining('json of 1073741824 bytes') }],
    ],
  ])('%s', async ([, then, now, differences]) => {
    expect(await compareOutcomes(then, now, blobs)).toEqual({
      kind: 'differs',
      differences: differences.map(each => expect.objectContaining(each)),
    })
    expect(await compareOutcomes(then, then, blobs)).toEqual({ kind: 'same' })
  })

  test('only the first differences are told', async () => {
    const many = (offset: number) => gave(Array.from({ length: 1_000 }, (_, index) => index + offset))
    const comparison = await compareOutcomes(many(0), many(1), blobs)
    expect(comparison).toMatchObject({ kind: 'differs', differences: { length: 8 } })
  })
})

test.for<readonly [then: Outcome | undefined, now: Outcome, comparison: object]>([
  [failed('E', 'm'), failed('E', 'm'), { kind: 'same' }],
  [failed('E', 'm'), failed('E', 'n'), { kind: 'failed otherwise', then: { code: 'E', message: 'm' } }],
  [failed('E', 'm'), failed('F', 'm'), { kind: 'failed otherwise' }],
  [failed('E', 'm'), gave(1), { kind: 'ended otherwise', then: { kind: 'failed' } }],
  [gave(1), failed('E', 'm'), { kind: 'ended otherwise', then: { kind: 'succeeded' } }],
  [{ kind: 'cancelled' }, gave(1), { kind: 'ended otherwise', then: { kind: 'cancelled' } }],
  [{ kind: 'cancelled' }, { kind: 'cancelled' }, { kind: 'same' }],
  [undefined, gave(1), { kind: 'nothing recorded' }],
])('then %j, now %j', async ([then, now, comparison]) => {
  expect(await compareOutcomes(then, now, blobs)).toMatchObject(comparison)
})
