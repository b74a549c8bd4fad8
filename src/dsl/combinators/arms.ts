/** `any`, `race` and `some`: arms side by side, of which all that hold, the first, or so many count. */
import { mustBeArms, mustBeFunction, mustBeRecord, refuseArgument } from '../arguments.ts'
import type { Region } from '../../core/graph/graph.ts'
import { refuse } from '../../util/diagnostic.ts'
import { toExpr } from '../expr.ts'
import { currentSite } from '../hooks.ts'
import { checkOptions, oneOf } from '../options.ts'
import { nodeRef } from '../ref.ts'
import { traceInside, type TracedRegion } from '../region.ts'
import { addNode, type Builder, mustBuild } from '../trace.ts'
import type { Arms, In, NotAsync, Out, Ref, Rest, Traced } from '../types.ts'

type Choices = { readonly [label: string]: readonly [condition: In<boolean>, body: () => unknown] }
type Chosen<M extends Choices> = { [K in keyof M]: Out<ReturnType<M[K][1]>> | undefined }
type TracedChoices<M extends Choices> = {
  readonly [K in keyof M]: readonly [condition: In<boolean>, body: () => NotAsync<ReturnType<M[K][1]>>]
}

/** Every arm whose condition holds runs, `otherwise` when none does. The value has each arm's result by its label. */
export function any<const M extends Choices>(arms: M & TracedChoices<M>): Ref<Chosen<M>>
export function any<const M extends Choices, R>(
  arms: M & TracedChoices<M>,
  otherwise: () => NotAsync<R>,
): Ref<Chosen<M> & { otherwise: Out<R> | undefined }>
export function any(arms: Choices, otherwise?: () => unknown): unknown {
  const builder = mustBuild('any()')
  mustBeRecord(arms, ...ANY)
  const traced = Object.entries(arms).map(([label, arm]) => [label, traceChoice(builder, arm)] as const)
  if (traced.length === 0) refuseArgument(...ANY)
  if (otherwise !== undefined) mustBeFunction(otherwise, ...ANY)
  const rest = otherwise && traceInside(builder, [], otherwise)
  const node = addNode(
    builder,
    'any',
    {
      kind: 'any',
      arms: Object.fromEntries(traced.map(([label, { condition, body }]) => [label, { condition, body: body.region }])),
      ...(rest ? { otherwise: rest.region } : {}),
    },
    [...traced.map(([, { body }]) => body.builder), ...(rest ? [rest.builder] : [])],
  )
  return nodeRef(builder, node)
}

const ANY = [
  'any() takes a record of [condition, function]',
  'any({ mail: [wanted.mail, () => mail(order)], letter: [wanted.letter, () => print(order)] })',
] as const

function traceChoice(builder: Builder, arm: unknown) {
  if (!Array.isArray(arm) || arm.length !== 2) refuseArgument(...ANY)
  const [condition, body] = arm as readonly unknown[]
  mustBeFunction(body, ...ANY)
  return { condition: toExpr(builder, condition, 'condition'), body: traceInside(builder, [], () => body()) }
}

/** Which arm won, and its result: `match(raced, 'won', { … })` branches on it. */
type Won<M extends Arms> = { [K in keyof M]: { won: K; value: Out<ReturnType<M[K]>> } }[keyof M]

/** The first arm to succeed wins, and the others are cancelled. Fails with RACE_FAILED when all have failed. */
export function race<M extends Arms>(arms: M & Traced<M>): Ref<Won<M>> {
  const builder = mustBuild('race()')
  mustBeArms(arms, 'race() takes a record of functions', 'race({ done: () => work(), late: () => sleep("1h") })')
  const traced = traceArms(builder, arms)
  return nodeRef(builder, addNode(builder, 'race', { kind: 'race', arms: traced.regions }, traced.builders))
}

export interface SomeOptions {
  /** What becomes of the arms that were not waited for. Default: `cancel`. */
  readonly rest?: Rest
}

/** Goes on when `count` arms have succeeded. Fails with SOME_FAILED when too many have failed. */
export function some<M extends Arms>(
  count: number,
  arms: M & Traced<M>,
  options: SomeOptions = {},
): Ref<{ [K in keyof M]: Out<ReturnType<M[K]>> | undefined }> {
  const builder = mustBuild('some()')
  const example = 'some(2, { a: () => ask(a), b: () => ask(b), c: () => ask(c) })'
  mustBeArms(arms, 'some() takes a number and a record of functions', example)
  checkOptions(options, { rest: oneOf('cancel', 'finish', 'detach') })
  const most = Object.keys(arms).length
  if (!Number.isSafeInteger(count) || count < 1 || count > most)
    refuse('SOME_COUNT', `some() of ${most} arms goes on after 1 to ${most}, not ${String(count)}`, {
      at: currentSite()?.at,
      hint: `For example ${example}.`,
    })
  const { regions, builders } = traceArms(builder, arms)
  const { rest = 'cancel' } = options
  return nodeRef(builder, addNode(builder, 'some', { kind: 'some', count, rest, arms: regions }, builders))
}

function traceArms(builder: Builder, arms: { readonly [label: string]: () => unknown }) {
  const traced: readonly (readonly [string, TracedRegion])[] = Object.entries(arms).map(([label, arm]) => [
    label,
    traceInside(builder, [], () => arm()),
  ])
  const regions: { readonly [label: string]: Region } = Object.fromEntries(
    traced.map(([label, { region }]) => [label, region]),
  )
  return { regions, builders: traced.map(([, arm]) => arm.builder) }
}
