/**
 * Choices of an edit. Each is made by what is chosen from, not by where it stands in a list: in a graph from which other
 * things were left out the same step is edited in the same way, so that a failing case can be made smaller.
 */
import { trait } from '../../core/dice.ts'

const FINE = 2 ** 30

export interface Pen {
  /** An integer in [0, count), the same for the same question. */
  roll(question: string, count: number): number
  /** The one whose name has the smallest digest. */
  pick<T>(question: string, from: readonly T[], nameOf: (each: T) => string): T | undefined
  among<T extends string | number>(question: string, from: readonly T[]): T
}

export function penOf(seed: number): Pen {
  const digestOf = (question: string, name: string): number => trait(`${seed} ${question} ${name}`, FINE)
  const pick = <T>(question: string, from: readonly T[], nameOf: (each: T) => string): T | undefined => {
    let [best, least] = [undefined as T | undefined, FINE]
    for (const each of from) {
      const digest = digestOf(question, nameOf(each))
      if (digest < least) [best, least] = [each, digest]
    }
    return best
  }
  return {
    roll: (question, count) => trait(`${seed} ${question}`, count),
    pick,
    among: (question, from) => pick(question, from, String)!,
  }
}
