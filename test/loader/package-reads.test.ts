/** What packages and CommonJS files read while a file is loaded or traced becomes a source of its graph (src/loader/package-reads.ts). */
import fs from 'node:fs'
import { expect, test } from 'vitest'
import { hashText } from '../../src/util/hash.ts'
import { load } from './rig.ts'

const PACKAGE = (code: string, type = 'commonjs') => ({
  'node_modules/finder/package.json': JSON.stringify({ name: 'finder', version: '1.0.0', type, main: 'index.js' }),
  'node_modules/finder/index.js': code,
  'parts/a.txt': 'A',
  'parts/b.txt': 'B',
})
const LISTED = { kind: 'folder', path: 'parts', hash: hashText('a.txt\nb.txt') }

const FORMS: readonly (readonly [what: string, files: Readonly<Record<string, string>>])[] = [
  ['CommonJS', PACKAGE("const fs = require('fs'); module.exports = { list: dir => fs.readdirSync(dir) }")],
  [
    'CommonJS that takes the function first',
    PACKAGE("const { readdirSync } = require('node:fs'); module.exports = { list: dir => readdirSync(dir) }"),
  ],
  ['a module', PACKAGE("import { readdirSync } from 'node:fs'\nexport const list = dir => readdirSync(dir)", 'module')],
  [
    'a module that takes all of it',
    PACKAGE("import fs from 'fs'\nexport const list = dir => fs.readdirSync(dir)", 'module'),
  ],
]
test.each(FORMS)('a folder that a package lists while loading: %s', async (_, files) => {
  const loaded = await load({
    ...files,
    'tutti.ts': "import { list } from 'finder'\nexport const names = list(import.meta.dirname + '/parts')",
  })
  expect(loaded.exports['names']).toEqual(['a.txt', 'b.txt'])
  expect(loaded.reads).toContainEqual(LISTED)
  expect(loaded.reads.filter(read => read.kind !== 'env' && /node_modules/.test(read.path))).toEqual([])
})

test('while tracing, and with promises; not while tasks run', async () => {
  const loaded = await load({
    ...PACKAGE(
      "const fs = require('fs'); exports.list = dir => fs.readdirSync(dir); exports.later = dir => fs.promises.readdir(dir)",
    ),
    'tutti.ts':
      "import { later, list } from 'finder'\nconst at = import.meta.dirname + '/parts'\nexport const first = await later(at)\nexport const again = () => list(at)",
  })
  expect(loaded.reads).toContainEqual(LISTED)
  const { reads } = loaded.trace(() => (loaded.exports['again'] as () => unknown)())
  expect(reads).toEqual([LISTED])
})

test('Node’s own functions are there again afterwards', async () => {
  const before = { ...fs, promises: { ...fs.promises } }
  await load({ ...PACKAGE('exports.a = 1'), 'tutti.ts': "import { a } from 'finder'\nexport const b = a" })
  expect({ ...fs, promises: { ...fs.promises } }).toEqual(before)
})
