/** Who gets slots: of the shell, of a pool of this process, and of one that all processes of a store share. */
import { describe, expect, it } from 'vitest'
import type { Policy } from '../../src/core/index.ts'
import { type Candidate, newScheduler } from '../../src/run/scheduler.ts'
import { memoryStore, newMemory, type Store } from '../../src/store/index.ts'
import { virtualClock } from './virtual-clock.ts'

/** A scheduler, and the names of whom it granted, in order. */
function scheduling(slots = 10, store: Store = memoryStore(), clock = virtualClock()) {
  const granted: string[] = []
  const candidates = new Map<string, Candidate>()
  const scheduler = newScheduler({
    slots,
    shared: store.slots,
    clock,
    wake: () => void scheduler.grantNext(1_000),
    busyAt: 4,
  })
  return {
    granted,
    clock,
    scheduler,
    add(name: string, pool?: Policy['pool'], priority = 0, grant: 'runs' | 'is gone' = 'runs', ahead = 0) {
      const candidate: Candidate = {
        pool,
        priority,
        step: name,
        prospect: { ahead: () => ahead, learn: async () => undefined },
        weight: name.startsWith('flow') ? 0 : 1,
        grant: () => {
          if (grant === 'runs') granted.push(name)
          return grant === 'runs'
        },
      }
      candidates.set(name, candidate)
      scheduler.add(candidate)
    },
    go: (limit = 1_000) => scheduler.grantNext(limit),
    done(name: string) {
      scheduler.release(candidates.get(name)!)
      scheduler.grantNext(1_000)
    },
  }
}

const ACROSS = ['process', 'store'] as const

describe.each(ACROSS)('a pool of the %s', across => {
  const pool = (weight?: number) => ({ name: 'gpu', slots: 3, across, ...(weight === undefined ? {} : { weight }) })

  it('has its slots and no more', async () => {
    const { add, go, done, granted, clock } = scheduling()
    for (const name of ['a', 'b', 'c', 'd', 'e']) add(name, pool())
    add('other')
    go()
    expect(granted.sort()).toEqual(['a', 'b', 'c', 'other'])
    done('b')
    await clock.advance(60)
    expect(granted.slice(4)).toEqual(['d'])
  })

  it('counts weights, and lets nobody overtake one that needs many', async () => {
    const { add, go, done, granted, clock } = scheduling()
    add('two', pool(2))
    add('heavy', pool(3))
    add('light', pool(1))
    go()
    expect(granted).toEqual(['two'])
    done('two')
    await clock.advance(60)
    expect(granted).toEqual(['two', 'heavy'])
    done('heavy')
    await clock.advance(60)
    expect(granted).toEqual(['two', 'heavy', 'light'])
  })

  it('serves the greater priority first, and then who came first', async () => {
    const { add, go, done, granted, clock } = scheduling()
    add('first', pool(3))
    go()
    add('low', pool(3), -1)
    add('b', pool(3), 5)
    add('c', pool(3), 5)
    for (const name of ['first', 'b', 'c']) {
      done(name)
      await clock.advance(60)
    }
    expect(granted).toEqual(['first', 'b', 'c', 'low'])
  })

  it('lets the longest way to the end go first of equal priority', async () => {
    const { add, go, done, granted, clock } = scheduling()
    add('first', pool(3))
    go()
    for (const [name, ahead] of [
      ['b', 2],
      ['c', 7],
      ['d', 2],
      ['e', 7],
    ] as const)
      add(name, pool(3), 0, 'runs', ahead)
    add('urgent', pool(3), 1)
    for (const name of ['first', 'urgent', 'c', 'e', 'b']) {
      done(name)
      await clock.advance(60)
    }
    expect(granted).toEqual(['first', 'urgent', 'c', 'e', 'b', 'd'])
  })

  it('takes no slot for flows, and gives back that of a step which need not run', async () => {
    const { add, go, granted, clock } = scheduling()
    add('gone', pool(3), 0, 'is gone')
    add('a', pool(3))
    for (const name of ['flow 1', 'flow 2']) add(name, pool(3))
    go()
    await clock.advance(60)
    expect(granted.sort()).toEqual(['a', 'flow 1', 'flow 2'])
  })
})

it('who came first goes first, whatever pool he needs', () => {
  const { add, done, granted } = scheduling(1)
  add('a')
  add('b', { name: 'gpu', slots: 3 })
  add('c')
  add('d', { name: 'gpu', slots: 3 })
  for (const name of ['a', 'b', 'c']) {
    add(`after ${name}`, undefined, -1)
    if (granted.length === 0) add('first', undefined, 1)
    done(granted.at(-1) ?? 'a')
  }
  expect(granted.slice(0, 3)).toEqual(['first', 'a', 'b'])
})

it('20,000 candidates of as many lengths are no load', () => {
  const { add, go, granted } = scheduling(Number.POSITIVE_INFINITY)
  for (let index = 0; index < 20_000; index += 1) add(`s${index}`, undefined, 0, 'runs', (index * 7_919) % 100_003)
  expect(go(100_000)).toBe(20_000)
  const places = granted.slice(0, 3).map(name => (Number(name.slice(1)) * 7_919) % 100_003)
  expect(places).toEqual([...places].sort((a, b) => b - a))
})

it('100,000 candidates are queue entries', () => {
  const { add, go, granted } = scheduling(Number.POSITIVE_INFINITY)
  for (let index = 0; index < 100_000; index += 1) add(`s${index}`, undefined, index % 3)
  expect(go(100_000)).toBe(100_000)
  expect(granted[0]).toBe('s2')
  expect(granted.at(-1)).toBe('s99999')
})

describe('a pool of the store', () => {
  const gpu = { name: 'gpu', slots: 2, across: 'store' } as const

  it('is shared by two shells in turns, and polled only while somebody waits', async () => {
    const memory = newMemory()
    const clock = virtualClock()
    const [one, two] = [scheduling(10, memoryStore(memory), clock), scheduling(10, memoryStore(memory), clock)]
    for (const n of [1, 2, 3]) one.add(`one ${n}`, gpu)
    for (const n of [1, 2, 3]) two.add(`two ${n}`, gpu)
    one.go()
    two.go()
    expect([one.granted, two.granted]).toEqual([['one 1', 'one 2'], []])
    // Both wait; whoever waits longest is next, whichever of them gives a slot back.
    one.done('one 1')
    await clock.advance(50)
    expect([one.granted, two.granted]).toEqual([['one 1', 'one 2', 'one 3'], []])
    one.done('one 2')
    await clock.advance(50)
    expect(two.granted).toEqual(['two 1'])
    one.done('one 3')
    await clock.advance(50)
    two.done('two 1')
    await clock.advance(50)
    expect(two.granted).toEqual(['two 1', 'two 2', 'two 3'])
    expect(clock.pending).toEqual([])
  })

  it('is let go of when its shell has nothing left to do', async () => {
    const memory = newMemory()
    const clock = virtualClock()
    const [one, two] = [scheduling(10, memoryStore(memory), clock), scheduling(10, memoryStore(memory), clock)]
    for (const name of ['a', 'b', 'c']) one.add(name, gpu)
    one.go()
    two.add('d', gpu)
    two.go()
    expect(two.granted).toEqual([])
    one.scheduler.close()
    await clock.advance(50)
    expect(two.granted).toEqual(['d'])
    expect(clock.pending).toEqual([])
  })
})
