/** The function behind all Tasks of random machines: what it does follows from what it is given, and so from the retry alone. */
interface Told {
  readonly tries: number
  readonly fails: number
  readonly error: string
  readonly value: string
}

export function work({ tries, fails, error, value }: Told): { readonly value: string; readonly tries: number } {
  if (tries < fails) throw Object.assign(new Error(`${value} at ${tries}`), { name: error })
  return { value, tries }
}
