/** What can be wrong with a file: each has its code, its place in the user's text, and a hint. */
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { buildBundle, mapStack } from '../../src/loader/index.ts'
import { Refusal } from '../../src/util/diagnostic.ts'
import { brief, load, marked, project, refusal, type Files } from './rig.ts'

/** The mark `¦` stands at the place that the error must name. */
const CASES: readonly (readonly [name: string, codes: string, files: Record<string, string>, text: RegExp])[] = [
  ['syntax', 'SYNTAX_ERROR', { 'tutti.ts': 'const a = 1\nconst ¦= 2' }, /./],
  ['syntax in an imported file', 'SYNTAX_ERROR', { 'tutti.ts': `import './m.ts'`, 'm.ts': '\nlet a = ¦}' }, /./],
  ['a name declared twice', 'SYNTAX_ERROR', { 'tutti.ts': 'const a = 1\nconst ¦a = 2' }, /a/],
  [
    'JSON that is none',
    'SYNTAX_ERROR',
    { 'tutti.ts': `import d from './d.json' with { type: 'json' }\nd`, 'd.json': '{"a": ¦x}' },
    /d\.json/,
  ],
  [
    'a missing file',
    'MODULE_NOT_FOUND',
    { 'tutti.ts': `import { a } from ¦'./stesp.ts'\na`, 'steps.ts': '' },
    /Did you mean '\.\/steps\.ts'/,
  ],
  [
    'a missing file without a likely one',
    'MODULE_NOT_FOUND',
    { 'tutti.ts': `import './a.ts'\nimport ¦'./nothing/like/it.ts'`, 'a.ts': '' },
    /nothing/,
  ],
  [
    'a missing dynamic import',
    'MODULE_NOT_FOUND',
    { 'tutti.ts': `export const f = () => import(¦'./gone.ts')` },
    /gone/,
  ],
  [
    'a missing package',
    'PACKAGE_NOT_FOUND',
    { 'tutti.ts': `import x from ¦'@no/such/thing'\nx` },
    /npm install @no\/such/,
  ],
  [
    'a subpath that a package does not offer',
    'PACKAGE_NOT_FOUND',
    {
      'tutti.ts': `import x from ¦'pkg/inner'\nx`,
      'node_modules/pkg/package.json': '{"name":"pkg","exports":{".":"./a.js"}}',
      'node_modules/pkg/a.js': '',
    },
    /pkg\/inner/,
  ],
  [
    'a missing export',
    'EXPORT_NOT_FOUND',
    { 'tutti.ts': `import { ¦biuld } from './m.ts'\nbiuld`, 'm.ts': 'export const build = 1' },
    /Did you mean 'build'/,
  ],
  [
    'a missing default export',
    'EXPORT_NOT_FOUND',
    { 'tutti.ts': `import ¦m from './m.ts'\nm`, 'm.ts': 'export const build = 1' },
    /exports build/,
  ],
  [
    'a missing export of a package',
    'EXPORT_NOT_FOUND',
    { 'tutti.ts': `import { ¦joim } from 'node:path'\njoim()` },
    /join/,
  ],
  [
    'a missing export of the language',
    'EXPORT_NOT_FOUND',
    { 'tutti.ts': `import { ¦taks } from 'tutti'\ntaks()` },
    /task/,
  ],
  [
    'a cycle',
    'IMPORT_CYCLE',
    {
      'tutti.ts': `import { a } from './a.ts'\nexport const x = a`,
      'a.ts': `import { b } from './b.ts'\nexport const a = b`,
      'b.ts': `import { a } from './a.ts'\nexport const b = 1 + ¦a`,
    },
    /'a' of a\.ts/,
  ],
  [
    'syntax that this Node.js does not know',
    'SYNTAX_ERROR',
    { 'tutti.ts': 'const a = 1\nexport const b = [a, ¦/(?i:a)/]' },
    /./,
  ],
  ['a throw', 'LOAD_FAILED', { 'tutti.ts': `const a = 1\nif (a) throw ¦new TypeError('no way')` }, /TypeError: no way/],
  [
    'a throw in a function',
    'LOAD_FAILED',
    {
      'tutti.ts': `import { f } from './m.ts'\nf()`,
      'm.ts': `export function f(): never {\n  throw ¦new Error('deep') }`,
    },
    /deep/,
  ],
  [
    'a name that is not there',
    'LOAD_FAILED',
    { 'tutti.ts': `const a: number = 1\n  ¦missing(a)` },
    /missing is not defined/,
  ],
  [
    'a throw after an enum',
    'LOAD_FAILED',
    { 'tutti.ts': `enum E { A }\nconst x: E = E.A\n\nthrow ¦new Error('lowered')` },
    /lowered/,
  ],
  [
    'a thrown string',
    'LOAD_FAILED',
    { 'tutti.ts': `const f = () => {\n  throw ¦'plain' }\nf()` },
    /"plain" was thrown/,
  ],
  ['a thrown undefined', 'LOAD_FAILED', { 'tutti.ts': `throw ¦undefined` }, /undefined was thrown/],
  ['a rejected await', 'LOAD_FAILED', { 'tutti.ts': `¦await Promise.reject('never')` }, /"never" was thrown/],
  [
    'a rejected await of an error',
    'LOAD_FAILED',
    { 'tutti.ts': `const f = async () => { await null\n throw ¦new Error('late') }\nawait f()` },
    /late/,
  ],
  [
    'a package that throws',
    'LOAD_FAILED',
    {
      'tutti.ts': `import ¦'pkg'`,
      'node_modules/pkg/package.json': '{"name":"pkg","version":"1.0.0"}',
      'node_modules/pkg/index.js': 'throw new Error("inside")',
    },
    /inside/,
  ],
  [
    'an import that is no module',
    'NOT_TYPESCRIPT',
    { 'tutti.ts': `import ¦'./data.csv'`, 'data.csv': 'a,b' },
    /\.ts, \.mts, \.js or \.mjs/,
  ],
  ['a clock', 'CLOCK_IN_TRACE', { 'tutti.ts': `export const x = Date.¦now()` }, /Date\.now\(\)/],
]

function unmarked(files: Record<string, string>): { files: Files; place: string } {
  const [name, text] = Object.entries(files).find(([, each]) => each.includes('¦'))!
  const { text: clean, place } = marked(text)
  return { files: { ...files, [name]: clean }, place: `${name}:${place}` }
}

describe('is refused', () => {
  test.each(CASES)('%s: %s', async (_, code, given, text) => {
    const { files, place } = unmarked(given)
    const diagnostics = await refusal(() => load(files))
    expect(diagnostics.map(brief)).toEqual([`${code} ${place}`])
    expect(`${diagnostics[0]!.message} ${diagnostics[0]!.hint}`).toMatch(text)
  })

  test('all problems of all files at once, in the order of their places', async () => {
    const diagnostics = await refusal(() =>
      load({ 'tutti.ts': `import './b.ts'\nimport 'nope'\nimport './c.ts'`, 'b.ts': 'let = = 1' }),
    )
    expect(diagnostics.map(brief).map(each => each.replace(/:\d+$/, ''))).toEqual([
      'SYNTAX_ERROR b.ts:1',
      'PACKAGE_NOT_FOUND tutti.ts:2',
      'MODULE_NOT_FOUND tutti.ts:3',
    ])
  })

  test.each([
    ['tutti.ts', 'FILE_NOT_FOUND', /did you mean tutti2\.ts/i, { 'tutti2.ts': '' }],
    ['.', 'NOT_A_FILE', /folder/, {}],
    ['tutti.py', 'NOT_TYPESCRIPT', /\.mts/, { 'tutti.py': '' }],
    ['tutti.ts', 'NOT_TYPESCRIPT', /not a TypeScript/, { 'tutti.ts': new Uint8Array([0xff, 0xfe, 0, 1]) }],
    ['tutti.ts', 'NOT_TYPESCRIPT', /not a TypeScript/, { 'tutti.ts': 'a\0b' }],
  ] as const)('%s as %s', async (entry, code, text, files) => {
    const built = await buildBundle(join(project(files), entry))
    const [first] = built.ok ? [] : built.error
    expect(first?.code).toBe(code)
    expect(`${first?.message} ${first?.hint}`).toMatch(text)
  })

  test.skipIf(process.getuid?.() === 0)('a file that must not be read', async () => {
    const dir = project({ 'tutti.ts': '' })
    chmodSync(join(dir, 'tutti.ts'), 0)
    const built = await buildBundle(join(dir, 'tutti.ts'))
    expect(!built.ok && built.error.map(brief)).toEqual(['FILE_UNREADABLE'])
  })

  test('a module that never finishes', async () => {
    expect((await refusal(() => load('await new Promise(() => {})', { timeout: '20ms' }))).map(brief)).toEqual([
      'LOAD_TIMEOUT tutti.ts:1:1',
    ])
  })
})

test('the original error is the cause, whatever it is', async () => {
  for (const [text, cause] of [
    ["throw 'x'", 'x'],
    ['throw undefined', undefined],
    ['await Promise.reject(7)', 7],
  ] as const) {
    await load(text).catch((error: unknown) => {
      expect(error).toBeInstanceOf(Refusal)
      expect((error as Refusal).cause).toBe(cause)
    })
  }
})

test('a stack names the lines that the user wrote, also below an await and in lowered files', async () => {
  for (const head of ['', 'enum E { A }\n']) {
    const { exports, dir } = await load({
      'tutti.ts': `${head}import { inner } from './lib.ts'\nexport async function outer(n: number) {\n  await null\n  return inner(n)\n}`,
      'lib.ts': `export interface X {}\nexport const inner = (n: number): string => {\n  if (n) throw new Error('here')\n  return ''\n}`,
    })
    const error: unknown = await (exports['outer'] as (n: number) => Promise<string>)(1).catch(
      (caught: unknown) => caught,
    )
    const line = head ? 5 : 4
    expect(mapStack(error)).toContain(`${join(dir, 'lib.ts')}:3:16`)
    expect(mapStack(error)).toContain(`${join(dir, 'tutti.ts')}:${line}:10`)
    expect(mapStack(error)).not.toContain('?tutti=')
  }
})
