/**
 * The first version from which something is bad, found by halving: between a good one and a bad one, each probe leaves half.
 * A version that cannot be tried is passed over, and its neighbours are tried instead.
 *
 *   B1. A version is tried at most once.
 *   B2. What is told to be the first bad one was tried and is bad, and the one before it was tried and is good.
 */

export type Verdict = 'good' | 'bad' | 'skip'

export type Found =
  /** Indices of neighbours. */
  | { readonly kind: 'found'; readonly good: number; readonly bad: number }
  /** All between them were passed over: it is one of these, or `bad`. */
  | { readonly kind: 'open'; readonly good: number; readonly bad: number }
  | { readonly kind: 'stopped' }

/** `good` and `bad` have been tried. How many probes are left at most: log2 of what is between. */
export async function firstBad(
  good: number,
  bad: number,
  tryAt: (index: number) => Promise<Verdict | 'stop'>,
): Promise<Found> {
  const skipped = new Set<number>()
  let [low, high] = [good, bad]
  for (;;) {
    const next = middleOf(low, high, skipped)
    if (next === undefined) return { kind: high - low === 1 ? 'found' : 'open', good: low, bad: high }
    switch (await tryAt(next)) {
      case 'good':
        low = next
        break
      case 'bad':
        high = next
        break
      case 'skip':
        skipped.add(next)
        break
      case 'stop':
        return { kind: 'stopped' }
    }
  }
}

/** The middle one of those that have not been passed over: each probe leaves half of what can still be tried. */
function middleOf(low: number, high: number, skipped: ReadonlySet<number>): number | undefined {
  const left: number[] = []
  for (let index = low + 1; index < high; index++) if (!skipped.has(index)) left.push(index)
  return left[(left.length - 1) >> 1]
}
