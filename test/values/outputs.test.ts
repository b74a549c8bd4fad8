/** Whether what a task made is on disk as it was kept, and what it costs to keep it. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openBlobs } from '../../src/store/blobs.ts'
import { blobsOf, LocalDir, LocalFile, LocalOutput, Stamps, valueStore } from '../../src/values/index.ts'

let top: string
let cwd: string
beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'tutti-outputs-')))
  cwd = join(top, 'project')
  mkdirSync(cwd)
})
afterEach(() => rmSync(top, { recursive: true, force: true }))

const where = { task: 'compile' }
const openAll = (stamps = new Stamps()) => {
  const blobs = openBlobs(join(top, 'store'), 'normal')
  return { blobs, stamps, values: valueStore(blobs, { cwd, stamps }) }
}
const large = 'x'.repeat(300_000)

const edits: readonly [name: string, edit: (dist: string) => void, right: boolean][] = [
  ['nothing', () => undefined, true],
  ['a new time only', dist => utimesSync(join(dist, 'small'), 1, 1), true],
  ['the same content again', dist => writeFileSync(join(dist, 'large'), large), true],
  ['a small file, of the same size', dist => writeFileSync(join(dist, 'small'), 'two'), false],
  ['a large file, of the same size', dist => writeFileSync(join(dist, 'large'), large.replace('x', 'y')), false],
  ['a file removed', dist => rmSync(join(dist, 'small')), false],
  ['a file more', dist => writeFileSync(join(dist, 'deep/more'), ''), false],
  ['a folder more', dist => mkdirSync(join(dist, 'more')), false],
  ['an empty folder removed', dist => rmSync(join(dist, 'empty'), { recursive: true }), false],
  ['an executable bit', dist => chmodSync(join(dist, 'small'), 0o755), false],
  [
    'a link elsewhere',
    dist => {
      rmSync(join(dist, 'link'))
      symlinkSync('large', join(dist, 'link'))
    },
    false,
  ],
  [
    'a file for a link',
    dist => {
      rmSync(join(dist, 'link'))
      writeFileSync(join(dist, 'link'), 'one')
    },
    false,
  ],
  ['all of it removed', dist => rmSync(dist, { recursive: true }), false],
]

describe.each(['this process', 'another process'])('a folder, looked at in %s', who => {
  test.each(edits)('after %s', async (_name, edit, right) => {
    const dist = join(cwd, 'dist')
    mkdirSync(join(dist, 'deep'), { recursive: true })
    mkdirSync(join(dist, 'empty'))
    writeFileSync(join(dist, 'small'), 'one')
    writeFileSync(join(dist, 'large'), large)
    writeFileSync(join(dist, 'deep/binary'), Buffer.from([0, 255, 1]))
    symlinkSync('small', join(dist, 'link'))
    const first = openAll()
    const ref = await first.values.encode(new LocalDir(dist), where)
    edit(dist)
    const { values } = who === 'this process' ? first : openAll()
    expect(await values.outputs.isRight(ref)).toBe(right)
    await values.decode(ref)
    expect(await values.outputs.isRight(ref)).toBe(true)
    expect(readdirSync(dist).sort()).toEqual(['deep', 'empty', 'large', 'link', 'small'])
    expect(await values.outputs.placeOf(ref)).toBe(dist)
  })
})

test('one file is told at once, by its stamp', async () => {
  const { values, stamps } = openAll()
  const path = join(cwd, 'out/a')
  mkdirSync(join(cwd, 'out'))
  writeFileSync(path, 'one')
  const ref = values.encodeSoon(new LocalOutput(path), where)
  if (ref instanceof Promise) throw new Error('a small file takes no wait')
  expect([values.outputs.isRight(ref), values.outputs.placeOf(ref)]).toEqual([true, path])
  writeFileSync(path, 'two')
  expect(values.outputs.isRight(ref)).toBe(false)
  rmSync(join(cwd, 'out'), { recursive: true })
  expect(values.outputs.isRight(ref)).toBe(false)
  await values.decode(ref)
  expect([readFileSync(path, 'utf8'), values.outputs.isRight(ref)]).toEqual(['one', true])
  expect(stamps.settle()).toBeLessThan(2)
})

describe('content', () => {
  test.each<[name: string, content: Buffer, inline: boolean]>([
    ['nothing', Buffer.from(''), true],
    ['a little text', Buffer.from('ünï ✓ \0 \\ "'), true],
    ['text of 1 KiB', Buffer.alloc(1_024, 'a'), true],
    ['longer text', Buffer.alloc(1_025, 'a'), false],
    ['what is no text', Buffer.from([0xff, 0xfe]), false],
    ['half a character', Buffer.from([0x61, 0xc3]), false],
  ])('%s comes back as it was', async (_name, content, inline) => {
    const { values, blobs } = openAll()
    const path = join(cwd, 'a')
    writeFileSync(path, content, { mode: 0o755 })
    const ref = await values.encode(new LocalFile(path), where)
    expect([(await blobsOf(ref, blobs)).length, existsSync(join(top, 'store'))]).toEqual(
      inline ? [0, false] : [1, true],
    )
    rmSync(path)
    await values.decode(ref)
    expect(readFileSync(path)).toEqual(content)
    expect(await values.outputs.isRight(ref)).toBe(true)
  })

  test('of many small files is one blob, unless they are many megabytes', async () => {
    const { values, blobs } = openAll()
    const dist = join(cwd, 'dist')
    mkdirSync(dist)
    for (let index = 0; index < 300; index++) writeFileSync(join(dist, `f${index}`), `${index}`)
    const ref = await values.encode(new LocalDir(dist), where)
    expect(await blobsOf(ref, blobs)).toHaveLength(1)
    rmSync(dist, { recursive: true })
    await values.decode(ref)
    expect(readFileSync(join(dist, 'f299'), 'utf8')).toBe('299')
    expect(await values.outputs.isRight(ref)).toBe(true)
  })
})
