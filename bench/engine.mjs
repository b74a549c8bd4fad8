/**
 * `node bench/engine.mjs`: how fast the engine alone is, in memory.
 *
 * Measured: decide + apply of the two events that a step costs (`attempt.started`, `step.settled`); each completed step of a
 * chain fires two transitions (pass, and the next one's open). Bytes of open step instances (one `each`, one step an item),
 * its snapshots, a cancel of all of them while they run. A loop of a million turns and what it leaves in memory. Scopes
 * nested 900 deep. Not measured: stores, values, user code. Medians of several rounds, after a warm-up.
 *
 * With `--expose-gc` the bytes are exact; the script starts itself so.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { serialize } from 'node:v8'
import { build } from 'esbuild'

const ROUNDS = 5
const STEPS = 200_000
const ITEMS = 100_000

if (globalThis.gc === undefined) {
  const { status } = spawnSync(process.execPath, ['--expose-gc', fileURLToPath(import.meta.url)], { stdio: 'inherit' })
  process.exit(status ?? 1)
}

const folder = mkdtempSync(join(tmpdir(), 'tutti-bench-'))
const outfile = join(folder, 'core.mjs')
const entryPoints = [fileURLToPath(new URL('../src/core/index.ts', import.meta.url))]
await build({ entryPoints, outfile, bundle: true, format: 'esm', platform: 'neutral', logLevel: 'warning' })
const core = await import(pathToFileURL(outfile).href)
rmSync(folder, { recursive: true })

const OUTPUT = { codec: 'json', hash: '0'.repeat(64), sizeBytes: 2, inline: '{}' }
const OUTCOME = { kind: 'succeeded', output: OUTPUT }
const ref = node => ({ kind: 'node', node, up: 0, path: [] })
const task = (id, args) => ({ kind: 'task', id, name: id, after: [], policy: {}, task: 't', executor: 'inline', args })
const graphOf = (nodes, result) => ({
  version: 1,
  name: 'bench',
  params: [],
  reads: [],
  root: { params: [], nodes, result },
})
const chain = count => {
  const nodes = Array.from({ length: count }, (_, index) => task(`s${index}`, index ? [ref(`s${index - 1}`)] : []))
  return graphOf(nodes, ref(`s${count - 1}`))
}
const fan = () => {
  const body = {
    params: ['item', 'index'],
    nodes: [task('s', [{ kind: 'param', param: 'item', up: 0, path: [] }])],
    result: ref('s'),
  }
  const each = {
    kind: 'each',
    id: 'all',
    name: 'all',
    after: [],
    policy: {},
    items: { kind: 'literal', value: 0 },
    body,
  }
  return graphOf([each], ref('all'))
}

function begin(graph) {
  const state = core.emptyState(core.compile(graph))
  return { state, commands: tell(state, { kind: 'run.requested', run: 'r', graph: '', args: {}, atMs: 0 }) }
}

/** The commands; all inputs here are accepted. */
function tell(state, input) {
  let commands
  for (const event of core.decide(state, input).events) commands = core.apply(state, event)
  return commands
}

function complete(state, step) {
  tell(state, { kind: 'attempt.granted', step, worker: 'w', atMs: 0 })
  return tell(state, { kind: 'attempt.finished', step, attempt: 1, outcome: OUTCOME, atMs: 0 })
}

/** Firings a second along a chain, which is begun anew when it is through. */
function chainRate(graph) {
  let { state, commands } = begin(graph)
  const startedAt = performance.now()
  let spentMs = 0
  for (let done = 0; done < STEPS; done++) {
    commands = complete(state, commands[0].step)
    if (commands[0].kind === 'startAttempt') continue
    const pausedAt = performance.now()
    ;({ state, commands } = begin(graph))
    spentMs += performance.now() - pausedAt
  }
  return (2 * STEPS * 1_000) / (performance.now() - startedAt - spentMs)
}

function openItems(graph) {
  const { state } = begin(graph)
  const keys = Array.from({ length: ITEMS }, (_, index) => String(index))
  const items = { kind: 'value', value: OUTPUT, path: [] }
  const bytesBefore = usedBytes()
  const startedAt = performance.now()
  const commands = tell(state, {
    kind: 'items.evaluated',
    step: 'all',
    result: { kind: 'listed', keys, items },
    atMs: 0,
  })
  const openMs = performance.now() - startedAt
  return { state, commands, keys, openMs, bytesBefore }
}

function usedBytes() {
  globalThis.gc()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

function fanRound(graph) {
  const { state, commands, bytesBefore, openMs } = openItems(graph)
  const steps = commands.map(command => command.step)
  commands.length = 0
  // Without the commands' own strings, which a shell drops as well.
  const names = steps.join('\n')
  steps.length = 0
  const bytes = (usedBytes() - bytesBefore - names.length) / ITEMS
  const snapshotAt = performance.now()
  const snapshot = core.takeSnapshot(state)
  const bytesStored = serialize(snapshot).length
  const snapshotMs = performance.now() - snapshotAt
  const restoreAt = performance.now()
  core.restoreSnapshot(core.compile(graph), snapshot)
  const restoreMs = performance.now() - restoreAt
  const startedAt = performance.now()
  for (const step of names.split('\n')) complete(state, step)
  const rate = (3 * ITEMS * 1_000) / (performance.now() - startedAt)
  return { bytes, openMs, snapshotMs, restoreMs, bytesStored, rate }
}

/** Every item runs; then the run is cancelled, and each attempt reports that it has stopped. */
function cancelRound(graph) {
  const { state, commands } = openItems(graph)
  const steps = commands.map(command => command.step)
  for (const step of steps) tell(state, { kind: 'attempt.granted', step, worker: 'w', atMs: 0 })
  const startedAt = performance.now()
  const stops = tell(state, { kind: 'cancel.requested', reason: 'enough', atMs: 0 })
  const askedMs = performance.now() - startedAt
  if (stops.length !== ITEMS) throw new Error(`${stops.length} attempts were asked to stop`)
  for (const step of steps)
    tell(state, { kind: 'attempt.finished', step, attempt: 1, outcome: { kind: 'cancelled' }, atMs: 0 })
  if (state.phase.kind !== 'ending') throw new Error(`the run is ${state.phase.kind}`)
  return { askedMs, ms: performance.now() - startedAt }
}

const LOOP_TURNS = 1_000_000

/** A turn is four events: chosen, two of its step, and the state goes on. */
function loopRound() {
  const body = { params: ['state', 'turn'], nodes: [task('s', [])], result: ref('s') }
  const condition = { kind: 'literal', value: true }
  const init = { kind: 'literal', value: 0 }
  const common = { id: 'l', name: 'l', after: [], policy: {} }
  const loop = { ...common, kind: 'loop', init, body, condition, test: 'while', limit: 0 }
  const { state } = begin(graphOf([loop], ref('l')))
  const bytesBefore = usedBytes()
  const startedAt = performance.now()
  for (let turn = 0; turn < LOOP_TURNS; turn++) {
    tell(state, { kind: 'branch.evaluated', step: 'l', result: { kind: 'chosen', branch: 'again' }, atMs: 0 })
    complete(state, `l[${turn}]/s`)
  }
  const rate = (LOOP_TURNS * 1_000) / (performance.now() - startedAt)
  return { rate, bytes: usedBytes() - bytesBefore }
}

const DEPTH = 900

function deepRound() {
  let region = { params: [], nodes: [task('s', [])], result: ref('s') }
  for (let level = 0; level < DEPTH; level++) {
    const scope = { kind: 'scope', id: 'd', name: 'd', after: [], policy: {}, body: region }
    region = { params: [], nodes: [scope], result: ref('d') }
  }
  const graph = { ...graphOf([]), root: region }
  const startedAt = performance.now()
  const { state, commands } = begin(graph)
  complete(state, commands[0].step)
  if (state.phase.kind !== 'ending') throw new Error(`the run is ${state.phase.kind}`)
  return performance.now() - startedAt
}

const median = numbers => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]
const rounds = measure => Array.from({ length: ROUNDS }, measure)
const print = (name, value) => console.log(`${name.padEnd(44)}${value}`)
const count = number => Math.round(number).toLocaleString('en-US')

chainRate(chain(1_000))
for (const size of [300, 3_000, 30_000, 300_000]) {
  const graph = chain(size)
  const compileAt = performance.now()
  core.compile(graph)
  const compileMs = performance.now() - compileAt
  const places = 3 + 2 * size + 1
  print(
    `chain, ${count(places)} places: firings/s`,
    `${count(median(rounds(() => chainRate(graph))))} (compiled in ${compileMs.toFixed(1)} ms)`,
  )
}
const graph = fan()
fanRound(graph)
const fans = rounds(() => fanRound(graph))
const of = name => median(fans.map(each => each[name]))
print(`each, ${count(ITEMS)} items: firings/s`, count(of('rate')))
print('  opened in', `${of('openMs').toFixed(0)} ms`)
print('  bytes an open step instance', count(of('bytes')))
print(
  '  snapshot',
  `${(of('bytesStored') / 1e6).toFixed(1)} MB, ${of('snapshotMs').toFixed(0)} ms; restored in ${of('restoreMs').toFixed(0)} ms`,
)

cancelRound(graph)
const cancels = rounds(() => cancelRound(graph))
print(
  `cancel of ${count(ITEMS)} running`,
  `${median(cancels.map(each => each.ms)).toFixed(0)} ms (asked to stop in ${median(cancels.map(each => each.askedMs)).toFixed(0)} ms)`,
)
const loops = Array.from({ length: 2 }, loopRound)
print(`loop of ${count(LOOP_TURNS)} turns: turns/s`, count(median(loops.map(each => each.rate))))
print('  bytes that it leaves', count(Math.min(...loops.map(each => each.bytes))))
print(`scopes ${count(DEPTH)} deep: in and out`, `${median(rounds(deepRound)).toFixed(0)} ms`)
