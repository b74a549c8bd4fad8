/**
 * What follows from the order of steps alone, without a search: most properties of most workflows, in time that grows with
 * their text. It says only that something holds, never that it does not.
 *
 *   P4. What is said to hold here holds in every run of the engine, whatever guards choose and whatever fails.
 */
import type { PlacedProperty } from '../../core/index.ts'
import { lingers } from '../../core/net/compile.ts'
import { isInUndo, isManyByItems, isSureIn, manyOf, mayBeGivenUp, type Outline, type Spot, wayTo } from './outline.ts'

/** Whether the property holds by structure; false: it cannot be told that way. */
export function holdsByStructure(outline: Outline, { property, meant }: PlacedProperty): boolean {
  if (!outline.isPlain) return false
  const operands = meant.map(paths => paths.map(path => outline.spot(path)))
  if (operands.some(spots => spots.length === 0 || spots.some(spot => !spot || isInUndo(spot)))) return false
  const [a = [], b = []] = operands as Spot[][]
  switch (property.kind) {
    case 'never':
      return pairs(a, b).every(([x, y]) => isNeverWith(outline, x, y))
    case 'atMost':
      return isAtMost(outline, a, property.count)
    case 'precedes':
      return b.every(y => a.some(x => isDoneBefore(outline, x, y)))
    case 'responds':
      return !outline.mayStand && a.every(x => b.some(y => isDoneBefore(outline, x, y) && isOwedBy(outline, x, y)))
    case 'exclusive':
      return pairs(a, b).every(([x, y]) => areInArms(x, y))
    case 'absent':
      return pairs(a, b).every(([x, y]) => areInArms(x, y) || isOverBefore(outline, y, x) || isTooLate(outline, y, x))
    case 'alternates':
      return a.length === 1 && b.length === 1 && isDoneBefore(outline, a[0]!, b[0]!) && [...a, ...b].every(isOnce)
    case 'eventually':
      return !outline.mayStand && a.some(isSure)
    case 'exactlyOnce':
      return !outline.mayStand && a.length === 1 && isSure(a[0]!) && isOnce(a[0]!)
    case 'reachable':
      return false
  }
}

const pairs = (a: readonly Spot[], b: readonly Spot[]): readonly (readonly [Spot, Spot])[] =>
  a.flatMap(x => b.map(y => [x, y] as const))

const isOnce = (spot: Spot): boolean => manyOf(spot).inRun === 'once'

/** Done in every run that succeeds. */
const isSure = (spot: Spot): boolean => isSureIn(spot, wayTo(spot)[0]!)

/** An `x` is done before any `y` begins. */
function isDoneBefore(outline: Outline, x: Spot, y: Spot): boolean {
  const fork = outline.fork(x, y)
  return fork !== undefined && outline.isBefore(...fork) && isSureIn(x, fork[0])
}

/** After an `x` the region around both ends with success only with a `y`, and the run only with the region. */
function isOwedBy(outline: Outline, x: Spot, y: Spot): boolean {
  const fork = outline.fork(x, y)
  if (!fork || !isSureIn(y, fork[1])) return false
  return wayTo(fork[0]).every(({ outer, label }) => !outer || !mayBeGivenUp(outer, label))
}

/** Nothing of the step goes on when what waits for it opens. */
const isAwaited = ({ node }: Spot): boolean => !lingers(node)

/** All of `x` is over before a `y` begins, in a region that a run enters once. */
function isOverBefore(outline: Outline, x: Spot, y: Spot): boolean {
  const fork = outline.fork(x, y)
  return fork !== undefined && isOnce(fork[0]) && outline.isBefore(...fork) && isAwaited(fork[0])
}

/** All that a milestone holds, which is left when `x`, or what `x` stands in, begins before it. */
function isTooLate(outline: Outline, y: Spot, x: Spot): boolean {
  const fork = outline.fork(y, x)
  const node = fork?.[0].node
  if (!fork || node?.kind !== 'scope' || lingers(node) || node.until !== fork[1].node.id) return false
  if (fork[0].region !== fork[1].region) return false
  return y.outer === fork[0] && y.region.nodes.length === 1 && isOnce(fork[0])
}

/** In different arms of one branch, in a region that a run enters once. */
function areInArms(x: Spot, y: Spot): boolean {
  const branch = branchOf(x, y)
  return branch !== undefined && isOnce(branch)
}

/** The step of which they are in different parts that exclude one another. */
function branchOf(x: Spot, y: Spot): Spot | undefined {
  const [mine, other] = [wayTo(x), wayTo(y)]
  const at = mine.findIndex((spot, index) => spot.region !== other[index]?.region)
  const [left, right] = [mine[at], other[at]]
  if (!left || !right || left.outer !== right.outer || !left.outer) return undefined
  const { kind } = left.outer.node
  return kind === 'when' || kind === 'match' ? left.outer : undefined
}

function isNeverWith(outline: Outline, x: Spot, y: Spot): boolean {
  if (x === y) return isAlone(x, wayTo(x))
  if (haveRunLock(x, y)) return true
  const branch = branchOf(x, y)
  if (branch) return isAlone(branch, wayTo(branch))
  const fork = outline.fork(x, y)
  if (!fork || !isAlone(fork[0], wayTo(fork[0]).slice(0, -1))) return false
  const [left, right] = fork
  return (
    (outline.isBefore(left, right) && isAwaited(left)) ||
    (outline.isBefore(right, left) && isAwaited(right)) ||
    haveRegionLock(left, right)
  )
}

/**
 * No two instances of the region around the step are entered at one time, as far as the step goes: there is only one at a time,
 * or of two items one waits for a lock of the run that the other holds. `holders`: whose locks count.
 */
function isAlone(spot: Spot, holders: readonly Spot[]): boolean {
  if (manyOf(spot).atOnce === 1) return true
  const each = holders.findLastIndex(({ outer }) => outer?.node.kind === 'each')
  return (
    each !== -1 &&
    isManyByItems(spot) &&
    wayTo(spot).findLastIndex(({ outer }) => outer?.node.kind === 'each') === each &&
    holders.slice(each).some(holder => locksOf(holder, 'run').length > 0)
  )
}

/** Held by each on its own: by a step that is or holds only one of them. */
function haveRunLock(x: Spot, y: Spot): boolean {
  const [mine, other] = [wayTo(x), wayTo(y)]
  const locks = (own: readonly Spot[], others: readonly Spot[]): readonly string[] =>
    own.flatMap((spot, index) => (spot === others[index] ? [] : locksOf(spot, 'run')))
  const held = new Set(locks(mine, other))
  return locks(other, mine).some(name => held.has(name))
}

const haveRegionLock = (x: Spot, y: Spot): boolean => {
  const held = new Set(locksOf(x, 'region'))
  return locksOf(y, 'region').some(name => held.has(name))
}

const locksOf = ({ node }: Spot, of: 'run' | 'region'): readonly string[] =>
  (node.policy.locks ?? []).flatMap(lock => (lock.of === of ? [lock.name] : []))

function isAtMost(outline: Outline, steps: readonly Spot[], count: number): boolean {
  if (steps.reduce((sum, spot) => sum + manyOf(spot).atOnce, 0) <= count) return true
  return count > 0 && pairs(steps, steps).every(([x, y]) => isNeverWith(outline, x, y))
}
