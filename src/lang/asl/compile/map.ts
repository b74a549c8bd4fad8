/**
 * A Map: an `each` whose items are nets, and a step that makes one frame of what they gave. A distributed one differs in where
 * its items come from and where its results go; each of its iterations is a child execution in AWS's words.
 */
import { isDistributed, type MapState, processorOf } from '../machine.ts'
import { type Around, inside } from './around.ts'
import { apply, effect, literal, node, own, paramAt, region, step } from './build.ts'
import { about, type Compiled, named } from './compiled.ts'
import { type Body, guarded } from './errors.ts'
import { PURE, WORK } from './words.ts'

export const mapBody = (given: Compiled<MapState>): Body => guarded(given, 'whole', here => iterations(given, here))

function iterations(given: Compiled<MapState>, here: number): Body {
  const { state } = given
  const read = effect(named(given, '#read'), WORK.read, about(given, here))
  const reads = state.ItemReader !== undefined
  const from = [...about(given, here), reads ? node(read.id) : literal(null)]
  const each = step('each', named(given, '#each'), {
    items: apply(PURE.items, from),
    ...(isToldByData(state) ? { limits: apply(PURE.limits, from) } : {}),
    body: iteration(given, here + 1),
    ...limitsOf(state),
  })
  const gave = [...about(given, here), node(each.id)]
  // Who writes the results tells what each was given, too.
  const join =
    state.ResultWriter === undefined
      ? own(named(given, '#out'), WORK.join, gave)
      : effect(named(given, '#out'), WORK.join, [...gave, reads ? node(read.id) : literal(null)])
  return { nodes: [...(reads ? [read] : []), each, join], result: node(join.id) }
}

function iteration(given: Compiled<MapState>, here: number) {
  const { state, around, key } = given
  const item = paramAt(here, 'item', ['value'])
  const index = paramAt(here, 'index')
  const own: Around = {
    ...inside(around, [state.ItemProcessor ? 'ItemProcessor' : 'Iterator']),
    item: { item, index },
  }
  const init = apply(PURE.frame, [
    paramAt(here, 'item', ['input'])(here),
    paramAt(given.depth, 'state', ['vars'])(here),
    paramAt(given.depth, 'state', ['events'])(here),
  ])
  const net = around.compile({ id: 'machine', name: key, machine: processorOf(state), around: own, init, depth: here })
  return region([net], node(net.id), ['item', 'index'])
}

/** Also where there are two limits on failures, of which either counts. */
const isToldByData = (state: MapState): boolean =>
  [state.MaxConcurrency, state.ToleratedFailureCount, state.ToleratedFailurePercentage].some(
    limit => typeof limit === 'string',
  ) ||
  state.MaxConcurrencyPath !== undefined ||
  state.ToleratedFailureCountPath !== undefined ||
  state.ToleratedFailurePercentagePath !== undefined ||
  (state.ToleratedFailureCount !== undefined && state.ToleratedFailurePercentage !== undefined)

/**
 * What is written out; what is only known by data stands in the items' own limits. An iteration of a distributed map that fails
 * is one too many, not the map's own error.
 */
function limitsOf(state: MapState): {
  readonly concurrency?: number
  readonly tolerate?: { readonly count: number } | { readonly share: number }
} {
  const { MaxConcurrency, ToleratedFailureCount, ToleratedFailurePercentage } = state
  return {
    ...(typeof MaxConcurrency === 'number' && MaxConcurrency > 0 ? { concurrency: MaxConcurrency } : {}),
    ...(typeof ToleratedFailureCount === 'number'
      ? { tolerate: { count: ToleratedFailureCount } }
      : typeof ToleratedFailurePercentage === 'number'
        ? { tolerate: { share: ToleratedFailurePercentage / 100 } }
        : isDistributed(state)
          ? { tolerate: { count: 0 } }
          : {}),
  }
}
