/** One seed: a random graph, a world, a plan of faults, and everything that must hold of the run. */
import { takeSnapshot } from '../../src/core/engine/snapshot.ts'
import type { State } from '../../src/core/engine/state.ts'
import type { Graph } from '../../src/core/graph/graph.ts'
import { validateGraph } from '../../src/core/graph/validate.ts'
import { diceOf } from '../core/dice.ts'
import type { Behaviour } from './behaviour.ts'
import { type Fault, faultPlan, type Knobs, knobsOf } from './faults.ts'
import { generate, type Kind } from './generate.ts'
import { Disagreement, Reference } from './reference.ts'
import { TokenGame } from './token-game.ts'
import { fold, World } from './world.ts'

/** All that a run hangs on: a failure is reported, repeated and made smaller as one. */
export interface Case {
  readonly graph: Graph
  readonly behaviour: Behaviour
  readonly faults: readonly Fault[]
  readonly knobs: Knobs
  readonly schedule: number
}

export function caseOf(seed: number, kinds?: readonly Kind[]): Case {
  const dice = diceOf(seed)
  const { graph, library } = generate(dice, kinds)
  return {
    graph,
    behaviour: { library, failOneIn: dice.pick([0, 0, 80, 25]) },
    faults: faultPlan(dice),
    knobs: knobsOf(dice),
    schedule: seed,
  }
}

/** How a case fails. `kind` is the same for the same kind of failure, whatever the names in it. */
export interface Failure {
  readonly kind: string
  readonly message: string
  readonly stack: string
}

export function failureOf(of: Case): Failure | undefined {
  try {
    check(of)
    return undefined
  } catch (error) {
    const { message, stack = '' } = error as Error
    return { kind: error instanceof Disagreement ? error.about : bare(message), message, stack }
  }
}

/** Without what is in it of one graph. */
const bare = (message: string): string => message.replace(/[\w.[\]/%'#]*\bn\d+\b[\w.[\]/%'#]*|\{.*|\d+/g, '#').slice(0, 80)

/** As text: V8's own serializer writes a whole number in two ways, as its JIT compiler likes. */
const bytesOf = (state: State): string =>
  JSON.stringify(takeSnapshot(state), (_, value: unknown) => (ArrayBuffer.isView(value) ? [...(value as Uint8Array)] : value))

/** For who shows a failure: the world of the last check. */
export const runs: { last: World | undefined } = { last: undefined }

export function check(of: Case): World {
  const problems = validateGraph(of.graph)
  if (problems.length > 0) throw new Error(`the validator refuses the graph: ${problems[0]?.code} ${problems[0]?.message}`)
  const world = new World({ ...of, dice: diceOf(of.schedule ^ 0x5eed) })
  runs.last = world
  world.run()
  const folded = fold(of.graph, of.behaviour.library, world.log)
  if (bytesOf(folded) !== bytesOf(world.state)) throw new Error('replay: the folded log gives other bytes')
  const reference = new Reference(of.graph, of.behaviour, new TokenGame())
  for (const entry of world.entries) reference.read(entry)
  if (!reference.isOver) throw new Error('the reference has not ended')
  return world
}
