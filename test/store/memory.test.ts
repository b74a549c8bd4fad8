/** The store in memory: the suite of all stores, and what only it has. */
import { expect, describe, test } from 'vitest'
import { type Memory, memoryStore, newMemory } from '../../src/store/index.ts'
import { begin, codeOf, event, lease, readAll } from './fixture.ts'
import { storeSuite } from './suite.ts'

describe('store in memory', () => {
  const memories = new Map<string, Memory>()
  const memoryOf = (folder: string): Memory => {
    const memory = memories.get(folder) ?? newMemory()
    memories.set(folder, memory)
    return memory
  }
  storeSuite(async folder => memoryStore(memoryOf(folder)), {
    'a blob that is not what its name says is refused':
      'the files it lays down are copies: damaging one damages nothing',
  })
})

test('M1: a killed opening lets go of its leases, and what it appends later comes to nothing', async () => {
  const memory = newMemory()
  const store = memoryStore(memory)
  const held = await begin(store)
  store.kill()
  expect(await codeOf(() => store.append([{ lease: held, events: [event(1)] }]))).toBe('STORE_CLOSED')
  const next = memoryStore(memory)
  expect(lease(next, 'run-1').fence).toBe(held.fence + 1)
  expect((await readAll(next)).map(stored => stored.event)).toEqual([event(0)])
})

test('M2: what was given in can be written to, and what came out too', async () => {
  const store = memoryStore()
  const held = await begin(store)
  const given = { ...event(1), note: 'first' }
  await store.append([{ lease: held, events: [given] }])
  given.note = 'changed'
  const [, out] = await readAll(store)
  expect(out?.event).toEqual({ ...event(1), note: 'first' })
  Object.assign(out?.event ?? {}, { note: 'changed' })
  expect((await readAll(store))[1]?.event).toEqual({ ...event(1), note: 'first' })
})
