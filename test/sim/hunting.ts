/** A fuzzer over an engine with one piece of text replaced: does it find the mutant? */
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'
import type { Found } from './hunt.ts'
import type { Mutant } from './mutants.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = join(root, 'node_modules', '.tutti-test', `mutants-${process.pid}`)

export type Hunt = (from: number, seeds: number) => Found | undefined

/** `entry`: a module below test/sim that exports `hunt`. `mutant` undefined: of the engine itself. */
export async function huntOf(entry: string, mutant: Mutant | undefined, name: string): Promise<Hunt> {
  mkdirSync(folder, { recursive: true })
  const outfile = join(folder, `${name}.mjs`)
  await build({
    entryPoints: [join(root, 'test/sim', entry)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    plugins: mutant ? [replacing(mutant)] : [],
  })
  return ((await import(pathToFileURL(outfile).href)) as { readonly hunt: Hunt }).hunt
}

export const forgetHunts = (): void => rmSync(folder, { recursive: true, force: true })

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

/** As a line of the list that is printed at the end. */
export const foundLine = (mutant: Mutant, found: Found | undefined, seeds: number): string =>
  `${String(found?.seed ?? seeds).padStart(5)}  ${mutant.name}: ${found?.message.slice(0, 120) ?? 'not found'}`
