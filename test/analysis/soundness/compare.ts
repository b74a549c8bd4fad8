/** Holds an answer against the judge, and every counterexample against the net. */
import { finish, newBudget } from '../../../src/analysis/net/budget.ts'
import type { PetriNet } from '../../../src/analysis/net/petri-net.ts'
import { checkSoundness } from '../../../src/analysis/soundness/check.ts'
import { verifyViolation } from '../../../src/analysis/soundness/verify.ts'
import type { Judged } from './brute.ts'

/** What is wrong with the answer; undefined where nothing is. */
export function compare(net: PetriNet, judged: Judged): string | undefined {
  const verdict = finish(checkSoundness(net, newBudget()))
  if (verdict.kind === 'unknown') return `unknown: ${verdict.far}`
  if (verdict.kind === 'sound') return judged.sound ? undefined : `sound, but ${[...judged.kinds].join()}`
  if (judged.sound) return `unsound by ${verdict.violations.map(({ kind }) => kind).join()}, but sound`
  if (verdict.boundedness === (judged.bounded ? 'unbounded' : 'bounded')) return `not ${verdict.boundedness}`
  if (verdict.violations.length === 0) return 'no violation'
  for (const violation of verdict.violations) {
    const verified = verifyViolation(net, violation)
    if (verified.kind === 'fails') return `${violation.kind} [${violation.trace}]: ${verified.because}`
    const distance = judged.distance.get(violation.kind)
    if (violation.length === 'found' || !judged.bounded) continue
    if (distance === undefined) return `there is no ${violation.kind}`
    if (violation.trace.length !== distance) return `${violation.kind} takes ${distance}, not ${violation.trace.length}`
  }
  return undefined
}
