/** A run as the store has it: folded, its status as of now, its steps by the names that users give them. */
import type { Event, Graph, Region } from '../../core/index.ts'
import { type RunView, runView, type StepView } from '../../observe/index.ts'
import { decodeGraph } from '../../run/launch.ts'
import type { RunRow, Store } from '../../store/index.ts'
import { refuse } from '../../util/diagnostic.ts'
import { nearestName } from '../../util/nearest.ts'
import { loadCalled } from '../store.ts'

export async function foldRun(
  store: Store,
  row: RunRow,
  eventsMax = Number.POSITIVE_INFINITY,
): Promise<{ readonly graph: Graph; readonly view: RunView; readonly events: readonly Event[] }> {
  const graph = decodeGraph(await store.blobs.get(row.graph))
  const library = new Map<string, Region>()
  const fold = runView(graph, library)
  const events: Event[] = []
  for await (const { event } of store.read({ run: row.run })) {
    if (events.length >= eventsMax) break
    events.push(event)
    await loadCalled(store, library, event)
    fold.add(event)
  }
  return { graph, view: fold.view, events }
}

/** A run that no live process owns stands still, whatever its row says. */
export function statusNow(store: Store, row: RunRow): RunRow {
  if (row.endedAtMs !== undefined) return row
  return store.leases.holder(row.run) === undefined ? { ...row, status: 'paused' } : row
}

/** Ids of the steps that a user names: by id, by display path, or by a name that only one step has. */
export async function stepsNamed(store: Store, row: RunRow, names: readonly string[]): Promise<readonly string[]> {
  if (names.length === 0) return []
  const { view } = await foldRun(store, row)
  return names.flatMap(name => stepsIn(view, name).map(step => step.id))
}

/** Of those that have begun, unless others are given. Never none: an unknown name is refused. `*` stands for any text in one key or name: `tests[*]/triage`. */
export function stepsIn<S extends Pick<StepView, 'id' | 'path' | 'name'> = StepView>(
  view: Pick<RunView, 'run' | 'steps'>,
  name: string,
  steps: readonly S[] = [...view.steps.values()] as unknown as readonly S[],
): readonly S[] {
  const found = stepsMeant(name, steps)
  if (found.length > 0) return found
  const near = nearestName(
    name,
    steps.flatMap(step => [step.id, step.path]),
  )
  return refuse('STEP_UNKNOWN', `Run ${view.run} has no step ${name}`, {
    hint: near ? `Did you mean ${near}?` : `tutti show ${view.run} lists its steps.`,
  })
}

/** The same of any steps; none when there is none. */
export function stepsMeant<S extends Pick<StepView, 'id' | 'path' | 'name'>>(
  name: string,
  steps: readonly S[],
): readonly S[] {
  const isMeant = name.includes('*') ? patternOf(name) : (text: string) => text === name
  const found = steps.filter(step => isMeant(step.id) || isMeant(step.path))
  return found.length > 0 ? found : steps.filter(step => isMeant(step.name))
}

function patternOf(name: string): (text: string) => boolean {
  const escaped = name.split('*').map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  const pattern = new RegExp(`^${escaped.join('[^/]*?')}$`)
  return text => pattern.test(text)
}
