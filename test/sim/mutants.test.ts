/** The fuzzer finds what it is for: every mutant of the engine fails within so many seeds. A seed that is known is tried first. */
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { join } from 'node:path'
import { build, type Plugin } from 'esbuild'
import { afterAll, describe, expect, test } from 'vitest'
import type { Found } from './hunt.ts'
import { MUTANTS, type Mutant } from './mutants.ts'

const SEEDS_MAX = 5_000
const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = join(root, 'node_modules', '.tutti-test', `mutants-${process.pid}`)
const taken: string[] = []

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
  console.log(['the seed that finds each mutant:', ...taken].join('\n'))
})

type Hunt = (from: number, seeds: number) => Found | undefined

/** The fuzzer over an engine with one piece of text replaced. */
async function huntOf(mutant: Mutant | undefined, index: number): Promise<Hunt> {
  mkdirSync(folder, { recursive: true })
  const outfile = join(folder, `${index}.mjs`)
  const plugins = mutant ? [replacing(mutant)] : []
  await build({
    entryPoints: [join(root, 'test/sim/hunt.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    plugins,
  })
  return ((await import(pathToFileURL(outfile).href)) as { readonly hunt: Hunt }).hunt
}

const replacing = ({ file, from, to }: Mutant): Plugin => ({
  name: 'mutant',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      if (path !== join(root, 'src/core', file)) return undefined
      const text = readFileSync(path, 'utf8')
      const pieces = text.split(from)
      if (pieces.length !== 2) throw new Error(`src/core/${file} has ${pieces.length - 1} times: ${from}`)
      return { contents: pieces.join(to), loader: 'ts' }
    }),
})

test('the engine itself is not found wanting', async () => {
  const hunt = await huntOf(undefined, -1)
  expect(hunt(0, 100)).toBeUndefined()
})

describe.each(MUTANTS.map((mutant, index) => ({ mutant, index })))('$mutant.name', ({ mutant, index }) => {
  test(`is found within ${SEEDS_MAX} seeds`, { timeout: 300_000 }, async () => {
    const hunt = await huntOf(mutant, index)
    const found = (mutant.seed !== undefined && hunt(mutant.seed, 1)) || hunt(0, SEEDS_MAX)
    taken.push(
      `${String(found?.seed ?? SEEDS_MAX).padStart(5)}  ${mutant.name}: ${found?.message.slice(0, 120) ?? 'not found'}`,
    )
    expect(found).toBeDefined()
  })
})
