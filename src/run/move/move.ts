/**
 * Moves a run to another version: one event and the run's row, in one commit, under the run's lease, so nothing comes between
 * the check of the log and the move.
 *
 *   M1. A run that cannot be moved is what it was: nothing is written, and whoever drove it goes on.
 *   M2. A move can be taken back while it is the last event of the log.
 *   M3. A moved run ends as a run of the new version from an equivalent history would (E17).
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Event, RunCode } from '../../core/index.ts'
import type { Lease, RunRow, Store } from '../../store/store.ts'
import { refuse } from '../../util/diagnostic.ts'

/** What a run is a run of, now. */
const codeOfRow = ({ graph, bundle, version, renames }: RunRow): RunCode => ({
  graph,
  bundle,
  ...(version === undefined ? {} : { version }),
  ...(renames === undefined ? {} : { renames }),
})

/**
 * Does `work` with the run's lease, which its owner is asked for. Refuses with RUN_OWNED when the owner does not let go of it
 * in time, and RUN_ENDED when the run ends meanwhile.
 */
export async function withRun<T>(
  store: Store,
  run: string,
  timeoutMs: number,
  work: (lease: Lease) => Promise<T>,
): Promise<T> {
  const lease = await borrow(store, run, timeoutMs)
  try {
    return await work(lease)
  } finally {
    store.leases.release(lease)
  }
}

const LOOK_MS = 20
const GRACE_MS = 2_000

async function borrow(store: Store, run: string, timeoutMs: number): Promise<Lease> {
  const first = store.leases.acquire(run)
  if (first.kind === 'acquired') return first.lease
  const letter = store.mailbox.post(run, { kind: 'yield', withinMs: timeoutMs }, 'wanted')
  const untilMs = performance.now() + timeoutMs
  try {
    for (;;) {
      const taken = store.leases.acquire(run)
      if (taken.kind === 'acquired') return taken.lease
      const reply = store.mailbox.takeReply(letter)
      if (reply?.kind === 'refused')
        return refuse(reply.code, reply.message, reply.hint === undefined ? {} : { hint: reply.hint })
      // Its owner says so itself, unless it does not look into its mailbox.
      if (performance.now() > untilMs + GRACE_MS) return tooLong(run, taken.owner, timeoutMs)
      await delay(LOOK_MS)
    }
  } finally {
    // Nobody is to let go of the run any more for our sake.
    if (!store.mailbox.withdraw(letter)) store.mailbox.takeReply(letter)
  }
}

const tooLong = (run: string, owner: string, timeoutMs: number): never =>
  refuse(
    'RUN_OWNED',
    `Run ${run} is still busy in another process (${owner}) after ${timeoutMs / 1_000} s; nothing was changed`,
    { hint: 'It lets go of the run when what runs now has ended. Wait longer with --timeout.' },
  )

/** One commit. `row`: as it is now. */
export async function appendMove(store: Store, lease: Lease, row: RunRow, to: RunCode, atMs: number): Promise<void> {
  const { lastSeq: _, renames: __, version: ___, ...rest } = row
  const event: Event = { kind: 'run.moved', v: 1, ...to, from: codeOfRow(row), atMs }
  await store.append([{ lease, events: [event], row: { ...rest, ...to, updatedAtMs: atMs } }])
}

/** M2. What the run was before its last move. Refuses with MOVE_PASSED. */
export async function beforeMove(store: Store, { run }: RunRow): Promise<RunCode> {
  let last: Event | undefined
  for await (const { event } of store.read({ run })) last = event
  if (last?.kind === 'run.moved') return last.from
  return refuse('MOVE_PASSED', `Run ${run} has gone on since it was moved, or never was`, {
    hint: 'It can be moved to the version before: tutti migrate RUN --to VERSION.',
  })
}
