/**
 * What a run would do, without doing it: the engine plays the run over a store in memory, with the results of other runs that
 * it may take. Sources are looked at; a step that would run does not, so that what hangs on its value stays open.
 *
 *   P1. Nothing is written: neither to the store, nor to an output.
 *   P2. A step is planned as soon as its arguments are known: mere order after a task is no reason to wait.
 */
import {
  type Bound,
  type Graph,
  holdsOthers,
  type Node,
  type Outcome,
  type Region,
  regionsOf,
  type StepId,
} from '../core/index.ts'
import type { Middleware } from '../exec/index.ts'
import type { Disk, Freshness, Verdict } from '../freshness/index.ts'
import { type Blobs, memoryStore, type Store } from '../store/index.ts'
import type { Hash } from '../util/hash.ts'
import type { Stamps, ValueStore } from '../values/index.ts'
import { overlayBlobs } from './debug/overlay.ts'
import { startRun, valuesOf } from './launch.ts'
import { openLocal } from './local.ts'
import type { Runnable } from './runnable.ts'

export interface PlannedStep {
  readonly step: StepId
  readonly node: Node
  readonly args: readonly Bound[]
  readonly verdict: Verdict
  /** What would be put back first: it is not there, or not as the step left it. */
  readonly restores: boolean
}

export interface Plan {
  /** In the order in which their arguments became known. */
  readonly asked: readonly PlannedStep[]
  /** Sources that could not be looked at. */
  readonly failed: ReadonlyMap<StepId, Extract<Outcome, { kind: 'failed' }>>
  /** Steps that have begun and not ended: that would run, or wait. */
  readonly open: ReadonlySet<StepId>
}

interface PlanOptions {
  /** Is read only. */
  readonly store: Store
  readonly runnable: Runnable
  readonly args: Readonly<Record<string, unknown>>
  readonly stamps: Stamps
  readonly fresh: readonly string[]
}

const RUN = 'plan'

export async function planRun({ store, runnable, args, stamps, fresh }: PlanOptions): Promise<Plan> {
  const work = newActivity()
  const asked: PlannedStep[] = []
  const open = new Set<StepId>()
  const failed = new Map<StepId, Extract<Outcome, { kind: 'failed' }>>()
  const away = new Set<Hash>()
  const { outputs } = valuesOf(store, runnable)
  const around = {
    disk: (disk: Disk) => untouched(disk, { blobs: store.blobs, outputs, note: hash => away.add(hash) }),
    freshness: (freshness: Freshness): Freshness => ({
      ...freshness,
      ask: (step, node, bound) => {
        const note = (verdict: Verdict): Verdict => {
          asked.push({
            step,
            node,
            args: bound,
            verdict,
            restores: verdict.kind === 'known' && isAway(verdict, away),
          })
          return verdict
        }
        const verdict = freshness.ask(step, node, bound)
        return verdict instanceof Promise ? work.during(verdict.then(note)) : note(verdict)
      },
      restoreLast: async () => undefined,
    }),
  }
  /** Only sources are looked at. */
  const watch: Middleware = next => (attempt, signal, reports) => {
    open.add(attempt.step)
    const never = (): Promise<Outcome> =>
      new Promise(resolve => signal.addEventListener('abort', () => resolve({ kind: 'cancelled' })))
    if (attempt.work.kind !== 'source') return never()
    return work.during(Promise.resolve(next(attempt, signal, reports))).then(outcome => {
      // Its failure would end the run, and nothing more be planned.
      if (outcome.kind === 'failed') failed.set(attempt.step, outcome)
      else open.delete(attempt.step)
      return outcome.kind === 'failed' ? never() : outcome
    })
  }
  const planned = { ...runnable, graph: loosened(runnable.graph), bindings: watched(runnable.bindings, work) }
  const local = openLocal(overlaid(store, work), {
    cwd: runnable.cwd,
    configurations: runnable.configurations,
    slots: Number.MAX_SAFE_INTEGER,
    watch,
    services: { executor: () => () => ({ kind: 'cancelled' }), port: async () => 0 },
    reuse: { stamps, around },
  })
  local.register(planned)
  const { session } = await startRun(local, planned, RUN, args, { fresh })
  await calm(work, () => `${session.hasQueued} ${session.eventCount} ${asked.length} ${open.size}`)
  await session.pause()
  return { asked, failed, open }
}

interface Untouched {
  readonly blobs: Blobs
  readonly outputs: ValueStore['outputs']
  /** What would be put back. */
  readonly note: (hash: Hash) => void
}

/** P1. Takes what can be put back for what is there. */
function untouched(disk: Disk, { blobs, outputs, note }: Untouched): Disk {
  return {
    ...disk,
    async putBack(refs) {
      for (const ref of refs) {
        if (ref.inline === undefined && !(await blobs.has(ref.hash))) return false
        if (MADE.has(ref.codec) && !(await outputs.isRight(ref))) note(ref.hash)
      }
      return true
    },
  }
}

/** Codecs of what tasks make on disk. */
const MADE: ReadonlySet<string> = new Set(['dir', 'output'])

const isAway = ({ trace }: Extract<Verdict, { kind: 'known' }>, away: ReadonlySet<Hash>): boolean =>
  trace.wrote.some(({ hash }) => away.has(hash))

/** The store as it is, and on top of it what the plan's own run writes. */
function overlaid(store: Store, work: Activity): Store {
  const top = memoryStore()
  const blobs = overlayBlobs(store.blobs, top.blobs)
  return {
    ...top,
    path: store.path,
    traces: store.traces,
    blobs: {
      put: bytes => work.during(blobs.put(bytes)),
      putFile: path => work.during(blobs.putFile(path)),
      has: hash => work.during(blobs.has(hash)),
      get: hash => work.during(blobs.get(hash)),
      file: hash => work.during(blobs.file(hash)),
    },
    runs: {
      ...top.runs,
      get: run => (run === RUN ? top.runs.get(run) : store.runs.get(run)),
      list: options => store.runs.list(options),
    },
    read: options => (options.run === RUN ? top.read(options) : store.read(options)),
  }
}

/** P2. What acts on the world hands on more than its value: who comes after that waits. */
const loosened = (graph: Graph): Graph => ({ ...graph, root: loosenedIn(graph.root) })

function loosenedIn(region: Region): Region {
  const pure = new Set(region.nodes.filter(isPure).map(({ id }) => id))
  return {
    ...region,
    nodes: region.nodes.map(node => {
      const after = node.after.filter(id => !pure.has(id))
      return node.kind === 'call' ? { ...node, after, body: loosenedIn(node.body) } : { ...node, after }
    }),
  }
}

const isPure = (node: Node): boolean =>
  holdsOthers(node)
    ? regionsOf(node).every(([, region]) => region.nodes.every(isPure))
    : node.kind === 'task' || node.kind === 'source'

/** What is under way that the plan waits for. */
interface Activity {
  readonly count: number
  during<T>(promise: Promise<T>): Promise<T>
}

function newActivity(): Activity {
  let count = 0
  return {
    get count() {
      return count
    },
    during(promise) {
      count += 1
      return promise.finally(() => void (count -= 1))
    },
  }
}

/** Functions of the user's (`.to`) may be async. */
const watched = (bindings: Runnable['bindings'], work: Activity): Runnable['bindings'] => ({
  ...bindings,
  pure: new Map(
    [...bindings.pure].map(([name, fn]) => [
      name,
      (...args: unknown[]): unknown => {
        const value = fn(...args)
        return value instanceof Promise ? work.during(value) : value
      },
    ]),
  ),
})

/** Rounds of the event loop in which nothing came of anything: only what never ends is left then. */
const CALM_ROUNDS = 8

async function calm(work: Activity, mark: () => string): Promise<void> {
  let before = ''
  for (let rounds = 0; rounds < CALM_ROUNDS; ) {
    await new Promise(resolve => setImmediate(resolve))
    const now = `${work.count} ${mark()}`
    rounds = now === before && work.count === 0 ? rounds + 1 : 0
    before = now
    // Something reads a file or runs a command: no need to spin.
    if (work.count > 0) await new Promise(resolve => setTimeout(resolve, 1))
  }
}
