/** `net`: a free-form Petri net of places and transitions, for what no structured combinator says. */
import type { NetTransition } from '../../core/graph/graph.ts'
import { mustBeRecord } from '../arguments.ts'
import { checkOptions, type Rule } from '../options.ts'
import { nodeRef, paramRef } from '../ref.ts'
import { toExpr } from '../expr.ts'
import { exprInside, traceInside } from '../region.ts'
import { addNode, type Builder, mustBuild } from '../trace.ts'
import type { In, Out, Ref } from '../types.ts'

/** Refs of what each transition gave last: undefined before it has fired. */
// biome-ignore lint/suspicious/noExplicitAny: what a transition gave hangs on the net that it is part of.
type Last = { readonly [transition: string]: any }

export interface Transition {
  /** Places that it takes a token from; a place may be named more than once. */
  readonly from: string | readonly string[]
  /** Places that get a token when it has run. */
  readonly to?: string | readonly string[]
  readonly run?: (last: Last) => unknown
  /** Asked when it could fire; of several that could, the first whose guard holds goes. */
  readonly if?: (last: Last) => In<boolean>
}

/** Of a net that carries a state. */
export interface StateTransition<S> extends Omit<Transition, 'run' | 'if'> {
  /** Absent: the state goes on as it is. */
  readonly run?: (carried: { readonly state: Ref<S> }) => In<S>
  readonly if?: (carried: { readonly state: Ref<S> }) => In<boolean>
}

export interface FreeNet<M> {
  /** Default: all places that are named. */
  readonly places?: readonly string[]
  /** Places with a token at the start. */
  readonly start: string | readonly string[]
  /** Has a token when the net has succeeded. */
  readonly end: string
  /** With it the net carries a state: `run` and `if` get `{ state }`, what the firing that ended last gave, at first this. */
  readonly init?: unknown
  readonly transitions: M
}

/**
 * Ends when nothing runs and nothing can fire: with success when `end` has a token, else with NET_STUCK. The value has what
 * each transition gave last, or is the last state of a net that has an `init`.
 */
export function net<S>(
  given: Omit<FreeNet<{ readonly [transition: string]: StateTransition<S> }>, 'init'> & { readonly init: In<S> },
): Ref<S>
export function net<M extends { readonly [transition: string]: Transition }>(
  given: FreeNet<M>,
): Ref<{ [K in keyof M]: M[K] extends { readonly run: (last: never) => infer R } ? Out<R> | undefined : undefined }>
export function net(of: FreeNet<unknown>): unknown {
  const given = of as FreeNet<{ readonly [transition: string]: Transition }>
  const builder = mustBuild('net()')
  mustBeRecord(given, ...NET)
  checkOptions(given, RULES, '', ['start', 'end', 'transitions'])
  mustBeRecord(given.transitions, ...NET)
  const carries = given.init !== undefined
  const init = carries ? { init: toExpr(builder, given.init, 'init') } : {}
  const params = carries ? ['state'] : Object.keys(given.transitions)
  const traced = Object.entries(given.transitions).map(([id, each]) =>
    // A net with a state goes on with it.
    traceTransition(builder, id, each, { params, otherwise: carries ? onward : undefined }),
  )
  const transitions = traced.map(({ transition }) => transition)
  const start = listOf(given.start)
  const named = [...start, ...transitions.flatMap(({ consumes, produces }) => [...consumes, ...produces]), given.end]
  const places = given.places ?? [...new Set(named)]
  return nodeRef(
    builder,
    addNode(
      builder,
      'net',
      { kind: 'net', places, start, end: given.end, ...init, transitions },
      traced.map(each => each.builder),
    ),
  )
}

const NET = [
  'net() takes places and transitions',
  "net({ start: 'in', end: 'out', transitions: { work: { from: 'in', to: 'out', run: () => work() } } })",
] as const

const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''
const isTexts = (value: unknown): boolean => isText(value) || (Array.isArray(value) && value.every(isText))
const PLACES: Rule = { holds: isTexts, takes: 'names of places', example: "'in'" }
const RULES = {
  places: PLACES,
  start: PLACES,
  end: { holds: isText, takes: 'the name of a place', example: "'out'" },
  init: { holds: () => true, takes: 'any value', example: '0' },
  transitions: {
    holds: (value: unknown) => typeof value === 'object' && value !== null,
    takes: 'a record',
    example: '{ … }',
  },
}
const aFunction = (value: unknown): boolean => typeof value === 'function'
const TRANSITION = {
  from: PLACES,
  to: PLACES,
  run: { holds: aFunction, takes: 'a function', example: '() => work()' },
  if: { holds: aFunction, takes: 'a function', example: 'last => last.work.ok' },
}

interface Inside {
  readonly params: readonly string[]
  /** What a transition without `run` gives. */
  readonly otherwise: ((last: Last) => unknown) | undefined
}

function traceTransition(builder: Builder, id: string, given: Transition, { params, otherwise }: Inside) {
  mustBeRecord(given, ...NET)
  checkOptions(given, TRANSITION, `${id}.`, ['from'])
  const lastOf = (inside: Builder): Last => Object.fromEntries(params.map(each => [each, paramRef(inside, each)]))
  const { run = otherwise, if: guard } = given
  const { region, builder: inner } = traceInside(builder, params, inside => run?.(lastOf(inside)))
  const transition: NetTransition = {
    id,
    consumes: listOf(given.from),
    produces: given.to === undefined ? [] : listOf(given.to),
    ...(guard ? { guard: exprInside(inner, inside => guard(lastOf(inside)), 'if') } : {}),
    body: region,
  }
  return { transition, builder: inner }
}

const onward = ({ state }: Last): unknown => state

const listOf = (places: string | readonly string[]): readonly string[] =>
  typeof places === 'string' ? [places] : places
