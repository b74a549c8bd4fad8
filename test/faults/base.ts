/** Small stores with something of everything in them, to be damaged. */
import { kill, pid } from 'node:process'
import { openStore, type Store } from '../../src/store/index.ts'
import { event, lease, rowOf } from '../store/data.ts'
import { RUNS } from './answers.ts'

/** `closed`: all in the database. `killed`: only tables in the database, all else in its log. */
export type Kind = 'closed' | 'killed'
export const KINDS: readonly Kind[] = ['closed', 'killed']

export async function makeBase(folder: string, kind: string): Promise<void> {
  await (await openStore(folder, { durability: 'normal' })).close()
  const store = await openStore(folder, { durability: 'normal' })
  await beginRuns(store)
  await goOn(store)
  if (kind === 'closed') return store.close()
  kill(pid, 'SIGKILL')
}

async function beginRuns(store: Store): Promise<void> {
  for (const [index, run] of RUNS.entries()) {
    const held = lease(store, run)
    const row = rowOf(run, { createdAtMs: 10 + index, workflow: `flow-${run}`, graph: await putText(store, run) })
    await store.append([{ lease: held, events: [event(0, run)], row }])
    await store.append([{ lease: held, events: [event(1), event(2)] }])
    store.snapshots.put(run, 3, Buffer.from(`state of ${run} at 3`))
    store.leases.release(held)
  }
}

/** One run ends, one pauses, one is alive when its owner dies. */
async function goOn(store: Store): Promise<void> {
  const held = new Map(RUNS.map(run => [run, lease(store, run)]))
  const appendTo = async (run: (typeof RUNS)[number], note: string, changes = {}): Promise<void> => {
    const row = rowOf(run, {
      createdAtMs: 10 + RUNS.indexOf(run),
      workflow: `flow-${run}`,
      graph: await putText(store, run),
      ...changes,
    })
    await store.append([{ lease: held.get(run)!, events: [event(7, note)], row }])
  }
  await appendTo('ended', 'the end', { status: 'succeeded', endedAtMs: 50, updatedAtMs: 50 })
  await appendTo('paused', 'x'.repeat(5_000), { status: 'paused', updatedAtMs: 60 })
  await appendTo('live', 'alive', { updatedAtMs: 70 })
  store.snapshots.put('live', 9, Buffer.from('state of live at 9'))
  store.slots.take({ ticket: 7, pool: 'pool', slots: 2, weight: 1, priority: 0 })
  store.mailbox.post('live', { kind: 'cancel', reason: 'somebody asked' })
  for (const run of ['ended', 'paused'] as const) store.leases.release(held.get(run)!)
  // Last, so that the log ends with an event: what the head knows.
  await store.append([{ lease: held.get('live')!, events: [event(8, 'last')] }])
}

const putText = (store: Store, run: string): Promise<string> => store.blobs.put(Buffer.from(`{"graph of":"${run}"}`))
