/** What the shell's polls find out between two turns is told to the sessions, and never thrown into the event loop. */
import { expect, test } from 'vitest'
import { realClock } from '../../src/run/clock.ts'
import type { Session } from '../../src/run/session.ts'
import { openShell } from '../../src/run/shell.ts'
import { memoryStore, newMemory } from '../../src/store/index.ts'
import { Refusal } from '../../src/util/diagnostic.ts'

/** A session that waits for nothing, polled by hand. */
function polled() {
  const memory = newMemory()
  const [store, other] = [memoryStore(memory), memoryStore(memory)]
  const answer = store.leases.acquire('a')
  if (answer.kind !== 'acquired') throw new Error('held')
  const told: string[] = []
  const polls: (() => void)[] = []
  const clock = {
    ...realClock,
    every: (_: number, poll: () => void) => {
      polls.push(poll)
      return () => undefined
    },
  }
  const session: Pick<Session, 'run' | 'lease' | 'ended' | 'fail'> = {
    run: 'a',
    lease: answer.lease,
    ended: new Promise(() => undefined),
    fail: error => void told.push(error instanceof Refusal ? (error.diagnostics[0]?.code ?? '') : String(error)),
  }
  // Nothing that the polls do asks a session for more.
  openShell(store, { clock }).add(session as Session, async () => undefined)
  const poll = (): void => {
    for (const each of polls) each()
  }
  return { store, other, lease: answer.lease, told, poll }
}

test('an owner whose lease is gone when it is renewed is told LEASE_LOST', () => {
  const { store, other, lease, told, poll } = polled()
  poll()
  expect(told).toEqual([])
  store.leases.release(lease)
  other.leases.acquire('a')
  poll()
  expect(told).toEqual(['LEASE_LOST'])
})

test('a store that refuses to be polled ends the sessions with what it says', () => {
  const { store, told, poll } = polled()
  store.kill()
  poll()
  expect([...new Set(told)]).toEqual(['STORE_CLOSED'])
})
