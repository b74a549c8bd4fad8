/**
 * Two owners of one run: the first is stopped (SIGSTOP) for longer than its lease lasts, a second takes over, the first goes
 * on as if nothing had been. Only one of them writes; the other one is told.
 *
 * The silence is not waited for: the second owner's clock is ahead by more than a lease (fixtures/ahead.mjs).
 */
import { deepStrictEqual, doesNotMatch, equal, match, notEqual, ok } from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { openDatabase } from '../../src/store/adapter.ts'
import type { StoredEvent } from '../../src/store/index.ts'
import { isBusy } from '../../src/store/database.ts'
import { check } from './account.ts'
import type { Fault, Round } from './fault.ts'
import { type Door, type Durability, settles, type Troubled, troubled, undisturbedRun } from './lives.ts'
import { type Ended, endAll, fixture, type Live, pause } from './processes.ts'

/** A lease is renewed each five seconds. */
const PAST_RENEWAL_MS = 5_200
const AHEAD = ['--import', pathToFileURL(fixture('ahead.mjs')).href]

export const owners: Fault = {
  name: 'owners',
  claim:
    'two owners contend for one run: only one writes, the other one is told LEASE_LOST, nothing is lost or doubled',
  round: async round => {
    const { dice, folder } = round
    const door: Door = dice.pick(['command', 'program'])
    const durability: Durability = dice.pick(['full', 'normal'])
    const expected = await undisturbedRun(door, 'work.ts')
    const run = troubled({ folder, door, file: 'work.ts', durability })
    const lives = [run.begin()]
    try {
      const [told, ended] = await takeOver(run, lives, round, expected.steps.size)
      expectTold(told)
      equal(ended.code, 0, ended.err)
      run.note(told)
      run.note(ended)
    } finally {
      await endAll(lives)
    }
    const { steps, log } = await check(run.books, expected)
    const after = expectOneWriter(log)
    return { runs: 1, steps, 'events of the second owner': after, [`through the ${door}`]: 1, [durability]: 1 }
  },
}

/** The two owners, and what became of them. */
async function takeOver(
  run: Troubled,
  lives: Live[],
  round: Round,
  steps: number,
): Promise<readonly [first: Ended, second: Ended]> {
  const first = lives[0]!
  // Far enough from the end that the first has something to write when it goes on.
  await settles(first, 1 + round.dice.roll(Math.floor(steps * 0.7)))
  await stopOutsideOfCommits(first, run)
  const second = run.begin({ before: AHEAD })
  lives.push(second)
  await letFirstGoOn(first, second, round, steps)
  return Promise.all([first.ended, second.ended])
}

/** One that is stopped in the middle of a commit holds SQLite's lock, and everybody waits: no contention then. */
async function stopOutsideOfCommits(live: Live, { store }: Troubled): Promise<void> {
  const database = await openDatabase(`${store}/store.db`, 'libsql')
  try {
    for (;;) {
      live.kill('SIGSTOP')
      await stopped(live)
      try {
        database.exec('BEGIN IMMEDIATE')
        database.exec('ROLLBACK')
        return
      } catch (error) {
        if (!isBusy(error)) throw error
        live.kill('SIGCONT')
        await pause(1)
      }
    }
  } finally {
    database.close()
  }
}

/** A signal to stop is not heard at once. */
async function stopped({ pid }: Live): Promise<void> {
  if (process.platform !== 'linux') return pause(20)
  while (!(await isStopped(pid))) await pause(1)
}

async function isStopped(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1')
  return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T')
}

/** At once, in the middle of the second's work, when that is done, or so late that renewing the lease comes first. */
async function letFirstGoOn(first: Live, second: Live, { dice }: Round, steps: number): Promise<void> {
  const when = dice.roll(12)
  if (when === 0) await pause(PAST_RENEWAL_MS)
  else if (when < 4) await second.ended
  else await settles(second, when < 7 ? 1 : 1 + dice.roll(steps))
  first.kill('SIGCONT')
}

function expectTold({ code, err }: Ended): void {
  notEqual(code, 0, 'the first owner ended as if it owned the run')
  match(err, /LEASE_LOST/, 'the first owner was not told')
  ok(typeof code === 'number', `the first owner was ended by ${code}`)
  doesNotMatch(err, /defect/i)
}

/** From the first event of the second owner on, none is the first's. Answers how many follow. */
function expectOneWriter(log: readonly StoredEvent[]): number {
  const workers = log.flatMap(({ event }) => (event.kind === 'attempt.started' ? [event.worker] : []))
  const [first] = workers
  const taken = workers.findIndex(worker => worker !== first)
  ok(taken > 0, 'nobody took over')
  deepStrictEqual([...new Set(workers.slice(taken))], [workers[taken]], 'two owners wrote')
  return log.length - log.findIndex(({ event }) => event.kind === 'attempt.started' && event.worker !== first)
}
