/** Which items of a list a step names. */
import type { Step } from './syntax.ts'

export type ItemStep = Extract<Step, { kind: 'item' | 'items' | 'slice' }>

/** Which items, in the order they are given; a negative index counts from the end. */
export function* indexesOf(step: ItemStep, length: number): Iterable<number> {
  switch (step.kind) {
    case 'item':
      yield step.index
      return
    case 'items':
      yield* step.indexes
      return
    case 'slice': {
      const { from, to } = sliceOf(step, length)
      for (let index = from; index < to; index += 1) yield index
    }
  }
}

/**
 * Jayway's: without an end from the start's place on, without a start up to the end's place. With both, the numbers are taken
 * as they stand, so that `[-3:-1]` gives two items and `[1:-1]` none.
 */
function sliceOf({ from, to }: { from: number | undefined; to: number | undefined }, length: number) {
  const placed = (index: number): number => (index < 0 ? length + index : index)
  if (to === undefined) return { from: Math.max(0, placed(from ?? 0)), to: length }
  if (from === undefined) return { from: 0, to: Math.min(length, placed(to)) }
  // What is before the first item is not there; without this bound a hostile start would be counted up from.
  return { from: Math.max(from, -length), to: Math.min(length, to) }
}
