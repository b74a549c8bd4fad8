/** What a free-form net asks of its places and transitions before it can be played. */
import type { Diagnostic } from '../../util/diagnostic.ts'
import type { Node } from './graph.ts'
import { problem } from './problem.ts'

export function checkNet(node: Extract<Node, { kind: 'net' }>, found: Diagnostic[]): void {
  for (const wrong of wrongIn(node))
    found.push(problem('BAD_NET', node, `${node.name}: ${wrong}`, 'Each arc leads from or to a place of this net.'))
}

function* wrongIn({ places, start, end, transitions }: Extract<Node, { kind: 'net' }>): Generator<string> {
  const known = new Set(places)
  const placeTwice = firstTwice(places)
  if (placeTwice !== undefined) yield `the place ${placeTwice} is there twice`
  const ids = transitions.map(({ id }) => id)
  const idTwice = firstTwice(ids)
  if (idTwice !== undefined) yield `the transition ${idTwice} is there twice`
  if (start.length === 0) yield 'no place has a token at the start'
  for (const place of start) if (!known.has(place)) yield `it starts at the place ${place}, which is not there`
  if (!known.has(end)) yield `it ends at the place ${end}, which is not there`
  for (const { id, consumes, produces } of transitions) {
    if (consumes.length === 0) yield `the transition ${id} consumes nothing, so it would never fire`
    for (const place of [...consumes, ...produces])
      if (!known.has(place)) yield `the transition ${id} uses the place ${place}, which is not there`
  }
}

function firstTwice(names: readonly string[]): string | undefined {
  const seen = new Set<string>()
  return names.find(name => seen.size === seen.add(name).size)
}
