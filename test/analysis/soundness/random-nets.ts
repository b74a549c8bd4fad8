/** Seeded small nets of every sort that the checks must judge rightly. */
import { type Arc, buildNet, type PetriNet } from '../../../src/analysis/net/petri-net.ts'

export type Random = () => number

export function randomOf(seed: number): Random {
  let state = (seed ^ 0x9e3779b9) >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let word = Math.imul(state ^ (state >>> 15), state | 1)
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61)
    return ((word ^ (word >>> 14)) >>> 0) / 4294967296
  }
}

/** A net as lists, for being changed. */
interface Draft {
  places: number
  readonly pre: Map<number, number>[]
  readonly post: Map<number, number>[]
  readonly initial: Map<number, number>
  readonly final: Map<number, number>
}

/** A structured workflow net, then some arcs changed. */
export function mutatedWorkflow(seed: number): PetriNet {
  const random = randomOf(seed)
  const draft = structured(random, 3 + pick(random, 14))
  const changes = pick(random, 4)
  for (let index = 0; index < changes; index++) mutate(random, draft)
  return netOf(`mutated ${seed}`, draft)
}

/** Any net at all: weights, several tokens, sources, sinks. */
export function anyNet(seed: number): PetriNet {
  const random = randomOf(seed + 7_000_000)
  const places = 1 + pick(random, 6)
  const transitions = 1 + pick(random, 6)
  const weight = (): number => (random() < 0.85 ? 1 : 1 + pick(random, 3))
  const side = (): Map<number, number> =>
    new Map(Array.from({ length: random() < 0.05 ? 0 : 1 + pick(random, 2) }, () => [pick(random, places), weight()]))
  const tokens = (): Map<number, number> =>
    new Map(Array.from({ length: 1 + pick(random, 2) }, () => [pick(random, places), weight()]))
  return netOf(`any ${seed}`, {
    places,
    pre: Array.from({ length: transitions }, side),
    post: Array.from({ length: transitions }, side),
    initial: tokens(),
    final: tokens(),
  })
}

/** State machines that share a few places: free choices with synchronisation, not free-choice as a whole. */
export function sharedMachines(seed: number): PetriNet {
  const random = randomOf(seed + 9_000_000)
  const draft: Draft = { places: 2, pre: [], post: [], initial: new Map([[0, 1]]), final: new Map([[1, 1]]) }
  const begin = new Map<number, number>()
  const end = new Map<number, number>()
  const locks = Array.from({ length: 1 + pick(random, 2) }, () => draft.places++)
  for (const lock of locks) {
    const count = 1 + pick(random, 2)
    begin.set(lock, count)
    end.set(lock, count)
  }
  add(draft, new Map([[0, 1]]), begin)
  for (let machine = 0; machine < 2; machine++) {
    const own = Array.from({ length: 3 + pick(random, 2) }, () => draft.places++)
    begin.set(own[0]!, 1)
    end.set(own.at(-1)!, 1)
    for (let index = 0; index + 1 < own.length; index++) {
      const takes = new Map([[own[index]!, 1]])
      const puts = new Map([[own[index + 1]!, 1]])
      if (random() < 0.5) (random() < 0.5 ? takes : puts).set(locks[pick(random, locks.length)]!, 1)
      add(draft, takes, puts)
    }
    if (random() < 0.3) add(draft, new Map([[own[pick(random, own.length)]!, 1]]), new Map([[own[0]!, 1]]))
  }
  add(draft, end, new Map([[1, 1]]))
  for (let index = pick(random, 3); index > 0; index--) mutate(random, draft)
  return netOf(`shared ${seed}`, draft)
}

const pick = (random: Random, below: number): number => Math.floor(random() * below)

const add = ({ pre, post }: Draft, takes: Map<number, number>, puts: Map<number, number>): number => {
  post.push(puts)
  return pre.push(takes) - 1
}

/** Refines one task again and again by sequences, choices, parallel branches, loops and crossed choices. */
function structured(random: Random, rounds: number): Draft {
  const draft: Draft = { places: 2, pre: [], post: [], initial: new Map([[0, 1]]), final: new Map([[1, 1]]) }
  const place = (): number => draft.places++
  const tasks = [add(draft, one(0), one(1))]
  const task = (from: number, to: number): void => void tasks.push(add(draft, one(from), one(to)))
  for (let round = 0; round < rounds; round++) {
    const [t] = tasks.splice(pick(random, tasks.length), 1)
    const out = draft.post[t!]!
    switch (pick(random, 5)) {
      case 0: {
        const middle = place()
        draft.post[t!] = one(middle)
        tasks.push(t!)
        tasks.push(add(draft, one(middle), out))
        break
      }
      case 1: {
        const [from, to] = [place(), place()]
        draft.post[t!] = one(from)
        for (let branch = 2 + pick(random, 2); branch > 0; branch--) task(from, to)
        add(draft, one(to), out)
        break
      }
      case 2: {
        const [begins, ends] = [
          [place(), place()],
          [place(), place()],
        ]
        draft.post[t!] = ones(begins)
        for (const [index, from] of begins.entries()) task(from, ends[index]!)
        add(draft, ones(ends), out)
        break
      }
      case 3: {
        const [from, to] = [place(), place()]
        draft.post[t!] = one(from)
        task(from, to)
        task(to, from)
        add(draft, one(to), out)
        break
      }
      default: {
        const [begins, ends] = [
          [place(), place()],
          [place(), place()],
        ]
        draft.post[t!] = ones(begins)
        for (let choice = 0; choice < 2; choice++) {
          const between = [place(), place()]
          add(draft, ones(begins), ones(between))
          for (const [index, from] of between.entries()) task(from, ends[index]!)
        }
        if (random() < 0.5) add(draft, ones(ends), ones(begins))
        add(draft, ones(ends), out)
      }
    }
    if (tasks.length === 0) break
  }
  return draft
}

const one = (place: number): Map<number, number> => new Map([[place, 1]])
const ones = (places: readonly number[]): Map<number, number> => new Map(places.map(place => [place, 1]))

function mutate(random: Random, draft: Draft): void {
  const { pre, post, places, initial, final } = draft
  const side = random() < 0.5 ? pre : post
  const row = side[pick(random, side.length)]!
  const place = pick(random, places)
  switch (pick(random, 9)) {
    case 0:
    case 1:
      row.set(place, 1)
      break
    case 2:
    case 3:
      row.delete([...row.keys()][pick(random, row.size)] ?? 0)
      break
    case 4: {
      const from = [...row.keys()][pick(random, row.size)]
      if (from !== undefined) row.delete(from)
      row.set(place, 1)
      break
    }
    case 5:
      row.set(place, 2)
      break
    case 6:
      add(draft, one(place), one(pick(random, places)))
      break
    case 7: {
      const count = 1 + pick(random, 2)
      initial.set(0, count)
      final.set(1, count)
      break
    }
    default: {
      const t = pick(random, pre.length)
      pre[t]!.set(place, 1)
      post[t]!.set(place, 1)
    }
  }
}

function netOf(name: string, { places, pre, post, initial, final }: Draft): PetriNet {
  const arcs = (rows: readonly Map<number, number>[]): Arc[] =>
    rows.flatMap((row, transition) => [...row].map(([place, weight]) => ({ place, transition, weight })))
  return buildNet({
    name,
    places: Array.from({ length: places }, (_, index) => `p${index}`),
    transitions: pre.map((_, index) => `t${index}`),
    inputs: arcs(pre),
    outputs: arcs(post),
    initial,
    final,
  })
}
