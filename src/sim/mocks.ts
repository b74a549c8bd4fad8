/**
 * What stands for tasks and effects in a simulation: a value, or a function that is called instead. A mock may take virtual
 * time, fail a few times first, or choose by the seed.
 */
import type { Definition } from '../dsl/definition.ts'
import { definitionOf } from '../dsl/definition.ts'
import type { Out } from '../dsl/types.ts'
import { refuse } from '../util/diagnostic.ts'
import { type Duration, durationMs } from '../util/duration.ts'
import { nearestName } from '../util/nearest.ts'
import { between, type Random } from './random.ts'

/** What a mock knows of the attempt that it stands for. */
export interface MockCall {
  readonly step: string
  /** From 1; it goes on counting when a process died with an attempt. */
  readonly attempt: number
  /** Virtual milliseconds since 1970. */
  readonly nowMs: number
  /** In [0, 1), from the seed. */
  readonly random: Random
  /** The attempt takes so much virtual time, or as much between the two as the seed decides. Several calls add up. */
  take(duration: Duration | readonly [Duration, Duration]): void
}

// biome-ignore lint/suspicious/noExplicitAny: the parameters' types cannot be read off a task, whose refs hide them; as with a test framework's mocks, the writer knows them.
type Arguments = any[]

/** What a function's result can be. Not `unknown`, which would swallow the type of the functions beside it. */
type Value = object | string | number | bigint | boolean | null | undefined

/** A value, or a function that gives it or throws. A value that is itself a function has to be given by a function. */
export type Mock<R = Value> = R | ((args: Arguments, call: MockCall) => R | Promise<R>)

/** Mocks by definition or by name: of a step (`release/publish`), of a variable, of a definition. */
export type Mocks = { readonly [name: string]: Mock } | Iterable<readonly [task: string | Callable, mock: Mock]>

// biome-ignore lint/suspicious/noExplicitAny: what `task` and `effect` give has the parameters of the user's function.
type Callable = (...args: any[]) => unknown

/**
 * A mock of a task or an effect, with the type that it gives.
 *
 *     simulate(release, { mocks: [mock(publish, takes('10m', { url: 'https://example.org' }))] })
 */
export const mock = <F extends Callable>(task: F, given: Mock<Out<ReturnType<F>>>): readonly [F, Mock] => [
  task,
  // Whatever it gives is a value.
  given as Mock,
]

/** Takes virtual time, then goes on as `then`. Of a range the seed decides. */
export const takes =
  <R>(duration: Duration | readonly [Duration, Duration], then: Mock<R>) =>
  (args: Arguments, call: MockCall): R | Promise<R> => {
    call.take(duration)
    return answer(then, args, call)
  }

/** Throws in the first `times` attempts of each step, then goes on as `then`. */
export const failing =
  <R>(times: number, error: unknown, then: Mock<R>) =>
  (args: Arguments, call: MockCall): R | Promise<R> => {
    if (call.attempt <= times) throw error
    return answer(then, args, call)
  }

/** One of them, each attempt anew, by the seed. */
export const oneOf =
  <R>(...mocks: readonly Mock<R>[]) =>
  (args: Arguments, call: MockCall): R | Promise<R> => {
    const chosen = mocks[between(call.random, 0, mocks.length - 1)]
    return answer(chosen as Mock<R>, args, call)
  }

/** Throws. For `oneOf`. */
export const throwing = (error: unknown) => (): never => {
  throw error
}

export function answer<R>(given: Mock<R>, args: Arguments, call: MockCall): R | Promise<R> {
  return typeof given === 'function'
    ? (given as (args: Arguments, call: MockCall) => R | Promise<R>)(args, call)
    : given
}

/** Milliseconds of a duration, or of one between two. */
export const drawMs = (duration: Duration | readonly [Duration, Duration], random: Random): number =>
  typeof duration === 'object'
    ? between(random, durationMs(duration[0]), durationMs(duration[1]))
    : durationMs(duration)

export interface MockBook {
  /** By step, by display name, by definition, by the definition's name. */
  find(attempt: { readonly step: string; readonly name: string }, definition: Definition | undefined): Found | undefined
  /** Names that no step has asked for. A definition is one, whether this workflow calls it or not. */
  unusedNames(): readonly string[]
}

export interface Found {
  readonly mock: Mock
}

export function newMockBook(mocks: Mocks): MockBook {
  const byName = new Map<string, Found>()
  const byDefinition = new Map<Definition, Found>()
  const asked = new Set<Found>()
  const entries = isIterable(mocks) ? [...mocks] : Object.entries(mocks)
  for (const [key, given] of entries) {
    const found: Found = { mock: given }
    if (typeof key === 'string') byName.set(key, found)
    else byDefinition.set(mockable(key), found)
  }
  const same = (definition: Definition): Found | undefined => {
    const exact = byDefinition.get(definition)
    if (exact) return exact
    // A file of mocks that imports the workflow's file loads it a second time: its definitions stand at the same places.
    for (const [other, found] of byDefinition) if (isTwin(other, definition)) return found
    return undefined
  }

  return {
    find(attempt, definition) {
      const found =
        byName.get(attempt.step) ??
        byName.get(attempt.name) ??
        (definition && (same(definition) ?? byName.get(definition.name)))
      if (found) asked.add(found)
      return found
    },
    unusedNames: () => [...byName].flatMap(([name, found]) => (asked.has(found) ? [] : [name])),
  }
}

const isIterable = (mocks: Mocks): mocks is Iterable<readonly [string | Callable, Mock]> => Symbol.iterator in mocks

const isTwin = (a: Definition, b: Definition): boolean =>
  a.name === b.name &&
  a.at !== undefined &&
  b.at !== undefined &&
  a.at.file === b.at.file &&
  a.at.line === b.at.line &&
  a.at.column === b.at.column

function mockable(key: Callable): Definition {
  const definition = definitionOf(key)
  if (definition && 'fn' in definition) return definition
  refuse('NOT_MOCKABLE', `${definition ? `${definition.name} is a ${definition.kind}` : 'This'} and has no mock`, {
    hint: 'Mock the tasks and effects that it calls.',
  })
}

/** Refuses MOCK_UNKNOWN for a name that no step has. */
export function refuseUnknown(names: readonly string[], known: readonly string[]): void {
  const [name] = names
  if (name === undefined) return
  const near = nearestName(name, known)
  refuse('MOCK_UNKNOWN', `There is no step or task ${name} to mock`, {
    hint: near ? `Did you mean ${near}?` : `There are ${[...new Set(known)].slice(0, 20).join(', ') || 'none'}.`,
  })
}
