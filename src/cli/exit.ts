/** Exit codes, as CI and scripts read them. */
import type { RunStatus } from '../core/index.ts'
import type { Diagnostic } from '../util/diagnostic.ts'

export const EXIT = {
  succeeded: 0,
  failed: 1,
  usage: 2,
  refused: 3,
  /** Of a check: within its limits nothing can be said. */
  unknown: 4,
  cancelled: 5,
  waiting: 6,
  interrupted: 130,
  terminated: 143,
} as const

export function exitOfStatus(status: RunStatus): number {
  switch (status) {
    case 'succeeded':
      return EXIT.succeeded
    case 'failed':
    case 'timed-out':
    case 'diverged':
      return EXIT.failed
    case 'cancelled':
      return EXIT.cancelled
  }
}

/** What is wrong with the words of the command, rather than with a file, a graph or a store. */
const USAGE: ReadonlySet<string> = new Set([
  'USAGE',
  'ADOPT_COMMAND',
  'ADOPT_EXISTS',
  'ATTEMPT_UNKNOWN',
  'AT_OUTSIDE',
  'BISECT_ORDER',
  'BUMP_TOO_LOW',
  'BAD_RUN_ID',
  'BAD_SELECTION',
  'CHANNEL_INVALID',
  'CHECKOUT_NOT_EMPTY',
  'EFFECT_NOT_MOCKED',
  'GIT_MISSING',
  'INPUT_INVALID',
  'INIT_EXISTS',
  'MACHINE_NEEDED',
  'MOCK_UNKNOWN',
  'MOVE_PASSED',
  'NOT_A_REPOSITORY',
  'NOT_MOCKABLE',
  'NOT_PUBLISHED',
  'NO_PAST',
  'NO_RUNS',
  'OTHER_WORKFLOW',
  'PARAMETER_INVALID',
  'PARAMETER_MISSING',
  'PARAMETER_UNKNOWN',
  'POOL_UNKNOWN',
  'REF_UNKNOWN',
  'RENAME_COLLIDES',
  'RENAME_UNKNOWN',
  'RUN_ENDED',
  'RUN_EMBEDDED',
  'RUN_EXISTS',
  'RUN_LIVE',
  'RUN_OWNED',
  'RUN_UNKNOWN',
  'SIGNAL_INVALID',
  'SIGNAL_LOST',
  'SIGNAL_UNKNOWN',
  'STEP_ENDED',
  'STEP_NOT_PARKED',
  'STEP_AMBIGUOUS',
  'STEP_HAS_NO_ATTEMPT',
  'STEP_HAS_NO_VALUE',
  'STEP_UNKNOWN',
  'TASK_NOT_MOCKED',
  'VERSION_AMBIGUOUS',
  'VERSION_OTHER',
  'VERSION_SAME',
  'VERSION_UNKNOWN',
  'WORKFLOW_NEEDED',
  'WORKFLOW_UNKNOWN',
])

export const exitOfDiagnostics = (diagnostics: readonly Diagnostic[]): number =>
  diagnostics.every(each => USAGE.has(each.code)) ? EXIT.usage : EXIT.refused
