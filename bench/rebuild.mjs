/**
 * `npm run bench:rebuild`: building and rebuilding one graph with several tools (./rebuild/graph.mjs, ./rebuild/tools.mjs).
 *
 * Measured: whole processes, from start to exit, in turns, so that all tools see the same machine; the median of the rounds.
 * How many commands really ran is counted by the outputs that were written. Not measured: what commands do (they are shell
 * builtins), a cold page cache, more than two commands at a time.
 *
 *   --targets 1000,10000   sizes          --rounds 9   of each rebuild        --tools tutti,ninja   only these
 *   --json                 the rows as JSON
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root, setup } from '../scripts/setup.mjs'
import { dependentsOf, rebuildGraph } from './rebuild/graph.mjs'
import { TOOLS, writeSources } from './rebuild/tools.mjs'

const SIZES = option('targets', '1000,10000').split(',').map(Number)
const ROUNDS = Number(option('rounds', '9'))
/** A cold build is long enough to be told from noise sooner. */
const COLD_ROUNDS = 3
const ONLY = option('tools', TOOLS.map(({ name }) => name).join()).split(',')
const TIME = '/usr/bin/time'
const RUN_MS_MAX = 600_000
/** What tools keep beside the outputs. */
const KEPT = ['out', '.tutti', '.ninja_log', '.ninja_deps', '.turbo', '.wireit', 'node_modules/.cache']

/** @typedef {{ size: number, scenario: string, tool: string, ms: number, ran: number | undefined, mb?: number }} Row */

/** A change before each round, and which commands must follow from it. */
const SCENARIOS = [
  { name: 'null', change: () => undefined },
  { name: 'one leaf', source: 'src/leaf.txt', change: (folder, round) => write(folder, 'src/leaf.txt', `${round}\n`) },
  { name: '748 dependents', source: 'src/0.txt', change: (folder, round) => write(folder, 'src/0.txt', `${round}\n`) },
  {
    name: 'early cutoff',
    source: 'src/cut.txt',
    change: (folder, round) => write(folder, 'src/cut.txt', `kept ${round}\n`),
  },
  {
    name: 'touched',
    change: (folder, _, { sources }) => {
      for (const path of sources) touch(folder, path)
    },
  },
]

setup()
mkdirSync(join(root, 'bench/.tutti'), { recursive: true })
const base = mkdtempSync(join(root, 'bench/.tutti/rebuild-'))
/** @type {Row[]} */
const rows = []
const skipped = []
try {
  for (const size of SIZES) measureSize(size)
  console.log(process.argv.includes('--json') ? JSON.stringify({ rows, skipped }, undefined, 2) : report())
} finally {
  rmSync(base, { recursive: true, force: true })
}

function measureSize(size) {
  const graph = rebuildGraph(size)
  const tools = TOOLS.filter(tool => ONLY.includes(tool.name)).flatMap(tool => {
    const folder = join(base, `${tool.name}-${size}`)
    const why = size > (tool.targetsMax ?? size) ? `its cold build takes minutes` : prepared(tool, folder, graph)
    if (why !== undefined) skipped.push({ size, tool: tool.name, why })
    return why === undefined ? [{ ...tool, folder }] : []
  })
  for (let round = 0; round < COLD_ROUNDS; round++)
    for (const tool of tools) {
      if (round >= (tool.coldRounds ?? COLD_ROUNDS)) continue
      for (const path of KEPT) rmSync(join(tool.folder, path), { recursive: true, force: true })
      mkdirSync(join(tool.folder, 'out'))
      note(`${size}, cold, ${tool.name}`)
      rows.push({ size, scenario: 'cold', tool: tool.name, ...timed(tool, graph) })
    }
  for (const { name, change } of SCENARIOS)
    for (let round = 0; round < ROUNDS; round++)
      for (const tool of tools) {
        change(tool.folder, 1_000 + round, graph)
        rows.push({ size, scenario: name, tool: tool.name, ...timed(tool, graph) })
      }
  const [any] = tools
  if (any) measureFloor(size, graph, any.folder)
}

function prepared(tool, folder, graph) {
  try {
    mkdirSync(folder, { recursive: true })
    tool.prepare?.(folder)
    writeSources(folder, graph)
    tool.write(folder, graph)
    return undefined
  } catch (error) {
    return String(error.message).split('\n')[0]
  }
}

/** One run: its time, its peak memory, and how many outputs it wrote. */
function timed({ name, folder, command, env }, { targets }) {
  const before = targets.map(({ output }) => stampOf(join(folder, output)))
  const peak = join(folder, '.peak')
  const words = existsSync(TIME) ? [TIME, '-f', '%M', '-o', peak, ...command] : command
  const startedNs = process.hrtime.bigint()
  const { status, stderr, stdout, error } = spawnSync(words[0], words.slice(1), {
    cwd: folder,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1e9,
    timeout: RUN_MS_MAX,
  })
  const ms = Number(process.hrtime.bigint() - startedNs) / 1e6
  if (status !== 0)
    throw new Error(`${name}: exit code ${status}: ${error ?? ''}${`${stderr}${stdout}`.trim().slice(-2_000)}`)
  const ran = targets.filter(({ output }, index) => stampOf(join(folder, output)) !== before[index]).length
  const mb = existsSync(peak) ? (Number(readFileSync(peak, 'utf8')) * 1024) / 1e6 : undefined
  return { ms, ran, ...(mb === undefined ? {} : { mb }) }
}

function stampOf(path) {
  const stats = statSync(path, { throwIfNoEntry: false, bigint: true })
  return stats && `${stats.mtimeNs} ${stats.ino}`
}

function measureFloor(size, { targets, sources }, folder) {
  const paths = [...sources, ...targets.map(({ output }) => output)]
  write(folder, 'floor.json', JSON.stringify(paths.map(path => [path, statSync(join(folder, path)).mtimeMs])))
  const program = fileURLToPath(new URL('rebuild/floor.mjs', import.meta.url))
  for (let round = 0; round < ROUNDS; round++) {
    const startedNs = process.hrtime.bigint()
    execFileSync(process.execPath, [program], { cwd: folder })
    rows.push({
      size,
      scenario: 'null',
      tool: 'floor',
      ms: Number(process.hrtime.bigint() - startedNs) / 1e6,
      ran: 0,
    })
  }
}

/** One line a size, scenario and tool: medians, and how they stand to ninja's (a null run also to the floor). */
function report() {
  const cells = [['targets', 'scenario', 'tool', 'time', 'x ninja', 'x floor', 'commands', 'wanted', 'peak']]
  for (const size of SIZES)
    for (const scenario of ['cold', ...SCENARIOS.map(({ name }) => name)])
      for (const tool of ['floor', ...TOOLS.map(({ name }) => name)]) {
        const own = rows.filter(row => row.size === size && row.scenario === scenario && row.tool === tool)
        if (own.length > 0) cells.push(line(size, scenario, tool, own))
      }
  const widths = cells[0].map((_, column) => Math.max(...cells.map(row => row[column].length)))
  const text = cells.map(row => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`)
  text.splice(1, 0, `| ${widths.map(width => '-'.repeat(width)).join(' | ')} |`)
  return [...text, ...skipped.map(({ size, tool, why }) => `${tool} with ${size} targets: skipped, ${why}`)].join('\n')
}

function line(size, scenario, tool, own) {
  const ms = median(own.map(row => row.ms))
  const ratio = other => {
    const theirs = rows.filter(row => row.size === size && row.scenario === scenario && row.tool === other)
    return theirs.length === 0 ? '' : (ms / median(theirs.map(row => row.ms))).toFixed(2)
  }
  const peaks = own.flatMap(({ mb }) => mb ?? [])
  return [
    String(size),
    scenario,
    tool,
    ms < 1_000 ? `${ms.toFixed(ms < 100 ? 1 : 0)} ms` : `${(ms / 1000).toFixed(2)} s`,
    ratio('ninja'),
    scenario === 'null' ? ratio('floor') : '',
    String(median(own.map(row => row.ran))),
    String(wanted(size, scenario)),
    peaks.length === 0 ? '' : `${Math.max(...peaks).toFixed(0)} MB`,
  ]
}

function wanted(size, scenario) {
  const graph = rebuildGraph(size)
  if (scenario === 'cold') return graph.targets.length
  if (scenario === 'early cutoff') return 3
  const source = SCENARIOS.find(({ name }) => name === scenario)?.source
  return source === undefined ? 0 : dependentsOf(graph, source).length
}

function write(folder, path, text) {
  writeFileSync(join(folder, path), text)
}

function touch(folder, path) {
  const now = new Date()
  utimesSync(join(folder, path), now, now)
}

function note(text) {
  if (!process.argv.includes('--json')) console.error(`bench: ${text} …`)
}

function option(name, standard) {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? standard : process.argv[at + 1]
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
