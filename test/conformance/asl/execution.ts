/**
 * An execution, run by the engine in a simulation: effects run for real with what the case binds them to, and waits, back-off and
 * slow functions take virtual time.
 */
import { randomUUID } from 'node:crypto'
import type { Event, Fault, ValueRef } from '../../../src/core/index.ts'
import { bindMachine } from '../../../src/lang/asl/bind.ts'
import { historyOf } from '../../../src/lang/asl/history/index.ts'
import type { Machine } from '../../../src/lang/asl/machine.ts'
import { parseDefinition } from '../../../src/lang/asl/parse/definition.ts'
import type { World } from '../../../src/lang/asl/scope.ts'
import { stateErrorIn } from '../../../src/lang/asl/work/errors.ts'
import { workflowOf } from '../../../src/lang/open.ts'
import { type Told, simulateWorld } from '../../../src/sim/world.ts'
import type { Faults } from '../../../src/sim/faults.ts'
import { newMockBook } from '../../../src/sim/mocks.ts'
import { runnableOf } from '../../../src/sim/simulate.ts'
import type { Json } from '../../../src/util/json.ts'
import { decodeFault, type ValueStore } from '../../../src/values/index.ts'
import type { AnyWorkflow } from '../../../src/run/embed.ts'
import { durationKey, type Durations } from './behaviour.ts'
import { bindingsOf } from './bindings.ts'
import type { Actual, Case, JsonObject } from './case.ts'

const ACCOUNT = { partition: 'aws', region: 'us-east-1', account: '111111111111' }
const START = Date.UTC(2030, 0, 1)
const TEN_YEARS_MS = 3_650 * 86_400_000
const EVENTS_MAX = 1_000_000
/** Of real time, while nothing moves. */
const PATIENCE_MS = 20_000

/** What goes wrong on the way, decided by a seed; `CALM`: nothing. */
export interface Weather {
  readonly seed: number | undefined
  readonly faults: Faults
}

export const CALM: Weather = { seed: undefined, faults: {} }

export async function execute(of: Case, folder: string, { seed, faults }: Weather): Promise<Actual> {
  const input = inputOf(of)
  if (input === undefined) return { status: 'INVALID', error: 'InvalidExecutionInput' }
  const parsed = parseDefinition({ path: 'machine.asl.json', text: of.definitionText ?? JSON.stringify(of.definition) })
  if (!parsed.ok)
    return { status: 'INVALID', error: 'InvalidDefinition', cause: parsed.error.map(each => each.message).join('; ') }
  const { machine, at } = parsed.value
  const durations: Durations = new Map()
  let now = (): number => START
  const bindings = bindingsOf(of, folder, durations)
  const world: World = { now: () => now(), random: Math.random, uuid: () => randomUUID() }
  const bound = bindMachine(
    { machine, at },
    { name: 'machine', type: of.type, bindings, folder, limits: 'aws', account: ACCOUNT, world },
  )
  const runnable = runnableOf(workflowOf(bound) as AnyWorkflow, folder)
  const options = {
    runnable,
    args: { input },
    book: newMockBook({}),
    real: 'all' as const,
    seed,
    faults,
    signals: [],
    requests: [],
    startMs: of.clock === undefined ? START : Date.parse(of.clock),
    timeMsMax: TEN_YEARS_MS,
    eventsMax: EVENTS_MAX,
    patienceMs: PATIENCE_MS,
    slots: undefined,
    sources: {},
    secrets: {},
    takes: (call: { readonly step: string; readonly attempt: number }) =>
      (durations.get(durationKey(call)) ?? 0) * 1_000,
    onClock: (read: () => number) => {
      now = read
    },
  }
  return simulateWorld(options, (told, values) => ended(told, values, { machine }))
}

function inputOf({ input, inputText }: Case): Json | undefined {
  if (inputText === undefined) return input
  try {
    return JSON.parse(inputText) as Json
  } catch {
    return undefined
  }
}

interface About {
  readonly machine: Machine
}

async function ended({ chronicle, waits }: Told, values: ValueStore, about: About): Promise<Actual> {
  const log = chronicle.events
  const end = log.findLast(event => event.kind === 'run.ended')
  if (end?.kind !== 'run.ended') return { status: 'RUNNING', cause: `waits for ${JSON.stringify(waits)}` }
  const told = { events: await eventsOf(log, values, about) }
  switch (end.status) {
    case 'succeeded':
      return { status: 'SUCCEEDED', output: end.output ? ((await values.decode(end.output)) as Json) : null, ...told }
    case 'cancelled':
      return { status: 'ABORTED', ...told }
    default:
      return { ...(await failed(end.fault, values)), ...told }
  }
}

async function eventsOf(log: readonly Event[], values: ValueStore, { machine }: About): Promise<readonly JsonObject[]> {
  const load = (ref: ValueRef): Promise<unknown> => values.decode(ref)
  return (await historyOf({ definition: machine, events: log, load })) as unknown as readonly JsonObject[]
}

async function failed(fault: Fault | undefined, values: ValueStore): Promise<Actual> {
  if (!fault) return { status: 'FAILED' }
  if (fault.code === 'TIMEOUT' && fault.step === undefined) return { status: 'TIMED_OUT', error: 'States.Timeout' }
  const error = stateErrorIn({ ...fault, causes: [], error: await decodeFault(fault, values) })
  if (!error) return { status: 'BROKEN', cause: `${fault.code}: ${fault.message}` }
  return {
    status: 'FAILED',
    ...(error.error === undefined ? {} : { error: error.error }),
    ...(error.reason === undefined ? {} : { cause: error.reason }),
  }
}
