/**
 * `npm run bench`: how fast Tutti is here, as ratios to what the same machine does raw in the same minutes.
 *
 * Measured: whole runs through the public library and the built command line, durable store included. Not measured: what
 * tasks do (they do nothing), a cold page cache ("cold" means a new process and a new store), a slow network disk.
 * Each figure is the median of several runs; each workload runs in a process of its own. `--json` prints the rows as JSON.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root, setup } from '../scripts/setup.mjs'
import { fdatasyncsPerSecond } from './disk.mjs'

const STARTS = 15
const RUNS = 5

setup()
// Beside the checkout's own files: a temporary folder is often in memory, where a sync costs nothing.
mkdirSync(join(root, 'bench/.tutti'), { recursive: true })
const folder = mkdtempSync(join(root, 'bench/.tutti/run-'))
const cli = join(root, 'dist/cli.js')
let works = 0

/** @typedef {{ name: string, value: string, target: string, ratio: string, met: 'yes' | 'no' | 'not run' }} Row */

const ROWS = [
  { name: 'tutti --version', measure: () => startRow({ args: ['--version'], ratioMax: 1.3 }) },
  { name: 'tutti run examples/hello, cold', measure: () => startRow({ args: helloArgs, ratioMax: 3 }) },
  { name: 'seq1000, FULL', measure: () => syncRow({ workload: 'seq', size: 1000, ratioMin: 0.7 }) },
  {
    name: 'seq1000, NORMAL',
    measure: () => rateRow({ workload: 'seq', size: 1000, durability: 'normal', rateMin: 10_000 }),
  },
  { name: 'seq40, FULL', measure: () => timeRow({ workload: 'seq', size: 40, msMax: 20 }) },
  {
    name: 'fan10k and a join, FULL',
    measure: () => rateRow({ workload: 'fan', size: 10_000, rateMin: 20_000, rssMax: 250e6 }),
  },
  { name: '100 runs x 100 steps, FULL', measure: () => rateRow({ workload: 'runs', size: 100, rateMin: 20_000 }) },
]

try {
  const rows = ROWS.map(({ name, measure }) => {
    if (!process.argv.includes('--json')) console.error(`bench: ${name} …`)
    return { name, ...measured(measure) }
  })
  if (rows.some(row => row.met === 'not run')) process.exitCode = 1
  console.log(process.argv.includes('--json') ? JSON.stringify(rows, undefined, 2) : table(rows))
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** A row that cannot run says why instead of ending the table. */
function measured(measure) {
  try {
    return measure()
  } catch (error) {
    return { value: String(error.message).split('\n')[0], ratio: '', target: '', met: 'not run' }
  }
}

function helloArgs(turn) {
  return ['run', 'examples/hello/tutti.ts', '--store', join(folder, `hello-${turn}`)]
}

/** Our start and bare node's take turns, so that both see the same machine. */
function startRow({ args, ratioMax }) {
  if (!existsSync(cli)) throw new Error('dist/cli.js is not there')
  const ours = []
  const bare = []
  for (let turn = 0; turn < STARTS; turn++) {
    bare.push(startMs(['-e', '0']))
    ours.push(startMs([cli, ...(typeof args === 'function' ? args(turn) : args)]))
  }
  const ratio = median(ours) / median(bare)
  return {
    value: `${median(ours).toFixed(0)} ms (node -e 0: ${median(bare).toFixed(0)} ms)`,
    ratio: `${ratio.toFixed(2)} x node`,
    target: `<= ${ratioMax} x node`,
    met: ratio <= ratioMax ? 'yes' : 'no',
  }
}

function startMs(args) {
  const startedNs = process.hrtime.bigint()
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', input: '' })
  if (status !== 0) throw new Error(`node ${args.join(' ')}: exit code ${status}: ${stderr.trim()}`)
  return Number(process.hrtime.bigint() - startedNs) / 1e6
}

/** Steps a second against what the disk syncs. */
function syncRow({ workload, size, ratioMin }) {
  const { rate, ratio, raw } = rates({ workload, size, durability: 'full' })
  return {
    value: `${count(rate)} steps/s`,
    ratio: `${ratio.toFixed(2)} x fdatasync (${count(raw)}/s)`,
    target: `>= ${ratioMin} x fdatasync`,
    met: ratio >= ratioMin ? 'yes' : 'no',
  }
}

function rateRow({ workload, size, durability = 'full', rateMin, rssMax = Number.POSITIVE_INFINITY }) {
  const { rate, ratio, raw, rss } = rates({ workload, size, durability })
  const memory = Number.isFinite(rssMax) ? `, at most ${(rssMax / 1e6).toFixed(0)} MB` : ''
  return {
    value: `${count(rate)} steps/s, peak ${(rss / 1e6).toFixed(0)} MB`,
    ratio: `${ratio.toFixed(2)} x fdatasync (${count(raw)}/s)`,
    target: `>= ${count(rateMin)} steps/s${memory}`,
    met: rate >= rateMin && rss <= rssMax ? 'yes' : 'no',
  }
}

/** The disk is sampled before and after every run, because disks swing. */
function rates(options) {
  const turns = repeat(RUNS, () => {
    const before = fdatasyncsPerSecond(folder)
    const { steps, ms, rssBytes } = work(options)
    return { rate: (steps / ms) * 1000, raw: (before + fdatasyncsPerSecond(folder)) / 2, rssBytes }
  })
  return {
    rate: median(turns.map(turn => turn.rate)),
    raw: median(turns.map(turn => turn.raw)),
    ratio: median(turns.map(({ rate, raw }) => rate / raw)),
    rss: Math.max(...turns.map(turn => turn.rssBytes)),
  }
}

function timeRow({ workload, size, msMax }) {
  const turns = repeat(RUNS, () => {
    const before = fdatasyncsPerSecond(folder)
    const { ms } = work({ workload, size, durability: 'full' })
    return { ms, raw: (before + fdatasyncsPerSecond(folder)) / 2 }
  })
  const ms = median(turns.map(turn => turn.ms))
  const syncMs = 1000 / median(turns.map(turn => turn.raw))
  return {
    value: `${ms.toFixed(1)} ms`,
    ratio: `${(ms / (size * syncMs)).toFixed(2)} x ${size} fdatasyncs`,
    target: `<= ${msMax} ms`,
    met: ms <= msMax ? 'yes' : 'no',
  }
}

function work({ workload, size, durability }) {
  const store = join(folder, `store-${works++}`)
  const args = [join(root, 'bench/workload.mjs'), workload, String(size), durability, store]
  const result = JSON.parse(
    execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }),
  )
  rmSync(store, { recursive: true, force: true })
  return result
}

function table(rows) {
  const cells = [
    ['what', 'measured', 'ratio', 'target', 'met'],
    ...rows.map(row => [row.name, row.value, row.ratio, row.target, row.met]),
  ]
  const widths = cells[0].map((_, column) => Math.max(...cells.map(row => row[column].length)))
  const line = row => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`
  const [head, ...body] = cells.map(line)
  return [head, line(widths.map(width => '-'.repeat(width))), ...body].join('\n')
}

function repeat(times, run) {
  return Array.from({ length: times }, run)
}

function count(rate) {
  return Math.round(rate).toLocaleString('en-US')
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
