/** Random machines, run by the engine in a simulation, in whatever weather. */
import type { Event, Fault } from '../../../../src/core/index.ts'
import { bindMachine } from '../../../../src/lang/asl/bind.ts'
import { historyOf, type HistoryEvent } from '../../../../src/lang/asl/history/index.ts'
import type { Machine } from '../../../../src/lang/asl/machine.ts'
import type { World } from '../../../../src/lang/asl/scope.ts'
import { stateErrorIn } from '../../../../src/lang/asl/work/errors.ts'
import { workflowOf } from '../../../../src/lang/open.ts'
import type { AnyWorkflow } from '../../../../src/run/embed.ts'
import type { Faults } from '../../../../src/sim/faults.ts'
import { newMockBook } from '../../../../src/sim/mocks.ts'
import { runnableOf } from '../../../../src/sim/simulate.ts'
import { simulateWorld } from '../../../../src/sim/world.ts'
import type { Json } from '../../../../src/util/json.ts'
import { decodeFault, type ValueStore } from '../../../../src/values/index.ts'
import { FUNCTION } from './render.ts'
import type { Ended } from './walk.ts'
import { work } from './work.ts'

const START = Date.UTC(2030, 0, 1)

export interface Ran {
  readonly end: Ended
  readonly log: readonly Event[]
  readonly history: readonly HistoryEvent[]
}

export const boundOf = (machine: Machine, world?: World) =>
  bindMachine({ machine }, { name: 'random', bindings: { [FUNCTION]: work }, ...(world ? { world } : {}) })

export function run(
  machine: Machine,
  input: Json,
  { seed, faults }: { readonly seed?: number; readonly faults?: Faults },
): Promise<Ran> {
  let now = (): number => START
  let count = 0
  const world: World = { now: () => now(), random: () => 0.5, uuid: () => `id-${(count += 1)}` }
  const options = {
    runnable: runnableOf(workflowOf(boundOf(machine, world)) as AnyWorkflow),
    args: { input },
    book: newMockBook({}),
    real: 'all' as const,
    seed,
    faults: faults ?? {},
    signals: [],
    requests: [],
    startMs: START,
    timeMsMax: 3_650 * 86_400_000,
    eventsMax: 100_000,
    patienceMs: 20_000,
    slots: undefined,
    sources: {},
    secrets: {},
    onClock: (read: () => number) => {
      now = read
    },
  }
  return simulateWorld(options, async ({ chronicle, waits }, values) => {
    const log = chronicle.events
    const end = log.findLast(event => event.kind === 'run.ended')
    if (end?.kind !== 'run.ended') throw new Error(`the run waits for ${JSON.stringify(waits)}`)
    const history = await historyOf({ definition: machine, events: log, load: ref => values.decode(ref) })
    return { end: await endOf(end, values), log, history }
  })
}

async function endOf(end: Extract<Event, { kind: 'run.ended' }>, values: ValueStore): Promise<Ended> {
  if (end.status === 'succeeded')
    return { status: 'SUCCEEDED', output: end.output ? ((await values.decode(end.output)) as Json) : null }
  const fault = end.fault as Fault
  const error = stateErrorIn({ ...fault, causes: [], error: await decodeFault(fault, values) })
  if (!error) throw new Error(`${end.status}: ${fault.code} ${fault.message} at ${String(fault.step)}`)
  return { status: 'FAILED', error: error.error }
}
