/** `tutti up`: keeps a workflow live until it is told to stop. */
import { join } from 'node:path'
import { checkArguments } from '../../run/arguments.ts'
import { guardGroups, reapOrphans } from '../../services/index.ts'
import type { ScheduleName } from '../../run/prospect.ts'
import type { Runnable } from '../../run/runnable.ts'
import { saveStampsOf, type Seen, type Stamps, stampsOf } from '../../values/index.ts'
import { claim } from '../../up/claim.ts'
import { finishing } from '../../up/finishing.ts'
import { openUp, type Stage, type Up } from '../../up/up.ts'
import { durationMs } from '../../util/duration.ts'
import type { Store } from '../../store/index.ts'
import { EXIT } from '../exit.ts'
import { lookAt } from '../check/look.ts'
import { chooseWorkflow, type LoadedWorkflows, loadFile } from '../file.ts'
import { mustBeBound, sayBound } from '../bound.ts'
import type { Io } from '../io.ts'
import { openLogFile } from '../log-file.ts'
import { moduleCache } from '../module-cache.ts'
import { readArguments } from '../parameters.ts'
import { openNewStore, storeFolder, type StoreFlags, withStoreIfThere } from '../store.ts'
import { seenFile } from '../seen-file.ts'
import { newUpScreen } from '../up-screen.ts'
import { enterFolder, executorsFor } from '../worker.ts'
import { NOTHING_SEEN } from '../../values/seen.ts'
import { makeCurrentFolder, seenCurrent } from '../versions/current-file.ts'
import { versionLike, versionMeant } from '../versions/meant.ts'
import { mustBeNamed, readTarget, type Target } from './words.ts'

export interface UpFlags extends StoreFlags {
  readonly param?: readonly string[]
  readonly input?: string
  readonly onChange?: 'restart' | 'finish'
  readonly poll?: string
  readonly publish?: boolean
  readonly message?: string
  readonly concurrency?: number
  readonly schedule?: ScheduleName
  readonly json?: boolean
  readonly quiet?: boolean
  readonly verbose?: boolean
}

const POLL = '30s'

export async function upCommand(io: Io, words: readonly string[], flags: UpFlags): Promise<number> {
  const target = readTarget(io, words)
  const { file } = target
  const folder = storeFolder(io, flags, file)
  const cache = moduleCache(join(folder, 'cache'))
  // First of all: what cannot be loaded leaves nothing behind.
  const load = (store: Store | undefined) => loadMeant(io, store, target, cache)
  const first = (await withStoreIfThere(folder, load)) ?? (await load(undefined))
  if (first.note !== undefined && !flags.quiet) io.err(`${first.note}\n`)
  if (first.file && !flags.quiet) sayBound(io, first.file, first.runnable)
  const { name } = first.runnable
  const claimed = claim(folder, { file, workflow: name })
  const end = guardGroups(folder)
  try {
    await tellOrphans(io, folder)
    // What one loses with the power is made again at the next start; what a process dies of loses nothing.
    const store = await openNewStore(io, { durability: 'normal', ...flags }, file)
    try {
      const dir = first.runnable.cwd
      enterFolder(dir)
      // Which workflow is meant is decided once.
      const again = (): Promise<Loaded> => loadMeant(io, store, { ...target, workflow: name }, cache)
      const stage = (): Promise<Stage> => stageOf(io, { load: again, flags, store, cache })
      return await live(io, { flags, store, load: stage, file, name, dir, note: claimed.note })
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

/** The workflow, of its file or of a version of it. */
interface Loaded {
  readonly runnable: Runnable
  /** Why it is a version, when the words do not say so. */
  readonly note?: string | undefined
  /** Absent: it is a version. */
  readonly file?: LoadedWorkflows
  /** What it hangs on that its file is what it is. */
  seen(stamps: Stamps): Seen | undefined
}

async function loadMeant(io: Io, store: Store | undefined, target: Target, cache: Cache): Promise<Loaded> {
  const meant = await versionMeant(io, store, target)
  if (meant && store) {
    const { openVersion } = await import('../versions/taken.ts')
    const { runnable } = await openVersion(io, store, meant.row, cache)
    return { runnable, note: meant.note, seen: () => NOTHING_SEEN }
  }
  mustBeNamed(io, target)
  const loaded = await loadFile(target.file, io.cwd, { cache, reading: io.reading })
  const runnable = loaded.runnable(chooseWorkflow(loaded, target.workflow))
  const { built, dir } = loaded
  return {
    runnable,
    file: loaded,
    seen: stamps => seenFile({ built, dir, reads: runnable.graph.reads, stamps }),
  }
}

const both = (a: Seen | undefined, b: Seen): Seen | undefined =>
  a && { ...a, files: [...a.files, ...b.files], absent: [...a.absent, ...b.absent] }

interface Loading {
  readonly load: () => Promise<Loaded>
  readonly flags: UpFlags
  readonly store: Store
  readonly cache: Cache
}

async function stageOf(io: Io, { load, flags, store, cache }: Loading): Promise<Stage> {
  makeCurrentFolder(store.path)
  const stamps = stampsOf(store.path)
  const current = (): Seen => seenCurrent(store.path, stamps)
  const before = current()
  const loaded = await load()
  mustBeBound(io, loaded.runnable)
  await lookAt(io, loaded.runnable)
  const version = await versionOf(io, loaded, flags, store)
  // Workers find the graph in the store: it must be the one that the run puts there.
  const runnable = {
    ...loaded.runnable,
    graph: finishing(loaded.runnable.graph),
    ...(version === undefined ? {} : { version }),
  }
  const args = await checkArguments(
    runnable.definition,
    await readArguments(runnable.definition, flags.param ?? [], flags.input),
  )
  cache.flush()
  return {
    runnable,
    args,
    // What it publishes itself makes another version current.
    seen: both(loaded.seen(stamps), flags.publish ? current() : before),
    executors: executorsFor(store, runnable),
  }
}

/** The number of the version that its runs belong to, if its code is published, or is to be. */
async function versionOf(
  io: Io,
  { runnable, file }: Loaded,
  { publish, message }: UpFlags,
  store: Store,
): Promise<string | undefined> {
  if (!file) return runnable.version
  if (!publish) return versionLike(store, runnable)
  const { publishForRun } = await import('../versions/taken.ts')
  return publishForRun(io, store, { file, runnable, message })
}

type Cache = ReturnType<typeof moduleCache>

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
    schedule: flags.schedule ?? 'critical-path',
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
