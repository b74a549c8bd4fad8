/** `tutti what-if`: what would come of other durations, slots and pools. Runs nothing. */
import { whatIf } from '../../analysis/index.ts'
import { refuse } from '../../util/diagnostic.ts'
import { durationMs } from '../../util/duration.ts'
import { nearestName } from '../../util/nearest.ts'
import { EXIT } from '../exit.ts'
import { type Io, usage } from '../io.ts'
import { renderWhatIf, whatIfJson } from '../render/critical.ts'
import { type ChangedStep, type RoomFlags, stepsCalled, type Timing, timingOf } from './timing.ts'

interface WhatIfFlags extends RoomFlags {
  readonly step?: readonly string[]
  readonly duration?: readonly string[]
  readonly pool?: readonly string[]
  readonly json?: boolean
}

export async function whatIfCommand(io: Io, words: readonly string[], flags: WhatIfFlags): Promise<number> {
  const { step: names = [], duration: durations = [], pool: pools = [] } = flags
  if (names.length !== durations.length)
    throw usage('each --step needs a --duration behind it', 'tutti what-if RUN --step test --duration 10s')
  if (names.length === 0 && pools.length === 0 && flags.slots === undefined)
    throw usage('nothing is to be different', 'tutti what-if RUN --step test --duration 10s --slots 8')
  const timing = await timingOf(io, words, { ...flags, slots: undefined })
  const changed = changedSteps(timing, names, durations)
  const room = { ...timing.room, slots: flags.slots ?? timing.room.slots, pools: poolsOf(timing, pools) }
  const answer = whatIf(timing.timed, timing.room, { room, durationOf: ({ step }) => changed.get(step)?.ms })
  const told = { changed: [...changed.values()], room, answer }
  if (flags.json) io.out(`${JSON.stringify(whatIfJson(timing, told))}\n`)
  else io.out(renderWhatIf(timing, told, io.outScreen))
  return EXIT.succeeded
}

function changedSteps(
  timing: Timing,
  names: readonly string[],
  durations: readonly string[],
): ReadonlyMap<string, ChangedStep> {
  return new Map(
    names.flatMap((name, at) => {
      const ms = durationMs(durations[at] ?? '')
      return stepsCalled(timing, name).map(step => [step.step, { step, ms }] as const)
    }),
  )
}

/** `name=n`. Refuses POOL_UNKNOWN. */
function poolsOf({ timed }: Timing, words: readonly string[]): ReadonlyMap<string, number> {
  return new Map(
    words.map(word => {
      const [, name = '', count = ''] = /^(.*)=(\d+)$/.exec(word) ?? []
      if (name === '' || Number(count) < 1) throw usage(`${word} is no pool and number of slots`, '--pool db=4')
      const names = timed.pools.map(pool => pool.name)
      if (names.includes(name)) return [name, Number(count)] as const
      const near = nearestName(name, names)
      return refuse('POOL_UNKNOWN', `No step has slots of a pool ${name}`, {
        hint: near
          ? `Did you mean ${near}?`
          : names.length === 0
            ? 'No step has a pool: name --slots instead.'
            : `The pools: ${names.join(', ')}.`,
      })
    }),
  )
}
