/** Where a file lies, who loads it and what is cached does not tell; what it read while it was loaded does. */
import { execFileSync } from 'node:child_process'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build as bundle } from 'esbuild'
import { afterEach, describe, expect, test } from 'vitest'
import { codeOf } from '../../src/dsl/code.ts'
import { collectDefinitions } from '../../src/dsl/definition.ts'
import { currentProjects } from '../../src/dsl/hooks.ts'
import * as tutti from '../../src/index.ts'
import { buildBundle, decodeBundle, encodeBundle, openBundle } from '../../src/loader/index.ts'
import { build, codes, codesIn, keyOf, withHead } from './codes.ts'
import { project, type Files } from './rig.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

const MANY: Files = withHead({
  'tutti.ts': `import { task } from 'tutti'
import { x } from './lib/l.ts'
import data from './d.json'
import old from './c.cjs'
const settings: any = {}
Object.assign(settings, { x })
export const a = task(() => [settings, data, old])
export const b = task(function* () { yield 1 })
export const c = [1, 2].map(n => task(() => n))`,
  'lib/l.ts': `import { y } from '../m.mjs'\nexport enum E { A }\nexport const x = () => [y, E.A]`,
  'm.mjs': 'export const y = 1',
  'd.json': '[1]',
  'c.cjs': 'module.exports = 1',
})

const keys = (all: Awaited<ReturnType<typeof codes>>) => [...all].map(([name, code]) => [name, keyOf(code)])

describe('K4: equal sources have equal hashes', () => {
  test('in two folders, from a kept bundle, and through a cache that knows all', async () => {
    const [one, two] = [project(MANY), project(MANY)]
    const made = await build(join(one, 'tutti.ts'))
    const expected = keys(await codesIn(made, one))
    expect(expected.map(([name]) => name)).toEqual(['a', 'b', 'c', 'c~2'])
    expect(expected.slice(2).map(([, key]) => key)).toEqual(['open n', 'open n'])
    expect(keys(await codesIn(await build(join(two, 'tutti.ts')), two))).toEqual(expected)
    expect(keys(await codesIn(decodeBundle(encodeBundle(made)), one))).toEqual(expected)
    const cache = new Map<string, string>()
    for (const _ of ['made', 'known']) {
      const built = await buildBundle(join(one, 'tutti.ts'), { cache })
      expect(keys(await codesIn(built.ok ? built.value.bundle : made, one))).toEqual(expected)
    }
  })

  test('in another process', async () => {
    const dir = project(MANY)
    const here = keys(await codesIn(await build(join(dir, 'tutti.ts')), dir))
    const worker = project({ 'entry.ts': WORKER })
    await bundle({
      entryPoints: [join(worker, 'entry.ts')],
      outfile: join(worker, 'worker.mjs'),
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      alias: Object.fromEntries(
        ['loader/index', 'dsl/definition', 'index'].map(name => [`#${name}`, join(root, `src/${name}.ts`)]),
      ),
      nodePaths: [join(root, 'node_modules')],
      logLevel: 'silent',
    })
    symlinkSync(join(root, 'node_modules'), join(worker, 'node_modules'))
    const output = execFileSync(process.execPath, [join(worker, 'worker.mjs'), dir], { encoding: 'utf8' })
    const there: unknown = JSON.parse(output)
    expect(there).toEqual({ keys: here.map(([, key]) => key) })
  })

  test('whichever file of theirs was asked for', async () => {
    const dir = project(
      withHead({
        'tutti.ts': `export { w } from './api/tutti.ts'\nexport const t = task(() => 1)`,
        'api/tutti.ts': `import { x } from '../lib/l.ts'\nimport { y } from './y.ts'\nconst a = task(() => x + y)\nexport const w = workflow(() => a())`,
        'api/y.ts': 'export const y = 1',
        'lib/l.ts': 'export const x = 1',
      }),
    )
    const all = await codesIn(await build(join(dir, 'tutti.ts')), dir)
    const alone = await codesIn(await build(join(dir, 'api/tutti.ts')), join(dir, 'api'))
    expect(keyOf(all.get('a'))).toBe(keyOf(alone.get('a')))
    expect(all.get('a')?.kind).toBe('closed')
  })
})

describe('parts', () => {
  test('name what counts', async () => {
    process.env['TUTTI_TEST_A'] = 'x'
    const files = {
      'tutti.ts': `import { x } from './lib/l.ts'
import data from './d.json'
import { z } from 'zed'
const env = process.env.TUTTI_TEST_A
const { p, q } = { p: 1, q: 2 }
const list: any[] = []
list.push(1)
export const a = task(() => [x, data, z, env, p, list])`,
      'lib/l.ts': 'export const x = 1',
      'd.json': '[1]',
      'node_modules/zed/package.json': '{"name":"zed","version":"1.0.0","type":"module","exports":"./i.js"}',
      'node_modules/zed/i.js': 'export const z = 1',
    }
    const code = (await codes(files)).get('a')
    expect(code?.kind === 'closed' && Object.keys(code.parts)).toEqual([
      'own',
      'lib/l.ts:x',
      'tutti.ts:env',
      'tutti.ts:p,q',
      'tutti.ts:list',
      'tutti.ts:statements',
      'tutti.ts:imports',
      'd.json',
      'package:zed',
      'reads',
    ])
  })

  test('of options have closures of their own', async () => {
    let asked: unknown[] = []
    const language = {
      ...tutti,
      task: (...[fn, options]: Parameters<typeof tutti.task>) => {
        const { ready, probe } = options as { ready: () => void; probe: { check: () => void } }
        asked = [fn, ready, probe.check].map(each => codeOf(each)?.().kind === 'closed' && codeOf(each)?.())
        return tutti.task(fn)
      },
    }
    const hashesOf = async (one: string, two: string) => {
      const dir = project({
        'tutti.ts': `import { task } from 'tutti'\nconst check = () => ${two}\nexport const a = task(() => 1, { ready() { return ${one} }, probe: { check } } as {})`,
      })
      await openBundle(await build(join(dir, 'tutti.ts')), { dir, provide: { tutti: language } })
      return asked.map(each => (each as { hash: string }).hash)
    }
    const [own, ready, probe] = await hashesOf('1', '2')
    expect(await hashesOf('3', '2')).toEqual([own, expect.not.stringMatching(ready!), probe])
    expect(await hashesOf('1', '3')).toEqual([own, ready, expect.not.stringMatching(probe!)])
  })
})

/** `counts`: whether a task hangs on what the file reads of the environment while it is loaded. */
const READS: readonly (readonly [why: string, text: string, counts: boolean])[] = [
  ['a constant', `const x = process.env.TUTTI_TEST_A\nexport const a = task(() => x)`, true],
  ['a destructured one', `const { TUTTI_TEST_A: x } = process.env\nexport const a = task(() => x)`, true],
  ['through another', `const y = process.env.TUTTI_TEST_A\nconst x = [y]\nexport const a = task(() => x)`, true],
  [
    'by a function',
    `const get = () => process.env.TUTTI_TEST_A\nconst x = get()\nexport const a = task(() => x)`,
    true,
  ],
  ['by a callback', `const x = [1].map(() => process.env.TUTTI_TEST_A)\nexport const a = task(() => x)`, true],
  [
    'by a getter',
    `const o = { get v() { return process.env.TUTTI_TEST_A } }\nconst x = o.v\nexport const a = task(() => x)`,
    true,
  ],
  [
    'by a statement',
    `const x: any = {}\nif (process.env.TUTTI_TEST_A === '1') x.k = 1\nexport const a = task(() => x)`,
    true,
  ],
  [
    'by a part of Node',
    `import p from 'node:process'\nconst x = p.env.TUTTI_TEST_A\nexport const a = task(() => x)`,
    true,
  ],
  [
    'by a function that it is made of',
    `const make = (n: any) => () => n\nexport const a = task(make(process.env.TUTTI_TEST_A))`,
    true,
  ],
  [
    'a choice of functions',
    `const p = () => 1, q = () => 2\nexport const a = task(process.env.TUTTI_TEST_A === '1' ? p : q)`,
    true,
  ],
  ['one that it does not need', `const x = process.env.TUTTI_TEST_A\nexport const a = task(() => 1)`, false],
  [
    'a function that it calls later',
    `const z = process.env.TUTTI_TEST_A\nconst get = () => process.env.TUTTI_TEST_A\nexport const a = task(() => get())`,
    false,
  ],
  ['options', `export const a = task(() => 1, { name: 'a' + (process.env.TUTTI_TEST_A ?? '').length })`, false],
]

describe('reads', () => {
  afterEach(() => {
    delete process.env['TUTTI_TEST_A']
  })

  test.each(READS)('%s', async (_why, text, counts) => {
    process.env['TUTTI_TEST_A'] = '1'
    const before = [...(await codes(text)).values()].map(keyOf)
    process.env['TUTTI_TEST_A'] = '2'
    const after = [...(await codes(text)).values()].map(keyOf)
    expect(after[0] !== before[0]).toBe(counts)
  })

  test('of an earlier load count as they were', async () => {
    const dir = project(withHead(READS[0]![1]))
    const bundle = await build(join(dir, 'tutti.ts'))
    process.env['TUTTI_TEST_A'] = '1'
    const first = await collectDefinitions(() => openBundle(bundle, { dir, provide: { tutti } }))
    process.env['TUTTI_TEST_A'] = '2'
    const again = await collectDefinitions(() =>
      openBundle(bundle, { dir, provide: { tutti }, reads: first.value.reads }),
    )
    const [a, b] = [first, again].map(each => {
      const definition = each.definitions.get('a')
      return definition && 'code' in definition ? definition.code?.() : undefined
    })
    expect(b).toEqual(a)
  })
})

test('a call belongs to the project of the nearest module of a project', async () => {
  const seen: (string | undefined)[] = []
  const language = { here: () => void seen.push(currentProjects()[0]) }
  const call = `import { here } from 'tutti'\n`
  const dir = project({
    'web/tutti.ts': `import '../api/sub/x.ts'\nimport { lib } from '../lib/l.ts'\nimport './sub/y.ts'\n${call}here(); lib()`,
    'web/sub/y.ts': `${call}here()`,
    'api/tutti.ts': `import { lib } from '../lib/l.ts'\n${call}here(); lib()`,
    'api/sub/x.ts': `import '../tutti.ts'\n${call}here()`,
    'lib/l.ts': `${call}export const lib = () => here()`,
  })
  const bundle = await build(join(dir, 'web/tutti.ts'))
  const { close } = await openBundle(bundle, { dir: join(dir, 'web'), provide: { tutti: language } })
  expect(seen).toEqual(['../api', '../api', '../api', '', '', ''])
  close()
})

const WORKER = `
import { join } from 'node:path'
import { buildBundle, openBundle } from '#loader/index'
import { collectDefinitions } from '#dsl/definition'
import * as tutti from '#index'
const dir = process.argv[2]
const { value: { bundle } } = await buildBundle(join(dir, 'tutti.ts'))
const { definitions } = await collectDefinitions(() => openBundle(bundle, { dir, provide: { tutti } }))
const codes = [...definitions.values()].map(each => each.code())
console.log(JSON.stringify({ keys: codes.map(each => each.hash ?? 'open ' + each.variable) }))
`
