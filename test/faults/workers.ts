/**
 * The workers of a run are killed at random: processes from outside (-9), threads by what their task leaves behind. Their
 * attempts go elsewhere; the run ends as if nothing had been, and leaves no process behind.
 */
import { equal } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { check } from './account.ts'
import type { Fault, Round } from './fault.ts'
import { troubled, undisturbedRun } from './lives.ts'
import { type Live, pause } from './processes.ts'

/** One step's attempts may be lost ten times; that no step is so unlucky is for the number of kills to see to. */
const KILLS_MAX = 8

export const workers: Fault = {
  name: 'workers',
  claim: 'worker processes and threads killed at random: their attempts go elsewhere, nothing is lost or doubled',
  unavailable: () => (process.platform === 'linux' ? undefined : 'workers are found by /proc'),
  round: async round => {
    const executor = round.dice.pick(['process', 'process', 'thread'])
    const env = { EXECUTOR: executor }
    const expected = await undisturbedRun('command', 'crowd.ts', env)
    const run = troubled({ folder: round.folder, door: 'command', file: 'crowd.ts', durability: 'full', env })
    const live = run.begin()
    const seen = new Set<number>()
    const kills = executor === 'process' ? await killWorkers(live, round, seen) : 0
    const ended = await live.ended
    equal(ended.code, 0, ended.err)
    const lines = run.note(ended)
    const { steps } = await check(run.books, expected)
    const lost = lines.filter(({ kind }) => kind === 'attempt.failed').length
    await expectGone(seen)
    return { runs: 1, steps, kills, 'attempts lost': lost, [executor]: 1 }
  },
}

async function killWorkers(live: Live, { dice }: Round, seen: Set<number>): Promise<number> {
  const wanted = 1 + dice.roll(KILLS_MAX)
  let kills = 0
  while (kills < wanted && !live.isOver) {
    await pause(dice.roll(60))
    const workers = childrenOf(live.pid)
    for (const pid of workers) seen.add(pid)
    if (workers.length === 0) continue
    if (killed(dice.pick(workers))) kills += 1
  }
  return kills
}

function killed(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself meanwhile.
    return false
  }
}

function childrenOf(pid: number): readonly number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
    return text === '' ? [] : text.split(' ').map(Number)
  } catch {
    // The run is over.
    return []
  }
}

/** A worker ends when its owner does, in its own time. */
async function expectGone(pids: ReadonlySet<number>): Promise<void> {
  const deadlineMs = performance.now() + 10_000
  while ([...pids].some(isThere)) {
    equal(performance.now() < deadlineMs, true, `workers are left behind: ${[...pids].filter(isThere).join(' ')}`)
    await pause(5)
  }
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
