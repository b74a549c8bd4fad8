/**
 * `npm run bench:asl`: state machines beside the npm package aws-local-stepfunctions, in one run; the peer is installed from the
 * registry into a temporary folder, and where that fails its columns stay empty.
 *
 * Measured: a loop of Choice and Pass and a map, ours with every transition in a durable log (SQLite, NORMAL), the peer's in
 * memory alone; a definition of 1 MB from its text to a graph that could run; and how many recordings of AWS each comes out of as
 * AWS did, where the recordings are beside the project. Each row is a process of its own for each of the two, in turns, with the
 * rounds in it: cold is the first of a process, measured the median of those after two of warm-up. Not measured: tasks.
 *
 *   --rounds 7   --processes 3   --only loop,map,large,score   --json
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root, setup } from '../scripts/setup.mjs'
import { fdatasyncsPerSecond } from './disk.mjs'

const PEER = 'aws-local-stepfunctions@3'
const ROUNDS = Number(option('rounds', '7'))
const PROCESSES = Number(option('processes', '3'))
const WARM_UP_ROUNDS = 2
const ONLY = option('only', 'loop,map,large,score').split(',')
const CASES = join(root, '../shared/conformance/asl')
const RUN_MS_MAX = 300_000

setup()
mkdirSync(join(root, 'bench/.tutti'), { recursive: true })
const base = mkdtempSync(join(root, 'bench/.tutti/asl-'))
const peerFolder = mkdtempSync(join(tmpdir(), 'tutti-peer-'))
try {
  const peer = installed(peerFolder)
  const rows = [
    ...timedRows('loop', 25_000, peer, { unit: 'transitions/s', value: ms => (25_000 / ms) * 1_000, aim: '>= 20,000' }),
    ...timedRows('map', 10_000, peer, { unit: 's', value: ms => ms / 1_000, aim: '<= 2' }),
    ...timedRows('large', 1_000_000, undefined, { unit: 'ms', value: ms => ms, aim: '<= 300' }),
    ...scoreRows(peer),
  ]
  if (process.argv.includes('--json')) console.log(JSON.stringify(rows, undefined, 2))
  else {
    console.log('| what | measured | cold | the peer | its cold | aim |\n| --- | --- | --- | --- | --- | --- |')
    for (const row of rows) console.log(`| ${row.join(' | ')} |`)
    console.log(`\nraw fdatasync: ${Math.round(fdatasyncsPerSecond(base)).toLocaleString('en')} a second`)
  }
} finally {
  rmSync(base, { recursive: true, force: true })
  rmSync(peerFolder, { recursive: true, force: true })
}

/** In turns, so that both see the same machine. */
function timedRows(what, size, peer, { unit, value, aim }) {
  if (!ONLY.includes(what)) return []
  const own = { cold: [], warm: [] }
  const other = { cold: [], warm: [] }
  const keep = (into, { ms: [cold, ...rest] }) => {
    into.cold.push(cold)
    into.warm.push(...rest.slice(WARM_UP_ROUNDS - 1))
  }
  for (let turn = 0; turn < PROCESSES; turn++) {
    keep(own, said('own.mjs', [what, String(size), String(ROUNDS), join(base, `${what}-${turn}`)]))
    if (peer !== undefined) keep(other, said('peer.mjs', [peer, what, String(size), String(ROUNDS)]))
    note(`${what} ${turn + 1}/${PROCESSES}`)
  }
  const cells = ({ cold, warm }) => [warm, cold].map(list => (list.length > 0 ? shown(value(median(list))) : ''))
  return [[`${what} ${size.toLocaleString('en')}`, ...cells(own), ...cells(other), `${aim} ${unit}`]]
}

/** Of the peer's: choices and executions that need no service. */
function scoreRows(peer) {
  if (!ONLY.includes('score') || !existsSync(CASES)) return []
  const runner = join(root, 'scripts/conformance.mjs')
  const { stdout } = spawnSync(process.execPath, [runner, 'asl', CASES], { encoding: 'utf8' })
  const [, passed, cases] = /^(\d+) of (\d+) pass/m.exec(stdout) ?? []
  const theirs = peer === undefined ? undefined : said('peer.mjs', [peer, 'score', CASES])
  return [['recordings', `${passed}/${cases}`, '', theirs ? `${theirs.passed}/${theirs.cases}` : '', '', '']]
}

function said(script, words) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--expose-gc', join(root, 'bench/asl', script), ...words],
    {
      encoding: 'utf8',
      timeout: RUN_MS_MAX,
    },
  )
  if (status !== 0) throw new Error(`${script} ${words.join(' ')}: ${stderr}`)
  return JSON.parse(stdout.trim().split('\n').at(-1))
}

/** Its entry; undefined where it could not be had. */
function installed(folder) {
  writeFileSync(join(folder, 'package.json'), '{"private":true}')
  try {
    execFileSync('npm', ['install', '--no-fund', '--no-audit', '--ignore-scripts', '--loglevel=error', PEER], {
      cwd: folder,
      stdio: 'pipe',
    })
    return join(folder, 'node_modules/aws-local-stepfunctions/build/main.node.esm.js')
  } catch (error) {
    note(`without the peer: ${error.message}`)
    return undefined
  }
}

function median(list) {
  return [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]
}

function shown(value) {
  return value.toLocaleString('en', { maximumSignificantDigits: 3 })
}

function option(name, standard) {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? standard : process.argv[at + 1]
}

function note(text) {
  console.error(text)
}
