/** Flows that wait: for time, for instants, for signals; killed at each commit and resumed, as if nothing had happened. */
import { expect, it } from 'vitest'
import * as z from 'zod'
import { ctx, effect, flow, signal, signalRun, sleep, task, until } from 'tutti'
import { definitionOf, type WorkflowDefinition } from '../../src/dsl/definition.ts'
import { embeddedRunnable } from '../../src/run/runnable.ts'
import { memoryStore, newMemory, type Memory } from '../../src/store/index.ts'
import { Refusal } from '../../src/util/diagnostic.ts'
import { eventsOf, outputOf, RUN, stageOf, told } from './graphs.ts'
import { type Kill, killedAt, MODES } from './killed.ts'
import { settled, virtualClock } from './virtual-clock.ts'

const HOUR = 3_600_000
let ran: string[] = []
const note = effect(
  (text: string) => {
    ran.push(ctx().step)
    return text
  },
  { name: 'note' },
)
const hours = task((n: number) => n * HOUR, { name: 'hours' })
const approval = signal(z.object({ by: z.string() }), { name: 'approval' })

interface Story {
  readonly body: () => Promise<unknown>
  readonly output: unknown
  readonly hours: number
}

const STORIES: { readonly [name: string]: Story } = {
  'a nap between two effects': {
    body: async () => {
      const first = await note('a')
      await sleep('2h')
      return `${first}${await note('b')}`
    },
    output: 'ab',
    hours: 2,
  },
  'a nap whose length a task gives': {
    body: async () => {
      await sleep(await hours(3))
      await sleep(hours(1))
      return note('x')
    },
    output: 'x',
    hours: 4,
  },
  'an instant, and one that has passed': {
    body: async () => {
      await until(new Date(START_MS + 5 * HOUR))
      await until(new Date(START_MS))
      return note('x')
    },
    output: 'x',
    hours: 5,
  },
  'a signal between naps': {
    body: async () => {
      await sleep('1h')
      const { by } = await approval.wait()
      await sleep('1h')
      return note(by)
    },
    output: 'ada',
    hours: 2,
  },
  'a signal that comes too late': {
    body: async () => {
      try {
        // Only in the second hour is it sent.
        return (await later.wait({ timeout: '30m' })).by
      } catch (error) {
        return `${(error as { code?: string }).code} ${await note('x')}`
      }
    },
    output: 'TIMEOUT x',
    hours: 0.5,
  },
  'naps at once': {
    body: async () => {
      await Promise.all([sleep('3h'), sleep('1h').then(() => note('short'))])
      return note('long')
    },
    output: 'long',
    hours: 3,
  },
  'the first of several, of which the others hold nothing up (F4)': {
    body: async () =>
      note(
        await Promise.race([
          never.wait().then(() => 'signal'),
          sleep('9h').then(() => 'long'),
          sleep('1h').then(() => 'nap'),
        ]),
      ),
    output: 'nap',
    hours: 1,
  },
}

const never = signal(undefined, { name: 'never' })

const later = signal(z.object({ by: z.string() }), { name: 'later' })
const START_MS = 1_700_000_000_000

it.each(Object.entries(STORIES))('%s', async (_, story) => {
  const whole = await lived(story, undefined)
  expect(whole).toMatchObject({ output: story.output, hours: story.hours, twice: [] })
  for (const mode of MODES) {
    for (let at = 1; at <= whole.commits; at += 1) {
      const { output, hours: took, twice } = await lived(story, { at, mode })
      expect({ output, took, twice }, `killed ${mode} ${at}`).toEqual({
        output: story.output,
        took: story.hours,
        twice: [],
      })
    }
  }
})

async function lived({ body }: Story, kill: Kill | undefined) {
  const memory = newMemory()
  const clock = virtualClock(START_MS)
  const runnable = embeddedRunnable(definitionOf(flow(body)) as WorkflowDefinition, process.cwd())
  let commits = 0
  const first = stageOf(
    killedAt(memory, kill, () => (commits += 1)),
    runnable,
    { clock },
  )
  ran = []
  let launched = await first.start()
  void send(memory)
  let end = await clock.until(launched.session.ended)
  const twice: string[] = []
  if (end.kind === 'broken') {
    const before = new Set(
      (await eventsOf(memoryStore(memory))).flatMap(event => (event.kind === 'step.settled' ? [event.step] : [])),
    )
    ran = []
    const second = stageOf(memoryStore(memory), runnable, { clock })
    launched = memory.rows.has(RUN) ? await second.resume() : await second.start()
    void send(memory)
    end = await clock.until(launched.session.ended)
    twice.push(...ran.filter(step => before.has(step)))
  }
  expect(end).toEqual({ kind: 'ended', status: 'succeeded' })
  return { output: await outputOf(launched), hours: (clock.now() - START_MS) / HOUR, twice, commits }
}

async function send(memory: Memory): Promise<void> {
  while (!memory.rows.has(RUN)) await settled()
  await signalRun(memoryStore(memory), RUN, { signal: 'approval', value: { by: 'ada' }, id: 'one', waitMs: 0 }).catch(
    (error: unknown) => {
      if (!(error instanceof Refusal)) throw error
    },
  )
}

it('refuses what is no duration and no instant, where it stands', async () => {
  const store = memoryStore()
  const runnable = embeddedRunnable(
    definitionOf(
      flow(async () => {
        const bad = [() => sleep('soon'), () => until('tomorrow'), () => sleep(hours(-1))]
        const codes: unknown[] = []
        for (const make of bad) {
          try {
            await make()
          } catch (error) {
            codes.push((error as Refusal).diagnostics[0]?.code)
          }
        }
        return codes
      }),
    ) as WorkflowDefinition,
    process.cwd(),
  )
  const launched = await stageOf(store, runnable).start()
  await launched.session.ended
  expect(await outputOf(launched)).toEqual(['BAD_DURATION', 'BAD_INSTANT', 'BAD_DURATION'])
  expect(told(await eventsOf(store)).filter(each => each.startsWith('call.added'))).toEqual([])
})
