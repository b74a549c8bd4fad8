/** Going on with what may have to be waited for: JSONPath answers at once, JSONata with a promise. */
import type { Soon } from '../scope.ts'

/** `next` of `value`: at once where it is there, so that machines without JSONata never wait for a turn of the loop. */
export const andThen = <A, B>(value: Soon<A>, next: (value: A) => Soon<B>): Soon<B> =>
  value instanceof Promise ? value.then(next) : next(value)
