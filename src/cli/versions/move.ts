/** A run and the version that it goes to: whether it can, and the move. */
import { type Graph, type Renames, stepPaths } from '../../core/index.ts'
import { encodeGraph, valuesOf } from '../../run/launch.ts'
import { appendMove, withRun } from '../../run/move/move.ts'
import type { MoveObstacle } from '../../run/move/obstacles.ts'
import { graphInRun, idOfPath } from '../../run/move/ids.ts'
import { readLog, type Target, type Trial, tryMove } from '../../run/move/trial.ts'
import type { Runnable } from '../../run/runnable.ts'
import type { RunRow, Store, VersionRow } from '../../store/index.ts'
import { refuse, Refusal } from '../../util/diagnostic.ts'
import { type Face, matchedPaths } from '../../versions/index.ts'
import { chooseWorkflow, openRunFile } from '../file.ts'
import { type Io, usage } from '../io.ts'
import { findRun } from '../store.ts'
import { faceOf } from './face.ts'
import { lineOf, workflowOf } from './line.ts'
import { contentsOf, type OpenedVersion, openVersion } from './open.ts'
import { findLine } from './lines.ts'
import { findVersion } from './reference.ts'
import { nameOf } from './row.ts'
import { type Renamed, renamedBetween, renamedPath, stillThere } from './renames.ts'

/** By the path of a step in the run: its path in the version. */
export type Declared = ReadonlyMap<string, string>

export interface Movement {
  readonly trial: Trial
  /** As the run would have it. */
  readonly runnable: Runnable
  readonly renames: Renames
}

export interface Mover {
  readonly io: Io
  readonly store: Store
  readonly opened: OpenedVersion
  readonly declared: Declared
  /** Of runs, by what they are: opening code takes long, and many runs are the same. */
  readonly faces: Map<string, Face>
}

/** Runs nothing, writes nothing. */
export async function tryRun(mover: Mover, row: RunRow): Promise<Movement> {
  const { store, opened } = mover
  const face = await faceOfRun(mover, row)
  const log = await readLog(store, row.run, row.graph)
  if (log.graph.root.nodes.length < face.graph.root.nodes.length) return partial(opened)
  checkDeclared(row, log.graph, mover.declared)
  const wanted = renamesFor(mover, row)
  const to = opened.row.number
  const { graph, renames } = graphInRun(opened.runnable.graph, wanted, to, log.graph)
  const runnable = { ...opened.runnable, graph }
  const target: Target = {
    runnable,
    code: opened.contents.face,
    to,
    likely: likelySteps(mover, face, row),
  }
  return { trial: await tryMove(log, face, target, valuesOf(store, runnable)), runnable, renames }
}

/** As the other version it would do all. */
const partial = ({ runnable }: OpenedVersion): Movement => ({
  trial: { kind: 'stuck', obstacles: [{ message: 'it does only some of the steps (--only, --since)' }] },
  runnable,
  renames: {},
})

function checkDeclared({ run }: RunRow, graph: Graph, declared: Declared): void {
  const known = [...stepPaths(graph.root)].map(({ around, node }) => around + node.id)
  for (const before of declared.keys())
    if (!known.includes(before))
      refuse('RENAME_UNKNOWN', `Run ${run} has no step ${before}`, {
        hint: `--rename says its name in the run, then that in the version; tutti show ${run} lists its steps.`,
      })
}

/** What the code of a run is told apart by: as its version says, or found again in the code that it keeps. */
async function faceOfRun({ io, store, opened, faces }: Mover, row: RunRow): Promise<Face> {
  const key = `${row.version} ${row.bundle} ${row.graph}`
  const known = faces.get(key)
  if (known) return known
  const published = row.version === undefined ? undefined : store.versions.get(opened.row.line, row.version)
  const face = published ? contentsOf(store, published).face : await keptFace(io, store, row)
  faces.set(key, face)
  return face
}

async function keptFace(io: Io, store: Store, row: RunRow): Promise<Face> {
  const file = await openRunFile(store, row, io.cwd)
  return faceOf(file.runnable(chooseWorkflow(file, row.workflow)), file.definitions)
}

/** By path in the version: the id in the run. What was said when versions were published counts, and what is said now before it. */
function renamesFor({ store, opened, declared }: Mover, row: RunRow): Renames {
  const published = publishedRenames(store, opened.row, row)
  const between = new Map(Object.entries(published))
  const has = new Set(pathsOf(opened))
  const found = new Map<string, string>()
  // Ids that the run has from an earlier move stay.
  for (const [path, id] of Object.entries(row.renames ?? {})) found.set(renamedPath(path, between), id)
  for (const [before, after] of between)
    if (!found.has(after)) found.set(after, row.renames?.[before] ?? idOfPath(before))
  for (const [before, after] of declared) found.set(after, idOfPath(before))
  const said = new Set(declared.values())
  return Object.fromEntries(
    [...found].filter(([path, id]) => said.has(path) || (has.has(path) && id !== idOfPath(path))),
  )
}

const pathsOf = ({ runnable }: OpenedVersion): readonly string[] =>
  [...stepPaths(runnable.graph.root)].map(({ around, node }) => around + node.id)

function publishedRenames(store: Store, to: VersionRow, { version }: RunRow): Renamed {
  const before = version === undefined ? undefined : store.versions.get(to.line, version)
  return before ? renamedBetween(store.versions.list(to.line), before, to) : {}
}

/** What each step may be in the version, by its content and place; what somebody has said is left out. */
function likelySteps({ opened, declared, store }: Mover, face: Face, row: RunRow): Declared {
  const published = stillThere(publishedRenames(store, opened.row, row), face, opened.contents.face)
  const renamed = { ...published, ...Object.fromEntries(declared) }
  const matched = matchedPaths(face, opened.contents.face, { renamed })
  return new Map([...matched].filter(([before, after]) => before !== after && renamed[before] === undefined))
}

/** Whether the run is one of this line. */
export const isOfLine = (store: Store, line: string, row: RunRow): boolean =>
  lineOf(store.path, row.file, row.workflow) === line

/** Refuses with RUN_EMBEDDED and RUN_ENDED. */
export function movable(row: RunRow): RunRow {
  if (row.endedAtMs !== undefined)
    return refuse('RUN_ENDED', `Run ${row.run} has ended: ${row.status}`, {
      hint: 'Only a run that goes on can be moved; tutti backtest tries a version on ended ones.',
    })
  if (row.bundle === '')
    return refuse('RUN_EMBEDDED', `Run ${row.run} belongs to a program that embeds Tutti`, {
      hint: 'Its code is that program: nothing here can stand for it.',
    })
  return row
}

/** `to`: a number, a range, a channel, with or without the workflow's name. */
export async function openMover(
  io: Io,
  store: Store,
  line: string,
  { to, rename }: { readonly to: string; readonly rename?: readonly string[] },
): Promise<Mover> {
  const at = to.lastIndexOf('@')
  const [name, which] = at > 0 ? [to.slice(0, at), to.slice(at + 1)] : [undefined, to]
  if (name !== undefined && name !== workflowOf(line))
    return refuse('VERSION_OTHER', `${to} is a version of another workflow: the run is one of ${workflowOf(line)}`, {
      hint: `Say which version of ${workflowOf(line)}: --to ${which}`,
    })
  if (store.versions.list(line).length === 0) findLine(store, io.cwd, { workflow: workflowOf(line) })
  const opened = await openVersion(io, store, findVersion(store, line, which))
  return { io, store, opened, declared: declaredIn(rename ?? []), faces: new Map() }
}

function declaredIn(words: readonly string[]): Declared {
  return new Map(
    words.map(word => {
      const at = word.indexOf('=')
      if (at <= 0 || at === word.length - 1)
        throw usage(`--rename ${word} does not say BEFORE=AFTER`, 'For example --rename lint=check')
      return [word.slice(0, at), word.slice(at + 1)]
    }),
  )
}

export const isThere = ({ opened }: Mover, row: RunRow): boolean => row.version === opened.row.number

/** Refuses with MOVE_IMPOSSIBLE, once for each thing in the way. */
export function fitting({ opened }: Mover, { run }: RunRow, movement: Movement): Movement {
  if (movement.trial.kind === 'fits') return movement
  throw new Refusal(movement.trial.obstacles.map(obstacle => impossible(run, nameOf(opened.row), obstacle)))
}

const impossible = (run: string, version: string, { message, hint }: MoveObstacle) => ({
  code: 'MOVE_IMPOSSIBLE',
  severity: 'error' as const,
  message: `Run ${run} cannot move to ${version}: ${message}`,
  hint: hint ?? 'It goes on as what it is.',
})

/** Tried once more with the run's lease: nothing comes between that and the move. */
export async function moveRun(mover: Mover, { run }: RunRow, timeoutMs: number): Promise<void> {
  const { store, opened } = mover
  await withRun(store, run, timeoutMs, async lease => {
    const row = movable(findRun(store, run))
    const { runnable, renames } = fitting(mover, row, await tryRun(mover, row))
    const [graph, bundle] = await Promise.all([
      store.blobs.put(encodeGraph(runnable.graph)),
      store.blobs.put(runnable.bundle ?? new Uint8Array()),
    ])
    const to = { graph, bundle, version: opened.row.number, ...(Object.keys(renames).length > 0 ? { renames } : {}) }
    await appendMove(store, lease, row, to, Date.now())
  })
}
