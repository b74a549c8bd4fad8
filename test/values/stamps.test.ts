import {
  appendFileSync,
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { hash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Refusal } from '../../src/util/diagnostic.ts'
import { isRacy, loadStamps, saveStamps, saveStampsOf, Stamps, stampsOf } from '../../src/values/stamps.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tutti-stamps-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const sha = (text: string): string => hash('sha256', text, 'hex')
function write(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}
/** Until a file that was written just now is no longer racy. */
async function letTickPass(path: string): Promise<void> {
  await vi.waitUntil(() => !isRacy(statSync(path), Date.now()), { interval: 2 })
}
const refusalOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'nothing refused',
    problem =>
      problem instanceof Refusal ? problem.diagnostics[0]!.code : String((problem as { code?: unknown }).code),
  )

describe('P1: a hash is given again only when nothing can have changed', () => {
  const second = 1_790_000_000_000
  test.each([
    ['long ago', second + 0.5, second + 0.5, second + 100, false],
    ['within a tick', second + 0.5, second + 0.5, second + 15, true],
    ['long ago for a fine clock, not for a coarse one', second, second, second + 100, true],
    ['long ago for any clock', second, second, second + 2_001, false],
    ['changed just now, with an old time', second - 99_999.5, second + 0.5, second + 15, true],
    ['in the future, as after a clock went back', second + 60_000.5, second + 0.5, second + 100, true],
  ])('%s', (_name, mtimeMs, ctimeMs, lookedAtMs, racy) => {
    expect(isRacy({ mtimeMs, ctimeMs, size: 1, ino: 1 }, lookedAtMs)).toBe(racy)
  })

  const changes: readonly [name: string, change: (path: string) => void][] = [
    ['of the same size', path => writeFileSync(path, 'two')],
    [
      'with the old time set again',
      path => {
        const { atime, mtime } = statSync(path)
        writeFileSync(path, 'two')
        utimesSync(path, atime, mtime)
      },
    ],
    [
      'by another file moved over it',
      path => {
        writeFileSync(`${path}2`, 'two')
        renameSync(`${path}2`, path)
      },
    ],
    [
      'through another name of it',
      path => {
        linkSync(path, `${path}2`)
        writeFileSync(`${path}2`, 'two')
      },
    ],
    [
      'emptied and filled',
      path => {
        truncateSync(path)
        appendFileSync(path, 'two')
      },
    ],
  ]
  test.each(changes)('a change %s is seen', async (_name, change) => {
    const stamps = new Stamps()
    const path = write('a', 'one')
    await letTickPass(path)
    expect((await stamps.hashOf(path)).hash).toBe(sha('one'))
    expect(stamps.known(path, statSync(path))).toBe(sha('one'))
    change(path)
    expect(stamps.known(path, statSync(path))).toBeUndefined()
    expect((await stamps.hashOf(path)).hash).toBe(sha('two'))
  })

  test('changes of one size within one tick are all seen', async () => {
    const stamps = new Stamps()
    const path = join(folder, 'a')
    for (let round = 0; round < 300; round++) {
      writeFileSync(path, String(1_000 + round))
      expect(stamps.hashNow(path)).toEqual({ hash: sha(String(1_000 + round)), sizeBytes: 4 })
    }
  })

  test('random edits, settled at random times, are never confused', async () => {
    const edit = fc.record({
      file: fc.nat(2),
      text: fc.nat(9),
      then: fc.constantFrom('look', 'settle', 'list', 'nothing'),
    })
    await fc.assert(
      fc.property(fc.array(edit, { maxLength: 60 }), edits => {
        const stamps = new Stamps()
        for (const { file, text, then } of edits) {
          const path = join(folder, `f${file}`)
          writeFileSync(path, `x${text}`)
          if (then === 'settle') stamps.settle()
          if (then === 'list') stamps.listNow(folder)
          if (then === 'look') expect(stamps.hashNow(path).hash).toBe(sha(`x${text}`))
        }
      }),
      { numRuns: 100 },
    )
  })

  test('what was racy is settled later, without being asked for', async () => {
    const stamps = new Stamps()
    const path = write('a', 'one')
    stamps.hashNow(path)
    stamps.listNow(folder)
    expect([stamps.known(path, statSync(path)), stamps.settle()]).toEqual([undefined, 2])
    await letTickPass(path)
    expect(stamps.settle()).toBe(0)
    expect(stamps.known(path, statSync(path))).toBe(sha('one'))
    expect(stamps.known(folder, statSync(folder))).toBe(stamps.listNow(folder))
  })

  test('a file in the future is read each time', async () => {
    const stamps = new Stamps()
    const path = write('a', 'one')
    const tomorrow = new Date(Date.now() + 86_400_000)
    utimesSync(path, tomorrow, tomorrow)
    await vi.waitUntil(() => Date.now() > statSync(path).ctimeMs + 30)
    expect([stamps.hashNow(path).hash, stamps.known(path, statSync(path))]).toEqual([sha('one'), undefined])
  })
})

describe('P2: a file that changes while it is read', () => {
  test('is read again, and refused when it goes on', async () => {
    const stamps = new Stamps()
    // Long enough to be read in pieces; appended to between any two of them.
    const path = write('log', 'x'.repeat(4_000_000))
    let on = true
    const writing = (async () => {
      while (on) {
        appendFileSync(path, 'y')
        await new Promise(setImmediate)
      }
    })()
    expect(await refusalOf(stamps.hashOf(path))).toBe('SOURCE_CHANGING')
    on = false
    await writing
    expect((await stamps.hashOf(path)).hash).toBe(sha(readFileSync(path, 'utf8')))
  })

  test('a folder, and what is gone, are told as the system tells them', async () => {
    const stamps = new Stamps()
    expect(await refusalOf(stamps.hashOf(folder))).toBe('EISDIR')
    expect(await refusalOf(stamps.hashOf(join(folder, 'none')))).toBe('ENOENT')
    expect(() => stamps.listNow(write('a', ''))).toThrow(/ENOTDIR/)
  })
})

test('files of all sizes have the hash of their content', async () => {
  const stamps = new Stamps()
  for (const size of [0, 1, 262_143, 262_144, 262_145, 1_000_000]) {
    const path = write(`f${size}`, 'z'.repeat(size))
    const expected = { hash: sha('z'.repeat(size)), sizeBytes: size }
    expect([await stamps.hashOf(path), stamps.hashNow(path)]).toEqual([expected, expected])
  }
})

test('the hash of a folder changes with its names and their kinds only', () => {
  const stamps = new Stamps()
  writeFileSync(join(folder, 'a'), '1')
  const before = stamps.listNow(folder)
  writeFileSync(join(folder, 'a'), '2')
  chmodSync(join(folder, 'a'), 0o755)
  expect(stamps.listNow(folder)).toBe(before)
  writeFileSync(join(folder, 'b'), '2')
  expect(stamps.listNow(folder)).not.toBe(before)
  rmSync(join(folder, 'b'))
  expect(stamps.listNow(folder)).toBe(before)
  rmSync(join(folder, 'a'))
  mkdirSync(join(folder, 'a'))
  expect(stamps.listNow(folder)).not.toBe(before)
})

describe('P3: the file of stamps', () => {
  const file = (): string => join(folder, 'store', 'fresh', 'stamps')

  test('gives back what was saved', async () => {
    const stamps = new Stamps()
    const paths = ['a', 'ünï ✓', 'c'].map(name => write(name, name))
    await letTickPass(paths[2]!)
    for (const path of paths) stamps.hashNow(path)
    expect(stamps.isChanged).toBe(true)
    saveStamps(stamps, file())
    expect(stamps.isChanged).toBe(false)
    const again = loadStamps(file())
    expect([...again.entries()]).toEqual([...stamps.entries()])
    for (const path of paths) expect(again.known(path, statSync(path))).toBe(stamps.hashNow(path).hash)
    expect(again.isChanged).toBe(false)
  })

  test('of a store is one for all in a process; one that cannot be written costs time only', async () => {
    const store = join(folder, 'store')
    const path = write('a', 'one')
    await letTickPass(path)
    expect(stampsOf(store)).toBe(stampsOf(store))
    stampsOf(store).hashNow(path)
    writeFileSync(store, 'a file where the folder belongs')
    saveStampsOf(store)
    rmSync(store)
    saveStampsOf(store)
    expect(loadStamps(file()).known(path, statSync(path))).toBe(sha('one'))
  })

  test('is empty when it is not there, or damaged at any place', async () => {
    expect([...loadStamps(file()).entries()]).toEqual([])
    const path = write('a', 'one')
    await letTickPass(path)
    const stamps = new Stamps()
    stamps.hashNow(path)
    saveStamps(stamps, file())
    const whole = readFileSync(file())
    for (let at = 0; at < whole.length; at++) {
      const bytes = Buffer.from(whole)
      bytes[at]! ^= 1
      writeFileSync(file(), bytes)
      expect([...loadStamps(file()).entries()]).toEqual([])
    }
    writeFileSync(file(), whole.subarray(0, -1))
    expect([...loadStamps(file()).entries()]).toEqual([])
    saveStamps(new Stamps(), file())
    expect([...loadStamps(file()).entries()]).toEqual([])
  })
})
