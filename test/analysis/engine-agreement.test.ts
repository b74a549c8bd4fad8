/**
 * What the analysis says of a graph is what the engine does: invariant 3 of the design, what runs is what is verified.
 *
 * The judge is a search over all states of the engine (./engine-explore.ts), which knows nothing of the nets. Of every graph
 * the verdict has to be the same, the steps that never begin have to be the same, and every counterexample has to come out in
 * the engine as it is told (W4). Thousands of seeds more: `SEEDS=500..3000 npx vitest run test/analysis/engine-agreement`.
 */
import { describe, expect, test } from 'vitest'
import { finish, newBudget } from '../../src/analysis/net/budget.ts'
import { checkGraph } from '../../src/analysis/workflow/check.ts'
import { composeGraph } from '../../src/analysis/workflow/compose.ts'
import { loadFile } from '../../src/cli/file.ts'
import { root } from '../house/project.ts'
import { SCENARIOS } from '../patterns/scenarios.ts'
import { runnableOf } from '../patterns/explore.ts'
import { judge, type Judged, shrunk } from './engine-agreement.ts'
import { graphOfSeed } from './engine-graphs.ts'
import { nodesByPath } from './engine-paths.ts'
import { textOf } from './engine-text.ts'

const [FIRST = 0, LAST = 39] = (process.env['SEEDS'] ?? '0..39').split('..').map(Number)
const CHUNK = 20

const chunks = Array.from({ length: Math.ceil((LAST + 1 - FIRST) / CHUNK) }, (_, index) => {
  const from = FIRST + index * CHUNK
  return { from, to: Math.min(LAST, from + CHUNK - 1) }
})

const judged = new Map<number, Judged>()

function judgedSeed(seed: number): Judged {
  const known = judged.get(seed) ?? judge(graphOfSeed(seed))
  judged.set(seed, known)
  return known
}

function differencesIn({ from, to }: { readonly from: number; readonly to: number }): readonly string[] {
  const found: string[] = []
  for (let seed = from; seed <= to; seed++) {
    const said = judgedSeed(seed)
    if (said.kind === 'differ') found.push(`seed ${seed}: ${said.how}: ${textOf(shrunk(graphOfSeed(seed), said.how))}`)
  }
  return found
}

describe('what runs is what is verified (W4)', () => {
  test.each(chunks)('random graphs of the seeds $from to $to', chunk => {
    expect(differencesIn(chunk)).toEqual([])
  })

  test('among them are sound and unsound ones', () => {
    const said = Array.from({ length: LAST + 1 - FIRST }, (_, index) => judgedSeed(FIRST + index))
    const verdicts = said.flatMap(each => (each.kind === 'agree' ? [each.verdict] : []))
    expect(verdicts).toContain('sound')
    expect(verdicts).toContain('unsound')
  })
})

describe('each drawn node maps to the net (invariant 3 of the design)', () => {
  const graphs = [
    ...SCENARIOS.map(scenario => [scenario.name, runnableOf(scenario).graph] as const),
    ...Array.from({ length: 200 }, (_, seed) => [`seed ${seed}`, graphOfSeed(seed)] as const),
  ]

  test('to the transitions by which it begins, or to the step that the net does not see into', () => {
    for (const [name, graph] of graphs) {
      const { steps, opaque } = composeGraph(graph)
      const isUnseen = (path: string): boolean =>
        path.includes('.undo/') ||
        opaque.some(({ step }) => path.startsWith(step.path) && /^[/.[]/.test(path.slice(step.path.length)))
      const unmapped = [...nodesByPath(graph).keys()].filter(
        path => (steps.get(path)?.begins.length ?? 0) === 0 && !isUnseen(path),
      )
      expect(unmapped, name).toEqual([])
    }
  })

  test('and back: every transition that is no bookkeeping is of a step that is drawn', () => {
    for (const [name, graph] of graphs) {
      const drawn = nodesByPath(graph)
      const strangers = composeGraph(graph).meanings.filter(({ step }) => step && drawn.get(step.path) !== step.node)
      expect(strangers, name).toEqual([])
    }
  })
})

describe('the patterns are sound, in the engine and in the analysis', () => {
  // Recursion has no end of states: its net is one of the calls, which the analysis takes as a step.
  const scenarios = SCENARIOS.filter(({ name }) => name !== 'Recursion')
  test.each(scenarios)('$number. $name', scenario => {
    expect(judge(runnableOf(scenario).graph)).toEqual({ kind: 'agree', verdict: 'sound' })
  })
})

const EXAMPLES = ['drain', 'hello', 'monorepo', 'order', 'shop', 'trip', 'weather']

describe('the examples are sound', () => {
  test.each(EXAMPLES)('%s', async name => {
    const file = await loadFile(`examples/${name}/tutti.ts`, root)
    for (const workflow of file.workflows.keys()) {
      const { graph } = file.runnable(workflow)
      expect(finish(checkGraph(graph, newBudget())).soundness.kind, workflow).toBe('sound')
      // Some have more states than can be looked at here.
      expect(judge(graph), workflow).not.toHaveProperty('how')
    }
  })
})
