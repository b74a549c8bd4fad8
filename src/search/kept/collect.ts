/**
 * A run of the store, folded: all its step instances, those of turns that the fold itself lets go included, and where each
 * stands in its graph.
 */
import type { Event, StepId } from '../../core/engine/protocol.ts'
import { splitStepId } from '../../core/engine/step-id.ts'
import type { Graph, Region } from '../../core/graph/graph.ts'
import { everyStep, type RunView, runView, type StepView } from '../../observe/index.ts'
import type { RunRow, Store } from '../../store/store.ts'
import { placedIn } from './placed.ts'

export interface Collected {
  readonly view: RunView
  readonly steps: ReadonlyMap<StepId, StepView>
  /** Of their last attempts. */
  readonly workers: ReadonlyMap<StepId, string>
}

export async function collectRun(store: Store, row: RunRow, graph: Graph): Promise<Collected> {
  const library = new Map<string, Region>()
  const fold = runView(graph, library)
  const steps = new Map<StepId, StepView>()
  const workers = new Map<StepId, string>()
  const keep = (id: StepId): void => {
    const step = fold.view.steps.get(id)
    if (step) steps.set(id, step)
  }
  for await (const { event } of store.read({ run: row.run })) {
    await loadCalled(store, library, event)
    fold.add(event)
    if (event.kind === 'attempt.started') workers.set(event.step, event.worker)
    // Of a loop the fold keeps the last turns only: what an event is about, and what is around it, is still there now.
    if ('step' in event && event.step) for (const id of withThoseAround(event.step)) keep(id)
    for (const { id } of fold.view.changed) keep(id)
  }
  for (const [id, step] of fold.view.steps) steps.set(id, step)
  // Those that have not begun, as far as their scopes have been entered.
  for (const step of everyStep(fold.view, fold.view.root)) if (!steps.has(step.id)) steps.set(step.id, step)
  return { view: fold.view, steps, workers }
}

/** The region of a workflow that a flow calls, before the event that calls it is folded. */
async function loadCalled(store: Store, library: Map<string, Region>, event: Event): Promise<void> {
  const target = 'call' in event ? event.call?.target : undefined
  if (target?.kind !== 'workflow' || library.has(target.region)) return
  library.set(target.region, parsed(await store.blobs.get(target.region)) as Region)
}

export const parsed = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes))

/** The step, and the steps in whose scopes it stands. */
function withThoseAround(id: StepId): readonly StepId[] {
  if (!id.includes('/')) return [id]
  const ids = [id]
  for (let [scope] = splitStepId(id); scope !== ''; [scope] = splitStepId(scope.slice(0, -1))) {
    const [around, segment] = splitStepId(scope.slice(0, -1))
    ids.push(around + segment.replace(/\[[^\]]*\]$/, ''))
    // Of a branch or a turn the node comes before a dot; names with dots are told apart by who is there.
    for (let dot = segment.indexOf('.'); dot > 0; dot = segment.indexOf('.', dot + 1))
      ids.push(around + segment.slice(0, dot))
  }
  return ids
}

export interface Where {
  readonly key: string
  readonly path: string
  readonly name: string
  readonly kind: string
}

/** Where in the graph a step instance stands: the same, also the very object, for all items, calls and turns. */
export function placer(graph: Graph): (step: StepView) => Where {
  const places = new Map<string, Where>()
  for (const { key, path, node } of placedIn(graph.root))
    places.set(key, { key, path, name: node.name, kind: node.kind })
  return ({ id, path, name, kind }) => {
    const key = keyOf(id)
    const known = places.get(key)
    if (known) return known
    // Found while a flow ran, or in a call that recurs.
    const where = { key, path: withoutKeys(path), name: withoutTurn(name), kind }
    places.set(key, where)
    return where
  }
}

/** `tests[a.ts]/triage` -> `tests/triage`: keys are escaped in ids, so brackets are marks. */
export const keyOf = (id: StepId): string => (id.includes('[') ? id.replace(/\[[^\]]*\](?=\/)/g, '') : id)

const withoutKeys = (path: string): string => path.replace(/\[[^\]]*\]/g, '[*]').replace(/#\d+(?=\/|$)/g, '')
const withoutTurn = (name: string): string => name.replace(/#\d+$/, '')

/** The innermost key in an id, as the user gave it; a long one stays shortened. */
export function innermostKey(id: StepId): string | undefined {
  const end = id.lastIndexOf(']/')
  if (end < 0) return undefined
  const key = id.slice(id.lastIndexOf('[', end) + 1, end)
  return key.includes('%')
    ? key.replace(/%([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    : key
}
