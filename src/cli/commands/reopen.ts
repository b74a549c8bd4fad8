/** The code of a run: what it began with, or today's when the user asks for it. */
import { dirname } from 'node:path'
import { type Graph, renamedGraph } from '../../core/index.ts'
import { decodeBundle, isMade } from '../../loader/index.ts'
import { decodeGraph, isSameGraph, recordedReads } from '../../run/launch.ts'
import type { Runnable } from '../../run/runnable.ts'
import { onlySteps } from '../../run/selection.ts'
import type { RunRow, Store } from '../../store/index.ts'
import { refuse, Refusal } from '../../util/diagnostic.ts'
import { chooseWorkflow, loadFile, openKept } from '../file.ts'
import { readingOfBundle } from '../foreign/kept.ts'
import type { Io, Reading } from '../io.ts'

/** The code that a run began with; today's with `--latest`, which says what differs. */
export async function reopen(io: Io, store: Store, row: RunRow, latest: boolean): Promise<Runnable> {
  if (row.bundle === '')
    return refuse('RUN_EMBEDDED', `Run ${row.run} belongs to a program that embeds Tutti`, {
      hint: 'Resume it from that program: run(workflow, { id }).',
    })
  const kept = decodeGraph(await store.blobs.get(row.graph))
  const file = latest
    ? await loadFile(row.file, io.cwd, { reading: { ...(await readBefore(store, row)), ...io.reading } })
    : await openKept(await store.blobs.get(row.bundle), row.file, await recordedReads(store.blobs, kept), io.cwd)
  const today = inRun(row, file.runnable(chooseWorkflow(file, row.workflow)))
  if (latest) io.err(`${await codeDifference(store, row, today)}\n`)
  if (isSameGraph(kept, today.graph)) return { ...today, graph: kept }
  if (sameSelection(kept, today.graph)) return { ...today, graph: kept }
  if (latest)
    return refuse(
      'GRAPH_CHANGED',
      `${row.file} now describes other steps than run ${row.run} began with: ${graphDifference(kept, today.graph)}`,
      { hint: `Resume it as it was: tutti resume ${row.run}` },
    )
  return refuse(
    'TRACE_DIFFERS',
    `The kept code of run ${row.run} no longer gives the graph that it gave: ${graphDifference(kept, today.graph)}`,
    { hint: 'A package that the file imports has changed; install the one that it had, or start a new run.' },
  )
}

/** As the run's file was read when it began, unless it is said anew. */
async function readBefore(store: Store, { bundle, file }: RunRow): Promise<Reading> {
  const kept = decodeBundle(await store.blobs.get(bundle))
  return readingOfBundle(kept, dirname(file))
}

/** A run that was moved has ids of its own. */
const inRun = ({ renames, version }: RunRow, traced: Runnable): Runnable => ({
  ...traced,
  graph: renamedGraph(traced.graph, renames ?? {}),
  ...(version === undefined ? {} : { version }),
})

/** Which files are not what the run began with. */
async function codeDifference(store: Store, row: RunRow, today: Runnable): Promise<string> {
  const [before, after] = [await store.blobs.get(row.bundle), today.bundle ?? new Uint8Array()].map(sourcesOf) as [
    Sources,
    Sources,
  ]
  const changed = [...after]
    .filter(([path, text]) => before.has(path) && before.get(path) !== text)
    .map(([path]) => `${path} changed`)
  const added = [...after.keys()].filter(path => !before.has(path)).map(path => `${path} is new`)
  const gone = [...before.keys()].filter(path => !after.has(path)).map(path => `${path} is gone`)
  const differences = [...changed, ...added, ...gone]
  if (differences.length === 0) return "today's code is the code that the run began with"
  return `going on with today's code: ${differences.join(', ')}`
}

/** The text of each module by its path; packages by their version. */
type Sources = ReadonlyMap<string, string>

function sourcesOf(bytes: Uint8Array): Sources {
  const found = new Map<string, string>()
  for (const [path, module] of Object.entries(decodeBundle(bytes).modules)) {
    if (!isMade(module)) found.set(path, module.kind === 'native' ? module.hash : module.source)
    for (const target of module.kind === 'script' ? Object.values(module.targets) : []) {
      if (target.kind === 'package') found.set(`package ${target.name}`, target.version)
    }
  }
  return found
}

/** A run of `--only` some steps began with a part of the graph. */
function sameSelection(kept: Graph, whole: Graph): boolean {
  try {
    return isSameGraph(
      kept,
      onlySteps(
        whole,
        kept.root.nodes.map(node => node.id),
      ),
    )
  } catch (error) {
    if (error instanceof Refusal) return false
    throw error
  }
}

function graphDifference(before: Graph, after: Graph): string {
  const [old, now] = [before, after].map(graph => graph.root.nodes.map(node => node.id)) as [string[], string[]]
  const gone = old.filter(id => !now.includes(id))
  const added = now.filter(id => !old.includes(id))
  const parts = [
    ...(gone.length > 0 ? [`without ${gone.join(', ')}`] : []),
    ...(added.length > 0 ? [`with ${added.join(', ')}`] : []),
  ]
  return parts.length > 0 ? parts.join(', ') : 'the same steps, wired or set otherwise'
}
