/**
 * Which step of one graph is which of the other. Region by region, from the outermost in; what finds no partner in its region
 * is then looked for everywhere.
 *
 * An id is a definition's name and a count: `lint`, `lint~2`. Where a region calls `lint` once, before and after, the id says
 * which step is which. Where it calls it several times, one more call shifts the ids of all behind it, so they are told apart
 * by evidence, the strongest first, and each pair that is found is evidence for its neighbours:
 *
 *   declared > id, where it is the only one of its name > id and variable > content, neighbours and variable > content >
 *   variable > its own text > what it takes > who takes it > its place among others of its name > id
 *
 *   M1. Symmetric: matching after with before gives the same pairs.
 *   M2. Every pass is linear in the text of the region, and there are at most ROUNDS_MAX rounds of them.
 */
import type { Node } from '../core/graph/graph.ts'
import { add, type Mixed, mix, mixText } from './mix.ts'
import { type Place, type Places, type Step, stemOf } from './places.ts'
import { inOrder, shapeSteps } from './shapes.ts'

export interface Matching {
  readonly before: Places
  readonly after: Places
}

const ROUNDS_MAX = 12

/** Fills in every `pair`. The contents must have been found (shapeAll). */
export function matchAll(matching: Matching, declared: readonly (readonly [before: Step, after: Step])[]): void {
  const work: [Place, Place][] = [[matching.before.root, matching.after.root]]
  const pairs: Pairs = { count: 0 }
  for (const [a, b] of declared) {
    pairUp(pairs, a, b)
    work.push(...innerPairs(a, b))
  }
  matchRegions(pairs, work)
  matchMoved(matching, pairs)
}

interface Pairs {
  count: number
}

/** From now on their contents are the same, and no other's. */
function pairUp(pairs: Pairs, a: Step, b: Step): void {
  a.pair = b
  b.pair = a
  pairs.count += 1
  a.content = b.content = mix(PAIR, pairs.count)
}

const PAIR = mixText('pair')

function innerPairs(a: Step, b: Step): [Place, Place][] {
  if (a.inner.length === 0) return []
  const byKey = new Map(b.inner.map(place => [place.key, place]))
  return a.inner.flatMap(place => {
    const other = byKey.get(place.key)
    return other ? [[place, other] as [Place, Place]] : []
  })
}

function matchRegions(pairs: Pairs, work: [Place, Place][]): void {
  for (let next = work.pop(); next; next = work.pop()) {
    const [a, b] = next
    if (a.pair || b.pair) continue
    a.pair = b
    b.pair = a
    for (const [left, right] of matchRegion(pairs, a, b)) work.push(...innerPairs(left, right))
  }
}

/** One region being matched. */
interface Round {
  readonly pairs: Pairs
  readonly a: Place
  readonly b: Place
  readonly found: (readonly [Step, Step])[]
  left: readonly Step[]
  right: readonly Step[]
}

/** Equal for steps that may be the same one; 0: it cannot be told so. */
type Key = (step: Step) => Mixed
/** What is done with several of one key: nothing, or they are paired as they come, if they are as many, or in any case. */
type Ties = 'none' | 'as many' | 'any'
/** How many pairs it has found. */
type Pass = (round: Round) => number

function matchRegion(pairs: Pairs, a: Place, b: Place): readonly (readonly [Step, Step])[] {
  const round: Round = { pairs, a, b, found: [], left: open(a), right: open(b) }
  bySoleId(round)
  bySameId(round, (step, other) => step.given !== 0 && step.given === other.given)
  for (let count = 1; isOpen(round); count++) {
    look(a)
    look(b)
    if (count === ROUNDS_MAX) {
      for (const pass of PASSES) pass(round)
      break
    }
    if (!PASSES.some(pass => pass(round) > 0)) break
  }
  return round.found
}

const open = ({ steps }: Place): readonly Step[] => steps.filter(step => !step.pair)
const isOpen = ({ left, right }: Round): boolean => left.length > 0 && right.length > 0

/** Contents and surroundings anew, with the pairs that there are. */
function look(place: Place): void {
  shapeSteps(place)
  const ordered = inOrder(place)
  for (let at = ordered.length - 1; at >= 0; at--) {
    const step = ordered[at]!
    if (step.pair) continue
    let takers = 0
    for (const { from, where } of step.mentioned)
      takers = add(takers, mix(where, from ? (from.pair ? from.content : mix(from.shape, from.down)) : 0))
    step.down = takers
  }
}

/** Where both have only one step of a name. */
function bySoleId(round: Round): void {
  const [left, right] = [soles(round.a), soles(round.b)]
  bySameId(round, ({ node: { id } }) => left.has(stemOf(id)) && right.has(stemOf(id)))
}

function soles({ steps }: Place): ReadonlySet<string> {
  const counts = new Map<string, number>()
  for (const { node } of steps) {
    const stem = stemOf(node.id)
    counts.set(stem, (counts.get(stem) ?? 0) + 1)
  }
  for (const [stem, count] of counts) if (count > 1) counts.delete(stem)
  return new Set(counts.keys())
}

function bySameId(round: Round, also: (step: Step, other: Step) => boolean): number {
  let count = 0
  for (const step of round.left) {
    const other = round.b.byId.get(step.node.id)
    if (!other || other.pair || !also(step, other)) continue
    pairIn(round, step, other)
    count++
  }
  return settle(round, count)
}

function pairIn({ pairs, found }: Round, a: Step, b: Step): void {
  pairUp(pairs, a, b)
  found.push([a, b])
}

function settle(round: Round, count: number): number {
  if (count === 0) return 0
  round.left = round.left.filter(step => !step.pair)
  round.right = round.right.filter(step => !step.pair)
  return count
}

const takes = ({ mentions }: Step): Mixed => {
  let all = 0
  for (const { to, where } of mentions) all = add(all, mix(where, to.content))
  return all
}

const insideOf = ({ inner }: Step): Mixed => {
  let all = 0
  for (const { key, steps } of inner) for (const { stem } of steps) all = add(all, mix(mixText(key), stem))
  return all
}

const content: Key = step => mix(step.stem, step.content)
const contentAndTakers: Key = step => mix(content(step), step.down)

/** Where several have the same content, or the same text: by what else is known of them. */
const FINER: readonly Key[] = [
  step => mix(mix(step.stem, step.down), step.given),
  step => mix(step.stem, step.down),
  step => step.given && mix(step.stem, step.given),
  step => step.stem,
  step => step.down,
]

/** Stronger ones first; as soon as one finds pairs, all is looked at again. */
const PASSES: readonly Pass[] = [
  round => bySameId(round, (step, other) => step.content === other.content && step.down === other.down),
  // Of whatever name: what has another one was renamed.
  round => joinFiner(round, step => step.content, FINER),
  round => join(round, step => step.given && mix(step.stem, step.given), 'none'),
  round => joinFiner(round, step => mix(step.stem, step.shape), [step => step.down]),
  round => join(round, step => (step.mentions.length > 0 ? mix(step.stem, takes(step)) : 0), 'none'),
  round => join(round, step => (step.inner.length > 0 ? mix(step.stem, insideOf(step)) : 0), 'none'),
  round => join(round, step => (step.mentioned.length > 0 ? mix(step.stem, step.down) : 0), 'none'),
  // Twins: which is which makes no difference.
  round => join(round, contentAndTakers, 'any'),
  round => join(round, content, 'any'),
  byGap,
  round => join(round, step => mix(step.content, step.down), 'as many'),
  round => join(round, step => step.content, 'as many'),
  round => join(round, step => mixText(step.node.id), 'none'),
]

/** What is left between the same two others of its name: the same id, then as they come. */
function byGap(round: Round): number {
  const gaps = new Map([...gapsOf(round.a), ...gapsOf(round.b)])
  return (
    join(round, step => mix(gaps.get(step) ?? 0, mixText(step.node.id)), 'none') +
    join(round, step => gaps.get(step) ?? 0, 'any')
  )
}

/** The last one of its name before it that is matched. */
function* gapsOf({ steps }: Place): Generator<readonly [Step, Mixed]> {
  const last = new Map<Mixed, Mixed>()
  for (const step of steps) {
    if (!step.pair) yield [step, mix(step.stem, last.get(step.stem) ?? 0)]
    else if (step.pair.stem === step.stem) last.set(step.stem, step.content)
  }
}

/** Pairs what has the same key in both. */
function join(round: Round, key: Key, ties: Ties): number {
  if (!isOpen(round)) return 0
  const lefts = byKey(round.left, key)
  const rights = byKey(round.right, key)
  let found = 0
  for (const [at, left] of lefts) {
    const right = rights.get(at)
    if (right === undefined) continue
    const [some, others] = [manyOf(left), manyOf(right)]
    const count = countOf(some.length, others.length, ties)
    for (let index = 0; index < count; index++) pairIn(round, some[index]!, others[index]!)
    found += count
  }
  return settle(round, found)
}

/** Pairs what alone has its key in both; where several have it, those that are alone by a finer one. */
function joinFiner(round: Round, key: Key, finer: readonly Key[]): number {
  if (!isOpen(round)) return 0
  const rights = byKey(round.right, key)
  let found = 0
  for (const [at, left] of byKey(round.left, key)) {
    const right = rights.get(at)
    if (right === undefined) continue
    if (Array.isArray(left) || Array.isArray(right)) found += pairSome(round, manyOf(left), manyOf(right), finer)
    else {
      pairIn(round, left, right)
      found++
    }
  }
  return settle(round, found)
}

function pairSome(round: Round, left: readonly Step[], right: readonly Step[], finer: readonly Key[]): number {
  let found = 0
  for (const key of finer) {
    const rights = byKey(
      right.filter(step => !step.pair),
      key,
    )
    for (const [at, step] of byKey(
      left.filter(each => !each.pair),
      key,
    )) {
      const other = rights.get(at)
      if (other === undefined || Array.isArray(step) || Array.isArray(other)) continue
      pairIn(round, step, other)
      found++
    }
  }
  return found
}

/** Most keys have one step only. */
function byKey(steps: readonly Step[], key: Key): ReadonlyMap<Mixed, Step | Step[]> {
  const found = new Map<Mixed, Step | Step[]>()
  for (const step of steps) {
    const at = key(step)
    if (at === 0) continue
    const others = found.get(at)
    if (others === undefined) found.set(at, step)
    else if (Array.isArray(others)) others.push(step)
    else found.set(at, [others, step])
  }
  return found
}

const manyOf = (steps: Step | Step[]): readonly Step[] => (Array.isArray(steps) ? steps : [steps])

function countOf(left: number, right: number, ties: Ties): number {
  switch (ties) {
    case 'none':
      return left === 1 && right === 1 ? 1 : 0
    case 'as many':
      return left === right ? left : 0
    case 'any':
      return Math.min(left, right)
  }
}

/** What went to another region: by its id and content, by its content, by its id and what is inside, or what it calls. */
function matchMoved({ before, after }: Matching, pairs: Pairs): void {
  for (const places of [before.places, after.places])
    for (const place of places) if (place.steps.some(step => !step.pair)) shapeSteps(place)
  for (const key of MOVED) joinEverywhere(before, after, pairs, key)
}

const MOVED: readonly Key[] = [
  step => mix(mixText(step.node.id), step.content),
  step => (calledBy(step.node) === undefined && step.inner.length === 0 ? 0 : step.content),
  step => (step.inner.some(({ steps }) => steps.length > 0) ? mix(mixText(step.node.id), insideOf(step)) : 0),
  step => {
    const called = calledBy(step.node)
    return called === undefined ? 0 : mix(mix(step.stem, mixText(step.node.id)), mixText(called))
  },
]

/** Outer steps first: what is inside of a pair is matched region by region. */
function joinEverywhere(before: Places, after: Places, pairs: Pairs, key: Key): void {
  const lefts = byKey(
    before.steps.filter(step => !step.pair),
    key,
  )
  if (lefts.size === 0) return
  const rights = byKey(
    after.steps.filter(step => !step.pair),
    key,
  )
  for (const [at, step] of lefts) {
    const other = rights.get(at)
    if (!other || Array.isArray(step) || Array.isArray(other) || step.pair || other.pair) continue
    pairUp(pairs, step, other)
    matchRegions(pairs, innerPairs(step, other))
  }
}

function calledBy(node: Node): string | undefined {
  switch (node.kind) {
    case 'task':
    case 'effect':
    case 'service':
      return node.task
    case 'flow':
      return node.flow
    case 'call':
      return node.workflow
    default:
      return undefined
  }
}
