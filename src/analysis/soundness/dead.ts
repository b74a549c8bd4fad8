/** Which transitions of a net never fire, when one of what the rules left of it never does. */
import type { Budget, Sliced } from '../net/budget.ts'
import type { PetriNet } from '../net/petri-net.ts'
import { reduce, type Reduction } from '../reduce/reduce.ts'
import { type Flow, flowOf } from '../search/firing.ts'
import { exact } from './exact.ts'

interface DeadOf {
  readonly budget: Budget
  readonly flow: Flow
  readonly reduction: Reduction
  /** Dead transitions of what is left. */
  readonly among: readonly number[]
}

/** How many transitions are tried one by one. */
const TRIED_MAX = 8

export function* deadOf(net: PetriNet, { budget, reduction, among }: DeadOf): Sliced<readonly number[]> {
  const dead: number[] = []
  for (const t of suspectsOf(reduction, among).slice(0, TRIED_MAX)) {
    const kept = yield* reduce(net, { budget, keep: { transitions: [t] } })
    const at = kept.transitions.indexOf(t)
    const left = yield* exact(kept.net, { budget, flow: flowOf(kept.net), markings: 'stubborn', statesAfter: 0 })
    const isDead = left.violations.some(
      ({ kind, transitions }) => kind === 'dead-transition' && transitions.includes(at),
    )
    if (isDead) dead.push(t)
  }
  return dead
}

/** Those that dead ones stand for, the others not; the first of each first. */
function suspectsOf({ net, lift }: Reduction, among: readonly number[]): number[] {
  const isDead = new Set(among)
  const alive = new Set(lift([]))
  for (const t of net.transitions.keys()) if (!isDead.has(t)) for (const original of lift([t])) alive.add(original)
  const suspects = among.flatMap(t => lift([t]).filter(original => !alive.has(original)))
  return [...new Set(suspects)]
}
