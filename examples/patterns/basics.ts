/** Order, and threads that split and meet: patterns 1-3, 8, 11. */
import { workflow } from 'tutti'
import { a, b, c, d } from './letters.ts'

/** 1: B when A has finished, then C. */
export const sequence = workflow(() => {
  const first = a()
  const second = b().after(first)
  c().after(second)
})

/** 2: what has no order runs side by side. */
export const parallelSplit = workflow(() => {
  const first = a()
  b().after(first)
  c().after(first)
})

/** 3: D when both have finished. */
export const synchronization = workflow(() => {
  const first = a()
  d().after(b().after(first), c().after(first))
})

/** 8: D once for each branch that arrives. */
export const multiMerge = workflow(() => {
  const first = a()
  d().after(b().after(first))
  d().after(c().after(first))
})

/** 11: the run ends when nothing is left to do. */
export const implicitTermination = workflow(() => {
  const first = a()
  b().after(first)
  c().after(first)
})
