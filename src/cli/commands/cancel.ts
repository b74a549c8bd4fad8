/** `tutti cancel`: asks the process that runs it; a run that nobody runs is cancelled here. */
import { setTimeout as delay } from 'node:timers/promises'
import { type Graph, type Node, type Region, regionsOf } from '../../core/index.ts'
import { everyStep, isActive, isHeld, type RunView, type ScopeView } from '../../observe/index.ts'
import { type Launched, decodeGraph, resumeRun } from '../../run/launch.ts'
import { type Local, openLocal } from '../../run/local.ts'
import { cancelRun, type Delivery } from '../../run/requests.ts'
import type { Runnable } from '../../run/runnable.ts'
import type { RunRow, Store } from '../../store/index.ts'
import { newBindings } from '../../dsl/trace.ts'
import { refuse, Refusal } from '../../util/diagnostic.ts'
import { EXIT } from '../exit.ts'
import type { Io } from '../io.ts'
import { findRun, type StoreFlags, withStore } from '../store.ts'
import { answer, refuseEnded } from './answer.ts'
import { drive } from './drive.ts'
import { reopen } from './reopen.ts'
import { foldRun, stepsIn } from './stored-run.ts'

export interface CancelFlags extends StoreFlags {
  readonly reason?: string
  /** A step, an item, or a pattern of them. */
  readonly step?: string
  readonly json?: boolean
}

export const cancelCommand = (io: Io, run: string, flags: CancelFlags): Promise<number> =>
  withStore(io, flags, async store => {
    const row = findRun(store, run)
    refuseEnded(row, 'There is nothing to cancel.')
    if (flags.step !== undefined) return cancelParts(io, store, row, flags.step, flags)
    if (store.leases.holder(row.run) === undefined) return cancelIdle(io, store, row, flags)
    const delivery = await cancelRun(store, row.run, reasonOf(flags))
    const done = await stopped(store, row.run)
    answer(io, flags, { run: row.run, delivery, asked: { kind: 'cancel' }, done })
    return EXIT.succeeded
  })

/** What must still run may take long; who asked is told how it is then. */
const STOP_MS = 30_000
const LOOK_MS = 50

async function stopped(store: Store, run: string): Promise<string> {
  for (const untilMs = Date.now() + STOP_MS; Date.now() < untilMs; await delay(LOOK_MS)) {
    const row = store.runs.get(run)
    if (row?.endedAtMs !== undefined) return `run ${run} is ${row.status}`
    if (store.leases.holder(run) === undefined) break
  }
  return `run ${run} is still stopping`
}

const reasonOf = ({ reason }: CancelFlags): { readonly reason: string } => ({
  reason: reason ?? 'cancelled by the user',
})

/** What is stopped: one step, or all of one item, turn or branch. */
interface Part {
  readonly name: string
  readonly part: { readonly step: string } | { readonly scope: string }
}

async function cancelParts(io: Io, store: Store, row: RunRow, name: string, flags: CancelFlags): Promise<number> {
  const { view } = await foldRun(store, row)
  const parts = partsNamed(view, name)
  // At once: the failure of the first may stop the others before they are asked.
  const deliveries = await Promise.all(
    parts.map(({ part }) => cancelPart(store, row.run, { ...reasonOf(flags), ...part }, parts.length)),
  )
  for (const [index, { name: shown, part }] of parts.entries()) {
    const delivery = deliveries[index] ?? 'ended'
    const done = `${shown} ${delivery === 'ended' ? 'has ended' : 'is stopping'}`
    answer(io, flags, { run: row.run, delivery, asked: { kind: 'cancel', ...part }, done })
  }
  return EXIT.succeeded
}

/** Of several some may have ended meanwhile, which is what was wanted. */
async function cancelPart(
  store: Store,
  run: string,
  options: { readonly reason: string; readonly step?: string; readonly scope?: string },
  count: number,
): Promise<Delivery | 'ended'> {
  try {
    return await cancelRun(store, run, options)
  } catch (error) {
    const code = error instanceof Refusal ? error.diagnostics[0]?.code : undefined
    if (count > 1 && (code === 'STEP_UNKNOWN' || code === 'RUN_ENDED')) return 'ended'
    throw error
  }
}

function partsNamed(view: RunView, name: string): readonly Part[] {
  const scope = scopeNamed(view, name)
  if (scope) return [{ name, part: { scope: scope.path } }]
  // What has not begun can be stopped, too: it fails when its turn comes.
  const open = stepsIn(view, name, [...everyStep(view, view.root)]).filter(
    step => isActive(step.state) || isHeld(step.state) || (step.state.kind === 'waiting' && step.kind !== 'unknown'),
  )
  if (open.length > 0) return open.map(step => ({ name: step.path, part: { step: step.id } }))
  return refuse('STEP_ENDED', `${name} has ended already`, { hint: `tutti show ${view.run} tells how.` })
}

/** `tests[a.ts]`: an item, a turn or a branch that is there, by its path. */
function scopeNamed(view: RunView, name: string): ScopeView | undefined {
  for (const step of view.steps.values()) {
    const found = step.inside?.scopes.find(
      ({ path, shownPath }) => path !== '' && (path === `${name}/` || shownPath === `${name}/`),
    )
    // The only scope of a step is the step itself.
    if (found && found.label !== '') return found
  }
  return undefined
}

/** Nobody runs it: it is cancelled here. What must still run then (`finally`, undoing) needs its code. */
async function cancelIdle(io: Io, store: Store, row: RunRow, flags: CancelFlags): Promise<number> {
  const graph = decodeGraph(await store.blobs.get(row.graph))
  const launch = async (local: Local, runnable: Runnable): Promise<Launched> => {
    const launched = await resumeRun(local, runnable, row, 'nothing')
    launched.session.submit({ kind: 'cancel.requested', ...reasonOf(flags), atMs: Date.now() })
    return launched
  }
  if (row.bundle !== '' && hasAftermath(graph.root)) {
    const runnable = await reopen(io, store, row, false)
    await drive(io, store, runnable, { quiet: true }, local => launch(local, runnable))
  } else {
    const local = openLocal(store, { cwd: io.cwd })
    const launched = await launch(local, bareRunnable(store, row, graph))
    const end = await launched.session.ended
    if (end.kind === 'broken') throw end.error
  }
  answer(io, flags, {
    run: row.run,
    delivery: 'done',
    asked: { kind: 'cancel' },
    done: `run ${row.run} is ${store.runs.get(row.run)?.status ?? 'cancelled'}`,
  })
  return EXIT.succeeded
}

/** Whether anything may run after a cancel. What a flow calls is not known here, so it may. */
const hasAftermath = (region: Region): boolean =>
  region.nodes.some(
    (node: Node) =>
      node.undo !== undefined ||
      node.kind === 'flow' ||
      (node.kind === 'attempt' && node.finalizer !== undefined) ||
      regionsOf(node).some(([, inner]) => hasAftermath(inner)),
  )

function bareRunnable(store: Store, row: RunRow, graph: Graph): Runnable {
  return {
    name: row.workflow,
    definition: {
      kind: 'workflow',
      name: row.workflow,
      pinned: false,
      at: undefined,
      address: undefined,
      params: { kind: 'positional', names: [] },
      body: () => undefined,
      policy: {},
      onFailure: undefined,
    },
    graph,
    bindings: newBindings(),
    cwd: store.path,
    file: row.file,
    bundle: undefined,
    configurations: [],
    readContents: new Map(),
  }
}
