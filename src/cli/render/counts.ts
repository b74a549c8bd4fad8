/** How far a run or a group of steps is, in numbers. */
import type { Counts } from '../../observe/run-view.ts'
import { counted, grouped } from './text.ts'

/** `40 steps, 12 known, 1 failed`: only what is not zero. */
export function countsText(counts: Counts): string {
  const parts = (['known', 'awaiting', 'parked', 'failed', 'cancelled', 'skipped'] as const)
    .filter(kind => counts[kind] > 0)
    .map(kind => `${grouped(counts[kind])} ${kind}`)
  const left = counts.waiting > 0 ? [`${grouped(counts.waiting)} not run`] : []
  return [counted(counts.total, 'step'), ...parts, ...left].join(', ')
}

export const settledCount = (counts: Counts): number =>
  counts.succeeded + counts.known + counts.skipped + counts.failed + counts.cancelled
