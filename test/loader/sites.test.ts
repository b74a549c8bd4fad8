/** A call's site says where it stands in the structure, not on which line. */
import { expect, test } from 'vitest'
import { openBundle } from '../../src/loader/index.ts'
import { bundleOf, language, load } from './rig.ts'

const call = (exports: Readonly<Record<string, unknown>>, name: string, ...args: unknown[]) =>
  (exports[name] as (...args: unknown[]) => unknown)(...args)

const CASES: readonly (readonly [code: string, ids: readonly unknown[]])[] = [
  ['export const go = () => [site(), site()]', ['go/site#0', 'go/site#1']],
  ['export function go() { return [site()] }', ['go/site#0']],
  [
    'export const go = async () => { await null; return [site(), await Promise.resolve(site())] }',
    ['go/site#0', 'go/site#1'],
  ],
  ['export const go = workflow(() => [site()])', ['go/site#0']],
  ['const each = (f: any) => [f()]; export const go = () => each(() => site())', ['go/each#0/site#0']],
  ['export const go = () => [1, 2].map(() => site())', ['go/.map#0/site#0', 'go/.map#0/site#0']],
  ['export const go = () => [1, 2].map(site)', ['go/.map#0', 'go/.map#0']],
  ['const o = { m() { return site() } }; export const go = () => [o.m()]', ['m/site#0']],
  ['class A { m() { return site() } }; export const go = () => [new A().m()]', ['A/m/site#0']],
  ['export default () => [site()]', ['default/site#0']],
  [
    "import * as t from 'tutti'; export const go = () => [t.site(), t?.site(), t['site']()]",
    ['go/t.site#0', 'go/t.site#1', 'go/t.[]#0'],
  ],
  [
    'const o = { site }; export const go = () => [o.site(), o?.site(), (o.site)(), o.site<string>()]',
    ['go/o.site#0', 'go/o.site#1', 'go/o.site#2', 'go/o.site#3'],
  ],
  [
    'export const go = () => [site?.(), (site as any)(), site``, (0, site)()]',
    ['go/site#0', 'go/site#1', 'go/site#2', 'go/call#0'],
  ],
  ['class C { s = site() }; export const go = () => [new C().s]', ['C/site#0']],
]

test.each(CASES)('%s', async (code, ids) => {
  const { exports } = await load(`import { site, workflow } from 'tutti'\n${code}`)
  expect(await call(exports, 'go' in exports ? 'go' : 'default')).toEqual(ids)
})

test('S2: edits above do not change them, and other modules say who they are', async () => {
  const files = (above: string) => ({
    'tutti.ts': `import { site } from 'tutti'\nimport { helper } from './lib/helper.ts'\n${above}\nexport const go = () => [site(), helper()]`,
    'lib/helper.ts': `import { site } from 'tutti'\n${above}\nexport const helper = () => site()`,
  })
  const before = await load(files(''))
  const after = await load(files('const x = 1\n\nexport const other = () => site()\n/* é */'))
  expect(call(before.exports, 'go')).toEqual(['go/site#0', 'lib/helper.ts:helper/site#0'])
  expect(call(after.exports, 'go')).toEqual(call(before.exports, 'go'))
})

test('the same bundle in another folder gives the same sites and places', async () => {
  const { bundle, dir } = await bundleOf({
    'tutti.ts': `import { site, place } from 'tutti'\nexport const go = () => [site(),\n  place()]`,
  })
  const other = await bundleOf({ 'tutti.ts': '' })
  const here = await openBundle(bundle, { dir, provide: { tutti: language } })
  const there = await openBundle(JSON.parse(JSON.stringify(bundle)), { dir: other.dir, provide: { tutti: language } })
  expect(call(here.exports, 'go')).toEqual(['go/site#0', 'tutti.ts:3:3'])
  expect(call(there.exports, 'go')).toEqual(call(here.exports, 'go'))
})

test("a call of a package that calls back is the user's call", async () => {
  const { exports } = await load({
    'tutti.ts': `import { site } from 'tutti'\nimport { twice } from 'pkg'\nexport const go = () => twice(site)`,
    'node_modules/pkg/package.json': '{"name":"pkg","version":"1.2.3","type":"module","exports":"./index.js"}',
    'node_modules/pkg/index.js': 'export const twice = fn => [fn(), fn()]',
  })
  expect(call(exports, 'go')).toEqual(['go/twice#0', 'go/twice#0'])
})
