/** `tutti plan`: what a run would do, and why, without doing it. */
import { affectedBy, dependenciesOf, type Graph, holdsOthers, type Node, placedNodes } from '../../core/index.ts'
import { checkArguments } from '../../run/arguments.ts'
import { scopeOf } from '../../run/fresh.ts'
import { type Plan, type PlannedStep, planRun } from '../../run/plan.ts'
import type { Runnable } from '../../run/runnable.ts'
import { onlySteps } from '../../run/selection.ts'
import { memoryStore, type Store } from '../../store/index.ts'
import { stampsOf } from '../../values/index.ts'
import { EXIT } from '../exit.ts'
import { lastFailure, openPast, type Past } from '../explain/past.ts'
import { kindReason, reasonsOf } from '../explain/reasons.ts'
import type { Io } from '../io.ts'
import { readArguments } from '../parameters.ts'
import { type PlanLine, renderPlan } from '../render/plan.ts'
import { keysOf, placeOf } from '../step-place.ts'
import { type StoreFlags, storeFolder, withStoreIfThere } from '../store.ts'
import { enterFolder } from '../worker.ts'
import { loadTarget } from '../versions/load.ts'

export interface PlanFlags extends StoreFlags {
  readonly param?: readonly string[]
  readonly input?: string
  readonly only?: readonly string[]
  readonly fresh?: boolean
  readonly freshStep?: readonly string[]
  readonly json?: boolean
  readonly check?: boolean
}

export async function planCommand(io: Io, words: readonly string[], flags: PlanFlags): Promise<number> {
  const { file, runnable: whole } = await loadTarget(io, words, flags)
  const folder = storeFolder(io, flags, file)
  const args = await checkArguments(
    whole.definition,
    await readArguments(whole.definition, flags.param ?? [], flags.input),
  )
  const runnable = flags.only && flags.only.length > 0 ? { ...whole, graph: onlySteps(whole.graph, flags.only) } : whole
  enterFolder(runnable.cwd)
  const fresh = flags.fresh ? ['*'] : (flags.freshStep ?? [])
  const look = async (store: Store): Promise<readonly PlanLine[]> =>
    linesOf(await planRun({ store, runnable, args, stamps: stampsOf(store.path), fresh }), runnable, store)
  // Without a store nothing is known, and none is made.
  const lines = (await withStoreIfThere(folder, look)) ?? (await look({ ...memoryStore(), path: folder }))
  if (flags.json) io.out(`${JSON.stringify({ workflow: runnable.name, steps: lines })}\n`)
  else io.out(renderPlan(runnable.name, lines, io.outScreen))
  return flags.check && lines.some(({ plan }) => plan !== 'fresh') ? EXIT.failed : EXIT.succeeded
}

/** In the order of the graph; items of an each stand where it does. */
async function linesOf(plan: Plan, runnable: Runnable, store: Store): Promise<readonly PlanLine[]> {
  const past = openPast(store)
  const shown = namesOf(runnable.graph)
  const asked = new Map<string, PlanLine[]>()
  const told = new Set<string>()
  for (const planned of plan.asked) {
    if (planned.node.kind === 'source' || told.has(planned.step)) continue
    told.add(planned.step)
    const place = placeOf(planned.step)
    asked.set(place, [...(asked.get(place) ?? []), await lineOf(planned, { runnable, store, past, shown })])
  }
  const failed = new Map(
    [...plan.failed].map(([step, { fault }]) => [placeOf(step), `${fault.code}: ${fault.message}`]),
  )
  const runs = new Set(
    [...asked].flatMap(([place, lines]) => (lines.some(each => each.plan !== 'fresh') ? [place] : [])),
  )
  const hanging = new Map(
    affectedBy(runnable.graph, ({ path }) => runs.has(path) || failed.has(path)).map(each => [each.path, each.from]),
  )
  const isOpen = (path: string): boolean => runs.has(path) || failed.has(path) || hanging.has(path)
  /** Calls that cannot begin yet, by their paths, with what they wait for. */
  const later = new Map<string, string>()
  return [...placedNodes(runnable.graph.root)].flatMap(({ path, node }) => {
    if (holdsOthers(node)) {
      const waits = node.kind === 'call' ? waitsFor(path, node, isOpen) : undefined
      if (waits !== undefined) later.set(path, waits)
      return []
    }
    const found = asked.get(path)
    if (found) return found
    const failure = failed.get(path)
    const common = { step: path, name: shown(path), kind: node.kind }
    if (failure !== undefined) return [{ ...common, plan: 'fails', reasons: [failure] } as const]
    if (node.kind === 'source') return []
    const from = hanging.get(path)
    if (from !== undefined) return [{ ...common, plan: 'may run', reasons: [`hangs on ${shown(from)}`] } as const]
    const begins = [...later].find(([call]) => path.startsWith(`${call}/`))?.[1]
    if (begins !== undefined)
      return [{ ...common, plan: 'may run', reasons: [`begins after ${shown(begins)}`] } as const]
    return isWaiting(node) ? [{ ...common, plan: 'waits', reasons: [] } as const] : []
  })

  /** The open step that a call hangs on with all that is in it. */
  function waitsFor(path: string, node: Node, isOpenStep: (path: string) => boolean): string | undefined {
    const around = path.slice(0, path.lastIndexOf('/') + 1)
    const waited = dependenciesOf(node).map(id => around + id)
    return [...placedNodes(runnable.graph.root)].find(
      step => isOpenStep(step.path) && waited.some(each => step.path === each || step.path.startsWith(`${each}/`)),
    )?.path
  }
}

const isWaiting = (node: Node): boolean => node.kind === 'wait'

interface Around {
  readonly runnable: Runnable
  readonly store: Store
  readonly past: Past
  readonly shown: (step: string) => string
}

async function lineOf(
  { step, node, args, verdict, restores }: PlannedStep,
  { runnable, store, past, shown }: Around,
): Promise<PlanLine> {
  const common = { step, name: shown(step), kind: node.kind }
  if (verdict.kind === 'known')
    return { ...common, plan: 'fresh', run: verdict.trace.run, reasons: restores ? ['its output is put back'] : [] }
  const before = store.traces.latest(scopeOf(runnable), step)
  const { because, key } = verdict
  const definitions = runnable.bindings.definitions
  const reasons = await reasonsOf({ node, args, because, key, before, definitions }, store, past)
  if (reasons.length > 0) return { ...common, plan: 'runs', reasons }
  const failure = await lastFailure(store, runnable, step)
  return { ...common, plan: 'runs', reasons: [failure ?? (before ? kindReason(node) : 'it has no result yet')] }
}

/** Display names of steps by id, also for items. */
function namesOf(graph: Graph): (step: string) => string {
  const names = new Map([...placedNodes(graph.root)].map(({ path, shown }) => [path, shown]))
  return step => {
    const name = names.get(placeOf(step)) ?? step
    return keysOf(step).reduce((text, key) => text.replace('[*]', () => key), name)
  }
}
