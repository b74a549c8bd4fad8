/**
 * Sound free-choice nets of no particular shape: random walks among them, by changes of which each keeps soundness and goes
 * either way. (Esparza and Hoffmann 2016: merge, iteration and shortcut lead from every sound free-choice net to a single
 * transition; here they are also run backwards.)
 */
import type { Random, Sketch } from './reduce-nets.ts'

interface Step {
  readonly pre: readonly number[]
  post: readonly number[]
}

interface Folding {
  steps: Step[]
  places: number
  readonly random: Random
}

/** So many transitions at most, or little more. */
const STEPS_MAX = 30

export function foldedSketch(random: Random): Sketch {
  const folding: Folding = { steps: [{ pre: [0], post: [1] }], places: 2, random }
  const changes = [twice, round, split, split, fold, fold, unfold, unfold, foldChoice, foldChoice]
  for (let change = 20 + random(100); change > 0; change--)
    changes[random(changes.length)]!(folding, folding.steps[random(folding.steps.length)]!)
  return sketchOf(folding)
}

const has = (all: readonly number[], some: readonly number[]): boolean => some.every(place => all.includes(place))
const without = (all: readonly number[], some: readonly number[]): number[] =>
  all.filter(place => !some.includes(place))
const areSame = (one: readonly number[], other: readonly number[]): boolean =>
  one.length === other.length && has(one, other)

/** Transitions by what they need; not those of the start. */
function clusters({ steps }: Folding): Step[][] {
  const found: Step[][] = []
  for (const step of steps) {
    if (step.pre.includes(0)) continue
    const cluster = found.find(([first]) => areSame(first!.pre, step.pre))
    if (cluster === undefined) found.push([step])
    else cluster.push(step)
  }
  return found
}

function anyOf<T>(random: Random, all: readonly T[]): T | undefined {
  return all[random(Math.max(1, all.length))]
}

function twice({ steps }: Folding, step: Step): void {
  if (steps.length < STEPS_MAX) steps.push({ ...step })
}

function round({ steps, random }: Folding, { pre }: Step): void {
  if (steps.length < STEPS_MAX && random(3) === 0 && !pre.includes(0)) steps.push({ pre, post: pre })
}

/** Some of what it puts comes one step later, over places of its own. */
function split(folding: Folding, step: Step): void {
  const { steps, random } = folding
  const late = step.post.filter(() => random(2) === 0)
  if (late.length === 0 || steps.length >= STEPS_MAX) return
  const between = Array.from({ length: 1 + random(2) }, () => folding.places++)
  step.post = [...without(step.post, late), ...between]
  steps.push({ pre: between, post: late })
}

/** What it puts is what another one would make of its input: put that input. */
function fold(folding: Folding, step: Step): void {
  const only = clusters(folding).filter(
    ([other, more]) => more === undefined && other !== step && has(step.post, other!.post),
  )
  const other = anyOf(folding.random, only)?.[0]
  if (other === undefined) return
  const rest = without(step.post, other.post)
  if (!rest.some(place => other.pre.includes(place))) step.post = [...rest, ...other.pre]
}

/** The same for a cluster of several, when for each of them there is one that puts what it makes. */
function foldChoice(folding: Folding, step: Step): void {
  const siblings = folding.steps.filter(({ pre }) => areSame(pre, step.pre))
  for (const cluster of clusters(folding)) {
    const { pre } = cluster[0]!
    if (cluster.length === 1 || areSame(pre, step.pre) || !has(step.post, cluster[0]!.post)) continue
    const rest = without(step.post, cluster[0]!.post)
    const made = cluster.map(({ post }) => siblings.find(sibling => areSame(sibling.post, [...rest, ...post])))
    if (made.includes(undefined) || new Set(made).size < made.length || rest.some(place => pre.includes(place)))
      continue
    folding.steps = [
      ...folding.steps.filter(other => !made.includes(other)),
      { pre: step.pre, post: [...rest, ...pre] },
    ]
    return
  }
}

/** What it enables for sure happens with it. */
function unfold(folding: Folding, step: Step): void {
  const enabled = clusters(folding).filter(([first]) => !areSame(first!.pre, step.pre) && has(step.post, first!.pre))
  const cluster = anyOf(folding.random, enabled)
  if (cluster === undefined || folding.steps.length + cluster.length > STEPS_MAX + 4) return
  const { pre } = cluster[0]!
  const rest = without(step.post, pre)
  if (cluster.some(({ post }) => post.some(place => rest.includes(place)))) return
  const others = folding.steps.filter(other => other !== step)
  const both = cluster.map(({ post }) => ({ pre: step.pre, post: [...rest, ...post] }))
  const isFed = [...others, ...both].some(
    other => !cluster.includes(other) && other.post.some(place => pre.includes(place)),
  )
  folding.steps = [...(isFed ? others : others.filter(other => !cluster.includes(other))), ...both]
}

function sketchOf({ steps }: Folding): Sketch {
  const used = [...new Set([0, 1, ...steps.flatMap(({ pre, post }) => [...pre, ...post])])].sort(
    (one, other) => one - other,
  )
  const rows = (side: 'pre' | 'post'): Sketch['pre'] =>
    steps.map(step => step[side].map(place => [used.indexOf(place), 1] as [number, number]))
  return {
    places: used.length,
    pre: rows('pre'),
    post: rows('post'),
    initial: used.map(place => (place === 0 ? 1 : 0)),
    final: used.map(place => (place === 1 ? 1 : 0)),
  }
}
