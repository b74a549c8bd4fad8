/** Searches against plain ones: the graph, nearest markings, and what stubborn sets keep. */
import { describe, expect, test } from 'vitest'
import {
  buildNet,
  finish,
  fireIn,
  isEnabled,
  newBudget,
  type PetriNet,
  reachability,
  shortestTo,
} from '../../../src/analysis/index.ts'
import { explore, markingAt } from '../../../src/analysis/search/explore.ts'
import { flowOf } from '../../../src/analysis/search/firing.ts'
import { Runner } from '../../../src/analysis/search/runner.ts'
import { StateTable } from '../../../src/analysis/search/state-table.ts'
import { Stubborn } from '../../../src/analysis/search/stubborn.ts'
import { markingOf } from '../../../src/analysis/net/petri-net.ts'
import { nearestAbove, nearestDead } from '../../../src/analysis/soundness/nearest.ts'
import { walks } from '../../../src/analysis/soundness/walks.ts'
import { judge } from '../soundness/brute.ts'
import { anyNet, mutatedWorkflow, randomOf, sharedMachines } from '../soundness/random-nets.ts'

const STATES_MAX = 400

/** Small bounded nets of every sort. */
function* boundedNets(count: number): Generator<PetriNet> {
  for (const make of [mutatedWorkflow, sharedMachines, anyNet]) {
    for (let seed = 0; seed < count; seed++) {
      const net = make(seed)
      if (judge(net, STATES_MAX)?.bounded) yield net
    }
  }
}

/** Markings as text with their distance, by a search with a queue and a map. */
function plainSearch(net: PetriNet): ReadonlyMap<string, number> {
  const distance = new Map([[net.initial.join(), 0]])
  const queue = [net.initial]
  for (const marking of queue) {
    for (let t = 0; t < net.transitions.length; t++) {
      if (!isEnabled(net, marking, t)) continue
      const next = marking.slice()
      fireIn(net, next, t)
      if (distance.has(next.join())) continue
      distance.set(next.join(), distance.get(marking.join())! + 1)
      queue.push(next)
    }
  }
  return distance
}

test('S1: all markings are found, each once, by shortest ways, with all that leads on', () => {
  for (const net of boundedNets(60)) {
    const graph = finish(reachability(net, { budget: newBudget() }))
    const expected = plainSearch(net)
    expect(graph).toMatchObject({ stateCount: expected.size, expandedCount: expected.size, stopped: undefined })
    for (let state = 0; state < graph.stateCount; state++) {
      const marking = graph.marking(state)
      const played = net.initial.slice()
      for (const t of graph.trace(state)) fireIn(net, played, t)
      expect([played, graph.trace(state).length]).toEqual([marking, expected.get(marking.join())])
      const fired = graph.firedBy.slice(graph.start[state], graph.start[state + 1])
      expect([...fired]).toEqual(Array.from(net.transitions.keys()).filter(t => isEnabled(net, marking, t)))
    }
  }
})

test('a nearest marking is as near as can be, and where there is none it says so', () => {
  for (const net of boundedNets(60)) {
    const most = Math.max(...[...plainSearch(net).keys()].flatMap(marking => marking.split(',').map(Number)))
    const isGoal = (marking: Uint32Array): boolean => marking.includes(most)
    const found = finish(shortestTo(net, isGoal, newBudget()))
    const distances = [...plainSearch(net)].filter(([marking]) => marking.split(',').includes(`${most}`))
    expect(found.kind === 'found' && found.trace.length).toBe(Math.min(...distances.map(([, distance]) => distance)))
    expect(finish(shortestTo(net, () => false, newBudget()))).toMatchObject({ kind: 'none' })
  }
})

/** `start` fires once, into all of `wide`; each of these places can go one step further. */
function wideNet(count: number): PetriNet {
  const places = ['i', ...Array.from({ length: 2 * count }, (_, index) => `p${index}`)]
  const indices = Array.from({ length: count }, (_, index) => index)
  return buildNet({
    name: 'wide',
    places,
    transitions: ['start', ...indices.map(index => `t${index}`)],
    inputs: [
      { place: 0, transition: 0, weight: 1 },
      ...indices.map(index => ({ place: 1 + index, transition: 1 + index, weight: 1 })),
    ],
    outputs: [
      ...indices.map(index => ({ place: 1 + index, transition: 0, weight: 1 })),
      ...indices.map(index => ({ place: 1 + count + index, transition: 1 + index, weight: 1 })),
    ],
    initial: new Map([[0, 1]]),
    final: new Map([[1, 1]]),
  })
}

test('memory is asked for among the successors of one state: there may be many, all of them large', () => {
  const graph = finish(reachability(wideNet(2_000), { budget: newBudget({ bytes: 200_000 }) }))
  expect(graph.stopped).toBe('memory')
  expect(graph.stateCount).toBeLessThan(200)
})

test('no more memory is taken than markings can be found in', () => {
  expect(newBudget({ bytes: 1e12 }).bytesMax).toBeLessThan(2 ** 32)
})

/** A loop on one place from which very many arcs lead nowhere. */
function hubNet(arcs: number): PetriNet {
  const places = ['here', 'there', ...Array.from({ length: arcs }, (_, index) => `empty${index}`)]
  const blocked = Array.from({ length: arcs }, (_, index) => index + 1)
  return buildNet({
    name: 'hub',
    places,
    transitions: ['more', ...blocked.map(index => `t${index}`)],
    inputs: [
      { place: 0, transition: 0, weight: 1 },
      ...blocked.flatMap(transition => [
        { place: 0, transition, weight: 1 },
        { place: 1 + transition, transition, weight: 1 },
      ]),
    ],
    outputs: [
      { place: 0, transition: 0, weight: 1 },
      { place: 1, transition: 0, weight: 1 },
    ],
    initial: new Map([[0, 1]]),
    final: new Map([[1, 1]]),
  })
}

test('a slice ends where many arcs were touched, though they lead nowhere', () => {
  const net = hubNet(20_000)
  const flow = flowOf(net)
  const slicesOf = (work: Iterator<undefined>): number => {
    let slices = 0
    while (!work.next().done) slices += 1
    return slices
  }
  expect(slicesOf(reachability(net, { budget: newBudget({ states: 50 }) }))).toBeGreaterThan(45)
  const trap = new Uint8Array(net.places.length)
  const runs = { budget: newBudget(), flow, trap, runs: 1, stepsMax: 100 }
  expect(slicesOf(walks({ ...net, final: markingOf(new Map([[2, 1]]), net.places.length) }, runs))).toBeGreaterThan(15)
})

test('a search that is out of states says how far it came', () => {
  const net = anyNet(1)
  const endless = { ...net, preStart: new Uint32Array(net.preStart.length) }
  const graph = finish(reachability(endless, { budget: newBudget({ states: 100 }) }))
  expect(graph.stopped).toBe('states')
  expect(graph.expandedCount).toBeLessThan(graph.stateCount)
})

test('S2: stubborn sets keep all dead markings, and nearest violations stay as near', () => {
  for (const net of boundedNets(120)) {
    const judged = judge(net, STATES_MAX)!
    const within = { budget: newBudget(), flow: flowOf(net) }
    const dead = finish(nearestDead(net, within))
    const above = finish(nearestAbove(net, within))
    const distanceOf = (found: typeof dead): number | undefined =>
      found.kind === 'found' ? found.violation.trace.length : undefined
    expect([net.name, distanceOf(dead)]).toEqual([net.name, judged.distance.get('deadlock')])
    expect([net.name, distanceOf(above)]).toEqual([net.name, judged.distance.get('improper-completion')])
    expect(deadMarkings(net, 'stubborn')).toEqual(deadMarkings(net, 'all'))
  }
})

function deadMarkings(net: PetriNet, follow: 'all' | 'stubborn'): readonly string[] {
  const dead: string[] = []
  let stubborn: Stubborn | undefined
  const exploration = finish(
    explore(net, {
      budget: newBudget(),
      visit: ({ player, enabled }) => {
        if (enabled.length === 0) dead.push(player.tokens.join())
        return 'go on'
      },
      ...(follow === 'all' ? {} : { follow: (player, enabled) => (stubborn ??= new Stubborn(player)).choose(enabled) }),
    }),
  )
  expect(markingAt(exploration, 0)).toEqual(net.initial)
  return dead.sort()
}

test('a run knows what is enabled and how it stands to the end', () => {
  const random = randomOf(3)
  for (let seed = 0; seed < 100; seed++) {
    const net = anyNet(seed)
    const runner = new Runner(net)
    const marking = net.initial.slice()
    for (let step = 0; step < 20; step++) {
      const enabled = Array.from({ length: runner.enabledCount }, (_, index) => runner.enabledAt(index)).sort(
        (a, b) => a - b,
      )
      expect(enabled).toEqual(Array.from(net.transitions.keys()).filter(t => isEnabled(net, marking, t)))
      const isAll = marking.every((tokens, place) => tokens >= net.final[place]!)
      expect(runner.standing()).toBe(isAll ? (marking.join() === net.final.join() ? 'equal' : 'above') : 'below')
      if (enabled.length === 0) break
      const t = enabled[Math.floor(random() * enabled.length)]!
      runner.fire(t)
      fireIn(net, marking, t)
      expect([runner.tokens, runner.total]).toEqual([marking, marking.reduce((sum, tokens) => sum + tokens, 0)])
    }
  }
})

describe('the table of states', () => {
  test('keeps markings with large places and large counts apart, and reads them back', () => {
    const table = new StateTable()
    const markings: [number, number][][] = []
    const random = randomOf(5)
    for (let index = 0; index < 3_000; index++) {
      const places = [
        ...new Set(Array.from({ length: 1 + Math.floor(random() * 5) }, () => Math.floor(random() ** 4 * 2e6))),
      ]
      markings.push(places.sort((a, b) => a - b).map(place => [place, Math.ceil(random() ** 8 * 4e9)]))
    }
    const add = (marking: readonly (readonly [number, number])[]): number =>
      table.add(
        Uint32Array.from(marking, ([place]) => place),
        Float64Array.from(marking, ([, tokens]) => tokens),
        marking.length,
      )
    const numbers = markings.map(add)
    expect(markings.map(add)).toEqual(numbers)
    expect(table.count).toBe(new Set(markings.map(String)).size)
    const places = new Uint32Array(8)
    const tokens = new Float64Array(8)
    markings.forEach((marking, index) => {
      const length = table.read(numbers[index]!, places, tokens)
      expect(Array.from({ length }, (_, at) => [places[at], tokens[at]])).toEqual(marking)
    })
  })
})
