/** Looking at a service that is ready, until it is not live any more. */
import type { ServicePolicy } from '../core/graph/graph.ts'
import { type Target, watchOf } from './probe.ts'
import { isLookedAt } from './start.ts'
import { NEVER, timer } from './waits.ts'

/** A look is given as long as there is between two, and at least so long. */
const LOOK_MS_MIN = 1_000

/** Resolves with what is wrong after so many failures in a row; never once `over` has aborted. */
export async function whenUnlive(
  { probe, everyMs, failures }: NonNullable<ServicePolicy['live']>,
  target: Target,
  over: AbortSignal,
): Promise<string> {
  // Of the others its end is all that tells.
  if (!isLookedAt(probe)) return NEVER
  const watch = watchOf(probe, target)
  for (let count = 0; ; ) {
    await timer(everyMs, over)
    if (over.aborted) return NEVER
    const seen = await watch.look(Math.max(everyMs, LOOK_MS_MIN))
    count = seen.kind === 'up' ? 0 : count + 1
    if (seen.kind === 'down' && count >= failures) return `is not live any more: ${watch.what}: ${seen.why}`
  }
}
