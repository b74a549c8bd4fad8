/** The end of an exhaustive switch: a new variant of a union makes the compiler point here. */
export function unreachable(value: never): never {
  throw new Error(`defect: no case for ${JSON.stringify(value)}`)
}

/** A rule that only a defect of ours can break. Named by the number under which its file lists it. */
export function invariant(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new Error(`defect: ${rule}`)
}
