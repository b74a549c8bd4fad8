/** The text of a free-form net as numbers, made once: firing then costs its arcs, and asking what may fire the marked places. */
import type { Node } from '../graph/graph.ts'

export type NetNode = Extract<Node, { kind: 'net' }>

export interface NetTable {
  /** Transitions by their ids. */
  readonly index: ReadonlyMap<string, number>
  /** By transition: each input place once, with how many tokens are taken from it. */
  readonly takes: readonly (readonly (readonly [place: number, count: number])[])[]
  /** By transition: places, as often as each gets a token. */
  readonly gives: readonly (readonly number[])[]
  /** By place: the transitions that take from it, in the order of the net. */
  readonly takers: readonly (readonly number[])[]
  /** Transitions that fire without being asked about: without a guard, and alone on their input places. */
  readonly free: readonly number[]
  readonly end: number
}

const tables = new WeakMap<NetNode, NetTable>()

export function tableOf(node: NetNode): NetTable {
  const known = tables.get(node)
  if (known) return known
  const table = newTable(node)
  tables.set(node, table)
  return table
}

function newTable({ places, transitions, end }: NetNode): NetTable {
  const placeOf = new Map(places.map((name, at) => [name, at]))
  const numbered = (names: readonly string[]): readonly number[] => names.map(name => placeOf.get(name) ?? -1)
  const takes = transitions.map(({ consumes }) => counted(numbered(consumes)))
  const takers: number[][] = places.map(() => [])
  for (const [transition, taken] of takes.entries()) for (const [place] of taken) takers[place]?.push(transition)
  const isAlone = (transition: number): boolean =>
    (takes[transition] ?? []).every(([place]) => takers[place]?.length === 1)
  return {
    index: new Map(transitions.map(({ id }, at) => [id, at])),
    takes,
    gives: transitions.map(({ produces }) => numbered(produces)),
    takers,
    free: transitions.flatMap(({ guard, consumes }, at) =>
      guard || consumes.length === 0 || !isAlone(at) ? [] : [at],
    ),
    end: placeOf.get(end) ?? -1,
  }
}

function counted(places: readonly number[]): readonly (readonly [number, number])[] {
  const counts = new Map<number, number>()
  for (const place of places) counts.set(place, (counts.get(place) ?? 0) + 1)
  return [...counts]
}
