/** Which runs have an image in another graph, and what keeps the others; ./timeline.ts has the words. */
import { describe, expect, test } from 'vitest'
import { imageOf } from '../../src/core/engine/image.ts'
import type { Obstacle } from '../../src/core/engine/obstacle.ts'
import { compile } from '../../src/core/engine/program.ts'
import type { Event, Library } from '../../src/core/engine/protocol.ts'
import { takeSnapshot } from '../../src/core/engine/snapshot.ts'
import type { Graph } from '../../src/core/graph/graph.ts'
import * as $ from './graphs.ts'
import { timeline } from './timeline.ts'

/** The log of a run of `graph`. */
function logOf(graph: Graph, lines: readonly string[], library?: Library): readonly Event[] {
  const events: Event[] = []
  const { tell } = timeline(graph, library, undefined, event => void events.push(event))
  for (const line of ['begin', ...lines]) tell(line)
  return events
}

const move = (before: Graph, after: Graph, lines: readonly string[]) =>
  imageOf({ before, after, library: new Map(), events: logOf(before, lines) })

const [a, b, c] = ['a', 'b', 'c'].map(id => $.task(id))
const after = (id: string, ...others: readonly string[]) => $.task(id, { after: others })

/** What a log asks of the world next, when it is folded with another graph. */
const MOVES: readonly (readonly [
  what: string,
  before: Graph,
  after: Graph,
  lines: readonly string[],
  then: readonly string[],
])[] = [
  [
    'a step that was added behind what has passed is started',
    $.graph([a!]),
    $.graph([a!, after('b', 'a')]),
    ['go a', 'pass a'],
    ['go b > ', 'pass b > succeeded {"a":"a","b":"b"}'],
  ],
]

describe('a run moves', () => {
  for (const [what, before, next, lines, then] of MOVES)
    test(what, () => {
      const image = move(before, next, lines)
      if (image.kind === 'none') throw new Error(JSON.stringify(image.reason))
      const { tell } = timeline(next, new Map(), image.state)
      expect(then.map(line => line.split(' > ')[0]!).map(line => `${line} > ${tell(line)}`)).toEqual(then)
    })
})
