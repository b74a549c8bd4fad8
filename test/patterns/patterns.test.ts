/**
 * Each pattern's workflow takes every permitted trace and no other: all schedules are searched on the pure engine, and each
 * trace that is found is then forced once in the real shell.
 */
import { describe, expect, test } from 'vitest'
import { detach, effect, workflow } from '../../src/dsl/index.ts'
import { conformance } from './conformance.ts'
import { explore, type Exploration, runnableOf } from './explore.ts'
import { force } from './force.ts'
import type { Move, Scenario } from './scenario.ts'
import { SCENARIOS } from './scenarios.ts'

const searched = new Map<Scenario, Promise<Exploration>>()
function exploration(scenario: Scenario): Promise<Exploration> {
  const known = searched.get(scenario) ?? explore(scenario, { tasks: 'atomic' })
  searched.set(scenario, known)
  return known
}

const tracesOf = ({ traces }: Exploration): readonly string[] => [...traces.keys()].toSorted()
const endIn = ({ ends }: Scenario, trace: string): string => ends?.(trace.split(' ')) ?? 'succeeded'
const scenario = (number: number): Scenario => {
  const found = SCENARIOS.find(each => each.number === number)
  if (!found) throw new Error(`there is no pattern ${number}`)
  return found
}

test('all 43 are there', () => {
  expect(SCENARIOS.map(({ number }) => number)).toEqual(Array.from({ length: 43 }, (_, index) => index + 1))
})

describe.each(SCENARIOS)('$number $name', each => {
  const told = conformance?.get(each.number)

  test('the search finds as many traces as there are, and how each ends', async () => {
    const { traces } = await exploration(each)
    expect(traces.size).toBe(each.traces)
    expect([...traces].map(([trace, { end }]) => `${trace}: ${end}`)).toEqual(
      [...traces.keys()].map(trace => `${trace}: ${endIn(each, trace)}`),
    )
  })

  test.skipIf(!told)('these are the permitted ones, and none is impossible', async () => {
    const found = tracesOf(await exploration(each))
    expect(told?.name).toBe(each.name)
    expect(found).toEqual(told?.traces.map(trace => trace.join(' ')).toSorted())
    expect(told?.forbidden.map(trace => trace.join(' ')).filter(trace => found.includes(trace))).toEqual([])
  })

  if (!each.isAboutBeginnings)
    test('the same when tasks begin at any time before they are done', async () => {
      expect(tracesOf(await explore(each, { tasks: 'open' }))).toEqual(tracesOf(await exploration(each)))
    })

  test('each can be forced in the shell', async () => {
    const runnable = runnableOf(each)
    for (const [trace, { schedule }] of (await exploration(each)).traces) {
      const { marks, end, open } = await force(runnable, schedule)
      expect({ trace: marks.join(' '), end, open }).toEqual({ trace, end: endIn(each, trace), open: [] })
    }
  })
})

const done = (step: string): Move => ({ kind: 'complete', step, value: step, mark: step })
const begun = (step: string): Move => ({ kind: 'begin', step, mark: `${step}<` })

describe('what weak engines pass without', () => {
  const halfway = (number: number, ...moves: readonly Move[]) =>
    force(runnableOf(scenario(number)), { args: {}, moves: [...moves] })

  test('9 against 29: the loser runs on, or is stopped', async () => {
    const moves = [done('A'), begun('some.c/C'), done('some.b/B')]
    expect((await halfway(9, ...moves)).open).toEqual(['some.c/C'])
    expect((await halfway(29, done('A'), begun('race.c/C'), done('race.b/B'))).open).toEqual([])
  })

  test('12: the run waits at its end for what nothing waited for', async () => {
    const { end, open } = await halfway(12, done('A'), begun('each[0]/B'), done('C'))
    expect({ end, open }).toEqual({ end: 'waiting', open: ['each[0]/B', 'each[1]/B', 'each[2]/B'] })
  })

  test('16 against 4: both offers are there before the event, and none after it', async () => {
    const { awaited } = await halfway(16, { ...done('A'), value: { b: true, c: false } } as Move)
    expect(awaited).toEqual(['s', 't'])
    const s: Move = { kind: 'signal', signal: 's', told: 'taken', mark: 's' }
    expect((await halfway(16, { ...done('A'), value: {} } as Move, s)).awaited).toEqual([])
  })

  test('23 against 24: an early signal is lost, or kept', async () => {
    const early = (signal: string): Move => ({ kind: 'signal', signal, told: 'sent', mark: 's' })
    expect(await halfway(23, early('heard'), done('A'))).toMatchObject({ awaited: ['heard'], end: 'waiting' })
    expect(await halfway(24, early('kept'), done('A'), done('B'))).toMatchObject({ awaited: [], end: 'succeeded' })
  })
})

test('19: were a cancel performed later than at once, the search would see B begin after C', async () => {
  const { traces } = await explore(scenario(19), { tasks: 'atomic', cancels: 'late' })
  expect([...traces.keys()]).toEqual(expect.arrayContaining(['A C B<', 'A C B< B>', 'A B< C B>']))
})

test('the search tells tasks that exclude one another from tasks that do not', async () => {
  const [b, c] = [effect(() => 0, { name: 'B' }), effect(() => 0, { name: 'C' })]
  const beside = workflow(() => {
    detach(() => b())
    c()
  })
  const { traces } = await explore(
    { number: 40, name: 'not interleaved', workflow: beside, traces: 6, held: ['B', 'C'] },
    { tasks: 'atomic' },
  )
  expect(traces.has('B< C< B> C>')).toBe(true)
  expect(traces.size).toBe(6)
})
