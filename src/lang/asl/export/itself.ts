/** A graph that was a state machine from the beginning is that machine again: what its states say is all in it. */
import type { Graph } from '../../../core/graph/graph.ts'
import type { Json } from '../../../util/json.ts'
import { machineIn } from '../compile/read-back.ts'
import { type Machine, processorOf, type QueryLanguage, type State } from '../machine.ts'
import { secondsOf } from './policy.ts'

/** Undefined: a graph that is, or has, something else. */
export function machineItself({ root, deadlineMs }: Graph): Json | undefined {
  const [net, ...others] = root.nodes.filter(({ kind }) => kind === 'net')
  const machine = net && others.length === 0 ? machineIn(net) : undefined
  const isAlone = root.nodes.every(node => node === net || (node.kind === 'effect' && node.task === 'asl.start'))
  if (!machine || !isAlone) return undefined
  const all = languagesIn(machine)
  // A machine in JSONata has no state in JSONPath; the other way round is allowed.
  const language: QueryLanguage = all.has('JSONPath') ? 'JSONPath' : 'JSONata'
  return {
    ...(language === 'JSONata' ? { QueryLanguage: language } : {}),
    ...(deadlineMs === undefined ? {} : { TimeoutSeconds: secondsOf(deadlineMs) }),
    ...(spoken(machine, language) as unknown as { readonly [field: string]: Json }),
  }
}

const partsOf = (state: State): readonly Machine[] =>
  state.Type === 'Parallel' ? state.Branches : state.Type === 'Map' ? [processorOf(state)] : []

function languagesIn({ States }: Machine): ReadonlySet<QueryLanguage> {
  const found = new Set<QueryLanguage>()
  for (const state of Object.values(States)) {
    found.add(state.QueryLanguage ?? 'JSONPath')
    for (const part of partsOf(state)) for (const language of languagesIn(part)) found.add(language)
  }
  return found
}

/** States say their language only where it is another one. */
function spoken<M extends Machine>(machine: M, language: QueryLanguage): M {
  const states = Object.entries(machine.States).map(([name, state]) => [name, spokenState(state, language)] as const)
  return { ...machine, States: Object.fromEntries(states) }
}

function spokenState(state: State, language: QueryLanguage): State {
  const { QueryLanguage: own, ...rest } = state
  const said = own === undefined || own === language ? {} : { QueryLanguage: own }
  if (state.Type === 'Parallel')
    return { ...rest, ...said, Type: 'Parallel', Branches: state.Branches.map(each => spoken(each, language)) }
  if (state.Type === 'Map')
    return { ...rest, ...said, Type: 'Map', ItemProcessor: spoken(processorOf(state), language) }
  return { ...rest, ...said } as State
}
