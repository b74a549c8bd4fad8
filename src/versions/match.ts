/**
 * Which step of one graph is which of the other. Region by region, from the outermost in; what finds no partner in its region
 * is then looked for everywhere.
 *
 * An id is a definition's name and a count: `lint`, `lint~2`. Where a region calls `lint` once, before and after, the id says
 * which step is which. Where it calls it several times one more call shifts the ids of all behind it, so they are told apart
 * by evidence, from the strongest to the weakest, and each pair that is found is evidence for its neighbours:
 *
 *   declared > id alone of its name > id and variable > content, neighbours and variable > content > variable >
 *   its own text > what it takes > who takes it > its place between others of its name > id
 *
 *   M1. Symmetric: matching after with before gives the same pairs.
 *   M2. Every pass is linear in the text of the region, and there are at most ROUNDS_MAX of them.
 */
import type { Node } from '../core/graph/graph.ts'
import type { Place, Places, Step } from './places.ts'
import { inOrder, type Shaping, shapePlace } from './shapes.ts'

export interface Matching {
  readonly before: Places
  readonly after: Places
  readonly shaping: { readonly before: Shaping; readonly after: Shaping }
}

const ROUNDS_MAX = 12

/** Fills in every `pair`. The contents must have been found (shapeAll). */
export function matchAll(matching: Matching, declared: readonly (readonly [before: Step, after: Step])[]): void {
  const work: [Place, Place][] = [[matching.before.root, matching.after.root]]
  for (const [a, b] of declared) {
    pairUp(matching, a, b)
    work.push(...innerPairs(a, b))
  }
  matchRegions(matching, work)
  matchMoved(matching)
}

function matchRegions(matching: Matching, work: [Place, Place][]): void {
  for (let next = work.pop(); next; next = work.pop()) {
    const [a, b] = next
    if (a.pair || b.pair) continue
    a.pair = b
    b.pair = a
    for (const [left, right] of matchRegion(matching, a, b)) work.push(...innerPairs(left, right))
  }
}

function pairUp({ shaping }: Matching, a: Step, b: Step): void {
  a.pair = b
  b.pair = a
  a.content = b.content = shaping.before.numbers.fresh()
}

function innerPairs(a: Step, b: Step): [Place, Place][] {
  if (a.inner.length === 0) return []
  const byKey = new Map(b.inner.map(place => [place.key, place]))
  return a.inner.flatMap(place => {
    const other = byKey.get(place.key)
    return other ? [[place, other] as [Place, Place]] : []
  })
}

type Pair = readonly [Step, Step]
type Key = string | number | undefined
/** What is done with several of one key: nothing, or they are paired as they come, if they are as many, or in any case. */
type Ties = 'none' | 'as many' | 'any'

/** One region being matched. */
interface Round {
  readonly matching: Matching
  readonly a: Place
  readonly b: Place
  readonly pairs: Pair[]
  left: readonly Step[]
  right: readonly Step[]
  readonly downs: Map<Step, number>
}

function matchRegion(matching: Matching, a: Place, b: Place): readonly Pair[] {
  const round: Round = { matching, a, b, pairs: [], left: open(a), right: open(b), downs: new Map() }
  bySoleId(round)
  join(round, step => (givenName(step) === undefined ? undefined : `${step.node.id} ${givenName(step)}`), 'none')
  for (let count = 0; count < ROUNDS_MAX && round.left.length > 0 && round.right.length > 0; count++) {
    look(round)
    if (!PASSES.some(pass => pass(round) > 0)) break
  }
  return round.pairs
}

const open = ({ steps }: Place): readonly Step[] => steps.filter(step => !step.pair)

/** `lint` of `lint~2`. */
const stemOf = (id: string): string => id.replace(/~\d+$/, '')

/** The name of the variable that holds it; undefined where it is called after its definition. */
function givenName({ node: { id, name } }: Step): string | undefined {
  if (id === name) return undefined
  return stemOf(name) === stemOf(id) ? undefined : name
}

function bySoleId(round: Round): void {
  const [left, right] = [soles(round.left), soles(round.right)]
  join(
    round,
    step => (left.has(stemOf(step.node.id)) && right.has(stemOf(step.node.id)) ? step.node.id : undefined),
    'none',
  )
}

function soles(steps: readonly Step[]): ReadonlySet<string> {
  const counts = new Map<string, number>()
  for (const { node } of steps) counts.set(stemOf(node.id), (counts.get(stemOf(node.id)) ?? 0) + 1)
  return new Set([...counts].flatMap(([stem, count]) => (count === 1 ? [stem] : [])))
}

/** Contents and surroundings anew, with the pairs that there are. */
function look({ a, b, matching: { shaping }, downs }: Round): void {
  downs.clear()
  for (const [place, side] of [
    [a, shaping.before],
    [b, shaping.after],
  ] as const) {
    shapePlace(place, side)
    lookDown(place, side, downs)
  }
}

/** Who takes what a step gives, and who takes that: the same number for the same. */
function lookDown({ steps }: Place, { numbers }: Shaping, downs: Map<Step, number>): void {
  const ordered = inOrder(steps)
  for (let at = ordered.length - 1; at >= 0; at--) {
    const step = ordered[at]!
    if (step.pair) continue
    const takers = step.mentioned.map(({ from, where }) =>
      from ? `${where}>${from.pair ? from.content : numbers.of(`${from.shape}^${downs.get(from) ?? 0}`)}` : where,
    )
    downs.set(step, numbers.of(`>${takers.sort().join()}`))
  }
}

type Pass = (round: Round) => number

const sameStem = (step: Step): string => `${stemOf(step.node.id)} ${step.node.kind}`

const callsOf = (step: Step): string =>
  step.mentions
    .map(({ to, where }) => `${where}=${to.content}`)
    .sort()
    .join()

const insideOf = ({ inner }: Step): string =>
  inner.map(({ label, steps }) => `${label}:${steps.map(({ node }) => stemOf(node.id)).sort()}`).join(';')

/** Stronger ones first; as soon as one finds pairs, all is looked at again. */
const PASSES: readonly Pass[] = [
  round =>
    join(round, step => `${sameStem(step)} ${step.content} ${round.downs.get(step)} ${givenName(step)}`, 'none') +
    join(round, step => `${sameStem(step)} ${step.content} ${round.downs.get(step)}`, 'none') +
    join(round, step => `${sameStem(step)} ${step.content} ${givenName(step)}`, 'none') +
    join(round, step => `${sameStem(step)} ${step.content}`, 'none') +
    join(round, step => `${step.shape} ${step.content} ${round.downs.get(step)}`, 'none'),
  round => join(round, step => step.content, 'none'),
  round => join(round, step => givenName(step) && `${sameStem(step)} ${givenName(step)}`, 'none'),
  round => join(round, step => `${sameStem(step)} ${step.shape} ${round.downs.get(step)}`, 'none'),
  round => join(round, step => `${sameStem(step)} ${step.shape}`, 'none'),
  round => join(round, step => (step.mentions.length > 0 ? `${sameStem(step)} ${callsOf(step)}` : undefined), 'none'),
  round => join(round, step => (step.inner.length > 0 ? `${sameStem(step)} ${insideOf(step)}` : undefined), 'none'),
  round =>
    join(round, step => (step.mentioned.length > 0 ? `${sameStem(step)} ${round.downs.get(step)}` : undefined), 'none'),
  // Twins: which is which makes no difference.
  round => join(round, step => `${sameStem(step)} ${step.content} ${round.downs.get(step)}`, 'any'),
  round => join(round, step => `${sameStem(step)} ${step.content}`, 'any'),
  byGap,
  round => join(round, step => step.node.id, 'none'),
  round => join(round, step => `${step.content} ${round.downs.get(step)}`, 'as many'),
  round => join(round, step => step.content, 'as many'),
]

/** What is left between the same two others of its name: the same id, then as they come. */
function byGap(round: Round): number {
  const gaps = new Map([...gapsOf(round.a), ...gapsOf(round.b)])
  return join(round, step => `${gaps.get(step)} ${step.node.id}`, 'none') + join(round, step => gaps.get(step), 'any')
}

function* gapsOf({ steps }: Place): Generator<readonly [Step, string]> {
  const last = new Map<string, number>()
  for (const step of steps) {
    const stem = sameStem(step)
    if (step.pair && sameStem(step.pair) === stem) last.set(stem, step.content)
    else yield [step, `${stem} ${last.get(stem) ?? 0}`]
  }
}

/** Pairs what has the same key in both. */
function join(round: Round, key: (step: Step) => Key, ties: Ties): number {
  const buckets = new Map<Key, { readonly left: Step[]; readonly right: Step[] }>()
  const bucket = (at: Key) => {
    const found = buckets.get(at) ?? { left: [], right: [] }
    buckets.set(at, found)
    return found
  }
  for (const step of round.left) bucket(key(step)).left.push(step)
  for (const step of round.right) bucket(key(step)).right.push(step)
  buckets.delete(undefined)
  const before = round.pairs.length
  for (const { left, right } of buckets.values()) {
    const count = countOf(left.length, right.length, ties)
    for (let at = 0; at < count; at++) {
      pairUp(round.matching, left[at]!, right[at]!)
      round.pairs.push([left[at]!, right[at]!])
    }
  }
  if (round.pairs.length > before) {
    round.left = round.left.filter(step => !step.pair)
    round.right = round.right.filter(step => !step.pair)
  }
  return round.pairs.length - before
}

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

/** What went to another region: by its id and content, by its content, or by its id and what it calls. */
function matchMoved(matching: Matching): void {
  const { before, after, shaping } = matching
  for (const [{ places }, side] of [
    [before, shaping.before],
    [after, shaping.after],
  ] as const)
    for (let at = places.length - 1; at >= 0; at--)
      if (places[at]!.steps.some(step => !step.pair)) shapePlace(places[at]!, side)
  for (const key of [
    (step: Step) => `${step.node.id} ${step.content}`,
    (step: Step) => (calledBy(step.node) === undefined && step.inner.length === 0 ? undefined : step.content),
    (step: Step) => calledBy(step.node) && `${step.node.id} ${step.node.kind} ${calledBy(step.node)}`,
  ])
    joinEverywhere(matching, key)
}

/** Outer steps first: what is inside of a pair is matched region by region. */
function joinEverywhere(matching: Matching, key: (step: Step) => Key): void {
  const rights = new Map<Key, Step[]>()
  for (const step of matching.after.steps) {
    if (step.pair) continue
    const at = key(step)
    const found = rights.get(at)
    if (found) found.push(step)
    else rights.set(at, [step])
  }
  rights.delete(undefined)
  if (rights.size === 0) return
  const lefts = new Map<Key, number>()
  for (const step of matching.before.steps) if (!step.pair) lefts.set(key(step), (lefts.get(key(step)) ?? 0) + 1)
  for (const step of matching.before.steps) {
    if (step.pair) continue
    const found = rights.get(key(step))
    const other = found?.length === 1 && lefts.get(key(step)) === 1 ? found[0] : undefined
    if (!other || other.pair) continue
    pairUp(matching, step, other)
    matchRegions(matching, innerPairs(step, other))
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
