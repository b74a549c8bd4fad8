/**
 * A run as jobs with the times that they really had: who waited for whom is told by the graph, who waited for whose slot, pool or
 * lock is found out from when they began.
 *
 *   X1. A job starts when the last has ended of those before it and of those that handed something over to it, or later:
 *       what is left between (a process that starts, a commit) is counted as its own.
 *   X2. A step has waited for a slot when another one that takes slots (of its pool, with its lock) ended just before it began,
 *       and after all that it hangs on. Slots are in no log: that is the likeliest reason, not a recorded one.
 */
import { dependenciesOf } from '../../core/index.ts'
import type { Node } from '../../core/graph/graph.ts'
import type { RanScope, RanStep, RunRecord } from '../record/record.ts'
import { buildJobs, type JobParts } from '../schedule/jobs.ts'
import type { Pool } from '../schedule/expected.ts'
import type { HandedOver, Handover, Timed, TimedStep } from './timed.ts'

export function timesOf(record: RunRecord): Timed {
  const growth: Growth = { record, parts: [], steps: [], ran: [], start: [], end: [], pools: new Map() }
  const root = record.scopes.get('')
  if (root) growScope(growth, root, [])
  const handovers = handoversOf(growth)
  const start = Float64Array.from(growth.start)
  const end = Float64Array.from(growth.end)
  const jobs = buildJobs(withOwnTime(growth, handovers))
  const makespan = end.reduce((last, each) => Math.max(last, each), 0)
  const pools = [...growth.pools.values()].map(({ name, slots }) => ({ name, slots }))
  return { jobs, steps: growth.steps, pools, start, end, makespan, handovers, slots: slotsSeen(growth) }
}

interface Growth {
  readonly record: RunRecord
  readonly parts: {
    durationMs: number
    after: number[]
    slot: 0 | 1
    pool?: number
    weight?: number
    priority?: number
  }[]
  readonly steps: (TimedStep | undefined)[]
  /** By job: the step that it is the work of. */
  readonly ran: (RanStep | undefined)[]
  readonly start: number[]
  readonly end: number[]
  readonly pools: Map<string, Pool & { readonly index: number }>
}

/** Where a step begins, and what waits for it waits for. */
interface Span {
  readonly begin: number
  readonly passed: number
  readonly rested: number
}

/** The job that is its end. */
function growScope(growth: Growth, scope: RanScope, after: readonly number[]): number {
  const { record } = growth
  const begin = point(growth, scope.enteredAtMs, after)
  const spans = new Map<string, Span>()
  for (const step of scope.steps.values())
    if (step.startedAtMs !== undefined) spans.set(step.node.id, reserve(growth, step))
  for (const step of scope.steps.values()) {
    const span = spans.get(step.node.id)
    if (!span) continue
    const before = dependenciesOf(step.node).flatMap(id => spans.get(id)?.passed ?? [])
    link(growth, span.begin, before.length > 0 ? before : [begin])
    if (span.rested === span.begin) continue
    link(growth, span.rested, [span.begin, ...growInside(growth, step, span.begin)])
  }
  return point(growth, scope.leftAtMs ?? record.lastAtMs, [begin, ...[...spans.values()].map(({ rested }) => rested)])
}

/** A scope comes after the last one that had ended when it began: a turn after the one before it, an item when one made room. */
function growInside(growth: Growth, step: RanStep, begin: number): readonly number[] {
  const ends = new Map<RanScope, number>()
  const all = step.inside.filter(({ label }) => label !== 'undo')
  const scopes = all.filter(scope => isAwaited(step, scope, all))
  const byEnd = scopes.filter(({ left }) => left !== undefined).sort((a, b) => a.left! - b.left!)
  let [at, last] = [0, undefined as RanScope | undefined]
  for (const scope of scopes) {
    for (; at < byEnd.length && byEnd[at]!.left! < scope.entered; at++) last = byEnd[at]
    const before = last && ends.get(last)
    ends.set(scope, growScope(growth, scope, before === undefined ? [begin] : [begin, before]))
  }
  return scopes.map(scope => ends.get(scope)!)
}

/** Those whose end another one's end brought about did not hold up anybody: they are left out, or would be as long as the run. */
function isAwaited({ node }: RanStep, scope: RanScope, all: readonly RanScope[]): boolean {
  const isSettledEarly =
    node.kind === 'race' || node.kind === 'some' || (node.kind === 'each' && node.until !== undefined)
  if (!isSettledEarly) return true
  return scope.how === 'ended' || all.every(({ how }) => how !== 'ended')
}

function reserve(growth: Growth, step: RanStep): Span {
  const { node } = step
  const endMs = Math.max(step.startedAtMs!, step.endedAtMs ?? growth.record.lastAtMs)
  if (step.role === 'work' && node.kind !== 'flow') {
    const job = place(growth, step.startedAtMs!, endMs)
    growth.ran[job] = step
    growth.steps[job] = { step: step.id, shown: step.shown, kind: node.kind }
    Object.assign(growth.parts[job]!, claims(growth, step))
    return { begin: job, passed: job, rested: job }
  }
  const begin = place(growth, step.startedAtMs!, step.startedAtMs!)
  const rested = place(growth, endMs, endMs)
  return { begin, passed: node.kind === 'scope' && node.join === 'detached' ? begin : rested, rested }
}

const TAKES_SLOT: ReadonlySet<Node['kind']> = new Set(['task', 'effect', 'source', 'service'])

/** What had a result from elsewhere took nothing. */
function claims(growth: Growth, { node, attempts }: RanStep): Partial<JobParts> {
  if (attempts === 0 || !TAKES_SLOT.has(node.kind)) return { slot: 0 }
  const { pool, priority } = node.policy
  return {
    slot: 1,
    ...(priority === undefined ? {} : { priority }),
    ...(pool ? { pool: poolIndex(growth, pool), weight: Math.min(pool.weight ?? 1, pool.slots) } : {}),
  }
}

function poolIndex({ pools }: Growth, { name, slots, across }: NonNullable<Node['policy']['pool']>): number {
  const key = `${across ?? 'process'} ${name}`
  const found = pools.get(key) ?? { name, slots, index: pools.size }
  pools.set(key, found)
  return found.index
}

function point(growth: Growth, atMs: number, after: readonly number[]): number {
  const job = place(growth, atMs, atMs)
  link(growth, job, after)
  return job
}

function place({ record, parts, steps, ran, start, end }: Growth, startMs: number, endMs: number): number {
  steps.push(undefined)
  ran.push(undefined)
  start.push(Math.max(0, startMs - record.startedAtMs))
  end.push(Math.max(0, endMs - record.startedAtMs))
  return parts.push({ durationMs: 0, after: [], slot: 0 }) - 1
}

/** Clocks may be put back, and what fails need not wait: only what had ended by then. */
function link({ parts, start, end }: Growth, job: number, after: readonly number[]): void {
  const reached = parts[job]!
  for (const before of after) if (end[before]! <= Math.max(start[job]!, end[job]!)) reached.after.push(before)
}

/** Beside what hangs on what, the time that a step itself took, from when it could begin (X1). */
function withOwnTime({ parts, end }: Growth, handovers: readonly Handover[]): readonly JobParts[] {
  const ready = new Float64Array(parts.length)
  parts.forEach(({ after }, job) => {
    for (const before of after) ready[job] = Math.max(ready[job]!, end[before]!)
  })
  for (const { from, to } of handovers) ready[to] = Math.max(ready[to]!, end[from]!)
  return parts.map((part, job) => ({ ...part, durationMs: Math.max(0, end[job]! - ready[job]!) }))
}

/** What is at most between the end of one and the start of the other that waited for it. */
const HANDOVER_MS = 25
/** A step that begins so soon has not waited. */
const AT_ONCE_MS = 2

function handoversOf(growth: Growth): readonly Handover[] {
  const { parts, ran, start, end } = growth
  const found: Handover[] = []
  const givers = new Map<string, number[]>()
  for (let job = 0; job < parts.length; job++)
    for (const { key } of ran[job] ? wants(ran[job]!, parts[job]!.slot) : []) {
      const jobs = givers.get(key)
      if (jobs) jobs.push(job)
      else givers.set(key, [job])
    }
  for (const jobs of givers.values()) jobs.sort((a, b) => end[a]! - end[b]!)
  for (let job = 0; job < parts.length; job++) {
    const step = ran[job]
    if (!step) continue
    const ready = parts[job]!.after.reduce((last, before) => Math.max(last, end[before]!), 0)
    if (start[job]! - ready < AT_ONCE_MS) continue
    for (const { key, of } of wants(step, parts[job]!.slot)) {
      const from = lastBefore(givers.get(key) ?? [], end, start[job]!)
      if (from === undefined || from === job || end[from]! <= ready || start[from]! >= start[job]!) continue
      if (start[job]! - end[from]! > HANDOVER_MS) continue
      found.push({ from, to: job, of })
      break
    }
  }
  return found
}

/** What a step may wait for, the narrowest first. */
function wants({ node, scope }: RanStep, slot: 0 | 1): readonly { readonly key: string; readonly of: HandedOver }[] {
  const locks = (node.policy.locks ?? []).map(({ name, of }) => ({
    key: `lock ${of === 'run' ? '' : scope.path} ${name}`,
    of: { kind: 'lock', name } as const,
  }))
  if (slot === 0) return locks
  const { pool } = node.policy
  const pools = pool ? [{ key: `pool ${pool.name}`, of: { kind: 'pool', name: pool.name } as const }] : []
  return [...locks, ...pools, { key: 'slot', of: { kind: 'slot' } as const }]
}

/** The last one of those sorted by their ends that had ended by then. */
function lastBefore(jobs: readonly number[], end: readonly number[], atMs: number): number | undefined {
  let [low, high] = [0, jobs.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (end[jobs[middle]!]! <= atMs) low = middle + 1
    else high = middle
  }
  return jobs[low - 1]
}

/** The most that ran at one time: there were no fewer slots. */
function slotsSeen({ parts, start, end }: Growth): number {
  const changes: [atMs: number, by: number][] = []
  parts.forEach(({ slot }, job) => {
    if (slot === 1 && end[job]! > start[job]!) changes.push([start[job]!, 1], [end[job]!, -1])
  })
  changes.sort((a, b) => a[0] - b[0] || a[1] - b[1])
  let [running, most] = [0, 1]
  for (const [, by] of changes) {
    running += by
    most = Math.max(most, running)
  }
  return most
}
