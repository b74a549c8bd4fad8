/** What jsonata lets nobody have but those who stand within an evaluation: what calls them, and its own functions. */
import jsonata from 'jsonata'

export interface Environment {
  lookup(name: string): unknown
  /** That of the evaluation as a whole, where it is one of many within. */
  readonly base?: Environment
}

/** What jsonata binds to the name of a function. */
export interface Definition {
  readonly _jsonata_function: true
  readonly implementation: Implementation
  readonly signature?: unknown
}

/** It may give a promise. */
export type Implementation = (this: Call, ...given: unknown[]) => unknown

/** `this` of such a function. */
export interface Call {
  readonly environment: Environment
}

/** Called before each node is evaluated, and after; waited for where it gives a promise. */
export interface Watchers {
  enter(environment: Environment): Promise<void> | undefined
  exit(node: unknown, environment: Environment, result: unknown): void
}

/** All evaluations of `compiled` call `watchers`. */
export function watch(compiled: jsonata.Expression, { enter, exit }: Watchers): void {
  // Its types know names that are texts only.
  const bind = (symbol: symbol, value: unknown): void => compiled.assign(symbol as unknown as string, value)
  bind(Symbol.for('jsonata.__evaluate_entry'), (_node: unknown, _input: unknown, environment: Environment) =>
    enter(environment),
  )
  bind(
    Symbol.for('jsonata.__evaluate_exit'),
    (node: unknown, _input: unknown, environment: Environment, result: unknown) => exit(node, environment, result),
  )
}

/** What jsonata itself binds to `name`; undefined: nothing. */
export function builtin(name: string): unknown {
  builtins ??= environmentOfNothing()
  return builtins.lookup(name)
}

let builtins: Environment | undefined

function environmentOfNothing(): Environment {
  let environment: Environment | undefined
  const nothing = jsonata('null')
  watch(nothing, {
    enter(each) {
      environment = each
      return undefined
    },
    exit: () => {},
  })
  // The first call comes before anything is waited for.
  void nothing.evaluate(undefined)
  if (environment === undefined) throw new Error('defect: jsonata calls who watches it before it waits')
  return environment
}
