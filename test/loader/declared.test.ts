/** What annotations become as JSON Schema, and which function each belongs to. */
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { loadFile } from '../../src/cli/file.ts'
import { decodeBundle } from '../../src/loader/index.ts'
import { declaredTypes } from '../../src/loader/types/declared.ts'
import type { Json } from '../../src/util/json.ts'
import type { Signature } from '../../src/versions/version.ts'
import { type Files, project } from './rig.ts'

const HEAD = `import { task, effect, workflow, flow, service, source, tune, type Ref, type Dir, type Files, type Output, type Secret } from 'tutti'\n`

async function signatures(files: Files | string, name = 'w'): Promise<{ readonly [name: string]: Signature }> {
  const all = typeof files === 'string' ? { 'tutti.ts': files } : files
  const dir = project({ ...all, 'tutti.ts': HEAD + String(all['tutti.ts']) })
  const file = await loadFile(join(dir, 'tutti.ts'), dir)
  const { bundle, bindings } = file.runnable(name)
  return declaredTypes(decodeBundle(bundle!), { definitions: file.definitions, pure: bindings.pure, dir })
}

const W = 'export const w = workflow(() => a(undefined as never))\n'

/** `type` is the annotation of a task's parameter; what stands before it declares the types that it uses. */
async function schemaOf(type: string, declarations = '', more: Files = {}): Promise<Json | undefined> {
  const found = await signatures({ 'tutti.ts': `${declarations}\nconst a = task((x: ${type}) => {})\n${W}`, ...more })
  return found['a']?.parameters[0]
}

const STRING = { type: 'string' }
const NUMBER = { type: 'number' }
const XY = { type: 'object', properties: { x: NUMBER, y: STRING }, required: ['x', 'y'] }
const POINT = 'interface Point { x: number; y: string }'

const TYPES: readonly (readonly [type: string, schema: Json, declarations?: string])[] = [
  ['string', STRING],
  ['number', NUMBER],
  ['boolean', { type: 'boolean' }],
  ['null', { type: 'null' }],
  ['unknown', {}],
  ['any', {}],
  ['never', false],
  ['object', { type: 'object' }],
  ['undefined', { not: {} }],
  ['bigint', { type: 'object', properties: { $bigint: STRING }, required: ['$bigint'] }],
  ['(string)', STRING],
  [`'a'`, { const: 'a' }],
  ['-1', { const: -1 }],
  ['true', { const: true }],
  ['`a${string}`', STRING],
  ['`a`', { const: 'a' }],
  ['string[]', { type: 'array', items: STRING }],
  ['readonly string[]', { type: 'array', items: STRING }],
  ['Array<string>', { type: 'array', items: STRING }],
  ['ReadonlyArray<string[]>', { type: 'array', items: { type: 'array', items: STRING } }],
  ['[string, number]', { type: 'array', prefixItems: [STRING, NUMBER], items: false, minItems: 2 }],
  ['[string, number?]', { type: 'array', prefixItems: [STRING, NUMBER], items: false, minItems: 1 }],
  ['readonly [a: string, b?: number]', { type: 'array', prefixItems: [STRING, NUMBER], items: false, minItems: 1 }],
  ['[string, ...number[]]', { type: 'array', prefixItems: [STRING], items: NUMBER, minItems: 1 }],
  ['{}', { type: 'object' }],
  ['{ x: number; y: string }', XY],
  ['{ y: string, x: number }', XY],
  ['{ readonly x: number; y?: string }', { ...XY, required: ['x'] }],
  ['{ x: number; y: string | undefined }', { ...XY, required: ['x'] }],
  [`{ 'x': number; y: string }`, XY],
  ['{ [key: string]: number }', { type: 'object', additionalProperties: NUMBER }],
  ['{ x: number, run(): void }', { type: 'object', properties: { x: NUMBER }, required: ['x'] }],
  ['string | number', { anyOf: [NUMBER, STRING] }],
  ['number | string', { anyOf: [NUMBER, STRING] }],
  ['string | undefined', { anyOf: [{ not: {} }, STRING] }],
  ['string | null', { anyOf: [{ type: 'null' }, STRING] }],
  [`'b' | 'a' | 'b'`, { enum: ['a', 'b'] }],
  [`'a' | 1 | number`, { anyOf: [NUMBER, { const: 'a' }] }],
  [`string | 'a'`, STRING],
  ['true | false', { type: 'boolean' }],
  ['string | unknown', {}],
  ['string | never', STRING],
  ['{ x: number } & { y: string }', XY],
  ['{ x?: number } & { x: number, y: string }', XY],
  ['string & { readonly brand: 1 }', STRING],
  ['Record<string, number>', { type: 'object', additionalProperties: NUMBER }],
  [`Record<'x' | 'y', number>`, { type: 'object', properties: { x: NUMBER, y: NUMBER }, required: ['x', 'y'] }],
  ['Partial<Point>', { type: 'object', properties: { x: NUMBER, y: STRING } }, POINT],
  ['Required<{ x?: number; y?: string }>', XY],
  ['Readonly<Point>', XY, POINT],
  [`Pick<Point, 'x'>`, { type: 'object', properties: { x: NUMBER }, required: ['x'] }, POINT],
  [`Omit<Point, 'x'>`, { type: 'object', properties: { y: STRING }, required: ['y'] }, POINT],
  ['keyof Point', { enum: ['x', 'y'] }, POINT],
  [`Point['x']`, NUMBER, POINT],
  [`Point['x' | 'y']`, { anyOf: [NUMBER, STRING] }, POINT],
  ['Point[keyof Point]', { anyOf: [NUMBER, STRING] }, POINT],
  [
    `{ [K in 'x' | 'y']: K }`,
    { type: 'object', properties: { x: { const: 'x' }, y: { const: 'y' } }, required: ['x', 'y'] },
  ],
  [`{ [K in 'x']?: number }`, { type: 'object', properties: { x: NUMBER } }],
  ['NonNullable<string | null | undefined>', STRING],
  ['Promise<string>', STRING],
  ['Date', { type: 'object', properties: { $date: STRING }, required: ['$date'] }],
  ['Set<number>', { type: 'object', properties: { $set: { type: 'array', items: NUMBER } }, required: ['$set'] }],
  ['Dir', { type: 'object', properties: { $handle: { enum: ['dir', 'output'] } }, required: ['$handle'] }],
  ['Secret', { type: 'object', properties: { $handle: { const: 'secret' } }, required: ['$handle'] }],
  ['Ref<string>', STRING],
  ['() => void', {}],
  ['string extends number ? 1 : 2', {}],
  ['Unheard', {}],

  ['Point', XY, POINT],
  ['Point', XY, 'type Point = { x: number; y: string }'],
  ['Point', XY, 'interface Point { x: number }\ninterface Point { y: string }'],
  ['Point', XY, 'interface Base { x: number }\ninterface Point extends Base { y: string }'],
  [
    'Point',
    { ...XY, properties: { x: { const: 1 }, y: STRING } },
    'interface Base { x: number, y: string }\ninterface Point extends Base { x: 1 }',
  ],
  ['Point', {}, 'interface Point extends Unheard { y: string }'],
  ['Name', STRING, 'type Name = Other\ntype Other = string'],
  [
    'Box<number>',
    { type: 'object', properties: { value: NUMBER }, required: ['value'] },
    'interface Box<T> { value: T }',
  ],
  [
    'Box',
    { type: 'object', properties: { value: STRING }, required: ['value'] },
    'type Box<T = string> = { value: T }',
  ],
  ['Maybe<Point>', { anyOf: [XY, { type: 'null' }] }, `${POINT}\ntype Maybe<T> = T | null`],
  ['Colour', { enum: ['g', 'r'] }, `enum Colour { Red = 'r', Green = 'g' }`],
  ['Level', { enum: [0, 1, 5, 6] }, 'enum Level { A, B, C = 5, D }'],
  ['Level.C', { const: 5 }, 'enum Level { A, B, C = 5, D }'],
  ['(typeof NAMES)[number]', { enum: ['a', 'b'] }, `const NAMES = ['a', 'b'] as const`],
  ['typeof LIMIT', { const: 3 }, 'const LIMIT = 3'],

  [
    'Tree',
    {
      $ref: '#/$defs/Tree',
      $defs: {
        Tree: {
          type: 'object',
          properties: { children: { type: 'array', items: { $ref: '#/$defs/Tree' } }, name: STRING },
          required: ['children', 'name'],
        },
      },
    },
    'interface Tree { name: string; children: Tree[] }',
  ],
  [
    'Data',
    {
      $ref: '#/$defs/Data',
      $defs: {
        Data: {
          anyOf: [{ type: 'array', items: { $ref: '#/$defs/Data' } }, { type: 'null' }, NUMBER, STRING],
        },
      },
    },
    'type Data = string | number | null | Data[]',
  ],
  [
    '{ at: A }',
    {
      type: 'object',
      properties: { at: { $ref: '#/$defs/A' } },
      required: ['at'],
      $defs: { A: { type: 'object', properties: { b: { type: 'object', properties: { a: { $ref: '#/$defs/A' } } } } } },
    },
    'interface A { b?: B }\ninterface B { a?: A }',
  ],
  ['Loop', {}, 'type Loop = Loop2\ntype Loop2 = Loop'],
]

/** One file for all rows: each in a module of its own. */
const ROWS = TYPES.map(([type, schema, declarations = ''], index) => ({
  type,
  schema,
  declarations,
  name: `t${index}`,
}))
const TABLE: Files = {
  'tutti.ts': `${ROWS.map(({ name }) => `import { ${name} } from './${name}.ts'`).join('\n')}
export const w = workflow(() => { ${ROWS.map(({ name }) => `${name}(undefined as never)`).join('; ')} })`,
  ...Object.fromEntries(
    ROWS.map(({ type, declarations, name }) => [
      `${name}.ts`,
      `${HEAD}${declarations}\nexport const ${name} = task((x: ${type}) => {})`,
    ]),
  ),
}

describe('types', () => {
  const table = signatures(TABLE)
  test.each(ROWS)('$type $declarations (D2)', async ({ schema, name }) => {
    expect((await table)[name]?.parameters).toEqual([schema])
  })

  test('are schemas that a validator takes', async () => {
    const ajv = new Ajv2020({ strict: false })
    for (const [name, { parameters }] of Object.entries(await table))
      for (const schema of parameters)
        if (typeof schema === 'object') expect(() => ajv.compile(schema as object), name).not.toThrow()
  })

  test('what grows without end is cut off (D1)', async () => {
    const found = await schemaOf('Grow<string>', 'interface Grow<T> { value: T; next: Grow<T[]> }')
    expect(JSON.stringify(found).length).toBeLessThan(100_000)
    const wide = Array.from({ length: 14 }, (_, n) => `type T${n} = [T${n + 1}, T${n + 1}, T${n + 1}]`).join('\n')
    expect(JSON.stringify(await schemaOf('T0', `${wide}\ntype T14 = string`)).length).toBeLessThan(500_000)
  })

  const MODULES: readonly (readonly [why: string, declarations: string, files: Files])[] = [
    ['imported', `import { type Point } from './p.ts'`, { 'p.ts': `export ${POINT}` }],
    ['imported as a type', `import type { Point } from './p.ts'`, { 'p.ts': `export ${POINT}` }],
    [
      'under another name',
      `import type { P as Point } from './p.ts'`,
      { 'p.ts': `${POINT}\nexport type { Point as P }` },
    ],
    ['by what it is compiled to', `import type { Point } from './p.js'`, { 'p.ts': `export ${POINT}` }],
    [
      'through another module',
      `import type { Point } from './i.ts'`,
      { 'i.ts': `export type { Point } from './p.ts'`, 'p.ts': `export ${POINT}` },
    ],
    [
      'through a star',
      `import type { Point } from './i.ts'`,
      { 'i.ts': `export * from './p.ts'`, 'p.ts': `export ${POINT}` },
    ],
    ['as a default', `import type Point from './p.ts'`, { 'p.ts': `export default ${POINT}` }],
    [
      'with what it needs there',
      `import type { Point } from './p.ts'`,
      { 'p.ts': `type N = number\nexport interface Point { x: N; y: string }` },
    ],
  ]
  test.each(MODULES)('%s', async (_, declarations, files) => {
    expect(await schemaOf('Point', declarations, files)).toEqual(XY)
  })
  test('of a namespace, of a package, of nowhere', async () => {
    expect(await schemaOf('p.Point', `import type * as p from './p.ts'`, { 'p.ts': `export ${POINT}` })).toEqual(XY)
    expect(await schemaOf('Point', `import type { Point } from 'p'`)).toEqual({})
    expect(
      await schemaOf('Point', `import type { Point } from './p.ts'`, { 'p.ts': `export type { Point } from './p.ts'` }),
    ).toEqual({})
  })
})

const RESULTS: readonly (readonly [fn: string, result: Json])[] = [
  ['(): string => f()', STRING],
  ['async (): Promise<number> => f()', NUMBER],
  ['async (): Promise<void> => {}', { not: {} }],
  ['() => {}', { not: {} }],
  ['() => f()', {}],
  ['() => 1', NUMBER],
  ['async () => "a"', STRING],
  ['() => `a${1}`', STRING],
  ['() => ({ x: 1, y: "a" })', XY],
  ['() => ({ x: 1, y: "a" }) satisfies object', XY],
  ['() => ({ x: 1, ...f() })', {}],
  ['() => ({ x: f() })', { type: 'object', properties: { x: {} }, required: ['x'] }],
  ['() => [1, 2]', { type: 'array', items: NUMBER }],
  ['() => f() as string', STRING],
  ['() => "a" as const', { const: 'a' }],
  ['(x: number) => x', NUMBER],
  ['(x: number) => x * 2', NUMBER],
  ['(x: number) => x > 2', { type: 'boolean' }],
  ['(x: { n: number }) => x.n', NUMBER],
  ['(x: string[]) => x.length', NUMBER],
  ['(x: boolean) => (x ? 1 : "a")', { anyOf: [NUMBER, STRING] }],
  ['() => { return 1 }', NUMBER],
  ['(x: boolean) => { if (x) return 1; return "a" }', { anyOf: [NUMBER, STRING] }],
  ['(x: boolean) => { if (x) return 1 }', {}],
  ['(x: boolean) => { if (x) return 1; return f() }', {}],
  ['() => { const g = () => 1; g() }', { not: {} }],
  ['function () { return 1 }', NUMBER],
]

describe('results', () => {
  const table = signatures(`const f = (): any => 1
${RESULTS.map(([fn], index) => `const r${index} = task(${fn}, { name: 'r${index}' })`).join('\n')}
export const w = workflow(() => { ${RESULTS.map((_, index) => `(r${index} as any)()`).join('; ')} })`)
  test.each(RESULTS.map(([fn, result], index) => ({ fn, result, name: `r${index}` })))(
    '$fn',
    async ({ result, name }) => {
      expect((await table)[name]?.result).toEqual(result)
    },
  )
})

describe('whose signature it is', () => {
  const of = async (text: string | Files, ...names: readonly string[]) => {
    const found = await signatures(text)
    return names.map(name => found[name])
  }
  const NUMBERS = { parameters: [NUMBER], result: STRING }

  test.each([
    ['an arrow', 'const a = task((n: number): string => "")'],
    ['an effect', 'const a = effect((n: number): string => "")'],
    ['a function by name', 'function build(n: number): string { return "" }\nconst a = task(build, { name: "a" })'],
    ['a constant by name', 'const build = (n: number): string => ""\nconst a = task(build, { name: "a" })'],
    ['a constant with a type', 'const build: (n: number) => string = n => ""\nconst a = task(build, { name: "a" })'],
    [
      'a tuned one',
      'const b = task((n: number): string => "", { name: "b" })\nconst a = tune(b, { name: "a" } as never)',
    ],
    ['beside an enum', 'enum E { A }\nconst z = task((e: E): string => ""), a = task((n: number): string => "")'],
    [
      'after a class with decorators and properties',
      'class C { constructor(readonly x: number) {} }\nconst a = task((n: number): string => "")',
    ],
    [
      'made in a helper',
      'const make = (k: string) => task((n: number): string => k, { name: "a" })\nconst a = make("k")',
    ],
    ['with a generic', 'const a = task(<T extends number>(n: T): string => "")'],
  ])('%s', async (_, text) => {
    expect((await of(`${text}\n${W}`, 'a'))[0]).toEqual(NUMBERS)
  })

  test('an imported function', async () => {
    const files = {
      'tutti.ts': `import { build } from './b.ts'\nconst a = task(build, { name: 'a' })\n${W}`,
      'b.ts': 'export function build(n: number): string { return "" }',
    }
    expect((await of(files, 'a'))[0]).toEqual(NUMBERS)
  })

  test('optional parameters of tasks may be undefined', async () => {
    const [a] = await of(
      `const a = task((x?: number, y = 'a', ...z: string[]): void => {})\nexport const w = workflow(() => a())`,
      'a',
    )
    expect(a?.parameters).toEqual([{ anyOf: [{ not: {} }, NUMBER] }, { anyOf: [{ not: {} }, STRING] }, {}])
  })

  test('what recurs is defined at the root, wherever it stands', async () => {
    const TREE = 'interface Tree { children: Tree[] }'
    const [a] = await of(
      `${TREE}\nconst a = task((x: Tree, y?: Tree) => ({ x, y: [x] }))\nexport const w = workflow(() => a(undefined as never))`,
      'a',
    )
    const $defs = {
      Tree: {
        type: 'object',
        properties: { children: { type: 'array', items: { $ref: '#/$defs/Tree' } } },
        required: ['children'],
      },
    }
    const ref = { $ref: '#/$defs/Tree' }
    expect(a?.parameters).toEqual([
      { ...ref, $defs },
      { anyOf: [ref, { not: {} }], $defs },
    ])
    expect(a?.result).toEqual({
      type: 'object',
      properties: { x: ref, y: { type: 'array', items: ref } },
      required: ['x', 'y'],
      $defs,
    })
  })

  test('workflows and flows', async () => {
    const found = await signatures(
      `const a = task((n: number): string => "")
const v = workflow((n: Ref<number>, s: string) => a(n))
const f = flow(async (n: number, s?: string): Promise<string> => a(n))
export const w = workflow(() => { v(1, ''); f(1) })`,
    )
    expect(found['v']?.parameters).toEqual([NUMBER, STRING])
    expect(found['f']).toEqual({ parameters: [NUMBER, STRING], result: STRING })
  })

  test('the parameters of validators are not those of the body', async () => {
    const standard = `{ '~standard': { version: 1, vendor: 'x', validate: (value: unknown) => ({ value }) } }`
    const found = await signatures(
      `export const w = workflow({ n: ${standard} as never }, ({ n }: { n: Ref<number> }) => n)`,
    )
    expect(found['w']?.parameters).toEqual([])
  })

  test('pure functions', async () => {
    const found = await signatures(
      `const a = task((): number[] => [])\nexport const w = workflow(() => { const x = a(); return x.to(all => all.length > 2) })`,
    )
    expect(found['w/x.to#0']).toEqual({ parameters: [{}], result: { type: 'boolean' } })
  })

  test('what a package made has none', async () => {
    const [a] = await of(
      {
        'tutti.ts': `import { made } from 'p'\nconst a = task(made(1), { name: 'a' })\n${W}`,
        'node_modules/p/package.json': '{ "name": "p", "version": "1.0.0", "type": "module", "main": "i.js" }',
        'node_modules/p/i.js': 'export const made = n => () => n',
      },
      'a',
    )
    expect(a).toBeUndefined()
  })
})
