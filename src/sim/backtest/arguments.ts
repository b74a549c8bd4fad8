/**
 * Whether a step would be called with what it was called with. Arguments are compared as expressions first; only where these
 * differ are their values made and compared by content, the past ones by the past code of the workflow's pure functions.
 */
import type { Bound } from '../../core/index.ts'
import { canonicalJson, type Json } from '../../util/json.ts'
import { evaluate, type Environment, type ValueStore } from '../../values/index.ts'

type Likeness = 'same' | 'other' | 'ask'

export interface Arguments {
  /** `ask`: values have to be made. */
  compareNow(then: readonly Bound[], now: readonly Bound[]): Likeness
  compare(then: readonly Bound[], now: readonly Bound[]): Promise<'same' | 'other'>
}

export interface ArgumentsOptions {
  readonly values: ValueStore
  readonly environment: Environment
  /** Pure functions as they were; `same`: as they are. */
  readonly then: 'same' | (() => Promise<Environment['pure']>)
}

export function newArguments({ values, environment, then }: ArgumentsOptions): Arguments {
  const likeness = (a: Bound, b: Bound): Likeness => {
    if (a.kind === 'literal' && b.kind === 'literal') return isSame(a.value, b.value) ? 'same' : 'other'
    if (a.kind === 'resource' && b.kind === 'resource')
      return isSame(a.resource as unknown as Json, b.resource as unknown as Json) ? 'same' : 'other'
    if (a.kind === 'value' && b.kind === 'value') {
      const isOne = a.value.hash === b.value.hash && a.value.codec === b.value.codec
      if (isOne && isSame(a.path, b.path)) return 'same'
      return a.path.length + b.path.length === 0 && a.value.codec === b.value.codec ? 'other' : 'ask'
    }
    if (a.kind === 'list' && b.kind === 'list')
      return a.items.length === b.items.length ? all(a.items, b.items) : 'other'
    if (a.kind === 'record' && b.kind === 'record') {
      const names = Object.keys(a.fields)
      return isSame(names.toSorted(), Object.keys(b.fields).toSorted())
        ? all(
            names.map(name => a.fields[name] as Bound), // the names are its own
            names.map(name => b.fields[name] as Bound),
          )
        : 'ask'
    }
    if (a.kind === 'apply' && b.kind === 'apply' && then === 'same' && a.fn === b.fn && isSame(a.path, b.path))
      return all(a.args, b.args) === 'same' && a.args.length === b.args.length ? 'same' : 'ask'
    return 'ask'
  }

  const all = (a: readonly Bound[], b: readonly Bound[]): Likeness => {
    let found: Likeness = 'same'
    for (const [index, each] of a.entries()) {
      const other = b[index]
      const like = other ? likeness(each, other) : 'other'
      if (like === 'other') return 'other'
      if (like === 'ask') found = 'ask'
    }
    return found
  }

  /** A function that throws gives what it throws. */
  const hashOf = async (bound: Bound, env: Environment): Promise<string> => {
    try {
      const { codec, hash } = await values.encode(await evaluate(bound, env), { task: 'an argument' })
      return `${codec} ${hash}`
    } catch (error) {
      return `threw ${String(error)}`
    }
  }

  const compareOne = async (a: Bound, b: Bound, past: Environment): Promise<boolean> => {
    const like = likeness(a, b)
    if (like !== 'ask') return like === 'same'
    if (a.kind === 'record' && b.kind === 'record') {
      const names = new Set([...Object.keys(a.fields), ...Object.keys(b.fields)])
      const same = await Promise.all(
        [...names].map(name => compareOne(a.fields[name] ?? UNDEFINED, b.fields[name] ?? UNDEFINED, past)),
      )
      return same.every(Boolean)
    }
    return (await hashOf(a, past)) === (await hashOf(b, environment))
  }

  return {
    compareNow: (a, b) => (a.length === b.length ? all(a, b) : 'other'),
    async compare(a, b) {
      if (a.length !== b.length) return 'other'
      const past = then === 'same' ? environment : { ...environment, pure: await then() }
      const same = await Promise.all(a.map((each, index) => compareOne(each, b[index] ?? UNDEFINED, past)))
      return same.every(Boolean) ? 'same' : 'other'
    },
  }
}

const UNDEFINED: Bound = { kind: 'literal', value: { $undefined: true } }

const isSame = (a: Json | readonly (string | number)[], b: Json | readonly (string | number)[]): boolean =>
  a === b || canonicalJson(a as Json) === canonicalJson(b as Json)
