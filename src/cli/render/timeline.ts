/** A simulated run on its virtual timeline: a line a moment. */
import type { Moment } from '../../sim/index.ts'
import type { Screen } from './screen.ts'
import { plain } from './text.ts'
import { showMs } from '../../exec/middleware/timeout.ts'

/** `t+2d`: time since the start. */
export const showOffset = (ms: number): string => (ms === 0 ? 't' : `t+${showMs(ms)}`)

export function timelineText(moments: readonly Moment[], { paint }: Screen): string {
  const offsets = moments.map(({ atMs }) => showOffset(atMs))
  const width = Math.max(0, ...offsets.map(offset => offset.length))
  return moments
    .map(({ text }, index) => `${paint.dim((offsets[index] ?? '').padEnd(width))}  ${plain(text)}\n`)
    .join('')
}
