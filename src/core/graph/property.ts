/**
 * What can be claimed of the runs of a region. Which steps a claim means says ./properties.ts; whether it holds, the analysis.
 * The engine acts on none.
 */
import type { Position } from '../../util/diagnostic.ts'
import { unreachable } from '../../util/unreachable.ts'

/** One step, or all calls of a definition. */
export type StepRef =
  /** `path` from a region on, as step paths have it (`when.then/publish`): of this one, or `up` regions up. */
  | { readonly kind: 'step'; readonly path: string; readonly up: number }
  /** `name`: the address of a task, effect, service or flow; the name of a workflow or signal. */
  | { readonly kind: 'calls'; readonly of: 'task' | 'flow' | 'workflow' | 'signal'; readonly name: string }

/** Any of them: what is said of several is said of their union. */
export type Steps = readonly StepRef[]

interface Claim {
  readonly at?: Position
}
interface OfOne extends Claim {
  readonly a: Steps
}
interface OfTwo extends OfOne {
  readonly b: Steps
}

/**
 * A step *begins* when its work may start, and *is done* when it has ended with success; between its beginning and its end,
 * whatever that is, it *runs*. What must come about is asked of runs that succeed.
 */
export type Property =
  /** No `a` runs while a `b` does. Of one and the same step: not twice at once. */
  | (OfTwo & { readonly kind: 'never' })
  /** At most `count` run at once. */
  | (OfOne & { readonly kind: 'atMost'; readonly count: number })
  /** No `b` begins before an `a` is done. */
  | (OfTwo & { readonly kind: 'precedes' })
  /** After an `a` is done, a `b` will be. */
  | (OfTwo & { readonly kind: 'responds' })
  /** Not both are done in one run. */
  | (OfTwo & { readonly kind: 'exclusive' })
  /** Once an `a` is done, no `b` begins. */
  | (OfTwo & { readonly kind: 'absent' })
  /** They are done in turn, an `a` first. */
  | (OfTwo & { readonly kind: 'alternates' })
  /** An `a` is done in every run. */
  | (OfOne & { readonly kind: 'eventually' })
  /** As `eventually`, and never a second time. */
  | (OfOne & { readonly kind: 'exactlyOnce' })
  /** There is a run in which an `a` is done. */
  | (OfOne & { readonly kind: 'reachable' })

export const operandsOf = (property: Property): readonly Steps[] => {
  switch (property.kind) {
    case 'never':
    case 'precedes':
    case 'responds':
    case 'exclusive':
    case 'absent':
    case 'alternates':
      return [property.a, property.b]
    case 'atMost':
    case 'eventually':
    case 'exactlyOnce':
    case 'reachable':
      return [property.a]
    default:
      return unreachable(property)
  }
}

/** The same claim with other steps. */
export const withSteps = (property: Property, change: (ref: StepRef) => StepRef): Property =>
  'b' in property
    ? { ...property, a: property.a.map(change), b: property.b.map(change) }
    : { ...property, a: property.a.map(change) }

/** As it is written in the language, steps by their paths: `precedes(test, publish)`. */
export function propertyText(property: Property, nameOf: (ref: StepRef) => string = plainName): string {
  const one = (steps: Steps): string => steps.map(nameOf).join(' or ')
  const { kind } = property
  switch (kind) {
    case 'atMost': {
      const steps = property.a.map(nameOf).join(', ')
      return `atMost(${property.count}, ${property.a.length === 1 ? steps : `[${steps}]`})`
    }
    case 'absent':
      return `absent(${one(property.b)}).after(${one(property.a)})`
    default:
      return `${kind}(${operandsOf(property).map(one).join(', ')})`
  }
}

const plainName = (ref: StepRef): string => (ref.kind === 'step' ? ref.path : ref.name)
