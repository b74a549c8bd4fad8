/** Looking for a place in a sorted list. */

/** Index of the last entry that is not greater than `value`; 0 when all are. */
export function lastNotAfter(sorted: readonly number[], value: number): number {
  let low = 0
  let high = sorted.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (sorted[middle]! <= value) low = middle
    else high = middle - 1
  }
  return low
}
