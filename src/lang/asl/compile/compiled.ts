/** A state that is compiled, and what all that is made of it has in common. */
import type { Expr } from '../../../core/graph/graph.ts'
import type { Position } from '../../../util/diagnostic.ts'
import type { State } from '../machine.ts'
import { type Around, contextFor } from './around.ts'
import { literal, type Named, paramAt } from './build.ts'

export interface Compiled<S extends State = State> {
  readonly key: string
  readonly id: string
  readonly state: S
  /** All that its work needs: ./state-text.ts. */
  readonly text: string
  readonly at: Position | undefined
  /** Its path is the state's. */
  readonly around: Around
  /** Of the region that a firing of it enters: `state` is a parameter there. */
  readonly depth: number
}

/** What all functions about a state are called with first: the state, the frame, the context. `here`: who asks. */
export function about({ text, state, around, depth }: Compiled, here = depth): readonly [Expr, Expr, Expr] {
  const context = contextFor(text, around, state.Type === 'Task' ? 'always' : 'if it asks')
  return [literal(text), paramAt(depth, 'state')(here), context(here)]
}

/** A node for the state itself, or for a part of its work. */
export function named({ key, id, at }: Compiled, part = ''): Named {
  return { id: `${id}${part}`, name: `${key}${part}`, ...(at ? { at } : {}) }
}
