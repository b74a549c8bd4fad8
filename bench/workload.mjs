/**
 * One workload in a process of its own: `node workload.mjs seq|fan|runs SIZE full|normal FOLDER` prints
 * `{steps, rssBytes, rounds: [{ms, rawPerSecond}, …]}`, a new store for each round, tracing, compiling and creating the store
 * included. The first round is cold (nothing of Tutti has been compiled by the JIT, the native store is not loaded).
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { each, run, task, workflow } from 'tutti'
import { openStore } from 'tutti/store'
import { fdatasyncsPerSecond } from './disk.mjs'

const [kind, sizeText, durability, folder] = process.argv.slice(2)
const size = Number(sizeText)

const noop = task(value => value, { name: 'noop' })
const list = task(length => Array.from({ length }, (_, index) => index), { name: 'list' })
const total = task(values => values.length, { name: 'total' })

const seq = length =>
  workflow(() => {
    let last = noop(0)
    for (let step = 1; step < length; step++) last = noop(last)
    return last
  })
const fan = width => workflow(() => total(each(list(width), item => noop(item), { key: item => item })))

const WORKLOADS = {
  seq: { steps: size, expected: 0, run: store => runOne(seq(size), store) },
  fan: { steps: size, expected: size, run: store => runOne(fan(size), store) },
  runs: {
    steps: size * 100,
    expected: 0,
    run: async store => (await Promise.all(Array.from({ length: size }, () => runOne(seq(100), store))))[0],
  },
}

const ROUNDS = 8

const workload = WORKLOADS[kind]
const rounds = []
mkdirSync(folder, { recursive: true })
for (let round = 0; round < ROUNDS; round++) rounds.push(await measured(join(folder, `store-${round}`)))
console.log(JSON.stringify({ steps: workload.steps, rounds, rssBytes: process.resourceUsage().maxRSS * 1024 }))

/** The disk is sampled before and after every round, because disks swing. */
async function measured(path) {
  const before = fdatasyncsPerSecond(folder)
  const startedMs = performance.now()
  const output = await inStore(path, workload.run)
  const ms = performance.now() - startedMs
  // A figure for a run that did not do its work would be worse than none.
  if (output !== workload.expected) throw new Error(`${kind} gave ${JSON.stringify(output)}, not ${workload.expected}`)
  return { ms, rawPerSecond: (before + fdatasyncsPerSecond(folder)) / 2 }
}

async function inStore(path, body) {
  const store = await openStore(path, { durability })
  try {
    return await body(store)
  } finally {
    await store.close()
  }
}

async function runOne(workflow, store) {
  const result = await run(workflow, { store })
  if (result.kind !== 'ended' || result.status !== 'succeeded')
    throw new Error(`a run did not succeed: ${JSON.stringify(result)}`)
  return result.output
}
