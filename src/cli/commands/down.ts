/** `tutti down`: stops the `tutti up` of a folder from another terminal, or what one that was killed has left running. */
import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { reapOrphans } from '../../services/index.ts'
import { dropClaim, type Found, readClaim } from '../../up/claim.ts'
import { refuse } from '../../util/diagnostic.ts'
import { EXIT } from '../exit.ts'
import type { Io } from '../io.ts'
import { storeFolder, type StoreFlags } from '../store.ts'

export interface DownFlags extends StoreFlags {
  readonly json?: boolean
}

/** Services have their own grace; then `up` itself has ended, unless it hangs. */
const WAIT_MS = 60_000
const LOOK_MS = 20

export async function downCommand(io: Io, file: string | undefined, flags: DownFlags): Promise<number> {
  // A folder stands for the file in it, as for the other commands.
  const isFolder = file !== undefined && statSync(resolve(io.cwd, file), { throwIfNoEntry: false })?.isDirectory()
  const folder = storeFolder(io, flags, isFolder ? join(file, 'tutti.ts') : file)
  const found = existsSync(folder) ? readClaim(folder) : undefined
  if (found?.isAlive) await stop(folder, found)
  const { services, commands } = await reapOrphans(folder)
  if (found && !found.isAlive) dropClaim(folder)
  const left = services.map(each => each.name)
  const stopped = found?.isAlive ? [...found.claimed.services].reverse() : []
  if (flags.json) {
    io.out(
      `${JSON.stringify({ kind: 'down', pid: found?.isAlive ? found.claimed.owner.pid : null, stopped, left, commands })}\n`,
    )
    return EXIT.succeeded
  }
  if (found?.isAlive) io.err(`stopped process ${found.claimed.owner.pid}${listed(stopped)}\n`)
  if (left.length + commands > 0)
    io.err(
      `stopped what a killed process had left${listed([...left, ...(commands > 0 ? [`${commands} of its commands`] : [])])}\n`,
    )
  else if (found && !found.isAlive)
    io.err(`process ${found.claimed.owner.pid}, which was up here, has been killed; nothing of it runs any more\n`)
  else if (!found) io.err('nothing is up here\n')
  return EXIT.succeeded
}

const listed = (names: readonly string[]): string => (names.length === 0 ? '' : `: ${names.join(', ')}`)

async function stop(folder: string, { claimed }: Found): Promise<void> {
  const { pid } = claimed.owner
  try {
    process.kill(pid, 'SIGTERM')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return
    refuse('UP_UNSTOPPABLE', `Process ${pid}, which is up here, cannot be told to stop: ${String(error)}`, {
      hint: 'Stop it as the user who started it.',
    })
  }
  for (const untilMs = Date.now() + WAIT_MS; Date.now() < untilMs; await delay(LOOK_MS)) {
    const now = readClaim(folder)
    if (!now?.isAlive || now.claimed.owner.pid !== pid) return
  }
  refuse('UP_UNSTOPPABLE', `Process ${pid} has not stopped within ${WAIT_MS / 1_000} s`, {
    hint: `Look at what it waits for, or end it with kill -9 ${pid} and run tutti down again.`,
  })
}
