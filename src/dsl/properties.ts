/**
 * What is claimed of all runs of a workflow: values that `ensure` takes, in the body that they speak of or beside it. The
 * analysis checks them; a run does nothing with them.
 */
import type { Property as Claimed } from '../core/graph/property.ts'
import { type Position, refuse } from '../util/diagnostic.ts'
import { specOf } from './combinators/signal.ts'
import { type Claim, definitionOf, type Operand, type WorkflowDefinition } from './definition.ts'
import { currentSite } from './hooks.ts'
import { targetOf } from './ref.ts'
import { currentBuilder, type Target } from './trace.ts'
import type { RefCore } from './types.ts'

/**
 * A step by what its call returned, in the body or in one around it; or a task, effect, service, workflow, flow or signal, which
 * stands for all steps that call it or wait for it, in the workflow and in those that it calls.
 */
export type Step =
  | RefCore<unknown>
  | ((...args: never) => RefCore<unknown>)
  | { readonly name: string; wait(...args: never): RefCore<unknown> }

declare const property: unique symbol

/** Something that holds of every run, or does not. */
export interface Property {
  readonly [property]: true
}

/** Never do both run at the same time. */
export const never = (a: Step, b: Step): Property => ofTwo('never', a, b)

/** At no time do more than `count` run: of one step's instances, or of several steps together. */
export function atMost(count: number, steps: Step | readonly Step[]): Property {
  if (!Number.isSafeInteger(count) || count < 0)
    refuse('BAD_ARGUMENT', 'atMost() takes a whole number first', {
      ...here(),
      hint: 'For example atMost(1, [deploy, migrate]).',
    })
  const list: readonly Step[] = isList(steps) ? steps : [steps]
  if (list.length === 0)
    refuse('BAD_ARGUMENT', 'atMost() takes at least one step', {
      ...here(),
      hint: 'For example atMost(1, [deploy, migrate]).',
    })
  return made({ kind: 'atMost', count, a: list.map(step => operandOf('atMost', step)), ...here() })
}

/** `b` begins only after `a` is done. */
export const precedes = (a: Step, b: Step): Property => ofTwo('precedes', a, b)

/** Whenever `a` is done, `b` will be, in every run that succeeds. */
export const responds = (a: Step, b: Step): Property => ofTwo('responds', a, b)

/** Not both are done in one run. */
export const exclusive = (a: Step, b: Step): Property => ofTwo('exclusive', a, b)

/** They are done in turn, `a` first: between two of the one there is one of the other. */
export const alternates = (a: Step, b: Step): Property => ofTwo('alternates', a, b)

/** `a` is done in every run that succeeds. */
export const eventually = (a: Step): Property => ofOne('eventually', a)

/** `a` is done in every run that succeeds, and in none a second time. */
export const exactlyOnce = (a: Step): Property => ofOne('exactlyOnce', a)

/** There is a run in which `a` is done. */
export const reachable = (a: Step): Property => ofOne('reachable', a)

/** Once `a` is done, `b` is never begun any more: `absent(b).after(a)`. */
export function absent(b: Step): { after(a: Step): Property } {
  const place = here()
  const begun = { after: (a: Step) => ofTwo('absent', a, b, place) }
  unfinished.add(begun)
  return begun
}

/** `absent(b)` without what it comes after. */
const unfinished = new WeakSet<object>()

/**
 * Claims that each property holds of the body that is being traced, or, at the top level of a file, of every call of a
 * workflow. Refuses BAD_ARGUMENT, NOT_A_STEP and OUTSIDE_WORKFLOW; a step that is not there is PROPERTY_UNKNOWN_STEP.
 */
export function ensure(
  workflow: (...args: never) => RefCore<unknown>,
  ...properties: readonly [Property, ...Property[]]
): void
export function ensure(...properties: readonly [Property, ...Property[]]): void
export function ensure(first: unknown, ...rest: readonly unknown[]): void {
  const definition = definitionOf(first)
  if (!definition) {
    const claims = [first, ...rest].map(mustBeProperty)
    const builder =
      currentBuilder() ?? refuse('OUTSIDE_WORKFLOW', 'ensure() outside of a body needs a workflow', usage())
    return void builder.claims.push(...claims)
  }
  if (definition.kind !== 'workflow')
    refuse('BAD_ARGUMENT', `ensure() takes a workflow first: the steps of ${definition.name} are not known`, usage())
  if (currentBuilder())
    refuse('BAD_ARGUMENT', `What ensure() says of ${definition.name} stands at the top level of a file`, usage())
  const claims = rest.map(mustBeProperty).map(claim => withoutRefs(claim, definition))
  definition.claims = [...(definition.claims ?? []), ...claims]
}

const isList = (steps: Step | readonly Step[]): steps is readonly Step[] => Array.isArray(steps)

const here = (): { readonly at: Position | undefined } => ({ at: currentSite()?.at })

const usage = () => ({
  ...here(),
  hint: 'In a body: ensure(precedes(tested, published)); beside it: ensure(release, never(deploy, migrate)).',
})

const PROPERTY = Symbol.for('tutti.property')

// The brand is for the compiler alone.
const made = (claim: Claim<Target>): Property => ({ [PROPERTY]: claim }) as unknown as Property

type OfTwo = Extract<Claimed, { readonly b: unknown }>['kind']
type OfOne = Exclude<Claimed['kind'], OfTwo | 'atMost'>

const ofTwo = (kind: OfTwo, a: Step, b: Step, place = here()): Property =>
  made({ kind, a: [operandOf(kind, a)], b: [operandOf(kind, b)], ...place })

const ofOne = (kind: OfOne, a: Step): Property => made({ kind, a: [operandOf(kind, a)], ...here() })

function operandOf(name: string, step: unknown): Operand<Target> {
  const target = targetOf(step)
  if (target?.kind === 'node') return { kind: 'step', target }
  const definition = definitionOf(step)
  if (definition) return { kind: 'definition', definition }
  if (specOf(step)) return { kind: 'signal', name: () => specOf(step)?.name ?? '' }
  const what =
    target === undefined ? 'steps, or what is called there' : 'steps, and this is a mapped value or a parameter'
  return refuse('NOT_A_STEP', `${name}() takes ${what}`, {
    ...here(),
    hint: 'Pass what a call in the body returned, or a task, effect, service, workflow, flow or signal.',
  })
}

function mustBeProperty(value: unknown): Claim<Target> {
  const claim =
    typeof value === 'object' && value !== null
      ? (value as { readonly [PROPERTY]?: Claim<Target> })[PROPERTY]
      : undefined
  if (claim) return claim
  if (typeof value === 'object' && value !== null && unfinished.has(value))
    refuse('BAD_ARGUMENT', 'absent() needs what it comes after', {
      ...here(),
      hint: 'For example absent(deploy).after(rolledBack).',
    })
  return refuse('BAD_ARGUMENT', 'ensure() takes properties', usage())
}

/** Beside a body there are no refs of it. */
function withoutRefs({ a, b, ...claim }: Claim<Target>, { name }: WorkflowDefinition): Claim<never> {
  const all = (operands: readonly Operand<Target>[]): readonly Operand<never>[] =>
    operands.map(operand =>
      operand.kind === 'step'
        ? refuse('NOT_A_STEP', `What is said of ${name} from outside cannot speak of refs`, {
            at: claim.at,
            hint: 'Pass the task, effect, workflow, flow or signal itself, or call ensure() in the body.',
          })
        : operand,
    )
  return { ...claim, a: all(a), ...(b ? { b: all(b) } : {}) }
}
