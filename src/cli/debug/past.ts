/** The attempt that a user means, as the store has it, and what its process is given to run it again. */
import { dirname, relative, resolve } from 'node:path'
import { resourcesOf } from '../../core/index.ts'
import { declareSecrets } from '../../exec/index.ts'
import { pathWithBins } from '../../exec/sh/spawn.ts'
import { rerunOf } from '../../run/debug/attempt.ts'
import { chooseAttempt, type PastAttempt, type PastStep, pastSteps } from '../../run/debug/past-steps.ts'
import { type Restored, restoreAttempt } from '../../run/debug/restore.ts'
import type { Workplace } from '../../run/debug/workplace.ts'
import { decodeGraph } from '../../run/launch.ts'
import type { RunRow, Store } from '../../store/index.ts'
import { baseOf } from '../../values/index.ts'
import { refuse } from '../../util/diagnostic.ts'
import type { DebugPlan } from './debuggee.ts'

export interface Past {
  readonly row: RunRow
  readonly step: PastStep
  readonly attempt: PastAttempt
  readonly restored: Restored
  readonly projectFolder: string
}

/** `wanted.attempt`: its number; the last one when absent. */
export async function findPast(
  store: Store,
  row: RunRow,
  wanted: { readonly step: string; readonly attempt?: number },
): Promise<Past> {
  const { run } = row
  if (row.bundle === '')
    refuse('RUN_EMBEDDED', `Run ${run} belongs to a program that embeds Tutti, so its code is not in the store`, {
      hint: 'Run that program in a debugger.',
    })
  const graph = decodeGraph(await store.blobs.get(row.graph))
  declareSecrets([...resourcesOf(graph)].map(({ resource }) => resource))
  const { step, attempt } = chooseAttempt(await pastSteps(store, graph, run), run, wanted)
  const restored = await restoreAttempt(store, graph, { run, step: step.id, attempt: attempt.attempt })
  return { row, step, attempt, restored, projectFolder: dirname(row.file) }
}

export function planOf(store: Store, past: Past, { folder, valuesFolder }: Workplace): DebugPlan {
  const { row, step, attempt, restored, projectFolder } = past
  const name = { run: row.run, step: step.id, attempt: attempt.attempt }
  return {
    attempt: rerunOf(restored.description, { ...name, bundle: row.bundle, projectFolder, folder }),
    records: restored.records,
    store: store.path,
    valuesFolder,
    file: row.file,
    projectFolder,
    base: resolve(folder, relative(projectFolder, baseOf(store.path, projectFolder))),
    graph: row.graph,
    bundle: row.bundle,
    workflow: row.workflow,
  }
}

/** Tools of the project's folders, from wherever the attempt runs. */
export const environmentOf = ({ projectFolder }: Past): Readonly<Record<string, string>> => ({
  PATH: pathWithBins(projectFolder, process.env['PATH']),
})
