/**
 * Steps with several regions side by side (any, each, race, some) as one pattern, as the engine plays them:
 *
 *     joining --enough passed--> decided --all at rest--> passes
 *             --too many failed--> failing --all at rest--> fails
 *
 * Counters are pairs of places whose sum is constant, so that they can be emptied at the end without a test for zero.
 */
import type { Node, Region, Rest } from '../../core/index.ts'
import type { Failures } from './may-exit.ts'
import { mayFailItself, regionMayExit } from './may-exit.ts'
import { begins, drains, exits, type Life, passes, passesOn } from './life.ts'
import type { Ends } from './scope.ts'

export type JoinNode = Extract<Node, { kind: 'any' | 'each' | 'race' | 'some' }>

/** Puts one arm into the net. */
export type EnterArm = (arm: {
  readonly label: string
  readonly region: Region
  readonly failures: Failures
  /** What interrupts it beside what interrupts the step. */
  readonly permits: readonly number[]
  /** Of each list one place is marked as long as none of those is. */
  readonly open: readonly (readonly number[])[]
  readonly item: number | undefined
}) => Ends

interface Plan {
  readonly arms: readonly { readonly label: string; readonly region: Region; readonly item?: number }[]
  readonly failures: Failures
  /** Successes that decide it; undefined: that of all. */
  readonly needs: number | undefined
  /** Failures that it bears; `unknown` where that hangs on how many items there are. */
  readonly bears: number | 'unknown'
  readonly rest: Rest
  /** Arms that go on at one time, where it is not all. */
  readonly slots?: number
}

function planOf(life: Life, node: JoinNode): Plan {
  const { failures, composing } = life.scope
  switch (node.kind) {
    case 'race': {
      const arms = armsOf(node.arms)
      return { arms, failures: 'shown', needs: 1, bears: arms.length - 1, rest: 'cancel' }
    }
    case 'some': {
      const arms = armsOf(node.arms)
      return { arms, failures: 'shown', needs: node.count, bears: arms.length - node.count, rest: node.rest }
    }
    case 'any': {
      const arms = Object.entries(node.arms).map(([label, { body }]) => ({ label, region: body }))
      const rest = node.otherwise ? [{ label: 'otherwise', region: node.otherwise }] : []
      return { arms: [...arms, ...rest], failures, needs: undefined, bears: 0, rest: 'finish' }
    }
    case 'each': {
      const count = composing.crossings.itemsOf(node)
      const arms = Array.from({ length: count }, (_, item) => ({ label: 'body', region: node.body, item }))
      const isTolerant = node.tolerate !== undefined || node.until !== undefined
      return {
        arms,
        failures: isTolerant ? 'shown' : failures,
        needs: node.until && Math.min(node.until.count, count),
        bears: isTolerant ? 'unknown' : 0,
        rest: node.until?.rest ?? 'finish',
        ...(node.concurrency !== undefined && node.concurrency < count ? { slots: node.concurrency } : {}),
      }
    }
  }
}

const armsOf = (arms: { readonly [label: string]: Region }): Plan['arms'] =>
  Object.entries(arms).map(([label, region]) => ({ label, region }))

/** The places of a join, and what they need to be emptied. */
interface Join {
  readonly life: Life
  readonly plan: Plan
  readonly joining: number
  readonly decided: number | undefined
  /** Decided, and has not passed: where it passes before its arms are at rest. */
  readonly passing: number | undefined
  readonly failing: number | undefined
  readonly need: Counter | undefined
  readonly bear: Counter | undefined
  /** Marked by the slots that no arm has. */
  readonly free: number | undefined
  readonly arms: readonly (Ends & { readonly settled: number })[]
}

/** So many tokens are on one of the two. */
interface Counter {
  readonly total: number
  readonly left: number
  readonly used: number
}

export function composeJoin(life: Life, node: JoinNode, enterArm: EnterArm): void {
  const join = joinOf(life, planOf(life, node), enterArm)
  open(join, node)
  for (const arm of join.arms) settle(join, arm)
  close(join)
}

function joinOf(life: Life, plan: Plan, enterArm: EnterArm): Join {
  const { builder } = life.scope.composing
  const inner = (): number => builder.place({ kind: 'inner', step: life.at })
  const counter = (total: number): Counter => ({ total, left: inner(), used: inner() })
  const mayExit =
    life.permits.length > 0 ||
    life.node.policy.deadlineMs !== undefined ||
    (plan.needs !== undefined && plan.rest === 'cancel') ||
    plan.arms.some(({ region }) => regionMayExit(region, plan.failures))
  const decided = plan.needs === undefined ? undefined : inner()
  const failing = mayExit ? inner() : undefined
  const permits = [
    ...(decided !== undefined && plan.rest === 'cancel' ? [decided] : []),
    ...(failing !== undefined && plan.arms.length > 1 ? [failing] : []),
  ]
  const joining = inner()
  const isCut = decided !== undefined && plan.rest === 'cancel'
  const open = permits.length === 0 ? [] : [[joining, ...(decided === undefined || isCut ? [] : [decided])]]
  const free = plan.slots === undefined ? undefined : inner()
  const withSlot = (ends: Ends): Ends => {
    if (free === undefined) return ends
    const waiting = inner()
    const { scope, at } = life
    builder.fire({ step: at, deed: { kind: 'moves' }, items: scope.items, from: [waiting, free], to: [ends.in] })
    return { ...ends, in: waiting }
  }
  return {
    life,
    plan,
    free,
    joining,
    decided,
    passing: decided !== undefined && plan.rest === 'detach' ? inner() : undefined,
    failing,
    need: plan.needs !== undefined && plan.needs > 1 ? counter(plan.needs) : undefined,
    bear: mayExit && plan.bears !== 'unknown' && plan.bears > 0 ? counter(plan.bears) : undefined,
    arms: plan.arms.map(({ label, region, item }) => ({
      ...withSlot(enterArm({ label, region, failures: plan.failures, permits, open, item })),
      settled: inner(),
    })),
  }
}

const times = (count: number, place: number): readonly number[] => Array.from({ length: count }, () => place)
const full = (counter: Counter | undefined): readonly number[] => (counter ? times(counter.total, counter.left) : [])
const slotsOf = ({ free, plan }: Join): readonly number[] => (free === undefined ? [] : times(plan.slots ?? 0, free))

/** How its arms begin. */
function open(join: Join, node: JoinNode): void {
  const { life, joining, arms, need, bear } = join
  const { scope, at } = life
  const { builder } = scope.composing
  const counters = [...full(need), ...full(bear), ...slotsOf(join)]
  if (node.kind === 'race' || node.kind === 'some')
    return begins(life, [joining, ...counters, ...arms.map(arm => arm.in)])
  const asked = builder.place({ kind: 'inner', step: at })
  begins(life, [asked])
  if (scope.failures === 'shown' && mayFailItself(node)) exits(life, { kind: 'fails' }, [asked])
  if (node.kind === 'any') return openChosen(join, node, asked)
  for (let count = 0; count <= arms.length; count++)
    builder.fire({
      step: at,
      deed: { kind: 'chooses', label: countOf(count), guard: 'items' },
      items: scope.items,
      from: [asked],
      to: [joining, ...counters, ...arms.map((arm, index) => (index < count ? arm.in : arm.settled))],
    })
}

const countOf = (count: number): string => (count === 0 ? 'no item' : count === 1 ? 'one item' : `${count} items`)

/** One condition after another; `otherwise` when none has held. */
function openChosen(
  { life, joining, arms, bear, plan }: Join,
  node: Extract<Node, { kind: 'any' }>,
  asked: number,
): void {
  const { scope, at } = life
  const { builder } = scope.composing
  const inner = (): number => builder.place({ kind: 'inner', step: at })
  const choose = (label: string, from: number, to: readonly number[]): void =>
    void builder.fire({
      step: at,
      deed: { kind: 'chooses', label, guard: 'data' },
      items: scope.items,
      from: [from],
      to,
    })
  const move = (from: number, to: readonly number[]): void =>
    void builder.fire({ step: at, deed: { kind: 'moves' }, items: scope.items, from: [from], to })
  let none = asked
  let some: number | undefined
  const labels = Object.keys(node.arms)
  labels.forEach((label, index) => {
    const arm = arms[index]!
    const next = { none: inner(), some: inner() }
    for (const from of some === undefined ? [none] : [none, some]) {
      choose(label, from, [arm.in, next.some])
      choose(`not ${label}`, from, [arm.settled, from === none ? next.none : next.some])
    }
    none = next.none
    some = next.some
  })
  const otherwise = plan.arms.length > labels.length ? arms.at(-1) : undefined
  const begun = [joining, ...full(bear)]
  move(none, [...begun, ...(otherwise ? [otherwise.in] : [])])
  if (some !== undefined) move(some, [...begun, ...(otherwise ? [otherwise.settled] : [])])
}

/** An arm has ended, with success or by `x`. */
function settle(
  { life, plan, joining, decided, passing, failing, need, bear, free }: Join,
  arm: Join['arms'][number],
): void {
  const { scope, at } = life
  const move = (from: readonly number[], to: readonly number[], reads: readonly number[] = []): void =>
    void scope.composing.builder.fire({ step: at, deed: { kind: 'moves' }, items: scope.items, from, to, reads })
  const settled = [arm.settled, ...(free === undefined ? [] : [free])]
  const late = [decided, failing].flatMap(place => (place === undefined ? [] : [place]))
  if (decided === undefined) move([arm.out], settled)
  else {
    if (need) move([arm.out, need.left], [...settled, need.used])
    else move([arm.out, joining], [...settled, decided, ...(passing === undefined ? [] : [passing])])
    for (const place of late) move([arm.out], settled, [place])
  }
  if (arm.x === undefined || failing === undefined) return
  if (plan.bears === 'unknown') {
    move([arm.x], settled)
    return move([arm.x, joining], [...settled, failing])
  }
  if (bear) {
    move([arm.x, bear.left], [...settled, bear.used])
    move([arm.x, joining], [...settled, failing], times(bear.total, bear.used))
  } else move([arm.x, joining], [...settled, failing])
  for (const place of late) move([arm.x], settled, [place])
}

/** All arms are at rest. */
function close(join: Join): void {
  const { life, plan, joining, decided, passing, failing, need, bear, arms } = join
  const { scope, at } = life
  const { builder } = scope.composing
  const settled = [...arms.map(arm => arm.settled), ...slotsOf(join)]
  if (need && decided !== undefined)
    builder.fire({
      step: at,
      deed: { kind: 'moves' },
      items: scope.items,
      from: [joining, ...times(need.total, need.used)],
      to: [decided, ...(passing === undefined ? [] : [passing])],
    })
  if (decided === undefined || plan.bears === 'unknown')
    for (const rest of splits(need, need?.total ?? 1, [bear])) passes(life, [joining, ...settled, ...rest])
  if (decided !== undefined) closeDecided(join, decided, settled)
  if (failing === undefined) return
  for (const rest of splits(need, need?.total ?? 1, []))
    exits(life, { kind: 'fails' }, [failing, ...settled, ...rest, ...(bear ? times(bear.total, bear.used) : [])])
}

function closeDecided({ life, passing, bear }: Join, decided: number, settled: readonly number[]): void {
  const passed = life.scope.composing.builder.place({ kind: 'inner', step: life.at })
  if (passing !== undefined) passesOn(life, [passing], passed)
  for (const rest of splits(undefined, 1, [bear])) {
    if (passing === undefined) passes(life, [decided, ...settled, ...rest])
    else drains(life, [decided, passed, ...settled, ...rest])
  }
}

/** All ways in which the counters may stand: `need` with fewer than `below` used, the others with any number. */
function splits(
  need: Counter | undefined,
  below: number,
  others: readonly (Counter | undefined)[],
): readonly (readonly number[])[] {
  const ways = (counter: Counter, limit: number): readonly (readonly number[])[] =>
    Array.from({ length: limit }, (_, used) => [
      ...times(used, counter.used),
      ...times(counter.total - used, counter.left),
    ])
  let found: readonly (readonly number[])[] = need ? ways(need, below) : [[]]
  for (const counter of others)
    if (counter) found = found.flatMap(rest => ways(counter, counter.total + 1).map(way => [...rest, ...way]))
  return found
}
