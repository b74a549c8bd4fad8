/** The docs say what is so: their TypeScript compiles against the sources, their links and commands exist. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
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

  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')

  test.each(blocks)('$at compiles', ({ code }) => {
    writeFileSync(join(folder, 'example.ts'), code)
    const modules = { tutti: ['src/index.ts'], 'tutti/*': ['src/*/index.ts'], zod: ['node_modules/zod/index.d.ts'] }
    const paths = Object.fromEntries(Object.entries(modules).map(([name, [path = '']]) => [name, [join(root, path)]]))
    const settings = { types: ['node'], typeRoots: [join(root, 'node_modules/@types')], noUnusedLocals: false, paths }
    const config = { extends: join(root, 'tsconfig.base.json'), compilerOptions: settings, files: ['example.ts'] }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    const { stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' })
    expect(stdout).toBe('')
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
