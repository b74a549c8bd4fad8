/** Going on with what may have to be waited for: JSONPath answers at once, JSONata with a promise. */
import type { Soon } from '../scope.ts'

/** `next` of `value`: at once where it is there, so that machines without JSONata never wait for a turn of the loop. */
export const andThen = <A, B>(value: Soon<A>, next: (value: A) => Soon<B>): Soon<B> =>
  value instanceof Promise ? value.then(next) : next(value)

/** What `each` makes of the items, one after another: none is begun before the one before it has ended. */
export function inTurn<A, B>(items: readonly A[], each: (item: A, index: number) => Soon<B>): Soon<readonly B[]> {
  const done: B[] = []
  const from = (start: number): Soon<readonly B[]> => {
    for (let index = start; index < items.length; index += 1) {
      const value = each(items[index] as A, index)
      if (value instanceof Promise) {
        return value.then(settled => {
          done.push(settled)
          return from(index + 1)
        })
      }
      done.push(value)
    }
    return done
  }
  return from(0)
}
