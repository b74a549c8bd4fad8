/** Chance that can be repeated: a seed gives the same rolls everywhere. */
export interface Dice {
  /** An integer in [0, count). */
  roll(count: number): number
  pick<T>(from: readonly T[]): T
}

/** Mulberry32, by Tommy Ettinger. */
export function diceOf(seed: number): Dice {
  let state = seed >>> 0
  const roll = (count: number): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * count)
  }
  return { roll, pick: from => from[roll(from.length)]! }
}

/** A number in [0, count) that hangs on the text alone: what the world's parts "are like". */
export function trait(text: string, count: number): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return diceOf(hash).roll(count)
}
