/** A run as the store has it: folded, its status as of now, its steps by the names that users give them. */
import type { Event, Graph } from '../../core/index.ts'
import { type RunView, runView } from '../../observe/index.ts'
import { decodeGraph } from '../../run/launch.ts'
import type { RunRow, Store } from '../../store/index.ts'
import { refuse } from '../../util/diagnostic.ts'
import { nearestName } from '../../util/nearest.ts'

export async function foldRun(
  store: Store,
  row: RunRow,
): Promise<{ readonly graph: Graph; readonly view: RunView; readonly events: readonly Event[] }> {
  const graph = decodeGraph(await store.blobs.get(row.graph))
  const fold = runView(graph)
  const events: Event[] = []
  for await (const { event } of store.read({ run: row.run })) {
    events.push(event)
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
  const { view } = await foldRun(store, row)
  const steps = [...view.steps.values()]
  return names.flatMap(name => {
    const found = steps.filter(step => step.id === name || step.path === name)
    const byName = found.length > 0 ? found : steps.filter(step => step.name === name)
    if (byName.length > 0) return byName.map(step => step.id)
    const near = nearestName(
      name,
      steps.flatMap(step => [step.id, step.path]),
    )
    return refuse('STEP_UNKNOWN', `Run ${row.run} has no step ${name}`, {
      hint: near ? `Did you mean ${near}?` : `tutti show ${row.run} lists its steps.`,
    })
  })
}
