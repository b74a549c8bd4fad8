/**
 * `npm run adopt:corpus [NAME …]`: adopts the builds of real projects from Debian's sources (test/adopt/corpus.ts). Builds what
 * it needs first; the harness is TypeScript, so it is bundled to where packages are found.
 */
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root, run, setup } from './setup.mjs'

setup()
const { build } = await import('esbuild')
const folder = join(root, 'node_modules', '.tutti-test')
const outfile = join(folder, `adopt-${process.pid}.mjs`)
mkdirSync(folder, { recursive: true })
await build({ entryPoints: [join(root, 'test/adopt/main.ts')], outfile, bundle: true, platform: 'node', format: 'esm' })
process.exitCode = run(process.execPath, [outfile, ...process.argv.slice(2)])
rmSync(outfile, { force: true })
