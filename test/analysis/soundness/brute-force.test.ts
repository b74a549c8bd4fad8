/** Verdicts, boundedness and counterexamples against the judge, on random small nets of every sort. */
import { expect, test } from 'vitest'
import { judge } from './brute.ts'
import { compare } from './compare.ts'
import { anyNet, mutatedWorkflow, sharedMachines } from './random-nets.ts'

/** More by hand. */
const MANY = Number(process.env['NETS'] ?? 1)
const FROM = Number(process.env['FROM'] ?? 0)

test.each([
  ['structured workflows with arcs changed', mutatedWorkflow, 1_000],
  ['machines with shared places', sharedMachines, 4_000],
  ['any nets', anyNet, 5_000],
] as const)('%s have the verdict of a brute-force search', (_, make, count) => {
  const wrong: string[] = []
  const seen = { sound: 0, unsound: 0, unbounded: 0, skipped: 0 }
  for (let seed = FROM; seed < FROM + count * MANY; seed++) {
    const net = make(seed)
    const judged = judge(net, 500)
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
