/** What is asked of a run, from its own process and from others: signals, cancels, retries; done once, and refused clearly. */
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { cancelRun, retryStep, signalRun } from 'tutti'
import { memoryStore, newMemory } from '../../src/store/index.ts'
import { Refusal } from '../../src/util/diagnostic.ts'
import {
  awaits,
  eventsOf,
  graphOf,
  literal,
  node,
  out,
  outputOf,
  param,
  policy,
  region,
  RUN,
  stage,
  step,
  told,
} from './graphs.ts'
import { settled, virtualClock } from './virtual-clock.ts'

const approval = z.object({ by: z.string().transform(name => name.toUpperCase()) })
const waiting = graphOf([awaits('approved', 'approval'), step('use', [out('approved')])], out('use'))
const tasks = { use: (given: unknown) => given }
const signals = { approval }

async function codeOf(work: () => Promise<unknown>): Promise<string> {
  try {
    return String(await work())
  } catch (error) {
    if (error instanceof Refusal) return error.diagnostics.map(({ code, hint }) => `${code}: ${hint ?? ''}`).join()
    throw error
  }
}

const WHERE = ['in this process', 'in another process'] as const

/** A run, and a store through which it is asked: its own, or that of another process. */
async function begun(where: (typeof WHERE)[number], graph = waiting, options: Parameters<typeof stage>[2] = {}) {
  const memory = newMemory()
  const store = memoryStore(memory)
  const launched = await stage(store, graph, { tasks, signals, ...options }).start()
  await settled()
  return { store, launched, from: where === 'in this process' ? store : memoryStore(memory), memory }
}

describe.each(WHERE)('a signal to a run %s', where => {
  it('is validated, taken and told of as done', async () => {
    const { launched, from } = await begun(where)
    expect(await signalRun(from, RUN, { signal: 'approval', value: { by: 'ada' } })).toBe('done')
    expect(await launched.session.ended).toEqual({ kind: 'ended', status: 'succeeded' })
    expect(await outputOf(launched)).toEqual({ by: 'ADA' })
  })

  it('is refused when it is none of the run’s, or not what its validator takes', async () => {
    const { launched, from } = await begun(where)
    const code = (signal: string, value: unknown) => codeOf(() => signalRun(from, RUN, { signal, value }))
    expect(await code('aproval', 1)).toBe('SIGNAL_UNKNOWN: Did you mean approval?')
    expect(await code('approval', { by: 7 })).toMatch(/^SIGNAL_INVALID/)
    await launched.session.pause()
  })

  it('that nobody keeps is refused as lost', async () => {
    const graph = graphOf([step('hold'), awaits('later', 'tick', { early: 'transient', after: ['hold'] })])
    let go = (_: unknown): void => undefined
    const hold = () => new Promise(resolve => (go = resolve))
    const { launched, from } = await begun(where, graph, { tasks: { hold } })
    await settled()
    const code = await codeOf(() => signalRun(from, RUN, { signal: 'tick', value: 1 }))
    expect(code).toBe('SIGNAL_LOST: Send it when the run waits for it.')
    go(0)
    await settled()
    expect(await signalRun(from, RUN, { signal: 'tick', value: 1 })).toBe('done')
    expect(await launched.session.ended).toEqual({ kind: 'ended', status: 'succeeded' })
  })

  it('is taken once for each id', async () => {
    const graph = graphOf([awaits('one', 's'), awaits('two', 's', { after: ['one'] })], {
      kind: 'list',
      items: [out('one'), out('two')],
    })
    const { launched, from } = await begun(where, graph)
    const send = (value: number, id?: string) =>
      signalRun(from, RUN, { signal: 's', value, ...(id === undefined ? {} : { id }) })
    expect([await send(1, 'x'), await send(2, 'x'), await send(3)]).toEqual(['done', 'done', 'done'])
    await launched.session.ended
    expect(await outputOf(launched)).toEqual([1, 3])
  })

  it('comes in the order of sending, however long a validator takes', async () => {
    const graph = graphOf([awaits('one', 's'), awaits('two', 's', { after: ['one'] })], {
      kind: 'list',
      items: [out('one'), out('two')],
    })
    const slowFirst = z.number().refine(async n => {
      if (n === 1) await settled()
      return true
    })
    const { launched, from } = await begun(where, graph, { signals: { s: slowFirst } })
    await Promise.all([1, 2].map(value => signalRun(from, RUN, { signal: 's', value })))
    await launched.session.ended
    expect(await outputOf(launched)).toEqual([1, 2])
  })
})

describe('a letter', () => {
  it('to a run that is not there, or has ended, is refused', async () => {
    const store = memoryStore()
    const asks = [
      () => signalRun(store, RUN, { signal: 's', value: 1 }),
      () => cancelRun(store, RUN),
      () => retryStep(store, RUN, { step: 'a' }),
    ]
    for (const ask of asks) expect(await codeOf(ask)).toMatch(/^RUN_UNKNOWN/)
    const { session } = await stage(store, graphOf([step('a')])).start()
    await session.ended
    expect(await codeOf(() => cancelRun(store, RUN))).toMatch(/^RUN_ENDED/)
    expect(await codeOf(() => retryStep(store, RUN, { step: 'a' }))).toMatch(/^RUN_ENDED/)
  })

  it('to a run that ends before it is read is refused, and its sender told', async () => {
    const { launched, from, store } = await begun('in another process')
    const sent = codeOf(() => signalRun(from, RUN, { signal: 'approval', value: { by: 7 } }))
    const ended = cancelRun(store, RUN)
    expect(await ended).toBe('done')
    await launched.session.ended
    expect(await sent).toMatch(/^(RUN_ENDED|SIGNAL_INVALID)/)
    expect(from.mailbox.open(new Set([RUN]))).toEqual([])
  })

  it('to a run that nobody runs is kept, and done at its resumption', async () => {
    const { launched, from, memory } = await begun('in another process')
    await settled()
    await launched.session.pause()
    expect(await signalRun(from, RUN, { signal: 'approval', value: { by: 'ada' } })).toBe('kept')
    const store = memoryStore(memory)
    const again = await stage(store, waiting, { tasks, signals }).resume()
    expect(await again.session.ended).toEqual({ kind: 'ended', status: 'succeeded' })
    expect(await outputOf(again)).toEqual({ by: 'ADA' })
    expect(store.mailbox.open(new Set([RUN]))).toEqual([])
  })

  it('that was kept, and turns out to be wrong, is told of by the run itself', async () => {
    const { launched, from, memory } = await begun('in another process')
    await launched.session.pause()
    expect(await signalRun(from, RUN, { signal: 'approval', value: { by: 7 } })).toBe('kept')
    const lines: string[] = []
    const store = memoryStore(memory)
    const onLine = ({ text }: { readonly text: string }): void => void lines.push(text)
    const again = await stage(store, waiting, { tasks, signals, onLine }).resume()
    while (store.mailbox.open(new Set([RUN])).length > 0) await settled()
    expect(lines.join()).toMatch(/^warning: SIGNAL_INVALID: approval.by: /)
    expect(again.session.waiting()).toEqual([{ kind: 'signal', step: 'approved', signal: 'approval' }])
    await again.session.pause()
  })

  it('whose receiver died before it could say so is delivered again, and changes nothing', async () => {
    const memory = newMemory()
    const dying = memoryStore(memory)
    const graph = graphOf([awaits('one', 's'), awaits('two', 's', { after: ['one'] })])
    const begunRun = await stage({ ...dying, mailbox: { ...dying.mailbox, reply: () => dying.kill() } }, graph).start()
    await settled()
    const from = memoryStore(memory)
    const sent = signalRun(from, RUN, { signal: 's', value: 1 })
    await begunRun.session.ended
    expect(await sent).toBe('kept')
    const store = memoryStore(memory)
    const { session } = await stage(store, graph).resume()
    while (store.mailbox.open(new Set([RUN])).length > 0) await settled()
    const received = told(await eventsOf(store)).filter(each => each.startsWith('signal.received'))
    expect(received).toEqual(['signal.received one'])
    await session.pause()
  })

  it('asks for another try of a step that is parked, and of no other', async () => {
    let isBroken = true
    const flaky = () => {
      if (isBroken) throw new Error('no')
      return 'mended'
    }
    const graph = graphOf([step('flaky', [], policy({ exhausted: 'park' })), awaits('never', 's')])
    const { launched, from } = await begun('in another process', graph, { tasks: { flaky } })
    await settled()
    const retry = (name: string) => codeOf(() => retryStep(from, RUN, { step: name }))
    expect(await retry('never')).toMatch(/^STEP_NOT_PARKED/)
    expect(await retry('nothing/here')).toMatch(/^STEP_UNKNOWN/)
    isBroken = false
    expect(await retry('flaky')).toBe('done')
    expect(await signalRun(from, RUN, { signal: 's', value: 0 })).toBe('done')
    expect(await launched.session.ended).toEqual({ kind: 'ended', status: 'succeeded' })
  })
})

describe('a cancel', () => {
  const parts = graphOf([
    node('part', { kind: 'scope', body: region([awaits('inner', 'never')]) }),
    awaits('other', 'go'),
  ])

  it('of a scope or a step stops that part only', async () => {
    for (const part of [
      { scope: 'part.body/' },
      { step: 'part/inner'.replace('part/', 'part.body/') },
      { step: 'part' },
    ]) {
      const { launched, from } = await begun('in another process', parts)
      await settled()
      expect(await cancelRun(from, RUN, { reason: 'enough', ...part })).toBe('done')
      await launched.session.ended
      expect(launched.session.state.phase).toMatchObject({ fault: { code: 'CANCELLED', message: 'enough' } })
    }
  })

  it('reaches running attempts and timers, and may come twice', async () => {
    const clock = virtualClock()
    const stopped: string[] = []
    const graph = graphOf([step('busy'), node('nap', { kind: 'wait', on: { kind: 'timer', duration: literal(1e9) } })])
    const memory = newMemory()
    const store = memoryStore(memory)
    const busy = async () => {
      const { signal } = (await import('tutti')).ctx()
      await new Promise(resolve => signal.addEventListener('abort', resolve))
      stopped.push('busy')
      throw new Error('stopped')
    }
    const { session } = await stage(store, graph, { clock, tasks: { busy } }).start()
    await settled()
    expect(clock.pending.length).toBe(1)
    // The second one may find the run ended.
    const cancels = await Promise.allSettled([cancelRun(store, RUN), cancelRun(store, RUN)])
    expect(cancels[0]).toEqual({ status: 'fulfilled', value: 'done' })
    expect(await session.ended).toEqual({ kind: 'ended', status: 'cancelled' })
    expect(stopped).toEqual(['busy'])
    expect(clock.pending).toEqual([])
  })
})

it('a signal that adds items to an each goes to it, also when it is resumed', async () => {
  const memory = newMemory()
  const store = memoryStore(memory)
  const more = node('all', {
    kind: 'each',
    items: literal([1]),
    key: { kind: 'param', param: 'item', up: 0, path: [] },
    body: region([awaits('open', 'go'), step('use', [param('item')], { after: ['open'] })], out('use'), [
      'item',
      'index',
    ]),
    more: { signal: 'item', type: {} },
  })
  const graph = graphOf([more], out('all'))
  const first = await stage(store, graph, { tasks }).start()
  await settled()
  expect(await signalRun(store, RUN, { signal: 'item', value: 2 })).toBe('done')
  await first.session.pause()
  const again = await stage(memoryStore(memory), graph, { tasks }).resume()
  const other = memoryStore(memory)
  expect(await signalRun(other, RUN, { signal: 'item', value: 3 })).toBe('done')
  for (const _ of [1, 2, 3]) await signalRun(other, RUN, { signal: 'go', value: 0 })
  await again.session.ended
  expect(await outputOf(again)).toEqual([1, 2, 3])
})
