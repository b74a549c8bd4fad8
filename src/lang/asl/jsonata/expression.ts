/**
 * A JSONata text of a state machine: told from other text, parsed once, and made ready to be evaluated within limits.
 *
 * The parsed form is shared by all that ask for the same text: a state is worked on again and again, and parsing costs more than
 * evaluating. So what one evaluation alone has, its world and its budget, is bound with its variables.
 */
import jsonata from 'jsonata'

import type { World } from '../scope.ts'
import { bounded } from './bounded.ts'
import { builtin, type Definition, type Environment, watch } from './builtin.ts'
import { awsFunction } from './functions.ts'
import { type Budget, built, enter, LIMITS, openBudget } from './limits.ts'
import { type Quick, quickOf } from './quick.ts'
import { isPlain, namesIn, type Node } from './syntax.ts'
import { WatchedRegExp } from './watch.ts'

/** Starts with `{%` and ends with `%}`, with nothing before or after; any other string is text as it stands. */
export const isExpression = (value: unknown): value is string =>
  typeof value === 'string' && value.length >= 4 && value.startsWith('{%') && value.endsWith('%}')

/** `{% $states.input %}` -> `$states.input` */
export const sourceOf = (text: string): string => text.slice(2, -2).trim()

export interface Expression {
  readonly tree: Node
  /** Its value at once, where it is simple enough; may leave it to `evaluate`. */
  quick(): Quick | undefined
  /** Its value for variables as they are named after their `$`. Rejects with jsonata's errors, or those of limits. */
  evaluate(variables: Readonly<Record<string, unknown>>, world: World): Promise<unknown>
}

/** The parsed form of what stands between `{%` and `%}`. Throws jsonata's error where it cannot be read. */
export function parseExpression(source: string): Expression {
  const known = parsed.get(source)
  if (known) return known
  const expression = parse(source)
  if (parsed.size >= LIMITS.parsedTexts) parsed.clear()
  parsed.set(source, expression)
  return expression
}

const parsed = new Map<string, Expression>()

/** A text that is only checked is not made ready to be evaluated. */
function parse(source: string): Expression {
  // The type asks for all of RegExp; jsonata uses `exec` and `lastIndex`.
  const compiled = jsonata(source, { RegexEngine: WatchedRegExp as unknown as RegExpConstructor })
  const tree = compiled.ast() as Node
  const evaluate = once(() => evaluator(compiled, tree))
  return { tree, quick: once(() => quickOf(tree)), evaluate: (variables, world) => evaluate()(variables, world) }
}

function evaluator(compiled: jsonata.Expression, tree: Node): Expression['evaluate'] {
  if (isPlain(tree)) return variables => compiled.evaluate(undefined, variables)
  bindFunctions(compiled, namesIn(tree))
  watch(compiled, {
    enter: environment => enter(budgetOf(environment)),
    exit(node, environment, result) {
      const budget = budgetOf(environment)
      budget.open -= 1
      if (makes(node as Node)) built(budget, result)
    },
  })
  return (variables, world) => compiled.evaluate(undefined, { ...variables, [WORLD]: world, [BUDGET]: openBudget() })
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

/** Names that no text can read: a variable's name holds no space. */
const WORLD = ' world'
const BUDGET = ' budget'
const worldOf = (environment: Environment): World => (environment.base ?? environment).lookup(WORLD) as World
const budgetOf = (environment: Environment): Budget => (environment.base ?? environment).lookup(BUDGET) as Budget

/** Those that the text names: AWS's stand before jsonata's, and each asks the budget first. */
function bindFunctions(compiled: jsonata.Expression, names: ReadonlySet<string>): void {
  const owner = { worldOf, budgetOf }
  for (const name of names) {
    const ours = awsFunction(name, worldOf)
    const original = builtin(name)
    if (ours) compiled.registerFunction(name, bounded(name, ours.implementation, owner), ours.signature)
    else if (name === 'eval') compiled.assign(name, undefined)
    else if (isDefinition(original))
      compiled.assign(name, { ...original, implementation: bounded(name, original.implementation, owner) })
  }
}

const isDefinition = (value: unknown): value is Definition =>
  typeof value === 'object' && value !== null && '_jsonata_function' in value

/** Does it give a value that was not there before? */
const makes = (node: Node): boolean => MAKERS.has(node.type) || node.group !== undefined
const MAKERS = new Set(['unary', 'binary', 'function', 'apply', 'path', 'block', 'wildcard', 'descendant'])
