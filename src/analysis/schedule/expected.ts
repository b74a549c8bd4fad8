/**
 * A workflow as jobs, before it runs: its steps with what they took the last time, in the scopes that they had then. What has
 * no past is taken once, and for as long as is usual; so this is an estimate, on which nothing but the order of waiting hangs.
 * A step that holds others is where its scopes begin and where they end.
 */
import { dependenciesOf, type Graph, type Node, type Region, regionsOf, type StepId } from '../../core/index.ts'
import { escapeKey } from '../../core/engine/step-id.ts'
import { type JobParts, type Jobs, buildJobs } from './jobs.ts'
import { NO_PAST, type PastDurations, type PastScope, pastScopes, usualMs } from './past.ts'

export interface Expected {
  readonly jobs: Jobs
  /** Of each job: its step instance, `[*]` for an item or a turn that there is no past of; of the end of one that holds others: ''. */
  readonly steps: readonly StepId[]
  readonly pools: readonly Pool[]
}

export interface Pool {
  readonly name: string
  readonly slots: number
}

/** How many jobs are made at most: what is left out then are further items and turns. */
const JOBS_MAX = 200_000

export function expectedJobs({ root }: Pick<Graph, 'root'>, past: PastDurations = new Map()): Expected {
  const growth: Growth = { parts: [], steps: [], pools: new Map(), usualMs: usualMs(past) ?? 1 }
  growRegion(growth, root, { path: '', past: pastScopes(past), after: [] })
  return {
    jobs: buildJobs(growth.parts),
    steps: growth.steps,
    pools: [...growth.pools.values()].map(({ name, slots }) => ({ name, slots })),
  }
}

interface Growth {
  readonly parts: JobParts[]
  readonly steps: StepId[]
  readonly pools: Map<string, Pool & { readonly index: number }>
  readonly usualMs: number
}

interface Around {
  readonly path: string
  readonly past: PastScope
  /** Jobs that everything in here waits for. */
  readonly after: readonly number[]
}

/** The jobs of a node: where it begins, what others wait for when they wait for it, and what the scope around it waits for. */
interface Span {
  readonly begin: number
  readonly passed: number
  readonly rested: number
  readonly scopes: readonly Inside[]
}

/** The jobs that are its end. */
function growRegion(growth: Growth, { nodes }: Region, around: Around): readonly number[] {
  const spans = new Map(nodes.map(node => [node.id, spanOf(growth, node, around)]))
  for (const node of nodes) {
    const before = dependenciesOf(node).flatMap(id => spans.get(id)?.passed ?? [])
    const after = before.length > 0 ? before : around.after
    const { begin, rested, scopes } = spans.get(node.id)!
    if (scopes.length === 0) growth.parts[begin] = leafJob(growth, node, { ...around, after })
    else {
      growth.parts[begin] = { durationMs: 0, slot: 0, after }
      growth.parts[rested] = {
        durationMs: 0,
        slot: 0,
        after: growScopes(growth, node, spans.get(node.id)!, around.path),
      }
    }
  }
  return nodes.map(node => spans.get(node.id)!.rested)
}

function spanOf(growth: Growth, node: Node, { path, past }: Around): Span {
  const scopes = growth.parts.length > JOBS_MAX ? [] : winnersOf(growth, node, scopesOf(node, past))
  const begin = reserve(growth, path + node.id)
  const end = scopes.length === 0 ? begin : reserve(growth, '')
  return { begin, passed: node.kind === 'scope' && node.join === 'detached' ? begin : end, rested: end, scopes }
}

function reserve({ parts, steps }: Growth, step: StepId): number {
  steps.push(step)
  return parts.push({ durationMs: 0, after: [] }) - 1
}

/** The jobs that the end of a node waits for. */
function growScopes(growth: Growth, node: Node, { begin, scopes }: Span, path: string): readonly number[] {
  const all: (readonly number[])[] = [[begin]]
  let last: readonly number[] = [begin]
  for (const { mark, region, past } of scopes) {
    const after = isInTurns(node) ? [joined(growth, last)] : [begin]
    last = growRegion(growth, region, { path: `${path}${node.id}${mark}/`, past, after })
    all.push(last)
  }
  return isInTurns(node) ? last : all.flat()
}

/** One job that comes after some: what follows need not wait for each of them by itself. */
function joined(growth: Growth, before: readonly number[]): number {
  const [only] = before
  if (only !== undefined && before.length === 1) return only
  const join = reserve(growth, '')
  growth.parts[join] = { durationMs: 0, slot: 0, after: before }
  return join
}

function leafJob(growth: Growth, node: Node, { past, after }: Around): JobParts {
  const { pool, priority } = node.policy
  return {
    durationMs: past.ms.get(node.id) ?? durationOf(node) ?? growth.usualMs,
    after,
    ...(TAKES_SLOT.has(node.kind) ? {} : { slot: 0 }),
    ...(pool && TAKES_SLOT.has(node.kind)
      ? { pool: poolIndex(growth, pool), weight: Math.min(pool.weight ?? 1, pool.slots) }
      : {}),
    ...(priority === undefined ? {} : { priority }),
  }
}

const TAKES_SLOT: ReadonlySet<Node['kind']> = new Set(['task', 'effect', 'source', 'service'])

/** Where the graph itself tells. */
function durationOf(node: Node): number | undefined {
  if (node.kind === 'cancel') return 0
  if (node.kind !== 'wait') return undefined
  const { on } = node
  return on.kind === 'timer' && on.duration.kind === 'literal' && typeof on.duration.value === 'number'
    ? Math.max(0, on.duration.value)
    : 0
}

function poolIndex({ pools }: Growth, { name, slots, across }: NonNullable<Node['policy']['pool']>): number {
  const key = `${across ?? 'process'} ${name}`
  const found = pools.get(key) ?? { name, slots, index: pools.size }
  pools.set(key, found)
  return found.index
}

interface Inside {
  readonly mark: string
  readonly region: Region
  readonly past: PastScope
}

/** Of arms of which not all are awaited those that are expected to be first: the others are stopped then, and hold up nobody. */
function winnersOf(growth: Growth, node: Node, scopes: readonly Inside[]): readonly Inside[] {
  const count = node.kind === 'race' ? 1 : node.kind === 'some' && node.rest === 'cancel' ? node.count : scopes.length
  if (count >= scopes.length) return scopes
  const lengths = new Map(scopes.map(scope => [scope, leastMs(growth, scope)]))
  return [...scopes].sort((a, b) => lengths.get(a)! - lengths.get(b)!).slice(0, count)
}

/** A region takes as long as the longest of its steps, or longer. */
const leastMs = (growth: Growth, { region, past }: Pick<Inside, 'region' | 'past'>): number =>
  region.nodes.reduce((longest, node) => {
    const inside = winnersOf(growth, node, scopesOf(node, past))
    const ms =
      inside.length === 0
        ? (past.ms.get(node.id) ?? durationOf(node) ?? growth.usualMs)
        : inside.reduce((sum, scope) => Math.max(sum, leastMs(growth, scope)), 0)
    return Math.max(longest, ms)
  }, 0)

/** The scopes that it had the last time, in the order of their turns; those that it must have, where it had none. */
function scopesOf(node: Node, { scopes }: PastScope): readonly Inside[] {
  const regions = regionsOf(node).filter(([, region]) => region !== node.undo?.body && region.nodes.length > 0)
  if (regions.length === 0) return []
  const had = [...(scopes.get(node.id) ?? [])].flatMap(([mark, past]) => {
    const place = regions.findIndex(([label]) => escapeKey(label) === labelOf(mark))
    return place === -1 ? [] : [{ mark, region: regions[place]![1], past, place, turn: turnOf(mark) }]
  })
  if (had.length > 0) return isInTurns(node) ? had.sort((a, b) => a.place - b.place || a.turn - b.turn) : had
  return regions.flatMap(([label, region]) =>
    node.kind === 'attempt' && label !== 'body' && label !== 'finally'
      ? []
      : [{ mark: markOf(node, label), region, past: NO_PAST }],
  )
}

const labelOf = (mark: string): string => /^\.(?<label>[^[]*)/.exec(mark)?.groups?.['label'] ?? 'body'
const turnOf = (mark: string): number => Number(/\[(?<turn>\d+)\]$/.exec(mark)?.groups?.['turn'] ?? 0)
/** One after the other: what stands first in the graph comes first. */
const isInTurns = ({ kind }: Node): boolean => kind === 'loop' || kind === 'attempt'

function markOf(node: Node, label: string): string {
  if (node.kind === 'each' || node.kind === 'loop') return '[*]'
  return node.kind === 'call' ? '' : `.${escapeKey(label)}`
}
