/** `tutti cancel`: asks the process that runs it; a run that nobody runs is cancelled here. */
import { setTimeout as delay } from 'node:timers/promises'
import { decodeGraph, resumeRun } from '../../run/launch.ts'
import { openLocal } from '../../run/local.ts'
import type { Runnable } from '../../run/runnable.ts'
import type { RunRow, Store } from '../../store/index.ts'
import { refuse } from '../../util/diagnostic.ts'
import { EXIT } from '../exit.ts'
import type { Io } from '../io.ts'
import { findRun, type StoreFlags, withStore } from '../store.ts'

export const cancelCommand = (io: Io, run: string, flags: StoreFlags & { readonly reason?: string }): Promise<number> =>
  withStore(io, flags, async store => {
    const row = findRun(store, run)
    if (row.endedAtMs !== undefined)
      return refuse('RUN_ENDED', `Run ${run} has ended: ${row.status}`, { hint: 'There is nothing to cancel.' })
    const reason = flags.reason ?? 'cancelled by the user'
    const holder = store.leases.holder(row.run)
    if (holder === undefined) return cancelIdle(io, store, row, reason)
    store.mailbox.post(row.run, { kind: 'cancel', reason })
    io.err(`asked run ${run} to stop\n`)
    const deadline = Date.now() + 30_000
    while (Date.now() < deadline) {
      if (store.runs.get(run)?.endedAtMs !== undefined) return EXIT.succeeded
      await delay(100)
    }
    io.err(`run ${run} is still stopping\n`)
    return EXIT.succeeded
  })

/** Nobody runs it: it is cancelled here, without its code. */
async function cancelIdle(io: Io, store: Store, row: RunRow, reason: string): Promise<number> {
  const local = openLocal(store, { cwd: io.cwd })
  const launched = await resumeRun(local, await bareRunnable(store, row), row, 'nothing')
  launched.session.submit({ kind: 'cancel.requested', reason, atMs: Date.now() })
  const end = await launched.session.ended
  if (end.kind === 'broken') throw end.error
  io.err(`run ${row.run} is cancelled\n`)
  return EXIT.succeeded
}

async function bareRunnable(store: Store, row: RunRow): Promise<Runnable> {
  const graph = decodeGraph(await store.blobs.get(row.graph))
  return {
    name: row.workflow,
    definition: {
      kind: 'workflow',
      name: row.workflow,
      pinned: false,
      at: undefined,
      address: undefined,
      params: { kind: 'positional', names: [] },
      body: () => undefined,
      policy: {},
    },
    graph,
    bindings: { definitions: new Map(), addresses: new Map(), pure: new Map(), signals: new Map() },
    cwd: store.path,
    file: row.file,
    bundle: undefined,
    configurations: [],
    readContents: new Map(),
  }
}
