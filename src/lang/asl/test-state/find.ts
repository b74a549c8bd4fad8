/** The state that is tested: the definition itself, or one of its states by name, however deep it is nested. */
import type { Json } from '../../../util/json.ts'
import { languageOf, type Machine, type QueryLanguage, type State } from '../machine.ts'
import { isRecord, refuse } from './refuse.ts'

export interface Found {
  readonly name: string
  readonly state: State
  readonly language: QueryLanguage
}

/** What AWS calls a state that is tested without a machine around it. */
const NAMELESS = 'StateName'

export function findState(definition: Json, stateName: string | undefined): Found {
  if (!isRecord(definition)) return refuse('A definition must be a JSON object', 'InvalidDefinition')
  const standard = (definition['QueryLanguage'] ?? 'JSONPath') as QueryLanguage
  if (stateName === undefined) {
    const state = definition as unknown as State
    return { name: NAMELESS, state, language: languageOf(state, 'JSONPath') }
  }
  const state = stateIn(definition as unknown as Machine, stateName)
  return state
    ? { name: stateName, state, language: languageOf(state, standard) }
    : refuse('State not found in definition')
}

function stateIn(machine: Machine, name: string): State | undefined {
  const states = machine.States ?? {}
  if (Object.hasOwn(states, name)) return states[name]
  for (const state of Object.values(states))
    for (const inner of machinesIn(state)) {
      const found = stateIn(inner, name)
      if (found) return found
    }
  return undefined
}

function machinesIn(state: State): readonly Machine[] {
  if (state.Type === 'Parallel') return state.Branches
  const processor = state.Type === 'Map' ? (state.ItemProcessor ?? state.Iterator) : undefined
  return processor ? [processor] : []
}
