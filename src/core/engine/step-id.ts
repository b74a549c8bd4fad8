/**
 * Structural names: the same step instance has the same id in every replay and every process.
 *
 *     step id    = scope path, node id            tests[a.ts]/triage
 *     scope path = ( node id, mark, '/' )*        '' is the run's own scope
 *     mark       = '' of a call | '.label' of a region with a name (a branch, an arm, `catch`, `undo`)
 *                | '[key]' of an item, a flow's call, or a turn of a loop | '.label[n]' of a region that is entered again
 */
import { hashText } from '../../util/hash.ts'
import type { StepId } from './protocol.ts'

/** A key longer than this stands in the id by its beginning and its hash. */
const KEY_LENGTH_MAX = 100

export const callPath = (scopePath: string, nodeId: string): string => `${scopePath}${nodeId}/`
export const branchPath = (scopePath: string, nodeId: string, branch: string): string =>
  `${scopePath}${nodeId}.${escapeKey(branch)}/`
export const keyedPath = (scopePath: string, nodeId: string, key: string): string =>
  `${scopePath}${nodeId}[${escapeKey(key)}]/`
/** The first time has no number, so that a path does not tell whether there could be a second. */
export const turnPath = (step: StepId, label: string, turn: number): string =>
  turn === 0 ? branchPath('', step, label) : `${step}.${escapeKey(label)}[${turn}]/`

/** Scope path and node id of a step id. */
export function splitStepId(step: StepId): readonly [scopePath: string, nodeId: string] {
  const end = step.lastIndexOf('/') + 1
  return [step.slice(0, end), step.slice(end)]
}

/** Percent-escapes what has a meaning in ids, and what would break a line. */
export function escapeKey(key: string): string {
  const escaped = /[%/[\]\u0000-\u001f\u007f]/.test(key) ? key.replace(/[%/[\]\u0000-\u001f\u007f]/g, percent) : key
  return escaped.length <= KEY_LENGTH_MAX
    ? escaped
    : `${escaped.slice(0, KEY_LENGTH_MAX / 2)}~${hashText(key).slice(0, 16)}`
}

const percent = (character: string): string => `%${character.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`
