/** Branches that data or the world picks, and where they meet: patterns 4-7, 16, 37, 38. */
import { any, effect, loop, match, race, scope, signal, when, workflow } from 'tutti'
import { b, d, e, f, r, toss } from './letters.ts'

/** A picks one or both. */
const a = effect(
  () => {
    const isB = toss()
    return { b: isB, c: !isB || toss() }
  },
  { name: 'A' },
)
/** What C says is only asked by the last two. */
const c = effect(() => ({ leave: toss(), again: toss() }), { name: 'C' })

/** 4: B or C, by what A found. */
export const exclusiveChoice = workflow(() => {
  const picked = a()
  when(
    picked.b,
    () => b(),
    () => c(),
  )
})

/** 5: D after whichever it was. */
export const simpleMerge = workflow(() => {
  const picked = a()
  const taken = when(
    picked.b,
    () => b(),
    () => c(),
  )
  d().after(taken)
})

/** 6: B, C or both. */
export const multiChoice = workflow(() => {
  const picked = a()
  any({ b: [picked.b, () => b()], c: [picked.c, () => c()] })
})

/** 7: D when all that were picked have finished. */
export const structuredSynchronizingMerge = workflow(() => {
  const picked = a()
  const taken = any({ b: [picked.b, () => b()], c: [picked.c, () => c()] })
  d().after(taken)
})

const s = signal(undefined, { name: 's', early: 'transient' })
const t = signal(undefined, { name: 't', early: 'transient' })

/** 16: whichever comes first takes its branch; the other offer is withdrawn with it. */
export const deferredChoice = workflow(() => {
  const picked = a()
  const came = race({ s: () => s.wait(), t: () => t.wait() }).after(picked)
  match(came, 'won', { s: () => b(), t: () => c() })
})

/** 37: the branch of C may leave for F; E joins what arrives, and is skipped when nothing does. */
export const localSynchronizingMerge = workflow(() => {
  const picked = a()
  const ofB = when(picked.b, () => b())
  const ofC = when(picked.c, () => c())
  when(
    ofC.to(given => given?.leave === true),
    () => f(),
  )
  const arrived = scope(() => ({ b: ofB, c: ofC }))
  when(
    arrived.to(({ b: fromB, c: fromC }) => fromB !== undefined || fromC?.leave === false),
    () => e(),
  )
})

/** 38: R sends C round once more; E waits as long as anything of either branch may still come. */
export const generalSynchronizingMerge = workflow(() => {
  const picked = a()
  const cycle = () =>
    loop(
      { again: true, turn: 0 },
      (_, turn) => {
        const back = when(
          turn.to(number => number > 0),
          () => r(),
        )
        return { again: c().after(back).again, turn }
      },
      { until: last => last.to(({ again, turn }) => !again || turn === 1) },
    )
  const joined = any({ b: [picked.b, () => b()], c: [picked.c, cycle] })
  e().after(joined)
})
