/**
 * `node bench/versions/diff.mjs`: how long the difference of two large graphs takes, in process and in memory.
 *
 * Measured: `difference(before, after)` with everything in it (matching, fields, edges), of graphs of 10,000 steps in four
 * shapes, each against a copy of which one step in a hundred was edited: an argument changed, a step inserted, or removed.
 * Not measured: reading versions from a store, rendering. Medians of several rounds, after a warm-up.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const STEPS = 10_000
const ROUNDS = 7
const EDITED = 100
const LAYER = 100
const DEPTH = 5

/** Prints a line a shape; gives the medians in milliseconds. */
export async function diffBench(steps = STEPS) {
  const { difference } = await versions()
  const medians = {}
  for (const [name, make] of Object.entries(SHAPES)) {
    const [before, after] = [faceOf(make(steps, 0)), faceOf(make(steps, EDITED))]
    const changes = difference(before, after).length
    const times = Array.from({ length: ROUNDS }, () => {
      const from = performance.now()
      difference(before, after)
      return performance.now() - from
    }).sort((a, b) => a - b)
    medians[name] = times[ROUNDS >> 1]
    console.log(`diff of two graphs of ${steps} steps, ${name}: ${medians[name].toFixed(0)} ms (${changes} changes)`)
  }
  return medians
}

async function versions() {
  const folder = mkdtempSync(join(tmpdir(), 'tutti-bench-'))
  const outfile = join(folder, 'versions.mjs')
  const entryPoints = [fileURLToPath(new URL('../../src/versions/index.ts', import.meta.url))]
  // semver is CommonJS, and asks for builtins.
  const banner = {
    js: `import { createRequire } from 'node:module'; const require = createRequire('${import.meta.url}')`,
  }
  await build({ entryPoints, outfile, bundle: true, format: 'esm', platform: 'node', logLevel: 'warning', banner })
  const module = await import(pathToFileURL(outfile).href)
  rmSync(folder, { recursive: true })
  return module
}

const faceOf = graph => ({
  graph: JSON.parse(JSON.stringify(graph)),
  code: {},
  signatures: {},
  result: {},
  packages: [],
})
const ref = node => ({ kind: 'node', node, up: 0, path: [] })
const lit = value => ({ kind: 'literal', value })
const graphOf = root => ({ version: 1, name: 'bench', params: [], root, reads: [] })
const regionOf = (nodes, params = []) => ({
  params,
  nodes,
  result: nodes.length > 0 ? ref(nodes.at(-1).id) : lit(null),
})
const taskOf = (id, task, args) => ({
  kind: 'task',
  id,
  name: id,
  after: [],
  policy: {},
  task,
  executor: 'inline',
  args,
})

/** What each step is called with, in their order; `every`: of so many one is edited. `id` stays with the step. */
function words(count, every) {
  const all = Array.from({ length: count }, (_, index) => ({ id: `s${index}`, word: `word ${index}` }))
  if (every === 0) return all
  return all.flatMap(({ id, word }, index) => {
    const edit = index % every === 0 ? (index / every) % 3 : -1
    if (edit === 0) return [{ id, word: `${word}, another` }]
    if (edit === 1)
      return [
        { id, word },
        { id: `${id}x`, word: `${word}, one more` },
      ]
    return edit === 2 ? [] : [{ id, word }]
  })
}

/** As the language does it: the name, and a count from the second on. */
const counted = (stem, index) => (index === 0 ? stem : `${stem}~${index + 1}`)

const SHAPES = {
  /** Each step takes what the one before it gave; all are calls of one task. */
  chain: (count, every) =>
    graphOf(
      regionOf(
        words(count, every).map(({ word }, index) =>
          taskOf(
            counted('step', index),
            'step',
            index === 0 ? [lit(word)] : [ref(counted('step', index - 1)), lit(word)],
          ),
        ),
      ),
    ),
  /** The same without anything to tell the steps apart by but their place. */
  'chain of twins': (count, every) =>
    graphOf(
      regionOf(
        words(count, every).map((_, index) =>
          taskOf(counted('step', index), 'step', index === 0 ? [] : [ref(counted('step', index - 1))]),
        ),
      ),
    ),
  /** Layers of 100 steps, each of which takes three of the layer before. */
  layers: (count, every) => {
    const all = words(count, every)
    const there = new Set(all.map(({ id }) => id))
    const nodes = all.map(({ id, word }) => {
      const index = Number.parseInt(id.slice(1), 10)
      const from = index - LAYER - (index % LAYER)
      const taken = index < LAYER ? [] : [1, 7, 13].map(jump => from + ((index * jump) % LAYER))
      const args = taken.map(at => ref(there.has(`s${at}`) ? `s${at}` : `s${at + 1}`))
      return taskOf(id, `task ${index % 20}`, [...args, lit(word)])
    })
    return graphOf(regionOf(nodes))
  },
  /** Branches in calls in branches, of ten steps each. */
  nested: (count, every) => {
    const left = words(count, every)
    const regionAt = depth => {
      const nodes = []
      for (let index = 0; index < 10 && left.length > 0; index++) {
        const { word } = left.shift()
        const last = nodes.at(-1)
        const args = last ? [ref(last.id), lit(word)] : [lit(word)]
        nodes.push(
          depth > 0 && index % 2 === 1
            ? callOf(counted('sub', index >> 1), args, regionAt(depth - 1))
            : taskOf(counted('step', (index + 1) >> 1), 'step', args),
        )
      }
      return regionOf(nodes)
    }
    const nodes = []
    while (left.length > 0) nodes.push(callOf(counted('part', nodes.length), [], regionAt(DEPTH)))
    return graphOf(regionOf(nodes))
  },
}

const callOf = (id, args, body) => ({
  kind: 'call',
  id,
  name: id,
  after: [],
  policy: {},
  workflow: id.replace(/~.*/, ''),
  args: Object.fromEntries(args.map((arg, index) => [`a${index}`, arg])),
  body,
})

if (process.argv[1] === fileURLToPath(import.meta.url)) await diffBench(Number(process.argv[2] ?? STEPS))
