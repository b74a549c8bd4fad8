/** A flow that crashed at any event goes on as if nothing had happened: no acknowledged effect runs twice. */
import { expect, test } from 'vitest'
import { ctx, effect, flow, now, random, type Ref, task, uuid, workflow } from 'tutti'
import { crashesOf, resume, settledIn } from './crashes.ts'

/** Steps that ran, in this life. */
let ran: string[] = []
const note = <T>(value: T): T => {
  ran.push(ctx().step)
  return value
}

const charge = effect((amount: number) => note({ left: amount - 1 }), { name: 'charge' })
const fail = effect(
  (text: string) => {
    note(text)
    throw Object.assign(new TypeError(text), { reason: 'planned' })
  },
  { name: 'fail' },
)
const double = task((n: number) => n * 2, { name: 'double' })
const twice = workflow((n: Ref<number>) => ({ sum: charge(double(n)).left }))
const inner = flow(async (n: number) => (await charge(n)).left + (await charge(n + 1)).left)

/** The first of two calls ends last: what comes in is in another order than what went out. */
const crossed = (): (() => Promise<void>) => {
  let release = (): void => undefined
  const other = new Promise<void>(resolve => {
    release = resolve
  })
  let calls = 0
  return async () => {
    if (++calls % 2 === 1 && calls === 1) await other
    else release()
  }
}

const FLOWS: { readonly [name: string]: () => Promise<unknown> } = {
  'a loop of unknown length': async () => {
    let left = 4
    const seen: number[] = []
    while (left > 0) {
      left = (await charge(left)).left
      seen.push(left)
    }
    return seen
  },
  'calls at once, some of them equal': async () =>
    (await Promise.all([charge(1), charge(2), charge(1), double(3)])).map(each => JSON.stringify(each)),
  'calls that are passed on before they are awaited': async () => {
    const first = charge(5)
    return (await charge(charge(first.left).left)).left
  },
  'a failure that is caught': async () => {
    try {
      return await fail('no')
    } catch (error) {
      const { name, message, reason, step } = error as Error & { reason: string; step: string }
      return { name, message, reason, step, next: await charge(9) }
    }
  },
  'settled promises': async () => (await Promise.allSettled([fail('x'), charge(1)])).map(each => each.status),
  'workflows and flows within': async () => [await twice(4), await inner(2), (await twice(5)).sum],
  'F4: a call that nobody awaits': async () => {
    charge(7)
    return (await charge(2)).left
  },
}

test.each(Object.entries(FLOWS))('%s', async (_, body) => {
  const whole = flow(body)
  ran = []
  const { result, crashes } = await crashesOf(whole)
  expect(result).toMatchObject({ status: 'succeeded' })
  expect(crashes.length).toBeGreaterThan(3)
  for (const crash of crashes) {
    ran = []
    expect(await resume(whole, crash)).toMatchObject({
      status: 'succeeded',
      output: result.kind === 'ended' && result.status === 'succeeded' && result.output,
    })
    expect(ran.filter(step => settledIn(crash).has(step))).toEqual([])
  }
})

const LOST: { readonly [name: string]: () => Promise<unknown> } = {
  'that nobody awaits': async () => {
    fail('alone')
    return (await charge(2)).left
  },
  'whose field was asked for': async () => {
    void (fail('alone') as unknown as { readonly message: unknown }).message
    return charge(2)
  },
  'that was passed on to a call that nobody awaits': async () => {
    charge(fail('alone') as never)
    return charge(2)
  },
}

test.each(Object.entries(LOST))('F5: a failure %s fails the flow', async (_, body) => {
  const whole = flow(body)
  const failed = { status: 'failed', fault: { message: 'alone' } }
  const { result, crashes } = await crashesOf(whole)
  expect(result).toMatchObject(failed)
  for (const crash of crashes) {
    ran = []
    expect(await resume(whole, crash)).toMatchObject(failed)
    expect(ran.filter(step => settledIn(crash).has(step))).toEqual([])
  }
})

test('F5: what the body itself throws comes first, and a failure that was passed on is looked at', async () => {
  const { result } = await crashesOf(
    flow(async () => {
      fail('alone')
      throw new Error('of the body')
    }),
  )
  expect(result).toMatchObject({ status: 'failed', fault: { message: 'of the body' } })
  const caught = await crashesOf(
    flow(async () =>
      charge(fail('alone') as never).then(
        () => 'no',
        () => 'caught',
      ),
    ),
  )
  expect(caught.result).toMatchObject({ status: 'succeeded', output: 'caught' })
})

test('F1: equal calls at once keep their own results, whichever came first', async () => {
  let tickets = 0
  let gate = crossed()
  const ticket = effect(
    async () => {
      const mine = ++tickets
      await gate()
      return note({ mine, step: ctx().step })
    },
    { name: 'ticket' },
  )
  const whole = flow(async () => Promise.all([0, 1].map(() => ticket())))
  const { result, crashes } = await crashesOf(whole)
  const before = outputOf(result) as { mine: number; step: string }[]
  for (const crash of crashes) {
    gate = async () => undefined
    const after = outputOf(await resume(whole, crash)) as typeof before
    before.forEach((each, index) => {
      if (settledIn(crash).has(each.step)) expect(after[index]).toEqual(each)
    })
  }
})

test('F3: the winner of a race stays the winner', async () => {
  let gate = crossed()
  const runner = effect(
    async (name: string) => {
      await gate()
      return note(name)
    },
    { name: 'runner' },
  )
  const whole = flow(async () => {
    const winner = await Promise.race([runner('a'), runner('b')])
    return { winner, prize: await charge(winner.length) }
  })
  const { result, crashes } = await crashesOf(whole)
  expect(outputOf(result)).toMatchObject({ winner: 'b' })
  for (const crash of crashes) {
    if (![...settledIn(crash)].some(step => step.includes('runner'))) continue
    gate = async () => undefined
    ran = []
    expect(outputOf(await resume(whole, crash))).toMatchObject({ winner: 'b' })
    expect(ran.filter(step => settledIn(crash).has(step))).toEqual([])
  }
})

test('clock and chance are drawn once', async () => {
  const whole = flow(async () => {
    const drawn = [await now(), await random(), await random(), await uuid()] as const
    await charge(1)
    await charge(2)
    return drawn
  })
  const { result, crashes } = await crashesOf(whole)
  for (const crash of crashes) {
    const after = outputOf(await resume(whole, crash)) as readonly unknown[]
    const known = crash.events.filter(event => event.kind === 'step.settled' && !event.step.includes('charge')).length
    expect(after.slice(0, known)).toEqual((outputOf(result) as readonly unknown[]).slice(0, known))
  }
})

test('F2: an effect whose arguments hang on the clock diverges: nothing is executed, and both calls are told', async () => {
  let clock = 1
  const whole = flow(async () => {
    await charge(100 + clock)
    return charge(1)
  })
  const { crashes } = await crashesOf(whole)
  clock = 2
  let diverged = 0
  for (const crash of crashes) {
    if (settledIn(crash).size !== 1) continue
    ran = []
    const after = await resume(whole, crash)
    expect(after).toMatchObject({ kind: 'ended', status: 'diverged', fault: { code: 'DIVERGED' } })
    expect(after.kind === 'ended' && after.status !== 'succeeded' && after.fault.message).toMatch(
      /charge\(102\).*charge\(101\)/,
    )
    expect(ran).toEqual([])
    diverged++
  }
  expect(diverged).toBeGreaterThan(0)
})

test('F1: a task that was in flight, and is now asked for with other arguments, does not keep the flow from ending', async () => {
  let n = 1
  const slow = task(async (value: number) => value * 2, { name: 'slow' })
  const whole = flow(async () => (await slow(n)) + (await charge(1)).left)
  const { crashes } = await crashesOf(whole)
  n = 2
  let inFlight = 0
  for (const crash of crashes) {
    if (settledIn(crash).size > 0) continue
    inFlight += crash.events.some(event => event.kind === 'attempt.started' && event.step.includes('slow')) ? 1 : 0
    expect(await resume(whole, crash)).toMatchObject({ status: 'succeeded', output: 4 })
  }
  expect(inFlight).toBeGreaterThan(0)
})

test('F1: calls in another order are no divergence', async () => {
  let life = 1
  const other = effect((n: number) => note(n), { name: 'other' })
  const whole = flow(async () => {
    const calls = life === 1 ? [() => charge(1), () => other(2)] : [() => other(2), () => charge(1)]
    const results = await Promise.all(calls.map(call => call()))
    await charge(3)
    return results.length
  })
  const { crashes } = await crashesOf(whole)
  life = 2
  for (const crash of crashes) {
    ran = []
    expect(await resume(whole, crash)).toMatchObject({ status: 'succeeded', output: 2 })
    expect(ran.filter(step => settledIn(crash).has(step) && !step.includes('charge'))).toEqual([])
  }
})

function outputOf(result: Awaited<ReturnType<typeof resume>>): unknown {
  if (result.kind !== 'ended' || result.status !== 'succeeded') throw new Error(`the run has ${JSON.stringify(result)}`)
  return result.output
}
