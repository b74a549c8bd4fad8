/** What goes wrong in a run, as a plan that can be read, repeated and made smaller. */
import type { Dice } from '../core/dice.ts'

export const FAULT_KINDS = [
  /** The process dies with all its attempts; another folds the log. Nothing that was not acknowledged has been written. */
  'crash',
  /** As `crash`, but a part of the last batch was written. */
  'torn write',
  /** The lease is lost: another owner folds the log, and what the old one's attempts did arrives late. */
  'lost lease',
  /** One commit fails: the state is dropped and folded again; attempts run on. */
  'failed append',
  /** So do the next few. */
  'store full',
  /** Everything that runs is lost with its worker. */
  'lost worker',
  'clock forward',
  'clock back',
  /** A signal comes although nobody may wait for it. */
  'signal',
  /** The same message twice. */
  'signal twice',
  'cancel run',
  'cancel scope',
  'cancel step',
  /** The process goes on from a snapshot instead of from its state. */
  'snapshot',
] as const
export type FaultKind = (typeof FAULT_KINDS)[number]

export interface Fault {
  readonly kind: FaultKind
  /** Happens before the world's action with this number. */
  readonly before: number
}

/** What happens again and again: one in so many; 0 never. */
export interface Knobs {
  /** An attempt is lost with its worker. */
  readonly lost: number
  /** A report comes twice. */
  readonly twice: number
  /** A commit is put off while inputs go on. */
  readonly slow: number
  /** An outcome is known and need not be worked for. */
  readonly known: number
  /** A timer fires before its instant. */
  readonly early: number
  /** After so many choices by chance the oldest action goes first. */
  readonly choices: number
}

const RARE: ReadonlySet<FaultKind> = new Set(['cancel run', 'cancel scope', 'cancel step', 'clock forward'])

/** The first comes early, so that every run has one. */
export function faultPlan(dice: Dice): readonly Fault[] {
  const faults: Fault[] = []
  let before = 2 + dice.roll(12)
  for (let left = 1 + dice.roll(5); left > 0; left--) {
    const kind = dice.pick(FAULT_KINDS)
    if (!RARE.has(kind) || dice.roll(3) === 0) faults.push({ kind, before })
    else faults.push({ kind: 'crash', before })
    before += 1 + dice.roll(40)
  }
  return faults
}

export const knobsOf = (dice: Dice): Knobs => ({
  lost: dice.pick([0, 30, 12]),
  twice: dice.pick([0, 10, 4]),
  slow: dice.pick([0, 2, 4, 10]),
  known: dice.pick([0, 8]),
  early: dice.pick([0, 6]),
  choices: Number.MAX_SAFE_INTEGER,
})
