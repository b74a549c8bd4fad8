/** Looks for the first seed of moves that fails. Bundled together with an engine that may be a mutant. */
import { failureOf } from '../check.ts'
import type { Found } from '../hunt.ts'
import { checkMoves, moveCaseOf } from './check.ts'

export function hunt(from: number, seeds: number): Found | undefined {
  for (let seed = from; seed < from + seeds; seed++) {
    const failure = failureOf(moveCaseOf(seed), checkMoves)
    if (failure) return { seed, message: failure.message }
  }
  return undefined
}
