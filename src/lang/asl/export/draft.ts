/** A machine while it is written, from its first state to its last: a state may lead to one whose name is not known yet. */
import type { Json } from '../../../util/json.ts'

/** Where a state leads. It is set once: to a state's name, or to what another target leads to. */
export interface Target {
  place?: string | Target
}

export const newTarget = (): Target => ({})

export const nameOf = (target: Target): string => {
  let at: string | Target | undefined = target
  while (typeof at === 'object') at = at.place
  if (at === undefined) throw new Error('defect: a state of the exported machine leads nowhere')
  return at
}

export type Fields = { readonly [field: string]: Json }

export interface Draft {
  /** `build` is called when all targets are known. */
  readonly add: (name: string, build: () => Fields) => void
  readonly finish: (start: Target) => Fields
}

export function newDraft(): Draft {
  const states: { readonly name: string; readonly build: () => Fields }[] = []
  return {
    add: (name, build) => void states.push({ name, build }),
    finish: start => ({
      StartAt: nameOf(start),
      States: Object.fromEntries(states.map(({ name, build }) => [name, build()])),
    }),
  }
}
