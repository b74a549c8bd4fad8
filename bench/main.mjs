/**
 * `npm run bench`: how fast Tutti is here, as ratios to what the same machine does raw in the same minutes.
 *
 * Measured: whole runs through the public library and the built command line, durable store included. Not measured: what
 * tasks do (they do nothing), a cold page cache, a slow network disk. Each workload runs several rounds in a process of its
 * own, each round in a new store: "measured" is the median of the rounds after the warm-up, what a process that goes on
 * sees; "cold" is the first round, compiling by the JIT included. `--json` prints the rows as JSON.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root, setup } from '../scripts/setup.mjs'

const STARTS = 15
const PROCESSES = 3
/** Rounds of a process until the JIT has settled; ./workload.mjs does some more than that. */
const WARM_UP = 4

setup()
// Beside the checkout's own files: a temporary folder is often in memory, where a sync costs nothing.
mkdirSync(join(root, 'bench/.tutti'), { recursive: true })
const folder = mkdtempSync(join(root, 'bench/.tutti/run-'))
const cli = join(root, 'dist/cli.js')
let works = 0

/** @typedef {{ name: string, value: string, cold: string, target: string, ratio: string, met: 'yes' | 'no' | 'not run' }} Row */

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
    return { value: String(error.message).split('\n')[0], cold: '', ratio: '', target: '', met: 'not run' }
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
    cold: 'always',
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
  const { rate, cold, raw, ratio } = figures({ workload, size, durability: 'full' })
  return {
    value: `${count(rate)} steps/s`,
    cold: `${count(cold)} steps/s`,
    ratio: `${ratio.toFixed(2)} x fdatasync (${count(raw)}/s)`,
    target: `>= ${ratioMin} x fdatasync`,
    met: ratio >= ratioMin ? 'yes' : 'no',
  }
}

function rateRow({ workload, size, durability = 'full', rateMin, rssMax = Number.POSITIVE_INFINITY }) {
  const { rate, cold, ratio, raw, rss } = figures({ workload, size, durability })
  const memory = Number.isFinite(rssMax) ? `, at most ${(rssMax / 1e6).toFixed(0)} MB` : ''
  return {
    value: `${count(rate)} steps/s, peak ${(rss / 1e6).toFixed(0)} MB`,
    cold: `${count(cold)} steps/s`,
    ratio: `${ratio.toFixed(2)} x fdatasync (${count(raw)}/s)`,
    target: `>= ${count(rateMin)} steps/s${memory}`,
    met: rate >= rateMin && rss <= rssMax ? 'yes' : 'no',
  }
}

function timeRow({ workload, size, msMax }) {
  const { rate, cold, raw } = figures({ workload, size, durability: 'full' })
  const ms = (size / rate) * 1000
  return {
    value: `${ms.toFixed(1)} ms`,
    cold: `${((size / cold) * 1000).toFixed(1)} ms`,
    ratio: `${((ms * raw) / (size * 1000)).toFixed(2)} x ${size} fdatasyncs (${count(raw)}/s)`,
    target: `<= ${msMax} ms`,
    met: ms <= msMax ? 'yes' : 'no',
  }
}

/** Medians over the rounds of all processes: `cold` of their first rounds, all else of those after the warm-up. */
function figures({ workload, size, durability }) {
  const turns = repeat(PROCESSES, () => work({ workload, size, durability }))
  const rateOf = (turn, { ms }) => (turn.steps / ms) * 1000
  const warm = turns.flatMap(turn =>
    turn.rounds.slice(WARM_UP).map(round => ({ rate: rateOf(turn, round), raw: round.rawPerSecond })),
  )
  return {
    rate: median(warm.map(({ rate }) => rate)),
    raw: median(warm.map(({ raw }) => raw)),
    ratio: median(warm.map(({ rate, raw }) => rate / raw)),
    cold: median(turns.map(turn => rateOf(turn, turn.rounds[0]))),
    rss: Math.max(...turns.map(turn => turn.rssBytes)),
  }
}

function work({ workload, size, durability }) {
  const stores = join(folder, `stores-${works++}`)
  const args = [join(root, 'bench/workload.mjs'), workload, String(size), durability, stores]
  const result = JSON.parse(
    execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }),
  )
  rmSync(stores, { recursive: true, force: true })
  return result
}

function table(rows) {
  const cells = [
    ['what', 'measured', 'cold', 'ratio', 'target', 'met'],
    ...rows.map(row => [row.name, row.value, row.cold, row.ratio, row.target, row.met]),
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
