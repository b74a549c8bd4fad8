/**
 * 35 tasks for each of 2,000 partitions, as a data platform has them: which of the 70,000 steps are stale after one partition's
 * source has changed. All that a run asks of freshness is asked, in this process, of a store in memory.
 */
import { performance } from 'node:perf_hooks'
import { newFreshness } from '../../dist/freshness.js'
import { memoryStore } from '../../dist/store.js'

const TASKS = 35
const PARTITIONS = 2_000
const ROUNDS = 9

const ref = text => ({ codec: 'json', hash: text.padStart(64, '0'), sizeBytes: text.length, inline: text })
const given = (task, partition, version = '') => ref(`${task}:${partition}${version}`)
const stepOf = (task, partition) => `partitions[${partition}]/t${task}`
const nodes = Array.from({ length: TASKS }, (_, task) => ({
  kind: 'task',
  id: `t${task}`,
  name: `t${task}`,
  after: [],
  policy: {},
  task: `t${task}`,
  args: [],
  executor: 'inline',
}))

export async function partitionsBench() {
  const store = memoryStore()
  const { lease } = store.leases.acquire('r')
  const keys = new Map()
  const freshness = () =>
    newFreshness({
      store,
      disk: {
        isRight: () => true,
        putBack: async () => true,
        hashNow: () => null,
        placeOf: () => '',
        shown: path => path,
        absolute: path => path,
      },
      run: 'r2',
      scope: 's',
      base: '/',
      codeOf: task => ({ kind: 'closed', hash: task.padStart(64, 'c'), parts: {} }),
      context: { refOf: () => ref(''), env: {}, platform: 'linux', place: '' },
      isForced: () => false,
      keys,
      now: () => 0,
    })
  const first = freshness()
  const traces = []
  for (let partition = 0; partition < PARTITIONS; partition += 1)
    for (let task = 0; task < TASKS; task += 1) {
      const args = [{ kind: 'value', value: given(task - 1, partition), path: [] }]
      const verdict = first.ask(stepOf(task, partition), nodes[task], args)
      const outcome = { kind: 'succeeded', output: given(task, partition) }
      traces.push({
        ...first.traceOf({
          args,
          step: stepOf(task, partition),
          node: nodes[task],
          key: verdict.key,
          outcome,
          seen: undefined,
          ms: 1,
        }).trace,
        run: 'r',
      })
    }
  await store.append([{ lease, events: [], row: rowOf('r'), traces }])
  const samples = []
  let stale = 0
  const asked = freshness()
  asked.ask(stepOf(0, 0), nodes[0], [{ kind: 'value', value: given(-1, 0), path: [] }])
  for (let round = 0; round < ROUNDS; round += 1) {
    const startedMs = performance.now()
    stale = decide(asked, round)
    samples.push(performance.now() - startedMs)
  }
  await store.close()
  samples.sort((a, b) => a - b)
  return { steps: TASKS * PARTITIONS, stale, ms: samples[ROUNDS >> 1], bestMs: samples[0] }
}

/** Each step whose argument is known is asked; what follows from a stale one is stale. */
function decide(freshness, round) {
  let stale = 0
  for (let partition = 0; partition < PARTITIONS; partition += 1) {
    let value = given(-1, partition, partition === 777 ? `changed ${round}` : '')
    for (let task = 0; task < TASKS; task += 1) {
      const verdict = freshness.ask(stepOf(task, partition), nodes[task], [{ kind: 'value', value, path: [] }])
      if (verdict.kind !== 'known') {
        stale += TASKS - task
        break
      }
      value = verdict.trace.output
    }
  }
  return stale
}

const rowOf = run => ({
  run,
  workflow: 's',
  file: '',
  graph: '',
  bundle: '',
  args: '',
  status: 'running',
  createdAtMs: 0,
  updatedAtMs: 0,
})

if (process.argv[1] === new URL(import.meta.url).pathname) console.log(await partitionsBench())
