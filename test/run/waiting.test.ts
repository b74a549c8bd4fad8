/** What a run waits for, when it stops waiting, and that nothing parked is lost. */
import { describe, expect, it } from 'vitest'
import { effect, flow, retryStep, run } from 'tutti'
import { definitionOf } from '../../src/dsl/definition.ts'
import { memoryStore, newMemory } from '../../src/store/index.ts'
import { awaits, eventsOf, graphOf, node, outputOf, policy, region, RUN, sleep, stage, step, told } from './graphs.ts'
import { settled, virtualClock } from './virtual-clock.ts'

const HOUR = 3_600_000
const broken = (): never => {
  throw new Error('broken')
}
const parks = policy({ exhausted: 'park' })
const held = policy({ locks: [{ name: 'db', of: 'run' }] })

describe('a run', () => {
  it('in which only parked steps are left pauses, and says which', async () => {
    const store = memoryStore()
    const graph = graphOf([step('broken', [], parks), step('fine'), step('after', [], { after: ['broken'] })])
    const { start, ran } = stage(store, graph, { tasks: { broken } })
    const { session } = await start()
    expect(await session.ended).toEqual({ kind: 'paused', waiting: [{ kind: 'parked', step: 'broken' }] })
    expect(ran).toEqual(['broken', 'fine'])
    expect(store.leases.holder(RUN)).toBe(undefined)
  })

  it('that is resumed with nothing but parked steps pauses again, and runs nothing', async () => {
    const memory = newMemory()
    const graph = graphOf([step('broken', [], parks)])
    const first = await stage(memoryStore(memory), graph, { tasks: { broken } }).start()
    await first.session.ended
    const again = stage(memoryStore(memory), graph, { tasks: { broken } })
    const { session } = await again.resume()
    expect(await session.ended).toEqual({ kind: 'paused', waiting: [{ kind: 'parked', step: 'broken' }] })
    expect(again.ran).toEqual([])
  })

  it('does a retry that was asked for while nobody ran it', async () => {
    const memory = newMemory()
    const store = memoryStore(memory)
    const graph = graphOf([step('broken', [], parks)])
    const first = await stage(store, graph, { tasks: { broken } }).start()
    await first.session.ended
    expect(await retryStep(store, RUN, { step: 'broken' })).toBe('kept')
    const again = await stage(store, graph, { tasks: { broken: () => 'mended' } }).resume()
    expect(await again.session.ended).toEqual({ kind: 'ended', status: 'succeeded' })
    expect(told(await eventsOf(store)).filter(each => each.endsWith(' broken'))).toEqual([
      'attempt.started broken',
      'step.parked broken',
      'step.retried broken',
      'attempt.started broken',
      'step.settled broken',
    ])
  })

  it('with a parked step and something else to wait for goes on waiting', async () => {
    const clock = virtualClock()
    const graph = graphOf([step('broken', [], parks), sleep('nap', HOUR)])
    const { session } = await stage(memoryStore(), graph, { clock, tasks: { broken } }).start()
    const startMs = clock.now()
    expect(await clock.until(session.ended)).toMatchObject({ kind: 'paused', waiting: [{ kind: 'parked' }] })
    expect(clock.now() - startMs).toBe(HOUR)
  })

  it('with whenIdle: pause stops as soon as nothing but waiting is left, and tells it all', async () => {
    const clock = virtualClock()
    const memory = newMemory()
    const again = policy({
      retry: [{ times: 9, backoff: 'fixed', delayMs: HOUR, delayMsMax: HOUR, jitter: 'none' }],
    })
    const graph = graphOf([
      step('work'),
      step('broken', [], parks),
      step('broken2', [], again),
      sleep('nap', 2 * HOUR),
      awaits('ask', 'answer'),
      node('holder', { kind: 'scope', body: region([awaits('inner', 'never')]) }, held),
      step('locked', [], held),
    ])
    const options = { clock, tasks: { broken }, whenIdle: 'pause' } as const
    const { start, ran } = stage(memoryStore(memory), graph, options)
    const startMs = clock.now()
    const { session } = await start()
    const end = await clock.until(session.ended)
    expect(clock.now()).toBe(startMs)
    const waiting = [
      { kind: 'parked', step: 'broken' },
      { kind: 'timer', step: 'broken2', dueAtMs: startMs + HOUR },
      { kind: 'timer', step: 'nap', dueAtMs: startMs + 2 * HOUR },
      { kind: 'signal', step: 'ask', signal: 'answer' },
      { kind: 'lock', step: 'locked', locks: ['db'] },
      { kind: 'signal', step: 'holder.body/inner', signal: 'never' },
    ]
    expect(end).toEqual({ kind: 'paused', waiting })
    expect(ran.sort()).toEqual(['broken', 'broken2', 'work'])
    const resumed = await stage(memoryStore(memory), graph, options).resume()
    expect(await clock.until(resumed.session.ended)).toEqual({ kind: 'paused', waiting })
  })

  it('whose flow waits for a parked call pauses, and the flow goes on after the retry', async () => {
    const store = memoryStore()
    let isBroken = true
    const charge = effect(() => (isBroken ? broken() : 'charged'), { name: 'charge' })
    Object.assign(definitionOf(charge)?.policy ?? {}, { exhausted: 'park' })
    const whole = flow(async () => `${await charge()}!`)
    const first = await run(whole, { store, id: RUN })
    expect(first).toMatchObject({ kind: 'paused', waiting: [{ kind: 'parked' }] })
    isBroken = false
    const [parked] = first.kind === 'paused' ? first.waiting : []
    expect(await retryStep(store, RUN, { step: parked?.step ?? '' })).toBe('kept')
    expect(await run(whole, { store, id: RUN })).toMatchObject({ status: 'succeeded', output: 'charged!' })
  })
})

it('waiting() tells at any time', async () => {
  const { session } = await stage(memoryStore(), graphOf([awaits('ask', 'answer')])).start()
  await settled()
  expect(session.waiting()).toEqual([{ kind: 'signal', step: 'ask', signal: 'answer' }])
  await session.pause()
})

it('locks are held by one at a time, first come, first served, and over a crash', async () => {
  const memory = newMemory()
  const lives = { most: 0, now: 0, order: [] as string[] }
  const work = async () => {
    const { ctx } = await import('tutti')
    lives.now += 1
    lives.most = Math.max(lives.most, lives.now)
    lives.order.push(ctx().step)
    await settled()
    lives.now -= 1
  }
  const graph = graphOf([1, 2, 3, 4].map(n => step(`work${n}`, [], held)))
  const first = memoryStore(memory)
  const { session } = await stage(first, graph, { tasks: { work } }).start()
  while (lives.order.length < 2) await settled()
  first.kill()
  session.fail(new Error('killed'))
  while (lives.now > 0) await settled()
  const again = await stage(memoryStore(memory), graph, { tasks: { work } }).resume()
  expect(await again.session.ended).toEqual({ kind: 'ended', status: 'succeeded' })
  expect(lives.most).toBe(1)
  expect(lives.order).toEqual(['work1', 'work2', 'work2', 'work3', 'work4'])
  expect(await outputOf(again)).toBe(null)
})
