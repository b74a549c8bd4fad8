/** A fault and what caused it, as lines: each cause once, under what it caused. */
import type { Fault, ValueRef } from '../../core/engine/protocol.ts'
import type { Hash } from '../../util/hash.ts'
import type { Json } from '../../util/json.ts'
import { fromTagged } from '../../util/tagged.ts'
import { faultLine } from './step-label.ts'
import { plain } from './text.ts'

/** Values that are not inline, decoded beforehand by whoever can read the store: rendering does no I/O. */
export type Decoded = ReadonlyMap<Hash, unknown>

/** Longer chains are loops or repeat themselves; more arms that failed tell no more. */
const CAUSES_MAX = 20

export interface CauseLine {
  /** 0: of the fault itself. */
  readonly depth: number
  readonly text: string
}

/** The fault's line, then a line for each cause, indented under what it caused. */
export function faultLines(fault: Fault, decoded: Decoded = new Map()): readonly string[] {
  return [
    faultLine(fault),
    ...causesOf(fault, decoded).map(({ depth, text }) => `${'  '.repeat(depth)}caused by ${plain(text)}`),
  ]
}

/** The stack as the user's code had it, when the error was kept. */
export function stackOf(fault: Fault, decoded: Decoded = new Map()): string | undefined {
  const error = errorOf(fault.error, decoded)
  return error instanceof Error ? error.stack : undefined
}

/** What was thrown; nothing when it was not kept, or is neither inline nor decoded. */
export function errorOf(ref: ValueRef | undefined, decoded: Decoded): unknown {
  if (!ref) return undefined
  if (decoded.has(ref.hash)) return decoded.get(ref.hash)
  if (ref.inline === undefined || ref.codec !== 'json') return undefined
  try {
    return fromTagged(JSON.parse(ref.inline) as Json)
  } catch {
    // Written by a newer version or with a user's own tag: code and message stand in the fault, and are shown.
    return undefined
  }
}

/** What the error was caused by, from the nearest to the first, and the faults that led to this one with their own causes. */
export function causesOf(fault: Fault, decoded: Decoded = new Map()): readonly CauseLine[] {
  const found: CauseLine[] = []
  const seen = new Set([sameness(fault)])
  collect(fault, 0, decoded, found, seen)
  return found
}

function collect(fault: Fault, depth: number, decoded: Decoded, found: CauseLine[], seen: Set<string>): void {
  // What was thrown tells of its causes itself where the fault does not.
  for (const text of fault.causes?.length ? [] : thrownCauses(fault, decoded)) {
    if (found.length >= CAUSES_MAX || seen.has(text)) continue
    seen.add(text)
    found.push({ depth, text })
  }
  for (const cause of fault.causes ?? []) {
    if (found.length >= CAUSES_MAX || seen.has(sameness(cause))) continue
    seen.add(sameness(cause))
    found.push({ depth, text: causeText(cause) })
    collect(cause, depth + 1, decoded, found, seen)
  }
}

/** A cause that was thrown without a code of its own is known by its class. */
function causeText(cause: Fault): string {
  if (cause.step !== undefined) return `${faultLine(cause)} (${cause.step})`
  const [name] = cause.types ?? []
  return cause.code === 'TASK_FAILED' && name !== undefined ? `${name}: ${cause.message}` : faultLine(cause)
}

const sameness = ({ code, message, step }: Fault): string => JSON.stringify([code, message, step])

/** The chain of `cause` behind what was thrown. */
function thrownCauses(fault: Fault, decoded: Decoded): readonly string[] {
  const error = errorOf(fault.error, decoded)
  const found: string[] = []
  let each = error instanceof Error ? error.cause : undefined
  while (each !== undefined && each !== null && found.length < CAUSES_MAX) {
    found.push(
      each instanceof Error
        ? `${each.name}: ${each.message}`
        : typeof each === 'string'
          ? each
          : (JSON.stringify(each) ?? String(each)),
    )
    each = each instanceof Error ? each.cause : undefined
  }
  return found
}
