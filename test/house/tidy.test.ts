/**
 * The rules that a machine holds (STYLE.md, "Nets"). Every check is a row: the checkout must give no violation, and the
 * planted one must be found, so that a check which has gone blind fails too.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { anyTypes, impurities, staleCodes, uncitedInvariants, undocumentedCodes } from './code.ts'
import { deadExports, deadFiles, floorViolations, importCycles, packageViolations } from './imports.ts'
import { type Project, projectOf, readProject, root } from './project.ts'
import { leftovers, lockViolations, machinePaths, registryAddresses } from './text.ts'

interface Check {
  readonly rule: string
  readonly check: (project: Project) => string[]
  /** Files with violations, and exactly what the check must say about them. */
  readonly planted: readonly { readonly files: Readonly<Record<string, string>>; readonly found: readonly string[] }[]
}

const plant = (files: Readonly<Record<string, string>>, ...found: readonly string[]) => ({ files, found })

const CHECKS: readonly Check[] = [
  {
    rule: 'imports point down, never up or sideways, types included',
    check: floorViolations,
    planted: [
      plant({ 'src/core/a.ts': "import '../store/b.ts'" }, 'src/core/a.ts imports src/store/b.ts: store is above core'),
      plant(
        { 'src/dsl/a.ts': "import type { B } from '../store/b.ts'" },
        'src/dsl/a.ts imports src/store/b.ts: dsl and store are on one floor',
      ),
      plant(
        { 'src/dsl/a.ts': "let x: import('../exec/b.ts').B" },
        'src/dsl/a.ts imports src/exec/b.ts: exec is above dsl',
      ),
      plant({ 'src/dsl/a.ts': "export * from '../run/b.ts'" }, 'src/dsl/a.ts imports src/run/b.ts: run is above dsl'),
      plant(
        { 'src/run/a.ts': "const b = () => import('../cli/b.ts')" },
        'src/run/a.ts imports src/cli/b.ts: cli is above run',
      ),
      plant({ 'src/run/a.ts': "import '../index.ts'" }, 'src/run/a.ts imports src/index.ts: index.ts is above run'),
      plant(
        { 'src/core/graph/a.ts': "import '../engine/b.ts'" },
        'src/core/graph/a.ts imports src/core/engine/b.ts: engine is above graph',
      ),
      plant({ 'src/misc/a.ts': "import '../util/b.ts'" }, 'src/misc/a.ts imports src/util/b.ts: misc is on no floor'),
      plant({ 'src/cli/a.ts': "import '../index.ts'; import './b.ts'; import '../util/c.ts'" }),
    ],
  },
  {
    rule: 'no two files import one another, types included',
    check: importCycles,
    planted: [
      plant(
        { 'src/a.ts': "import './b.ts'", 'src/b.ts': "import './c.ts'", 'src/c.ts': "import type { A } from './a.ts'" },
        'src/a.ts > src/b.ts > src/c.ts > src/a.ts',
      ),
      plant({ 'src/a.ts': "import './b.ts'; import './c.ts'", 'src/b.ts': "import './c.ts'", 'src/c.ts': '' }),
    ],
  },
  {
    rule: 'every file is reached from an entry',
    check: deadFiles,
    planted: [
      plant(
        {
          'src/index.ts': "export { a } from './dsl/a.ts'",
          'src/dsl/a.ts': "export const a = new URL('./worker.ts', import.meta.url)",
          'src/dsl/worker.ts': '',
          'src/dsl/dead.ts': "import './a.ts'",
          'test/dead.test.ts': "import '../src/dsl/dead.ts'",
        },
        'src/dsl/dead.ts is reached from no entry',
      ),
    ],
  },
  {
    rule: 'every export is imported somewhere, or public',
    check: deadExports,
    planted: [
      plant(
        {
          'src/index.ts': "export * from './dsl/a.ts'; export { b } from './dsl/b.ts'",
          'src/dsl/a.ts': 'export const open = 1',
          'src/dsl/b.ts':
            'export const b = 1; export const dead = 2; export type Dead = 1; export type Shape = 1; export function c(x: Shape) {}',
          'test/c.test.ts': "import { c } from '../src/dsl/b.ts'",
        },
        'src/dsl/b.ts exports dead, which nobody imports',
        'src/dsl/b.ts exports Dead, which nobody imports',
      ),
      plant({ 'src/dsl/a.ts': 'export const a = 1', 'src/dsl/b.ts': "import * as all from './a.ts'" }),
      plant({
        'src/dsl/a.ts': 'export const a = 1',
        'src/dsl/b.ts': "export { a as z } from './a.ts'",
        'src/cli/main.ts': "import { z } from '../dsl/b.ts'",
      }),
    ],
  },
  {
    rule: 'src imports the packages that its users get, and they get no others',
    check: packageViolations,
    planted: [
      plant(
        {
          'package.json': '{"dependencies":{"@a/b":"1","idle":"1"},"devDependencies":{"dev":"1"}}',
          'src/cli/a.ts': "import '@a/b/c.js'; import 'node:fs'; import type { D } from 'dev'; import('late/x')",
          'test/a.test.ts': "import 'vitest'",
        },
        'src/cli/a.ts imports dev, which is no dependency',
        'src/cli/a.ts imports late, which is no dependency',
        'idle is a dependency that src does not import',
      ),
    ],
  },
  {
    rule: 'core and util know no host, no clock, no chance',
    check: impurities,
    planted: [
      plant(
        {
          'src/core/a.ts':
            "import 'node:fs'\nimport 'commander'\nDate.now(); new Date()\nMath.random()\nprocess.exit()\nglobalThis.fetch",
        },
        'src/core/a.ts imports node:fs',
        'src/core/a.ts imports commander',
        'src/core/a.ts:3 uses Date.now',
        'src/core/a.ts:3 uses new Date()',
        'src/core/a.ts:4 uses Math.random',
        'src/core/a.ts:5 uses process',
        'src/core/a.ts:6 uses fetch',
      ),
      plant({
        'src/util/a.ts':
          "import '@noble/hashes/sha2.js'\nconst f = (process: string) => new Date(0) + process + a.fetch; const o = { fetch: 1 }",
      }),
    ],
  },
  {
    rule: 'nothing is any without a reason',
    check: anyTypes,
    planted: [
      plant(
        {
          'src/dsl/a.ts':
            "// any\nconst a: any = 'any'\nconst b = a as any[]\n// biome-ignore lint/suspicious/noExplicitAny: the shape is the library's, which has none\ntype C = any",
        },
        'src/dsl/a.ts:2 says any',
        'src/dsl/a.ts:3 says any',
      ),
    ],
  },
  {
    rule: 'every numbered invariant has one home and a test that cites it',
    check: uncitedInvariants,
    planted: [
      plant(
        {
          'src/store/a.ts': '/**\n *   Z1. One.\n *   Z2. Two.\n */',
          'src/store/b.ts': '/**\n * Z1. Again.\n */',
          'src/exec/c.ts':
            '/**\n * Z1. Another folder may use it too, and then needs a test of its own.\n * Z3. Three.\n */',
          'test/store/a.test.ts': "test('Z1: one')",
          'test/faults/c.test.ts': "import '../../src/exec/c.ts'; test('Z3: three')",
        },
        'src/store/a.ts: no test cites Z2',
        'src/store/b.ts: Z1 is an invariant of src/store/a.ts already',
        'src/exec/c.ts: no test cites Z1',
      ),
    ],
  },
  {
    rule: 'every error code is documented',
    check: undocumentedCodes,
    planted: [
      plant(
        {
          'src/dsl/a.ts':
            "function refuse(code: string) {}\nconst bad = (at: 1, code: string) => 1\nrefuse('ONE'); bad(1, x ? 'TWO_A' : 'TWO_B')\nx = { code: 'THREE', name: 'NOT_ONE' }",
          'docs/errors/dsl.txt': 'ONE\tFirst.\nTWO_A\tSecond.\n',
        },
        'src/dsl/a.ts:3: TWO_B is in no docs/errors/*.txt',
        'src/dsl/a.ts:4: THREE is in no docs/errors/*.txt',
      ),
    ],
  },
  {
    rule: 'every documented error code exists, and is documented once',
    check: staleCodes,
    planted: [
      plant(
        {
          'src/a.ts': "refuse('ONE')",
          'docs/errors/a.txt': 'ONE\tFirst.\nGONE\tOld.',
          'docs/errors/b.txt': 'ONE\tAgain.',
        },
        'docs/errors: GONE is used nowhere',
        'docs/errors: ONE is documented twice',
      ),
    ],
  },
  {
    rule: 'nothing is left to do without an owner and an end',
    check: leftovers,
    planted: [
      plant(
        { 'src/a.ts': `// ${'FIX'}ME now\n// ${'TO'}DO later\n// ${'TO'}DO(ana): when Node 20 ends` },
        `src/a.ts:1: ${'FIX'}ME is left over`,
        `src/a.ts:2: ${'TO'}DO is left over`,
      ),
    ],
  },
  {
    rule: 'no file names a folder of one machine',
    check: machinePaths,
    planted: [
      plant(
        { 'a.md': `see "${'/ho'}me/ana/x"\nhttps://a.b${'/ho'}me/c and ./tmp/x` },
        `a.md:1: ${'/ho'}me/a is a path of one machine`,
      ),
      plant({ 'a.ts': `run('${'/t'}mp')` }, `a.ts:1: ${'/t'}mp is a path of one machine`),
    ],
  },
  {
    rule: 'no file names a registry',
    check: registryAddresses,
    planted: [
      plant(
        { '.npmrc': `a=https://${'regi'}stry.example.org/x` },
        `.npmrc:1: https://${'regi'}stry.example.org/x is an address of a registry`,
      ),
    ],
  },
  {
    rule: 'the lock file serves every machine',
    check: lockViolations,
    planted: [
      plant(
        {
          'package-lock.json':
            '{"packages":{"node_modules/a":{"resolved":"https://x/a.tgz","optionalDependencies":{"a-mac":"1"}}}}',
        },
        'node_modules/a says where it came from',
        'node_modules/a: a-mac is not in package-lock.json',
      ),
    ],
  },
]

const checkout = readProject()

describe.each(CHECKS)('$rule', ({ check, planted }) => {
  test('holds here', () => expect(check(checkout)).toEqual([]))
  test.each(planted)('finds what is planted: $found', ({ files, found }) => {
    expect([...check(projectOf(files))].sort()).toEqual([...found].sort())
  })
})

describe('core and util compile without the types of Node and the DOM', () => {
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const compile = (config: string) => spawnSync(process.execPath, [tsc, '-p', config], { cwd: root, encoding: 'utf8' })

  test('they do', () => expect(compile('src/core/tsconfig.json')).toMatchObject({ status: 0, stdout: '' }))

  test.each(['process.exit()', 'document.title', "import 'node:fs'"])('%s does not', statement => {
    const folder = mkdtempSync(join(tmpdir(), 'tutti-core-'))
    writeFileSync(join(folder, 'planted.ts'), `${statement}\n`)
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ extends: join(root, 'src/core/tsconfig.json'), include: ['.'] }),
    )
    const { status, stdout } = compile(folder)
    rmSync(folder, { recursive: true })
    expect(status).not.toBe(0)
    expect(stdout).toMatch(/planted\.ts\(1,\d+\): error/)
  })
})

test('docs/errors.md is what scripts/errors.mjs makes of docs/errors', () => {
  const made = execFileSync(process.execPath, ['scripts/errors.mjs', '--print'], { cwd: root, encoding: 'utf8' })
  expect(readFileSync(join(root, 'docs/errors.md'), 'utf8'), 'npm run errors').toBe(made)
})
