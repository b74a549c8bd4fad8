/** As many files as a source may have to name. */
import { linkSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isUnchanged } from '../../src/values/seen.ts'
import { lookAt } from '../../src/values/sources.ts'
import { Stamps } from '../../src/values/stamps.ts'

const FOLDERS = 100
const FILES_EACH = 1_000

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tutti-many-'))
  for (let index = 0; index < FOLDERS; index++) {
    const path = join(folder, `d${index}`)
    mkdirSync(path)
    writeFileSync(join(path, 'f0'), String(index))
    // Other names of one file are made faster than files.
    for (let file = 1; file < FILES_EACH; file++) linkSync(join(path, 'f0'), join(path, `f${file}`))
  }
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('100,000 files fit into bounded memory; nothing is read a second time, and a new one is noticed', async () => {
  const stamps = new Stamps()
  const { seen } = await lookAt({ kind: 'files', globs: ['**'] }, folder, { stamps })
  expect([seen.files.length, seen.folders.length]).toEqual([FOLDERS * FILES_EACH, FOLDERS + 1])
  expect(process.memoryUsage().heapUsed / 2 ** 20).toBeLessThan(400)
  stamps.settle()
  const now = { stamps, env: {}, nowMs: Date.now() }
  const startMs = performance.now()
  expect(isUnchanged(seen, now)).toBe(true)
  // Some hundred ms; a second reading takes seconds.
  expect(performance.now() - startMs).toBeLessThan(5_000)
  writeFileSync(join(folder, 'd99', 'more'), '')
  expect(isUnchanged(seen, now)).toBe(false)
})
