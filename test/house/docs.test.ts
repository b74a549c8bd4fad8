/** The docs say what is so: their TypeScript compiles against the sources, their links and commands exist. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readProject, root } from './project.ts'

const pages = [...readProject().files].filter(([path]) => path.endsWith('.md'))
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }

const blocks = pages.flatMap(([path, text]) =>
  [...text.matchAll(/^```ts\n(.*?)^```/gms)].map(({ 1: code = '', index }) => ({
    at: `${path}:${text.slice(0, index).split('\n').length}`,
    code,
  })),
)

/** There is no language to compile against before the roof is there. */
describe.skipIf(!existsSync(join(root, 'src/index.ts')))('TypeScript in the docs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tutti-docs-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  const fileOf = (index: number): string => `example-${index}.ts`
  let told: readonly string[] = []

  // All at once: what a compiler costs is mostly the library that they all read. Each is a module of its own.
  beforeAll(() => {
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
    for (const [index, { code }] of blocks.entries()) writeFileSync(join(folder, fileOf(index)), `${code}\nexport {}\n`)
    const modules = { tutti: ['src/index.ts'], 'tutti/*': ['src/*/index.ts'], zod: ['node_modules/zod/index.d.ts'] }
    const paths = Object.fromEntries(Object.entries(modules).map(([name, [path = '']]) => [name, [join(root, path)]]))
    const settings = { types: ['node'], typeRoots: [join(root, 'node_modules/@types')], noUnusedLocals: false, paths }
    const files = blocks.map((_, index) => fileOf(index))
    const config = { extends: join(root, 'tsconfig.base.json'), compilerOptions: settings, files }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    const { stdout, status } = spawnSync(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], {
      cwd: folder,
      encoding: 'utf8',
    })
    told = stdout.split('\n').filter(line => line !== '')
    if (status !== 0 && told.length === 0) throw new Error('the compiler said nothing')
  }, 120_000)

  test.each(blocks.map(({ at }, index) => ({ at, index })))('$at compiles', ({ index }) => {
    expect(told.filter(line => line.startsWith(`${fileOf(index)}(`))).toEqual([])
  })

  test('nothing else is wrong with them', () => {
    expect(told.filter(line => !/^\s|^example-\d+\.ts\(/.test(line))).toEqual([])
  })
})

describe.each(pages)('%s', (path, text) => {
  test('its links lead somewhere', () => {
    const targets = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map(({ 1: target = '' }) => target)
    expect(targets.filter(target => !existsSync(join(root, dirname(path), target)))).toEqual([])
  })

  test('its npm commands exist', () => {
    const named = [...text.matchAll(/\bnpm (?:run ([\w:-]+)|(start|test))\b/g)].map(
      ({ 1: run, 2: short }) => run ?? short ?? '',
    )
    expect(named.filter(name => !(name in scripts))).toEqual([])
  })
})
