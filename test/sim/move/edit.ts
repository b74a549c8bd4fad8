/**
 * Random edits of a graph, as a user makes them between two versions of a workflow. What comes out is valid, and defined:
 * arms that end within one event, and locks that are taken in a circle, are put right or make the edit void.
 */
import type { Graph, Region } from '../../../src/core/graph/graph.ts'
import { regionsOf } from '../../../src/core/graph/graph.ts'
import { validateGraph } from '../../../src/core/graph/validate.ts'
import type { Dice } from '../../core/dice.ts'
import { lively } from '../generate.ts'
import { copyOf, type DraftGraph, type DraftRegion, sitesOf } from './draft.ts'
import { EDITS, type EditKind, hasRecursion } from './edits.ts'
import { penOf } from './pen.ts'

export interface Edit {
  readonly kind: EditKind
  /** Hangs on nothing but this and what there is to edit. */
  readonly seed: number
}

/** `done`: those that could be made. */
export interface Edited {
  readonly graph: Graph
  readonly done: readonly EditKind[]
}

export const EDIT_KINDS = Object.keys(EDITS) as readonly EditKind[]

export const randomEdits = (dice: Dice, kinds: readonly EditKind[] = EDIT_KINDS): readonly Edit[] =>
  Array.from({ length: dice.pick([1, 1, 1, 1, 2, 3]) }, () => ({
    kind: dice.pick(kinds),
    seed: dice.roll(1 << 30),
  }))

/** Other places that are tried for an edit that cannot be made in one. */
const TRIES = 12

/** An edit that cannot be made anywhere is left out. */
export function edited(graph: Graph, edits: readonly Edit[]): Edited {
  return edits.reduce<Edited>(
    (before, edit) => {
      const after = once(before.graph, edit)
      return after ? { graph: after, done: [...before.done, edit.kind] } : before
    },
    { graph, done: [] },
  )
}

function once(graph: Graph, { kind, seed }: Edit): Graph | undefined {
  const before = JSON.stringify(graph)
  for (let salt = 0; salt < TRIES; salt++) {
    const draft = copyOf(graph) as DraftGraph
    if (!EDITS[kind](draft, penOf(seed + salt))) continue
    for (const { region } of sitesOf(draft)) makeLively(region)
    const after = draft as Graph
    if (JSON.stringify(after) === before) continue
    if (validateGraph(after).length === 0 && locksAreInOrder(after.root, -1) && canMatch(after.root)) return after
  }
  return undefined
}

/** As the generator does: who is the first of arms that take no time is not defined. */
function makeLively(region: DraftRegion): void {
  for (const node of region.nodes) {
    if (node.kind === 'race' || node.kind === 'some')
      for (const [label, arm] of Object.entries(node.arms)) node.arms[label] = lively(arm as Region) as DraftRegion
    if (node.kind === 'each' && node.until) node.body = lively(node.body as Region) as DraftRegion
  }
}

/** A match goes somewhere. */
const canMatch = (region: Region): boolean =>
  region.nodes.every(node => {
    const inner = regionsOf(node).filter(([label]) => label !== 'undo')
    return (node.kind !== 'match' || inner.length > 0) && regionsOf(node).every(([, each]) => canMatch(each))
  })

/** Locks inside a lock come after it, and nothing that may be entered again inside itself holds one. */
function locksAreInOrder(region: Region, held: number): boolean {
  return region.nodes.every(node => {
    const locks = (node.policy.locks ?? []).map(({ name }) => Number(name.slice(1)))
    if (locks.some(lock => lock <= held)) return false
    if (locks.length > 0 && hasRecursion(node)) return false
    const inside = Math.max(held, ...locks)
    // What undoes it begins when its lock is given back.
    return regionsOf(node).every(([label, inner]) => locksAreInOrder(inner, label === 'undo' ? held : inside))
  })
}
