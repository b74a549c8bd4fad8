/**
 * What follows from an event without being one: that a scope has ended, that a step was skipped or begins to wait. Told to
 * readers of the log who ask for it (`apply(state, event, notes)`), so that nobody has to find it out a second time.
 */
import type { Fault, StepId } from './protocol.ts'

export type Note =
  | { readonly kind: 'entered'; readonly scope: string }
  /** `exited`: by `x`, because something in it failed or because it was interrupted. */
  | { readonly kind: 'left'; readonly scope: string; readonly how: 'ended' | 'exited' }
  /** It waits for an instant, a signal, a grant, its next try or its last calls: the state says for what. */
  | { readonly kind: 'waits'; readonly step: StepId }
  /** It has come to rest. `lingers`: it has passed, and something of it runs on; it rests once more at the end of that. */
  | {
      readonly kind: 'rested'
      readonly step: StepId
      readonly how: 'passed' | 'lingers' | 'failed' | 'cancelled' | 'skipped'
      readonly fault?: Fault
    }
