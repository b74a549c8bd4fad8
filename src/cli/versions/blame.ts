/**
 * Which version last changed each step, and how the step did before and since. Goes back through a line, version by version,
 * following steps through other names and places; that a step was only renamed or moved is no change of it.
 */
import { placedNodes } from '../../core/index.ts'
import type { RunRow, Store, VersionRow } from '../../store/index.ts'
import type { Change, StepName } from '../../versions/change.ts'
import { difference, matchedPaths } from '../../versions/difference.ts'
import type { Face } from '../../versions/version.ts'
import { placeOf } from '../step-place.ts'
import { lineOf } from './line.ts'
import { contentsOf } from './open.ts'
import { factsOf } from './row.ts'
import { renamedPath } from './renames.ts'

export interface Blame {
  readonly step: StepName
  readonly kind: string
  readonly last: StepChange
  /** Of its attempts in the runs of versions in which it was as it is now. */
  readonly since: Health
  /** As it was before that; absent: it was not there. */
  readonly before?: Health
}

export interface StepChange {
  readonly row: VersionRow
  /** `added`, or what of it changed: `code`, `edges`, fields of its node. */
  readonly what: readonly string[]
  /** What it was called when that is not what it is called now. */
  readonly was?: string
}

export interface Health {
  readonly versions: readonly string[]
  readonly runs: number
  readonly attempts: number
  readonly failed: number
  /** Of those that succeeded. */
  readonly medianMs?: number
}

/** `isMeant`: of the steps of `head`. */
export async function blame(
  store: Store,
  head: VersionRow,
  isMeant: (step: StepName, kind: string) => boolean,
): Promise<readonly Blame[]> {
  const faces = new Map<string, Face>()
  const faceOf = (row: VersionRow): Face => {
    const known = faces.get(row.number) ?? contentsOf(store, row).face
    faces.set(row.number, known)
    return known
  }
  const trails = [...placedNodes(faceOf(head).graph.root)]
    .filter(({ path, shown, node }) => isMeant({ path, shown }, node.kind))
    .map(({ path, shown, node }) => newTrail({ path, shown }, node.kind))
  let open = trails
  for (let row: VersionRow | undefined = head; row && open.length > 0; ) {
    const before = beforeOf(store, row)
    const pair = before ? stepChanges(faceOf(before), faceOf(row), factsOf(row).renamed ?? {}) : undefined
    for (const trail of open) goBack(trail, row, pair)
    faces.delete(row.number)
    open = open.filter(({ isOver, changes }) => !isOver && changes.length < 2)
    row = before
  }
  const healthOf = runsReader(store, head.line)
  const blames: Blame[] = []
  for (const trail of trails) blames.push(await blameOf(trail, healthOf))
  return blames
}

const beforeOf = (store: Store, row: VersionRow): VersionRow | undefined => {
  const { since } = factsOf(row)
  return since === undefined ? undefined : store.versions.get(row.line, since)
}

/** A step on the way back. */
interface Trail {
  readonly step: StepName
  readonly kind: string
  /** In the version that is looked at. */
  path: string
  isOver: boolean
  /** Newest first; two at most: what came before the second is of no interest. */
  readonly changes: StepChange[]
  /** Versions since the last change, and those between the last two, with its path there. */
  readonly spans: readonly [Map<string, string>, Map<string, string>]
}

const newTrail = (step: StepName, kind: string): Trail => ({
  step,
  kind,
  path: step.path,
  isOver: false,
  changes: [],
  spans: [new Map(), new Map()],
})

/** `pair`: absent: it is the first version. */
function goBack(trail: Trail, row: VersionRow, pair: StepChanges | undefined): void {
  trail.spans[trail.changes.length === 0 ? 0 : 1].set(row.number, trail.path)
  const was = trail.path === trail.step.path ? {} : { was: trail.path }
  const before = pair?.before.get(trail.path)
  if (!pair || before === undefined) {
    trail.changes.push({ row, what: ['added'], ...was })
    trail.isOver = true
    return
  }
  const what = pair.changed.get(trail.path)
  if (what) trail.changes.push({ row, what: [...what], ...was })
  trail.path = before
}

interface StepChanges {
  readonly changed: ReadonlyMap<string, ReadonlySet<string>>
  /** Path in the version before, by path in the one after. */
  readonly before: ReadonlyMap<string, string>
}

function stepChanges(before: Face, after: Face, renamed: { readonly [path: string]: string }): StepChanges {
  const changed = new Map<string, Set<string>>()
  const note = (path: string, what: string): void => {
    const known = changed.get(path) ?? new Set()
    changed.set(path, known.add(what))
  }
  const see = (change: Change): void => {
    switch (change.kind) {
      case 'step.changed':
        return note(change.step.path, change.field)
      case 'edge.added':
      case 'edge.removed':
        return note(change.to.path, 'edges')
      case 'code.changed':
        for (const { path } of change.steps) note(path, 'code')
        return
      default:
    }
  }
  for (const change of difference(before, after, { renamed })) see(change)
  const paths = matchedPaths(before, after, { renamed })
  return { changed, before: new Map([...paths].map(([old, now]) => [now, old])) }
}

async function blameOf({ step, kind, changes, spans }: Trail, healthOf: HealthOf): Promise<Blame> {
  const [last, earlier] = changes
  if (!last) throw new Error(`defect: ${step.path} came from nowhere`)
  const [since, before] = spans
  return {
    step,
    kind,
    last,
    since: await healthOf(since),
    ...(earlier || before.size > 0 ? { before: await healthOf(before) } : {}),
  }
}

type HealthOf = (paths: ReadonlyMap<string, string>) => Promise<Health>

/** Newest first, of all versions: what is older tells little, and reading logs takes time. */
const RUNS_MAX = 500

function runsReader(store: Store, line: string): HealthOf {
  const workflow = line.slice(line.lastIndexOf('#') + 1)
  const rows = store.runs
    .list({ workflow })
    .filter(row => row.version !== undefined && lineOf(store.path, row.file, row.workflow) === line)
    .slice(0, RUNS_MAX)
  const read = new Map<string, Promise<ReadonlyMap<string, Attempts>>>()
  const attemptsOf = (run: string): Promise<ReadonlyMap<string, Attempts>> => {
    const known = read.get(run) ?? attemptsIn(store, run)
    read.set(run, known)
    return known
  }
  return async paths => {
    const own = rows.filter(({ version = '' }) => paths.has(version))
    const found = await Promise.all(own.map(row => pick(row, paths, attemptsOf)))
    const all = found.flatMap(each => each ?? [])
    const ms = all.flatMap(each => each.ms).sort((a, b) => a - b)
    const median = ms[Math.floor((ms.length - 1) / 2)]
    return {
      versions: [...paths.keys()].reverse(),
      runs: all.length,
      attempts: all.reduce((sum, { started }) => sum + started, 0),
      failed: all.reduce((sum, { failed }) => sum + failed, 0),
      ...(median === undefined ? {} : { medianMs: median }),
    }
  }
}

async function pick(
  { run, version = '', renames = {} }: RunRow,
  paths: ReadonlyMap<string, string>,
  attemptsOf: (run: string) => Promise<ReadonlyMap<string, Attempts>>,
): Promise<Attempts | undefined> {
  const path = renamedPath(paths.get(version) ?? '', new Map(Object.entries(renames)))
  return (await attemptsOf(run)).get(path)
}

/** Of all instances of a step in one run. What was taken from another run is no attempt. */
interface Attempts {
  started: number
  failed: number
  readonly ms: number[]
}

async function attemptsIn(store: Store, run: string): Promise<ReadonlyMap<string, Attempts>> {
  const found = new Map<string, Attempts>()
  const begun = new Map<string, number>()
  for await (const { event } of store.read({ run })) {
    // What came before a move was of another version.
    if (event.kind === 'run.moved') found.clear()
    if (event.kind !== 'attempt.started' && event.kind !== 'attempt.failed' && event.kind !== 'step.settled') continue
    const place = placeOf(event.step)
    const attempts = found.get(place) ?? { started: 0, failed: 0, ms: [] }
    if (event.kind === 'attempt.started') {
      attempts.started++
      begun.set(event.step, event.atMs)
      found.set(place, attempts)
      continue
    }
    const sinceMs = begun.get(event.step)
    if (sinceMs === undefined) continue
    begun.delete(event.step)
    if (event.kind === 'attempt.failed' || event.outcome.kind === 'failed') attempts.failed++
    else if (event.outcome.kind === 'succeeded') attempts.ms.push(event.atMs - sinceMs)
  }
  return found
}
