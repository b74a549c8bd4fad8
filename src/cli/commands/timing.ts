/** Whose time is asked about: a run as it was, or a workflow with what its steps took in the past. Runs nothing. */
import { expectedTimes, type Room, type Timed, type TimedStep, timesOf } from '../../analysis/index.ts'
import { commandsMax } from '../../exec/index.ts'
import { mostAtOnce, pastDurations } from '../../run/past.ts'
import { SLOTS } from '../../run/shell.ts'
import type { Store } from '../../store/index.ts'
import { refuse } from '../../util/diagnostic.ts'
import { nearestName } from '../../util/nearest.ts'
import type { Io } from '../io.ts'
import { findRun, hasStore, type StoreFlags, storeFolder, withStore, withStoreIfThere } from '../store.ts'
import { loadTarget } from '../versions/load.ts'
import { recordOf } from './recorded-run.ts'
import { stepsMeant } from './stored-run.ts'

export interface Timing {
  readonly what:
    | { readonly kind: 'run'; readonly run: string }
    | { readonly kind: 'workflow'; readonly workflow: string }
  readonly timed: Timed
  readonly room: Room
  /** How many of its steps have a past; of a run all that ran. */
  readonly known: number
}

export interface RoomFlags extends StoreFlags {
  readonly slots?: number
}

/** A step, and what it is said to take. */
export interface ChangedStep {
  readonly step: TimedStep
  readonly ms: number
}

/** The words are those of a run, or of a file and a workflow; none: the newest run. Refuses RUN_UNKNOWN, NO_PAST and what loading refuses. */
export async function timingOf(io: Io, words: readonly string[], flags: RoomFlags): Promise<Timing> {
  const [first] = words
  const folder = storeFolder(io, flags)
  const isRun =
    words.length < 2 &&
    ((await withStoreIfThere(folder, async store => first === undefined || store.runs.get(first) !== undefined)) ??
      false)
  return isRun ? withStore(io, flags, store => ofRun(store, first, flags)) : ofWorkflow(io, words, flags)
}

async function ofRun(store: Store, run: string | undefined, { slots }: RoomFlags): Promise<Timing> {
  const record = await recordOf(store, findRun(store, run))
  const timed = timesOf(record)
  const ran = timed.steps.filter(step => step !== undefined).length
  if (ran === 0)
    refuse('NO_PAST', `No step of run ${record.run} has begun`, { hint: `tutti show ${record.run} says why.` })
  // Where nobody waited for a slot, there may have been any number of them.
  const isShort = timed.handovers.some(({ of }) => of.kind === 'slot')
  const seen = isShort ? timed.slots : Math.max(timed.slots, usualSlots())
  return { what: { kind: 'run', run: record.run }, timed, room: roomOf(slots ?? seen), known: ran }
}

async function ofWorkflow(io: Io, words: readonly string[], flags: RoomFlags): Promise<Timing> {
  const { file, runnable } = await loadTarget(io, words, flags)
  const folder = storeFolder(io, flags, file)
  const past = (await withStoreIfThere(folder, store => pastDurations(store, runnable))) ?? new Map<string, number>()
  const room = roomOf(
    flags.slots ?? (await withStoreIfThere(folder, store => slotsOf(store, runnable))) ?? usualSlots(),
  )
  const timed = expectedTimes(runnable.graph, past, room)
  const known = timed.steps.filter(step => step && past.has(step.step)).length
  if (known === 0 && past.size === 0)
    io.err(
      `nothing is known of earlier runs of ${runnable.name}${hasStore(folder) ? '' : ' (there is no store)'}: each step is taken for 1 ms\n`,
    )
  return { what: { kind: 'workflow', workflow: runnable.name }, timed, room, known }
}

/** Only commands are held to `usualSlots`; what ran side by side without one may do so again. */
export const slotsOf = async (store: Store, runnable: Parameters<typeof mostAtOnce>[1]): Promise<number> =>
  Math.max(usualSlots(), (await mostAtOnce(store, runnable)) ?? 0)

/** What `tutti run` starts at a time at most, of steps that run commands. */
export const usualSlots = (): number => Math.min(SLOTS, commandsMax())

/** As `tutti run` has it unless it is told otherwise; what a run was told is in no log. */
export const roomOf = (slots: number): Room => ({ slots, policy: { kind: 'critical-path' } })

/** The steps of a name, or of a pattern with `*`. Refuses STEP_UNKNOWN. */
export function stepsCalled({ timed, what }: Timing, name: string): readonly TimedStep[] {
  const steps = timed.steps.flatMap(step =>
    step ? [{ id: step.step, path: step.shown, name: step.shown.slice(step.shown.lastIndexOf('/') + 1), step }] : [],
  )
  const found = stepsMeant(name, steps)
  if (found.length > 0) return found.map(({ step }) => step)
  const near = nearestName(
    name,
    steps.flatMap(({ id, path, name: own }) => [id, path, own]),
  )
  return refuse('STEP_UNKNOWN', `${what.kind === 'run' ? `Run ${what.run}` : what.workflow} has no step ${name}`, {
    hint: near
      ? `Did you mean ${near}?`
      : `The steps: ${steps
          .slice(0, 20)
          .map(({ path }) => path)
          .join(', ')}.`,
  })
}
