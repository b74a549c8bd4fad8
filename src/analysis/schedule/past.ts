/** What is known of earlier runs: how long steps took, by the scopes that they stood in. */
import type { StepId } from '../../core/index.ts'

/** Milliseconds by step instance, as ids have them (`tests[a.ts]/triage`). */
export type PastDurations = ReadonlyMap<StepId, number>

/** One scope, and those inside of it. */
export interface PastScope {
  /** By the id of the node. */
  readonly ms: ReadonlyMap<string, number>
  /** By the id of the node, then by the mark of the scope: '' of a call, `[key]`, `.label`, `.label[turn]`. */
  readonly scopes: ReadonlyMap<string, ReadonlyMap<string, PastScope>>
}

export const NO_PAST: PastScope = { ms: new Map(), scopes: new Map() }

interface Growing {
  readonly ms: Map<string, number>
  readonly scopes: Map<string, Map<string, Growing>>
}

export function pastScopes(past: PastDurations): PastScope {
  const root = newScope()
  for (const [step, ms] of past) {
    const segments = step.split('/')
    const node = segments.pop()!
    segments.reduce(inside, root).ms.set(node, ms)
  }
  return root
}

const newScope = (): Growing => ({ ms: new Map(), scopes: new Map() })

function inside(scope: Growing, segment: string): Growing {
  // An id has neither a dot nor a bracket.
  const end = segment.search(/[.[]/)
  const [node, mark] = end === -1 ? [segment, ''] : [segment.slice(0, end), segment.slice(end)]
  const marks = scope.scopes.get(node) ?? new Map<string, Growing>()
  scope.scopes.set(node, marks)
  const found = marks.get(mark) ?? newScope()
  marks.set(mark, found)
  return found
}

/** The middle one of all that is known. */
export function usualMs(past: PastDurations): number | undefined {
  const sorted = Float64Array.from(past.values()).sort()
  return sorted.length === 0 ? undefined : sorted[sorted.length >> 1]
}
