/**
 * Refs at run time: a proxy that turns field access into paths, and every attempt to use it as a value into REF_TESTED.
 * What TypeScript cannot refuse and JavaScript lets us see is refused here; the loader guards the rest (`if (ref)`).
 */
import type { Expr, Path } from '../core/graph/graph.ts'
import { refuse } from '../util/diagnostic.ts'
import { canonicalJson } from '../util/json.ts'
import { unique } from './definition.ts'
import { NAME, REF } from './handle.ts'
import { currentSite, refuseRef, refuseThen } from './hooks.ts'
import {
  addAfter,
  type Boundary,
  type Builder,
  currentBuilder,
  type Draft,
  hops,
  nameNode,
  newPureId,
  type Target,
} from './trace.ts'
import type { Ref } from './types.ts'

/** Destructuring `const [a, b] = pair()` reads as many as it names; a spread would read for ever. */
const TUPLE_MAX = 64

export function makeRef<T = unknown>(target: Target): Ref<T> {
  const behind: Behind = { target, [INSPECT]: () => `Ref(${showTarget(target)})` }
  // The proxy is the ref: its fields exist by its traps only, which the type cannot see.
  return new Proxy(behind, traps) as unknown as Ref<T>
}

/** `console.log(ref)` looks through the proxy at what stands behind it, and prints what this gives. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom')

interface Behind {
  readonly target: Target
  readonly [INSPECT]: () => string
}

function showTarget(target: Target): string {
  const base =
    target.kind === 'node'
      ? target.node.name
      : target.kind === 'param'
        ? target.param
        : `${target.args.map(showTarget).join(', ')}.to(…)`
  return [base, ...target.path].join('.')
}

export const nodeRef = <T = unknown>(builder: Builder, node: Draft): Ref<T> =>
  makeRef({ kind: 'node', builder, node, path: [] })
export const paramRef = <T = unknown>(builder: Builder, param: string): Ref<T> =>
  makeRef({ kind: 'param', builder, param, path: [] })

/** What a ref stands for; undefined for anything else. */
export function targetOf(value: unknown): Target | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  return (value as { readonly [REF]?: Target })[REF]
}

const traps: ProxyHandler<Behind> = {
  get({ target }, key, receiver) {
    if (typeof key === 'symbol') return symbolMember(target, key)
    switch (key) {
      case 'to':
        return (fn: (value: unknown) => unknown) => mapped(target, fn)
      case 'at':
        return (field: string | number) => makeRef({ ...target, path: [...target.path, field] })
      case 'after':
        return (...steps: readonly unknown[]) => {
          orderAfter(target, steps)
          return receiver
        }
      case 'undo':
        return (body: unknown) => {
          target.builder.trace.undo(target, body)
          return receiver
        }
      case 'then':
        return refuseThen(currentSite()?.at)
      case 'toJSON':
        return refuseRef('JSON.stringify', currentSite()?.at)
      case 'toString':
      case 'valueOf':
        return refuseRef(`.${key}()`, currentSite()?.at)
      default:
        return makeRef({ ...target, path: [...target.path, /^(0|[1-9]\d*)$/.test(key) ? Number(key) : key] })
    }
  },
  has: () => refuseRef("'in'", currentSite()?.at),
  ownKeys: () => refuseRef('spread or Object.keys', currentSite()?.at),
  getOwnPropertyDescriptor: () => refuseRef('Object.getOwnPropertyDescriptor', currentSite()?.at),
  getPrototypeOf: () => refuseRef('instanceof', currentSite()?.at),
  set: () => refuseRef('an assignment to its field', currentSite()?.at),
  deleteProperty: () => refuseRef('delete', currentSite()?.at),
  defineProperty: () => refuseRef('Object.defineProperty', currentSite()?.at),
}

function symbolMember(target: Target, key: symbol): unknown {
  switch (key) {
    case REF:
      return target
    case NAME:
      return (name: string) => {
        if (target.kind === 'node' && target.path.length === 0) nameNode(target.builder, target.node, name)
      }
    case Symbol.iterator:
      return () => tupleItems(target)
    case Symbol.toPrimitive:
      return (hint: string) =>
        refuseRef(hint === 'number' ? 'arithmetic or a comparison' : 'a string or a coercion', currentSite()?.at)
    case Symbol.asyncIterator:
      return refuseRef('for await', currentSite()?.at)
    default:
      return undefined
  }
}

function* tupleItems(target: Target): Generator<unknown> {
  for (let index = 0; index < TUPLE_MAX; index++) yield makeRef({ ...target, path: [...target.path, index] })
  refuseRef('spread or for of', currentSite()?.at)
}

function mapped(target: Target, fn: (value: unknown) => unknown): unknown {
  const builder = currentBuilder() ?? target.builder
  if (typeof fn !== 'function')
    refuse('BAD_ARGUMENT', '.to() takes a function', {
      at: currentSite()?.at,
      hint: 'For example report.to(({ failures }) => failures.length).',
    })
  const id = newPureId(builder.trace, currentSite())
  builder.trace.bindings.pure.set(id, fn)
  return makeRef({ kind: 'apply', builder, fn: id, args: [target], path: [] })
}

function orderAfter(target: Target, steps: readonly unknown[]): void {
  const at = currentSite()?.at
  if (target.kind !== 'node') {
    refuse('AFTER_ON_VALUE', 'Only a step can wait: .after() was called on a mapped value or a parameter', {
      at,
      hint: 'Call .after() on what a task or workflow call returned.',
    })
  }
  for (const step of steps) {
    const to = targetOf(step)
    if (!to)
      refuse('NOT_A_STEP', '.after() takes refs of steps', { at, hint: 'Pass what a task or workflow call returned.' })
    addAfter(target, to, at)
  }
}

/** The expression that a ref is when it is used inside `builder`. */
export function refExpr(builder: Builder, target: Target, where: string, path: Path = target.path): Expr {
  if (target.kind === 'apply')
    return { kind: 'apply', fn: target.fn, args: target.args.map(arg => refExpr(builder, arg, where)), path }
  const up = hops(builder, target.builder)
  const captured = up === undefined ? capture(builder, target, where, path) : undefined
  if (captured) return captured
  if (up === undefined) {
    const name = target.kind === 'node' ? target.node.name : target.param
    refuse(
      'REF_OUT_OF_REGION',
      `${where}: ${name} belongs to another ${target.builder.trace === builder.trace ? 'region' : 'workflow'}`,
      {
        at: currentSite()?.at,
        hint: 'A ref leaves a region only as its result: return it from the body, and use what the combinator or workflow call returns.',
      },
    )
  }
  return target.kind === 'node'
    ? { kind: 'node', node: target.node.id, up, path }
    : { kind: 'param', param: target.param, up, path }
}

/** A ref that crosses into a closed region is a parameter there, bound by what is around the boundary. */
function capture(
  builder: Builder,
  target: Exclude<Target, { kind: 'apply' }>,
  where: string,
  path: Path,
): Expr | undefined {
  let up = 0
  let inner = builder
  for (; inner.parent; inner = inner.parent) up += 1
  const { boundary } = inner
  if (!boundary) return undefined
  const isOwn = target.kind === 'node' && target.node === boundary.node
  const param = isOwn ? 'value' : captureName(boundary, target, refExpr(boundary.outer, target, where, []))
  return { kind: 'param', param, up, path }
}

/** What is captured twice has one name. */
function captureName({ captures }: Boundary, target: Exclude<Target, { kind: 'apply' }>, expr: Expr): string {
  const text = canonicalJson(expr)
  for (const [name, known] of captures) if (canonicalJson(known) === text) return name
  const name = unique(target.kind === 'node' ? target.node.id : target.param, {
    has: taken => taken === 'value' || captures.has(taken),
  })
  captures.set(name, expr)
  return name
}
