/** A Parallel: a scope for each branch, each with its own net, and a step that makes one frame of what they gave. */
import type { ParallelState } from '../machine.ts'
import { inside } from './around.ts'
import { apply, own, list, node, nodeAt, paramAt, region, step } from './build.ts'
import { about, type Compiled, named } from './compiled.ts'
import { type Body, guarded } from './errors.ts'
import { PURE, WORK } from './words.ts'

export const parallelBody = (given: Compiled<ParallelState>): Body =>
  guarded(given, 'whole', here => branches(given, here))

function branches(given: Compiled<ParallelState>, here: number): Body {
  const { state, id, depth, around } = given
  // Made once: it may be of what is another one each time.
  const made = state.Parameters !== undefined || state.Arguments !== undefined
  const enter = own(named(given, '#in'), WORK.enter, about(given, here))
  const scopes = state.Branches.map((machine, index) => {
    const at = here + 1
    const argument = made ? nodeAt(here, enter.id)(at) : apply(PURE.argument, about(given, at))
    const init = apply(PURE.frame, [
      argument,
      paramAt(depth, 'state', ['vars'])(at),
      paramAt(depth, 'state', ['events'])(at),
    ])
    const net = around.compile({
      id: 'machine',
      name: `${given.key} ${index + 1}`,
      machine,
      around: inside(around, ['Branches', index]),
      init,
      depth: at,
    })
    return step('scope', named(given, `#${index + 1}`), { body: region([net], node(net.id)) })
  })
  const join = own(named(given, '#out'), WORK.join, [...about(given, here), list(scopes.map(scope => node(scope.id)))])
  return { nodes: [...(made ? [enter] : []), ...scopes, join], result: node(`${id}#out`) }
}
