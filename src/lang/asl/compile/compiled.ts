/** A state that is compiled, and what all that is made of it has in common. */
import type { Expr } from '../../../core/graph/graph.ts'
import type { QueryLanguage, State } from '../machine.ts'
import { type Around, contextFor } from './around.ts'
import { literal, type Named, paramAt } from './build.ts'
import { stateText } from './state-text.ts'

export interface Compiled<S extends State = State> {
  readonly key: string
  readonly id: string
  readonly state: S
  /** Of the machine that it is a state of. */
  readonly language: QueryLanguage
  /** Its path is the state's. */
  readonly around: Around
  /** Of the region that a firing of it enters: `state` is a parameter there. */
  readonly depth: number
}

/** What all functions about a state are called with first: the state, the frame, the context. `here`: who asks. */
export function about({ key, state, language, around, depth }: Compiled, here = depth): readonly [Expr, Expr, Expr] {
  const text = stateText(key, state, language)
  const context = contextFor(text, around, state.Type === 'Task' ? 'always' : 'if it asks')
  return [literal(text), paramAt(depth, 'state')(here), context(here)]
}

/** A node for the state itself, or for a part of its work. */
export function named({ key, id, around }: Compiled, part = ''): Named {
  const at = around.at(around.path)
  return { id: `${id}${part}`, name: `${key}${part}`, ...(at ? { at } : {}) }
}
