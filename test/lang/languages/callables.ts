/** Functions of Python, run by a process of it, as Airflow, Dagster, Prefect and Metaflow have them: `b = module.f(a, 1)`. */
import { effect, sh } from 'tutti'
import { type Expr, type Language, type Node, ok, stepId, stepPolicy } from 'tutti/lang'

const RUNNER = `import importlib, json, sys
call = json.load(sys.stdin)
sys.path.insert(0, '.')
json.dump(getattr(importlib.import_module(call['module']), call['function'])(*call['arguments']), sys.stdout)`

const call = effect(async (what: { readonly module: string; readonly function: string }, args: readonly unknown[]) =>
  JSON.parse((await sh`python3 -c ${RUNNER}`.input(JSON.stringify({ ...what, arguments: args }))).stdout),
)

interface Call {
  readonly name: string
  readonly module: string
  readonly function: string
  readonly args: readonly string[]
}

export const callables: Language<readonly Call[]> = {
  name: 'callables',
  matches: ({ path }) => path.endsWith('.dag'),
  parse: ({ text }) =>
    ok(
      [...text.matchAll(/^(\w+) = (\w+)\.(\w+)\((.*)\)$/gm)].map(([, name = '', module = '', fn = '', args = '']) => ({
        name,
        module,
        function: fn,
        args: args
          .split(',')
          .map(each => each.trim())
          .filter(Boolean),
      })),
    ),
  bind: calls => {
    const names = new Set(calls.map(({ name }) => name))
    const value = (text: string): Expr =>
      names.has(text)
        ? { kind: 'node', node: stepId(text), up: 0, path: [] }
        : { kind: 'literal', value: JSON.parse(text) }
    const nodes = calls.map(
      (each): Node => ({
        id: stepId(each.name),
        name: each.name,
        after: [],
        policy: stepPolicy({ retry: 1, timeout: '1m' }),
        kind: 'effect',
        task: 'call',
        args: [
          { kind: 'literal', value: { module: each.module, function: each.function } },
          { kind: 'list', items: each.args.map(value) },
        ],
        executor: 'inline',
      }),
    )
    const result = value(calls.at(-1)?.name ?? 'null')
    return ok([
      {
        graph: { version: 1, name: 'dag', params: [], root: { params: [], nodes, result }, reads: [] },
        tasks: { call },
      },
    ])
  },
}
