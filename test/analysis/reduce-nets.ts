/** Nets for the tests of the reduction: random ones by several recipes, and those of the shared generator. */
import { existsSync } from 'node:fs'
import { buildNet, type Arc, type PetriNet } from '../../src/analysis/net/petri-net.ts'

export type Random = (below: number) => number

/** Numbers below a bound from a seed: the same ones everywhere. */
export function randomFrom(seed: number): Random {
  let state = (Math.imul(seed + 1, 0x9e3779b1) ^ 0x5bf03635) >>> 0
  return below => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * below)
  }
}

/** Input and output places by transition, each with a weight; the start and the end as tokens by place. */
export interface Sketch {
  places: number
  pre: [place: number, weight: number][][]
  post: [place: number, weight: number][][]
  initial: number[]
  final: number[]
}

export function netOf({ places, pre, post, initial, final }: Sketch): PetriNet {
  const arcsOf = (rows: Sketch['pre']): Arc[] =>
    rows.flatMap((row, transition) => row.map(([place, weight]) => ({ place, transition, weight })))
  return buildNet({
    name: 'sketch',
    places: Array.from({ length: places }, (_, place) => `p${place}`),
    transitions: pre.map((_, transition) => `t${transition}`),
    inputs: arcsOf(pre),
    outputs: arcsOf(post),
    initial: tokensOf(initial),
    final: tokensOf(final),
  })
}

const tokensOf = (marking: readonly number[]): Map<number, number> =>
  new Map(marking.flatMap((count, place) => (count > 0 ? [[place, count] as const] : [])))

const one = (place: number): [number, number] => [place, 1]

/** A workflow net grown by refining tasks, then perhaps spoilt by a few changes of arcs. Place 0 is the start, 1 the end. */
export function grownSketch(random: Random): Sketch {
  const sketch: Sketch = { places: 2, pre: [[one(0)]], post: [[one(1)]], initial: [1, 0], final: [0, 1] }
  const place = (): number => sketch.places++
  const add = (from: number[], to: number[]): number =>
    sketch.pre.push(from.map(one)) + sketch.post.push(to.map(one)) * 0 - 1
  for (let step = random(6); step >= 0; step--) {
    const task = random(sketch.pre.length)
    const after = sketch.post[task]!
    const [a, b, c, d] = [place(), place(), place(), place()]
    switch (random(7)) {
      case 0: {
        sketch.post[task] = [one(a)]
        sketch.pre.push([one(a)])
        sketch.post.push(after)
        break
      }
      case 1:
        sketch.post[task] = [one(a)]
        add([a], [b])
        add([a], [b])
        sketch.pre.push([one(b)])
        sketch.post.push(after)
        break
      case 2:
        sketch.post[task] = [one(a), one(b)]
        add([a], [c])
        add([b], [d])
        sketch.pre.push([one(c), one(d)])
        sketch.post.push(after)
        break
      case 3:
        sketch.post[task] = [one(a)]
        add([a], [b])
        add([b], [a])
        sketch.pre.push([one(b)])
        sketch.post.push(after)
        break
      case 4:
        sketch.post[task] = [one(a), one(b)]
        add([a, b], [c, d])
        add([a, b], [c, d])
        sketch.pre.push([one(c), one(d)])
        sketch.post.push(after)
        if (random(2) === 0) add([c, d], [a, b])
        break
      case 5: {
        const weight = 1 + random(3)
        sketch.post[task] = [[a, weight * (1 + random(2))]]
        sketch.pre.push([[a, weight]])
        sketch.post.push([one(b)])
        const times = sketch.post[task]![0]![1] / weight
        sketch.pre.push([[b, times]])
        sketch.post.push(after)
        break
      }
      default: {
        // Two branches under one lock, which the fork hands out and the join takes back.
        const lock = place()
        const [e, f] = [place(), place()]
        const size = 1 + random(2)
        sketch.post[task] = [one(a), one(b), [lock, size]]
        add([a, lock], [c])
        add([c], [d, lock])
        add([b, lock], [e])
        add([e], [f, lock])
        sketch.pre.push([one(d), one(f), [lock, size]])
        sketch.post.push(after)
      }
    }
  }
  return sketch
}

/** A free-choice net of random clusters; few of them are sound. */
export function freeChoiceSketch(random: Random): Sketch {
  const places = 4 + random(5)
  const clusters = [[0]]
  for (let place = 2; place < places; place++)
    if (clusters.length > 1 && random(3) === 0) clusters[1 + random(clusters.length - 1)]!.push(place)
    else clusters.push([place])
  const sketch: Sketch = {
    places,
    pre: [],
    post: [],
    initial: Array.from({ length: places }, (_, place) => (place === 0 ? 1 : 0)),
    final: Array.from({ length: places }, (_, place) => (place === 1 ? 1 : 0)),
  }
  for (const cluster of clusters)
    for (let choice = cluster[0] === 0 ? 0 : random(3); choice >= 0; choice--) {
      const outputs = new Set<number>()
      for (let output = random(3); output >= 0; output--)
        if (random(2) === 0) outputs.add(1 + random(places - 1))
        else for (const place of clusters[1 + random(clusters.length - 1)]!) outputs.add(place)
      sketch.pre.push(cluster.map(one))
      sketch.post.push(random(4) === 0 ? [one(1)] : [...outputs].map(one))
    }
  return sketch
}

/** Any net at all: few nodes, some arcs, some weights. */
export function wildSketch(random: Random): Sketch {
  const places = 2 + random(5)
  const count = 1 + random(6)
  const weight = (): number => (random(6) === 0 ? 2 : 1)
  const row = (most: number): [number, number][] => {
    const chosen = new Map<number, number>()
    for (let arc = random(most + 1) + (random(5) > 0 ? 1 : 0); arc > 0; arc--) chosen.set(random(places), weight())
    return [...chosen]
  }
  const sketch: Sketch = {
    places,
    pre: Array.from({ length: count }, () => row(1)),
    post: Array.from({ length: count }, () => row(1)),
    initial: Array.from({ length: places }, () => 0),
    final: Array.from({ length: places }, () => 0),
  }
  sketch.initial[0] = 1 + (random(5) === 0 ? 1 : 0)
  sketch.final[random(6) === 0 ? random(places) : 1] = 1 + (random(8) === 0 ? 1 : 0)
  if (random(6) === 0) sketch.initial[random(places)]! += 1
  if (random(6) === 0) sketch.final[random(places)]! += 1
  return sketch
}

/** Adds or removes a few arcs, or tokens. */
export function spoil(sketch: Sketch, random: Random, changes: number): void {
  for (let change = 0; change < changes; change++) {
    const rows = random(2) === 0 ? sketch.pre : sketch.post
    const row = rows[random(rows.length)]!
    switch (random(8)) {
      case 0:
      case 1:
        if (row.length > 0) row.splice(random(row.length), 1)
        break
      case 2:
      case 3:
        row.push([random(sketch.places), 1])
        break
      case 4:
        if (row.length > 0) row[0] = [random(sketch.places), row[0]![1]]
        break
      case 5: {
        const source = random(sketch.pre.length)
        sketch.pre.push([...sketch.pre[source]!])
        sketch.post.push([...sketch.post[random(3) === 0 ? random(sketch.post.length) : source]!])
        break
      }
      case 6: {
        // A self-loop on a place.
        const transition = random(sketch.pre.length)
        const place = random(sketch.places)
        sketch.pre[transition]!.push([place, 1])
        sketch.post[transition]!.push([place, 1])
        if (random(2) === 0) {
          sketch.initial[place] = (sketch.initial[place] ?? 0) + 1
          sketch.final[place] = (sketch.final[place] ?? 0) + 1
        }
        break
      }
      default: {
        const marking = random(2) === 0 ? sketch.initial : sketch.final
        const place = random(sketch.places)
        marking[place] = random(2)
      }
    }
  }
}

/** What the shared generator of big nets with known verdicts gives; `weights` by `i` or `o`, transition, `:` and place. */
interface Generated {
  readonly places: number
  readonly pre: readonly (readonly number[])[]
  readonly post: readonly (readonly number[])[]
  readonly weights: ReadonlyMap<string, number>
  readonly i: number
  readonly o: number
  readonly sound: boolean
}

export interface Recipe {
  readonly kind: string
  readonly nodes: number
  readonly seed: number
  readonly fault?: string
}

interface Generator {
  readonly KINDS: readonly string[]
  readonly FAULTS: Readonly<Record<string, readonly string[]>>
  generate(recipe: Recipe): Generated
}

const GENERATOR = new URL('../../../shared/conformance/petri/gen.mjs', import.meta.url)

export const hasGenerator = existsSync(GENERATOR)

export const loadGenerator = async (): Promise<Generator> => (await import(GENERATOR.href)) as Generator

export function generatedNet({ generate }: Generator, recipe: Recipe): PetriNet {
  const { places, pre, post, weights, i, o } = generate(recipe)
  const rows = (direction: 'i' | 'o', all: Generated['pre']): Sketch['pre'] =>
    all.map((row, transition) =>
      row.map(place => [place, weights.get(`${direction}${transition}:${place}`) ?? 1] as [number, number]),
    )
  const initial = Array.from({ length: places }, () => 0)
  const final = [...initial]
  initial[i] = 1
  final[o] = 1
  return netOf({ places, pre: rows('i', pre), post: rows('o', post), initial, final })
}
