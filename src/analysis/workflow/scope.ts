/**
 * A region of the graph as one part of the net. The places of an instance of it:
 *
 *     in -> [begins] -> edges -> steps -> edges -> [ends] -> out, or x where it may be left without success
 *
 * What an open scope of the engine is in one of these states shows by flags:
 *
 *     safe | closing      a failed step, or what is around it, has interrupted it: only where that can be
 *     clean | failed      a step has failed in a region that finishes first
 *     at | gone           the step that ends a milestone has not begun, or has
 *     alive | stopped | rested   of a step that a `cancel` withdraws
 *
 * An edge has a place more, `never`, where the step that it comes from may end without a value while the others go on; a
 * closing scope empties all its edges so. It is left when all of them are empty, as the engine leaves it when nothing of it is
 * open.
 */
import { dependenciesOf, type Node, type Region } from '../../core/index.ts'
import { lingers } from '../../core/net/compile.ts'
import { pathMark } from '../../core/graph/placed.ts'
import type { NetBuilder } from './builder.ts'
import type { Opaque, StepAt } from './composed.ts'
import type { Crossings } from './crossings.ts'
import { type Failures, regionMayExit, stepMayExit } from './may-exit.ts'
import { waitingOrder } from './waiting-order.ts'

/** What the whole net is made with. */
export interface Composing {
  readonly interrupts: 'by and by' | 'at once'
  readonly builder: NetBuilder
  readonly crossings: Crossings
  /** By name: locks of the run, pools. */
  readonly locks: Map<string, number>
  readonly pools: Map<string, number>
  readonly opaque: Map<string, Opaque>
}

/** One instance of a region. */
export interface Scope {
  readonly composing: Composing
  readonly region: Region
  /** Of what is inside: `ci/`. */
  readonly path: string
  readonly shown: string
  readonly outer: Scope | undefined
  /** The step that it is inside of. */
  readonly owner: StepAt | undefined
  /** Of each `each` around it, which of the items it belongs to. */
  readonly items: readonly number[]
  readonly failures: Failures
  /** Of each list one place is marked while neither it nor anything around it is interrupted. */
  readonly open: readonly (readonly number[])[]
  readonly flags: { readonly safe: number; readonly closing: number } | undefined
  readonly finish: { readonly clean: number; readonly failed: number } | undefined
  readonly milestones: ReadonlyMap<string, { readonly at: number; readonly gone: number }>
  readonly targets: ReadonlyMap<string, Target>
  readonly locks: Map<string, number>
}

/** A step that may be withdrawn. */
export interface Target {
  readonly alive: number
  readonly stopped: { readonly skip?: number; readonly run?: number }
  readonly rested: number
}

export interface Ends {
  readonly in: number
  readonly out: number
  readonly x: number | undefined
}

/** How a region is entered. */
export interface Entering {
  readonly region: Region
  readonly composing: Composing
  readonly outer: Scope | undefined
  readonly owner: StepAt | undefined
  readonly label: string
  readonly items: readonly number[]
  readonly failures: Failures
  /** Places that interrupt it when they are marked. */
  readonly permits: readonly number[]
  /** Of each list one place is marked while nothing around has interrupted it. */
  readonly open: readonly (readonly number[])[]
  /** Whether it may be interrupted by a clock at any time. */
  readonly clock: 'deadline' | 'none'
}

/** What is in a region, step by step: ./steps.ts. */
export type ComposeStep = (step: Step) => void

/** An instance of a step, and where its tokens come from and go to. */
export interface Step {
  readonly scope: Scope
  readonly node: Node
  readonly at: StepAt
  readonly ready: number
  /** Marked when something that it waits for will never come. */
  readonly never: number | undefined
  /** What it marks when it ends with a value, and when it ends without. */
  readonly oks: readonly number[]
  readonly nevers: readonly number[]
  /** What is left when it has gone on after it passed. */
  readonly drained: Edge | undefined
}

export interface Edge {
  readonly ok: number
  readonly never: number | undefined
}

export function composeRegion(entering: Entering, composeStep: ComposeStep): Ends {
  const scope = newScope(entering)
  const { builder } = scope.composing
  const { owner, items } = scope
  const inner = (): number => builder.place({ kind: 'inner', step: owner })
  const ends: Ends = { in: inner(), out: inner(), x: hasExit(scope) ? inner() : undefined }
  const allNever = neverComing(scope)
  const mayEmpty = hasExit(scope) || allNever.includes(true)
  const { nodes, before, isAwaited } = waitingOrder(scope.region.nodes, node => mayEmpty || isKept(scope, node))
  const never = mayEmpty ? allNever : nodes.map(() => false)
  const steps = nodes.map(node => stepAt(scope, node))
  const edge = (from: number | undefined, to: number | undefined): Edge => {
    const place = (comes: 'value' | 'never'): number =>
      builder.place({ kind: 'edge', from: steps[from ?? -1], to: steps[to ?? -1], comes, items })
    return { ok: place('value'), never: from !== undefined && never[from] ? place('never') : undefined }
  }
  const leaving: Edge[][] = nodes.map(() => [])
  const begun: number[] = []
  const arriving = before.map((sources, index) => {
    if (sources.length > 0)
      return sources.map(source => {
        const made = edge(source, index)
        leaving[source]!.push(made)
        return made
      })
    const made = edge(undefined, index)
    begun.push(made.ok)
    return [made]
  })
  const toEnd: Edge[] = []
  const drains = nodes.map((node, index) => {
    if (!lingers(node)) return undefined
    const made = edge(index, undefined)
    toEnd.push(made)
    return made
  })
  nodes.forEach((_, index) => {
    if (isAwaited[index]) return
    const made = edge(index, undefined)
    leaving[index]!.push(made)
    toEnd.push(made)
  })
  if (toEnd.length === 0) {
    const made = edge(undefined, undefined)
    begun.push(made.ok)
    toEnd.push(made)
  }
  begin(scope, ends, begun)
  nodes.forEach((node, index) => {
    const at = steps[index]!
    const joined = joinEdges(scope, at, arriving[index]!)
    composeStep({
      scope,
      node,
      at,
      ready: joined.ok,
      never: joined.never,
      oks: leaving[index]!.map(({ ok }) => ok),
      nevers: leaving[index]!.flatMap(each => each.never ?? []),
      drained: drains[index],
    })
  })
  end(scope, ends, joinEdges(scope, owner, toEnd))
  return ends
}

function newScope({ region, composing, outer, owner, label, items, failures, permits, open, clock }: Entering): Scope {
  const { builder, crossings } = composing
  const inner = (): number => builder.place({ kind: 'inner', step: owner })
  const finishes = region.onFailure === 'finish'
  const mayExit = regionMayExit(region, failures)
  const mayClose = permits.length > 0 || clock === 'deadline' || (mayExit && !finishes)
  const flags = mayClose ? { safe: inner(), closing: inner() } : undefined
  const mark = owner === undefined ? '' : pathMark(owner.node, label)
  if (flags) {
    const closes = { step: owner, items, from: [flags.safe], to: [flags.closing] }
    for (const permit of permits) builder.fire({ ...closes, deed: { kind: 'moves' }, reads: [permit] })
    if (clock === 'deadline') builder.fire({ ...closes, deed: { kind: 'times-out' } })
  }
  return {
    composing,
    region,
    path: owner === undefined ? '' : owner.path + mark,
    shown: owner === undefined ? '' : owner.shown + mark,
    outer,
    owner,
    items,
    failures,
    flags,
    open: flags ? [...open, [flags.safe]] : open,
    finish: finishes && mayExit ? { clean: inner(), failed: inner() } : undefined,
    milestones: new Map(crossings.milestonesOf(region).map(id => [id, { at: inner(), gone: inner() }])),
    targets: new Map(
      [...crossings.cancelledIn(region)].map(([id, modes]) => [
        id,
        {
          alive: inner(),
          stopped: Object.fromEntries([...modes].map(mode => [mode, inner()])),
          rested: inner(),
        },
      ]),
    ),
    locks: new Map(),
  }
}

const hasExit = ({ flags, finish }: Scope): boolean => flags !== undefined || finish !== undefined

const stepAt = (scope: Scope, node: Node): StepAt => ({
  path: scope.path + node.id,
  shown: scope.shown + node.name,
  node,
  ...(node.at ? { at: node.at } : {}),
})

/** Whether it does more than take time. */
const isKept = ({ composing: { crossings }, milestones, targets }: Scope, node: Node): boolean =>
  crossings.hasParts(node) || milestones.has(node.id) || targets.has(node.id)

/** By node: whether it may end, or be skipped, without a value while the scope goes on or is emptied. */
function neverComing({ region, flags, finish, failures, targets }: Scope): readonly boolean[] {
  const { nodes } = region
  if (flags) return nodes.map(() => true)
  const found = nodes.map(
    node => (finish !== undefined && stepMayExit(node, failures)) || targets.get(node.id)?.stopped.skip !== undefined,
  )
  if (!found.includes(true)) return found
  const indexOf = new Map(nodes.map((node, index) => [node.id, index]))
  const after: number[][] = nodes.map(() => [])
  nodes.forEach((node, index) => {
    for (const id of dependenciesOf(node)) after[indexOf.get(id) ?? 0]!.push(index)
  })
  const pending = found.flatMap((isFound, index) => (isFound ? [index] : []))
  for (let next = pending.pop(); next !== undefined; next = pending.pop())
    for (const index of after[next]!) {
      if (found[index]) continue
      found[index] = true
      pending.push(index)
    }
  return found
}

function begin(
  { composing, flags, finish, milestones, targets, owner, items }: Scope,
  ends: Ends,
  edges: readonly number[],
): void {
  const to = [
    ...edges,
    ...(flags ? [flags.safe] : []),
    ...(finish ? [finish.clean] : []),
    ...[...milestones.values()].map(({ at }) => at),
    ...[...targets.values()].map(({ alive }) => alive),
  ]
  composing.builder.fire({ step: owner, deed: { kind: 'moves' }, items, from: [ends.in], to })
}

/** One edge for many: of value when all are. */
function joinEdges({ composing: { builder }, items }: Scope, to: StepAt | undefined, edges: readonly Edge[]): Edge {
  const place = (comes: 'value' | 'never'): number => builder.place({ kind: 'edge', from: undefined, to, comes, items })
  const move = (from: readonly number[], target: number): void =>
    void builder.fire({ step: undefined, deed: { kind: 'moves' }, items, from, to: [target] })
  const sure = edges.filter(({ never }) => never === undefined)
  const unsure = edges.filter(({ never }) => never !== undefined)
  const first: Edge | undefined = sure.length < 2 ? sure[0] : { ok: place('value'), never: undefined }
  if (first && sure.length > 1)
    move(
      sure.map(({ ok }) => ok),
      first.ok,
    )
  const [start, ...rest] = first ? [first, ...unsure] : unsure
  return rest.reduce((sum, next) => {
    const both = { ok: place('value'), never: place('never') }
    move([sum.ok, next.ok], both.ok)
    move([sum.ok, next.never!], both.never)
    if (sum.never !== undefined) {
      move([sum.never, next.ok], both.never)
      move([sum.never, next.never!], both.never)
    }
    return both
  }, start!)
}

/** All its steps have come to rest: it is left. */
function end(scope: Scope, ends: Ends, last: Edge): void {
  const { composing, flags, finish, milestones, targets, owner, items } = scope
  const rest = [
    ...[...milestones.values()].map(({ gone }) => gone),
    ...[...targets.values()].map(({ rested }) => rested),
  ]
  const leave = (from: readonly number[], to: number): void =>
    void composing.builder.fire({ step: owner, deed: { kind: 'moves' }, items, from: [...from, ...rest], to: [to] })
  const safe = flags ? [flags.safe] : []
  const clean = finish ? [finish.clean] : []
  leave([last.ok, ...safe, ...clean], ends.out)
  if (ends.x !== undefined && flags) {
    for (const state of finish ? [[finish.clean], [finish.failed]] : [[]])
      for (const edge of last.never === undefined ? [last.ok] : [last.ok, last.never])
        leave([edge, flags.closing, ...state], ends.x)
  }
  if (last.never === undefined) return
  if (ends.x !== undefined && finish) leave([last.never, ...safe, finish.failed], ends.x)
  if ([...targets.values()].some(({ stopped }) => stopped.skip !== undefined))
    leave([last.never, ...safe, ...clean], ends.out)
}
