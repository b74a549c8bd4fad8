/**
 * What is asked of large graphs and runs: the gradient of the makespan, what a change reaches, what a value hangs on. Medians
 * of nine, the first ones left out; the baseline is playing the schedule, validating the graph, folding the run.
 */
import { buildJobs, gradientOf, newRecording, played, provenanceOf } from '../../dist/analysis.js'
import { affectedBy, apply, compile, decide, emptyState, validateGraph } from '../../dist/core.js'
import { layered } from './graphs.mjs'
import { median } from './words.mjs'

const JOBS = 64_000
const NODES = 70_000

const timed = act => {
  const startMs = performance.now()
  act()
  return performance.now() - startMs
}

const measured = act => median(Array.from({ length: 12 }, () => timed(act)).slice(3))

/** Layers of 50, each job after three of the layer before. */
function gradient() {
  const parts = Array.from({ length: JOBS }, (_, job) => ({
    durationMs: 1 + ((job * 7919) % 997),
    after: job < 50 ? [] : [0, 17, 31].map(shift => (Math.floor(job / 50) - 1) * 50 + ((job + shift) % 50)),
  }))
  const jobs = buildJobs(parts)
  const steps = parts.map((_, job) => ({ step: `s${job}`, name: `s${job}` }))
  const room = { slots: 16, policy: { kind: 'critical-path' } }
  const play = () => played({ jobs, steps, pools: [] }, room)
  const schedule = play()
  return row(
    `gradient of ${JOBS} steps`,
    measured(() => gradientOf(schedule)),
    measured(play),
    'playing it',
    '<= 100 ms',
  )
}

function impact() {
  const graph = layered(NODES)
  const reach = () => affectedBy(graph, ({ path }) => path === 's0')
  const count = reach().length
  const ms = measured(reach)
  return row(
    `impact in ${NODES} nodes (${count} reached)`,
    ms,
    measured(() => validateGraph(graph)),
    'validating it',
    '<= 50 ms',
  )
}

function provenance() {
  const graph = layered(NODES)
  let record
  const base = timed(() => {
    record = ran(graph)
  })
  const last = [...record.steps.values()].filter(({ id }) => /^s\d*0$/.test(id)).at(-1)
  let found = 0
  const trace = () => {
    found = provenanceOf(record, { step: last, path: [] }).found.length
  }
  trace()
  return row(`provenance in ${NODES} nodes (${found} found)`, measured(trace), base, 'running it in memory', '<= 50 ms')
}

/** The run of a graph in which every step succeeds at once, in the engine alone. */
function ran(graph) {
  const recording = newRecording(graph)
  const state = emptyState(compile(graph))
  const pending = [{ kind: 'run.requested', run: 'r', graph: 'g', args: {}, atMs: 1 }]
  for (let at = 0; at < pending.length; at++) {
    const decision = decide(state, pending[at])
    if (decision.kind !== 'accepted') continue
    for (const event of decision.events) {
      recording.add(event)
      for (const command of apply(state, event)) pending.push(...answers(command))
    }
  }
  return recording.record
}

const output = { codec: 'json', hash: 'h', sizeBytes: 1, inline: '1' }

function answers({ kind, step, ...command }) {
  switch (kind) {
    case 'startAttempt':
      return [
        { kind: 'attempt.granted', step, worker: 'w', atMs: 2 },
        { kind: 'attempt.finished', step, attempt: 1, outcome: { kind: 'succeeded', output }, atMs: 3 },
      ]
    case 'evaluateBranch':
      return [{ kind: 'branch.evaluated', step, result: { kind: 'chosen', branch: 'then' }, atMs: 2 }]
    case 'evaluateResult':
      return [{ kind: 'result.evaluated', status: command.status, output, atMs: 4 }]
    default:
      return []
  }
}

const row = (what, ms, baseMs, base, aim) => ({ what, ms, ratio: `${(ms / baseMs).toFixed(2)} x ${base}`, aim })

console.log(JSON.stringify([gradient(), impact(), provenance()]))
