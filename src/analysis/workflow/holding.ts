/** Who holds which lock, followed along a trace; and who stands inside whom. */
import type { Composed, Meaning, StepAt } from './composed.ts'

export interface Instance {
  readonly step: StepAt
  readonly items: readonly number[]
}

export class Holding {
  readonly #composed: Composed
  readonly #holders = new Map<number, Instance>()

  constructor(composed: Composed) {
    this.#composed = composed
  }

  follow({ step, items, takes, gives }: Meaning): void {
    for (const lock of gives) this.#holders.delete(lock)
    if (step) for (const lock of takes) this.#holders.set(lock, { step, items })
  }

  holderOf(lock: number): Instance | undefined {
    return this.#holders.get(lock)
  }

  nameOf(lock: number): string {
    const place = this.#composed.places[lock]
    return place?.kind === 'lock' ? place.name : ''
  }

  /** The holders that it stands inside of, the outermost first, with what they hold. */
  around(inner: Instance): readonly { readonly instance: Instance; readonly locks: readonly number[] }[] {
    const found = new Map<string, { readonly instance: Instance; readonly locks: number[] }>()
    for (const [lock, instance] of this.#holders) {
      if (!isInside(inner.step, instance.step) || !instance.items.every((item, at) => inner.items[at] === item))
        continue
      const known = found.get(instance.step.path)
      if (known) known.locks.push(lock)
      else found.set(instance.step.path, { instance, locks: [lock] })
    }
    return [...found.values()].sort((left, right) => left.instance.step.path.length - right.instance.step.path.length)
  }
}

/** Whether a step stands in a region of another, however deep. */
export const isInside = (inner: StepAt, outer: StepAt): boolean =>
  inner.path.startsWith(outer.path) && ['/', '.', '['].includes(inner.path[outer.path.length] ?? '')
