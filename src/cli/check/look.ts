/**
 * A look at a workflow whenever its file is loaded, before it runs: what goes wrong in it, or contradicts what it claims, is
 * told. It runs all the same: the check takes every choice as possible, and the user may know better.
 */
import { type Graph, type Region, regionsOf } from '../../core/index.ts'
import type { Runnable } from '../../run/runnable.ts'
import type { Diagnostic } from '../../util/diagnostic.ts'
import { type Io, renderPlaced } from '../io.ts'

export async function lookAt(io: Io, runnable: Pick<Runnable, 'graph' | 'cwd' | 'name'>): Promise<void> {
  if (!isWorthIt(runnable.graph.root)) return
  const found = await problemsOf(runnable.graph, runnable.name)
  io.err(renderPlaced(io, found, runnable.cwd))
}

/** What only orders its steps cannot go wrong, and the analysis need not even be loaded. */
const isWorthIt = ({ nodes, properties = [] }: Region): boolean =>
  properties.length > 0 ||
  nodes.some(
    node =>
      node.policy.locks !== undefined ||
      node.kind === 'net' ||
      node.kind === 'cancel' ||
      (node.kind === 'call' && node.recurs !== undefined) ||
      (node.kind === 'scope' && node.until !== undefined) ||
      regionsOf(node).some(([, inner]) => isWorthIt(inner)),
  )

/** Nobody should have to wait for it. */
const LOOK_MS = 200

async function problemsOf(graph: Graph, name: string): Promise<readonly Diagnostic[]> {
  const { checkGraph, checkProperties, finish, newBudget } = await import('../../analysis/index.ts')
  const { sentenceOf } = await import('../render/counterexample.ts')
  const budget = newBudget({ ms: LOOK_MS })
  const check = finish(checkGraph(graph, budget))
  const unsound = check.counterexamples.map((each): Diagnostic => {
    const [at] = [...each.waits, ...each.dead].flatMap(({ step }) => step.at ?? [])
    return {
      code: 'UNSOUND',
      severity: 'warning',
      message: `${name}: ${sentenceOf(each)}`,
      hint: 'tutti check tells how it comes about, and draws it with --svg.',
      ...(at ? { at } : {}),
    }
  })
  const violated = finish(checkProperties(graph, budget)).flatMap((each): readonly Diagnostic[] =>
    each.kind === 'violated'
      ? [
          {
            code: 'PROPERTY_VIOLATED',
            severity: 'warning',
            message: `${name}: ${each.text} does not hold: ${each.because}`,
            hint: 'tutti check tells how it comes about.',
            ...(each.at ? { at: each.at } : {}),
          },
        ]
      : [],
  )
  return [...unsound, ...violated]
}
