import { closeSync, existsSync, fstatSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openWindow } from '../../src/sight/window.ts'
import { newFolder, shown } from './suite.ts'

let folder: string
let file: number | undefined
beforeEach(() => {
  folder = newFolder()
  file = undefined
})
afterEach(() => {
  if (file !== undefined) closeSync(file)
  rmSync(folder, { recursive: true, force: true })
})

/** What strace would have written by then: the window sets its first mark when it begins, its second at the end. */
const log = (...lines: readonly string[]) => logText(lines.map(line => `${line}\n`).join(''))
const logText = (text: string): void => void writeSync((file ??= openSync(join(folder, 'log'), 'w')), text)
const mark = (number: number) => `1 access("/.tutti/sight/mark${number}", F_OK) = -1 ENOENT (No such file or directory)`
const open = (pid: number, path: string) => `${pid} open("${path}", O_RDONLY) = 3`

test('S9: what was done between two moments is told, by whoever still runs', () => {
  const window = openWindow(join(folder, 'log'), { cwd: '/w' })
  log(open(1, 'before'), '1 fork() = 2', '1 fork() = 3', '3 +++ exited with 0 +++', mark(1))
  const first = window.begin()
  log(open(2, 'a'), '1 fork() = 4', open(4, 'b'), '4 +++ exited with 0 +++', open(1, 'a'), mark(2))
  expect(shown(first.end()!)).toEqual([
    '>0 in /w',
    '  read /w/a',
    '  absent /.tutti/sight/mark2',
    '0>1 in /w',
    '  read /w/a',
    '0>3 in /w exited 0',
    '  read /w/b',
  ])
  log(open(2, 'in between'), mark(3))
  const second = window.begin()
  log(open(2, 'a'), '2 +++ exited with 0 +++', mark(4))
  expect(shown(second.end()!)).toEqual([
    '>0 in /w',
    '  absent /.tutti/sight/mark4',
    '0>1 in /w exited 0',
    '  read /w/a',
  ])
})

test('S9: a line that is written by halves is one line', () => {
  const window = openWindow(join(folder, 'log'), { cwd: '/w' })
  log(mark(1), '')
  logText('1 open("a')
  const sighting = window.begin()
  log('b", O_RDONLY) = 3', mark(2))
  expect(shown(sighting.end()!)).toContain('  read /w/ab')
})

test.each<[string, () => void, () => void]>([
  ['there is no log', () => undefined, () => undefined],
  ['the log does not know of the beginning', () => log(open(1, 'a')), () => log(mark(2))],
  ['the log ends before the end', () => log(mark(1)), () => log(open(1, 'a'))],
])('S9: nothing is told when %s', (_, before, after) => {
  const window = openWindow(join(folder, 'log'), { cwd: '/w' })
  before()
  const sighting = window.begin()
  after()
  expect(sighting.end()).toBeUndefined()
})

test('a long log is given back to the disk, and nothing is lost by it', () => {
  const window = openWindow(join(folder, 'log'), { cwd: '/w' })
  const filler = `${open(1, 'x'.repeat(4_000))}\n`.repeat(250)
  log(mark(1))
  const first = window.begin()
  for (let mebibytes = 0; mebibytes < 70; mebibytes++) logText(filler)
  log(mark(2))
  expect(shown(first.end()!)).toHaveLength(3)
  log(mark(3))
  const second = window.begin()
  expect(fstatSync(file!).size).toBe(0)
  log(open(1, 'a'), mark(4))
  expect(shown(second.end()!)).toContain('  read /w/a')
  expect(existsSync(join(folder, 'log'))).toBe(false)
})
