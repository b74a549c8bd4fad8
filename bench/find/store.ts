/**
 * A store of a million events and the questions that are asked of it, in one process. Bundled and run by ../find.mjs with a
 * folder; prints rows of JSON: what, measured, baseline, aim.
 *
 * 2,000 runs of one workflow: 40 steps one after the other, an each of 200 items with one task, and an effect. One attempt in fifty
 * fails and is tried again, one run in ten fails. Every tenth run has 100 lines of output.
 */
import { appendFileSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openSearch, type Search } from '../../src/search/index.ts'
import { openStore, type Store } from '../../src/store/index.ts'
import type { Event, Graph, Node, ValueRef } from '../../src/core/index.ts'
import { hashText } from '../../src/util/hash.ts'

const [, , folder = '', runsWanted = '2000'] = process.argv
const RUNS = Number(runsWanted)
const CHAIN = 40
const ITEMS = 200
const ROUNDS = 15
const START_MS = Date.parse('2026-11-01T00:00Z')

type Row = readonly [what: string, measured: string, baseline: string, aim: string]
const print = (...row: Row): void => console.log(JSON.stringify(row))

let seed = 1
const random = (): number => {
  seed = (seed * 48_271) % 2_147_483_647
  return seed / 2_147_483_647
}

const none = { kind: 'literal', value: null } as const
const common = (id: string, after: readonly string[]) => ({ id, name: id, after, policy: {} })
const task = (id: string, after: readonly string[] = []): Node => ({
  ...common(id, after),
  kind: 'task',
  task: id,
  args: [],
  executor: 'inline',
})
const names = Array.from({ length: CHAIN }, (_, index) => `step${index}`)
const graph: Graph = {
  version: 1,
  name: 'ci',
  params: [],
  root: {
    params: [],
    nodes: [
      ...names.map((name, index) => task(name, index === 0 ? [] : [names[index - 1]!])),
      {
        ...common('tests', [names.at(-1)!]),
        kind: 'each',
        items: none,
        body: { params: ['item', 'index'], nodes: [task('check')], result: none },
      },
      { ...common('deploy', ['tests']), kind: 'effect', task: 'deploy', args: [], executor: 'inline' },
    ],
    result: none,
  },
  reads: [],
}

const value = (text: string): ValueRef => ({
  codec: 'json',
  hash: hashText(text),
  sizeBytes: text.length,
  inline: text,
})
const keys = Array.from({ length: ITEMS }, (_, index) => `src/file${index}.ts`)

/** The log of one run, as the engine would have written it. */
function eventsOf(run: string, atMs: number, index: number): readonly Event[] {
  const events: Event[] = [{ kind: 'run.started', v: 1, run, graph: 'g', args: {}, atMs }]
  let now = atMs
  const worker = `vm:${index % 20}`
  const start = (step: string, attempt: number): void =>
    void events.push({ kind: 'attempt.started', v: 1, step, attempt, worker, atMs: now })
  const work = (step: string, isFailing: boolean): void => {
    start(step, 1)
    now += Math.ceil(50 + random() * 500)
    let attempt = 1
    if (random() < 0.02) {
      const fault = { code: 'ECONNRESET', message: 'connect ECONNRESET 10.0.0.1:443' }
      events.push({ kind: 'attempt.failed', v: 1, step, attempt: 1, fault, counts: true, retryAtMs: now, atMs: now })
      attempt = 2
      start(step, 2)
      now += Math.ceil(random() * 4_000)
    }
    const outcome = isFailing
      ? ({ kind: 'failed', fault: { code: 'TASK_FAILED', message: `host ${index % 7} is down` } } as const)
      : ({
          kind: 'succeeded',
          output: value(`{"items":[{"price":${Math.floor(random() * 1_000)}}],"step":"${step}"}`),
        } as const)
    events.push({ kind: 'step.settled', v: 1, step, attempt, outcome, atMs: now })
  }
  for (const name of names) work(name, false)
  const items = { kind: 'value', value: value('[]'), path: [] } as const
  events.push({ kind: 'items.added', v: 1, step: 'tests', keys, items, closed: true, atMs: now })
  for (const key of keys) work(`tests[${key.replace('/', '%2F')}]/check`, false)
  const fails = index % 10 === 0
  work('deploy', fails)
  events.push({ kind: 'run.ended', v: 1, status: fails ? 'failed' : 'succeeded', atMs: now })
  return events
}

async function fill(store: Store): Promise<number> {
  const address = await store.blobs.put(new TextEncoder().encode(JSON.stringify(graph)))
  mkdirSync(join(folder, 'logs'), { recursive: true })
  let count = 0
  for (let index = 0; index < RUNS; index += 1) {
    const run = `ci-${String(index).padStart(5, '0')}`
    const held = store.leases.acquire(run)
    if (held.kind !== 'acquired') throw new Error('held')
    const createdAtMs = START_MS + index * 600_000
    const events = eventsOf(run, createdAtMs, index)
    count += events.length
    const endedAtMs = events.at(-1)!.atMs
    const status = index % 10 === 0 ? 'failed' : 'succeeded'
    const about = { workflow: 'ci', file: 'tutti.ts', graph: address, bundle: address, args: address }
    await store.append([
      { lease: held.lease, events, row: { run, ...about, status, createdAtMs, updatedAtMs: endedAtMs, endedAtMs } },
    ])
    store.leases.release(held.lease)
    if (index % 10 === 0) writeFileSync(join(folder, 'logs', `${run}.ndjson`), linesOf(createdAtMs, index))
  }
  return count
}

function linesOf(atMs: number, index: number): string {
  return Array.from({ length: 100 }, (_, line) => {
    const text =
      random() < 0.01 ? `request ${line} failed: ECONNRESET` : `request ${line} of run ${index} took ${line * 3} ms`
    return `${JSON.stringify({ step: names[line % CHAIN], attempt: 1, stream: 'stdout', text, atMs: atMs + line })}\n`
  }).join('')
}

const median = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]!
const ms = (count: number): string => `${count < 10 ? count.toFixed(1) : count.toFixed(0)} ms`

async function timed(work: () => unknown): Promise<number> {
  const startMs = performance.now()
  await work()
  return performance.now() - startMs
}

/** What a query would be without an index: every event read, and what it says of durations kept. */
async function scan(store: Store): Promise<void> {
  const started = new Map<string, number>()
  const durations: number[] = []
  for await (const { run, event } of store.read({})) {
    if (event.kind === 'attempt.started') started.set(`${run} ${event.step}`, event.atMs)
    else if (event.kind === 'step.settled') durations.push(event.atMs - (started.get(`${run} ${event.step}`) ?? 0))
  }
}

const QUERIES: readonly string[] = [
  'step where duration > p95 and retried',
  'count step where duration > 2 * avg',
  'step where failed and run.started > 2026-11-05',
  'step where error.message ~ /host [13] is/ limit 100',
  'step where failed group by error.message',
  'step where not succeeded or duration > 4s order by duration desc limit 20',
  'count step where run.failed and attempts > 1',
  'run where duration > p95',
  "log where text contains 'ECONNRESET' and step = step7",
  'value where name = deploy and value.items[0].price > 990',
  'count value where value.items[0].price > 990',
  'step[name = step3 and retried] -> * -> step where failed',
  'step3 -> * -> deploy',
]

async function ask(search: Search, text: string): Promise<number> {
  await search.refresh()
  const query = search.parse(text)
  if (query.wanted === 'count') return search.count(query)
  let count = 0
  for await (const page of search.pages(query)) count += page.length
  return count
}

const store = await openStore(folder, { durability: 'normal' })
const events = await fill(store)
const scanMs = await timed(() => scan(store))
let search = await openSearch(store)
const firstMs = await timed(() => search.refresh())
const rssBytes = process.resourceUsage().maxRSS * 1024
const indexBytes = statSync(join(folder, 'search/index.db')).size
print(
  `first index of ${events.toLocaleString('en-US')} events`,
  `${(firstMs / 1_000).toFixed(1)} s, ${(rssBytes / 1e6).toFixed(0)} MB of memory, ${(indexBytes / 1e6).toFixed(0)} MB on disk`,
  `one scan of the log: ${(scanMs / 1_000).toFixed(1)} s`,
  '',
)
search.close()
search = await openSearch(store)
const all: number[] = []
for (const text of QUERIES) {
  const found = await ask(search, text)
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) times.push(await timed(() => ask(search, text)))
  all.push(median(times))
  print(
    text,
    `${ms(median(times))}, ${found} found`,
    `${(scanMs / median(times)).toFixed(0)} x faster than a scan`,
    '<= 200 ms',
  )
}
const next = Number(runsWanted)
const held = store.leases.acquire(`ci-${next}`)
if (held.kind === 'acquired') {
  const more = eventsOf(`ci-${next}`, START_MS + next * 600_000, next)
  const [sample] = store.runs.list({ limit: 1 })
  const row = { ...sample!, run: `ci-${next}`, createdAtMs: START_MS + next * 600_000 }
  await store.append([{ lease: held.lease, events: more, row }])
  print('one more run, then a query', ms(await timed(() => ask(search, 'count step where failed'))), '', '')
}
search.close()
appendFileSync(join(folder, 'logs', 'done'), '')
await store.close()
