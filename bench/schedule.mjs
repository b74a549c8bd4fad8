/**
 * `npm run bench:schedule`: how near schedules come to what is possible, on shapes of real workflows and on random layers, and
 * how long it takes to play one. `npm run bench:schedule -- speed` runs one part, `-- set` the other.
 *
 * Measured: schedules that are played (src/analysis/schedule), with durations that are known. Not measured: what steps really
 * take, which differs from run to run.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { root, setup } from '../scripts/setup.mjs'

setup()
mkdirSync(join(root, 'bench/.tutti'), { recursive: true })
const folder = mkdtempSync(join(root, 'bench/.tutti/schedule-'))
try {
  const outfile = join(folder, 'main.mjs')
  const entryPoints = [join(root, 'bench/schedule/main.ts')]
  await build({ entryPoints, outfile, bundle: true, platform: 'node', format: 'esm' })
  const { status } = spawnSync(process.execPath, [outfile, ...process.argv.slice(2)], { stdio: 'inherit' })
  process.exitCode = status ?? 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
