/** Looking into plain data: records and arrays, however they are nested. */

/** Whether `test` holds for `value` or for an object in it. Sees each object once, so cycles and depth are no matter. */
export function someInside(value: unknown, test: (object: object) => boolean): boolean {
  const seen = new Set<object>()
  const pending: unknown[] = [value]
  while (pending.length > 0) {
    const next = pending.pop()
    if (typeof next !== 'object' || next === null || seen.has(next)) continue
    if (test(next)) return true
    seen.add(next)
    if (Array.isArray(next)) for (const item of next) pending.push(item)
    else if (isRecord(next)) for (const field of Object.values(next)) pending.push(field)
  }
  return false
}

function isRecord(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
