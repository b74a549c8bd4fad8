/**
 * What it costs to publish a file that has not changed, against loading it: whole processes in turns, medians. Loading is
 * `tutti graph`, which loads and traces the same file, prints the graph, and opens no store.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root, setup } from '../../scripts/setup.mjs'

const ROUNDS = 15
const STEPS = [10, 100, 1_000]

/** @returns {readonly { steps: number, loadMs: number, publishMs: number, rewindMs: number }[]} */
export function publishBench() {
  mkdirSync(join(root, 'bench/.tutti'), { recursive: true })
  const base = mkdtempSync(join(root, 'bench/.tutti/publish-'))
  try {
    return STEPS.map(steps => measure(base, steps))
  } finally {
    rmSync(base, { recursive: true, force: true })
  }
}

function measure(base, steps) {
  const folder = join(base, String(steps))
  mkdirSync(folder)
  writeFileSync(join(folder, 'tutti.ts'), chain(steps, 1))
  tutti(folder, 'publish')
  writeFileSync(join(folder, 'tutti.ts'), chain(steps, 2))
  tutti(folder, 'publish')
  const times = { load: [], publish: [], rewind: [] }
  for (let round = 0; round < ROUNDS; round += 1) {
    times.load.push(timed(() => tutti(folder, 'graph')))
    times.publish.push(timed(() => tutti(folder, 'publish')))
    times.rewind.push(timed(() => tutti(folder, 'rewind', `chain@1.0.${round % 2}`)))
    tutti(folder, 'publish')
  }
  return {
    steps,
    loadMs: median(times.load),
    publishMs: median(times.publish),
    rewindMs: median(times.rewind),
  }
}

function chain(steps, factor) {
  const names = Array.from({ length: steps }, (_, index) => `t${index}`)
  const tasks = names.map((name, index) => `const ${name} = task((x: number): number => x * ${factor} + ${index})`)
  const calls = names.map((name, index) => `  const x${index + 1} = ${name}(x${index})`)
  return [
    "import { task, workflow } from 'tutti'",
    ...tasks,
    'export const chain = workflow(() => {',
    '  const x0 = 1',
    ...calls,
    `  return x${steps}`,
    '})\n',
  ].join('\n')
}

function tutti(cwd, ...words) {
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'dist/cli.js'), ...words], {
    cwd,
    encoding: 'utf8',
    maxBuffer: 64 * 2 ** 20,
  })
  if (status !== 0) throw new Error(`tutti ${words.join(' ')}: ${stderr}`)
}

function timed(work) {
  const startedMs = performance.now()
  work()
  return performance.now() - startedMs
}

const median = values => [...values].sort((a, b) => a - b)[values.length >> 1]

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  setup()
  for (const { steps, loadMs, publishMs, rewindMs } of publishBench())
    console.log(
      `${steps} steps: loading ${loadMs.toFixed(0)} ms, publishing unchanged ${publishMs.toFixed(0)} ms = ${(publishMs / loadMs).toFixed(2)} x (aim 1.5), rewind ${rewindMs.toFixed(0)} ms`,
    )
}
