/** Many of the same: patterns 12-15, 26, 27, 34-36, 41, 42. */
import { cancel, each, effect, milestone, signal, workflow } from 'tutti'
import { number } from 'valibot'
import { b, c } from './letters.ts'

/** How many there are is only asked by 14. */
const a = effect(() => 1 + Math.floor(Math.random() * 3), { name: 'A' })

/** 12: nothing waits for the instances but the end of the run. */
export const instancesWithoutSynchronization = workflow(() => {
  const first = a()
  each([1, 2, 3], () => b()).after(first)
  c().after(first)
})

/** 13: three, and C after all of them. */
export const instancesKnownAtDesignTime = workflow(() => {
  const first = a()
  const all = each([1, 2, 3], () => b()).after(first)
  c().after(all)
})

const listOf = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index)

/** 14: as many as A says, and C after all of them. */
export const instancesKnownAtRunTime = workflow(() => {
  const count = a()
  const all = each(count.to(listOf), () => b())
  c().after(all)
})

const n = signal(number(), { name: 'n' })
const x = signal(undefined, { name: 'x' })

/** 15: one, and one more for each N that comes before all are done; C after all of them. */
export const growingInstances = workflow(() => {
  const first = a()
  const all = each([1], () => b(), { more: n }).after(first)
  c().after(all)
})

/** 26: X withdraws the unfinished, and C with them. */
export const cancelInstances = workflow(() => {
  const first = a()
  const all = each([1, 2], () => b()).after(first)
  const stop = x.wait().after(first)
  cancel(all).after(stop)
  cancel(stop).after(all)
  c().after(all)
})

/** 27: X withdraws the unfinished, and C follows as if all were done. */
export const completeInstances = workflow(() => {
  const first = a()
  const all = each([1, 2], () => b()).after(first)
  const stop = x.wait().after(first)
  cancel(all, { dependents: 'run' }).after(stop)
  cancel(stop).after(all)
  c().after(all)
})

/** 34: C after two of three; the third runs to its end without effect. */
export const partialJoinOfInstances = workflow(() => {
  const first = a()
  const two = each([1, 2, 3], () => b(), { until: { count: 2, rest: 'detach' } }).after(first)
  c().after(two)
})

/** 35: C after two of three; the third is withdrawn. */
export const cancellingPartialJoinOfInstances = workflow(() => {
  const first = a()
  const two = each([1, 2, 3], () => b(), { until: 2 }).after(first)
  c().after(two)
})

/** 36: as 34, with a B more when N comes before C: one that counts while two are awaited, one without effect after that. */
export const dynamicPartialJoinOfInstances = workflow(() => {
  const first = a()
  const two = each([1, 2], () => b(), { more: n, until: { count: 2, rest: 'detach' } }).after(first)
  const last = c().after(two)
  milestone({ until: last }, () => b().after(n.wait())).after(two)
})

/** 41: three threads become one. */
export const threadMerge = workflow(() => {
  const first = a()
  const threads = each([1, 2, 3], () => b()).after(first)
  c().after(threads)
})

/** 42: one thread becomes two, each of which does B and then C. */
export const threadSplit = workflow(() => {
  const first = a()
  each([1, 2], () => c().after(b())).after(first)
})
