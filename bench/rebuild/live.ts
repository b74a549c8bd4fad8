/**
 * What one process does that goes on: the same look that a null run takes, and the decision what is stale. Bundled and run by
 * ../live.mjs; prints `{ statMs, manifestMs, keysMs, keys }`.
 */
import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Bound } from '../../src/core/engine/protocol.ts'
import type { Node } from '../../src/core/graph/graph.ts'
import { checkManifest, type Manifest } from '../../src/freshness/manifest.ts'
import { newFreshness } from '../../src/freshness/index.ts'
import type { Trace } from '../../src/store/index.ts'

const ROUNDS = 15
const FILES = 10_000
const TASKS = 35
const PARTITIONS = 2_000

const [folder = '.'] = process.argv.slice(2)
console.log(JSON.stringify({ ...looks(), ...(await decisions()) }))

function looks(): { readonly statMs: number; readonly manifestMs: number } {
  mkdirSync(join(folder, 'files'), { recursive: true })
  const paths = Array.from({ length: FILES }, (_, index) => `files/f${index}`)
  for (const path of paths) writeFileSync(join(folder, path), path)
  const stamps = new Float64Array(4 * FILES)
  for (const [index, path] of paths.entries()) {
    const { mtimeMs, ctimeMs, size, ino } = statSync(join(folder, path))
    stamps.set([mtimeMs, ctimeMs, size, ino], 4 * index)
  }
  const world = { version: '1', words: ['run'], cwd: folder, env: {}, nowMs: Date.now() }
  const head = { ...world, folder, run: 'r', steps: 1, output: '', env: [], absent: [], racy: [] }
  const manifest: Manifest = { ...head, paths, stamps }
  const stats: number[] = []
  const checks: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    stats.push(timed(() => paths.every(path => statSync(join(folder, path), { throwIfNoEntry: false }) !== undefined)))
    checks.push(timed(() => checkManifest(manifest, world).kind === 'fresh'))
  }
  return { statMs: median(stats), manifestMs: median(checks) }
}

/** 35 tasks for each of 2,000 partitions, one of which has another upstream value: 35 verdicts are "runs". */
async function decisions(): Promise<{ readonly keysMs: number; readonly keys: number }> {
  const node = (task: string): Node =>
    ({ kind: 'task', id: task, name: task, task, args: [], policy: {}, executor: 'inline' }) as unknown as Node
  const nodes = Array.from({ length: TASKS }, (_, index) => node(`task${index}`))
  const value = (hash: string): Bound => ({ kind: 'value', value: { codec: 'json', hash, sizeBytes: 2 }, path: [] })
  const traces: Trace[] = []
  const options = {
    disk: {
      hashNow: () => null,
      isRight: () => true,
      putBack: () => Promise.resolve(true),
      placeOf: () => '',
      shown: (path: string) => path,
      absolute: (path: string) => path,
    },
    run: 'run-2',
    scope: 'tutti.ts#main',
    codeOf: (task: string) => ({ kind: 'closed', hash: `code of ${task}` }) as never,
    context: {
      refOf: (bound: Bound) => (bound as Extract<Bound, { kind: 'value' }>).value,
      env: {},
      platform: 'linux-x64',
      node: process.version,
      place: '',
    } as never,
    isForced: () => false,
    now: () => Date.now(),
    // As a process that goes on has them.
    keys: new Map(),
  }
  // Names of steps are made when a run opens them, decision or not.
  const steps = Array.from({ length: PARTITIONS }, (_, partition) =>
    nodes.map((_node, index) => `each[${partition}]/task${index}`),
  )
  const ask = async (changed: number | undefined): Promise<number> => {
    const freshness = newFreshness({
      ...options,
      store: {
        traces: { isEmpty: () => false, get: () => [], current: () => traces, latest: () => undefined } as never,
      },
    })
    let runs = 0
    for (let partition = 0; partition < PARTITIONS; partition++)
      for (const [index, each] of nodes.entries()) {
        const given = `${partition}/${index}${partition === changed ? ' changed' : ''}`
        const step = steps[partition]?.[index] ?? ''
        const soon = freshness.ask(step, each, [value(given)])
        const verdict = soon instanceof Promise ? await soon : soon
        if (verdict.kind === 'known') continue
        runs += 1
        if (changed !== undefined || verdict.key === undefined) continue
        traces.push({
          key: verdict.key.hash,
          scope: options.scope,
          step,
          run: 'run-1',
          output: { codec: 'json', hash: given, sizeBytes: 2, inline: '1' },
          wrote: [],
          reads: [],
          parts: verdict.key.parts,
          ms: 1,
          atMs: 1,
        } as unknown as Trace)
      }
    return runs
  }
  await ask(undefined)
  const times: number[] = []
  for (let round = 0; round < 5; round++) {
    const startedMs = performance.now()
    const runs = await ask(round)
    times.push(performance.now() - startedMs)
    if (runs !== TASKS) throw new Error(`${runs} of ${TASKS} were stale`)
  }
  return { keysMs: median(times), keys: TASKS * PARTITIONS }
}

function timed(body: () => boolean): number {
  const startedMs = performance.now()
  if (!body()) throw new Error('something has changed')
  return performance.now() - startedMs
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}
