/** F6: what is done apart, where undeclared inputs are others, is not for the rest; what the rest did is for all. */
import { expect, test } from 'vitest'
import type { Node } from '../../src/core/index.ts'
import { type Freshness, newFreshness } from '../../src/freshness/index.ts'
import { memoryStore, newMemory } from '../../src/store/memory.ts'
import type { Store, Trace } from '../../src/store/store.ts'
import { hashText } from '../../src/util/hash.ts'

const DISK = {
  hashNow: () => null,
  isRight: () => true,
  putBack: async () => true,
  placeOf: () => '',
  shown: (path: string) => path,
  absolute: (path: string) => path,
}
const NODE: Node = {
  id: 'a',
  name: 'a',
  kind: 'task',
  task: 'a',
  args: [],
  after: [],
  policy: {},
  executor: 'inline',
}
const output = (text: string) => ({ codec: 'json', hash: hashText(text), sizeBytes: text.length, inline: text })

const freshness = (store: Store, run: string, code: string, apart?: string): Freshness =>
  newFreshness({
    store,
    disk: DISK,
    run,
    scope: apart ?? 'tutti.ts#w',
    codeOf: () => ({ kind: 'closed', hash: hashText(code), parts: {}, module: 'tutti.ts' }),
    context: { refOf: () => output('0'), env: {}, platform: 'linux', place: '' },
    ...(apart === undefined ? {} : { apart }),
    isForced: () => false,
    now: () => 1,
  })

/** What a run gives for the step: what it takes, or what it makes, which is kept. */
async function give(store: Store, run: string, code: string, made: string, apart?: string): Promise<string> {
  const mine = freshness(store, run, code, apart)
  const verdict = await mine.ask('a', NODE, [])
  if (verdict.kind === 'known') return `took ${verdict.trace.output.inline}`
  if (!verdict.key) throw new Error('it has no key')
  const outcome = { kind: 'succeeded', output: output(made) } as const
  const kept = mine.traceOf({ step: 'a', node: NODE, key: verdict.key, args: [], outcome, seen: undefined, ms: 1 })
  if (kept.kind !== 'kept') throw new Error(kept.kind)
  await append(store, run, kept.trace)
  return `made ${made}`
}

async function append(store: Store, run: string, trace: Trace): Promise<void> {
  const taken = store.leases.acquire(run)
  if (taken.kind !== 'acquired') throw new Error('held')
  const row = {
    run,
    workflow: 'w',
    file: '',
    graph: 'g',
    bundle: '',
    args: 'a',
    status: 'running',
    createdAtMs: 1,
    updatedAtMs: 1,
  } as const
  const started = { kind: 'run.started', v: 1, run, graph: 'g', args: {}, atMs: 1 } as const
  await store.append([{ lease: taken.lease, events: [started], row, traces: [trace] }])
}

test('F6: taken from elsewhere, and not given there', async () => {
  const store = memoryStore(newMemory())
  expect(await give(store, 'r1', 'one', '1')).toBe('made 1')
  expect(await give(store, 'r2', 'one', '2', 'replica')).toBe('took 1')
  expect(await give(store, 'r3', 'two', '3', 'replica')).toBe('made 3')
  expect(await give(store, 'r4', 'two', '4', 'replica')).toBe('took 3')
  expect(await give(store, 'r5', 'two', '5')).toBe('made 5')
  expect(await give(store, 'r6', 'two', '6')).toBe('took 5')
})
