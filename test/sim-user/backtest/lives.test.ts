/** Runs with a history: driven again, moved to another version, still going on. */
import { expect, test } from 'vitest'
import type { Event, Graph } from '../../../src/core/index.ts'
import { simulateRunnable } from '../../../src/sim/simulate.ts'
import { memoryStore } from '../../../src/store/memory.ts'
import { graphOf, out, runnableOf, sleep, stage, step } from '../../run/graphs.ts'
import { replayedBy, storeOf } from './recorded.ts'

const GRAPH = graphOf(
  [step('a'), sleep('pause', 5, { after: ['a'] }), step('b', [out('a')], { after: ['pause'] })],
  out('b'),
)
const plain = (graph: Graph) => runnableOf(graph, {}, () => undefined)

test('B2. of a run that was driven again the last life counts, with what it knew', async () => {
  const store = memoryStore()
  let tries = 0
  const tasks = {
    b: (a: string) => {
      tries += 1
      if (tries === 1) throw new Error('not yet')
      return `b of ${a}`
    },
  }
  const process = stage(store, GRAPH, { tasks })
  expect((await (await process.start()).session.ended).kind).toBe('ended')
  expect((await (await process.redrive()).session.ended).kind).toBe('ended')
  expect(process.ran).toEqual(['a', 'b', 'b'])
  const [same] = await replayedBy(plain(GRAPH), store)
  expect(same).toMatchObject({ status: 'succeeded', verdict: { kind: 'same' } })
  const [other] = await replayedBy(plain({ ...GRAPH, root: { ...GRAPH.root, result: out('a') } }), store)
  expect(other?.verdict).toMatchObject({ kind: 'differs', how: ['output'] })
})

test('who waited for a lock gets it in the order of then', async () => {
  const lock = { policy: { locks: [{ name: 'l', of: 'run' as const }] } }
  const graph = graphOf(['a', 'b', 'c', 'd'].map(id => step(id, [], lock)))
  const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))
  const tasks = { a: () => pause(3), b: () => pause(1), c: () => pause(2), d: () => pause(0) }
  for (let round = 0; round < 5; round += 1) {
    const store = memoryStore()
    expect((await (await stage(store, graph, { tasks }).start()).session.ended).kind).toBe('ended')
    expect((await replayedBy(plain(graph), store))[0]?.verdict).toEqual({ kind: 'same' })
  }
})

test('a run that was moved knows its steps by the ids that it had', async () => {
  const runnable = plain(GRAPH)
  const { log } = await simulateRunnable(runnable, { real: 'all' })
  const { atMs } = log[1] as Event
  const code = { graph: 'g', bundle: '' }
  const moved: Event = { kind: 'run.moved', v: 1, ...code, version: '2.0.0', from: code, atMs }
  const store = await storeOf([
    { runnable, run: 'moved', log: [...log.slice(0, 2), moved, ...log.slice(2)], renames: { first: 'a' } },
  ])
  const version = graphOf(
    [step('first'), sleep('pause', 5, { after: ['first'] }), step('b', [out('first')], { after: ['pause'] })],
    out('b'),
  )
  const [result] = await replayedBy(plain(version), store)
  expect(result?.verdict).toEqual({ kind: 'same' })
})

test('a run that has not ended is passed over, and one whose events are gone is told apart', async () => {
  const runnable = plain(GRAPH)
  const { log } = await simulateRunnable(runnable, { real: 'all' })
  const store = await storeOf([
    { runnable, run: 'live', log: log.slice(0, 3) },
    {
      runnable,
      run: 'torn',
      log: log.map(event => ('step' in event ? { ...event, step: `not-${event.step}` } : event)),
    },
    { runnable, run: 'whole', log },
  ])
  const results = await replayedBy(runnable, store)
  expect(new Map(results.map(({ run, verdict }) => [run, verdict]))).toEqual(
    new Map<string, unknown>([
      ['torn', { kind: 'refused', code: 'RUN_UNREADABLE', message: 'its log cannot be read with its own graph' }],
      ['whole', { kind: 'same' }],
    ]),
  )
})
