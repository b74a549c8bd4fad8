/** Looks for the first seed that fails. Bundled together with an engine that may be a mutant. */
import { caseOf, failureOf } from './check.ts'

export interface Found {
  readonly seed: number
  readonly message: string
}

export function hunt(from: number, seeds: number): Found | undefined {
  for (let seed = from; seed < from + seeds; seed++) {
    const failure = failureOf(caseOf(seed))
    if (failure) return { seed, message: failure.message }
  }
  return undefined
}
