/** The state that is tested: the definition itself, or one of its states by name, however deep it is nested. */
import type { Json } from '../../../util/json.ts'
import { languageOf, type Machine, type QueryLanguage, type State } from '../machine.ts'
import { showPath } from '../source.ts'
import { problemsOf, stateProblemsOf } from '../validate/validate.ts'
import { isRecord, refuse } from './refuse.ts'

export interface Found {
  readonly name: string
  readonly state: State
  readonly language: QueryLanguage
}

/** What AWS calls a state that is tested without a machine around it. */
const NAMELESS = 'StateName'

/** Refuses what is not well-formed: the state, or the machine that it is sought in. */
export function findState(definition: Json, stateName: string | undefined): Found {
  checkForm(definition, stateName)
  if (stateName === undefined) {
    const state = definition as unknown as State // checked
    return { name: NAMELESS, state, language: languageOf(state, 'JSONPath') }
  }
  const machine = definition as unknown as Machine // checked
  const state = stateIn(machine, stateName) ?? refuse('State not found in definition')
  return { name: stateName, state, language: languageOf(state, machine.QueryLanguage ?? 'JSONPath') }
}

function checkForm(definition: Json, stateName: string | undefined): void {
  if (!isRecord(definition)) return refuse('Definition must be a valid JSON object', 'InvalidDefinition')
  const problems = stateName === undefined ? stateProblemsOf(definition) : problemsOf(definition)
  const wrong = problems
    .filter(each => each.severity === 'error')
    .map(({ code, message, location }) => `${code}: ${message.trimEnd()} at ${location ? showPath(location) : 'null'}`)
  if (wrong.length > 0) refuse(`Invalid State Machine Definition: '${wrong.join(', ')}'`, 'InvalidDefinition')
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
