/** Types that recur, inside of other types. */
import { expect, test } from 'vitest'
import type { Region } from '../../src/core/graph/graph.ts'
import { resultOf } from '../../src/versions/result.ts'
import { compareTypes } from '../../src/versions/types.ts'
import type { Json } from '../../src/util/json.ts'

const tree = (value: Json): Json => ({
  $ref: '#/$defs/Tree',
  $defs: {
    Tree: {
      type: 'object',
      properties: { children: { type: 'array', items: { $ref: '#/$defs/Tree' } }, value },
      required: ['children', 'value'],
    },
  },
})

const task = (id: string) =>
  ({ kind: 'task', id, name: id, task: id, args: [], executor: 'inline', after: [], policy: {} }) as const
const ref = (node: string, ...path: string[]) => ({ kind: 'node', node, up: 0, path }) as const

const result = (
  types: { readonly [task: string]: Json },
  fields: { readonly [name: string]: ReturnType<typeof ref> },
): Json => {
  const region: Region = { params: [], nodes: Object.keys(types).map(task), result: { kind: 'record', fields } }
  return resultOf(
    region,
    Object.fromEntries(Object.entries(types).map(([id, type]) => [id, { parameters: [], result: type }])),
  )
}

test('definitions stand at the root, each once', () => {
  const type = { type: 'number' }
  expect(result({ a: tree(type), b: tree(type) }, { x: ref('a'), y: ref('b') })).toEqual({
    type: 'object',
    properties: { x: { $ref: '#/$defs/Tree' }, y: { $ref: '#/$defs/Tree' } },
    required: ['x', 'y'],
    $defs: (tree(type) as { $defs: Json }).$defs,
  })
})

test('two of one name are told apart', () => {
  const found = result({ a: tree({ type: 'number' }), b: tree({ type: 'string' }) }, { x: ref('a'), y: ref('b') })
  expect(found).toMatchObject({
    properties: { x: { $ref: '#/$defs/Tree' }, y: { $ref: '#/$defs/Tree2' } },
    $defs: {
      Tree: { properties: { children: { items: { $ref: '#/$defs/Tree' } }, value: { type: 'number' } } },
      Tree2: { properties: { children: { items: { $ref: '#/$defs/Tree2' } }, value: { type: 'string' } } },
    },
  })
})

test('a field has what its type needs', () => {
  const whole = {
    type: 'object',
    properties: { tree: { $ref: '#/$defs/Tree' } },
    required: ['tree'],
    $defs: (tree({ type: 'number' }) as { $defs: Json }).$defs,
  } as Json
  expect(result({ a: whole }, { x: ref('a', 'tree') })).toMatchObject({
    properties: { x: { $ref: '#/$defs/Tree' } },
    $defs: { Tree: { required: ['children', 'value'] } },
  })
})

test('and can be compared', () => {
  const of = (type: Json) => result({ a: tree(type) }, { x: ref('a') })
  expect(compareTypes(of({ type: 'number' }), of({ type: 'number' }))).toBe('equal')
  expect(compareTypes(of({ type: 'number' }), of({ type: ['number', 'string'] }))).toBe('widened')
})
