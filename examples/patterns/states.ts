/** What may only be at some times: patterns 17, 18, 39, 40. */
import { critical, interleaved, lock, milestone, workflow } from 'tutti'
import { a, b, b1, b2, c, c1, c2, d, e } from './letters.ts'

/** 17: one at a time, in any order that has B before C. */
export const interleavedParallelRouting = workflow(() => {
  const first = a()
  const all = interleaved(() => {
    c().after(b())
    d()
  }).after(first)
  e().after(all)
})

/** 18: C only as long as B has not begun. */
export const milestonePassed = workflow(() => {
  const first = a()
  const passing = b().after(first)
  milestone({ until: passing }, () => c()).after(first)
})

const desk = lock({ name: 'desk' })

/** 39: two sections, of which one runs at a time. */
export const criticalSection = workflow(() => {
  const first = a()
  const one = critical(desk, () => b2().after(b1())).after(first)
  const other = critical(desk, () => c2().after(c1())).after(first)
  d().after(one, other)
})

/** 40: one at a time, in any order. */
export const interleavedRouting = workflow(() => {
  const first = a()
  const all = interleaved(() => {
    b()
    c()
    d()
  }).after(first)
  e().after(all)
})
