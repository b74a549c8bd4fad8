/** What a checkout is made of, with names and stored values that nobody means well by. */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { newWritten } from '../../src/cli/checkout/files.ts'
import { newNames, safePart } from '../../src/cli/checkout/names.ts'
import { openTarget } from '../../src/cli/checkout/target.ts'
import { openBlobs } from '../../src/store/blobs.ts'
import { hashText } from '../../src/util/hash.ts'
import { baseOf, inReplica } from '../../src/values/index.ts'
import { replicaBase, replicaFolder } from '../../src/values/replicas.ts'
import type { Entry, Shape } from '../../src/values/tree.ts'

let top: string
beforeEach(() => void (top = realpathSync(mkdtempSync(join(tmpdir(), 'tutti-checkout-')))))
afterEach(() => rmSync(top, { recursive: true, force: true }))

const PIECES = [
  'a',
  'A',
  'ä',
  'a\u0308',
  '/',
  '..',
  '.',
  '[',
  ']',
  '\\',
  '\0',
  '%2E',
  '\ud800',
  '漢',
  'x'.repeat(150),
  '.json',
  '~',
  ' ',
  '\n',
]
const paths = fc.array(fc.constantFrom(...PIECES), { maxLength: 8 }).map(parts => parts.join(''))
const folded = (name: string): string => name.normalize('NFC').toUpperCase().toLowerCase()

describe('names', () => {
  test('K1, K2, K3: they stay inside, are told apart everywhere, and none is both a file and a folder', () => {
    fc.assert(
      fc.property(fc.uniqueArray(paths, { maxLength: 12 }), ids => {
        const names = newNames()
        const given = ids.flatMap(id => ['.json', '.error.json'].map(ending => names.of(id, id, ending)))
        for (const name of given) {
          expect(join('/top', name).startsWith('/top/')).toBe(true)
          for (const part of name.split('/')) {
            expect(['', '.', '..']).not.toContain(part)
            expect(Buffer.byteLength(part)).toBeLessThanOrEqual(255)
            expect(part).not.toMatch(/[\0\\]/)
          }
        }
        const keys = given.map(folded)
        expect(new Set(keys).size).toBe(given.length)
        for (const key of keys) for (const other of keys) expect(other.startsWith(`${key}/`)).toBe(false)
        for (const id of ids) expect(names.of(id, id, '.json')).toBe(given[ids.indexOf(id) * 2])
      }),
    )
  })

  test.each([
    ['lint', 'lint.json'],
    ['ci/test', 'ci/test.json'],
    ['tests[src/a.ts]/triage', 'tests[src%2Fa.ts]/triage.json'],
    ['a/../../b', 'a/%2E%2E/%2E%2E/b.json'],
    ['', '%.json'],
  ])('%j is %s', (path, name) => expect(newNames().of(path, path, '.json')).toBe(name))

  test('a part that is too long keeps its beginning', () => {
    const part = safePart('漢'.repeat(300))
    expect(part).toMatch(/^漢{60}~[0-9a-f]{16}$/)
    expect(Buffer.byteLength(part)).toBeLessThan(255)
  })
})

describe('D1: whatever the store says, nothing is written outside of the folder', () => {
  const text = (path: string, content = path): Entry => ({
    kind: 'file',
    path,
    hash: hashText(content),
    sizeBytes: content.length,
    executable: false,
    text: content,
  })
  const link = (path: string, target: string): Entry => ({ kind: 'link', path, target })
  const lay = async (entries: readonly Entry[], path = 'out') => {
    const target = await openTarget(join(top, 'co'), 'co', 'new')
    const written = newWritten()
    written.add('s', { path, shape: { kind: 'tree', entries } })
    const laid = await written.lay(target, openBlobs(join(top, 'store'), 'normal'))
    await target.close()
    return laid
  }
  const isLink = (path: string): boolean =>
    lstatSync(join(top, path), { throwIfNoEntry: false })?.isSymbolicLink() ?? false

  test.each([
    ['names that lead up', [text('../../../evil'), text('a/../../../../evil')]],
    ['an absolute name', [text('/evil')]],
    ['a link out, and a file through it', [link('a', '../../..'), text('a/evil')]],
    ['a link to an absolute path, and a file through it', [link('a', tmpdir()), text('a/evil')]],
    ['a link over a link', [link('here', '.'), link('up', 'here/..'), text('up/evil')]],
    ['a link in a folder that is a link', [link('d', '../..'), link('d/e', 'x'), text('d/e/evil')]],
  ])('%s', async (_, entries) => {
    await lay(entries)
    expect(readdirSync(top).sort()).toEqual(['co'])
    expect(readdirSync(join(top, 'co'))).toEqual(['files'])
    expect(existsSync(join(tmpdir(), 'evil'))).toBe(false)
    expect(isLink('co/files/out/up')).toBe(false)
  })

  test('links that stay inside are there, those that leave are told', async () => {
    const laid = await lay([
      text('deep/a'),
      link('b', 'deep/a'),
      link('deep/c', '../b'),
      link('deep/d', '../../x'),
      link('e', '/a'),
    ])
    expect(laid.map(({ path, gone }) => [path, gone !== undefined])).toEqual([
      ['out/b', false],
      ['out/deep/a', false],
      ['out/deep/c', false],
      ['out/deep/d', true],
      ['out/e', true],
    ])
    expect(readFileSync(join(top, 'co/files/out/deep/c'), 'utf8')).toBe('deep/a')
  })

  test('each write is over those before it: a folder as a whole, a file in its place', async () => {
    const target = await openTarget(join(top, 'co'), 'co', 'new')
    const written = newWritten()
    const file = (content: string): Shape => ({
      kind: 'file',
      hash: hashText(content),
      sizeBytes: content.length,
      executable: false,
      text: content,
    })
    written.add('one', { path: 'dist', shape: { kind: 'tree', entries: [text('old'), link('lib', 'old')] } })
    written.add('two', { path: 'dist', shape: { kind: 'tree', entries: [text('new'), link('lib', 'new')] } })
    written.add('three', { path: 'dist/lib/x', shape: file('x') })
    written.add('four', { path: 'report', shape: file('r1') })
    written.add('five', { path: 'report', shape: file('r2') })
    const laid = await written.lay(target, openBlobs(join(top, 'store'), 'normal'))
    expect(laid.map(({ path, step }) => [path, step])).toEqual([
      ['dist/lib/x', 'three'],
      ['dist/new', 'two'],
      ['report', 'five'],
    ])
    expect(readFileSync(join(top, 'co/files/report'), 'utf8')).toBe('r2')
  })
})

test('D2: what was interrupted leaves no half file under a name, and no rest after the next checkout', async () => {
  const co = join(top, 'co')
  const target = await openTarget(co, 'co', 'new')
  writeFileSync(target.incoming(), 'half')
  expect(await target.file('whole', { kind: 'bytes', bytes: 'whole' })).toBe('placed')
  const missing = { kind: 'blob', hash: hashText('x'), blobs: openBlobs(join(top, 'store'), 'normal') } as const
  await expect(target.file('missing', missing)).rejects.toThrow('BLOB_MISSING')
  expect(readdirSync(co).filter(name => !name.startsWith('.'))).toEqual(['whole'])
  const next = await openTarget(co, 'co', 'over')
  await next.close()
  expect(readdirSync(co)).toEqual(['whole'])
})

test('D1: what is in the way is not gone through', async () => {
  mkdirSync(join(top, 'co'))
  mkdirSync(join(top, 'aside'))
  symlinkSync('../aside', join(top, 'co/steps'))
  const target = await openTarget(join(top, 'co'), 'co', 'over')
  await expect(target.file('steps/a.json', { kind: 'bytes', bytes: '' })).rejects.toThrow('CHECKOUT_BLOCKED')
  await expect(target.folder('steps/a')).rejects.toThrow('CHECKOUT_BLOCKED')
  expect(readdirSync(join(top, 'aside'))).toEqual([])
})

test.each([
  ['/p/.tutti', 'tutti.ts#ci', 0],
  ['/p/.tutti', 'api/tutti.ts#ci', 2],
  ['/elsewhere', '/p/tutti.ts#ci', 0],
] as const)('in a replica of the store %s a path means what it means in the project', (store, line, ups) => {
  const replica = replicaFolder(store, line, '1.0.0')
  const base = replicaBase(replica, ups)
  expect(baseOf(store, join(base, 'api'))).toBe(base)
  expect(inReplica(store, join(base, 'api/tutti.ts'))).toEqual({ replica, base, line })
  expect(inReplica(store, replica)).toBeUndefined()
  expect(inReplica(store, '/p/api')).toBeUndefined()
})
