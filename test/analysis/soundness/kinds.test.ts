/** Each kind of violation on a net that fits in a line, and what an answer says that is not final. */
import { describe, expect, test } from 'vitest'
import {
  buildNet,
  checkSoundness,
  finish,
  newBudget,
  type PetriNet,
  type Soundness,
  verifyViolation,
  type Violation,
} from '../../../src/analysis/index.ts'

/** `a 2b > c` of each transition; `i` and `o` as the rest says. */
function net(text: string, { initial = 'i', final = 'o' } = {}): PetriNet {
  const places = [...new Set(['i', 'o', ...text.match(/[a-z]\w*/g)!])]
  const bag = (side: string): [number, number][] =>
    [...side.matchAll(/(\d*)([a-z]\w*)/g)].map(([, count, name]) => [places.indexOf(name!), Number(count || 1)])
  const rows = text.split(';').map(row => row.split('>').map(bag))
  const arcs = (side: number) =>
    rows.flatMap((row, transition) => row[side]!.map(([place, weight]) => ({ place, transition, weight })))
  return buildNet({
    name: text,
    places,
    transitions: rows.map((_, t) => `t${t}`),
    inputs: arcs(0),
    outputs: arcs(1),
    initial: new Map(bag(initial)),
    final: new Map(bag(final)),
  })
}

/** The verdict, boundedness and violations in a line. */
function shown(checked: PetriNet, answer: Soundness): string {
  if (answer.kind !== 'unsound') return answer.kind
  const of = ({ kind, trace, length, places, transitions }: Violation): string =>
    [
      `${kind} [${trace.map(t => checked.transitions[t]).join(' ')}]`,
      length === 'shortest' ? '' : ' found',
      places.length > 0 ? ` at ${places.map(place => checked.places[place]).join(' ')}` : '',
      transitions.length > 0 ? ` ${transitions.map(t => checked.transitions[t]).join(' ')}` : '',
    ].join('')
  return `${answer.boundedness}: ${answer.violations.map(of).join(', ')}`
}

test.each([
  ['one step', 'i > o', {}, 'sound'],
  ['branches that meet', 'i > a b; a > c; b > d; c d > o', {}, 'sound'],
  ['the end is the start', 'i > a; a > i', { final: 'i' }, 'sound'],
  ['several tokens', '2i > 3a; a > b; 3b > 2o', { initial: '4i', final: '4o' }, 'sound'],
  ['a join of what is chosen', 'i > a; i > b; a b > o', {}, 'bounded: deadlock [t0] at a, dead-transition [] t2'],
  ['a merge of what runs at once', 'i > a b; a > o; b > o', {}, 'bounded: improper-completion [t0 t1] at b'],
  ['a loop without exit', 'i > a; a > b; b > a; i > o', {}, 'bounded: no-completion [t0] at a'],
  ['a choice that is never there', 'i > a; i > b; a > o; b > o; a b > o', {}, 'bounded: dead-transition [] t4'],
  [
    'a step that leaves more each time',
    'i > i a; i > o',
    {},
    'unbounded: improper-completion [t0 t1] at a, unbounded [t0] found at i a',
  ],
  [
    'a step that needs nothing',
    'i > o; > a',
    {},
    'unbounded: improper-completion [t0 t1] at a, unbounded [t1] found at i a',
  ],
  ['nothing can fire', 'a > o', {}, 'bounded: deadlock [] at i, dead-transition [] t0'],
  ['more than the end at the start', 'i > o', { initial: 'i o' }, 'bounded: improper-completion [] at i'],
  ['more tokens than can be counted', 'i > a; a > 4000000000a; a > o', {}, 'unbounded: unbounded [t0 t1] found at a'],
  ['leftovers that vanish again', 'i > o a; a >', {}, 'bounded: improper-completion [t0] at a'],
] as const)('%s', (_, text, ends, expected) => {
  const checked = net(text, ends)
  const answer = finish(checkSoundness(checked, newBudget()))
  expect(shown(checked, answer)).toBe(expected)
  const violations = answer.kind === 'unsound' ? answer.violations : []
  for (const violation of violations) expect(verifyViolation(checked, violation)).toEqual({ kind: 'holds' })
})

test('what cannot be counted in the net is not read back into it from what the rules left', () => {
  const steps = ['i', 'a', 'b', 'c', 'd', 'e', 'f', 'g']
  const many = 2 ** 29
  const chain = steps.slice(1).map((next, index) => `${steps[index]} > ${next} ${many}p ${many}q`)
  const checked = net([...chain, 'g p q > o'].join('; '), { initial: `i ${many}q`, final: `o ${many}q` })
  const answer = finish(checkSoundness(checked, newBudget()))
  expect(answer.kind).toBe('unsound')
  const violations = answer.kind === 'unsound' ? answer.violations : []
  for (const violation of violations) expect(verifyViolation(checked, violation)).toEqual({ kind: 'holds' })
})

test('an end with very many tokens left beside it is told', () => {
  const chain = Array.from({ length: 400 }, (_, index) => index)
  const leaves = Array.from({ length: 150_000 }, (_, index) => chain.length + 1 + index)
  const checked = buildNet({
    name: 'wide',
    places: [...chain, 'o', ...leaves].map(String),
    transitions: chain.map(index => `t${index}`),
    inputs: chain.map(index => ({ place: index, transition: index, weight: 1 })),
    outputs: [
      ...chain.map(index => ({ place: index + 1, transition: index, weight: 1 })),
      ...leaves.map(place => ({ place, transition: chain.length - 1, weight: 1 })),
    ],
    initial: new Map([[0, 1]]),
    final: new Map([[chain.length, 1]]),
  })
  const answer = finish(checkSoundness(checked, newBudget()))
  const [violation] = answer.kind === 'unsound' ? answer.violations : []
  expect(violation).toMatchObject({ kind: 'improper-completion', places: leaves })
  expect(violation?.trace).toHaveLength(chain.length)
})

describe('a counterexample that shows something else than it claims', () => {
  const checked = net('i > a b; a > o; b > o')
  test.each([
    ['deadlock', [0], 'something is enabled'],
    ['deadlock', [1], 'step 0 (t1) is not enabled'],
    ['improper-completion', [0], 'it is not above the end'],
    ['unbounded', [0, 1], 'it covers no earlier marking'],
    ['no-completion', [], 'the end can still be reached'],
    ['dead-transition', [], 't1 can fire'],
  ] as const)('%s', (kind, trace, because) => {
    const reachable = net('i > a; a > o')
    const claimed = { kind, trace, length: 'found', places: [], transitions: [1] } as const
    expect(verifyViolation(kind === 'no-completion' ? reachable : checked, claimed)).toEqual({ kind: 'fails', because })
  })
})

/** Philosophers with a way out: nothing to reduce. In a ring each takes the left fork first. */
function philosophers(count: number, seating: 'ring' | 'one the other way round'): PetriNet {
  const all = Array.from({ length: count }, (_, k) => k)
  const rows = all.map(k => {
    const forks = [`f${k}`, `f${(k + 1) % count}`]
    const [first, second] = seating === 'ring' || k > 0 ? forks : forks.reverse()
    return `s${k} ${first} > h${k}; h${k} ${second} > e${k}; e${k} > s${k} ${first} ${second}; s${k} g${k} ${first} > d${k} ${first}`
  })
  const begin = `i > ${all.map(k => `s${k} f${k} g${k}`).join(' ')}`
  const end = `${all.map(k => `d${k} f${k}`).join(' ')} > o`
  return net([begin, ...rows, end].join(';'))
}

describe('what is not known', () => {
  const wide = philosophers(9, 'one the other way round')

  test('is said to be unknown, with the reason and how far it came', () => {
    const answer = finish(checkSoundness(wide, newBudget({ states: 0 })))
    expect(answer).toMatchObject({ kind: 'unknown', why: 'states', boundedness: 'unknown' })
    expect(answer.kind === 'unknown' && answer.far).toMatch(
      /^of 56 places and 38 transitions the rules left .* markings/,
    )
  })

  test('an interruption ends it', () => {
    const budget = newBudget()
    budget.interrupted = true
    expect(finish(checkSoundness(wide, budget))).toMatchObject({ kind: 'unknown', why: 'interrupted' })
  })

  test('S3: with time enough it is decided, by whatever way', () => {
    expect(finish(checkSoundness(philosophers(6, 'one the other way round'), newBudget())).kind).toBe('sound')
    const ring = finish(checkSoundness(philosophers(6, 'ring'), newBudget()))
    expect(ring).toMatchObject({ kind: 'unsound', violations: [{ kind: 'deadlock', length: 'shortest' }] })
    expect(ring.kind === 'unsound' && ring.violations[0]!.trace).toHaveLength(7)
  })
})
