/** The analysis beside the engine: in what they differ about a graph, and the smallest graph in which they still do. */
import type { Graph } from '../../src/core/index.ts'
import { finish, newBudget } from '../../src/analysis/net/budget.ts'
import { checkGraph, type GraphCheck } from '../../src/analysis/workflow/check.ts'
import { replay } from '../../src/analysis/workflow/replay.ts'
import type { Composed } from '../../src/analysis/workflow/composed.ts'
import type { Violation } from '../../src/analysis/net/verdict.ts'
import { type Explored, exploreEngine } from './engine-explore.ts'
import { smaller } from './engine-graphs.ts'

export type Judged =
  /** `unknown`: the analysis says that it does not see enough, where the engine may be either. */
  | { readonly kind: 'agree'; readonly verdict: 'sound' | 'unsound' | 'unknown' }
  /** More states than are looked at. */
  | { readonly kind: 'too-large' }
  | { readonly kind: 'differ'; readonly how: string }

type EngineFound = Extract<Explored, { kind: 'explored' }>

export interface JudgeLimits {
  readonly statesMax: number
  readonly ms: number
}

export const LIMITS: JudgeLimits = { statesMax: 300, ms: 10_000 }

export function judge(graph: Graph, { statesMax, ms }: JudgeLimits = LIMITS): Judged {
  const engine = exploreEngine(graph, { statesMax })
  if (engine.kind === 'too-large') return { kind: 'too-large' }
  const found = finish(checkGraph(graph, newBudget({ ms })))
  const { soundness } = found
  if (soundness.kind === 'unknown' && isUnseen(soundness.far)) return { kind: 'agree', verdict: 'unknown' }
  const [how] = differences(graph, engine, found)
  return how === undefined
    ? { kind: 'agree', verdict: soundness.kind === 'unsound' ? 'unsound' : 'sound' }
    : { kind: 'differ', how }
}

/** W3: undos that take locks, nets that something may interrupt. Not that a counterexample did not come out. */
const isUnseen = (far: string): boolean => far.endsWith('not seen')

function* differences(
  graph: Graph,
  engine: EngineFound,
  { soundness, composed, inside }: GraphCheck,
): Generator<string> {
  if (soundness.kind === 'unknown') return void (yield `the analysis does not know: ${soundness.why}`)
  const violations = soundness.kind === 'unsound' ? soundness.violations : []
  const faults = violations.filter(({ kind }) => kind !== 'dead-transition')
  const ofEngine = faultOf(engine)
  const isFaulty = faults.length > 0
  // Where a net of a step is at fault, or something never runs in it, the rest is not looked at, nor whether it is ever entered.
  const isUnentered = inside !== undefined && engine.dead.includes(inside.path)
  if (isFaulty ? ofEngine === undefined && !isUnentered : ofEngine !== undefined && !inside)
    yield `analysis: ${faults.map(({ kind }) => kind).join(', ') || 'no fault'}; engine: ${ofEngine ?? 'no fault'}`
  const found = composed ? deadIn(violations, composed) : []
  const known = outermost(engine.dead)
  for (const path of found)
    if (!engine.dead.some(dead => dead === path || dead.startsWith(path))) yield 'a step that begins is called dead'
  if (!isFaulty && !inside)
    for (const path of known)
      if (!found.some(dead => path === dead || path.startsWith(dead))) yield 'a dead step is not found'
  for (const violation of violations) {
    const replayed = composed && violation.kind !== 'unbounded' ? replay(graph, composed, violation) : undefined
    if (replayed?.kind === 'differs') yield `${violation.kind} does not replay: ${replayed.why}`
  }
}

/** Those that stand in no other one that is dead. What undoes is not looked at by the analysis. */
const outermost = (dead: readonly string[]): readonly string[] =>
  dead.filter(path => !path.includes('.undo/') && !dead.some(other => other !== path && isInside(path, other)))

const isInside = (path: string, outer: string): boolean =>
  path.startsWith(outer) && /^[/.[]/.test(path.slice(outer.length))

function faultOf({ stuck, endless, netsStuck }: EngineFound): string | undefined {
  if (stuck) return 'stuck'
  if (endless) return 'endless'
  return netsStuck.size > 0 ? 'a net gets stuck' : undefined
}

/** Paths of steps, and of what transitions of free nets run: `n.t/`. */
const deadIn = (violations: readonly Violation[], { meanings }: Composed): readonly string[] =>
  violations.flatMap(({ kind, transitions }) =>
    kind !== 'dead-transition'
      ? []
      : transitions.flatMap(transition => {
          const { step, deed } = meanings[transition]!
          if (!step) return []
          return deed.kind === 'fires' ? [`${step.path}.${deed.label}/`] : deed.kind === 'begins' ? [step.path] : []
        }),
  )

/** A graph of which nothing can be left out without that they agree, or differ otherwise. */
export function shrunk(graph: Graph, how: string, limits: JudgeLimits = LIMITS): Graph {
  for (const next of smaller(graph)) {
    const found = judge(next, limits)
    if (found.kind === 'differ' && found.how === how) return shrunk(next, how, limits)
  }
  return graph
}
