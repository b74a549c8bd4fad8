/** A smaller budget for one stage of a check, under the same interruption. */
import type { Budget, Limits } from '../net/budget.ts'

export const partOf = (budget: Budget, { ms, bytes, states }: Limits): Budget => ({
  endsAtMs: Math.min(budget.endsAtMs, performance.now() + (ms ?? Number.POSITIVE_INFINITY)),
  bytesMax: Math.min(budget.bytesMax, bytes ?? Number.POSITIVE_INFINITY),
  statesMax: Math.min(budget.statesMax, states ?? Number.POSITIVE_INFINITY),
  get interrupted() {
    return budget.interrupted
  },
  set interrupted(is: boolean) {
    budget.interrupted = is
  },
})
