/**
 * Regions for what is not data: deadlines, locks, milestones, and what is let go. They are one kind of node, `scope`; the
 * words say what each is for.
 */
import type { Lock as GraphLock, Node, Region } from '../../core/graph/graph.ts'
import { refuse } from '../../util/diagnostic.ts'
import type { Duration } from '../../util/duration.ts'
import { mustBeFunction } from '../arguments.ts'
import { currentSite } from '../hooks.ts'
import { checkOptions, duration, made, msOf, oneOf } from '../options.ts'
import { locksOf } from '../policy.ts'
import { nodeRef, targetOf } from '../ref.ts'
import { traceInside, type TracedRegion } from '../region.ts'
import { addNode, type Builder, hops, mustBuild } from '../trace.ts'
import type { Lock, NotAsync, Out, Ref, RefCore } from '../types.ts'

export interface ScopeOptions {
  /** From its beginning; then what is in it is stopped, and it fails with TIMEOUT. */
  readonly deadline?: Duration
  /** What a failed step does to the others in it. Default: `stop`. */
  readonly onFailure?: 'stop' | 'finish'
  /** Held by the scope as a whole. */
  readonly lock?: Lock | readonly Lock[]
}

const lockRule = made('lock()', ['name'], 'ledger')
const LOCKS = {
  ...lockRule,
  holds: (value: unknown) => listOf(value).length > 0 && listOf(value).every(lockRule.holds),
}
const OPTIONS = { deadline: duration, onFailure: oneOf('stop', 'finish'), lock: LOCKS }

/** Steps that have a deadline, a lock or a fate together; a `cancel` of it withdraws them all. */
export function scope<R>(body: () => NotAsync<R>, options: ScopeOptions = {}): Ref<Out<R>> {
  const { deadline, onFailure, lock } = options
  const builder = mustBuild('scope()')
  mustBeFunction(body, 'scope() takes a function', "scope(() => ship(order), { deadline: '2h' })")
  checkOptions(options, OPTIONS)
  const traced = traceInside(builder, [], () => body())
  return addScope(builder, 'scope', withFailure(traced, onFailure), {
    policy: {
      ...(deadline === undefined ? {} : { deadlineMs: msOf(deadline) }),
      ...(lock === undefined ? {} : { locks: heldBy(lock) }),
    },
  })
}

/** Steps of which a run has only one such section running at a time. Several locks are taken at once. */
export function critical<R>(lock: Lock | readonly Lock[], body: () => NotAsync<R>): Ref<Out<R>> {
  const builder = mustBuild('critical()')
  const example = 'critical(ledger, () => book(order))'
  mustBeFunction(body, 'critical() takes a lock and a function', example)
  checkOptions({ lock }, { lock: { ...LOCKS, example } }, '', ['lock'])
  return addScope(
    builder,
    'critical',
    traceInside(builder, [], () => body()),
    { policy: { locks: heldBy(lock) } },
  )
}

/** Steps in any order, one at a time. */
export function interleaved<R>(body: () => NotAsync<R>): Ref<Out<R>> {
  const builder = mustBuild('interleaved()')
  mustBeFunction(body, 'interleaved() takes a function', 'interleaved(() => ({ x: measure(a), y: measure(b) }))')
  const traced = traceInside(builder, [], () => body())
  const region: Region = { ...traced.region, nodes: traced.region.nodes.map(holdingOwnLock) }
  return addScope(builder, 'interleaved', { ...traced, region })
}

/** Steps that begin only while `until` has not; else the value is undefined. */
export function milestone<R>(
  options: { readonly until: RefCore<unknown> },
  body: () => NotAsync<R>,
): Ref<Out<R> | undefined> {
  const builder = mustBuild('milestone()')
  const example = 'milestone({ until: shipped }, () => changeAddress(order))'
  mustBeFunction(body, 'milestone() takes { until } and a function', example)
  const target = targetOf(options?.until)
  if (target?.kind !== 'node' || hops(builder, target.builder) !== 0)
    refuse('NOT_A_STEP', 'until takes a step of the same body', {
      at: currentSite()?.at,
      hint: `For example ${example}.`,
    })
  return addScope(
    builder,
    'milestone',
    traceInside(builder, [], () => body()),
    { until: target.node.id },
  )
}

/** Steps that nothing waits for but the end of what is around them; there their failure counts. */
export function detach(body: () => NotAsync<unknown>): Ref<undefined> {
  const builder = mustBuild('detach()')
  mustBeFunction(body, 'detach() takes a function', 'detach(() => notify(order))')
  return addScope(
    builder,
    'detach',
    traceInside(builder, [], () => body()),
    { join: 'detached' },
  )
}

export interface CancelOptions {
  /** What waits for the cancelled step is skipped (default), or runs with undefined. */
  readonly dependents?: 'skip' | 'run'
}

/** Withdraws a step of this body, or of one around it, whether it runs or has not begun. One that has ended stays as it is. */
export function cancel(step: RefCore<unknown>, options: CancelOptions = {}): Ref<undefined> {
  const builder = mustBuild('cancel()')
  checkOptions(options, { dependents: oneOf('skip', 'run') })
  const target = targetOf(step)
  const up = target?.kind === 'node' ? hops(builder, target.builder) : undefined
  if (target?.kind !== 'node' || up === undefined)
    return refuse('NOT_A_STEP', 'cancel() takes a step of this body, or of one around it', {
      at: currentSite()?.at,
      hint: 'For example when(withdrawn, () => cancel(shipped)).',
    })
  const { dependents = 'skip' } = options
  return nodeRef(
    builder,
    addNode(builder, 'cancel', { kind: 'cancel', target: { node: target.node.id, up }, dependents }),
  )
}

type ScopeNode = Extract<Node, { kind: 'scope' }>

function addScope<T>(
  builder: Builder,
  name: string,
  { region, builder: inner }: TracedRegion,
  rest: Partial<Pick<ScopeNode, 'policy' | 'join' | 'until'>> = {},
): Ref<T> {
  return nodeRef<T>(builder, addNode(builder, name, { kind: 'scope', body: region, ...rest }, [inner]))
}

const withFailure = (traced: TracedRegion, onFailure: Region['onFailure']): TracedRegion =>
  onFailure === undefined ? traced : { ...traced, region: { ...traced.region, onFailure } }

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value])

const heldBy = (lock: Lock | readonly Lock[]): readonly GraphLock[] => locksOf('name' in lock ? [lock] : lock)

/** Of the scope, not of the run: two scopes of the region do not wait for one another. */
const OWN: GraphLock = { name: 'interleaved', of: 'region' }

const holdingOwnLock = (node: Node): Node => ({
  ...node,
  policy: { ...node.policy, locks: [...(node.policy.locks ?? []), OWN] },
})
