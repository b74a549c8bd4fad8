/** What follows from an event is decided before anything else that has come in with it (R5). */
import { expect, test } from 'vitest'
import type { Event } from '../../src/core/index.ts'
import { cancel, effect, workflow } from '../../src/dsl/index.ts'
import { type AnyWorkflow, run } from '../../src/run/embed.ts'
import { memoryStore, newMemory } from '../../src/store/memory.ts'

/** A task that is held open until it is let go. */
function held(name: string) {
  const waiting: (() => void)[] = []
  const call = effect(() => new Promise<void>(resolve => waiting.push(resolve)), { name })
  return { call, waiting }
}

/** The log of a run to its end; `act` is called once as soon as so many attempts are open. */
async function logOf(
  body: AnyWorkflow,
  open: { readonly waiting: readonly unknown[] }[],
  act: () => void,
): Promise<readonly Event[]> {
  const store = memoryStore(newMemory())
  const isOpen = (): boolean => open.every(({ waiting }) => waiting.length > 0)
  const ended = run(body, { store, id: 'r' })
  while (!isOpen()) await new Promise(resolve => setImmediate(resolve))
  act()
  await ended
  const log: Event[] = []
  for await (const { event } of store.read({ run: 'r' })) log.push(event)
  await store.close()
  return log
}

const brief = (log: readonly Event[]): readonly string[] =>
  log.flatMap(event =>
    event.kind === 'step.settled' || event.kind === 'granted' ? [`${event.kind} ${event.step}`] : [],
  )

test('a cancel comes before the end of another step that came in with it (R5)', async () => {
  const [quick, slow, other] = [held('quick'), held('slow'), held('other')]
  const body = workflow(() => {
    const withdrawn = slow.call()
    other.call()
    cancel(withdrawn).after(quick.call())
  })
  const log = await logOf(body, [quick, slow, other], () => {
    for (const { waiting } of [quick, other, slow]) waiting[0]?.()
  })
  expect(brief(log)).toEqual(['step.settled quick', 'granted cancel', 'step.settled other', 'step.settled slow'])
})
