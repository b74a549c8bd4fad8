/** Verdicts, boundedness and counterexamples against the judge, on random small nets of every sort. */
import { expect, test } from 'vitest'
import { judge } from './brute.ts'
import { compare } from './compare.ts'
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
