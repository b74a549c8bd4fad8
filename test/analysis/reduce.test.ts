import { describe, expect, test } from 'vitest'
import { finish, newBudget, type PetriNet, type Reduction, type Rule, RULES, reduce } from '../../src/analysis/index.ts'
import { nextStep, reductionOf, startReducing } from '../../src/analysis/reduce/reduce.ts'
import { fire, type Judgement, judge } from './reduce-judge.ts'
import { foldedSketch } from './reduce-folds.ts'
import {
  freeChoiceSketch,
  generatedNet,
  grownSketch,
  hasGenerator,
  loadGenerator,
  netOf,
  type Random,
  randomFrom,
  type Sketch,
  spoil,
  wildSketch,
} from './reduce-nets.ts'

const reduced = (net: PetriNet): Reduction => finish(reduce(net, { budget: newBudget() }))
const nodesOf = (net: PetriNet): number => net.places.length + net.transitions.length

/** What one recipe makes of one seed: sound nets, the same with a few arcs changed, and nets of no shape at all. */
function sketchOf(seed: number): Sketch {
  const random = randomFrom(seed)
  const sketch = [wildSketch, grownSketch, grownSketch, freeChoiceSketch][seed % 4]!(random)
  if (seed % 4 !== 1 && random(3) > 0) spoil(sketch, random, 1 + random(3))
  return sketch
}

/** All nets on the way from a net to what is left of it, with the rule that gave each. */
function* stepsOf(net: PetriNet, keep = {}): Generator<{ readonly rule: Rule; readonly reduction: Reduction }> {
  const work = startReducing(net, keep)
  for (let rule = nextStep(work); rule !== 'done'; rule = nextStep(work))
    if (rule !== 'none') yield { rule, reduction: reductionOf(work) }
}

/** Transitions fired at random from the start, and where that leads. */
function walk(net: PetriNet, random: Random, most: number): { readonly trace: number[]; readonly marking: number[] } {
  const trace: number[] = []
  let marking = [...net.initial]
  while (trace.length < most) {
    const enabled = net.transitions.flatMap((_, transition) => {
      const next = fire(net, marking, transition)
      return next === undefined ? [] : [{ transition, next }]
    })
    if (enabled.length === 0) break
    const { transition, next } = enabled[random(enabled.length)]!
    trace.push(transition)
    marking = next
  }
  return { trace, marking }
}

function play(net: PetriNet, trace: readonly number[]): number[] | 'not enabled' {
  let marking = [...net.initial]
  for (const transition of trace) {
    const next = fire(net, marking, transition)
    if (next === undefined) return 'not enabled'
    marking = next
  }
  return marking
}

/** N2 of one walk through the reduced net. */
function checkLift(original: PetriNet, { net, places, lift }: Reduction, random: Random): void {
  const { trace, marking } = walk(net, random, 8)
  const end = play(original, lift(trace))
  if (end === 'not enabled') throw new Error('a lifted trace cannot be fired')
  const isSame = marking.every((count, place) => end[places[place]!] === count)
  if (!isSame) expect(end.every((count, place) => count >= original.final[place]!)).toBe(true)
}

describe('reducing random nets, judged by brute force before and after every single step', () => {
  test('keeps soundness (N1) and lifts traces (N2); every rule has its turn', () => {
    const counts = new Map<Rule, number>(RULES.map(rule => [rule, 0]))
    const verdicts = { sound: 0, unsound: 0, vanished: 0 }
    for (let seed = 0; seed < 400; seed++) {
      const original = netOf(sketchOf(seed))
      const before = judge(original, 300)
      if (before.sound === undefined) continue
      verdicts[before.sound ? 'sound' : 'unsound'] += 1
      let left: Reduction | undefined
      for (const { rule, reduction } of stepsOf(original)) {
        counts.set(rule, counts.get(rule)! + 1)
        expectSame({ seed, rule, before, after: judge(reduction.net, 600) })
        checkLift(original, reduction, randomFrom(seed))
        left = reduction
      }
      if (left !== undefined && nodesOf(left.net) === 0) verdicts.vanished += 1
    }
    expect(verdicts.sound).toBeGreaterThan(60)
    expect(verdicts.unsound).toBeGreaterThan(60)
    expect(verdicts.vanished).toBeGreaterThan(verdicts.sound / 2)
    expect([...counts].filter(([, count]) => count < 5)).toEqual([])
  })

  test('leaves what is kept, and what it shows (N3)', () => {
    for (let seed = 0; seed < 200; seed++) {
      const original = netOf(sketchOf(seed))
      const before = judge(original, 300)
      if (before.sound === undefined || before.bounded === false) continue
      const random = randomFrom(seed)
      const keep = { places: [random(original.places.length)], transitions: [random(original.transitions.length)] }
      const reduction = finish(reduce(original, { keep, budget: newBudget() }))
      expectSame({ seed, rule: 'all', before, after: judge(reduction.net, 1_000) })
      const place = reduction.places.indexOf(keep.places[0]!)
      expect(place).toBeGreaterThanOrEqual(0)
      const show = { place: keep.places[0]!, transitions: new Set(keep.transitions) }
      const showReduced = { place, transitions: new Set(standingFor(reduction, keep.transitions[0]!)) }
      expect({ seed, seen: seenOf(reduction.net, showReduced) }).toEqual({ seed, seen: seenOf(original, show) })
    }
  })
})

interface Comparison {
  readonly seed: number
  readonly rule: Rule | 'all'
  readonly before: Judgement
  readonly after: Judgement
}

/** Boundedness is not kept by `lock` in a net that is unsound anyway. */
function expectSame({ seed, rule, before, after }: Comparison): void {
  if (after.sound === undefined) return
  expect({ seed, rule, sound: after.sound }).toEqual({ seed, rule, sound: before.sound })
}

const standingFor = ({ transitions }: Reduction, original: number): number[] =>
  [...transitions.keys()].filter(transition => transitions[transition] === original)

/** All that is seen of a place and of transitions, in words of at most three changes. */
function seenOf(net: PetriNet, show: { readonly place: number; readonly transitions: ReadonlySet<number> }): string[] {
  interface Seen {
    readonly marking: readonly number[]
    readonly word: readonly string[]
  }
  const first = { marking: [...net.initial], word: [`${net.initial[show.place]}`] }
  const seen = new Set<string>()
  const known = new Set<string>()
  const open: Seen[] = [first]
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    const key = `${state.marking.join()}|${state.word.join(' ')}`
    if (known.has(key)) continue
    known.add(key)
    seen.add(state.word.join(' '))
    for (const transition of net.transitions.keys()) {
      const next = fire(net, state.marking, transition)
      if (next === undefined) continue
      const change = [
        ...(show.transitions.has(transition) ? ['fires'] : []),
        ...(next[show.place] === state.marking[show.place] ? [] : [`${next[show.place]}`]),
      ]
      if (state.word.length + change.length <= 4) open.push({ marking: next, word: [...state.word, ...change] })
    }
  }
  return [...seen].sort()
}

describe('what the rules are for', () => {
  const cases: readonly { readonly says: string; readonly sketch: Sketch; readonly left: number }[] = [
    {
      says: 'a lock that two branches take by turns goes, and then everything',
      sketch: {
        places: 9,
        pre: [
          [[0, 1]],
          [
            [2, 1],
            [4, 1],
          ],
          [[5, 1]],
          [
            [3, 1],
            [4, 1],
          ],
          [[6, 1]],
          [
            [7, 1],
            [8, 1],
            [4, 1],
          ],
        ],
        post: [
          [
            [2, 1],
            [3, 1],
            [4, 1],
          ],
          [[5, 1]],
          [
            [7, 1],
            [4, 1],
          ],
          [[6, 1]],
          [
            [8, 1],
            [4, 1],
          ],
          [[1, 1]],
        ],
        initial: [1, 0, 0, 0, 0, 0, 0, 0, 0],
        final: [0, 1, 0, 0, 0, 0, 0, 0, 0],
      },
      left: 0,
    },
    {
      says: 'a branch that takes its token for itself is not mistaken for its brother',
      sketch: {
        places: 4,
        pre: [[[0, 1]], [[2, 1]], [[3, 1]]],
        post: [[[2, 1]], [[1, 1]], []],
        initial: [1, 0, 0, 1],
        final: [0, 1, 0, 0],
      },
      left: 2,
    },
    {
      says: 'two tokens at a time are two firings',
      sketch: {
        places: 3,
        pre: [[[0, 1]], [[2, 2]]],
        post: [[[2, 6]], [[1, 1]]],
        initial: [1, 0, 0],
        final: [0, 3, 0],
      },
      left: 0,
    },
    {
      says: 'a lock that only the end takes does not let the end be reached again and again',
      sketch: {
        places: 2,
        pre: [[[0, 1]], [[0, 1]]],
        post: [[[0, 1]], [[1, 1]]],
        initial: [1, 0],
        final: [0, 1],
      },
      left: 0,
    },
    {
      says: 'a place that waits for two steps in a row, and for their alternative, is implied by the places between',
      sketch: {
        places: 7,
        // The fork marks 2 and 3; 3 goes to 4 in one of two ways, each beside a place of its own; the join takes 2 and 4.
        pre: [
          [[0, 1]],
          [
            [3, 1],
            [5, 1],
          ],
          [
            [3, 1],
            [6, 1],
          ],
          [
            [2, 1],
            [4, 1],
          ],
        ],
        post: [
          [
            [2, 1],
            [3, 1],
          ],
          [
            [4, 1],
            [5, 1],
          ],
          [
            [4, 1],
            [6, 1],
          ],
          [[1, 1]],
        ],
        initial: [1, 0, 0, 0, 0, 1, 1],
        final: [0, 1, 0, 0, 0, 1, 1],
      },
      left: 0,
    },
  ]
  test.each(cases)('$says', ({ sketch, left }) => {
    const net = netOf(sketch)
    const { net: rest } = reduced(net)
    expect(nodesOf(rest)).toBe(left)
    expect(judge(rest).sound).toBe(judge(net).sound)
  })

  test('sound free-choice nets vanish, however they are knotted', () => {
    for (let seed = 0; seed < 250; seed++) {
      const net = netOf(foldedSketch(randomFrom(seed)))
      const { sound } = judge(net, 300)
      const { net: rest } = reduced(net)
      expect({ seed, sound: sound ?? true, left: nodesOf(rest) }).toEqual({ seed, sound: true, left: 0 })
    }
  })

  test('weights that double without end are left when they are large, and a trace stays short enough to write', () => {
    const sketch: Sketch = { places: 61, pre: [], post: [], initial: [1], final: [] }
    for (let step = 0; step < 60; step++) {
      sketch.pre.push([[step, 1]])
      sketch.post.push([[step + 1, 2]])
    }
    const { net, lift } = reduced(netOf(sketch))
    expect(nodesOf(net)).toBeGreaterThan(2)
    expect(lift([]).length).toBeLessThan(10_000)
  })

  test('a net of weights beyond 32 bits of sums is left as it is', () => {
    const sketch: Sketch = {
      places: 3,
      pre: [[[0, 1]], [[2, 3_000_000_000]]],
      post: [[[2, 3_000_000_000]], [[1, 1]]],
      initial: [1, 0, 0],
      final: [0, 1, 0],
    }
    const { net, steps, lift } = reduced(netOf(sketch))
    expect({ nodes: nodesOf(net), steps, lifted: lift([0, 1]) }).toEqual({ nodes: 5, steps: 0, lifted: [0, 1] })
  })

  test('a reduction that is interrupted is one as far as it came', () => {
    const sketch = chainOfLoops(3_000)
    const net = netOf(sketch)
    const budget = newBudget()
    const work = reduce(net, { budget })
    work.next()
    budget.interrupted = true
    const { net: rest, lift } = finish(work)
    expect(nodesOf(rest)).toBeGreaterThan(0)
    expect(nodesOf(rest)).toBeLessThan(nodesOf(net))
    expect(play(net, lift(walk(rest, randomFrom(1), 20).trace))).not.toBe('not enabled')
  })

  test('depth costs no stack: a long chain of loops vanishes, and its one trace is lifted', () => {
    const depth = 20_000
    const { net, lift } = reduced(netOf(chainOfLoops(depth)))
    expect(nodesOf(net)).toBe(0)
    expect(lift([]).length).toBe(2 * depth)
  })
})

/** Rings in a row: from p a transition to q, and from there either back or on. */
function chainOfLoops(count: number): Sketch {
  const end = 2 * count
  const sketch: Sketch = { places: end + 1, pre: [], post: [], initial: [1], final: [] }
  for (let ring = 0; ring < count; ring++) {
    const [from, to] = [2 * ring, 2 * ring + 1]
    sketch.pre.push([[from, 1]], [[to, 1]], [[to, 1]])
    sketch.post.push([[to, 1]], [[from, 1]], [[to + 1, 1]])
  }
  sketch.final[end] = 1
  return sketch
}

describe.skipIf(!hasGenerator)('nets with known verdicts', () => {
  test('sound ones vanish, whatever their kind; faulty ones do not', async () => {
    const generator = await loadGenerator()
    for (const kind of generator.KINDS)
      for (let seed = 1; seed <= 6; seed++) {
        for (const nodes of [60, 150, 1_000]) {
          const { net } = reduced(generatedNet(generator, { kind, nodes, seed }))
          expect({ kind, nodes, seed, left: nodesOf(net) }).toEqual({ kind, nodes, seed, left: 0 })
        }
        for (const fault of generator.FAULTS[kind]!) {
          const { net } = reduced(generatedNet(generator, { kind, nodes: 300, seed, fault }))
          expect({ kind, seed, fault, left: nodesOf(net) > 0 }).toEqual({ kind, seed, fault, left: true })
        }
      }
  })
})
