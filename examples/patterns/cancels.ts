/** What is withdrawn: patterns 19, 20, 25, 43. */
import { cancel, scope, workflow } from 'tutti'
import { a, b, c, d, e } from './letters.ts'

/** 19: C withdraws B, if it is not done. */
export const cancelTask = workflow(() => {
  const first = a()
  const withdrawn = b().after(first)
  cancel(withdrawn).after(c().after(first))
})

/** 20: the run can be cancelled from outside at any time: `tutti cancel RUN`. */
export const cancelCase = workflow(() => {
  const first = a()
  d().after(b().after(first), c().after(first))
})

/** 25: E withdraws B and C together, as far as they are not done; then D. */
export const cancelRegion = workflow(() => {
  const first = a()
  const region = scope(() => c().after(b())).after(first)
  const withdrawn = cancel(region).after(e().after(first))
  d().after(withdrawn)
})

/** 43: B is the end: what is left is withdrawn, and the run has succeeded. */
export const explicitTermination = workflow(() => {
  const first = a()
  const rest = scope(() => c()).after(first)
  cancel(rest).after(b().after(first))
})
