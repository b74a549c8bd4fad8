/** Opens the shell for one run, launches it, and follows it to its end in this process. */
import type { Launched } from '../../run/launch.ts'
import { type Local, openLocal } from '../../run/local.ts'
import type { Runnable } from '../../run/runnable.ts'
import type { Store } from '../../store/index.ts'
import { saveStampsOf, stampsOf } from '../../values/index.ts'
import { type FollowFlags, newFollowing } from '../follow.ts'
import type { Io } from '../io.ts'
import { openLogFile } from '../log-file.ts'
import { enterFolder, executorsFor } from '../worker.ts'

export async function drive(
  io: Io,
  store: Store,
  runnable: Runnable,
  flags: FollowFlags & { readonly concurrency?: number },
  launch: (local: Local) => Promise<Launched>,
): Promise<number> {
  const log = openLogFile(store.path)
  const following = newFollowing(io, flags)
  const executors = executorsFor(store, runnable)
  const local = openLocal(store, {
    cwd: runnable.cwd,
    configurations: runnable.configurations,
    ...(flags.concurrency === undefined ? {} : { slots: flags.concurrency }),
    executors: executors.byName,
    watch: executors.watch,
    reuse: { stamps: stampsOf(store.path) },
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
    return await following.follow(local, await launch(local), runnable, since)
  } finally {
    await local.close()
    log.flush()
    await executors.close()
    saveStampsOf(store.path)
  }
}
