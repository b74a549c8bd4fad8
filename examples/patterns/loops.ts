/** What comes round again: patterns 10, 21, 22. */
import { effect, loop, net, type SchemaWorkflow, when, workflow } from 'tutti'
import { number, optional, picklist } from 'valibot'
import { d, e, toss } from './letters.ts'

/** Each of these says whether there is more to do. */
const a = effect(() => ({ more: toss() }), { name: 'A' })
const b = effect(() => ({ more: toss() }), { name: 'B' })
const c = effect(() => ({ more: toss() }), { name: 'C' })

/** Undefined before the letter has been. */
const isEnough = (given: { more: boolean } | undefined): boolean => given?.more === false

const letters = picklist(['B', 'C', 'D', 'E'])

/** 10: a cycle of B and C that can be entered and left at two places. */
export const arbitraryCycles = workflow({ first: optional(letters, 'B') }, ({ first }) => {
  const isFirst = (letter: string) => first.to(each => each === letter)
  net({
    start: 'start',
    end: 'end',
    transitions: {
      enterB: { from: 'start', to: 'p', if: () => isFirst('B') },
      enterC: { from: 'start', to: 'q', if: () => isFirst('C') },
      onlyD: { from: 'start', to: 'end', if: () => isFirst('D'), run: () => d() },
      onlyE: { from: 'start', to: 'end', if: () => isFirst('E'), run: () => e() },
      leaveP: { from: 'p', to: 'end', if: last => last['c']!.to(isEnough), run: () => e() },
      leaveQ: { from: 'q', to: 'end', if: last => last['b']!.to(isEnough), run: () => d() },
      b: { from: 'p', to: 'q', run: () => b() },
      c: { from: 'q', to: 'p', run: () => c() },
    },
  })
})

/** 21: B as long as there is more to do. */
export const structuredLoop = workflow(() => {
  const begun = a()
  const done = loop(begun, () => b(), { while: last => last.more })
  c().after(done)
})

/** 22: between A and B it may do all of itself once more. */
export const recursion: SchemaWorkflow<{ deeper: ReturnType<typeof depth> }, void> = workflow(
  { deeper: depth() },
  ({ deeper }) => {
    const begun = a()
    const inside = when(
      deeper.to(levels => levels > 0),
      () => recursion({ deeper: deeper.to(levels => levels - 1) }),
    ).after(begun)
    b().after(inside)
  },
)

function depth() {
  return optional(number(), 2)
}
