/** Attempts as the world sees them: while one works, time stands still; its end may be told twice; a given source needs none. */
import type { Input, Outcome } from '../core/index.ts'
import type { Source } from '../core/graph/graph.ts'
import type { Attempt, Executor } from '../exec/attempt.ts'
import type { ValueStore } from '../values/index.ts'
import { readSource } from '../values/sources.ts'
import type { Work } from './agenda.ts'
import { unreachable } from '../util/unreachable.ts'
import type { Life } from './life.ts'

export interface Attempts {
  /** `inner`, watched. Every executor is this process's own. */
  watched(inner: Executor): Executor
  workOf(attempt: Attempt): Work | undefined
}

export interface AttemptsOptions {
  readonly life: Life
  readonly values: ValueStore
  readonly sources: Readonly<Record<string, unknown>>
  /** When the end of an attempt is told a second time; undefined: it is not. */
  readonly duplicateMs: () => number | undefined
  readonly submit: (input: Input) => void
}

export function newAttempts({ life, values, sources, duplicateMs, submit }: AttemptsOptions): Attempts {
  const works = new Map<string, Work>()

  const tellAgain = ({ step, attempt }: Attempt, outcome: Outcome): void => {
    const againMs = duplicateMs()
    if (againMs === undefined) return
    life.at(life.clock.now() + againMs, () =>
      submit({ kind: 'attempt.finished', step, attempt, outcome, atMs: life.clock.now() }),
    )
  }

  const given = async (attempt: Attempt): Promise<Outcome | undefined> => {
    const source = givenSource(attempt, sources)
    if (!source) return undefined
    return { kind: 'succeeded', output: await values.encode(await source.value(), { task: attempt.name }) }
  }

  return {
    workOf: attempt => works.get(keyOf(attempt)),
    watched: inner => async (attempt, signal, reports) => {
      const work = life.work(attempt.step)
      works.set(keyOf(attempt), work)
      try {
        const outcome = (await given(attempt)) ?? (await inner(here(attempt), signal, reports))
        tellAgain(attempt, outcome)
        return outcome
      } finally {
        works.delete(keyOf(attempt))
        work.end()
      }
    },
  }
}

const keyOf = ({ step, attempt }: Attempt): string => `${step} ${attempt}`

const here = (attempt: Attempt): Attempt =>
  attempt.work.kind === 'source' ? attempt : { ...attempt, work: { ...attempt.work, executor: 'inline' } }

/** By the step, its display name, the name of the variable, the path or the globs. */
function givenSource(
  attempt: Attempt,
  sources: Readonly<Record<string, unknown>>,
): { readonly value: () => unknown } | undefined {
  if (attempt.work.kind !== 'source') return undefined
  const { source } = attempt.work
  const spec = specOf(source)
  const name = [attempt.step, attempt.name, spec].find(each => Object.hasOwn(sources, each))
  if (name === undefined) return undefined
  const value = sources[name]
  return { value: () => (READ_AS_FILES.has(source.kind) ? filesOf(source.kind, value, attempt.cwd) : value) }
}

const READ_AS_FILES: ReadonlySet<Source['kind']> = new Set(['files', 'file', 'dir', 'http'])

function specOf(source: Source): string {
  switch (source.kind) {
    case 'files':
      return source.globs.join(' ')
    case 'file':
    case 'dir':
      return source.path
    case 'env':
      return source.name
    case 'http':
      return source.url
    case 'time':
      return 'clock'
    case 'result':
      return source.workflow
    case 'function':
      return source.task
    default:
      return unreachable(source)
  }
}

/** Paths and globs are read; anything else is the value itself. */
function filesOf(kind: Source['kind'], given: unknown, cwd: string): unknown {
  if (typeof given === 'string') return readSource({ kind: kind === 'dir' ? 'dir' : 'file', path: given }, cwd)
  const areGlobs = Array.isArray(given) && given.every(each => typeof each === 'string')
  return areGlobs ? readSource({ kind: 'files', globs: given as readonly string[] }, cwd) : given
}
