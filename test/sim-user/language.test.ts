/** What the language says, on a virtual clock: approvals, back-off, undoing, loops and flows as users write them. */
import { expect, test } from 'vitest'
import { attempt, effect, flow, loop, race, type Ref, signal, sleep, task, workflow } from 'tutti'
import { explore, failing, mock, simulate, takes, throwing } from 'tutti/sim'
import { z } from 'zod'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const approval = signal(z.object({ by: z.string() }), { name: 'approval' })
const publish = effect((by: string) => `real ${by}`, { name: 'publish' })
const PUBLISHED = mock(publish, ([by]) => `published by ${by}`)
const APPROVED = { name: approval.name, value: { by: 'ada' }, at: '2d' }

test('a workflow waits three days for an approval', async () => {
  const release = workflow(() => publish(approval.wait({ timeout: '3d' }).by))
  const options = { mocks: [PUBLISHED] }
  const approved = await simulate(release, { ...options, signals: [APPROVED] })
  expect(approved).toMatchObject({ output: 'published by ada', durationMs: 2 * DAY_MS })
  const late = await simulate(release, { ...options, signals: [{ ...APPROVED, at: '4d' }] })
  expect(late).toMatchObject({ status: 'failed', fault: { code: 'TIMEOUT' }, durationMs: 3 * DAY_MS, calls: [] })
  await expect(simulate(release, { ...options, signals: [{ ...APPROVED, value: 1 }] })).rejects.toMatchObject({
    diagnostics: [{ code: 'SIGNAL_INVALID' }],
  })
})

test('a flow waits three days for an approval, asks again, and gives up', async () => {
  const remind = effect((day: number) => day, { name: 'remind' })
  const release = flow(async () => {
    const asked = approval.wait({ timeout: '3d' }).then(
      answer => answer,
      () => undefined,
    )
    for (let day = 1; day <= 3; day += 1) {
      const answer = await Promise.race([asked, sleep('1d')])
      if (answer) return publish(answer.by)
      await remind(day)
    }
    return 'given up'
  })
  const options = { mocks: [PUBLISHED, mock(remind, 0)] }
  const whole = await simulate(release, { ...options, signals: [{ ...APPROVED, at: '36h' }] })
  // The sleep that lost the race is not waited for.
  expect(whole).toMatchObject({ output: 'published by ada', durationMs: 36 * HOUR_MS })
  expect(whole.calls.map(({ task, atMs }) => [task, atMs / HOUR_MS])).toEqual([
    ['remind', 24],
    ['publish', 36],
  ])
  expect(await simulate(release, options)).toMatchObject({ output: 'given up' })
  const { outcomes } = await explore(
    release,
    { ...options, signals: [{ ...APPROVED, at: '36h' }] },
    { crashes: 'everywhere' },
  )
  expect(outcomes.length).toBe(1)
})

test('what was booked is undone in reverse, and the error is handled', async () => {
  const book = effect((what: string) => `${what} booked`, { name: 'book' })
  const unbook = effect((booking: string) => booking, {
    name: 'unbook',
    retry: { times: 5, delay: '1h', maxDelay: '8h', jitter: 'none' },
  })
  const pay = effect((_a: string, _b: string) => 'paid', { name: 'pay' })
  const undo = (booking: Ref<string>) => unbook(booking)
  const trip = workflow(() =>
    attempt(
      () => {
        const flight = book('flight').undo(undo)
        const hotel = book('hotel').after(flight).undo(undo)
        return pay(flight, hotel)
      },
      { catch: error => error.code },
    ),
  )
  const result = await simulate(trip, {
    mocks: [
      mock(book, ([what]) => what),
      mock(unbook, failing(2, new Error('busy'), 'gone')),
      mock(pay, takes('1d', throwing(Object.assign(new Error('no'), { code: 'NO_MONEY' })))),
    ],
  })
  expect(result).toMatchObject({ output: 'NO_MONEY', durationMs: DAY_MS + 6 * HOUR_MS })
  expect(result.calls.map(({ task, args }) => `${task} ${args[0]}`)).toEqual([
    'book flight',
    'book hotel',
    'pay flight',
    ...Array.from({ length: 3 }, () => 'unbook hotel'),
    ...Array.from({ length: 3 }, () => 'unbook flight'),
  ])
})

test('a loop polls for days', async () => {
  const look = task((turn: number) => turn >= 100, { name: 'look' })
  const poll = workflow(() =>
    loop({ done: false as boolean }, (_state, turn) => ({ done: look(turn).after(sleep('1h')) }), {
      while: state => state.done.to(done => !done),
    }),
  )
  expect(await simulate(poll)).toMatchObject({ output: { done: true }, durationMs: 101 * HOUR_MS })
})

test('exploring finds the race that nobody thought of', async () => {
  const buy = task((shop: string) => shop, { name: 'buy' })
  const first = workflow(() => race({ a: () => buy('a'), b: () => buy('b') }).won)
  const mocks = [
    mock(
      buy,
      takes(['1h', '2h'], ([shop]) => shop),
    ),
  ]
  const { outcomes } = await explore(first, { mocks }, { seeds: 50 })
  const found = outcomes.map(({ seed, ...each }) => ({ seed, output: each.kind === 'told' && each.simulation }))
  expect(found.length).toBe(2)
  for (const { seed = 0, output } of found)
    expect(await simulate(first, { mocks, seed })).toMatchObject(
      output && output.status === 'succeeded' ? { output: output.output } : {},
    )
  const byCalls = await explore(first, { mocks }, { seeds: 20, by: each => each.calls.length })
  expect(byCalls.outcomes.length).toBe(1)
})
