/** Replicas that nobody has used for long: they can be made again, as far as their inputs can be had. */
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Store } from '../../store/index.ts'
import { inReplica } from '../../values/index.ts'
import { replicasFolder } from '../../values/replicas.ts'

/** How many were removed. One in which a run goes on, or could go on, stays. */
export async function removeReplicas(store: Pick<Store, 'path' | 'runs'>, usedBeforeMs: number): Promise<number> {
  const live = store.runs
    .list({ status: ['running', 'paused'] })
    .map(({ file }) => inReplica(store.path, file)?.replica)
  let count = 0
  const top = replicasFolder(store.path)
  for (const line of await namesIn(top))
    for (const number of await namesIn(join(top, line))) {
      const replica = join(top, line, number)
      // Its time tells of its last use.
      if (live.includes(replica) || (await stat(replica)).mtimeMs > usedBeforeMs) continue
      await rm(replica, { recursive: true, force: true })
      count += 1
    }
  return count
}

const namesIn = (folder: string): Promise<readonly string[]> => readdir(folder).catch(() => [])
