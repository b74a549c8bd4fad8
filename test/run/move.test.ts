/** A run that somebody drives is lent to whoever moves it, and goes on as a run of the other graph. */
import { describe, expect, it } from 'vitest'
import type { RunCode } from '../../src/core/index.ts'
import { encodeGraph } from '../../src/run/launch.ts'
import { graphInRun } from '../../src/run/move/ids.ts'
import { appendMove, beforeMove, withRun } from '../../src/run/move/move.ts'
import { readLog } from '../../src/run/move/trial.ts'
import { compile, type Graph, imageOf, newLogFold, takeSnapshot } from '../../src/core/index.ts'
import { memoryStore, newMemory, type RunRow, type Store } from '../../src/store/index.ts'
import { Refusal } from '../../src/util/diagnostic.ts'
import { awaits, eventsOf, graphOf, out, outputOf, RUN, region, node, stage, step, told } from './graphs.ts'
import { settled, virtualClock } from './virtual-clock.ts'

const OLD = graphOf([step('build'), awaits('ok', 'go'), step('ship', [out('build')], { after: ['ok'] })], out('ship'))
/** Something comes between, and something behind. */
const NEW = graphOf(
  [
    step('build'),
    awaits('ok', 'go'),
    step('check', [out('build')]),
    step('ship', [out('check')], { after: ['ok'] }),
    step('tell', [out('ship')]),
  ],
  out('tell'),
)
const tasks = {
  build: () => 1,
  check: (n: number) => n + 1,
  ship: (n: number) => n * 10,
  tell: (n: number) => `shipped ${n}`,
}

async function codeOf(work: () => Promise<unknown>): Promise<string> {
  try {
    return String(await work())
  } catch (error) {
    if (error instanceof Refusal) return error.diagnostics.map(({ code }) => code).join()
    throw error
  }
}

/** A run that waits, in its process, and the store as another process sees it. */
async function driven(whenAsked: 'yield' | 'keep' = 'yield') {
  const memory = newMemory()
  const store = memoryStore(memory)
  const launched = await stage(store, OLD, { tasks, whenAsked }).start()
  await settled()
  return { store, launched, other: memoryStore(memory) }
}

const rowOf = (store: Store): RunRow => store.runs.get(RUN)!

/** What `tutti migrate` does, without versions. */
async function move(store: Store, graph: Graph, timeoutMs = 5_000): Promise<void> {
  await withRun(store, RUN, timeoutMs, async lease => {
    const row = rowOf(store)
    const log = await readLog(store, RUN, row.graph)
    const image = imageOf({ before: log.graph, after: graph, library: log.library, events: log.events })
    if (image.kind === 'none') throw new Error(JSON.stringify(image.reason))
    const to: RunCode = { graph: await store.blobs.put(encodeGraph(graph)), bundle: row.bundle, version: '2.0.0' }
    await appendMove(store, lease, row, to, Date.now())
  })
}

const goOn = (store: Store, graph: Graph) => stage(store, graph, { tasks }).resume()

async function finished(store: Store, graph: Graph): Promise<unknown> {
  const again = await goOn(store, graph)
  again.session.submit({ kind: 'signal.sent', signal: 'go', value: { kind: 'literal', value: 1 }, atMs: Date.now() })
  expect(await again.session.ended).toEqual({ kind: 'ended', status: 'succeeded' })
  return outputOf(again)
}

describe('M3: a moved run ends as a run of the new version from an equivalent history would', () => {
  it('from the process that lets go of it, with what it has done', async () => {
    const { launched, store, other } = await driven()
    await move(other, NEW)
    expect(await launched.session.ended).toEqual({ kind: 'yielded' })
    expect(rowOf(store)).toMatchObject({ version: '2.0.0', status: 'running' })
    expect(await finished(store, NEW)).toBe('shipped 20')
    expect(told(await eventsOf(store)).filter(each => each.includes('build'))).toHaveLength(2)
  })

  it('and its state is that of a run of the new graph with the same log', async () => {
    const { launched, store, other } = await driven()
    await move(other, NEW)
    await launched.session.ended
    const log = await readLog(store, RUN, rowOf(store).graph)
    const image = imageOf({ before: OLD, after: NEW, library: new Map(), events: log.events })
    const fold = newLogFold(compile(NEW))
    for (const event of log.events) fold.add(event)
    if (image.kind === 'none') throw new Error(JSON.stringify(image.reason))
    expect(takeSnapshot(image.state)).toEqual(takeSnapshot(fold.state()))
  })
})

describe('M1: a run that is not moved is what it was', () => {
  it('when whoever asked for it dies between asking and moving', async () => {
    const { launched, store, other } = await driven()
    await expect(withRun(other, RUN, 5_000, () => Promise.reject(new Error('killed')))).rejects.toThrow('killed')
    expect(await launched.session.ended).toEqual({ kind: 'yielded' })
    expect(rowOf(store)).not.toHaveProperty('version')
    expect(await finished(store, OLD)).toBe(10)
  })

  it('when its process keeps it', async () => {
    const { launched, store, other } = await driven('keep')
    expect(await codeOf(() => move(other, NEW))).toBe('RUN_OWNED')
    expect(launched.session.waiting()).toMatchObject([{ kind: 'signal' }])
    expect(other.mailbox.open(new Set([RUN]))).toEqual([])
    await launched.session.pause()
    expect(await finished(store, OLD)).toBe(10)
  })

  it('when an attempt takes longer than it may', async () => {
    const memory = newMemory()
    const store = memoryStore(memory)
    let end: (value: number) => void = () => undefined
    const slow = new Promise<number>(resolve => (end = resolve))
    const owner = stage(store, OLD, { tasks: { ...tasks, build: () => slow }, whenAsked: 'yield' })
    const launched = await owner.start()
    await settled()
    expect(await codeOf(() => move(memoryStore(memory), NEW, 50))).toBe('RUN_OWNED')
    const moving = move(memoryStore(memory), NEW)
    end(1)
    await moving
    expect(await launched.session.ended).toEqual({ kind: 'yielded' })
    expect(await finished(store, NEW)).toBe('shipped 20')
  })
})

it('what would begin meanwhile begins after all when the run is not lent', async () => {
  const clock = virtualClock()
  const ends = new Map<string, (value: string) => void>()
  const held = (name: string) => () => new Promise<string>(resolve => void ends.set(name, resolve))
  const graph = graphOf([step('long'), step('short'), step('behind', [], { after: ['short'] })])
  const tasks = { long: held('long'), short: held('short') }
  const run = stage(memoryStore(), graph, { clock, tasks, whenAsked: 'yield' })
  const { session } = await run.start()
  await settled()
  const asked = session.yield(1_000)
  ends.get('short')?.('done')
  await settled()
  expect(run.ran).toEqual(['long', 'short'])
  expect(await clock.until(asked)).toBe('busy')
  await settled()
  expect(run.ran).toEqual(['long', 'short', 'behind'])
  ends.get('long')?.('done')
  expect(await session.ended).toEqual({ kind: 'ended', status: 'succeeded' })
})

describe('M2: a move is taken back', () => {
  it('while it is the last event', async () => {
    const { launched, store, other } = await driven()
    await move(other, NEW)
    await launched.session.ended
    const back = await beforeMove(store, rowOf(store))
    await withRun(store, RUN, 0, lease => appendMove(store, lease, rowOf(store), back, Date.now()))
    expect(rowOf(store)).not.toHaveProperty('version')
    expect(await finished(store, OLD)).toBe(10)
  })

  it('and not when it went on, or was never moved', async () => {
    const { launched, store, other } = await driven()
    expect(await codeOf(() => beforeMove(store, rowOf(store)))).toBe('MOVE_PASSED')
    await move(other, NEW)
    await launched.session.ended
    const again = await goOn(store, NEW)
    await settled()
    await again.session.pause()
    expect(await codeOf(() => beforeMove(store, rowOf(store)))).toBe('MOVE_PASSED')
  })
})

describe('I1: ids', () => {
  const ids = (graph: Graph) => graph.root.nodes.map(({ id }) => id)
  const twice = graphOf([step('lint'), step('lint~2'), step('ship', [out('lint')])])

  it('a step that was renamed keeps its own, and what had it gets a free one', () => {
    const before = graphOf([step('lint'), step('lint~3')])
    const { graph, renames } = graphInRun(twice, { 'lint~2': 'lint' }, '2.0.0', before)
    expect(ids(graph)).toEqual(['lint~4', 'lint', 'ship'])
    expect(renames).toEqual({ lint: 'lint~4', 'lint~2': 'lint' })
    expect(graph.root.nodes[2]).toMatchObject({ args: [{ node: 'lint~4' }] })
  })

  it('inside of others, too', () => {
    const nested = graphOf([
      node('c', { kind: 'call', workflow: 'c', args: {}, body: region([step('new')], out('new')) }),
    ])
    const { graph } = graphInRun(nested, { 'c/new': 'old' }, '2.0.0', OLD)
    expect(graph.root.nodes[0]).toMatchObject({ body: { nodes: [{ id: 'old' }], result: { node: 'old' } } })
  })

  it('two steps are not one, and one that is nowhere is none', async () => {
    const colliding = { lint: 'ship', 'lint~2': 'ship' }
    expect(await codeOf(async () => graphInRun(twice, colliding, '2.0.0', OLD))).toBe('RENAME_COLLIDES')
    expect(await codeOf(async () => graphInRun(twice, { ghost: 'lint' }, '2.0.0', OLD))).toBe('RENAME_UNKNOWN')
  })
})
