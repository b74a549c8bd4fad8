/** Opens the shell for one run, launches it, and follows it to its end in this process. */
import type { Launched } from '../../run/launch.ts'
import { type Local, openLocal } from '../../run/local.ts'
import type { Runnable } from '../../run/runnable.ts'
import { guardGroups, reapOrphans } from '../../services/index.ts'
import type { Store } from '../../store/index.ts'
import { type Seen, saveStampsOf, stampsOf } from '../../values/index.ts'
import { EXIT } from '../exit.ts'
import { type FollowFlags, newFollowing } from '../follow.ts'
import type { Io } from '../io.ts'
import type { Memo } from '../manifest.ts'
import { openLogFile } from '../log-file.ts'
import { enterFolder, executorsFor } from '../worker.ts'

export async function drive(
  io: Io,
  store: Store,
  runnable: Runnable,
  flags: FollowFlags & { readonly concurrency?: number; readonly memo?: Memo },
  launch: (local: Local) => Promise<Launched>,
): Promise<number> {
  await endOrphans(io, store)
  const unguard = guardGroups(store.path)
  const log = openLogFile(store.path)
  const following = newFollowing(flags.memo?.io ?? io, flags)
  const executors = executorsFor(store, runnable)
  const local = openLocal(store, {
    cwd: runnable.cwd,
    configurations: runnable.configurations,
    ...(flags.concurrency === undefined ? {} : { slots: flags.concurrency }),
    executors: executors.byName,
    watch: executors.watch,
    reuse: { stamps: stampsOf(store.path), ...(flags.memo ? { ledger: flags.memo.ledger } : {}) },
    ...(flags.memo ? { onLook: (_: unknown, seen: Seen) => flags.memo?.ledger.see(seen) } : {}),
    whenIdle: flags.wait === false ? 'pause' : 'wait',
    onLine: line => {
      log.add(line)
      following.onLine(line)
    },
  })
  local.register(runnable)
  enterFolder(runnable.cwd)
  try {
    const since = store.head()
    const launched = await launch(local)
    const exit = await following.follow(local, launched, runnable, since)
    if (exit === EXIT.succeeded) await flags.memo?.close(launched.session.run, launched.values)
    return exit
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
