/** What a version keeps of a bundle gives the bundle again. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Bundle, buildBundle, hashBundle, keepBundle, rebuildBundle } from '../../src/loader/index.ts'
import { Refusal } from '../../src/util/diagnostic.ts'
import { bundleOf, type Files, project, refusal } from './rig.ts'

const ROOT = join(import.meta.dirname, '../..')

/** Every TypeScript file under examples/, as an entry of its own. */
const examples = readdirSync(join(ROOT, 'examples'), { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.ts') && !name.includes('node_modules'))
  .map(name => `examples/${name}`)
  .sort()

const PROJECTS: readonly (readonly [why: string, files: Files])[] = [
  [
    'syntax that is lowered',
    { 'tutti.ts': 'enum E { A = 1 }\nclass C { constructor(readonly x: number) {} }\nexport const e = [E.A, C]' },
  ],
  ['a byte order mark', { 'tutti.ts': '\uFEFFexport const x = 1' }],
  ['line ends', { 'tutti.ts': 'export const x = 1\r\nexport const y = `a\r\nb`\r\n' }],
  [
    'data',
    { 'tutti.ts': `import x from './x.json' with { type: 'json' }\nexport default x`, 'x.json': '{ "a": 1 }\n' },
  ],
  [
    'CommonJS',
    {
      'tutti.ts': `import x from './x.cjs'\nexport default x`,
      'x.cjs': 'module.exports = require("./y.js")',
      'y.js': 'exports.y = 1',
    },
  ],
  ['CommonJS in a .js file', { 'tutti.ts': `import x from './x.js'\nexport default x`, 'x.js': 'module.exports = 1' }],
  ['folders above', { 'in/tutti.ts': `export * from '../x.ts'`, 'x.ts': 'export const x = 1' }],
  [
    'a cycle',
    {
      'tutti.ts': `export { y } from './y.ts'\nexport const x = 1`,
      'y.ts': `import { x } from './tutti.ts'\nexport const y = () => x`,
    },
  ],
  [
    'a top-level await, a dynamic import',
    { 'tutti.ts': `export const x = await import('./y.ts')`, 'y.ts': 'export default 1' },
  ],
  [
    'all kinds of targets',
    {
      'tutti.ts': `import 'node:fs'\nimport 'os'\nimport { task } from 'tutti'\nimport p from 'p'\nexport default [task, p]`,
      'node_modules/p/package.json': '{ "name": "p", "version": "1.0.0", "type": "module", "exports": "./i.js" }',
      'node_modules/p/i.js': 'export default 1',
    },
  ],
]

/** B3. As a store has it: through text. */
async function expectSame(bundle: Bundle): Promise<void> {
  const kept = JSON.parse(JSON.stringify(keepBundle(bundle)))
  expect(hashBundle(await rebuildBundle(kept))).toBe(hashBundle(bundle))
}

describe('the same bundle, byte for byte (B3)', () => {
  test.each(examples)('%s', async name => {
    const built = await buildBundle(join(ROOT, name))
    if (!built.ok) throw new Refusal(built.error)
    await expectSame(built.value.bundle)
  })

  test.each(PROJECTS)('%s', async (_, files) => {
    const entry = Object.keys(files).find(name => name.endsWith('tutti.ts'))
    await expectSame((await bundleOf(files, entry)).bundle)
  })

  test('of any texts', async () => {
    const line = fc.oneof(
      fc.string().map(text => `// ${text.replace(/[\r\n\u2028\u2029]/g, ' ')}`),
      fc.string().map(text => `f(${JSON.stringify(text)})`),
      fc.constantFrom(
        'let x: number = 1',
        'enum E { A }',
        '',
        'export {}',
        'type T = typeof f',
        'if (f) f(f as never)',
      ),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(line), fc.constantFrom('\n', '\r\n'), async (lines, end) => {
        const dir = project({
          'tutti.ts': [...new Set(lines), 'export function f(x?: unknown) { return x }'].join(end),
        })
        const built = await buildBundle(join(dir, 'tutti.ts'))
        if (built.ok) await expectSame(built.value.bundle)
      }),
      { numRuns: 40 },
    )
  })

  test('with a cache nothing is read twice, and the bundle is the same', async () => {
    const { bundle } = await bundleOf({ 'tutti.ts': 'enum E { A }\nexport default E' })
    const cache = new Map<string, string>()
    const kept = keepBundle(bundle)
    expect(hashBundle(await rebuildBundle(kept, cache as never))).toBe(hashBundle(bundle))
    expect(cache.size).toBe(1)
    expect(
      hashBundle(await rebuildBundle(kept, { get: key => cache.get(key), set: () => expect.fail('made again') })),
    ).toBe(hashBundle(bundle))
  })
})

describe('what is kept', () => {
  test('is the text as it is, and what imports mean', async () => {
    const { bundle } = await bundleOf({ 'tutti.ts': `import './y.ts'\nexport const x: number = 1 // one`, 'y.ts': '' })
    expect(keepBundle(bundle)).toEqual({
      v: 1,
      entry: 'tutti.ts',
      modules: {
        'tutti.ts': {
          kind: 'script',
          source: `import './y.ts'\nexport const x: number = 1 // one`,
          targets: { './y.ts': { kind: 'local', path: 'y.ts' } },
        },
        'y.ts': { kind: 'script', source: '', targets: {} },
      },
    })
  })

  test('differs little when the sources do (B4)', async () => {
    const text = readFileSync(join(ROOT, 'examples/shop/tutti.ts'), 'utf8')
    const keptText = async (source: string) =>
      JSON.stringify(
        keepBundle((await bundleOf({ 'tutti.ts': source.replace(/from '\.\/.*'/g, "from 'tutti'") })).bundle),
      )
    const [before, after] = await Promise.all([keptText(text), keptText(`${text}\n// one more line`)])
    const same = [...before].findIndex((each, index) => each !== after[index])
    expect(after.length - before.length).toBe(JSON.stringify('\n// one more line').length - 2)
    expect(after.endsWith(before.slice(same))).toBe(true)
  })

  test('is refused where this Tutti no longer reads it', async () => {
    const kept = {
      v: 1 as const,
      entry: 'tutti.ts',
      modules: { 'tutti.ts': { kind: 'script' as const, source: 'let let = 1', targets: {} } },
    }
    expect((await refusal(() => rebuildBundle(kept))).map(({ code, at }) => `${code} ${at?.file}:${at?.line}`)).toEqual(
      ['SYNTAX_ERROR tutti.ts:1'],
    )
  })
})
