/**
 * `npm run fuzz:rebuild -- [--seeds N] [--from S]`: random projects through random edits, against a model and against builds
 * from nothing (test/freshness/random). The harness is TypeScript, so it is bundled to where packages are found.
 */
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from './setup.mjs'

const { build } = await import('esbuild')
const folder = join(root, 'node_modules', '.tutti-test')
const outfile = join(folder, `fuzz-rebuild-${process.pid}.mjs`)
mkdirSync(folder, { recursive: true })
await build({
  entryPoints: [join(root, 'test/freshness/random/main.ts')],
  outfile,
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  define: { TUTTI_VERSION: '"1"' },
})
process.exitCode = run(process.execPath, [outfile, ...process.argv.slice(2)])
rmSync(outfile, { force: true })
