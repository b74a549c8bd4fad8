/** One edit a row: what past runs would have come to, and where. */
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { attempt, effect, flow, now, race, signal, sleep, task, when, workflow } from 'tutti'
import { type Mocks, type SimulateOptions, takes, throwing } from 'tutti/sim'
import type { AnyWorkflow } from '../../../src/run/embed.ts'
import { simulateRunnable, runnableOf } from '../../../src/sim/simulate.ts'
import { replayedBy, storeOf } from './recorded.ts'

const measure = task((_seed: number) => ({ score: 0, size: 0 }), { name: 'measure' })
const check = task((_score: number) => true, { name: 'check' })
const checkWith = (options: { readonly retry?: number; readonly timeout?: string }) =>
  task((_score: number) => true, { name: 'check', ...options } as { readonly name: string })
const other = task(() => 1, { name: 'other' })
const publish = effect((_score: number) => 'published', { name: 'publish' })
const announce = effect((_text: unknown) => 'announced', { name: 'announce' })
const approval = signal(z.string(), { name: 'approval' })
const consent = signal(z.string(), { name: 'consent' })

const MOCKS: Mocks = {
  measure: takes('10s', { score: 30, size: 7 }),
  check: takes('1m', true),
  publish: takes('1m', 'published'),
  announce: takes('1s', 'announced'),
}

interface Tried {
  readonly before: AnyWorkflow
  readonly after: AnyWorkflow
  readonly then?: SimulateOptions
  readonly mocks?: Mocks
  readonly renamed?: { readonly [before: string]: string }
}

/** `same`, or in what it differs and where; what cannot be told, why and where. */
async function verdictOf({ before, after, then, mocks, renamed }: Tried): Promise<string> {
  const runnable = runnableOf(before)
  const simulation = await simulateRunnable(runnable, { real: 'nothing', mocks: MOCKS, ...then }, Object.keys(MOCKS))
  const store = await storeOf([{ runnable, run: 'past', log: simulation.log }])
  const [result] = await replayedBy(runnableOf(after), store, {
    ...(mocks ? { mocks } : {}),
    ...(renamed ? { renamedOf: () => renamed } : {}),
  })
  const verdict = result?.verdict
  switch (verdict?.kind) {
    case 'differs':
      return `${verdict.how.join('+')}${verdict.open ? '…' : ''}: ${verdict.where.text}`
    case 'unknown':
      return `unknown (${verdict.why}): ${verdict.where.text}`
    case 'refused':
      return `refused (${verdict.code}): ${verdict.message}`
    default:
      return verdict?.kind ?? 'nothing'
  }
}

const gated = (threshold: number) =>
  workflow(() => {
    const measured = measure(1)
    const end = when(
      measured.score.to(score => score >= threshold),
      () => publish(measured.score),
      () => announce('too low'),
    )
    return { end, size: measured.size }
  })

const TABLE: readonly (Tried & { readonly name: string; readonly verdict: string })[] = [
  { name: 'nothing', before: gated(20), after: gated(20), verdict: 'same' },
  { name: 'a threshold that does not matter', before: gated(20), after: gated(25), verdict: 'same' },
  {
    name: 'a threshold in a guard',
    before: gated(20),
    after: gated(50),
    verdict: 'effects+way…: when would choose otherwise, where it chose then',
  },
  {
    name: 'a threshold in a guard, and a value for what was not run',
    before: gated(20),
    after: gated(50),
    mocks: { announce: 'announced' },
    verdict: 'output+effects+way: when would choose otherwise, where it chose then',
  },
  {
    name: 'a step before an effect',
    before: workflow(() => publish(measure(1).score)),
    after: workflow(() => {
      const { score } = measure(1)
      return publish(score).after(check(score))
    }),
    verdict: 'unknown (new): check is new',
  },
  {
    name: 'a step before an effect, with a value',
    before: workflow(() => publish(measure(1).score)),
    after: workflow(() => {
      const { score } = measure(1)
      return publish(score).after(check(score))
    }),
    mocks: { check: true },
    verdict: 'same',
  },
  {
    name: 'B4. a step before an effect, in a scope with a deadline: nobody says that it is too late',
    before: workflow(() => attempt(() => publish(measure(1).score), { deadline: '1h' })),
    after: workflow(() => attempt(() => publish(measure(1).score).after(check(1)), { deadline: '1h' })),
    verdict: 'unknown (new): attempt.body/check is new',
  },
  {
    name: 'a step that nothing hangs on',
    before: workflow(() => publish(measure(1).score)),
    after: workflow(() => {
      other()
      return publish(measure(1).score)
    }),
    verdict: 'unknown (new): other is new',
  },
  {
    name: 'an effect more',
    before: workflow(() => publish(measure(1).score)),
    after: workflow(() => {
      announce('it begins')
      return publish(measure(1).score)
    }),
    verdict: 'effects…: announce would be run, where it was not',
  },
  {
    name: 'an effect less',
    before: workflow(() => {
      announce('it begins')
      return publish(measure(1).score)
    }),
    after: workflow(() => publish(measure(1).score)),
    verdict: 'effects: announce would not be run, where it was',
  },
  {
    name: 'more tries',
    before: workflow(() => publish(checkWith({ retry: 1 })(1).to(() => 1))),
    after: workflow(() => publish(checkWith({ retry: 3 })(1).to(() => 1))),
    then: { mocks: { ...MOCKS, check: throwing(new Error('no')) } },
    verdict: 'unknown (retried): check would be tried again',
  },
  {
    name: 'fewer tries than it took',
    before: workflow(() => checkWith({ retry: 3 })(1)),
    after: workflow(() => checkWith({ retry: 0 })(1)),
    then: {
      mocks: {
        check: (_: unknown[], { attempt: n }: { attempt: number }) => {
          if (n < 3) throw new Error('no')
          return true
        },
      },
    },
    verdict: 'status+way: check would be failed (TASK_FAILED), where it was succeeded',
  },
  {
    name: 'a timeout below what it took',
    before: workflow(() => publish(checkWith({ timeout: '5m' })(1).to(() => 1))),
    after: workflow(() => publish(checkWith({ timeout: '30s' })(1).to(() => 1))),
    verdict: 'status+effects+way: check would be failed (TIMEOUT), where it was succeeded',
  },
  {
    name: 'a longer timeout than the one that struck',
    before: workflow(() => checkWith({ timeout: '30s' })(1)),
    after: workflow(() => checkWith({ timeout: '5m' })(1)),
    verdict: 'unknown (more-time): check would have more time',
  },
  {
    name: 'a shorter wait',
    before: workflow(() => race({ work: () => check(1), late: () => sleep('1h') })),
    after: workflow(() => race({ work: () => check(1), late: () => sleep('10s') })),
    verdict: 'output+way: race.work/check would be cancelled, where it was succeeded',
  },
  {
    name: 'a longer wait',
    before: workflow(() => publish(1).after(sleep('1h'))),
    after: workflow(() => publish(1).after(sleep('2d'))),
    verdict: 'same',
  },
  {
    name: 'an arm less',
    before: workflow(() => race({ late: () => sleep('10s'), work: () => check(1) })),
    after: workflow(() => race({ work: () => check(1) })),
    verdict: 'unknown (stopped): race.work/check was stopped before its end, and would not be',
  },
  {
    name: 'tasks in another order',
    before: workflow(() => {
      const first = check(1)
      return { first, last: measure(1).after(first) }
    }),
    after: workflow(() => {
      const last = measure(1)
      return { first: check(1).after(last), last }
    }),
    verdict: 'same',
  },
  {
    name: 'effects in another order',
    before: workflow(() => ({ a: publish(1), b: announce(1).after(publish(2)) })),
    after: workflow(() => {
      const b = announce(1)
      return { a: publish(1).after(b), b: publish(2).after(b) }
    }),
    verdict: 'output+effects: announce would be run before publish',
  },
  {
    name: 'the code of a .to for an argument of an effect',
    before: workflow(() => publish(measure(1).score.to(score => score + 1))),
    after: workflow(() => publish(measure(1).size.to(size => size + 1))),
    verdict: 'effects…: publish would be called with other arguments',
  },
  {
    name: 'an argument of a task',
    before: workflow(() => publish(measure(1).score)),
    after: workflow(() => publish(measure(2).score)),
    verdict: 'unknown (arguments): measure would be called with other arguments',
  },
  {
    name: 'the same argument, written otherwise',
    before: workflow(() => publish(measure(1).score)),
    after: workflow(() => publish(measure(1).score.to(score => score))),
    verdict: 'same',
  },
  {
    name: 'a field of the result',
    before: workflow(() => ({ score: measure(1).score })),
    after: workflow(() => ({ points: measure(1).score })),
    verdict: 'output: the result would be another',
  },
  {
    name: 'a name that nobody declared',
    before: workflow(() => publish(check(1).to(() => 1))),
    after: workflow(() => publish(task((_: number) => true, { name: 'verify' })(1).to(() => 1))),
    verdict: 'unknown (new): verify is new',
  },
  {
    name: 'a declared name',
    before: workflow(() => publish(check(1).to(() => 1))),
    after: workflow(() => publish(task((_: number) => true, { name: 'verify' })(1).to(() => 1))),
    renamed: { check: 'verify' },
    verdict: 'same',
  },
  {
    name: 'another signal',
    before: workflow(() => publish(approval.wait().to(() => 1))),
    after: workflow(() => publish(consent.wait().to(() => 1))),
    then: { signals: [{ name: 'approval', value: 'ada', at: '2h' }] },
    verdict: 'status: consent would still wait for signal consent, where the run succeeded',
  },
  {
    name: 'an earlier deadline of a wait',
    before: workflow(() => publish(approval.wait({ timeout: '3d' }).to(() => 1))),
    after: workflow(() => publish(approval.wait({ timeout: '1h' }).to(() => 1))),
    then: { signals: [{ name: 'approval', value: 'ada', at: '2h' }] },
    verdict: 'status+effects+way: approval would reach its deadline',
  },
  {
    name: 'a handler for what failed',
    before: workflow(() => check(1)),
    after: workflow(() => attempt(() => check(1), { catch: () => announce('failed') })),
    then: { mocks: { ...MOCKS, check: throwing(new Error('no')) } },
    renamed: { check: 'attempt.body/check' },
    verdict: 'effects…: attempt.catch/announce would be run, where it was not',
  },
]

describe('an edit of a workflow:', () => {
  for (const { name, verdict, ...tried } of TABLE)
    test(name, async () => {
      expect(await verdictOf(tried)).toBe(verdict)
    })
})

test('the body of a flow is run, and its calls are answered', async () => {
  const drain = (limit: number) =>
    flow(async (n: number) => {
      const startedAt = await now()
      let left = n
      let turns = 0
      while (left > limit) {
        left = (await count(left)) as number
        turns += 1
      }
      return { turns, startedAt }
    })
  const count = task((left: number) => left - 1, { name: 'count' })
  const then: SimulateOptions = { args: { n: 3 }, mocks: { count: ([left]: number[]) => (left ?? 0) - 1 } }
  expect(await verdictOf({ before: drain(0), after: drain(0), then })).toBe('same')
  expect(await verdictOf({ before: drain(0), after: drain(1), then })).toBe('output+way: flow would give another value')
})
