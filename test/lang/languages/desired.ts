/** Desired state, as Argo CD has it: `name = value`; what is there is asked for in every run, and only what differs is done. */
import { readFileSync, writeFileSync } from 'node:fs'
import { effect, task } from 'tutti'
import { type Expr, type Language, type Node, ok } from 'tutti/lang'

type State = { readonly [name: string]: string }
const PLACE = 'there.json'

const actual = task(() => JSON.parse(readFileSync(PLACE, 'utf8')) as State)
const apply = effect(({ name, value }: { readonly name: string; readonly value: string }) => {
  const before = JSON.parse(readFileSync(PLACE, 'utf8')) as State
  writeFileSync(PLACE, JSON.stringify({ ...before, [name]: value }))
  return name
})
const differences = (wanted: State, there: State) =>
  Object.entries(wanted).flatMap(([name, value]) => (there[name] === value ? [] : [{ name, value }]))

const node = (id: string): Expr => ({ kind: 'node', node: id, up: 0, path: [] })
const param = (name: string): Expr => ({ kind: 'param', param: name, up: 0, path: [] })

export const desired: Language<State> = {
  name: 'desired',
  matches: ({ path }) => path.endsWith('.state'),
  parse: ({ text }) =>
    ok(Object.fromEntries([...text.matchAll(/^(\w+) = (.*)$/gm)].map(([, name = '', value = '']) => [name, value]))),
  bind: wanted => {
    const common = { after: [], policy: {} }
    const nodes: readonly Node[] = [
      { ...common, id: 'actual', name: 'actual', kind: 'source', source: { kind: 'function', task: 'actual' } },
      {
        ...common,
        id: 'changes',
        name: 'changes',
        kind: 'each',
        items: {
          kind: 'apply',
          fn: 'differences',
          args: [{ kind: 'literal', value: wanted }, node('actual')],
          path: [],
        },
        key: { kind: 'param', param: 'item', up: 0, path: ['name'] },
        body: {
          params: ['item', 'index'],
          nodes: [
            {
              ...common,
              id: 'apply',
              name: 'apply',
              kind: 'effect',
              task: 'apply',
              args: [param('item')],
              executor: 'inline',
            },
          ],
          result: node('apply'),
        },
        // One after another: they share a place.
        concurrency: 1,
      },
    ]
    const root = { params: [], nodes, result: node('changes') }
    return ok([
      {
        graph: { version: 1, name: 'sync', params: [], root, reads: [] },
        tasks: { actual, apply },
        pure: { differences },
      },
    ])
  },
}
