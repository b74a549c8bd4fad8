import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Region } from '../../src/core/graph/graph.ts'
import { compileRegion } from '../../src/core/net/compile.ts'
import { END, EXIT, isSilent, type Net, roleOf, START } from '../../src/core/net/net.ts'
import { type Dice, diceOf } from './dice.ts'
import * as $ from './graphs.ts'

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

function randomRegion(dice: Dice): Region {
  const nodes = Array.from({ length: dice.roll(7) }, (_, index) =>
    $.task(`n${index}`, {
      after: Array.from({ length: index }, (__, before) => `n${before}`).filter(() => dice.roll(3) === 0),
    }),
  )
  return $.region(nodes)
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

test('N2: a silent transition shares no input place with any other', () => {
  forAll(net => {
    for (const transition of transitions(net).filter(each => isSilent(net, each))) {
      for (const place of inputs(net, transition))
        expect(net.consumerStart[place + 1]! - net.consumerStart[place]!).toBe(1)
    }
  })
})

/** Fires what is enabled, as the dice fall, until nothing is. */
function exhausted(net: Net, dice: Dice, allowed: (transition: number) => boolean): Int32Array {
  const marking = new Int32Array(net.placeCount)
  marking[START] = 1
  for (;;) {
    const enabled = transitions(net).filter(
      each => allowed(each) && inputs(net, each).every(place => marking[place]! > 0),
    )
    if (enabled.length === 0) return marking
    const transition = dice.pick(enabled)
    for (const place of inputs(net, transition)) marking[place]! -= 1
    for (const place of outputs(net, transition)) marking[place]! += 1
    for (const [place, tokens] of marking.entries()) if (place !== EXIT) expect(tokens, 'safe').toBeLessThanOrEqual(1)
  }
}

const fails = (net: Net, transition: number): boolean => roleOf(net, transition).kind === 'fail'

test('N3: without a failure every order ends with one token, in `o`', () => {
  forAll((net, dice) => {
    const marking = exhausted(net, dice, each => !fails(net, each))
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
