/**
 * Which ids the steps of a version get in the graph of a run that moves there: their own, but for those that are steps of the
 * run under another id, as somebody has said.
 *
 *   I1. An id of the log names the step that it named before, or none; a step that is new never gets it.
 */
import { type Graph, renamedGraph, renameProblems, type Renames, stepPaths } from '../../core/index.ts'
import { refuse } from '../../util/diagnostic.ts'
import { nearestName } from '../../util/nearest.ts'

/** The last part of a path. */
export const idOfPath = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/**
 * `graph` as a run has it that is one of `before`: each step at a path of `wanted` under the id that is said there. Another step of the region that
 * had the id gets one that is free. Refuses with RENAME_UNKNOWN and RENAME_COLLIDES.
 */
export function graphInRun(
  graph: Graph,
  wanted: Renames,
  to: string,
  before: Graph,
): { readonly graph: Graph; readonly renames: Renames } {
  const { nowhere } = renameProblems(graph, wanted)
  const [unknown] = nowhere
  if (unknown !== undefined) return unknownStep(graph, unknown, to)
  const renames = { ...displaced(graph, wanted, before), ...wanted }
  const [twice] = renameProblems(graph, renames).twice
  if (twice !== undefined)
    return refuse('RENAME_COLLIDES', `Two steps of ${to} would be the step ${twice} of the run`, {
      hint: 'Each --rename names a step of its own.',
    })
  return { graph: renamedGraph(graph, renames), renames }
}

function unknownStep(graph: Graph, path: string, to: string): never {
  const known = [...stepPaths(graph.root)].map(({ around, node }) => around + node.id)
  const near = nearestName(path, known)
  return refuse('RENAME_UNKNOWN', `${to} has no step ${path}`, {
    hint: near ? `Did you mean ${near}?` : 'Steps are named by their ids: tutti graph --json lists them.',
  })
}

/** I1. Steps that nobody named, and whose ids are those of others now. */
function displaced(graph: Graph, wanted: Renames, before: Graph): Renames {
  const found: Record<string, string> = {}
  const steps = [...stepPaths(graph.root)]
  const taken = new Set([...steps, ...stepPaths(before.root)].map(({ around, node }) => around + node.id))
  const given = new Set(Object.entries(wanted).map(([path, id]) => path.slice(0, -idOfPath(path).length) + id))
  for (const { around, node } of steps) {
    const path = around + node.id
    if (!given.has(path) || wanted[path] !== undefined) continue
    found[path] = freeId(node.id, id => taken.has(around + id) || given.has(around + id))
    given.add(around + found[path])
  }
  return found
}

function freeId(id: string, isTaken: (id: string) => boolean): string {
  const stem = id.replace(/~\d+$/, '')
  for (let count = 2; ; count++) if (!isTaken(`${stem}~${count}`)) return `${stem}~${count}`
}
