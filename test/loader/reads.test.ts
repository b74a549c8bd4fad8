/** What loading and tracing read becomes a source; clock and randomness are refused there; running tasks are left alone. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openBundle } from '../../src/loader/index.ts'
import { hashText } from '../../src/util/hash.ts'
import { brief, bundleOf, language, load, marked, refusal } from './rig.ts'

beforeEach(() => {
  process.env['TUTTI_TEST_A'] = 'alpha'
})
afterEach(() => {
  delete process.env['TUTTI_TEST_A']
})

const env = (value: string | null, name = 'TUTTI_TEST_A') => ({ kind: 'env', name, value })
const file = (path: string, text: string | null) => ({
  kind: 'file',
  path,
  hash: text === null ? null : hashText(text),
})
const folder = (path: string, names: readonly string[] | null) => ({
  kind: 'folder',
  path,
  hash: names === null ? null : hashText(names.join('\n')),
})

const HERE = 'const here = import.meta.dirname\n'
const READS: readonly (readonly [code: string, reads: readonly unknown[]])[] = [
  ['process.env.TUTTI_TEST_A', [env('alpha')]],
  ['process.env["TUTTI_TEST_B"]', [env(null, 'TUTTI_TEST_B')]],
  ['const { TUTTI_TEST_A } = process.env', [env('alpha')]],
  ['process.env.TUTTI_TEST_C = "c"; process.env.TUTTI_TEST_C; delete process.env.TUTTI_TEST_C', []],
  ['const { env } = process; env.TUTTI_TEST_A', [env('alpha')]],
  ['"TUTTI_TEST_A" in process.env', [env('alpha')]],
  ['import { env } from "node:process"; env.TUTTI_TEST_A', [env('alpha')]],
  ['import p from "process"; p.env.TUTTI_TEST_A', [env('alpha')]],
  ['import { readFileSync } from "node:fs"; readFileSync(here + "/a.txt", "utf8")', [file('a.txt', 'A')]],
  ['import fs from "fs"; fs.readFileSync(new URL("./a.txt", import.meta.url))', [file('a.txt', 'A')]],
  [
    'import * as fs from "node:fs"; fs.existsSync(here + "/none"); fs.existsSync(here + "/a.txt")',
    [file('none', null), file('a.txt', 'A')],
  ],
  ['import { readdirSync } from "node:fs"; readdirSync(here + "/sub")', [folder('sub', ['b.txt'])]],
  [
    'import { statSync } from "node:fs"; statSync(here + "/a.txt"); statSync(here + "/sub")',
    [file('a.txt', 'A'), folder('sub', ['b.txt'])],
  ],
  ['import { readFile } from "node:fs/promises"; await readFile(here + "/a.txt")', [file('a.txt', 'A')]],
  ['import { promises } from "node:fs"; await promises.readdir(here + "/sub")', [folder('sub', ['b.txt'])]],
  ['try { (await import("node:fs")).readFileSync(here + "/none") } catch {}', [file('none', null)]],
]

describe('reads', () => {
  test.each(READS)('%s', async (code, reads) => {
    const files = { 'tutti.ts': `${HERE}${code}\nexport {}`, 'a.txt': 'A', 'sub/b.txt': 'B' }
    expect((await load(files)).reads).toEqual(reads)
  })

  test('of a trace are told apart from those of the load, and a running task makes none', async () => {
    const loaded = await load(`process.env.TUTTI_TEST_A\nexport const go = () => process.env.TUTTI_TEST_B`)
    const go = loaded.exports['go'] as () => unknown
    expect(loaded.trace(() => [go(), go()]).reads).toEqual([env(null, 'TUTTI_TEST_B')])
    go()
    expect(loaded.reads).toEqual([env('alpha')])
    expect(loaded.trace(() => 1)).toEqual({ value: 1, reads: [] })
  })

  test('of an earlier load answer the same again although the world has changed', async () => {
    const source = `import { readFileSync } from 'node:fs'\nconst path = import.meta.dirname + '/a.txt'\nexport const out = [process.env.TUTTI_TEST_A, readFileSync(path, 'utf8'), String(readFileSync(path))]\nexport const now = () => [process.env.TUTTI_TEST_A, readFileSync(path, 'utf8')]`
    const { bundle, dir } = await bundleOf({ 'tutti.ts': source, 'a.txt': 'A' })
    const first = await openBundle(bundle, { dir, provide: { tutti: language } })
    process.env['TUTTI_TEST_A'] = 'changed'
    writeFileSync(join(dir, 'a.txt'), 'changed')
    const again = await openBundle(bundle, {
      dir,
      provide: { tutti: language },
      reads: first.reads,
      readContents: first.readContents,
    })
    expect(again.exports['out']).toEqual(['alpha', 'A', 'A'])
    expect(again.reads).toEqual(first.reads)
    expect((again.exports['now'] as () => unknown)()).toEqual(['changed', 'changed'])
  })
})

const TABOOS: readonly (readonly [code: string, name: string])[] = [
  ['CLOCK_IN_TRACE', 'Date.¦now()'],
  ['CLOCK_IN_TRACE', '¦new Date()'],
  ['CLOCK_IN_TRACE', '¦Date()'],
  ['CLOCK_IN_TRACE', 'const { now } = Date; Date.parse("x"); Date.¦now()'],
  ['CLOCK_IN_TRACE', 'performance.¦now()'],
  ['CLOCK_IN_TRACE', 'process.¦hrtime()'],
  ['CLOCK_IN_TRACE', 'process.hrtime.¦bigint()'],
  ['CLOCK_IN_TRACE', 'const p = process; p.¦uptime()'],
  ['CLOCK_IN_TRACE', 'perf.¦now()'],
  ['RANDOM_IN_TRACE', 'Math.¦random()'],
  ['RANDOM_IN_TRACE', '[1].¦map(Math.random)'],
  ['RANDOM_IN_TRACE', 'crypto.¦randomUUID()'],
  ['RANDOM_IN_TRACE', 'crypto.¦getRandomValues(new Uint8Array(1))'],
  ['RANDOM_IN_TRACE', '¦uuid()'],
  ['RANDOM_IN_TRACE', 'c.¦randomBytes(1)'],
]

describe('clock and randomness', () => {
  test.each(TABOOS)('%s: %s', async (code, text) => {
    const head = `import c, { randomUUID as uuid } from 'node:crypto'\nimport { performance as perf } from 'node:perf_hooks'\n`
    const atTop = marked(`${head}${text}`)
    expect((await refusal(() => load(atTop.text))).map(brief)).toEqual([`${code} tutti.ts:${atTop.place}`])
    const inside = marked(`${head}export const go = () => { ${text} }`)
    const loaded = await load(inside.text)
    const go = loaded.exports['go'] as () => void
    expect((await refusal(() => loaded.trace(go))).map(brief)).toEqual([`${code} tutti.ts:${inside.place}`])
    go()
  })

  test('what tells no time is free, and dates stay dates', async () => {
    const { exports } = await load(`
      class Day extends Date {}
      const d = new Date(0)
      export const out = [d instanceof Date, d.constructor === Date, new Date(2020, 1).getFullYear(), Date.UTC(1970, 0), new Day(5).getTime(), new Day(1) instanceof Day,
        Math.max(1, 2), Math.floor(1.5), process.cwd() === process.cwd(), typeof process.on, process.version.length > 1, typeof crypto.subtle, performance.timeOrigin > 0, typeof Date]
    `)
    expect(exports['out']).toEqual([
      true,
      true,
      2020,
      0,
      5,
      true,
      2,
      1,
      true,
      'function',
      true,
      'object',
      true,
      'function',
    ])
  })

  test('packages are not watched', async () => {
    const { exports, reads } = await load({
      'tutti.ts': `import { at } from 'pkg'\nexport const out = at`,
      'node_modules/pkg/package.json': '{"name":"pkg","version":"1.0.0","type":"module","exports":"./i.js"}',
      'node_modules/pkg/i.js': 'export const at = Date.now() + Math.random() + (process.env.X ? 1 : 0)',
    })
    expect(exports['out']).toBeGreaterThan(0)
    expect(reads).toEqual([])
  })
})
