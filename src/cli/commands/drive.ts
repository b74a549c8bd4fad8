/** Opens the shell for one run, launches it, and follows it to its end in this process, also when it is moved meanwhile. */
import { setTimeout as delay } from 'node:timers/promises'
import { type Launched, resumeRun } from '../../run/launch.ts'
import { type Local, openLocal } from '../../run/local.ts'
import type { ScheduleName } from '../../run/prospect.ts'
import type { Runnable } from '../../run/runnable.ts'
import { guardGroups, reapOrphans } from '../../services/index.ts'
import type { RunRow, Store } from '../../store/index.ts'
import { type Seen, saveStampsOf, stampsOf } from '../../values/index.ts'
import { EXIT } from '../exit.ts'
import { type FollowEnd, type FollowFlags, newFollowing } from '../follow.ts'
import type { Io } from '../io.ts'
import type { Memo } from '../manifest.ts'
import { openLogFile } from '../log-file.ts'
import { enterFolder, executorsFor } from '../worker.ts'
import { reopen } from './reopen.ts'

export type DriveFlags = FollowFlags & {
  readonly concurrency?: number
  readonly schedule?: ScheduleName
  readonly memo?: Memo
}

interface Ride {
  readonly run: string
  readonly end: FollowEnd
}

export async function drive(
  io: Io,
  store: Store,
  runnable: Runnable,
  flags: DriveFlags,
  launch: (local: Local) => Promise<Launched>,
): Promise<number> {
  let ride = await once(io, store, runnable, flags, launch, store.head())
  // What is looked at from here on belongs to another ledger: the next null run has no manifest.
  const { memo, ...rest } = flags
  while (ride.end.kind === 'yielded') {
    const row = await lent(store, ride.run)
    const again = await reopen(io, store, row, false)
    ride = await once(io, store, again, rest, local => resumeRun(local, again, row), ride.end.seq)
  }
  return ride.end.code
}

/** How long somebody who asked for a run has to take it, and how long he may have it. */
const TAKEN_MS = 5_000
const LENT_MS = 60_000
const LOOK_MS = 25

/** The run as it is when whoever asked for it has had it. */
async function lent(store: Store, run: string): Promise<RunRow> {
  const startMs = performance.now()
  const before = store.runs.get(run)
  let isTaken = false
  for (;;) {
    const isHeld = store.leases.holder(run) !== undefined
    const row = store.runs.get(run)
    const waitedMs = performance.now() - startMs
    const isBack = isTaken || row?.updatedAtMs !== before?.updatedAtMs || waitedMs > TAKEN_MS
    if (row && ((isBack && !isHeld) || waitedMs > LENT_MS)) return row
    isTaken ||= isHeld
    await delay(LOOK_MS)
  }
}

async function once(
  io: Io,
  store: Store,
  runnable: Runnable,
  flags: DriveFlags,
  launch: (local: Local) => Promise<Launched>,
  since: number,
): Promise<Ride> {
  await endOrphans(io, store)
  const unguard = guardGroups(store.path)
  const log = openLogFile(store.path)
  const following = newFollowing(flags.memo?.io ?? io, flags)
  const executors = executorsFor(store, runnable)
  const local = openLocal(store, {
    cwd: runnable.cwd,
    configurations: runnable.configurations,
    ...(flags.concurrency === undefined ? {} : { slots: flags.concurrency }),
    schedule: flags.schedule ?? 'critical-path',
    executors: executors.byName,
    watch: executors.watch,
    reuse: { stamps: stampsOf(store.path), ...(flags.memo ? { ledger: flags.memo.ledger } : {}) },
    ...(flags.memo ? { onLook: (_: unknown, seen: Seen) => flags.memo?.ledger.see(seen) } : {}),
    whenIdle: flags.wait === false ? 'pause' : 'wait',
    whenAsked: 'yield',
    onLine: line => {
      log.add(line)
      following.onLine(line)
    },
  })
  local.register(runnable)
  enterFolder(runnable.cwd)
  try {
    const launched = await launch(local)
    const { run } = launched.session
    const end = await following.follow(local, launched, runnable, since)
    if (end.kind === 'exit' && end.code === EXIT.succeeded) await flags.memo?.close(run, launched.values)
    return { run, end }
  } finally {
    await local.close()
    log.flush()
    await executors.close()
    unguard()
    saveStampsOf(store.path)
  }
}

/** What a process that was killed has left running would be in the way of what is started now. */
async function endOrphans(io: Io, store: Store): Promise<void> {
  const { services, commands } = await reapOrphans(store.path)
  const left = [
    ...services.map(({ name }) => name),
    ...(commands === 0 ? [] : [`${commands} command${commands > 1 ? 's' : ''}`]),
  ]
  if (left.length > 0) io.err(`ended what a killed process had left running: ${left.join(', ')}\n`)
}
