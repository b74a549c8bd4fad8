/** What a run does and tells waits for its events to be durable, and a store that refuses costs no acknowledged step. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ctx, effect, run, task, workflow } from 'tutti'
import { apply, compile, emptyState, type Event, takeSnapshot } from '../../src/core/index.ts'
import { definitionOf, type WorkflowDefinition } from '../../src/dsl/definition.ts'
import { resumeRun, startRun } from '../../src/run/launch.ts'
import { openLocal } from '../../src/run/local.ts'
import { encodeState } from '../../src/run/recover.ts'
import { embeddedRunnable } from '../../src/run/runnable.ts'
import { openStore, type Store } from '../../src/store/index.ts'
import { Refusal } from '../../src/util/diagnostic.ts'

let store: Store
beforeEach(async () => void (store = await openStore(mkdtempSync(join(tmpdir(), 'tutti-durable-')))))
afterEach(() => store.close())

async function eventsOf(id: string): Promise<readonly Event[]> {
  const events: Event[] = []
  for await (const { event } of store.read({ run: id })) events.push(event)
  return events
}

/** `store`, but each append first meets `append`. */
const wrapped = (append: (real: () => Promise<number>) => Promise<number>): Store => ({
  ...store,
  append: batches => append(() => store.append(batches)),
})

const definition = (given: (...args: never[]) => unknown): WorkflowDefinition =>
  definitionOf(given) as WorkflowDefinition

describe('R1: nothing is performed before it is durable', () => {
  test('a task finds its own start, and the end of what it depends on, in the log', async () => {
    const seen: string[] = []
    const step = task(async (_before: string) => {
      const { step: self, run: id } = ctx()
      const kinds = (await eventsOf(id)).flatMap(event => ('step' in event ? [`${event.kind} ${event.step}`] : []))
      expect(kinds).toContain(`attempt.started ${self}`)
      for (const before of seen) expect(kinds).toContain(`step.settled ${before}`)
      seen.push(self)
      return self
    })
    const result = await run(
      workflow(() => step(step(step('begin')))),
      { store },
    )
    expect(result).toMatchObject({ status: 'succeeded' })
    expect(seen.length).toBe(3)
  })

  test.each(['sync', 'async'])('while an append waits, nothing happens (%s tasks)', async kind => {
    const done: number[] = []
    const note = (n: number): number => done.push(n)
    const later = async (n: number): Promise<number> => note(n)
    const step = kind === 'sync' ? task(note) : task(later)
    let appends = 0
    const slow = wrapped(async real => {
      const before = done.length
      // More turns of the loop than anything that runs ahead would need.
      for (let turn = 0; turn < 5; turn += 1) await new Promise(resolve => setImmediate(resolve))
      expect(done.length).toBe(before)
      appends += 1
      return real()
    })
    const result = await run(
      workflow(() => step(step(step(0)))),
      { store: slow },
    )
    expect(result).toMatchObject({ status: 'succeeded', output: 3 })
    // The start of the run, each end with the next start, the end of the run.
    expect(appends).toBeGreaterThanOrEqual(4)
  })
})

test('R2: a late or second end of an attempt changes nothing', async () => {
  const id = 'twice'
  const slow = task(async () => {
    const { step, attempt } = ctx()
    const output = { codec: 'json', hash: 'a'.repeat(64), sizeBytes: 7, inline: '"first"' }
    const outcome = { kind: 'succeeded', output } as const
    for (let time = 0; time < 2; time += 1) {
      launched.session.submit({ kind: 'attempt.finished', step, attempt, outcome, atMs: 1 })
    }
    return 'late'
  })
  const flow = definition(workflow(() => slow()))
  const runnable = embeddedRunnable(flow, process.cwd())
  const local = openLocal(store, { cwd: process.cwd() })
  local.register(runnable)
  const launched = await startRun(local, runnable, id, {})
  expect(await launched.session.ended).toEqual({ kind: 'ended', status: 'succeeded' })
  const settled = (await eventsOf(id)).filter(event => event.kind === 'step.settled')
  expect(settled).toMatchObject([{ outcome: { output: { inline: '"first"' } } }])
})

const full = (): Refusal => new Refusal({ code: 'STORE_FULL', severity: 'error', message: 'the disk is full' })

describe('R3: a refused append ends the session, and the run resumes', () => {
  const REFUSALS = ['nothing was written', 'all was written, and the acknowledgement was lost'] as const
  // The start of the run and of the first step, each end with the next start, the last end with that of the run.
  const APPENDS = [1, 2, 3, 4]
  test.each(REFUSALS.flatMap(what => APPENDS.map(at => ({ what, at }))))('append $at: $what', async ({ what, at }) => {
    const calls: string[] = []
    const first = effect(() => calls.push('first'), { name: 'first' })
    const second = effect((n: number) => calls.push('second') + n, { name: 'second' })
    const third = effect((n: number) => calls.push('third') + n, { name: 'third' })
    const chain = definition(workflow(() => third(second(first()))))
    let appends = 0
    const failing = wrapped(async real => {
      appends += 1
      if (appends !== at) return real()
      if (what !== 'nothing was written') await real()
      throw full()
    })
    const begun = await launch(failing, chain)
    const end = await begun.session.ended
    expect(end).toMatchObject({ kind: 'broken', error: { diagnostics: [{ code: 'STORE_FULL' }] } })
    const acknowledged = (await eventsOf('r3')).flatMap(event => (event.kind === 'step.settled' ? [event.step] : []))
    const before = [...calls]
    calls.length = 0
    const again = await launch(store, chain)
    expect(await again.session.ended).toEqual({ kind: 'ended', status: 'succeeded' })
    // What is in the log did not run again; each of the others ran once more.
    expect(calls).toEqual(['first', 'second', 'third'].filter(name => !acknowledged.includes(name)))
    expect(before.length - acknowledged.length).toBeLessThanOrEqual(1)
    expect((await eventsOf('r3')).filter(event => event.kind === 'step.settled').length).toBe(3)
  })
})

/** Starts or resumes the run `r3`, as another process would: nothing is shared but the store. */
async function launch(through: Store, flow: WorkflowDefinition) {
  const runnable = embeddedRunnable(flow, process.cwd())
  const local = openLocal(through, { cwd: process.cwd() })
  local.register(runnable)
  const row = through.runs.get('r3')
  return row ? resumeRun(local, runnable, row) : startRun(local, runnable, 'r3', {})
}

test('a run is recovered from its newest snapshot: the events before it are not read', async () => {
  const step = task((n: number) => n + 1, { name: 'step' })
  const chain = definition(workflow(() => step(step(step(0)))))
  let appends = 0
  const failing = wrapped(async real => {
    appends += 1
    if (appends === 3) throw full()
    return real()
  })
  const begun = await launch(failing, chain)
  await begun.session.ended
  const state = emptyState(compile(embeddedRunnable(chain, process.cwd()).graph))
  for (const event of await eventsOf('r3')) apply(state, event)
  const graph = store.runs.get('r3')?.graph ?? ''
  store.snapshots.put('r3', store.head(), encodeState({ graph, snapshot: takeSnapshot(state) }))
  const from: (number | undefined)[] = []
  const watching: Store = {
    ...store,
    read: range => {
      from.push(range.from)
      return store.read(range)
    },
  }
  const snapshotSeq = store.head()
  const again = await launch(watching, chain)
  expect(await again.session.ended).toEqual({ kind: 'ended', status: 'succeeded' })
  expect(from).toEqual([snapshotSeq + 1])
})
