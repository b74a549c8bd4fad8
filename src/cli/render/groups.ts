/** Which steps stand round a step, by its id: to show many as one, and to know whether a failure may still be mended. */
import type { RunView, StepView } from '../../observe/run-view.ts'

/** A step with more items, turns or firings than this is shown as one group. */
export const WIDE = 20

/** The nearest step around that has too many items, turns or firings to show one by one. */
export function wideGroupOf(view: RunView, step: StepView): StepView | undefined {
  for (const holder of holdersOf(view, step.id)) if (holder.inside && holder.inside.items.total > WIDE) return holder
  return undefined
}

/** Whether a step around it may go on although it failed. */
export function isMendable(view: RunView, id: string): boolean {
  for (const { kind } of holdersOf(view, id)) if (kind === 'attempt' || kind === 'race' || kind === 'some') return true
  return false
}

/** From the inside out. Keys hold no bracket or slash of their own (they are escaped); ids and labels may hold dots. */
function* holdersOf(view: RunView, id: string): Generator<StepView> {
  for (let slash = id.lastIndexOf('/'); slash > 0; slash = id.lastIndexOf('/', slash - 1)) {
    const start = id.lastIndexOf('/', slash - 1) + 1
    const path = id.slice(0, slash)
    const holder = holderAt(view, path.endsWith(']') ? path.slice(0, path.lastIndexOf('[')) : path, start)
    if (holder) yield holder
  }
}

/** `guard.body` -> `guard`: what of the last segment is the node's id, the steps that are there know. */
function holderAt(view: RunView, path: string, start: number): StepView | undefined {
  for (let end = path.length; end > start; end = path.lastIndexOf('.', end - 1)) {
    const step = view.steps.get(path.slice(0, end))
    if (step) return step
  }
  return undefined
}
