/**
 * `npm run bench:scale`: how large one process can go.
 *
 * Measured: whole runs through the public library, durable store included, each in a process of its own: milliseconds, and
 * the peak memory of the process. Not measured: what tasks do (they do nothing). `node bench/scale.mjs NAME` runs one row;
 * `--json` prints rows as JSON.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root, setup } from '../scripts/setup.mjs'
import { fdatasyncsPerSecond } from './disk.mjs'

const ROWS = [
  { name: 'each over 100,000 items, FULL', workload: 'fan', size: 100_000, durability: 'full', msMax: 5_000 },
  { name: '100,000 steps drawn one by one, FULL', workload: 'wide', size: 100_000, durability: 'full' },
  { name: '1,000 runs of 10 steps at once, FULL', workload: 'runs', size: 1_000, durability: 'full' },
  { name: '100 regions deep, 10 times', workload: 'deep', size: 100, durability: 'full' },
  { name: 'loop of 1,000,000 turns, NORMAL', workload: 'loop', size: 1_000_000, durability: 'normal', rssMax: 400e6 },
  {
    name: 'cancel of 100,000 open instances, NORMAL',
    workload: 'cancel',
    size: 100_000,
    durability: 'normal',
    msMax: 1_000,
  },
  {
    name: 'recovery of a run of 1,000,000 events',
    workload: 'recover',
    size: 1_000_000,
    durability: 'normal',
    msMax: 1_000,
  },
]

const only = process.argv.slice(2).filter(word => !word.startsWith('--'))
const asJson = process.argv.includes('--json')
setup()
mkdirSync(join(root, 'bench/.tutti'), { recursive: true })
const folder = mkdtempSync(join(root, 'bench/.tutti/scale-'))
try {
  const wanted = ROWS.filter(row => only.length === 0 || only.includes(row.workload))
  const rows = wanted.map(row => {
    if (!asJson) console.error(`bench: ${row.name} …`)
    return { name: row.name, ...measured(row) }
  })
  if (rows.some(row => row.met === 'not run')) process.exitCode = 1
  if (asJson) console.log(JSON.stringify(rows, undefined, 2))
  else for (const row of rows) console.log(`${row.name.padEnd(44)} ${row.value.padEnd(40)} ${row.target} ${row.met}`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function measured({ workload, size, durability, msMax, rssMax }) {
  try {
    const script = fileURLToPath(new URL('scale-workload.mjs', import.meta.url))
    const args = ['--expose-gc', script, workload, String(size), durability, join(folder, workload)]
    const raw = fdatasyncsPerSecond(folder)
    const {
      ms,
      rssBytes,
      note = '',
    } = JSON.parse(
      execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }),
    )
    const limits = [msMax && `<= ${msMax} ms`, rssMax && `<= ${rssMax / 1e6} MB`].filter(Boolean)
    const met = (!msMax || ms <= msMax) && (!rssMax || rssBytes <= rssMax)
    return {
      value: `${Math.round(ms)} ms, peak ${Math.round(rssBytes / 1e6)} MB (${Math.round(raw)} fdatasync/s)${note && `; ${note}`}`,
      target: limits.join(', '),
      met: limits.length === 0 ? '' : met ? 'yes' : 'no',
    }
  } catch (error) {
    return { value: String(error.message).split('\n')[0], target: '', met: 'not run' }
  }
}
