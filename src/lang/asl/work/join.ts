/** What a Parallel or a Map gives when all in it have ended. */
import type { Json } from '../../../util/json.ts'
import { writeResults } from '../items/index.ts'
import type { MapState, ParallelState } from '../machine.ts'
import type { StateOf } from '../compile/state-text.ts'
import type { Frame, Scope } from '../scope.ts'
import { inTurn, itemOf, mapOf, type Read, writerOf } from '../state/index.ts'
import { TASK_EVENTS } from './frames.ts'
import type { Host } from './host.ts'

/** `ended`: in the order of the branches or items; undefined: of those that failed and were tolerated. */
export async function joined(
  host: Host,
  of: StateOf<ParallelState | MapState>,
  scope: Scope,
  ended: readonly (Frame | undefined)[],
  read?: Read,
): Promise<{ readonly result: Json; readonly events: number }> {
  const outputs = ended.flatMap(frame => (frame ? [frame.input] : []))
  const before = scope.enteredId - 1
  const spent = ended.reduce((sum, frame) => sum + (frame ? Math.max(0, frame.events - before) : 0), 0)
  const events = TASK_EVENTS - 1 + spent
  if (of.state.Type !== 'Map' || of.state.ResultWriter === undefined) return { result: outputs, events }
  const { state } = of
  const writing = await writerOf(state, scope)
  if (!writing) return { result: outputs, events }
  const inputs = await inputsOf(state, scope, read)
  const now = host.world.now()
  const label = state.Label ?? of.name
  const machineArn = host.execution('').machineArn
  const arn = `${machineArn.replace(':stateMachine:', ':mapRun:')}/${label}:${host.world.uuid()}`
  const children = ended.map((frame, index) => {
    const name = host.world.uuid()
    return {
      arn: `${machineArn.replace(':stateMachine:', ':execution:')}/${label}:${name}`,
      machineArn: `${machineArn}/${label}`,
      name,
      input: inputs[index] ?? null,
      startedMs: now,
      stoppedMs: now,
      end: frame ? ({ kind: 'SUCCEEDED', output: frame.input } as const) : ({ kind: 'FAILED' } as const),
    }
  })
  return { result: await writeResults({ state: of.name, arn, children, world: host.world }, writing, host), events }
}

/** What each iteration was given. */
async function inputsOf(state: MapState, scope: Scope, read: Read | undefined): Promise<readonly Json[]> {
  const { items } = await mapOf(state, scope, read)
  return inTurn(items, (item, index) => itemOf(state, scope, item, index, read))
}
