/** What a pure function gave for a text, remembered. */

/** Texts stand in definitions; a program that makes definitions as it goes must not fill the memory. */
const textsMax = 10_000

export function memo<T>(compute: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>()
  return text => {
    const old = known.get(text)
    if (old !== undefined) return old
    if (known.size >= textsMax) known.clear()
    const value = compute(text)
    known.set(text, value)
    return value
  }
}
