/**
 * The books of a run that was troubled: what its processes acknowledged, what its effects did, and what its log says must
 * agree, to the last step.
 *
 *   Q3. What a process told is in the log, at the same place.
 *   Q4. A step settles once, and no attempt of it begins afterwards: an acknowledged effect never runs again.
 *   Q5. What ran is what the log says ran: each attempt at most once, none without its event, all under the step's one key.
 *   Q6. The steps and the output are those of an undisturbed run.
 */
import { deepStrictEqual, equal, ok } from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Event } from '../../src/core/engine/protocol.ts'
import { doctor, openStore, type StoredEvent } from '../../src/store/index.ts'
import { jsonLines } from './processes.ts'

export interface Note {
  readonly step: string
  readonly attempt: number
  readonly key: string
}

/** What a process printed of an event. */
export type Told = { readonly kind: string; readonly step?: string; readonly output?: unknown } & {
  readonly [field: string]: unknown
}

export interface Expected {
  readonly steps: ReadonlySet<string>
  readonly output: unknown
}

export interface Books {
  readonly store: string
  readonly run: string
  readonly journal: string
  /** By each process that worked on the run, in order. */
  readonly told: readonly (readonly Told[])[]
}

export const notesOf = (journal: string): readonly Note[] =>
  existsSync(journal) ? jsonLines<Note>(readFileSync(journal, 'utf8')) : []

export async function logOf(folder: string, run: string): Promise<readonly StoredEvent[]> {
  if (!existsSync(join(folder, 'store.db'))) return []
  const store = await openStore(folder, { mode: 'existing', durability: 'normal' })
  try {
    const found: StoredEvent[] = []
    for await (const stored of store.read({ run })) found.push(stored)
    return found
  } finally {
    await store.close()
  }
}

/** Throws what does not agree. Answers how many steps were accounted for. */
export async function check(
  books: Books,
  expected: Expected,
): Promise<{ readonly steps: number; readonly log: readonly StoredEvent[] }> {
  const log = await logOf(books.store, books.run)
  const events = log.map(({ event }) => event)
  const errors = (await doctor(books.store)).diagnostics.filter(({ severity }) => severity === 'error')
  deepStrictEqual(errors, [], 'doctor finds errors')
  checkTold(books.told, events)
  const settled = checkSettled(events)
  checkNotes(notesOf(books.journal), events)
  deepStrictEqual(
    [...expected.steps].filter(step => !settled.has(step)),
    [],
    'Q6: steps are missing',
  )
  equal(settled.size, expected.steps.size, 'Q6: there are more steps than in an undisturbed run')
  const end = books.told.at(-1)?.at(-1)
  equal(end?.kind, 'run.ended', 'Q6: the last process told no end')
  deepStrictEqual(end?.output, expected.output, 'Q6: the output differs')
  return { steps: settled.size, log }
}

/** Q3. The end is told as a result, not as the event. */
function checkTold(told: Books['told'], events: readonly Event[]): void {
  const inLog = new Set(events.map(event => JSON.stringify(event)))
  for (const [life, lines] of told.entries()) {
    for (const { seq: _, run, ...event } of lines) {
      if (event.kind === 'run.ended' || event.kind === 'run.paused' || event.kind === 'error') continue
      const text = JSON.stringify(event)
      ok(inLog.has(text) || hasSame(events, event, run), `Q3: process ${life} was told what the log lacks: ${text}`)
    }
  }
}

/** The stream has the run's name in each line; of the one event that has it, too, it is in another place. */
const hasSame = (events: readonly Event[], told: object, run: unknown): boolean =>
  events.some(event => sorted(event) === sorted(told) || sorted(event) === sorted({ ...told, run }))
const sorted = (event: object): string => JSON.stringify(Object.entries(event).sort(([a], [b]) => (a < b ? -1 : 1)))

/** Q4. */
function checkSettled(events: readonly Event[]): ReadonlySet<string> {
  const settled = new Set<string>()
  for (const event of events) {
    if (event.kind === 'step.settled') {
      ok(!settled.has(event.step), `Q4: ${event.step} settled twice`)
      equal(event.outcome.kind, 'succeeded', `Q4: ${event.step} did not succeed: ${JSON.stringify(event.outcome)}`)
      settled.add(event.step)
    }
    if (event.kind === 'attempt.started') ok(!settled.has(event.step), `Q4: ${event.step} began again after its end`)
  }
  return settled
}

/** Q5. */
function checkNotes(notes: readonly Note[], events: readonly Event[]): void {
  const started = new Set<string>()
  for (const event of events) if (event.kind === 'attempt.started') started.add(`${event.step} ${event.attempt}`)
  const keys = new Map<string, string>()
  const ran = new Set<string>()
  for (const { step, attempt, key } of notes) {
    const name = `${step} ${attempt}`
    ok(started.has(name), `Q5: ${name} ran without an event`)
    ok(!ran.has(name), `Q5: ${name} ran twice`)
    equal(keys.get(step) ?? key, key, `Q5: ${step} ran under two keys`)
    ran.add(name)
    keys.set(step, key)
  }
  equal(new Set(keys.values()).size, keys.size, 'Q5: two steps share a key')
  for (const event of events) {
    if (event.kind !== 'step.settled' || event.attempt === 0) continue
    ok(ran.has(`${event.step} ${event.attempt}`), `Q5: ${event.step} settled and never ran`)
  }
}
