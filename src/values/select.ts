/** Reading a path in a value the way optional chaining does: what is missing, or under undefined or null, is undefined. */
import type { Path } from '../core/graph/graph.ts'
import { isHandle } from '../dsl/resources.ts'

export function select(value: unknown, path: Path): unknown {
  let at = value
  for (const key of path) at = field(at, key)
  return at
}

/** Own fields only: `ref.constructor` names a field of the user's data, never what every object inherits. */
function field(value: unknown, key: string | number): unknown {
  if (value === undefined || value === null) return undefined
  const inherits = isHandle(value) || value instanceof Error
  if (!inherits && !Object.hasOwn(Object(value) as object, key)) return undefined
  const found = (value as Record<string | number, unknown>)[key]
  return typeof found === 'function' ? undefined : found
}
