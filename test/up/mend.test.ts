/** V7: what is mended is what a real look would have found. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { memoryStore } from '../../src/store/index.ts'
import { newLooks } from '../../src/up/looks.ts'
import { mended, type Mending } from '../../src/up/mend.ts'
import { LocalFiles, Stamps, valueStore } from '../../src/values/index.ts'
import { lookAt } from '../../src/values/sources.ts'

const SOURCE = { kind: 'files', globs: ['**/*.txt'], ignore: 'gitignore' } as const

function folder(names: readonly string[]) {
  const cwd = realpathSync(mkdtempSync(join(tmpdir(), 'tutti-mend-')))
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }))
  const write = (name: string, text: string): string => {
    mkdirSync(dirname(join(cwd, name)), { recursive: true })
    writeFileSync(join(cwd, name), text)
    return join(cwd, name)
  }
  for (const name of names) write(name, name)
  const stamps = new Stamps()
  const values = valueStore(memoryStore().blobs, { cwd, stamps })
  const mending: Mending = { looks: newLooks(stamps), stamps, values, found: new Map() }
  const really = async () => {
    const { value, seen } = await lookAt(SOURCE, cwd, { stamps: new Stamps() })
    return { output: await values.encode(value, { task: 'files' }), seen }
  }
  const look = async () => {
    const { output, seen } = await really()
    mending.looks.saw('k', seen)
    mending.looks.gave('k', { kind: 'succeeded', output })
  }
  return { cwd, write, mending, really, look, changed: (...paths: string[]) => mending.looks.changed(paths) }
}

test('V7: files with another content are mended, again and again', async () => {
  const { write, mending, really, look, changed } = folder(['b.txt', 'a/1.txt', 'a/2.txt', 'c/d/3.txt'])
  await look()
  for (const [name, text] of [
    ['a/2.txt', 'x'],
    ['c/d/3.txt', 'y'],
    ['a/2.txt', 'longer'],
  ] as const) {
    const path = write(name, text)
    expect([...changed(path).values()]).toEqual([[path]])
    const outcome = await mended('k', SOURCE, mending)
    expect(outcome).toMatchObject({ kind: 'succeeded', output: (await really()).output })
    expect(mending.looks.use('k')).toEqual(outcome)
    expect(mending.found.get('k')).toBeInstanceOf(LocalFiles)
  }
})

test.each([
  ['a file has come', 'a/3.txt', 'new'],
  ['what says which files are left out has changed', '.gitignore', 'a\n'],
])('V7: one must really look when %s', async (_, name, text) => {
  const { write, mending, look, changed } = folder(['a/1.txt', '.gitignore'])
  await look()
  expect(changed(write(name, text)).size).toBe(1)
  expect(await mended('k', SOURCE, mending)).toBeUndefined()
})

test('V7: or when one has gone, or has come and gone with another that was edited', async () => {
  const { cwd, write, mending, look, changed } = folder(['a/1.txt', 'a/2.txt'])
  await look()
  rmSync(join(cwd, 'a/1.txt'))
  changed(join(cwd, 'a/1.txt'), write('a/2.txt', 'x'))
  expect(await mended('k', SOURCE, mending)).toBeUndefined()
})

test('V7: what changes while it is mended is another change', async () => {
  const { write, mending, really, look, changed } = folder(['a/1.txt'])
  await look()
  changed(write('a/1.txt', '0'))
  await mended('k', SOURCE, mending)
  changed(write('a/1.txt', 'x'))
  const mine = mended('k', SOURCE, mending)
  changed(write('a/1.txt', 'yy'))
  await mine
  expect(mending.looks.use('k')).toBeUndefined()
  expect(await mended('k', SOURCE, mending)).toMatchObject({ output: (await really()).output })
})
