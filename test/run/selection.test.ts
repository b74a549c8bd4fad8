/** Parts of graphs: what `--only` keeps, as the paths of the steps that do something. */
import { expect, test } from 'vitest'
import { placedNodes } from '../../src/core/graph/placed.ts'
import { validateGraph } from '../../src/core/index.ts'
import { definitionOf } from '../../src/dsl/definition.ts'
import * as t from '../../src/dsl/index.ts'
import { traceWorkflow } from '../../src/dsl/workflow.ts'
import { onlySteps } from '../../src/run/selection.ts'

// biome-ignore lint/suspicious/noExplicitAny: wiring is what is tested, not values.
type Any = any
const step = (name: string): Any => t.task((..._args: unknown[]): Any => undefined, { name })
const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(step) as [Any, Any, Any, Any]

const api = t.workflow(function api() {
  const dist = b(a())
  return { dist, tested: c(dist) }
})
const web = t.workflow(function web(dist: Any) {
  return { built: d(dist), tested: c(a()) }
})
const again: Any = t.workflow(function turn(n: Any): Any {
  return t.when(a(n), () => again(b(n)))
})

const BODIES = {
  plain: () => [c(b(a())), d()],
  calls: () => {
    const { dist } = api() as Any
    return web(dist)
  },
  choice: () => d(t.when(a(), () => b())),
  turns: () => again(d()),
  around: () => t.scope(() => b(a())),
} satisfies { readonly [name: string]: () => unknown }

function kept(body: () => unknown, only: readonly string[]): string {
  const definition = definitionOf(t.workflow(body as () => object))
  if (!definition || !('body' in definition)) throw new Error('no workflow')
  const graph = onlySteps(traceWorkflow(definition).graph, only)
  expect(validateGraph(graph)).toEqual([])
  return [...placedNodes(graph.root)]
    .filter(({ node }) => node.kind === 'task')
    .map(({ path }) => path)
    .join(' ')
}

const CASES: readonly (readonly [body: keyof typeof BODIES, only: readonly string[], kept: string])[] = [
  ['plain', ['b'], 'a b'],
  ['plain', ['d'], 'd'],
  ['plain', ['b', 'd'], 'a b d'],
  ['plain', ['*'], 'a b c d'],
  ['calls', ['api'], 'api/a api/b api/c'],
  ['calls', ['api/b'], 'api/a api/b'],
  ['calls', ['api/*'], 'api/a api/b api/c'],
  ['calls', ['api/**'], 'api/a api/b api/c'],
  ['calls', ['*/a'], 'api/a web/a'],
  ['calls', ['**/c'], 'api/a api/b api/c web/a web/c'],
  // What the web is given is all that the api gives.
  ['calls', ['web/d'], 'api/a api/b api/c web/d'],
  ['calls', ['api/a', 'web/d'], 'api/a api/b api/c web/d'],
  // But what is not wanted of it is not given.
  ['calls', ['web/c'], 'web/a web/c'],
  ['calls', ['a*/a', 'api/b'], 'api/a api/b'],
  ['choice', ['when'], 'a when.then/b'],
  ['turns', ['turn/a'], 'd turn/a turn/when.then/b'],
  ['around', ['scope'], 'scope.body/a scope.body/b'],
]

test.each(CASES)('%s: only %j', (body, only, expected) =>
  expect(kept(BODIES[body], only).split(' ').sort()).toEqual(expected.split(' ').sort()),
)

test.each([
  ['plain', 'bb', 'There is no step bb: Did you mean b?'],
  ['calls', 'api/nope', 'There is no step api/nope: The steps: a, b, c.'],
  ['calls', 'api/b/x', 'There is no step api/b/x'],
  ['calls', '*/nope', 'There is no step */nope'],
  ['choice', 'when/b', 'There is no step when/b'],
] as const)('%s: only %s is unknown', (body, only, message) => {
  try {
    kept(BODIES[body], [only])
  } catch (error) {
    const { diagnostics } = error as { readonly diagnostics: readonly { message: string; hint?: string }[] }
    return expect(`${diagnostics[0]?.message}: ${diagnostics[0]?.hint}`).toContain(message)
  }
  throw new Error('it was found')
})
