/**
 * What a graph holds of a state: all that its work needs, as one text. The graph is then the whole program: what the names in
 * it mean is the same for every machine, a change of a template is a change of the graph, and a run is resumed from it alone.
 */
import { languageOf, type QueryLanguage, type State } from '../machine.ts'

export interface StateOf<S extends State = State> {
  readonly name: string
  readonly language: QueryLanguage
  readonly state: S
}

/** How such a text begins: nothing else in a compiled graph does. */
export const STATE_TEXT = '{"language":'

/** Without what the graph says itself: where it leads, and the machines inside. */
export function stateText(name: string, state: State, standard: QueryLanguage): string {
  const { Comment: _, ...own } = withoutParts(state)
  // In the order of the user's fields: it is that of what templates make.
  return JSON.stringify({ language: languageOf(state, standard), name, state: own })
}

function withoutParts(state: State): State {
  switch (state.Type) {
    case 'Parallel':
      return { ...state, Branches: [] }
    case 'Map': {
      const { ItemProcessor, Iterator: _, ...own } = state
      const config = ItemProcessor?.ProcessorConfig
      return { ...own, ItemProcessor: { StartAt: '', States: {}, ...(config ? { ProcessorConfig: config } : {}) } }
    }
    case 'Task':
    case 'Pass':
    case 'Choice':
    case 'Wait':
    case 'Succeed':
    case 'Fail':
      return state
  }
}

const read = new Map<string, StateOf>()
/** Texts of graphs that are gone are forgotten, all at once. */
const READ_MAX = 20_000

export function readState(text: string): StateOf {
  const known = read.get(text)
  if (known) return known
  if (read.size >= READ_MAX) read.clear()
  const state = JSON.parse(text) as StateOf
  read.set(text, state)
  return state
}
