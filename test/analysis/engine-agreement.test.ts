/**
 * What the analysis says of a graph is what the engine does: invariant 3 of the design, what runs is what is verified.
 *
 * The judge is a search over all states of the engine (./engine-explore.ts), which knows nothing of the nets. Of every graph
 * the verdict has to be the same, the steps that never begin have to be the same, and every counterexample has to come out in
 * the engine as it is told (W4). Thousands of seeds more: `SEEDS=500..3000 npx vitest run test/analysis/engine-agreement`.
 */
import { describe, expect, test } from 'vitest'
import { SCENARIOS } from '../patterns/scenarios.ts'
import { runnableOf } from '../patterns/explore.ts'
import { judge, shrunk } from './engine-agreement.ts'
import { graphOfSeed } from './engine-graphs.ts'
import { textOf } from './engine-text.ts'

const [FIRST = 0, LAST = 79] = (process.env['SEEDS'] ?? '0..79').split('..').map(Number)
const CHUNK = 40

const chunks = Array.from({ length: Math.ceil((LAST + 1 - FIRST) / CHUNK) }, (_, index) => {
  const from = FIRST + index * CHUNK
  return { from, to: Math.min(LAST, from + CHUNK - 1) }
})

function differencesIn({ from, to }: { readonly from: number; readonly to: number }): readonly string[] {
  const found: string[] = []
  for (let seed = from; seed <= to; seed++) {
    const graph = graphOfSeed(seed)
    const judged = judge(graph)
    if (judged.kind === 'differ') found.push(`seed ${seed}: ${judged.how}: ${textOf(shrunk(graph, judged.how))}`)
  }
  return found
}

describe('what runs is what is verified (W4)', () => {
  test.each(chunks)('random graphs of the seeds $from to $to', chunk => {
    expect(differencesIn(chunk)).toEqual([])
  })

  test('among them are sound and unsound ones', () => {
    const verdicts = Array.from({ length: 30 }, (_, seed) => judge(graphOfSeed(seed)))
    const count = (verdict: string): number =>
      verdicts.filter(judged => judged.kind === 'agree' && judged.verdict === verdict).length
    expect(count('sound')).toBeGreaterThan(10)
    expect(count('unsound')).toBeGreaterThan(3)
  })
})

describe('the patterns are sound, in the engine and in the analysis', () => {
  // Recursion has no end of states: its net is one of the calls, which the analysis takes as a step.
  const scenarios = SCENARIOS.filter(({ name }) => name !== 'Recursion')
  test.each(scenarios)('$number. $name', scenario => {
    expect(judge(runnableOf(scenario).graph)).toEqual({ kind: 'agree', verdict: 'sound' })
  })
})
