/** Virtual time: it jumps, in order, and only when the world is quiet. */
import { setTimeout as later } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { newAgenda } from '../../src/sim/agenda.ts'
import { newRandom } from '../../src/sim/random.ts'

/** Long enough that nothing here meets it. */
const PATIENCE_MS = 20_000

test('A1: time never goes back, and nothing is called before its instant', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 50 })), fc.array(fc.nat()), (instants, takenBack) => {
      const agenda = newAgenda(10, undefined)
      const called: (readonly [number, number])[] = []
      const undo = instants.map((atMs, index) => agenda.at(atMs, () => called.push([agenda.nowMs, index])))
      const gone = new Set(takenBack.map(each => each % Math.max(1, instants.length)))
      for (const index of gone) undo[index]?.()
      while (agenda.nextMs !== undefined) agenda.advance()
      const expected = instants
        .map((atMs, index) => [Math.max(10, atMs), index] as const)
        .filter(([, index]) => !gone.has(index))
        .sort(([a, first], [b, second]) => a - b || first - second)
      expect(called).toEqual(expected)
    }),
  )
})

test('entries that were taken back are forgotten, many or few', () => {
  const agenda = newAgenda(0, undefined)
  const called: number[] = []
  for (let index = 0; index < 5_000; index += 1) {
    const takeBack = agenda.at(index, () => called.push(index))
    if (index % 1_000 === 0) continue
    takeBack()
    takeBack()
  }
  while (agenda.nextMs !== undefined) agenda.advance()
  expect(called).toEqual([0, 1_000, 2_000, 3_000, 4_000])
})

describe('A2: entries of one instant', () => {
  const orderOf = (seed: number | undefined): string => {
    const agenda = newAgenda(0, seed === undefined ? undefined : newRandom(seed, 'order'))
    let order = ''
    for (const letter of 'abcd') agenda.at(5, () => (order += letter))
    while (agenda.nextMs !== undefined) agenda.advance()
    return order
  }

  test('come in their order without a seed', () => expect(orderOf(undefined)).toBe('abcd'))
  test('come in the same order for the same seed', () => expect(orderOf(7)).toBe(orderOf(7)))
  test('come in every order for some seed', () => {
    const orders = new Set(Array.from({ length: 500 }, (_, seed) => orderOf(seed)))
    expect(orders.size).toBe(24)
  })
})

describe('A3: the world is quiet', () => {
  test('when what was to come soon has come, and what follows from it', async () => {
    const agenda = newAgenda(0, undefined)
    const seen: string[] = []
    agenda.soon(async () => {
      seen.push('soon')
      for (let turn = 0; turn < 100; turn += 1) await undefined
      agenda.soon(() => seen.push('later'))
    })
    await agenda.quiet(PATIENCE_MS)
    expect(seen).toEqual(['soon', 'later'])
  })

  test('when what works has ended, or waits itself', async () => {
    const agenda = newAgenda(0, undefined)
    const [ending, pausing] = [agenda.work('ending'), agenda.work('pausing')]
    const seen: string[] = []
    setImmediate(() => {
      seen.push('works')
      ending.end()
      ending.resume()
      pausing.pause()
    })
    await agenda.quiet(PATIENCE_MS)
    expect(seen).toEqual(['works'])
    pausing.resume()
    expect(await Promise.race([agenda.quiet(PATIENCE_MS), later(20, 'not quiet')])).toBe('not quiet')
    pausing.end()
  })

  test('or somebody has had enough, and says what is still at work', async () => {
    const agenda = newAgenda(0, undefined)
    agenda.work('slow')
    await expect(agenda.quiet(5)).rejects.toMatchObject({ name: 'Hanging', works: ['slow'] })
  })

  test('each jump of time is told once, to those who still want to hear', () => {
    const agenda = newAgenda(0, undefined)
    const jumps: number[] = []
    const stop = agenda.onJump(() => jumps.push(agenda.nowMs))
    for (const atMs of [1, 1, 2, 3]) agenda.at(atMs, () => atMs === 2 && stop())
    while (agenda.nextMs !== undefined) agenda.advance()
    expect(jumps).toEqual([1, 2])
  })
})
