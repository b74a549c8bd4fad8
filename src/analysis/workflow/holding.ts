/** Who holds which lock, followed along a trace; and who stands inside whom. */
import type { Composed, Meaning, StepAt } from './composed.ts'

export interface Instance {
  readonly step: StepAt
  readonly items: readonly number[]
}

/** By the place of each lock that is held: who holds it. */
export type Holders = Map<number, Instance>

/** What a transition does to them. */
export function follow(holders: Holders, { step, items, takes, gives }: Meaning): void {
  for (const lock of gives) holders.delete(lock)
  if (step) for (const lock of takes) holders.set(lock, { step, items })
}

export function lockNameOf({ places }: Composed, lock: number): string {
  const place = places[lock]
  return place?.kind === 'lock' ? place.name : ''
}

/** The holders that it stands inside of, the outermost first, with what they hold. */
export function holdersAround(
  holders: Holders,
  inner: Instance,
): readonly { readonly instance: Instance; readonly locks: readonly number[] }[] {
  const found = new Map<string, { readonly instance: Instance; readonly locks: number[] }>()
  for (const [lock, instance] of holders) {
    if (!isInside(inner.step, instance.step) || !instance.items.every((item, at) => inner.items[at] === item)) continue
    const known = found.get(instance.step.path)
    if (known) known.locks.push(lock)
    else found.set(instance.step.path, { instance, locks: [lock] })
  }
  return [...found.values()].sort((left, right) => left.instance.step.path.length - right.instance.step.path.length)
}

/** Whether a step stands in a region of another, however deep. */
export const isInside = (inner: StepAt, outer: StepAt): boolean =>
  inner.path.startsWith(outer.path) && ['/', '.', '['].includes(inner.path[outer.path.length] ?? '')
