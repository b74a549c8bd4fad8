/** `tutti debug`: a past attempt again, alone, from what the store has of it. Nothing is appended to its run. */
import { idempotencyKey } from '../../core/index.ts'
import { inspectorAddress } from '../../run/debug/inspector.ts'
import { clearOutputs, openWorkplace, projectAsWorkplace, type Workplace } from '../../run/debug/workplace.ts'
import type { Store } from '../../store/index.ts'
import { refuse } from '../../util/diagnostic.ts'
import type { DebugPlan } from '../debug/debuggee.ts'
import { findPast, type Past, planOf } from '../debug/past.ts'
import { rerun } from '../debug/rerun.ts'
import { openShell } from '../debug/shell.ts'
import type { Io } from '../io.ts'
import { placeIn } from '../place.ts'
import { findRun, type StoreFlags, withStore } from '../store.ts'

export interface DebugFlags extends StoreFlags {
  readonly attempt?: number
  readonly inspect?: boolean
  readonly inspectBrk?: boolean
  /** HOST:PORT of either. */
  readonly inspectAt?: string
  readonly allowEffects?: boolean
  readonly inPlace?: boolean
  readonly shell?: boolean
  readonly json?: boolean
}

export const debugCommand = (io: Io, run: string, step: string, flags: DebugFlags): Promise<number> =>
  withStore(io, flags, async store => {
    const inspect = inspectOf(flags)
    const wanted = { step, ...(flags.attempt === undefined ? {} : { attempt: flags.attempt }) }
    const past = await findPast(store, findRun(store, run), wanted)
    if (!flags.allowEffects && !flags.shell) blockEffect(io, past)
    const plan = { ...planOf(store, past, await placeFor(io, store, past, flags)), ...inspect }
    return flags.shell
      ? openShell(io, past, plan)
      : rerun({ io, store, past, plan, format: flags.json ? 'json' : 'text' })
  })

const inspectOf = ({ inspect, inspectBrk, inspectAt }: DebugFlags): Pick<DebugPlan, 'inspect'> =>
  inspect || inspectBrk
    ? {
        inspect: {
          address: inspectorAddress(inspectAt),
          pause: inspectBrk ? 'at the first line' : 'at breakpoints',
        },
      }
    : {}

function blockEffect(io: Io, { row, step, restored, projectFolder }: Past): void {
  if (restored.description.node.kind !== 'effect') return
  refuse('EFFECT_BLOCKED', `Step ${step.path} is an effect: run again, it would act on the world again`, {
    ...(step.at ? { at: placeIn(projectFolder, io.cwd)(step.at) } : {}),
    hint: `--allow-effects runs it, with the idempotency key that it had: ${idempotencyKey(row.run, step.id)}`,
  })
}

async function placeFor(
  io: Io,
  store: Store,
  { projectFolder, restored }: Past,
  flags: DebugFlags,
): Promise<Workplace> {
  const { node } = restored.description
  if (flags.inPlace) return projectAsWorkplace(projectFolder)
  const workplace = await openWorkplace(projectFolder, store.path, 'dir' in node ? node.dir : undefined)
  await clearOutputs(workplace.folder, restored.description.args)
  if (workplace.leftOut > 0)
    io.err(
      `warning: ${workplace.leftOut} files of ${projectFolder} are not copied (too many, too large, or links that lead out); --in-place runs it there\n`,
    )
  return workplace
}
