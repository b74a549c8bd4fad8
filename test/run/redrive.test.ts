/** A redrive: what is known is not done again, in the order of then; what was undone or lost is not known. */
import { describe, expect, it } from 'vitest'
import { ctx, signalRun } from 'tutti'
import { follower } from '../../src/run/downstream.ts'
import { memoryStore, type Store } from '../../src/store/index.ts'
import {
  apply,
  awaits,
  eventsOf,
  graphOf,
  literal,
  node,
  out,
  outputOf,
  param,
  region,
  RUN,
  sleep,
  stage,
  step,
  told,
} from './graphs.ts'
import { settled, virtualClock } from './virtual-clock.ts'

const HOUR = 3_600_000

/** Fails until it is mended. */
function mendable() {
  const world = { isBroken: true }
  const last = () => {
    if (world.isBroken) throw new Error('broken')
    return ctx().step
  }
  return { world, tasks: { last } }
}

const settledKnown = async (store: Store): Promise<readonly string[]> =>
  (await eventsOf(store)).flatMap(event => (event.kind === 'step.settled' && event.origin ? [event.step] : []))

describe('O1: known are', () => {
  it('outcomes of steps, instants that have come and signals; only the rest is done', async () => {
    const clock = virtualClock()
    const store = memoryStore()
    const { world, tasks } = mendable()
    const graph = graphOf(
      [
        step('first'),
        sleep('nap', HOUR),
        awaits('ask', 'answer'),
        step('last', [], { after: ['first', 'nap', 'ask'] }),
      ],
      { kind: 'list', items: [out('first'), out('nap'), out('ask'), out('last')] },
    )
    const run = stage(store, graph, { clock, tasks })
    const begun = await run.start()
    await settled()
    await signalRun(store, RUN, { signal: 'answer', value: { by: 'ada' } })
    await clock.until(begun.session.ended)
    const nowMs = clock.now()
    world.isBroken = false
    const again = await run.redrive()
    await clock.until(again.session.ended)
    expect(await outputOf(again)).toEqual(['first', undefined, { by: 'ada' }, 'last'])
    expect(clock.now()).toBe(nowMs)
    expect(run.ran).toEqual(['first', 'last', 'last'])
    expect(await settledKnown(store)).toEqual(['first', 'ask', 'nap'])
  })

  it('signals that came and were not taken yet, and those that added items', async () => {
    const clock = virtualClock()
    const store = memoryStore()
    const { world, tasks } = mendable()
    const each = node('each', {
      kind: 'each',
      // One that may grow ends when it has no unfinished item.
      items: literal(['a']),
      key: param('item'),
      body: region([step('use')], param('item'), ['item', 'index']),
      more: { signal: 'item', type: {} },
    })
    const graph = graphOf(
      [
        awaits('hold', 'go'),
        each,
        step('last', [], { after: ['hold'] }),
        awaits('later', 'early', { after: ['last'] }),
      ],
      { kind: 'list', items: [out('each'), out('later')] },
    )
    const run = stage(store, graph, { clock, tasks: { ...tasks, use: () => settled() } })
    const begun = await run.start()
    while (run.ran.length === 0) await new Promise(resolve => setImmediate(resolve))
    await signalRun(store, RUN, { signal: 'item', value: 'b' })
    await signalRun(store, RUN, { signal: 'early', value: 7 })
    await signalRun(store, RUN, { signal: 'go', value: 0 })
    await clock.until(begun.session.ended)
    world.isBroken = false
    const again = await run.redrive()
    await clock.until(again.session.ended)
    expect(await outputOf(again)).toEqual([['a', 'b'], 7])
    expect(run.ran.filter(name => name.endsWith('use'))).toEqual(['each[a]/use', 'each[b]/use'])
  })

  it('the turns of a loop, up to the one that is done again', async () => {
    const store = memoryStore()
    const { world, tasks } = mendable()
    const loop = node('loop', {
      kind: 'loop',
      init: literal(0),
      condition: apply('less', param('state'), literal(4)),
      test: 'while',
      body: region([step('turn')], apply('next', param('state')), ['state', 'turn']),
    })
    const pure = { less: (n: number, max: number) => n < max, next: (n: number) => n + 1 }
    const run = stage(store, graphOf([loop, step('last', [], { after: ['loop'] })]), { tasks, pure })
    await (await run.start()).session.ended
    run.ran.length = 0
    world.isBroken = false
    await (await run.redrive(['loop[2]/turn'])).session.ended
    expect(run.ran).toEqual(['loop[2]/turn', 'loop[3]/turn', 'last'])
  })
})

const arms = (nodes: { readonly [label: string]: ReturnType<typeof step>[] }) =>
  Object.fromEntries(Object.entries(nodes).map(([label, each]) => [label, region(each, literal(label))]))

it('a redrive of more than a turn holds is not called idle in between', async () => {
  const store = memoryStore()
  const { world, tasks } = mendable()
  const graph = graphOf([
    ...Array.from({ length: 3_000 }, (_, index) => step(`x${index}`)),
    step('last', [], { after: ['x0'] }),
  ])
  const run = stage(store, graph, { tasks, whenIdle: 'pause' })
  await (await run.start()).session.ended
  world.isBroken = false
  run.ran.length = 0
  const again = await run.redrive()
  expect(await again.session.ended).toEqual({ kind: 'ended', status: 'succeeded' })
  // A failure stops the others, so not all of them had run.
  const known = (await settledKnown(store)).length
  expect(run.ran.length).toBe(3_001 - known)
  expect(known).toBeGreaterThan(0)
})

describe('O2, R4: a race', () => {
  it('keeps its winner, though the other arm is known as well and comes first', async () => {
    const store = memoryStore()
    const { world, tasks } = mendable()
    let letGo: (value: unknown) => void = () => undefined
    const race = node('race', {
      kind: 'race',
      // Its first step is known; its second one never ran.
      arms: arms({ a: [step('slow'), step('more', [], { after: ['slow'] })], b: [step('quick')] }),
    })
    const slow = async () => {
      await new Promise(resolve => (letGo = resolve))
      return 'slow'
    }
    const quick = async () => {
      letGo(0)
      await settled()
      return 'quick'
    }
    const more = () => new Promise(resolve => ctx().signal.addEventListener('abort', resolve))
    const graph = graphOf([race, step('last', [], { after: ['race'] })], out('race', 0, ['won']))
    const run = stage(store, graph, { tasks: { ...tasks, slow, quick, more } })
    const begun = await run.start()
    await begun.session.ended
    world.isBroken = false
    run.ran.length = 0
    const again = await run.redrive()
    await again.session.ended
    expect(await outputOf(again)).toBe('b')
    expect(run.ran).toEqual(['last'])
  })
})

describe('O3: not known is', () => {
  it('what was undone, and what follows from it', async () => {
    const store = memoryStore()
    const { world, tasks } = mendable()
    const undo = (id: string, extra = {}) => ({
      ...step(id, [], extra),
      undo: { captures: {}, body: region([step('undo')], literal(null), ['value']) },
    })
    const graph = graphOf([
      undo('book'),
      step('note', [out('book')]),
      step('other'),
      step('last', [], { after: ['note', 'other'] }),
    ])
    const run = stage(store, graph, { tasks })
    await (await run.start()).session.ended
    expect(run.ran).toEqual(['book', 'other', 'note', 'last', 'book.undo/undo'])
    run.ran.length = 0
    const failed = await run.redrive()
    await failed.session.ended
    // It fails again, and is undone again.
    expect(run.ran).toEqual(['book', 'note', 'last', 'book.undo/undo'])
    run.ran.length = 0
    world.isBroken = false
    const again = await run.redrive()
    expect(await again.session.ended).toEqual({ kind: 'ended', status: 'succeeded' })
    expect(run.ran).toEqual(['book', 'note', 'last'])
  })

  it('what lost, when the race is run again', async () => {
    const store = memoryStore()
    const { world, tasks } = mendable()
    const race = node('race', {
      kind: 'race',
      arms: arms({ a: [step('kept')], b: [step('quick'), step('never', [], { after: ['quick'] })] }),
    })
    // It succeeds although its arm has lost: that is kept in the log, for what may have to be undone.
    const kept = () => new Promise(resolve => ctx().signal.addEventListener('abort', () => resolve('kept')))
    const graph = graphOf([race, step('last', [], { after: ['race'] })], out('race', 0, ['won']))
    const run = stage(store, graph, { tasks: { ...tasks, kept, never: settled } })
    await (await run.start()).session.ended
    expect(told(await eventsOf(store))).toContain('step.settled race.a/kept')
    run.ran.length = 0
    world.isBroken = false
    const again = await run.redrive(['race.b/never'])
    await again.session.ended
    expect(await outputOf(again)).toBe('b')
    expect(run.ran.sort()).toEqual(['last', 'race.a/kept', 'race.b/never'])
  })

  it('what an earlier redrive was told to do again, and failed', async () => {
    const store = memoryStore()
    const { world, tasks } = mendable()
    let isFirstBroken = false
    const first = () => {
      if (isFirstBroken) throw new Error('broken too')
      return 1
    }
    const run = stage(store, graphOf([step('first'), step('last', [], { after: ['first'] })]), {
      tasks: { ...tasks, first },
    })
    await (await run.start()).session.ended
    isFirstBroken = true
    await (await run.redrive(['first'])).session.ended
    isFirstBroken = false
    world.isBroken = false
    run.ran.length = 0
    await (await run.redrive()).session.ended
    expect(run.ran).toEqual(['first', 'last'])
  })
})

describe('what follows from a step', () => {
  const body = (nodes: ReturnType<typeof step>[]) => region(nodes, literal(null), ['state', 'turn'])
  const graph = graphOf([
    step('a'),
    step('b', [out('a')]),
    step('c'),
    node(
      'loop',
      {
        kind: 'loop',
        init: literal(0),
        condition: literal(true),
        test: 'while',
        body: body([step('x'), step('y', [], { after: ['x'] })]),
      },
      { after: ['b'] },
    ),
    node('try', {
      kind: 'attempt',
      body: region([step('x')]),
      handlers: [{ errors: [], body: region([step('h')], literal(0), ['error']) }],
      finalizer: region([step('f')]),
    }),
    node('each', { kind: 'each', items: literal([1]), body: region([step('x')], literal(0), ['item', 'index']) }),
  ])
  it.each([
    ['a', 'b', true],
    ['a', 'c', false],
    ['a', 'loop[3]/y', true],
    ['b', 'a', false],
    ['loop[1]/x', 'loop[1]/y', true],
    ['loop[1]/y', 'loop[1]/x', false],
    ['loop[1]/y', 'loop[2]/x', true],
    ['loop[2]/x', 'loop[1]/y', false],
    ['loop[2]/x', 'loop[10]/y', true],
    ['try.body/x', 'try.catch/h', true],
    ['try.body/x', 'try.body[1]/x', true],
    ['try.body[1]/x', 'try.body/x', false],
    ['try.catch/h', 'try.body[1]/x', false],
    ['try.catch/h', 'try.finally/f', true],
    ['each[0]/x', 'each[1]/x', false],
  ])('%s: %s, %s', (from, to, expected) => {
    expect(follower(graph, [from])(to)).toBe(expected)
  })
})
