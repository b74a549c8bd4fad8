/** What user code threw, back from its fault: for whoever rethrows it (a flow that awaits, a program that calls `run`). */
import type { Fault } from '../core/engine/protocol.ts'
import type { ValueStore } from './store.ts'

/** The thrown value as near as it can be had; an error with the fault's code and message when none could be kept. */
export async function decodeFault(fault: Fault, values: ValueStore): Promise<unknown> {
  if (fault.error) return values.decode(fault.error)
  return Object.assign(new Error(fault.message), { code: fault.code })
}
