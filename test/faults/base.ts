/** Small stores with something of everything in them, to be damaged. */
import { kill, pid } from 'node:process'
import { openDatabase } from '../../src/store/adapter.ts'
import { openStore, type RunRow, type Store } from '../../src/store/index.ts'
import { contentsOf, event, LINE, lease, OTHER_LINE, pinned, rowOf, versionOf } from '../store/data.ts'
import { RUNS, VERSIONS } from './answers.ts'

/**
 * `closed`: all in the database. `killed`: only tables in the database, all else in its log. `copied`: killed, too, but the
 * log was copied into the database before, so that the index of events lags behind in it.
 */
export type Kind = 'closed' | 'killed' | 'copied'
export const KINDS: readonly Kind[] = ['closed', 'killed', 'copied']

export async function makeBase(folder: string, kind: string): Promise<void> {
  await (await openStore(folder, { durability: 'normal' })).close()
  const store = await openStore(folder, { durability: 'normal' })
  await fill(store)
  if (kind === 'closed') return store.close()
  if (kind === 'copied') (await openDatabase(`${folder}/store.db`, 'libsql')).exec('PRAGMA wal_checkpoint(TRUNCATE)')
  kill(pid, 'SIGKILL')
}

/** In few commits: each is some pages more to be damaged. One run ends, one pauses, one is alive when its owner dies. One workflow has versions. */
async function fill(store: Store): Promise<void> {
  const leases = { ended: lease(store, 'ended'), paused: lease(store, 'paused'), live: lease(store, 'live') }
  const first = RUNS.map(async run => ({
    lease: leases[run],
    events: [event(0, run), event(1)],
    row: await rowFor(store, run),
  }))
  await store.append(await Promise.all(first))
  store.snapshots.put('live', 3, Buffer.from('state of live at 3'))
  const ended = await rowFor(store, 'ended', { status: 'succeeded', endedAtMs: 50, updatedAtMs: 50 })
  const paused = await rowFor(store, 'paused', { status: 'paused', updatedAtMs: 60 })
  await store.append([
    { lease: leases.ended, events: [event(2, 'the end')], row: ended },
    { lease: leases.paused, events: [event(2, 'x'.repeat(5_000))], row: paused },
    { lease: leases.live, events: [event(2, 'alive')] },
  ])
  store.snapshots.put('live', 9, Buffer.from('state of live at 9'))
  store.slots.take({ ticket: 7, pool: 'pool', slots: 2, weight: 1, priority: 0 })
  for (const [index, number] of VERSIONS.entries())
    store.versions.publish(versionOf(number), contentsOf(number), index, index === 1 ? 'beside' : 'current')
  store.versions.publish(versionOf('1.0.0', { line: OTHER_LINE }), Buffer.from([0xff, 0, 0xfe]), 0, 'beside')
  store.versions.point(LINE, pinned('1.0.0'))
  store.mailbox.post('live', { kind: 'cancel', reason: 'somebody asked' })
  store.leases.release(leases.ended)
  // Last, so that the log ends with an event: what the head knows.
  await store.append([{ lease: leases.live, events: [event(3, 'last')] }])
}

const rowFor = async (store: Store, run: (typeof RUNS)[number], changes: Partial<RunRow> = {}) =>
  rowOf(run, {
    createdAtMs: 10 + RUNS.indexOf(run),
    workflow: `flow-${run}`,
    graph: await store.blobs.put(Buffer.from(`{"graph of":"${run}"}`)),
    ...changes,
  })
