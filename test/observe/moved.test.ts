/** Readers of a run that was moved: with its new graph they see all of its last life; with the old one they lose no fact. */
import { expect, test } from 'vitest'
import { imageOf } from '../../src/core/engine/image.ts'
import { runView } from '../../src/observe/fold.ts'
import * as $ from '../core/graphs.ts'
import type { Event } from '../../src/core/engine/protocol.ts'
import type { Graph } from '../../src/core/graph/graph.ts'
import { timeline } from '../core/timeline.ts'

const [a, b] = [$.task('a'), $.task('b')]
const OLD = $.graph([a, b])
const NEW = $.graph([b, $.call('c', $.region([a]))])

const code = (graph: string) => ({ graph, bundle: `${graph} code` })
const MOVED: Event = { kind: 'run.moved', v: 1, ...code('new'), from: code('old'), atMs: 2_000 }

/** A life of the old graph, and one that was moved to the new one. */
function log(): readonly Event[] {
  const events: Event[] = []
  const old = timeline(OLD, new Map(), undefined, event => void events.push(event))
  for (const line of ['begin', 'go a', 'fail a', 'end', 'redrive', 'go b']) old.tell(line)
  events.push(MOVED)
  const image = imageOf({ before: OLD, after: NEW, library: new Map(), events })
  if (image.kind === 'none') throw new Error(JSON.stringify(image.reason))
  const now = timeline(NEW, new Map(), image.state, event => void events.push(event))
  for (const line of ['pass b', 'go c/a', 'pass c/a', 'end']) now.tell(line)
  return events
}

function seen(graph: Graph): readonly string[] {
  const fold = runView(graph)
  for (const event of log()) fold.add(event)
  return [...fold.view.steps.values()].map(({ id, state }) => `${id} ${state.kind}`)
}

test('with the new graph', () => {
  expect(seen(NEW)).toEqual(['c succeeded', 'b succeeded', 'c/a succeeded'])
})

test('with the old one, which an observer still has that began before', () => {
  expect(seen(OLD)).toEqual(['b succeeded', 'c waiting', 'c/a succeeded'])
})
