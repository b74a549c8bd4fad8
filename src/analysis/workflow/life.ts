/**
 * How a step begins and comes to rest, whatever it does in between: its locks and slots, the flags of the scope that it stands
 * in, a `cancel` of it, a milestone that it ends.
 */
import type { Deed } from './composed.ts'
import type { Scope, Step, Target } from './scope.ts'

/** A step with all that it holds while it goes on. */
export interface Life extends Step {
  readonly active: number
  readonly locks: readonly number[]
  readonly slots: readonly number[]
  readonly target: Target | undefined
  /** What interrupts it from outside. */
  readonly permits: readonly number[]
}

export function lifeOf(step: Step): Life {
  const { scope, node, at } = step
  const target = scope.targets.get(node.id)
  return {
    ...step,
    active: scope.composing.builder.active(at, scope.items),
    locks: scope.composing.crossings.hasLocks(node)
      ? (node.policy.locks ?? []).map(({ name, of }) => lockPlace(scope, name, of))
      : [],
    slots: slotsOf(step),
    target,
    permits: [...(scope.flags ? [scope.flags.closing] : []), ...(target ? Object.values(target.stopped) : [])],
  }
}

function lockPlace(
  { composing: { builder, locks: ofRun }, locks: ofRegion }: Scope,
  name: string,
  of: 'run' | 'region',
): number {
  const known = of === 'run' ? ofRun : ofRegion
  const found = known.get(name)
  if (found !== undefined) return found
  const place = builder.place({ kind: 'lock', name, of })
  builder.mark(place, { before: 1, after: 1 })
  known.set(name, place)
  return place
}

/** Slots of its pool, of what has attempts only: the others hold none. */
function slotsOf({ scope: { composing }, node }: Step): readonly number[] {
  const { pool } = node.policy
  const hasAttempts =
    node.kind === 'task' || node.kind === 'effect' || node.kind === 'source' || node.kind === 'service'
  if (!pool || !hasAttempts) return []
  let place = composing.pools.get(pool.name)
  if (place === undefined) {
    place = composing.builder.place({ kind: 'pool', name: pool.name })
    composing.builder.mark(place, { before: pool.slots, after: pool.slots })
    composing.pools.set(pool.name, place)
  }
  return Array.from({ length: pool.weight ?? 1 }, () => place)
}

/** Begins it, and marks `to` besides. */
export function begins(life: Life, to: readonly number[], more: { readonly reads?: readonly number[] } = {}): void {
  const { scope, at, ready, active, locks, slots, target } = life
  const { builder } = scope.composing
  const milestone = scope.milestones.get(life.node.id)
  const reads = [
    // Nothing is granted in a closing scope.
    ...(locks.length > 0 && scope.flags ? [scope.flags.safe] : []),
    ...(target ? [target.alive] : []),
    ...(more.reads ?? []),
  ]
  for (const open of scope.composing.interrupts === 'at once' ? picks(scope.open) : [[]])
    builder.fire({
      step: at,
      deed: { kind: 'begins' },
      items: scope.items,
      from: [ready, ...slots, ...(milestone ? [milestone.at] : [])],
      to: [active, ...to, ...(milestone ? [milestone.gone] : [])],
      reads: [...new Set([...reads, ...open])],
      takes: locks,
    })
}

/** One place of each list, in all ways. */
const picks = (lists: readonly (readonly number[])[]): readonly (readonly number[])[] =>
  lists.reduce<readonly (readonly number[])[]>(
    (found, list) => found.flatMap(each => list.map(place => [...each, place])),
    [[]],
  )

/** All that may become of it before it has begun. */
export function neverBegins(life: Life): void {
  const { scope, ready, never } = life
  if (never !== undefined) rests(life, { kind: 'skipped' }, [never], 'before')
  if (scope.flags) rests(life, { kind: 'skipped' }, [ready], 'before', [scope.flags.closing])
  withdrawn(life, [ready], 'before')
  if (life.node.policy.deadlineMs !== undefined && life.locks.length > 0)
    exits(life, { kind: 'times-out' }, [ready], 'before')
}

type When = 'before' | 'after'

/** It ends with a value; `from` is marked then. */
export function passes(life: Life, from: readonly number[], deed: Deed = { kind: 'passes' }): void {
  for (const flag of targetFlags(life))
    fire(life, deed, { from: [...from, ...flag], to: [...life.oks, ...drainOk(life)], when: 'after' })
}

/** As `passes`, where something of it goes on: `from` is marked then, and `lingering` from now on. */
export function passesOn(life: Life, from: readonly number[], lingering: number): void {
  const { scope, at, oks } = life
  scope.composing.builder.fire({
    step: at,
    deed: { kind: 'passes' },
    items: scope.items,
    from,
    to: [...oks, lingering],
  })
}

/** What lingered has ended. */
export function drains(life: Life, from: readonly number[]): void {
  for (const flag of targetFlags(life))
    fire(life, { kind: 'drains' }, { from: [...from, ...flag], to: drainOk(life), when: 'after' })
}

/** What lingered has failed, which now counts; or the scope around it closes. */
export function spills(life: Life, from: readonly number[]): void {
  failing(life, { kind: 'fails' }, { from, to: drainNever(life), when: 'after' })
  withdrawnLate(life, from)
}

/** What lingered is cut short by what is around it; by itself it cannot fail. */
export function cutShort(life: Life, from: readonly number[]): void {
  const { flags } = life.scope
  if (flags)
    for (const flag of targetFlags(life))
      fire(
        life,
        { kind: 'interrupted' },
        { from: [...from, ...flag], to: drainNever(life), when: 'after', reads: [flags.closing] },
      )
  withdrawnLate(life, from)
}

function withdrawnLate(life: Life, from: readonly number[]): void {
  const { target } = life
  if (!target) return
  for (const stopped of Object.values(target.stopped))
    fire(
      life,
      { kind: 'withdrawn' },
      { from: [...from, stopped], to: [...drainOk(life), target.rested], when: 'after' },
    )
}

/** It ends without a value: it has failed, or it was interrupted or withdrawn. */
export function exits(life: Life, deed: Deed, from: readonly number[], when: When = 'after'): void {
  failing(life, deed, { from, to: [...life.nevers, ...drainNever(life)], when })
  withdrawn(life, from, when)
}

/** Its attempt fails, where that is shown. */
export function failsItself(life: Life, from: readonly number[]): void {
  const { scope, node } = life
  if (scope.failures === 'shown' || node.policy.deadlineMs !== undefined) return exits(life, { kind: 'fails' }, from)
  interrupted(life, from)
}

/** What is around it closes, or it is withdrawn. */
export function interrupted(life: Life, from: readonly number[]): void {
  const { flags } = life.scope
  if (flags) rests(life, { kind: 'interrupted' }, from, 'after', [flags.closing])
  withdrawn(life, from, 'after')
}

function withdrawn(life: Life, from: readonly number[], when: When): void {
  const { target } = life
  if (!target) return
  for (const [mode, stopped] of Object.entries(target.stopped)) {
    const to = mode === 'run' ? [...life.oks, ...drainOk(life)] : [...life.nevers, ...drainNever(life)]
    fire(life, { kind: 'withdrawn' }, { from: [...from, stopped], to: [...to, target.rested], when })
  }
}

function rests(life: Life, deed: Deed, from: readonly number[], when: When, reads: readonly number[] = []): void {
  for (const flag of targetFlags(life))
    fire(life, deed, { from: [...from, ...flag], to: [...life.nevers, ...drainNever(life)], when, reads })
}

interface Rest {
  readonly from: readonly number[]
  readonly to: readonly number[]
  readonly when: When
  readonly reads?: readonly number[]
}

/** Its failure closes the scope around it, or is kept for the end of one that finishes first. */
function failing(life: Life, deed: Deed, { from, to, when }: Rest): void {
  const { flags, finish } = life.scope
  const alive = life.target ? [life.target.alive] : []
  const next = (more: readonly number[], marked: readonly number[], reads: readonly number[] = [], as = deed): void =>
    fire(life, as, { from: [...from, ...alive, ...more], to: [...to, ...marked], when, reads })
  if (finish) {
    next([finish.clean], [finish.failed])
    next([], [], [finish.failed])
  } else if (flags) next([flags.safe], [flags.closing])
  if (flags) next([], [], [flags.closing], { kind: 'interrupted' })
}

function fire(life: Life, deed: Deed, { from, to, when, reads = [] }: Rest): void {
  const { scope, at, active, locks, slots, target } = life
  const milestone = when === 'before' ? scope.milestones.get(life.node.id) : undefined
  const held = when === 'after'
  scope.composing.builder.fire({
    step: at,
    deed,
    items: scope.items,
    from: [...from, ...(held ? [active] : []), ...(milestone ? [milestone.at] : [])],
    to: [
      ...new Set([...to, ...(target ? [target.rested] : [])]),
      ...(held ? slots : []),
      ...(milestone ? [milestone.gone] : []),
    ],
    reads,
    gives: held ? locks : [],
  })
}

/** In which state it is found by what ends it, when it may be withdrawn. */
const targetFlags = ({ target }: Life): readonly (readonly number[])[] =>
  target ? [[target.alive], ...Object.values(target.stopped).map(stopped => [stopped])] : [[]]

const drainOk = ({ drained }: Life): readonly number[] => (drained ? [drained.ok] : [])
const drainNever = ({ drained }: Life): readonly number[] => (drained?.never === undefined ? [] : [drained.never])
