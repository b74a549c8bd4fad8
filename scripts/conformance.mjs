/**
 * `npm run conformance -- asl FOLDER [--actual OUT]`: runs every case of a folder of recordings and prints a score
 * (test/conformance). The runner is TypeScript, so it is bundled to where packages are found.
 */
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from './setup.mjs'

const { build } = await import('esbuild')
const folder = join(root, 'node_modules', '.tutti-test')
const outfile = join(folder, `conformance-${process.pid}.mjs`)
mkdirSync(folder, { recursive: true })
const entryPoints = [join(root, 'test/conformance/main.ts')]
await build({ entryPoints, outfile, bundle: true, packages: 'external', platform: 'node', format: 'esm' })
process.exitCode = run(process.execPath, [outfile, ...process.argv.slice(2)])
rmSync(outfile, { force: true })
