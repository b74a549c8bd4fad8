/**
 * `npm run fuzz -- [--seeds N] [--from S] [--kinds K,…] [--threads T]`: random graphs, played by the engine in a world that
 * breaks, against a reference interpreter (test/sim). The harness is TypeScript, so it is bundled to where packages are found.
 */
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from './setup.mjs'

const { build } = await import('esbuild')
const folder = join(root, 'node_modules', '.tutti-test')
const outfile = join(folder, `fuzz-${process.pid}.mjs`)
mkdirSync(folder, { recursive: true })
await build({ entryPoints: [join(root, 'test/sim/main.ts')], outfile, bundle: true, platform: 'node', format: 'esm' })
process.exitCode = run(process.execPath, [outfile, ...process.argv.slice(2)])
rmSync(outfile, { force: true })
