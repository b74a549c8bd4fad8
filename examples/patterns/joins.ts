/** Joins that need not wait for all: patterns 9, 28-33. */
import { net, race, some, workflow } from 'tutti'
import { a, b, c, d, e } from './letters.ts'

/** 9: D after the first; the other runs to its end without effect. */
export const structuredDiscriminator = workflow(() => {
  const first = a()
  const one = some(1, { b: () => b(), c: () => c() }, { rest: 'detach' }).after(first)
  d().after(one)
})

/** 28: D after the first of each round; who arrives twice waits for the next one. B comes twice, so the second round stays open. */
export const blockingDiscriminator = workflow(() => {
  net({
    start: ['b', 'b', 'c', 'ready', 'freeB', 'freeC'],
    end: 'served',
    transitions: {
      b: { from: 'b', to: 'hereB', run: () => b() },
      c: { from: 'c', to: 'hereC', run: () => c() },
      takeB: { from: ['hereB', 'freeB'], to: ['arrived', 'tookB'] },
      takeC: { from: ['hereC', 'freeC'], to: ['arrived', 'tookC'] },
      d: { from: ['ready', 'arrived'], to: ['gone', 'served'], run: () => d() },
      reset: { from: ['gone', 'arrived', 'tookB', 'tookC'], to: ['ready', 'freeB', 'freeC'] },
    },
  })
})

/** 29: D after the first; the other is withdrawn. */
export const cancellingDiscriminator = workflow(() => {
  const first = a()
  const one = race({ b: () => b(), c: () => c() }).after(first)
  d().after(one)
})

/** 30: E after two of three; the third runs to its end without effect. */
export const structuredPartialJoin = workflow(() => {
  const first = a()
  const two = some(2, { b: () => b(), c: () => c(), d: () => d() }, { rest: 'detach' }).after(first)
  e().after(two)
})

/** 31: E after two of three of a round; who arrives twice waits for the next one. */
export const blockingPartialJoin = workflow(() => {
  net({
    start: ['b', 'b', 'c', 'd', 'ready', 'freeB', 'freeC', 'freeD'],
    end: 'served',
    transitions: {
      b: { from: 'b', to: 'hereB', run: () => b() },
      c: { from: 'c', to: 'hereC', run: () => c() },
      d: { from: 'd', to: 'hereD', run: () => d() },
      takeB: { from: ['hereB', 'freeB'], to: ['arrived', 'tookB'] },
      takeC: { from: ['hereC', 'freeC'], to: ['arrived', 'tookC'] },
      takeD: { from: ['hereD', 'freeD'], to: ['arrived', 'tookD'] },
      e: { from: ['ready', 'arrived', 'arrived'], to: ['gone', 'served'], run: () => e() },
      reset: { from: ['gone', 'arrived', 'tookB', 'tookC', 'tookD'], to: ['ready', 'freeB', 'freeC', 'freeD'] },
    },
  })
})

/** 32: E after two of three; the third is withdrawn. */
export const cancellingPartialJoin = workflow(() => {
  const first = a()
  const two = some(2, { b: () => b(), c: () => c(), d: () => d() }).after(first)
  e().after(two)
})

/** 33: D for each pair of a B and a C; what has no partner yet waits for one. */
export const generalisedAndJoin = workflow(() => {
  net({
    start: ['b', 'b', 'c', 'c'],
    end: 'paired',
    transitions: {
      b: { from: 'b', to: 'hereB', run: () => b() },
      c: { from: 'c', to: 'hereC', run: () => c() },
      d: { from: ['hereB', 'hereC'], to: 'paired', run: () => d() },
    },
  })
})
