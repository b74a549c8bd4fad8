/** Verdicts, boundedness and counterexamples against the judge, on random small nets of every sort. */
import { expect, test } from 'vitest'
import { finish, newBudget } from '../../../src/analysis/net/budget.ts'
import type { PetriNet } from '../../../src/analysis/net/petri-net.ts'
import { checkSoundness } from '../../../src/analysis/soundness/check.ts'
import { verifyViolation } from '../../../src/analysis/soundness/verify.ts'
import { judge } from './brute.ts'
import { anyNet, mutatedWorkflow, sharedMachines } from './random-nets.ts'

const COUNT = Number(process.env['NETS'] ?? 3_400)
const FROM = Number(process.env['FROM'] ?? 0)

test.each([
  ['structured workflows with arcs changed', mutatedWorkflow],
  ['machines with shared places', sharedMachines],
  ['any nets', anyNet],
] as const)('%s have the verdict of a brute-force search', (_, make) => {
  const wrong: string[] = []
  const seen = { sound: 0, unsound: 0, unbounded: 0, skipped: 0 }
  for (let seed = FROM; seed < FROM + COUNT; seed++) {
    const net = make(seed)
    const judged = judge(net, 3_000)
    if (!judged) {
      seen.skipped += 1
      continue
    }
    seen[judged.sound ? 'sound' : judged.bounded ? 'unsound' : 'unbounded'] += 1
    const complaint = compare(net, judged)
    if (complaint) wrong.push(`${net.name}: ${complaint}`)
  }
  expect(wrong.slice(0, 5)).toEqual([])
  if (process.env['NETS']) console.log(seen)
})

function compare(net: PetriNet, judged: NonNullable<ReturnType<typeof judge>>): string | undefined {
  const verdict = finish(checkSoundness(net, newBudget()))
  if (verdict.kind === 'unknown') return `unknown: ${verdict.far}`
  if (verdict.kind === 'sound') return judged.sound ? undefined : `sound, but ${[...judged.kinds].join()}`
  if (judged.sound) return `unsound by ${verdict.violations.map(({ kind }) => kind).join()}, but sound`
  if (verdict.boundedness === (judged.bounded ? 'unbounded' : 'bounded'))
    return `boundedness is not ${verdict.boundedness}`
  if (verdict.violations.length === 0) return 'no violation'
  for (const violation of verdict.violations) {
    const verified = verifyViolation(net, violation)
    if (verified.kind === 'fails') return `${violation.kind} [${violation.trace}]: ${verified.because}`
    const distance = judged.distance.get(violation.kind)
    if (judged.bounded && distance === undefined) return `there is no ${violation.kind}`
    if (violation.length === 'shortest' && distance !== undefined && violation.trace.length !== distance)
      return `${violation.kind} takes ${distance} steps, not ${violation.trace.length}`
  }
  return undefined
}
