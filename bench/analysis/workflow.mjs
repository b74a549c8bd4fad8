/** The check of workflows of 1,000 steps, as it runs at every load: medians of nine, the first ones left out. */
import { checkGraph, finish, newBudget } from '../../dist/analysis.js'
import { validateGraph } from '../../dist/core.js'
import { layered, locked } from './graphs.mjs'
import { median } from './words.mjs'

const ROWS = [
  ['1,000 steps', layered(1_000), 'sound', '< 50 ms'],
  ['1,000 steps, 20 pairs of nested locks', locked(1_000, 20, 'one'), 'sound', '< 50 ms'],
  ['the same, one pair the other way round', locked(1_000, 20, 'both'), 'unsound', '< 50 ms'],
  ['10,000 steps', layered(10_000), 'sound', ''],
]

const timed = act => {
  const startMs = performance.now()
  const value = act()
  return { value, ms: performance.now() - startMs }
}

const rows = ROWS.map(([what, graph, expected, aim]) => {
  const rounds = Array.from({ length: 12 }, () => ({
    check: timed(() => finish(checkGraph(graph, newBudget()))),
    validate: timed(() => validateGraph(graph)),
  }))
  const first = rounds[0].check
  const { kind } = first.value.soundness
  const later = rounds.slice(3)
  const verdict = kind === expected ? kind : `${kind}, NOT ${expected}`
  return {
    what: `${what}: ${verdict} (first time ${first.ms.toFixed(1)} ms)`,
    ms: median(later.map(({ check }) => check.ms)),
    validateMs: median(later.map(({ validate }) => validate.ms)),
    aim,
  }
})
console.log(JSON.stringify(rows))
