/** Collects places and transitions with what they mean, and makes the net of them. */
import { type Arc, buildNet, type PetriNet } from '../net/petri-net.ts'
import type { ComposedStep, Deed, Meaning, PlaceMeaning, StepAt } from './composed.ts'

/** A transition that is being added: arcs by place, one for each token. */
export interface Firing {
  readonly step: StepAt | undefined
  readonly deed: Deed
  readonly items: readonly number[]
  readonly from: readonly number[]
  readonly to: readonly number[]
  /** Places that must be marked and stay so. */
  readonly reads?: readonly number[]
  readonly takes?: readonly number[]
  readonly gives?: readonly number[]
}

interface Growing extends StepAt {
  readonly begins: number[]
  readonly passes: number[]
  readonly exits: number[]
  readonly active: number[]
  instances: number
}

const NO_LOCKS: readonly number[] = []

export class NetBuilder {
  readonly meanings: Meaning[] = []
  readonly places: PlaceMeaning[] = []
  readonly #steps = new Map<string, Growing>()
  readonly #transitionNames: string[] = []
  readonly #inputs: Arc[] = []
  readonly #outputs: Arc[] = []
  readonly #initial = new Map<number, number>()
  readonly #final = new Map<number, number>()

  get steps(): ReadonlyMap<string, ComposedStep> {
    return this.#steps
  }

  place(meaning: PlaceMeaning): number {
    return this.places.push(meaning) - 1
  }

  /** `before`, and again at the end of the run, it has so many tokens. */
  mark(place: number, { before, after }: { readonly before: number; readonly after: number }): void {
    if (before > 0) this.#initial.set(place, before)
    if (after > 0) this.#final.set(place, after)
  }

  fire({ step, deed, items, from, to, reads = [], takes = NO_LOCKS, gives = NO_LOCKS }: Firing): number {
    const transition = this.meanings.push({ step, deed, items, takes, gives }) - 1
    this.#transitionNames.push(nameOf(step, deed, items))
    for (const place of [...from, ...reads, ...takes]) this.#inputs.push({ place, transition, weight: 1 })
    for (const place of [...to, ...reads, ...gives]) this.#outputs.push({ place, transition, weight: 1 })
    if (step) this.#note(step, deed, transition)
    return transition
  }

  /** An instance of the step is in the net; `active` is marked while it goes on. */
  active(step: StepAt, items: readonly number[]): number {
    const place = this.place({ kind: 'active', step, items })
    const growing = this.#step(step)
    growing.active.push(place)
    growing.instances += 1
    return place
  }

  net(name: string): PetriNet {
    return buildNet({
      name,
      places: this.places.map((meaning, index) => `${placeName(meaning)}#${index}`),
      transitions: this.#transitionNames.map((transition, index) => `${transition}#${index}`),
      inputs: this.#inputs,
      outputs: this.#outputs,
      initial: this.#initial,
      final: this.#final,
    })
  }

  #step(step: StepAt): Growing {
    const known = this.#steps.get(step.path)
    if (known) return known
    const made: Growing = { ...step, begins: [], passes: [], exits: [], active: [], instances: 0 }
    this.#steps.set(step.path, made)
    return made
  }

  #note(step: StepAt, { kind }: Deed, transition: number): void {
    if (kind === 'begins') this.#step(step).begins.push(transition)
    else if (kind === 'passes') this.#step(step).passes.push(transition)
    else if (kind === 'fails' || kind === 'interrupted' || kind === 'withdrawn') this.#step(step).exits.push(transition)
  }
}

function nameOf(step: StepAt | undefined, deed: Deed, items: readonly number[]): string {
  const what = 'label' in deed ? `${deed.kind} ${deed.label}` : deed.kind
  const which = items.length > 0 ? `[${items.join(',')}]` : ''
  return step ? `${step.path}${which} ${what}` : what
}

function placeName(meaning: PlaceMeaning): string {
  switch (meaning.kind) {
    case 'active':
      return meaning.step.path
    case 'edge':
      return `${meaning.from?.path ?? ''} > ${meaning.to?.path ?? ''}${meaning.comes === 'never' ? ' never' : ''}`
    case 'lock':
    case 'pool':
      return `${meaning.kind} ${meaning.name}`
    case 'token':
      return `${meaning.step.path} (${meaning.name})`
    case 'inner':
      return `in ${meaning.step?.path ?? 'run'}`
  }
}
