/** `tutti critical`: what the time of a run or a workflow hangs on. Runs nothing. */
import { criticalOf, moreSlots, played } from '../../analysis/index.ts'
import { EXIT } from '../exit.ts'
import type { Io } from '../io.ts'
import { criticalJson, renderCritical } from '../render/critical.ts'
import { type RoomFlags, timingOf } from './timing.ts'

interface CriticalFlags extends RoomFlags {
  readonly json?: boolean
  readonly all?: boolean
}

export async function criticalCommand(io: Io, words: readonly string[], flags: CriticalFlags): Promise<number> {
  const timing = await timingOf(io, words, flags)
  const { timed, room } = timing
  const critical = criticalOf(timed)
  const more = { played: played(timed, room).makespan, with: moreSlots(timed, room, 1)[1], slots: room.slots }
  if (flags.json) io.out(`${JSON.stringify(criticalJson(timing, critical, more))}\n`)
  else io.out(renderCritical(timing, critical, { more, shown: flags.all ? 'all' : 'most', screen: io.outScreen }))
  return EXIT.succeeded
}
