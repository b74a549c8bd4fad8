/**
 * `npm run fuzz:moves -- [--seeds N] [--from S] [--seconds N] [--threads T]`: random edits of random graphs in mid-run, and whether
 * the run may be moved and goes on as a run of the edited graph (test/sim/move). The harness is TypeScript, so it is bundled to
 * where packages are found.
 */
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from './setup.mjs'

const { build } = await import('esbuild')
const folder = join(root, 'node_modules', '.tutti-test')
const outfile = join(folder, `fuzz-moves-${process.pid}.mjs`)
mkdirSync(folder, { recursive: true })
await build({
  entryPoints: [join(root, 'test/sim/move/main.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
})
process.exitCode = run(process.execPath, [outfile, ...process.argv.slice(2)])
rmSync(outfile, { force: true })
