/**
 * `configure`: middleware, codecs and routes of a file, of one workflow's runs, or of one task. One composable type for all:
 * what is given for the file stands outside of what is given for a workflow, and that outside of a task's.
 */
import { type Definition, definitionOf } from '../dsl/definition.ts'
import { refuse } from '../util/diagnostic.ts'
import type { Codec } from '../values/codec.ts'
import type { Route } from '../values/routes.ts'
import type { Use } from './onion.ts'
import { shared } from './shared.ts'

export interface Configuration {
  /** A task, an effect or a workflow (then: every step of its runs). Everything when absent. */
  readonly for?: unknown
  /** Layers round every attempt. */
  readonly use?: Use
  /** Codecs for types of the user's own, asked before the built-in ones. Of a whole file only. */
  readonly codecs?: readonly Codec[]
  /** Values that go to a storage of the user's own. Of a whole file only; a route chooses its tasks itself. */
  readonly routes?: readonly Route[]
}

/** Of this process, or of the file that is being loaded. */
const register = shared('configurations', () => ({ current: [] as Configuration[] }))

/** To be called at the top of a file. Refuses with BAD_ARGUMENT. */
export function configure(configuration: Configuration): void {
  const target = configuration.for
  if (target !== undefined && !definitionOf(target))
    refuse('BAD_ARGUMENT', 'configure({ for }) takes a task, an effect or a workflow', {
      hint: 'Leave `for` out to configure the whole file.',
    })
  if (target !== undefined && (configuration.codecs || configuration.routes)) {
    refuse('BAD_ARGUMENT', 'codecs and routes belong to a whole file: they must be the same wherever a value is read', {
      hint: 'Leave `for` out; a route has `task` to choose by.',
    })
  }
  register.current.push(configuration)
}

/** Collects what is configured while `load` runs: a file's configuration is its own. */
export async function collectConfigurations<T>(
  load: () => Promise<T>,
): Promise<{ readonly value: T; readonly configurations: readonly Configuration[] }> {
  const outer = register.current
  const own: Configuration[] = []
  register.current = own
  try {
    return { value: await load(), configurations: own }
  } finally {
    register.current = outer
  }
}

/** What a program that embeds Tutti has configured so far. */
export const currentConfigurations = (): readonly Configuration[] => [...register.current]

/** The layers for a task in a workflow's run, the file's first. */
export function usesFor(
  configurations: readonly Configuration[],
  workflow: Definition,
  task: Definition | undefined,
): readonly Use[] {
  const usesOf = (applies: (target: Definition | undefined) => boolean): readonly Use[] =>
    configurations.flatMap(each =>
      each.use && applies(each.for === undefined ? undefined : definitionOf(each.for)) ? [each.use] : [],
    )
  return [
    ...usesOf(target => target === undefined),
    ...usesOf(target => target === workflow),
    ...usesOf(target => target !== undefined && target === task && target !== workflow),
  ]
}

/** How values are kept under these configurations. */
export function valueOptions(
  configurations: readonly Configuration[],
  { cwd, base = cwd }: { readonly cwd: string; readonly base?: string },
): {
  readonly cwd: string
  readonly base: string
  readonly codecs: readonly Codec[]
  readonly routes: readonly Route[]
} {
  return {
    cwd,
    base,
    codecs: configurations.flatMap(each => each.codecs ?? []),
    routes: configurations.flatMap(each => each.routes ?? []),
  }
}
