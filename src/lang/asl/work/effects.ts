/** What the effects of compiled graphs do (../compile/words.ts): all that touches the world, or may be tried again. */
import type { AnyFunction } from '../../../dsl/definition.ts'
import { effect, task } from '../../../dsl/task.ts'
import { ctx } from '../../../exec/index.ts'
import type { WorkingState } from '../compile/errors.ts'
import { readState, type StateOf } from '../compile/state-text.ts'
import { WORK } from '../compile/words.ts'
import { readItems } from '../items/index.ts'
import type { FailState, MapState, ParallelState } from '../machine.ts'
import type { Frame } from '../scope.ts'
import { argumentOf, exitOf, failureOf, type Read, readerOf } from '../state/index.ts'
import { StateError } from '../state-error.ts'
import { type Execution, type GivenContext, scopeOf } from './context.ts'
import { asStateError, classified, type GivenFault, stateErrorIn } from './errors.ts'
import { nextFrame, within } from './frames.ts'
import type { Host } from './host.ts'
import { joined } from './join.ts'
import { conclude, perform } from './task.ts'

export function effects(host: Host): { readonly [name: string]: AnyFunction } {
  const { world } = host
  const own = {
    [WORK.start]: (): Execution => host.execution(ctx().run),

    [WORK.perform]: (text: string, frame: Frame, context: GivenContext) =>
      known(readState(text), () => perform(host, text, frame, context)),

    [WORK.conclude]: (text: string, frame: Frame, context: GivenContext, performed: unknown, answer: unknown) =>
      known(readState(text), () => conclude(host, { text, frame, context, performed, answer })),

    [WORK.fail]: async (text: string, frame: Frame, context: GivenContext | null): Promise<never> => {
      const of = readState(text)
      const { error, cause } = await failureOf(of.state as FailState, scopeOf(of, frame, context, world))
      throw new StateError(error, cause)
    },

    [WORK.enter]: (text: string, frame: Frame, context: GivenContext | null) => {
      const of = readState(text)
      return argumentOf(of.state as ParallelState, scopeOf(of, frame, context, world))
    },

    [WORK.read]: async (text: string, frame: Frame, context: GivenContext | null): Promise<Read> => {
      const of = readState(text)
      const reading = await readerOf(of.state as MapState, scopeOf(of, frame, context, world))
      if (!reading) throw new Error('defect: a map without a reader reads nothing')
      return readItems(of.name, reading, host)
    },

    [WORK.join]: async (
      text: string,
      frame: Frame,
      context: GivenContext | null,
      ended: readonly (Frame | undefined)[],
      read?: Read | null,
    ) => {
      const of = readState(text) as StateOf<ParallelState | MapState>
      const scope = scopeOf(of, frame, context, world)
      const { result, events } = await joined(host, of, scope, ended, read ?? undefined)
      return nextFrame(frame, within(host.limits, of.name, await exitOf(of.state, scope, result)), events)
    },

    [WORK.rethrow]: async (text: string, fault: GivenFault): Promise<never> => {
      const error = stateErrorIn(fault)
      throw error
        ? classified(readState(text) as StateOf<WorkingState>, error)
        : (fault.error ?? new Error(fault.message))
    },
  }
  return Object.fromEntries(
    Object.entries<AnyFunction>(own).map(([name, fn]) => [name, (ACTS.has(name) ? effect : task)(fn, { name })]),
  )
}

/** What touches the world; all else is a machine's own work. */
const ACTS: ReadonlySet<string> = new Set([WORK.perform, WORK.read, WORK.join])

/** What `work` fails with, of the class that the state's rules of retrying know. */
async function known<T>(of: StateOf, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const own = asStateError(error)
    throw own ? classified(of as StateOf<WorkingState>, own) : error
  }
}
