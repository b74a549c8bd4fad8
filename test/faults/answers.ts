/**
 * All that can be asked of a store, and what it answers: a value, or a refusal. Anything else that is thrown is a defect.
 * Asked in a process of its own, because what is damaged may end it, or hang it.
 */
import { createHash } from 'node:crypto'
import { doctor, openStore, recover, type Store, type StoredEvent } from '../../src/store/index.ts'
import { Refusal } from '../../src/util/diagnostic.ts'
import { event, LINE, OTHER_LINE } from '../store/data.ts'

export const RUNS = ['ended', 'paused', 'live'] as const
export const VERSIONS = ['1.0.0', '1.0.1-beta', '1.1.0'] as const

export interface Asked {
  readonly folder: string
  readonly blobs: readonly string[]
  /** Also saves what is intact into this folder, and looks at that. */
  readonly into?: string
  /** Also asks for each blob that an event names. */
  readonly named?: boolean
  /** Without what `doctor` says: it reads everything once more. */
  readonly briefly?: boolean
}

export type Answer =
  | { readonly kind: 'given'; readonly value: unknown }
  /** Refused with this code. */
  | { readonly kind: 'told'; readonly code: string }
  | { readonly kind: 'defect'; readonly text: string }

export interface Answers {
  /** By question. When the store cannot be opened: only `open`. */
  readonly answers: Readonly<Record<string, Answer>>
  readonly doctor?: Answer
  /** What `doctor --recover` saved: each run's events, and what it says is lost. */
  readonly saved?: Answer
}

export interface Saved {
  readonly runs: Readonly<Record<string, readonly unknown[]>>
  /** Each row with its contents, and what is current. */
  readonly versions: readonly unknown[]
  readonly lost: readonly string[]
}

export async function look(asked: Asked): Promise<Answers> {
  const { folder, into } = asked
  // First: it says that it changes nothing.
  const examined = asked.briefly ? {} : { doctor: await answerTo(() => codesOf(folder)) }
  const saved = into === undefined ? {} : { saved: await answerTo(() => save(folder, into)) }
  const opened = await answerTo(() => openStore(folder, { mode: 'existing', durability: 'normal' }))
  if (opened.kind !== 'given') return { answers: { open: opened }, ...examined, ...saved }
  // It is what `openStore` gave, one line above.
  const store = opened.value as Store
  const answers = await askAll(store, asked)
  const closed = await answerTo(() => store.close())
  return { answers: { ...answers, ...(closed.kind === 'given' ? {} : { close: closed }) }, ...examined, ...saved }
}

const codesOf = async (folder: string): Promise<readonly string[]> =>
  (await doctor(folder)).diagnostics.filter(isError).map(({ code }) => code)

const isError = ({ severity }: { readonly severity: string }): boolean => severity === 'error'

async function answerTo(work: () => unknown): Promise<Answer> {
  try {
    return { kind: 'given', value: await work() }
  } catch (error) {
    if (error instanceof Refusal) return { kind: 'told', code: error.diagnostics[0]?.code ?? '' }
    return { kind: 'defect', text: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

async function askAll(store: Store, { blobs, named }: Asked): Promise<Readonly<Record<string, Answer>>> {
  const answers: Record<string, Answer> = {}
  const ask = async (question: string, work: () => unknown): Promise<void> => {
    answers[question] = await answerTo(work)
  }
  await ask('events', () => all(store, {}))
  for (const run of [...RUNS, 'unknown']) {
    await ask(`events of ${run}`, () => all(store, { run }))
    await ask(`run ${run}`, () => store.runs.get(run) ?? null)
  }
  await ask('snapshot', () => snapshotOf(store, 'live'))
  await ask('holder', () => store.leases.holder('live') ?? null)
  await ask('runs', () => store.runs.list())
  await ask('newest run', () => store.runs.list({ limit: 1 }))
  await ask('ended runs', () => store.runs.list({ status: ['succeeded', 'failed'] }))
  await ask('mail', () => store.mailbox.open(new Set(RUNS)).map(({ run, mail }) => ({ run, mail })))
  await ask('versions', () => store.versions.list())
  for (const line of [LINE, OTHER_LINE]) {
    await ask(`versions of ${line}`, () => store.versions.list(line))
    await ask(`current of ${line}`, () => store.versions.current(line) ?? null)
  }
  for (const number of [...VERSIONS, '9.9.9']) {
    await ask(`version ${number}`, () => store.versions.get(LINE, number) ?? null)
    await ask(`contents of ${number}`, () =>
      store.versions.get(LINE, number) ? digestOf(store.versions.contents(LINE, number)) : null,
    )
  }
  for (const hash of named ? await namedIn(store) : blobs)
    await ask(`blob ${hash}`, async () => digestOf(await store.blobs.get(hash)))
  for (const run of RUNS) await ask(`lease of ${run}`, () => store.leases.acquire(run).kind)
  await ask('slots', () => store.slots.take({ ticket: 1, pool: 'pool', slots: 2, weight: 2, priority: 0 }))
  await ask('append', () => appendTo(store, 'paused'))
  return answers
}

/** The blobs that events name. */
async function namedIn(store: Store): Promise<readonly string[]> {
  const events = await all(store, {}).catch(() => [])
  return [...JSON.stringify(events).matchAll(/"hash":"([0-9a-f]{64})"/g)].map(([, hash = '']) => hash)
}

async function all(store: Store, range: Parameters<Store['read']>[0]): Promise<readonly StoredEvent[]> {
  const found: StoredEvent[] = []
  for await (const stored of store.read(range)) found.push(stored)
  return found
}

function snapshotOf(store: Store, run: string): unknown {
  const found = store.snapshots.latest(run)
  return found ? { seq: found.seq, bytes: digestOf(found.bytes) } : null
}

/** What is appended to a store comes behind all that was there. */
async function appendTo(store: Store, run: string): Promise<unknown> {
  const answer = store.leases.acquire(run)
  const lease = answer.kind === 'acquired' ? answer.lease : undefined
  if (!lease) return 'held'
  const seq = await store.append([{ lease, events: [event(999)] }])
  return { seq, events: await all(store, { run }) }
}

async function save(folder: string, into: string): Promise<Saved> {
  const { diagnostics } = await recover(folder, into)
  const store = await openStore(into, { mode: 'existing', durability: 'normal' })
  try {
    const runs: Record<string, unknown[]> = {}
    for (const { run, event: found } of await all(store, {})) (runs[run] ??= []).push(found)
    const wrong = (await doctor(into)).diagnostics.filter(({ code }) => /^(STORE|VERSION)_/.test(code))
    if (wrong.length > 0) throw new Error(`what was recovered is damaged: ${JSON.stringify(wrong)}`)
    const rows = store.versions.list()
    const versions = rows.map(row => [row, digestOf(store.versions.contents(row.line, row.number))])
    const current = [LINE, OTHER_LINE].map(line => store.versions.current(line) ?? null)
    return { runs, versions: [...versions, current], lost: diagnostics.map(({ message }) => message) }
  } finally {
    await store.close()
  }
}

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
