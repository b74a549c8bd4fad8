/**
 * Keeps a workflow live: runs it, watches what it has hung on, and runs it again when that changes. Each reaction is a whole
 * run of the same workflow, in which everything is known but what the change has made stale; so what holds for a run
 * (order, retries, locks, durability) holds for each of them.
 *
 *     watching --hint: content differs--> running --ended--> watching
 *                                          |   ^
 *                     changed again v      |   |
 *                                    cancelled, or awaited
 *
 *   V3. After the last change has come to rest, the last run has seen it.
 *   V4. One run at a time.
 *   V5. A file that cannot be loaded changes nothing: the workflow stays as it was.
 *   V6. When it has stopped, no service and no command of it runs any more.
 */
import { dirname } from 'node:path'
import type { Source } from '../core/graph/graph.ts'
import { type Node, type Outcome, type Region, regionsOf } from '../core/index.ts'
import type { Executor, Middleware } from '../exec/index.ts'
import { newLedger } from '../freshness/index.ts'
import { type Launched, type Launcher, startRun, valuesOf } from '../run/launch.ts'
import { type Local, openLocal } from '../run/local.ts'
import type { ScheduleName } from '../run/prospect.ts'
import { newRunId } from '../run/run-id.ts'
import type { Runnable } from '../run/runnable.ts'
import type { Line } from '../run/session.ts'
import { openServices, type ServiceView } from '../services/index.ts'
import type { Store, Trace } from '../store/index.ts'
import { Refusal } from '../util/diagnostic.ts'
import type { Hash } from '../util/hash.ts'
import { type Seen, stampsOf } from '../values/index.ts'
import { NOTHING_SEEN } from '../values/seen.ts'
import { openWatch, type WatchOptions } from '../watch/watch.ts'
import type { Because, UpEvent } from './event.ts'
import { finishing } from './finishing.ts'
import { newLooks } from './looks.ts'
import { type Mending, mended } from './mend.ts'

/** A workflow as its file has it now. */
export interface Stage {
  readonly runnable: Runnable
  readonly args: Readonly<Record<string, unknown>>
  /** What loading it hung on; undefined: that has changed meanwhile. */
  readonly seen: Seen | undefined
  /** Other processes and threads for its attempts. */
  readonly executors: {
    readonly byName: { readonly [name: string]: Executor }
    readonly watch?: Middleware
    close(): Promise<void>
  }
}

export interface UpOptions {
  readonly store: Store
  /** Rejects with a Refusal when the file cannot be loaded. */
  load(): Promise<Stage>
  /** What becomes of a run when what it hangs on changes again. */
  readonly onChange: 'restart' | 'finish'
  /** How often what nobody tells of is asked for. */
  readonly pollMs: number
  readonly slots?: number
  readonly schedule: ScheduleName
  readonly onEvent: (event: UpEvent) => void
  /** A run begins: who wants to follow it resolves when it has been told all. */
  readonly onRun?: (launched: Launched, runnable: Runnable, isQuiet: boolean) => Promise<void>
  /** `service`: the name of the service that printed it. */
  readonly onLine?: (line: Line, service: string | undefined) => void
  readonly onServices?: (services: readonly ServiceView[]) => void
  readonly watch?: Partial<WatchOptions>
}

export interface Up {
  /** Stops everything; resolves as `ended` does. */
  stop(why: string): Promise<void>
  /** Rejects with what ended it, when that was nobody's wish. */
  readonly ended: Promise<void>
}

const BUNDLE = 'bundle'
const READS = 'reads'
/** How often the clock is compared with what is believed about it. */
const TICK_MS = 1_000
/** Looks come one by one; they are watched together. */
const GATHER_MS = 5

export async function openUp(options: UpOptions): Promise<Up> {
  const { store, onEvent, onChange } = options
  const stamps = stampsOf(store.path)
  const looks = newLooks(stamps)
  const effects = new Map<Hash, Trace>()
  const found: Mending['found'] = new Map()
  const serviceNames = new Map<string, string>()
  const services = openServices({
    store: store.path,
    scope: () => 'up',
    onState: view => {
      serviceNames.set(view.step, view.name)
      onEvent(serviceEvent(view))
      options.onServices?.(services.list())
    },
  })
  let stage = await options.load()
  let current: Launched | undefined
  let isCancelled = false
  let wanted: { because: Because } | undefined = { because: 'start' }
  let mustLoad = false
  /** What is wrong with the file, as it was told. */
  let broken: string | undefined
  let stopped: string | undefined
  let wake: () => void = () => undefined
  let gathering: NodeJS.Timeout | undefined

  const watch = openWatch({
    ...options.watch,
    onHint: hinted,
    onDegraded: degraded => onEvent({ kind: 'up.degraded', ...degraded }),
  })
  let local = openStage()

  function openStage(): Local {
    const { runnable, executors } = stage
    const opened = openLocal(store, {
      cwd: runnable.cwd,
      configurations: runnable.configurations,
      ...(options.slots === undefined ? {} : { slots: options.slots }),
      schedule: options.schedule,
      executors: executors.byName,
      ...(executors.watch ? { watch: executors.watch } : {}),
      reuse: { stamps, effects, keys: new Map() },
      services,
      onLook: (attempt, seen) => {
        if (attempt.work.kind === 'source') saw(lookKey(attempt.step, attempt.work.source), seen)
      },
      onLine: line => options.onLine?.(line, serviceNames.get(line.step)),
    })
    stage = { ...stage, runnable: { ...runnable, graph: finishing(runnable.graph) } }
    opened.register(stage.runnable)
    if (stage.seen) saw(BUNDLE, stage.seen)
    else mustLoad = true
    return opened
  }

  function saw(key: string, seen: Seen): void {
    looks.saw(key, seen)
    if (looks.isGrown) gathering ??= setTimeout(rewatch, GATHER_MS)
  }

  /** What was not watched until now may have changed since it was looked at. */
  function rewatch(): void {
    clearTimeout(gathering)
    gathering = undefined
    if (!looks.isGrown || stopped !== undefined) return
    looks.isWatched()
    const { files, folders } = looks.paths
    // What is missing in a file that cannot be loaded may come to any of these.
    const fresh = watch.set({ files, folders: broken === undefined ? folders : [...folders, ...loadedFolders()] })
    hinted(fresh)
  }

  const isNearFile = (paths: readonly string[]): boolean => {
    const near = new Set(loadedFolders())
    return paths.some(path => near.has(path) || near.has(dirname(path)))
  }

  const loadedFolders = (): readonly string[] => [
    ...new Set(
      (stage.seen?.files ?? []).map(([path]) => dirname(path)).filter(path => !path.includes('/node_modules/')),
    ),
  ]

  function hinted(paths: readonly string[]): void {
    if (stopped !== undefined || paths.length === 0) return
    const changed = looks.changed(paths)
    if (changed.has(BUNDLE) || (broken !== undefined && isNearFile(paths))) mustLoad = true
    const names = [...new Set([...changed.values()].flat())].sort()
    if (names.length > 0) onEvent({ kind: 'up.changed', paths: names, atMs: Date.now() })
    const sources = [...changed.keys()].filter(key => key !== BUNDLE)
    // What the run that is on has not looked at yet it looks at anew.
    if (sources.length > 0 && (!current || sources.some(looks.isUsed))) want('changed')
    else if (changed.has(BUNDLE) && current) outdate(current)
    if (mustLoad) wake()
  }

  function want(because: Because): void {
    wanted = wanted && wanted.because !== 'poll' ? wanted : { because }
    if (current && because !== 'poll' && because !== 'time') outdate(current)
    wake()
  }

  function outdate({ session }: Launched): void {
    if (isCancelled) return
    isCancelled = onChange === 'restart'
    onEvent({ kind: 'up.outdated', run: session.run, cancelled: isCancelled, atMs: Date.now() })
    if (isCancelled) giveUp(session)
  }

  /** Effects that succeeded stand: to cancel the run would undo them. */
  function giveUp(session: Launched['session']): void {
    if (hasUndo(stage.runnable.graph.root)) void session.pause()
    else session.submit({ kind: 'cancel.requested', reason: 'what it hangs on has changed', atMs: Date.now() })
  }

  async function load(): Promise<void> {
    mustLoad = false
    try {
      const next = await options.load()
      const before = { stage, local }
      stage = next
      broken = undefined
      local = openStage()
      await before.local.close()
      await before.stage.executors.close()
      onEvent({ kind: 'up.loaded', workflow: shownName(next.runnable) })
      wanted ??= { because: 'loaded' }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      const told = JSON.stringify(error.diagnostics)
      if (told !== broken) onEvent({ kind: 'up.broken', diagnostics: error.diagnostics })
      broken = told
      hinted(watch.set({ files: looks.paths.files, folders: [...looks.paths.folders, ...loadedFolders()] }))
    }
  }

  async function react(because: Because): Promise<void> {
    const { runnable, args } = stage
    const ledger = newLedger()
    const tally = { ran: new Set<string>(), failed: new Set<string>(), services: new Set<string>() }
    const launcher: Launcher = {
      ...local,
      executor: around(local.executor, tally),
      ...(local.reuse ? { reuse: { ...local.reuse, ledger } } : {}),
    }
    const startedMs = performance.now()
    looks.begin()
    isCancelled = false
    const launched = await startRun(launcher, runnable, newRunId(nameOf(runnable)), args)
    const { run } = launched.session
    onEvent({ kind: 'up.running', run, because, atMs: Date.now() })
    current = launched
    const followed = options.onRun?.(launched, runnable, because === 'poll' || because === 'time')
    if (stopped !== undefined) giveUp(launched.session)
    const end = await launched.session.ended
    current = undefined
    await followed
    if (end.kind === 'broken') throw end.error
    const status = isCancelled ? 'superseded' : end.kind === 'ended' ? end.status : 'waiting'
    learn(ledger.seen, status, tally.services)
    onEvent({
      kind: 'up.settled',
      run,
      because,
      status,
      ran: [...tally.ran],
      failed: [...tally.failed],
      ms: performance.now() - startedMs,
      atMs: Date.now(),
    })
  }

  /** Which steps run, and what is known of their sources. */
  function around(executor: Executor, tally: Tally): Executor {
    return (attempt, signal, reports) => {
      const { work, name, step } = attempt
      if (work.kind === 'source') {
        const key = lookKey(step, work.source)
        const known = looks.use(key)
        if (known) return known
        return look(key, work.source, () => executor(attempt, signal, reports))
      }
      if (work.kind === 'service') tally.services.add(step)
      else tally.ran.add(name)
      const outcome = executor(attempt, signal, reports)
      void Promise.resolve(outcome).then(end => void (end.kind === 'failed' && tally.failed.add(name)))
      return outcome
    }
  }

  async function look(key: string, source: Source, really: () => ReturnType<Executor>): Promise<Outcome> {
    const mine = await mended(key, source, {
      looks,
      stamps,
      values: valuesOf(store, stage.runnable, local.reuse),
      found,
    })
    if (mine) return mine
    found.delete(key)
    const outcome = await really()
    if (outcome.kind === 'succeeded') looks.gave(key, outcome)
    return outcome
  }

  /** Only a run that came to its end tells that something is not hung on any more. */
  function learn(seen: ReturnType<typeof newLedger>['seen'], status: string, kept: ReadonlySet<string>): void {
    looks.use(BUNDLE)
    if (status === 'succeeded') {
      looks.prune(key => key === BUNDLE)
      void services.stopWhere(each => !kept.has(each.step))
    }
    const files = [...seen.files].map(([path, { hash }]) => [path, hash] as const)
    const folders = [...seen.folders]
    if (files.length + folders.length + seen.absent.size > 0) {
      looks.use(READS)
      saw(READS, { ...NOTHING_SEEN, files, folders, absent: [...seen.absent] })
    }
    rewatch()
  }

  const tick = setInterval(() => {
    if (current || wanted) return
    // The instant has come, the machine has slept over it, or its clock was put back.
    if (looks.isOutOfTime) want('time')
  }, TICK_MS)
  let instant: NodeJS.Timeout | undefined
  const armInstant = (): void => {
    clearTimeout(instant)
    const leftMs = looks.untilMs - Date.now()
    if (leftMs < TICK_MAX_MS) instant = setTimeout(() => looks.isOutOfTime && want('time'), Math.max(1, leftMs))
  }
  let asked = performance.now()
  const poll = setInterval(
    () => {
      if (current || performance.now() - asked < options.pollMs) return
      if (looks.mustPoll || hasFunctionSource(stage.runnable.graph.root)) want('poll')
    },
    Math.min(options.pollMs, TICK_MS),
  )

  async function live(): Promise<void> {
    let isAtRest = false
    while (stopped === undefined) {
      if (mustLoad) await load()
      else if (wanted) {
        const { because } = wanted
        wanted = undefined
        asked = performance.now()
        isAtRest = false
        await react(because)
        rewatch()
        armInstant()
      } else {
        if (!isAtRest) onEvent({ kind: 'up.watching', files: looks.fileCount, ...watch.counts })
        isAtRest = true
        await new Promise<void>(resolve => (wake = resolve))
      }
    }
  }

  async function shutDown(): Promise<void> {
    stopped ??= 'an error'
    for (const timer of [tick, poll]) clearInterval(timer)
    for (const timer of [instant, gathering]) clearTimeout(timer)
    watch.close()
    const names = services.list().map(each => each.name)
    await services.close()
    await local.close()
    await stage.executors.close()
    onEvent({ kind: 'up.stopped', services: names.reverse() })
  }

  const ended = live().finally(shutDown)
  return {
    ended,
    async stop(why) {
      if (stopped === undefined) {
        stopped = why
        onEvent({ kind: 'up.stopping', why })
        if (current) giveUp(current.session)
        wake()
      }
      await ended
    },
  }
}

interface Tally {
  readonly ran: Set<string>
  readonly failed: Set<string>
  /** Ids of the steps. */
  readonly services: Set<string>
}

const lookKey = (step: string, source: unknown): string => `${step} ${JSON.stringify(source)}`

const shownName = ({ name, version }: Runnable): string => (version === undefined ? name : `${name}@${version}`)

const nameOf = ({ name, definition }: Runnable): string => (name === 'default' ? definition.name : name)

/** Later than what a timer can hold, the tick is soon enough. */
const TICK_MAX_MS = 2 ** 31 - 1

const hasUndo = (region: Region): boolean => everyNode(region).some(({ undo }) => undo !== undefined)

const hasFunctionSource = (region: Region): boolean =>
  everyNode(region).some(node => node.kind === 'source' && node.source.kind === 'function')

const everyNode = (region: Region): readonly Node[] =>
  region.nodes.flatMap(node => [node, ...regionsOf(node).flatMap(([, inner]) => everyNode(inner))])

function serviceEvent({ name, ports, state }: ServiceView): UpEvent {
  const detail = state.kind === 'restarting' ? state.because : state.kind === 'failed' ? state.error.message : undefined
  return { kind: 'up.service', name, state: state.kind, ports, ...(detail === undefined ? {} : { detail }) }
}
