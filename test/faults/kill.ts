/** The process of a run is killed (-9) at random moments, in any of its lives; the last life ends it as if nothing had been. */
import { equal, ok } from 'node:assert/strict'
import { check, logOf, notesOf } from './account.ts'
import type { Fault, Round } from './fault.ts'
import { type Door, type Durability, RUN, settles, type Troubled, troubled, undisturbedRun } from './lives.ts'
import { type Live, pause } from './processes.ts'

const KILLS_MAX = 2
const LIVES_MAX = 12

export const kill: Fault = {
  name: 'kill',
  claim:
    'processes killed at random: no acknowledged event is lost, no acknowledged effect runs again, the output is equal',
  round: async round => {
    const { dice, folder } = round
    const door: Door = dice.pick(['command', 'program'])
    const durability: Durability = dice.pick(['full', 'normal'])
    const expected = await undisturbedRun(door, 'work.ts')
    const run = troubled({ folder, door, file: 'work.ts', durability })
    let kills = 1 + dice.roll(KILLS_MAX)
    let killed = 0
    for (let life = 0; ; life += 1) {
      ok(life < LIVES_MAX, 'the run does not end')
      const before = await recallOf(run)
      const live = run.begin()
      if (kills > 0) await killAt(live, round, expected.steps.size, expected.ms)
      kills -= 1
      const ended = await live.ended
      run.note(ended)
      expectNoneAgain(run, before)
      if (ended.code === 'SIGKILL') {
        killed += 1
        continue
      }
      equal(ended.code, 0, ended.err)
      if (kills <= 0) break
    }
    const { steps } = await check(run.books, expected)
    return { runs: 1, steps, kills: killed, [`through the ${door}`]: 1, [durability]: 1 }
  },
}

/** By what it has done, or by the clock: also while it starts, and while it ends. */
async function killAt(live: Live, { dice }: Round, steps: number, ms: number): Promise<void> {
  if (dice.roll(2) === 0) await settles(live, dice.roll(steps))
  else await Promise.race([pause(dice.roll(Math.ceil(ms * 1.1))), live.ended])
  live.kill('SIGKILL')
}

interface Recall {
  readonly settled: ReadonlySet<string>
  readonly notes: number
}

/** What is durable between two lives. */
async function recallOf({ store, journal }: Troubled): Promise<Recall> {
  const log = await logOf(store, RUN)
  const settled = log.flatMap(({ event }) => (event.kind === 'step.settled' ? [event.step] : []))
  return { settled: new Set(settled), notes: notesOf(journal).length }
}

/** What was settled, whoever was told of it, does not run in the next life. */
function expectNoneAgain({ journal }: Troubled, { settled, notes }: Recall): void {
  const again = notesOf(journal)
    .slice(notes)
    .find(({ step }) => settled.has(step))
  equal(again, undefined, `a settled step ran again: ${JSON.stringify(again)}`)
}
