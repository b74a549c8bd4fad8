/** `tutti up`: keeps a workflow live until it is told to stop. */
import { join } from 'node:path'
import { checkArguments } from '../../run/arguments.ts'
import { guardGroups, reapOrphans } from '../../services/index.ts'
import { saveStampsOf, stampsOf } from '../../values/index.ts'
import { claim } from '../../up/claim.ts'
import { finishing } from '../../up/finishing.ts'
import { openUp, type Stage, type Up } from '../../up/up.ts'
import { durationMs } from '../../util/duration.ts'
import type { Store } from '../../store/index.ts'
import { EXIT } from '../exit.ts'
import { chooseWorkflow, loadFile } from '../file.ts'
import type { Io } from '../io.ts'
import { openLogFile } from '../log-file.ts'
import { moduleCache } from '../module-cache.ts'
import { readArguments } from '../parameters.ts'
import { openNewStore, storeFolder, type StoreFlags } from '../store.ts'
import { seenFile } from '../seen-file.ts'
import { newUpScreen } from '../up-screen.ts'
import { enterFolder, executorsFor } from '../worker.ts'
import { readWords } from './words.ts'

export interface UpFlags extends StoreFlags {
  readonly param?: readonly string[]
  readonly input?: string
  readonly onChange?: 'restart' | 'finish'
  readonly poll?: string
  readonly concurrency?: number
  readonly json?: boolean
  readonly quiet?: boolean
  readonly verbose?: boolean
}

const POLL = '30s'

export async function upCommand(io: Io, words: readonly string[], flags: UpFlags): Promise<number> {
  const { file, workflow } = readWords(io, words)
  const folder = storeFolder(io, flags, file)
  const cache = moduleCache(join(folder, 'cache'))
  // First of all: a file that cannot be loaded leaves nothing behind.
  const first = await loadFile(file, io.cwd, cache)
  const name = chooseWorkflow(first, workflow)
  first.runnable(name)
  const claimed = claim(folder, { file, workflow: name })
  const end = guardGroups(folder)
  try {
    await tellOrphans(io, folder)
    // What one loses with the power is made again at the next start; what a process dies of loses nothing.
    const store = await openNewStore(io, { durability: 'normal', ...flags }, file)
    try {
      enterFolder(first.dir)
      const load = (): Promise<Stage> => stageOf(io, { file, name, flags, store, cache })
      return await live(io, { flags, store, load, file, name, dir: first.dir, note: claimed.note })
    } finally {
      cache.flush()
      saveStampsOf(store.path)
      await store.close()
    }
  } finally {
    end()
    claimed.release()
  }
}

async function tellOrphans(io: Io, folder: string): Promise<void> {
  const { services, commands } = await reapOrphans(folder)
  const names = services.map(each => each.name)
  if (names.length + commands === 0) return
  const what = [...names, ...(commands > 0 ? [`${commands} ${commands === 1 ? 'command' : 'commands'}`] : [])]
  io.err(`stopped what an earlier process had left: ${what.join(', ')}\n`)
}

interface Loading {
  readonly file: string
  readonly name: string
  readonly flags: UpFlags
  readonly store: Store
  readonly cache: ReturnType<typeof moduleCache>
}

async function stageOf(io: Io, { file, name, flags, store, cache }: Loading): Promise<Stage> {
  const loaded = await loadFile(file, io.cwd, cache)
  const written = loaded.runnable(chooseWorkflow(loaded, name))
  // Workers find the graph in the store: it must be the one that the run puts there.
  const runnable = { ...written, graph: finishing(written.graph) }
  const args = await checkArguments(
    runnable.definition,
    await readArguments(runnable.definition, flags.param ?? [], flags.input),
  )
  cache.flush()
  return {
    runnable,
    args,
    seen: seenFile({
      built: loaded.built,
      dir: loaded.dir,
      reads: runnable.graph.reads,
      stamps: stampsOf(store.path),
    }),
    executors: executorsFor(store, runnable),
  }
}

interface Living {
  readonly flags: UpFlags
  readonly store: Store
  readonly load: () => Promise<Stage>
  readonly file: string
  readonly name: string
  readonly dir: string
  readonly note: (services: readonly string[]) => void
}

async function live(io: Io, { flags, store, load, file, name, dir, note }: Living): Promise<number> {
  const log = openLogFile(store.path)
  const screen = newUpScreen(io, { flags, store, dir })
  screen.event({ kind: 'up.started', pid: process.pid, file, workflow: name, atMs: Date.now() })
  const up = await openUp({
    store,
    load,
    onChange: flags.onChange ?? 'restart',
    pollMs: durationMs(flags.poll ?? POLL),
    ...(flags.concurrency === undefined ? {} : { slots: flags.concurrency }),
    watch: { mode: io.env['TUTTI_WATCH'] === 'poll' ? 'poll' : 'system' },
    onEvent: screen.event,
    onRun: screen.follow,
    onLine: (line, service) => {
      log.add(line)
      screen.line(line, service)
    },
    onServices: services => note(services.filter(each => each.state.kind !== 'stopped').map(each => each.name)),
  })
  const signals = untilStopped(io, up)
  try {
    await up.ended
    return signals.exit()
  } finally {
    signals.close()
    log.flush()
  }
}

/** Once: everything is stopped in order. Twice: at once. */
function untilStopped(io: Io, up: Up): { exit(): number; close(): void } {
  let received: NodeJS.Signals | undefined
  const onSignal = (signal: NodeJS.Signals): void => {
    const exit = signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated
    if (received !== undefined) {
      io.err('stopped at once\n')
      process.exit(exit)
    }
    received = signal
    // How it ends is told by `ended`.
    void up.stop(signal).catch(() => undefined)
  }
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const name of names) process.on(name, onSignal)
  return {
    // To be stopped is how it is meant to end.
    exit: () => EXIT.succeeded,
    close: () => {
      for (const name of names) process.removeListener(name, onSignal)
    },
  }
}
