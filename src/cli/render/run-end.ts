/** The last line of `--json`: how a run ended, or why it stands still. The kinds and fields here are public. */
import type { Fault, RunStatus, StepId } from '../../core/engine/protocol.ts'
import type { Json } from '../../util/json.ts'
import { causesOf, type Decoded } from './faults.ts'
import type { WaitJson } from './waits.ts'

export interface RunEnd {
  readonly run: string
  readonly status: RunStatus
  /** The result in tagged JSON; absent when there is none. */
  readonly output?: Json
  readonly fault?: Fault
  readonly decoded?: Decoded
}

export const runEndedLine = ({ run, status, output, fault, decoded }: RunEnd): string =>
  JSON.stringify({ kind: 'run.ended', run, status, output, error: fault && errorJson(fault, decoded) })

export const runPausedLine = (run: string, reason: 'interrupted' | 'waiting', waits?: readonly WaitJson[]): string =>
  JSON.stringify({ kind: 'run.paused', run, reason, waits })

interface ErrorJson {
  readonly code: string
  readonly message: string
  readonly step?: StepId
  /** From the nearest to the first cause. */
  readonly causes?: readonly string[]
}

function errorJson(fault: Fault, decoded: Decoded | undefined): ErrorJson {
  const causes = causesOf(fault, decoded).map(({ text }) => text)
  return { code: fault.code, message: fault.message, step: fault.step, ...(causes.length > 0 ? { causes } : {}) }
}
