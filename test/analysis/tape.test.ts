/** The tape against naive enumeration of all ways, on random graphs. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  backward,
  bestWays,
  buildTape,
  evaluatePolynomial,
  forward,
  maxPlus,
  minPlus,
  pathCount,
  provenancePolynomials,
  reachable,
  type Semiring,
  sensitivities,
  type Tape,
  variable,
} from '../../src/analysis/index.ts'

interface RandomGraph {
  readonly count: number
  readonly edges: readonly (readonly [number, number])[]
  readonly weights: readonly number[]
  readonly edgeWeights: readonly number[]
}

/** Names are shuffled, so that the order of numbers says nothing. */
const graphs: fc.Arbitrary<RandomGraph> = fc.integer({ min: 1, max: 8 }).chain(count =>
  fc
    .record({
      pairs: fc.array(fc.tuple(fc.nat(count - 1), fc.nat(count - 1)), { maxLength: 14 }),
      names: fc.shuffledSubarray([...Array(count).keys()], { minLength: count }),
      weights: fc.array(fc.nat(4), { minLength: count, maxLength: count }),
      edgeWeights: fc.array(fc.nat(3), { minLength: 14, maxLength: 14 }),
    })
    .map(({ pairs, names, weights, edgeWeights }) => ({
      count,
      weights,
      edgeWeights,
      edges: pairs
        .filter(([a, b]) => a !== b)
        .map(([a, b]) => [names[Math.min(a, b)]!, names[Math.max(a, b)]!] as const),
    })),
)

const tapeOf = ({ count, edges }: RandomGraph, joins?: Uint8Array): Tape =>
  buildTape(count, { from: edges.map(([from]) => from), to: edges.map(([, to]) => to) }, joins)

/** All ways from a node without predecessors to one without successors, as nodes and edges of the tape. */
function allWays({ count, start, before }: Tape): readonly { nodes: number[]; edges: number[] }[] {
  const ways: { nodes: number[]; edges: number[] }[] = []
  const visit = (node: number, nodes: number[], edges: number[]): void => {
    if (start[node] === start[node + 1]) ways.push({ nodes: [node, ...nodes], edges })
    for (let edge = start[node]!; edge < start[node + 1]!; edge++)
      visit(before[edge]!, [node, ...nodes], [edge, ...edges])
  }
  for (let node = 0; node < count; node++) if (![...before].includes(node)) visit(node, [], [])
  return ways
}

/** Words in the order of the way: a semiring that does not commute, with sets of words. */
const words: Semiring<readonly string[]> = {
  name: 'words',
  zero: [],
  one: [''],
  plus: (a, b) => [...new Set([...a, ...b])].sort(),
  times: (a, b) => [...new Set(a.flatMap(left => b.map(right => left + right)))].sort(),
  equals: (a, b) => a.join() === b.join(),
}

function agrees<T>(semiring: Semiring<T>, of: (weight: number, place: string) => T): void {
  fc.assert(
    fc.property(graphs, graph => {
      const tape = tapeOf(graph)
      const { plus, times, zero, one, equals } = semiring
      const weights = {
        nodes: graph.weights.map((weight, node) => of(weight, `n${node}`)),
        edges: [...tape.before].map((_, edge) => of(graph.edgeWeights[edge] ?? 0, `e${edge}`)),
      }
      const weighed = allWays(tape).map(({ nodes, edges }) =>
        nodes.reduce<T>(
          (all, node, at) => times(at === 0 ? all : times(all, weights.edges[edges[at - 1]!]!), weights.nodes[node]!),
          one,
        ),
      )
      const total = weighed.reduce(plus, zero)
      const values = forward(tape, semiring, weights)
      const after = backward(tape, semiring, weights)
      const isEnd = (node: number) => ![...tape.before].includes(node)
      const atEnds = [...graph.weights.keys()].filter(isEnd).map(node => values[node]!)
      const atStarts = [...graph.weights.keys()]
        .filter(node => tape.start[node] === tape.start[node + 1])
        .map(node => times(weights.nodes[node]!, after[node]!))
      expect(equals(atEnds.reduce(plus, zero), total)).toBe(true)
      expect(equals(atStarts.reduce(plus, zero), total)).toBe(true)
    }),
  )
}

describe('T3: forward = back = the sum of all ways', () => {
  test('max-plus', () => agrees(maxPlus, weight => weight))
  test('min-plus', () => agrees(minPlus, weight => weight))
  test('number of ways', () => agrees(pathCount, weight => weight + 1))
  test('reachable', () => agrees(reachable, weight => weight > 0))
  test('provenance', () => agrees(provenancePolynomials, (_, place) => variable(place)))
  test('one that does not commute', () => agrees(words, (_, place) => [place]))
})

test('T1, T2: each node comes after what is before it', () => {
  fc.assert(
    fc.property(graphs, graph => {
      const { order, start, before } = tapeOf(graph)
      const place = new Map([...order].map((node, index) => [node, index]))
      expect(place.size).toBe(graph.count)
      for (const node of order)
        for (const from of before.slice(start[node]!, start[node + 1]!))
          expect(place.get(from)!).toBeLessThan(place.get(node)!)
    }),
  )
})

test('T4: numbers stand in flat arrays', () => {
  const tape = buildTape(3, { from: [0, 1], to: [1, 2] })
  expect(forward(tape, maxPlus, { nodes: [1, 2, 3] })).toEqual(Float64Array.of(1, 3, 6))
  expect(forward(tape, reachable)).toEqual([true, true, true])
})

test('T5, T6: which nodes are on some and on every best way, and how far the others are from it', () => {
  fc.assert(
    fc.property(graphs, graph => {
      const tape = tapeOf(graph)
      const ways = allWays(tape)
      const lengthOf = (nodes: readonly number[]) => nodes.reduce((sum, node) => sum + graph.weights[node]!, 0)
      const longest = Math.max(...ways.map(({ nodes }) => lengthOf(nodes)))
      const best = ways.filter(({ nodes }) => lengthOf(nodes) === longest)
      const { total, on, always, slack, way, wayEdges } = bestWays(tape, maxPlus, { nodes: graph.weights })
      expect(total).toBe(longest)
      for (let node = 0; node < graph.count; node++) {
        expect(on[node]).toBe(best.some(({ nodes }) => nodes.includes(node)) ? 1 : 0)
        expect(always[node]).toBe(best.every(({ nodes }) => nodes.includes(node)) ? 1 : 0)
        const through = Math.max(
          ...ways.filter(({ nodes }) => nodes.includes(node)).map(({ nodes }) => lengthOf(nodes)),
        )
        expect(slack[node]).toBe(longest - through)
      }
      expect(lengthOf(way)).toBe(longest)
      expect(wayEdges.map(edge => tape.before[edge])).toEqual(way.slice(0, -1))
    }),
    { numRuns: 300 },
  )
})

const products: fc.Arbitrary<RandomGraph & { readonly joins: Uint8Array }> = graphs.chain(graph =>
  fc
    .array(fc.nat(1), { minLength: graph.count, maxLength: graph.count })
    .map(joins => ({ ...graph, joins: Uint8Array.from(joins) })),
)

test('with products: the sensitivities are the derivatives, as finite differences have them', () => {
  fc.assert(
    fc.property(products, graph => {
      const tape = tapeOf(graph, graph.joins)
      const isEnd = (node: number) => ![...tape.before].includes(node)
      const nodes = graph.weights.map(weight => (weight + 1) / 4)
      const totalOf = (weights: readonly number[]) => {
        const values = forward(tape, pathCount, { nodes: weights })
        return [...graph.weights.keys()].filter(isEnd).reduce((sum, node) => sum + values[node]!, 0)
      }
      const found = sensitivities(tape, pathCount, { nodes })
      nodes.forEach((_, node) => {
        const [low, high] = [-1e-4, 1e-4].map(h => totalOf(nodes.map((each, at) => (at === node ? each + h : each))))
        expect(found[node]).toBeCloseTo((high! - low!) / 2e-4, 2)
      })
    }),
  )
})

test('with products: polynomials evaluate to what the numbers give', () => {
  fc.assert(
    fc.property(products, graph => {
      const tape = tapeOf(graph, graph.joins)
      const polynomials = forward(tape, provenancePolynomials, {
        nodes: graph.weights.map((_, node) => variable(String(node))),
      })
      const numbers = forward(tape, maxPlus, { nodes: graph.weights })
      for (let node = 0; node < graph.count; node++)
        expect(evaluatePolynomial(polynomials[node]!, maxPlus, name => graph.weights[Number(name)]!)).toBe(
          numbers[node],
        )
    }),
    { numRuns: 50 },
  )
})

test.each([
  ['a cycle', 2, [0, 1], [1, 0], 'TAPE_INVALID'],
  ['an edge to nowhere', 2, [0], [2], 'TAPE_INVALID'],
])('%s is refused', (_, count, from, to, code) => {
  expect(() => buildTape(count, { from, to })).toThrow(
    expect.objectContaining({ diagnostics: [expect.objectContaining({ code })] }),
  )
})
