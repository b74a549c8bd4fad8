/** How one JSON Schema became another. */
import { canonicalJson, type Json } from '../util/json.ts'
import type { TypeChange } from './change.ts'
import { fits } from './fits.ts'

/**
 * `widened`: every value that fitted `before` fits `after`; `narrowed`: the other way round; `changed`: neither, or it cannot be
 * told. `{}` is unknown, which everything fits.
 */
export function compareTypes(before: Json, after: Json): 'equal' | TypeChange {
  if (before === after || canonicalJson(before) === canonicalJson(after)) return 'equal'
  const [up, down] = [fits(before, after), fits(after, before)]
  return up && down ? 'equal' : up ? 'widened' : down ? 'narrowed' : 'changed'
}
