/**
 * `npm run bench:find`: what `tutti find` takes in a store of a million events, beside one plain scan of its log.
 *
 * Measured: queries in a process that goes on, the look whether the index is up to date included, medians of 15; and whole
 * processes of the command line. Not measured: a cold page cache.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { root, setup } from '../scripts/setup.mjs'

const ROUNDS = 9
const [runs = '2000'] = process.argv.slice(2)

setup()
mkdirSync(join(root, 'bench/.tutti'), { recursive: true })
const base = mkdtempSync(join(root, 'bench/.tutti/find-'))
const folder = join(base, 'store')
try {
  const outfile = join(base, 'store.mjs')
  const entryPoints = [join(root, 'bench/find/store.ts')]
  await build({ entryPoints, outfile, bundle: true, packages: 'external', platform: 'node', format: 'esm' })
  const said = execFileSync(process.execPath, [outfile, folder, runs], { encoding: 'utf8' })
  const rows = said
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  for (const row of [...rows, command(['find', 'step where duration > p95 and retried', '--store', folder])])
    console.log(`| ${row.join(' | ')} |`)
} finally {
  rmSync(base, { recursive: true, force: true })
}

/** A process of its own, in turns with one that does nothing. */
function command(words) {
  const time = args => {
    const startMs = performance.now()
    spawnSync(process.execPath, args, { cwd: base, stdio: 'ignore' })
    return performance.now() - startMs
  }
  const times = Array.from({ length: ROUNDS }, () => [time([join(root, 'dist/cli.js'), ...words]), time(['-e', '0'])])
  const [own, bare] = [0, 1].map(index => times.map(pair => pair[index]).sort((a, b) => a - b)[Math.floor(ROUNDS / 2)])
  return ['the same from the command line', `${own.toFixed(0)} ms`, `node -e 0: ${bare.toFixed(0)} ms`, '<= 200 ms']
}
