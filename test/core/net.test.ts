import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Node, Region } from '../../src/core/graph/graph.ts'
import { compileRegion } from '../../src/core/net/compile.ts'
import { END, EXIT, isSilent, type Net, type RoleKind, roleOf, START } from '../../src/core/net/net.ts'
import { type Dice, diceOf } from './dice.ts'
import * as $ from './graphs.ts'

/** A node that may go on running after it has passed. */
const detached = ({ id, name, after, policy }: Node): Node => ({
  id,
  name,
  after,
  policy,
  kind: 'scope',
  join: 'detached',
  body: $.region([]),
})

const inputs = (net: Net, transition: number): readonly number[] => [
  ...net.pre.subarray(net.preStart[transition]!, net.preStart[transition + 1]!),
]
const outputs = (net: Net, transition: number): readonly number[] => [
  ...net.post.subarray(net.postStart[transition]!, net.postStart[transition + 1]!),
]
const transitions = (net: Net): readonly number[] => Array.from({ length: net.transitionCount }, (_, index) => index)

/** `transition: places it takes from -> places it gives to`. */
function shown(net: Net): readonly string[] {
  return transitions(net).map(transition => {
    const role = roleOf(net, transition)
    const name = role.node >= 0 ? `${role.kind} ${role.node}` : role.kind
    return `${name}: ${inputs(net, transition).join(' ')} -> ${outputs(net, transition).join(' ')}`
  })
}

test.each<readonly [string, Region, readonly string[]]>([
  ['nothing', $.region([]), ['begin: 0 -> 3', 'end: 3 -> 1']],
  [
    'one step (N1)',
    $.region([$.task('a')]),
    ['begin: 0 -> 4', 'end: 5 -> 1', 'open 0: 4 -> 3', 'pass 0: 3 -> 5', 'fail 0: 3 -> 2'],
  ],
  [
    'a chain by order and data, one edge for both',
    $.region([$.task('a'), $.task('b', { after: ['a'], args: [$.ref('a')] })]),
    [
      'begin: 0 -> 5',
      'end: 7 -> 1',
      'open 0: 5 -> 3',
      'pass 0: 3 -> 6',
      'fail 0: 3 -> 2',
      'open 1: 6 -> 4',
      'pass 1: 4 -> 7',
      'fail 1: 4 -> 2',
    ],
  ],
  [
    'a step that lingers',
    $.region([detached($.task('a'))]),
    [
      'begin: 0 -> 6',
      'end: 5 7 -> 1',
      'open 0: 6 -> 3',
      'pass 0: 3 -> 4 7',
      'fail 0: 3 -> 2',
      'drain 0: 4 -> 5',
      'spill 0: 4 -> 2',
    ],
  ],
  [
    'a join that may be skipped is a chain',
    { ...$.region([$.task('a'), $.task('b'), $.task('c', { after: ['a', 'b'] })]), onFailure: 'finish' },
    [
      'begin: 0 -> 6 8',
      'end: 16 -> 1',
      'open 0: 6 -> 3',
      'pass 0: 3 -> 10',
      'fail 0: 3 -> 11',
      'void 0: 3 -> 11',
      'skip 0: 7 -> 11',
      'open 1: 8 -> 4',
      'pass 1: 4 -> 12',
      'fail 1: 4 -> 13',
      'void 1: 4 -> 13',
      'skip 1: 9 -> 13',
      'open 2: 14 -> 5',
      'pass 2: 5 -> 16',
      'fail 2: 5 -> 17',
      'void 2: 5 -> 17',
      'skip 2: 15 -> 17',
      'join: 10 12 -> 14',
      'join: 10 13 -> 15',
      'join: 11 12 -> 15',
      'join: 11 13 -> 15',
      'end-void: 17 -> 1',
      'end-failed: 17 -> 2',
    ],
  ],
  [
    'a step that a branch of its sibling looks up to',
    $.region([$.task('a'), $.when('w', $.lit(1), $.region([$.task('in', { args: [$.ref('a', [], 1)] })]))]),
    [
      'begin: 0 -> 5',
      'end: 7 -> 1',
      'open 0: 5 -> 3',
      'pass 0: 3 -> 6',
      'fail 0: 3 -> 2',
      'open 1: 6 -> 4',
      'pass 1: 4 -> 7',
      'fail 1: 4 -> 2',
    ],
  ],
])('%s', (_, region, arcs) => expect(shown(compileRegion(region))).toEqual(arcs))

/** Plain, finishing or with a step that may be withdrawn; with steps that linger. */
function randomRegion(dice: Dice): Region {
  const nodes = Array.from({ length: dice.roll(7) }, (_, index) => {
    const node = $.task(`n${index}`, {
      after: Array.from({ length: index }, (__, before) => `n${before}`).filter(() => dice.roll(3) === 0),
    })
    return dice.roll(4) === 0 ? detached(node) : node
  })
  const kind = dice.roll(3)
  if (kind === 2 && nodes.length > 0) {
    const cancel: Node = {
      id: 'cancel',
      name: 'cancel',
      after: [],
      policy: {},
      kind: 'cancel',
      target: { node: dice.pick(nodes).id, up: 0 },
      dependents: 'skip',
    }
    return $.region([...nodes, cancel])
  }
  return kind === 1 ? { ...$.region(nodes), onFailure: 'finish' } : $.region(nodes)
}

const forAll = (check: (net: Net, dice: Dice) => void): void =>
  fc.assert(
    fc.property(fc.nat(), seed => {
      const dice = diceOf(seed)
      check(compileRegion(randomRegion(dice)), dice)
    }),
    { numRuns: 200 },
  )

test('rows and columns say the same arcs', () => {
  forAll(net => {
    for (const transition of transitions(net)) {
      for (const place of inputs(net, transition)) {
        expect([...net.consumers.subarray(net.consumerStart[place]!, net.consumerStart[place + 1]!)]).toContain(
          transition,
        )
      }
    }
    expect(net.consumers.length).toBe(net.pre.length)
  })
})

test('N2: silent transitions that are enabled at once share no input place', () => {
  forAll((net, dice) => {
    exhausted(
      net,
      dice,
      () => true,
      enabled => {
        const taken = enabled.filter(each => isSilent(net, each)).flatMap(each => inputs(net, each))
        expect(new Set(taken).size).toBe(taken.length)
      },
    )
  })
})

/** Fires what is enabled, as the dice fall, until nothing is. */
function exhausted(
  net: Net,
  dice: Dice,
  allowed: (transition: number) => boolean,
  watch: (enabled: readonly number[]) => void = () => undefined,
): Int32Array {
  const marking = new Int32Array(net.placeCount)
  marking[START] = 1
  for (;;) {
    const enabled = transitions(net).filter(
      each => allowed(each) && inputs(net, each).every(place => marking[place]! > 0),
    )
    watch(enabled)
    if (enabled.length === 0) return marking
    const transition = dice.pick(enabled)
    for (const place of inputs(net, transition)) marking[place]! -= 1
    for (const place of outputs(net, transition)) marking[place]! += 1
    for (const [place, tokens] of marking.entries()) if (place !== EXIT) expect(tokens, 'safe').toBeLessThanOrEqual(1)
  }
}

const GIVES_UP: ReadonlySet<RoleKind> = new Set(['fail', 'void', 'spill', 'end-failed'])
const givesUp = (net: Net, transition: number): boolean => GIVES_UP.has(roleOf(net, transition).kind)

test('N3: without a failure every order ends with one token, in `o`', () => {
  forAll((net, dice) => {
    const marking = exhausted(net, dice, each => !givesUp(net, each))
    expect(marking[END]).toBe(1)
    expect(marking.reduce((sum, tokens) => sum + tokens, 0)).toBe(1)
  })
})

test('N3: with failures `o` or `x` is reached, never both', () => {
  forAll((net, dice) => {
    const marking = exhausted(net, dice, () => true)
    expect(marking[END]! === 1).toBe(marking[EXIT] === 0)
  })
})

test('a join over 100,000 compiles in linear time', () => {
  const names = Array.from({ length: 100_000 }, (_, index) => `n${index}`)
  const startedAt = performance.now()
  const net = compileRegion(
    $.region([...names.map(name => $.task(name)), $.task('join', { after: names })], { result: $.lit(0) }),
  )
  expect(net.pre.length).toBe(1 + 100_000 * 4 + 2 + 1)
  expect(performance.now() - startedAt).toBeLessThan(20_000)
})
