/**
 * `node bench/versions/backtest.mjs`: how many past runs a second are replayed through another graph.
 *
 * Measured: `backtest` over a store on disk with RUNS real runs of some 50 steps each (tasks, effects, a branch, an each, a
 * race with a timer), from its call to its answer; the median of some rounds, on an unchanged workflow and on one whose
 * threshold has changed. Not measured: loading a file, which the command line does once.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const RUNS = 500
const ROUNDS = 5
const ITEMS = 12
const CHAIN = 30
const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const AIM = 200

/** Prints a line a case; gives the medians in runs a second. */
export async function backtestBench() {
  const { each, effect, openStore, race, run, sleep, task, when, workflow } = {
    ...(await import(pathToFileURL(join(ROOT, 'dist/index.js')).href)),
    ...(await import(pathToFileURL(join(ROOT, 'dist/store.js')).href)),
  }
  const { backtest } = await import(pathToFileURL(join(ROOT, 'dist/sim.js')).href)

  const step = task(value => ({ value: value.value + 1, even: value.value % 2 === 0 }), { name: 'step' })
  const items = task(({ value }) => Array.from({ length: ITEMS }, (_, index) => value + index), { name: 'items' })
  const double = task(item => item * 2, { name: 'double' })
  const ship = effect(value => `shipped ${value}`, { name: 'ship' })
  const hold = effect(value => `held ${value}`, { name: 'hold' })
  const pipeline = threshold =>
    workflow({ seed: { '~standard': { version: 1, vendor: 'bench', validate: value => ({ value }) } } }, ({ seed }) => {
      let last = step({ value: seed })
      for (let index = 1; index < CHAIN; index += 1) last = step(last)
      const doubled = each(items(last), item => double(item))
      const first = race({ quick: () => step(last), slow: () => sleep('1h') })
      const end = when(
        last.value.to(value => value % 100 >= threshold),
        () => ship(last.value),
        () => hold(last.value),
      )
      return { doubled, first, end }
    })

  mkdirSync(join(ROOT, 'bench/.tutti'), { recursive: true })
  const folder = mkdtempSync(join(ROOT, 'bench/.tutti/backtest-'))
  try {
    const store = await openStore(folder, { durability: 'normal' })
    const before = pipeline(5)
    for (let seed = 0; seed < RUNS; seed += 1) await run(before, { store, args: { seed } })
    const medians = {}
    for (const [name, after] of [
      ['unchanged', before],
      ['another threshold', pipeline(50)],
    ]) {
      const rates = []
      let differs = 0
      for (let round = 0; round < ROUNDS; round += 1) {
        const started = performance.now()
        const { runs } = await backtest(after, { store, runs: `last:${RUNS}` })
        rates.push((RUNS / (performance.now() - started)) * 1_000)
        differs = runs.filter(({ verdict }) => verdict.kind !== 'same').length
      }
      const median = rates.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)]
      medians[name] = median
      console.log(
        `backtest of ${RUNS} runs of some ${CHAIN + ITEMS + 6} steps, ${name}: ${Math.round(median)} runs/s (${differs} differ; aim: ${AIM})`,
      )
    }
    await store.close()
    return medians
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await backtestBench()
