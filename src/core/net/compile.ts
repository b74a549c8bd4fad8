/** Region -> Net, in two passes: count the arcs, then fill the rows. O(nodes + edges), no array of arrays. */
import { dependenciesOf } from '../graph/dependencies.ts'
import type { Region } from '../graph/graph.ts'
import {
  BEGIN,
  END,
  EXIT,
  FINISH,
  failTransition,
  type Net,
  openTransition,
  passTransition,
  runningPlace,
  START,
} from './net.ts'

/**
 * The net of one scope of `region`. The region has passed the validator: ids are unique and dependencies have no cycle.
 * Every dependency is one place; so is the way from `begin` to a node that waits for nobody, and from a node that nobody
 * waits for to `end`.
 */
export function compileRegion(region: Region): Net {
  const arcs = arcsOf(region)
  const transitionCount = 2 + 3 * region.nodes.length
  const [preStart, pre] = rows(arcs.inputs, transitionCount)
  const [postStart, post] = rows(arcs.outputs, transitionCount)
  const [consumerStart, consumers] = rows(flipped(arcs.inputs), arcs.placeCount)
  return { placeCount: arcs.placeCount, transitionCount, preStart, pre, postStart, post, consumerStart, consumers }
}

/** Pairs (from, to), flat: even positions are the row, odd ones its entry. */
type Pairs = number[]

interface Arcs {
  readonly placeCount: number
  /** (transition, place it consumes from) */
  readonly inputs: Pairs
  /** (transition, place it produces on) */
  readonly outputs: Pairs
}

function arcsOf(region: Region): Arcs {
  const indexOf = new Map(region.nodes.map((node, index) => [node.id, index]))
  const inputs: Pairs = [BEGIN, START]
  const outputs: Pairs = [FINISH, END]
  let placeCount = 3 + region.nodes.length
  const connect = (from: number, to: number): void => {
    const place = placeCount++
    outputs.push(from, place)
    inputs.push(to, place)
  }

  const hasSuccessor = new Uint8Array(region.nodes.length)
  region.nodes.forEach((node, index) => {
    inputs.push(passTransition(index), runningPlace(index), failTransition(index), runningPlace(index))
    outputs.push(openTransition(index), runningPlace(index), failTransition(index), EXIT)
    const before = dependenciesOf(node)
    if (before.length === 0) connect(BEGIN, openTransition(index))
    for (const id of before) {
      const source = indexOf.get(id) ?? 0
      hasSuccessor[source] = 1
      connect(passTransition(source), openTransition(index))
    }
  })
  if (region.nodes.length === 0) connect(BEGIN, FINISH)
  hasSuccessor.forEach((has, index) => {
    if (has === 0) connect(passTransition(index), FINISH)
  })
  return { placeCount, inputs, outputs }
}

function flipped(pairs: Pairs): Pairs {
  const result: Pairs = new Array(pairs.length)
  for (let i = 0; i < pairs.length; i += 2) {
    result[i] = pairs[i + 1] ?? 0
    result[i + 1] = pairs[i] ?? 0
  }
  return result
}

function rows(pairs: Pairs, rowCount: number): readonly [start: Uint32Array, entries: Uint32Array] {
  const start = new Uint32Array(rowCount + 1)
  for (let i = 0; i < pairs.length; i += 2) start[(pairs[i] ?? 0) + 1]! += 1
  for (let row = 0; row < rowCount; row++) start[row + 1]! += start[row]!
  const next = start.slice()
  const entries = new Uint32Array(pairs.length / 2)
  for (let i = 0; i < pairs.length; i += 2) entries[next[pairs[i] ?? 0]!++] = pairs[i + 1] ?? 0
  return [start, entries]
}
