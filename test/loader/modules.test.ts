/** Local modules behave as they do in Node; packages and Node's parts are Node's own. */
import { execFileSync } from 'node:child_process'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { describe, expect, test } from 'vitest'
import { buildBundle, decodeBundle, encodeBundle, hashBundle, openBundle } from '../../src/loader/index.ts'
import { brief, bundleOf, language, load, project, refusal, type Files } from './rig.ts'

/** What `out` of the entry is. */
const CASES: readonly (readonly [name: string, files: Files, out: unknown])[] = [
  [
    'named, default, namespace, renamed',
    {
      'tutti.ts': `import d, { a, b as c } from './m.ts'\nimport * as m from './m.ts'\nexport const out = [d, a, c, Object.keys(m)]`,
      'm.ts': 'export const a = 1, b = 2\nexport default 3',
    },
    [3, 1, 2, ['a', 'b', 'default']],
  ],
  [
    're-exports',
    {
      'tutti.ts': `export * from './m.ts'\nexport * as ns from './m.ts'\nexport { a as z } from './m.ts'\nimport * as self from './tutti.ts'\nexport const out = [self.a, self.z, self.ns.a]`,
      'm.ts': 'export const a = 1',
    },
    [1, 1, 1],
  ],
  [
    'export star over several levels, not the default',
    {
      'tutti.ts': `import * as m from './a.ts'\nexport const out = Object.keys(m)`,
      'a.ts': `export * from './b.ts'\nexport const a = 1`,
      'b.ts': `export * from './a.ts'\nexport const b = 2\nexport default 3`,
    },
    ['a', 'b'],
  ],
  [
    'O2: live bindings',
    {
      'tutti.ts': `import { n, up } from './m.ts'\nconst before = n\nup()\nexport const out = [before, n]`,
      'm.ts': 'export let n = 0\nexport const up = () => { n += 1 }',
    },
    [0, 1],
  ],
  [
    'a namespace takes nothing',
    {
      'tutti.ts': `import * as m from './m.ts'\nexport const out: unknown[] = []\nfor (const name of ['n', 'o']) try { (m as any)[name] = 1 } catch (error) { out.push((error as Error).name) }`,
      'm.ts': 'export let n = 0',
    },
    ['TypeError', 'TypeError'],
  ],
  [
    'O1: order of evaluation',
    {
      'tutti.ts': `import { log } from './log.ts'\nimport './a.ts'\nimport './b.ts'\nlog.push('entry')\nexport const out = log`,
      'log.ts': 'export const log: string[] = []',
      'a.ts': `import './b.ts'\nimport { log } from './log.ts'\nlog.push('a')`,
      'b.ts': `import { log } from './log.ts'\nlog.push('b')`,
    },
    ['b', 'a', 'entry'],
  ],
  [
    'cycles with hoisted functions',
    {
      'tutti.ts': `import { even } from './even.ts'\nexport const out = even(10)`,
      'even.ts': `import { odd } from './odd.ts'\nexport function even(n: number): boolean { return n === 0 || odd(n - 1) }`,
      'odd.ts': `import { even } from './even.ts'\nexport const early = even(0)\nexport function odd(n: number): boolean { return n !== 0 && even(n - 1) }`,
    },
    true,
  ],
  [
    'top-level await',
    {
      'tutti.ts': `import { a } from './m.ts'\nexport const out = await Promise.resolve(a + 1)`,
      'm.ts': 'export const a = await new Promise<number>(resolve => setImmediate(() => resolve(1)))',
    },
    2,
  ],
  [
    'dynamic import of local modules, once each',
    {
      'tutti.ts': `const [m, n] = await Promise.all([import('./m.ts'), import('./m.ts')])\nexport const out = [m.default, m === n]`,
      'm.ts': `import './x.ts'\nexport default 'dynamic'`,
      'x.ts': '',
    },
    ['dynamic', true],
  ],
  [
    'computed dynamic import',
    {
      'tutti.ts': `const name = './m' + '.mjs'\nexport const out = (await import(name)).default`,
      'm.mjs': `export default 'computed'`,
    },
    'computed',
  ],
  [
    'JSON',
    { 'tutti.ts': `import data from './d.json' with { type: 'json' }\nexport const out = data`, 'd.json': '{"a":[1]}' },
    { a: [1] },
  ],
  [
    '.js written for .ts, no extension, folder',
    {
      'tutti.ts': `import { a } from './a.js'\nimport { b } from './b'\nimport { c } from './c'\nexport const out = [a, b, c]`,
      'a.ts': 'export const a = 1',
      'b.mts': 'export const b = 2',
      'c/index.ts': 'export const c = 3',
    },
    [1, 2, 3],
  ],
  [
    'CommonJS beside it',
    {
      'tutti.ts': `import { a } from './a.cjs'\nimport b from './b.js'\nexport const out = [a, b.b]`,
      'a.cjs': 'exports.a = 1',
      'b.js': 'module.exports = { b: 2 }',
      'package.json': '{}',
    },
    [1, 2],
  ],
  [
    'shebang, byte order mark and CRLF',
    {
      'tutti.ts': `\uFEFF#!/usr/bin/env tutti\r\nconst a: number = 1\r\nexport const out = a + '\u2028é'.length - 2\r\n`,
    },
    1,
  ],
  [
    'enums, namespaces and parameter properties',
    {
      'tutti.ts': `enum E { A, B = 5, C = 'x' }\nnamespace N { export const n = 1 }\nclass P { constructor(readonly p: number) {} }\nexport const out = [E.A, E.B, E[5], E.C, N.n, new P(2).p]`,
    },
    [0, 5, 'B', 'x', 1, 2],
  ],
  [
    'imports that are only types are dropped',
    {
      'tutti.ts': `import { T, type U } from './t.ts'\nimport type { V } from './missing.ts'\nexport type { W } from './missing.ts'\nexport { T }\nexport const out: T | U | V = 1`,
      't.ts': `export interface T {}\nexport type U = 1\nthrow new Error('not loaded')`,
    },
    'LOAD',
  ],
  [
    'import.meta',
    {
      'tutti.ts': `import { basename } from 'node:path'\nexport const out = [basename(import.meta.filename), import.meta.url.startsWith('file://') && import.meta.url.endsWith('/tutti.ts'), import.meta.filename === import.meta.dirname + '/tutti.ts']`,
    },
    ['tutti.ts', true, true],
  ],
  [
    'names with spaces, quotes and emoji',
    {
      'tutti.ts': `import { a } from './a b/it\\'s (1) 🎼.ts'\nexport const out = a`,
      "a b/it's (1) 🎼.ts": 'export const a = 1',
    },
    1,
  ],
  [
    'a package, its subpath and its CommonJS form',
    {
      'tutti.ts': `import { a } from 'pkg'\nimport { sub } from '@scope/pkg/sub'\nimport cjs, { c } from 'cjs'\nexport const out = [a, sub, c, cjs.c]`,
      'node_modules/pkg/package.json': '{"name":"pkg","version":"1.0.0","type":"module","exports":{"import":"./i.js"}}',
      'node_modules/pkg/i.js': 'export const a = 1',
      'node_modules/@scope/pkg/package.json':
        '{"name":"@scope/pkg","version":"1.0.0","type":"module","exports":{"./sub":"./s.js"}}',
      'node_modules/@scope/pkg/s.js': 'export const sub = 2',
      'node_modules/cjs/package.json': '{"name":"cjs","version":"1.0.0"}',
      'node_modules/cjs/index.js': 'exports.c = 3',
    },
    [1, 2, 3, 3],
  ],
]

describe('a file is loaded', () => {
  test.each(CASES.filter(([, , out]) => out !== 'LOAD'))('%s', async (_, files, out) => {
    expect((await load(files)).exports['out']).toEqual(out)
  })

  test('imports that are only types are dropped', async () => {
    const { exports } = await load({
      'tutti.ts': `import { T, type U } from './t.ts'\nimport type { V } from './missing.ts'\nexport type { W } from './missing.ts'\nexport const out: T | U | V = 1`,
      't.ts': `export interface T {}\nexport type U = 1\nthrow new Error('must not run')`,
    })
    expect(exports['out']).toBe(1)
  })

  test('a type that is exported again without saying so is no error', async () => {
    const { exports } = await load({
      'tutti.ts': `import { T } from './t.ts'\nexport { T }\nexport { T as U } from './t.ts'\ninterface I {}\nexport { I }\nexport const out = 1`,
      't.ts': 'export interface T {}',
    })
    expect(exports['out']).toBe(1)
  })

  test.each(['tutti.ts', 'tutti.mts', 'tutti.js', 'tutti.mjs'])('as %s', async entry => {
    expect((await load({ [entry]: 'export const out = 1' }, { entry })).exports['out']).toBe(1)
  })
})

const TYPES = `
type A = { b: 1 }; interface B<T> extends Array<T> { c(): void }
declare const d: number; declare function e(): void; declare module 'x' {}; declare global { var y: number }
abstract class F<T> implements I, J<T> { private readonly a?: number = 1; declare b: string; public static c: number = 2; protected abstract d(): void; e!: string; f?(): void; [k: string]: any; override toString(): string { return 'F' } constructor(x?: number, ...rest: string[]) {} get g(): number { return 3 } async *h<T>(this: F<T>, x: T): AsyncGenerator<T> {} }
interface I {} interface J<T> { t?: T }
class G extends F<string> implements I { protected d() {} }
function over(a: string): string
function over(a: number): number
function over(a: any): any { return a }
const h = <T,>(x: T): x is T & {
  y: 1
} => true
const i = async <T extends string = 'a'>(x?: T, { y }: { y?: number } = {}, [z]: number[] = []): Promise<void> => {}
const j = (1 as unknown) as number satisfies number
const k = over!(1)!
let l!: number
const m = <number>(2 as any)
const n = new Map<string, number[]>([['a', [1]]]).get<never>?.('a' as never)
for (const o of [1] as number[]) o
const p = function (this: void, q: number) { return q as number }
const r = over as any as {
  (x: 1): 1
}
;(function () {})()
type S = keyof typeof h extends infer U ? U : never
label: for (const t in {} as Record<string, string>) { continue label }
try {} catch (u: unknown) {}
export type { A as AA }
export const out = [j, k, m, n, p(4), r(1), new G().toString(), new G().g, F.c, h(1), typeof i, l]
`

test('every form of a type is erased, line for line', async () => {
  const { exports } = await load(TYPES)
  expect(exports['out']).toEqual([1, 1, 2, [1], 4, 1, 'F', 3, 2, true, 'function', undefined])
  const { bundle } = await bundleOf({ 'tutti.ts': TYPES })
  const module = bundle.modules['tutti.ts']!
  expect(module.kind === 'script' && module.code.split('\n').length).toBe(TYPES.split('\n').length + 1)
})

describe('a bundle', () => {
  const files = {
    'tutti.ts': `import { a } from './lib/a.ts'\nimport { task } from 'tutti'\nimport 'node:fs'\nimport pkg from 'pkg'\nexport const out = [a, pkg]`,
    'lib/a.ts': 'export const a = 1',
    'node_modules/pkg/package.json': '{"name":"pkg","version":"1.2.3","main":"m.js"}',
    'node_modules/pkg/m.js': 'module.exports = 7',
  }

  test('B1, B2: is the same wherever it was made, and names no folder', async () => {
    const [one, two] = [await bundleOf(files), await bundleOf(files)]
    expect(one.dir).not.toBe(two.dir)
    expect(hashBundle(one.bundle)).toBe(hashBundle(two.bundle))
    expect(new TextDecoder().decode(encodeBundle(one.bundle))).not.toContain(one.dir)
    expect(one.files.map(file => file.slice(one.dir.length))).toEqual(['/tutti.ts', '/lib/a.ts'])
  })

  test('says what each import is', async () => {
    const { bundle } = await bundleOf(files)
    const module = bundle.modules['tutti.ts']!
    expect(module.kind === 'script' && module.targets).toEqual({
      './lib/a.ts': { kind: 'local', path: 'lib/a.ts' },
      'node:fs': { kind: 'builtin', name: 'node:fs' },
      pkg: { kind: 'package', name: 'pkg', version: '1.2.3', path: 'node_modules/pkg/m.js' },
    })
  })

  test('runs from its bytes when the file has gone, packages from the new folder', async () => {
    const { bundle } = await bundleOf(files)
    const dir = project({
      'node_modules/pkg/package.json': '{"name":"pkg","version":"1.2.3","main":"other.js"}',
      'node_modules/pkg/other.js': 'module.exports = 8',
    })
    const { exports } = await openBundle(decodeBundle(encodeBundle(bundle)), { dir, provide: { tutti: language } })
    expect(exports['out']).toEqual([1, 8])
  })

  test('comes from the cache without the parser when nothing has changed, and the same', async () => {
    const dir = project(files)
    const kept = new Map<string, string>()
    const asked: string[] = []
    const cache = {
      get(key: string) {
        asked.push(kept.has(key) ? 'hit' : 'miss')
        return kept.get(key)
      },
      set: (key: string, text: string) => void kept.set(key, text),
    }
    const bundles = [
      await buildBundle(join(dir, 'tutti.ts'), { cache }),
      await buildBundle(join(dir, 'tutti.ts'), { cache }),
      await buildBundle(join(dir, 'tutti.ts')),
    ]
    expect(asked).toEqual(['miss', 'miss', 'hit', 'hit'])
    const hashes = bundles.map(each => each.ok && hashBundle(each.value.bundle))
    expect(new Set(hashes).size).toBe(1)
    for (const key of kept.keys()) kept.set(key, '{damaged')
    const again = await buildBundle(join(dir, 'tutti.ts'), { cache })
    expect(again.ok && hashBundle(again.value.bundle)).toBe(hashes[0])
  })

  test('that is damaged is refused', async () => {
    for (const text of ['', '{}', '{"version":2}', '\0'])
      expect((await refusal(() => decodeBundle(new TextEncoder().encode(text)))).map(brief)).toEqual(['BUNDLE_DAMAGED'])
  })

  test('shares the language with the program that runs it', async () => {
    const { exports } = await load(
      `import * as t from 'tutti'\nimport { x } from 'tutti/more'\nexport const out = [t.task, x]`,
      { provide: { tutti: language, 'tutti/more': { x: 1 } } },
    )
    expect(exports['out']).toEqual([language.task, 1])
  })

  test('O3: gives the same names and sites in another process and folder', async () => {
    const { bundle, dir } = await bundleOf({
      'tutti.ts': `import { site, place } from 'tutti'\nimport { helper } from './lib/h.ts'\nenum E { A }\nexport const out = [site(), place(), helper(), E.A]`,
      'lib/h.ts': `import { site } from 'tutti'\nexport const helper = () => site()`,
    })
    const here = await openBundle(bundle, { dir, provide: { tutti: language } })
    const worker = project({ 'entry.ts': WORKER, 'bundle.json': encodeBundle(bundle) })
    const root = fileURLToPath(new URL('../../', import.meta.url))
    await build({
      entryPoints: [join(worker, 'entry.ts')],
      outfile: join(worker, 'worker.mjs'),
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      alias: { '#loader': join(root, 'src/loader/index.ts'), '#hooks': join(root, 'src/dsl/hooks.ts') },
      nodePaths: [join(root, 'node_modules')],
      logLevel: 'silent',
    })
    symlinkSync(join(root, 'node_modules'), join(worker, 'node_modules'))
    const there: unknown = JSON.parse(
      execFileSync(process.execPath, [join(worker, 'worker.mjs')], { encoding: 'utf8' }),
    )
    expect(there).toEqual(here.exports['out'])
    expect(there).toEqual(['site#0', 'tutti.ts:4:29', 'lib/h.ts:helper/site#0', 0])
  })
})

const WORKER = `
import { readFileSync } from 'node:fs'
import { decodeBundle, openBundle } from '#loader'
import { currentSite } from '#hooks'
const dir = import.meta.dirname
const tutti = { site: () => currentSite()?.id, place: () => { const { at } = currentSite()!; return [at.file, at.line, at.column].join(':') } }
const { exports } = await openBundle(decodeBundle(readFileSync(dir + '/bundle.json')), { dir, provide: { tutti } })
console.log(JSON.stringify(exports.out))
`

test('the entry may be given relative to the working folder', async () => {
  const built = await buildBundle('examples/none/tutti.ts')
  expect(!built.ok && built.error.map(brief)).toEqual(['FILE_NOT_FOUND'])
})
