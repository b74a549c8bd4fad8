/**
 * What a fault is here: one thing that goes wrong for real (a process is killed, a disk is full, a bit flips), and what must
 * hold all the same. A round does it once, from a seed; `npm run faults` does many, the test suite a few.
 *
 *   Q1. A round throws when something does not hold; what it counts says how much was put to the test, never whether.
 *   Q2. A round's choices hang on its seed alone. (Its moments hang on the machine too: processes are real.)
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Dice, diceOf } from '../core/dice.ts'

export interface Round {
  readonly seed: number
  /** Of how many rounds it is one: they share what they go through, each by its seed. */
  readonly of: number
  readonly dice: Dice
  /** Empty at first. */
  readonly folder: string
}

/** How much was put to the test, by what it is. */
export type Tally = Readonly<Record<string, number>>

export interface Fault {
  readonly name: string
  /** One sentence: what goes wrong, and what holds. */
  readonly claim: string
  /** Why it cannot be tried on this machine; `undefined`: it can. */
  readonly unavailable?: () => string | undefined
  readonly round: (round: Round) => Promise<Tally>
  /** Ends what the rounds shared. */
  readonly close?: () => Promise<void>
}

export interface Failure {
  readonly seed: number
  readonly error: unknown
}

export interface Report {
  /** How many were done. */
  readonly rounds: number
  readonly tally: Tally
  readonly failures: readonly Failure[]
}

export interface Rounds {
  readonly count: number
  /** Of how many rounds these are some. Default: as many as they are. */
  readonly of?: number
  readonly seed: number
  /** Ends it after the round that is under way. */
  readonly signal?: AbortSignal
  /** Called after each round. */
  readonly onRound?: (done: number, failure: Failure | undefined) => void
}

/** All rounds, also behind a failure. The seed of round n is `seed` + n. */
export async function runRounds(fault: Fault, { count, of = count, seed, signal, onRound }: Rounds): Promise<Report> {
  const failures: Failure[] = []
  const tally: Record<string, number> = {}
  let rounds = 0
  for (let index = 0; index < count && !signal?.aborted; index += 1) {
    const failure = await attempt(fault, { seed: seed + index, of }, tally)
    if (failure) failures.push(failure)
    rounds = index + 1
    onRound?.(rounds, failure)
  }
  await fault.close?.()
  return { rounds, tally, failures }
}

async function attempt(
  fault: Fault,
  round: Pick<Round, 'seed' | 'of'>,
  tally: Record<string, number>,
): Promise<Failure | undefined> {
  const folder = scratch(fault.name)
  try {
    const counts = await fault.round({ ...round, folder, dice: diceOf(round.seed) })
    for (const [name, count] of Object.entries(counts)) tally[name] = (tally[name] ?? 0) + count
    return undefined
  } catch (error) {
    return { seed: round.seed, error }
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

export const scratch = (name: string): string => mkdtempSync(join(tmpdir(), `tutti-fault-${name}-`))
