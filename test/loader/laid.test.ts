/** CommonJS files and binaries of a kept bundle, when the files are no longer what they were. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { buildBundle, decodeBundle, encodeBundle, openBundle } from '../../src/loader/index.ts'
import { Refusal } from '../../src/util/diagnostic.ts'
import { bundleOf, type Files, language, project, refusal } from './rig.ts'

const TEXT = `import x from './lib/x.cjs'\nexport default x`

/** Builds the bundle, lets `change` happen to the files, and opens what was kept. */
async function reopened(files: Files, change: (dir: string) => void, entry = 'tutti.ts') {
  const { bundle, dir } = await bundleOf(files, entry)
  change(dir)
  const open = () =>
    openBundle(decodeBundle(encodeBundle(bundle)), { dir: join(dir, entry, '..'), provide: { tutti: language } })
  return { dir, open, laid: join(dir, entry, '..', '.tutti/cache/modules') }
}

const gone =
  (...names: readonly string[]) =>
  (dir: string) => {
    for (const name of names) rmSync(join(dir, name), { recursive: true })
  }
const written = (name: string, text: string) => (dir: string) => writeFileSync(join(dir, name), text)

const X: Files = { 'tutti.ts': TEXT, 'lib/x.cjs': 'module.exports = [1, __filename]' }

describe('files that Node loads', () => {
  test('are loaded from where they are, as long as they are as they were (L2)', async () => {
    const { open, dir, laid } = await reopened(X, () => undefined)
    expect((await open()).exports['default']).toEqual([1, join(dir, 'lib/x.cjs')])
    expect(existsSync(laid)).toBe(false)
  })

  const ROWS: readonly (readonly [why: string, files: Files, change: (dir: string) => void, value: unknown])[] = [
    ['a file that is gone', X, gone('lib'), 1],
    ['a file that has changed', X, written('lib/x.cjs', 'module.exports = [2]'), 1],
    [
      'a file that it requires',
      { ...X, 'lib/x.cjs': `module.exports = [require('./y').y]`, 'lib/y.js': 'exports.y = 1' },
      written('lib/y.js', 'exports.y = 2'),
      1,
    ],
    [
      'files around it',
      {
        ...X,
        'lib/x.cjs': `module.exports = [require('../up/y.cjs') + require('./in/z.json').z]`,
        'up/y.cjs': `module.exports = require('../lib/in/z.json').z`,
        'lib/in/z.json': '{ "z": 2 }',
      },
      gone('lib', 'up'),
      4,
    ],
    [
      'packages that it requires',
      {
        ...X,
        'lib/x.cjs': `module.exports = [require('p')]`,
        'node_modules/p/package.json': '{ "name": "p", "version": "1.0.0", "main": "i.js" }',
        'node_modules/p/i.js': 'module.exports = 5',
      },
      gone('lib'),
      5,
    ],
    [
      'a project of modules',
      {
        ...X,
        'package.json': '{ "type": "module" }',
        'lib/x.cjs': `module.exports = [require('./y.cjs')]`,
        'lib/y.cjs': 'module.exports = 6',
      },
      gone('lib'),
      6,
    ],
    [
      'CommonJS in a .js file',
      { 'tutti.ts': `import x from './x.js'\nexport default x`, 'x.js': 'module.exports = [7]' },
      gone('x.js'),
      7,
    ],
    [
      'a file above the entry',
      { 'in/tutti.ts': `import x from '../x.cjs'\nexport default x`, 'x.cjs': 'module.exports = [8]' },
      gone('x.cjs'),
      8,
    ],
    ['an entry', { 'tutti.cjs': 'module.exports = [9]' }, gone('tutti.cjs'), 9],
  ]
  test.each(ROWS)('are laid down again and loaded: %s (L1)', async (_, files, change, value) => {
    const entry = Object.keys(files).find(name => /tutti\.\w+$/.test(name))
    const { open } = await reopened(files, change, entry)
    expect(((await open()).exports['default'] as readonly unknown[])[0]).toBe(value)
  })

  test('are no reads of the file that loads them, wherever they lie (L3)', async () => {
    const dir = project({ 'tutti.ts': TEXT, 'lib/y.json': '{ "y": 1 }', 'z.txt': 'z' })
    const file = JSON.stringify(join(dir, 'z.txt'))
    writeFileSync(join(dir, 'lib/x.cjs'), `module.exports = [require('./y.json'), require('fs').readFileSync(${file})]`)
    const built = await buildBundle(join(dir, 'tutti.ts'))
    if (!built.ok) throw new Refusal(built.error)
    const open = () => openBundle(built.value.bundle, { dir, provide: { tutti: language } })
    const { reads } = await open()
    expect(reads.map(read => ('path' in read ? read.path : read.name))).toEqual(['z.txt'])
    rmSync(join(dir, 'lib'), { recursive: true })
    expect((await open()).reads).toEqual(reads)
  })

  test('are the same bytes, and laid down once', async () => {
    const blob = Uint8Array.from([0, 255, 254, 128, 10])
    const files = { ...X, 'lib/x.cjs': `module.exports = [() => require('./blob.node')]`, 'lib/blob.node': blob }
    const { open, laid } = await reopened(files, gone('lib'))
    await open()
    const [name] = readdirSync(laid)
    const file = join(laid, name!, 'blob.node')
    expect(readFileSync(file)).toEqual(Buffer.from(blob))
    writeFileSync(file, 'damaged')
    await open()
    expect(readFileSync(file)).toEqual(Buffer.from(blob))
    expect(readdirSync(laid)).toEqual([name])
  })

  test('are refused where they cannot be laid down', async () => {
    const { open } = await reopened(X, dir => {
      gone('lib')(dir)
      writeFileSync(join(dir, '.tutti'), 'in the way')
    })
    expect((await refusal(open)).map(({ code, message }) => `${code}: ${message.slice(0, 70)}`)).toEqual([
      'MODULE_CHANGED: lib/x.cjs is no longer what it was, and cannot be laid down again: ENO',
    ])
  })

  test('are refused before anything runs, when they were too large to be kept (L1)', async () => {
    const files = {
      'tutti.ts': `globalThis.tuttiTestRan = true\n${TEXT}`,
      'lib/x.cjs': `module.exports = [1] // ${'x'.repeat(1024 * 1024)}`,
    }
    const { open } = await reopened(files, gone('lib'))
    expect((await refusal(open)).map(({ code, message }) => `${code}: ${message}`)).toEqual([
      'MODULE_CHANGED: lib/x.cjs is no longer what it was, and too large to have been kept',
    ])
    expect(globalThis).not.toHaveProperty('tuttiTestRan')
  })
})
