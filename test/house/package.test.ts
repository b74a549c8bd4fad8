/**
 * The package as a user gets it: packed, installed into an empty folder, a tutti.ts written there, compiled and run.
 * Nothing of this checkout is reachable from that folder but the tarball and the compiler.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { root } from './project.ts'

interface Manifest {
  readonly version: string
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>
}

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest
const subpaths = Object.keys(manifest.exports).filter(subpath => !subpath.endsWith('.json'))
const specifiers = subpaths.map(subpath => `tutti${subpath.slice(1)}`)

const TUTTI_TS = `import { task, workflow } from 'tutti'

const greet = task((name: string) => \`hello \${name}\`)
const count = task((text: string) => text.length)

export const hello = workflow(() => {
  const greeting = greet('world')
  return { greeting, length: count(greeting) }
})
`
const EXPECTED = { greeting: 'hello world', length: 11 }

/** The same run from a program, without loader and command line. */
const PROGRAM_TS = `import { run } from 'tutti'
import { hello } from './tutti.ts'

const result = await run(hello, { store: './library-store' })
if (result.kind !== 'ended' || result.status !== 'succeeded') throw new Error(JSON.stringify(result))
console.log(JSON.stringify(result.output))
`

const TSCONFIG = {
  compilerOptions: {
    module: 'nodenext',
    target: 'es2023',
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    // The language must stand on its own: a user may not have the types of Node.
    types: [],
  },
}
/** The other subpaths are for programs, which hand us processes and streams. */
const NODE_TYPES = { types: ['node'], typeRoots: [join(root, 'node_modules/@types')] }

test('package.json opens every public folder, the schema, and nothing else', () => {
  const folders = readdirSync(join(root, 'src')).filter(name => existsSync(join(root, 'src', name, 'index.ts')))
  const wanted = Object.fromEntries([
    ['.', { types: './dist/types/index.d.ts', default: './dist/index.js' }],
    ...folders
      .sort()
      .map(name => [`./${name}`, { types: `./dist/types/${name}/index.d.ts`, default: `./dist/${name}.js` }]),
    ['./lang/asl', { types: './dist/types/lang/asl/index.d.ts', default: './dist/lang-asl.js' }],
    ['./graph.schema.json', './schema/graph.schema.json'],
    ['./package.json', './package.json'],
  ])
  expect(manifest.exports).toEqual(wanted)
})

/** Until the first command line and library exist there is nothing to pack. */
const isWritten = existsSync(join(root, 'src/cli/main.ts')) && existsSync(join(root, 'src/index.ts'))

describe.skipIf(!isWritten)(
  'the packed package, installed elsewhere',
  () => {
    let folder = ''
    const npm = (...args: string[]) =>
      execFileSync('npm', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
    const node = (...args: string[]) => spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', input: '' })
    const tsc = (file: string, settings: object = {}) => {
      const compilerOptions = { ...TSCONFIG.compilerOptions, ...settings }
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: [file] }))
      return node(join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.json')
    }

    beforeAll(() => {
      expect(existsSync(join(root, 'dist/.built')), 'npm run build').toBe(true)
      folder = mkdtempSync(join(tmpdir(), 'tutti-package-'))
      // --ignore-scripts: `prepack` would build again, under the other tests' feet.
      execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], { cwd: root })
      const tarball = readdirSync(folder).find(name => name.endsWith('.tgz'))
      writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'elsewhere', private: true, type: 'module' }))
      writeFileSync(join(folder, 'tutti.ts'), TUTTI_TS)
      npm('install', `./${tarball}`, '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error')
    }, 120_000)

    afterAll(() => rmSync(folder, { recursive: true, force: true }))

    test('it holds what runs and its papers, no sources, no maps', () => {
      const installed = join(folder, 'node_modules/tutti')
      const files = readdirSync(installed, { recursive: true, encoding: 'utf8' }).filter(path =>
        statSync(join(installed, path)).isFile(),
      )
      const tops = new Set(files.map(path => path.split('/')[0]))
      expect([...tops].sort()).toEqual([
        'CHANGELOG.md',
        'LICENSE',
        'NOTICE',
        'README.md',
        'dist',
        'package.json',
        'schema',
      ])
      expect(files.filter(path => /\.map$|(?<!\.d)\.ts$|\.tsbuildinfo$/.test(path))).toEqual([])
    })

    test('the file that the command line starts with is small: the rest is read when it is needed', () => {
      // 25 ms a megabyte, and bare node takes about 40 ms.
      expect(statSync(join(folder, 'node_modules/tutti/dist/cli.js')).size).toBeLessThan(20_000)
    })

    test('tutti --version is its version', () => {
      expect(npm('exec', '--no', '--', 'tutti', '--version').trim()).toBe(manifest.version)
    })

    test('a tutti.ts compiles there in strict mode, without the types of Node', () => {
      expect(tsc('tutti.ts')).toMatchObject({ status: 0, stdout: '' })
    })

    test('an argument of a wrong type does not compile there', () => {
      writeFileSync(join(folder, 'wrong.ts'), TUTTI_TS.replace("greet('world')", 'greet(1)'))
      expect(tsc('wrong.ts').stdout).toMatch(/wrong\.ts\(7,\d+\): error TS2345/)
    })

    test(`every subpath has values and types: ${specifiers.join(', ')}`, () => {
      const imports = specifiers.map((specifier, index) => `import * as all${index} from '${specifier}'\n`).join('')
      const names = specifiers.map((_, index) => `Object.keys(all${index})`).join(', ')
      writeFileSync(join(folder, 'imports.ts'), `${imports}export const names: string[][] = [${names}]\n`)
      expect(tsc('imports.ts', NODE_TYPES)).toMatchObject({ status: 0, stdout: '' })
      const loaded = node('--input-type=module', '-e', `${imports}console.log(JSON.stringify([${names}]))`)
      expect(loaded.stderr).toBe('')
      const found = JSON.parse(loaded.stdout) as string[][]
      expect(specifiers.filter((_, index) => found[index]?.length === 0)).toEqual([])
    })

    test('npx tutti run runs it, and --json ends with its result', () => {
      const ran = spawnSync('npx', ['--no', 'tutti', 'run', '--json'], { cwd: folder, encoding: 'utf8', input: '' })
      expect(ran).toMatchObject({ status: 0 })
      const last = JSON.parse(ran.stdout.trimEnd().split('\n').at(-1) ?? '') as object
      expect(last).toMatchObject({ kind: 'run.ended', status: 'succeeded', output: EXPECTED })
    })

    test('so it does with a state machine, whose input is what is given', () => {
      const machine = { StartAt: 'Pass', States: { Pass: { Type: 'Pass', End: true } } }
      writeFileSync(join(folder, 'order.asl.json'), JSON.stringify(machine))
      const words = ['--no', 'tutti', 'run', 'order.asl.json', '--input', '{"id":1}']
      const ran = spawnSync('npx', words, { cwd: folder, encoding: 'utf8', input: '' })
      expect(ran).toMatchObject({ status: 0 })
      expect(JSON.parse(ran.stdout)).toEqual({ id: 1 })
    })

    test('a program that imports tutti runs it too', () => {
      const program = join(folder, 'program')
      mkdirSync(program)
      // Node 20 runs no TypeScript; the compiler that the user has makes JavaScript of it.
      writeFileSync(join(program, 'tutti.ts'), TUTTI_TS)
      writeFileSync(join(program, 'main.ts'), PROGRAM_TS)
      const options = ['--noEmit', 'false', '--rewriteRelativeImportExtensions', '--outDir', '.']
      const settings = ['--module', 'nodenext', '--target', 'es2023', '--strict', '--types', '']
      const compiled = spawnSync(
        process.execPath,
        [join(root, 'node_modules/typescript/bin/tsc'), ...settings, ...options, 'main.ts', '--ignoreConfig'],
        { cwd: program, encoding: 'utf8' },
      )
      expect(compiled).toMatchObject({ status: 0, stdout: '' })
      const ran = spawnSync(process.execPath, ['main.js'], { cwd: program, encoding: 'utf8', input: '' })
      expect(ran).toMatchObject({ status: 0 })
      expect(JSON.parse(ran.stdout)).toEqual(EXPECTED)
    })
  },
  60_000,
)
