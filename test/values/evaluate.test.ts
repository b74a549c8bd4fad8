import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Bound } from '../../src/core/engine/protocol.ts'
import { openBlobs } from '../../src/store/blobs.ts'
import { toTagged } from '../../src/util/tagged.ts'
import { decodeFault, evaluate, select, type ValueStore, valueStore } from '../../src/values/index.ts'

let folder: string
let values: ValueStore
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tutti-evaluate-'))
  values = valueStore(openBlobs(folder, 'normal'), { cwd: folder })
})
afterAll(() => rm(folder, { recursive: true }))

const functions: { readonly [name: string]: (...args: never[]) => unknown } = {
  sum: (a: number, b: number) => a + b,
  later: async (text: string) => ({ text: text.toUpperCase() }),
  fails: () => {
    throw new TypeError('no')
  },
}

const run = (bound: Bound): Promise<unknown> =>
  evaluate(bound, {
    load: (ref, path) => values.decode(ref, path),
    pure: name => functions[name] as (...args: unknown[]) => unknown,
    resource: async resource => `opened ${resource.kind}`,
  })

const literal = (value: unknown): Bound => ({ kind: 'literal', value: toTagged(value) })
const kept = async (value: unknown, ...path: (string | number)[]): Promise<Bound> => ({
  kind: 'value',
  value: await values.encode(value, { task: 't' }),
  path,
})

test.each([
  ['a literal', literal(5), 5],
  ['a literal that JSON has not', literal({ at: new Date(0), n: 1n }), { at: new Date(0), n: 1n }],
  ['a list', { kind: 'list', items: [literal(1), literal(undefined)] }, [1, undefined]],
  [
    'a record',
    { kind: 'record', fields: { a: literal(1), ['__proto__']: literal(2) } },
    JSON.parse('{"a":1,"__proto__":2}'),
  ],
  ['a function', { kind: 'apply', fn: 'sum', args: [literal(1), literal(2)], path: [] }, 3],
  [
    'a field of what a slow function gave',
    { kind: 'apply', fn: 'later', args: [literal('a')], path: ['text', 'length'] },
    1,
  ],
  ['a resource', { kind: 'resource', resource: { kind: 'output', path: 'dist' } }, 'opened output'],
] as [string, Bound, unknown][])('%s is evaluated', async (_name, bound, value) => {
  expect(await run(bound)).toStrictEqual(value)
})

test('values are loaded at their paths, deep inside', async () => {
  const bound: Bound = {
    kind: 'record',
    fields: {
      x: await kept({ a: [{ b: 7 }] }, 'a', 0, 'b'),
      y: { kind: 'list', items: [await kept(['x'], 5, 'none'), await kept(null, 'a')] },
    },
  }
  expect(await run(bound)).toStrictEqual({ x: 7, y: [undefined, undefined] })
})

test('each evaluation gives its caller objects of its own', async () => {
  for (const bound of [literal({ list: [2, 1] }), await kept({ list: [2, 1] })]) {
    const first = (await run(bound)) as { list: number[] }
    first.list.sort()
    expect(await run(bound)).toEqual({ list: [2, 1] })
  }
})

test('what a function throws is not wrapped', async () => {
  await expect(run({ kind: 'apply', fn: 'fails', args: [], path: [] })).rejects.toThrow(TypeError)
})

test.each([
  [{ a: { b: 1 } }, ['a', 'b'], 1],
  [{ a: null }, ['a', 'b'], undefined],
  [undefined, ['a'], undefined],
  ['text', [0], 't'],
  ['text', ['trim'], undefined],
  [{}, ['toString'], undefined],
  [{ toString: 5 }, ['toString'], 5],
  [new TypeError('bad'), ['name'], 'TypeError'],
  [new TypeError('bad'), ['message'], 'bad'],
  [[1, 2], ['length'], 2],
] as [unknown, (string | number)[], unknown][])('select: %j at %j', (value, path, found) => {
  expect(select(value, path)).toBe(found)
})

test('a fault gives back what was thrown, or an error that says as much', async () => {
  const error = Object.assign(new RangeError('no space', { cause: 'disk' }), { path: '/x' })
  const back = (await decodeFault(
    { code: 'TASK_FAILED', message: '', error: await values.encode(error, { task: 't' }) },
    values,
  )) as typeof error
  expect([back instanceof RangeError, back.message, back.cause, back.path, back.stack]).toEqual([
    true,
    'no space',
    'disk',
    '/x',
    error.stack,
  ])
  expect(
    await decodeFault(
      { code: 'TASK_FAILED', message: '', error: await values.encode(undefined, { task: 't' }) },
      values,
    ),
  ).toBeUndefined()
  expect(await decodeFault({ code: 'TIMEOUT', message: 'took too long' }, values)).toMatchObject({
    code: 'TIMEOUT',
    message: 'took too long',
  })
})
