/** `tutti history`: what happened in a run of a state machine, in the events that AWS has for it. */
import {
  awsShape,
  type HistoryEvent,
  machineAt,
  type MachineOfRun,
  machinesOf,
  readHistory,
} from '../../lang/asl/history/index.ts'
import { executionOf, NOWHERE, REAL } from '../../lang/asl/work/host.ts'
import { valuesOf } from '../../run/launch.ts'
import type { RunRow } from '../../store/index.ts'
import { refuse } from '../../util/diagnostic.ts'
import { nearestName } from '../../util/nearest.ts'
import { EXIT } from '../exit.ts'
import type { Io } from '../io.ts'
import { findRun, type StoreFlags, withStore } from '../store.ts'
import { foldRun } from './stored-run.ts'

export interface HistoryFlags extends StoreFlags {
  /** As GetExecutionHistory answers. */
  readonly aws?: boolean
  /** A JSON object a line. */
  readonly json?: boolean
  /** The machine, where the run has several. */
  readonly step?: string
}

export const historyCommand = (io: Io, run: string | undefined, flags: HistoryFlags): Promise<number> =>
  withStore(io, flags, async store => {
    const row = findRun(store, run)
    const { graph, events } = await foldRun(store, row)
    const inside = flags.step === undefined ? undefined : machineAt(graph, flags.step)
    const { machine, step, name } = inside ?? chosenMachine(row, machinesOf(graph, events), flags.step)
    const values = valuesOf(store, { cwd: io.cwd })
    const standard = executionOf(row.run, { name, type: 'STANDARD' }, NOWHERE, REAL)
    const { events: history, execution = standard } = await readHistory({
      definition: machine,
      events,
      load: ref => values.decode(ref),
      step,
      mapRunArn: label => `${standard.machineArn.replace(':stateMachine:', ':mapRun:')}/${label}:${row.run}`,
    })
    if (flags.aws) {
      const { roleArn, machineArn } = execution
      const version = row.version === undefined ? {} : { stateMachineVersionArn: `${machineArn}:${row.version}` }
      io.out(`${JSON.stringify(awsShape(history, { roleArn, region: NOWHERE.region, ...version }), undefined, 2)}\n`)
    } else for (const event of history) io.out(`${flags.json ? JSON.stringify(event) : lineOf(event)}\n`)
    return EXIT.succeeded
  })

function chosenMachine(row: RunRow, machines: readonly MachineOfRun[], step: string | undefined): MachineOfRun {
  const [only] = machines
  if (!only)
    return refuse('RUN_NO_MACHINE', `Run ${row.run} has entered no state of a state machine`, {
      hint: `tutti show ${row.run} tells what it did.`,
    })
  const found = step === undefined ? only : machines.find(each => each.step === step || each.name === step)
  if (found && (step !== undefined || machines.length === 1)) return found
  const names = machines.map(each => each.step)
  if (step === undefined)
    return refuse('MACHINE_NEEDED', `Run ${row.run} has several state machines: ${names.join(', ')}`, {
      hint: `Name one: tutti history ${row.run} --step ${names[0] ?? ''}`,
    })
  const near = nearestName(step, names)
  return refuse('STEP_UNKNOWN', `Run ${row.run} has no state machine ${step}`, {
    hint: near ? `Did you mean ${near}?` : `It has ${names.join(', ')}.`,
  })
}

/** When, which, after which, what. */
function lineOf(event: HistoryEvent): string {
  const { id, previousEventId, type, atMs } = event
  const about =
    'name' in event ? event.name : 'state' in event ? event.state : 'resource' in event ? event.resource : undefined
  const number = 'index' in event ? ` ${event.index}` : 'length' in event ? ` ${event.length}` : ''
  const why = 'error' in event && event.error !== undefined ? `: ${event.error}` : ''
  const at = new Date(atMs).toISOString()
  const ids = `${String(id).padStart(5)}  ${String(previousEventId).padStart(5)}`
  return `${at}  ${ids}  ${type}${about === undefined ? '' : ` ${about}`}${number}${why}`
}
