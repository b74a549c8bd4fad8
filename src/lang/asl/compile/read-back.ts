/**
 * The machine that a net was made of, read from the graph alone: a stored run can be told, and a workflow exported, without the
 * text that it came from. What only people read (comments) is not in a graph.
 */
import { type Node, type Region, regionsOf } from '../../../core/graph/graph.ts'
import type { Json } from '../../../util/json.ts'
import type { Machine, QueryLanguage, State } from '../machine.ts'
import { idOf } from './build.ts'
import { STATE_TEXT, type StateOf } from './state-text.ts'

/** Undefined: a net that is no machine. */
export function machineIn(net: Node): Machine | undefined {
  const spoken: Spoken = {}
  const machine = innerMachine(net, spoken)
  return machine && spoken.language === 'JSONata' ? { QueryLanguage: spoken.language, ...machine } : machine
}

/** The language of all states that name none: that of the machine around all. */
interface Spoken {
  language?: QueryLanguage
}

function innerMachine(net: Node, spoken: Spoken): Machine | undefined {
  if (net.kind !== 'net' || !net.transitions.some(({ id }) => id === '#end')) return undefined
  const states = new Map<string, readonly [name: string, state: State]>()
  for (const { id, body } of net.transitions) {
    const [place = ''] = id.split('#')
    if (place === '' || states.has(place)) continue
    const found = textIn(body, place)
    if (!found) continue
    if (found.state.QueryLanguage === undefined) spoken.language = found.language
    states.set(place, [found.name, withParts(found.state, body, spoken)])
  }
  const [first] = states.get(net.start[0] ?? '') ?? []
  return first === undefined ? undefined : { StartAt: first, States: Object.fromEntries(states.values()) }
}

/** The text of the state itself: those of the states in the machines inside stand in nets. */
function textIn(value: unknown, place: string): StateOf | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { kind, value: text } = value as { readonly kind?: unknown; readonly value?: unknown }
  if (kind === 'net') return undefined
  if (kind === 'literal') return typeof text === 'string' ? readText(text, place) : undefined
  for (const each of Object.values(value)) {
    const found = textIn(each, place)
    if (found) return found
  }
  return undefined
}

function readText(text: string, place: string): StateOf | undefined {
  if (!text.startsWith(STATE_TEXT)) return undefined
  const state = JSON.parse(text) as Partial<StateOf> & { readonly [field: string]: Json | undefined }
  return typeof state.name === 'string' && idOf(state.name) === place && state.state !== undefined
    ? (state as unknown as StateOf)
    : undefined
}

/** With the machines inside, which the text leaves to the graph. */
function withParts(state: State, body: Region, spoken: Spoken): State {
  switch (state.Type) {
    case 'Parallel':
      return { ...state, Branches: machinesIn(body, spoken) }
    case 'Map': {
      const [inside] = machinesIn(body, spoken)
      const { ItemProcessor } = state
      return inside ? { ...state, ItemProcessor: { ...ItemProcessor, ...inside } } : state
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

/** In their order; not those inside of these. */
function machinesIn({ nodes }: Region, spoken: Spoken): readonly Machine[] {
  return nodes.flatMap(node => {
    const own = innerMachine(node, spoken)
    if (own) return [own]
    return node.kind === 'net' ? [] : regionsOf(node).flatMap(([, region]) => machinesIn(region, spoken))
  })
}
