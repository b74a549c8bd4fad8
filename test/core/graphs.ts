/** Graphs as short TypeScript data: what a test says is what it means. */
import type { Expr, Graph, Node, Path, Policy, Region } from '../../src/core/graph/graph.ts'
import type { Json } from '../../src/util/json.ts'

export interface Rest {
  readonly args?: readonly Expr[]
  readonly after?: readonly string[]
  readonly policy?: Policy
}

export const lit = (value: Json): Expr => ({ kind: 'literal', value })
export const ref = (node: string, path: Path = [], up = 0): Expr => ({ kind: 'node', node, up, path })
export const param = (name: string, path: Path = [], up = 0): Expr => ({ kind: 'param', param: name, up, path })
export const record = (fields: { readonly [name: string]: Expr }): Expr => ({ kind: 'record', fields })
export const list = (...items: readonly Expr[]): Expr => ({ kind: 'list', items })

const common = (id: string, { after = [], policy = {} }: Rest = {}) => ({ id, name: id, after, policy })

export const task = (id: string, rest: Rest = {}): Node => ({
  ...common(id, rest),
  kind: 'task',
  task: id,
  args: rest.args ?? [],
  executor: 'inline',
})
export const effect = (id: string, rest: Rest = {}): Node => ({
  ...common(id, rest),
  kind: 'effect',
  task: id,
  args: rest.args ?? [],
  executor: 'inline',
})
export const flow = (id: string, rest: Rest = {}): Node => ({
  ...common(id, rest),
  kind: 'flow',
  flow: id,
  args: rest.args ?? [],
})
export const source = (id: string, rest: Rest = {}): Node => ({
  ...common(id, rest),
  kind: 'source',
  source: { kind: 'env', name: id },
})
export const when = (id: string, condition: Expr, then: Region, otherwise: Region = region([])): Node => ({
  ...common(id),
  kind: 'when',
  condition,
  then,
  otherwise,
})
export const match = (id: string, value: Expr, arms: { readonly [label: string]: Region }, rest: Rest = {}): Node => ({
  ...common(id, rest),
  kind: 'match',
  value,
  arms,
})
export const each = (id: string, items: Expr, body: Region, concurrency?: number): Node => ({
  ...common(id),
  kind: 'each',
  items,
  body,
  ...(concurrency === undefined ? {} : { concurrency }),
})
export const call = (
  id: string,
  body: Region,
  args: { readonly [name: string]: Expr } = {},
  rest: Rest = {},
): Node => ({
  ...common(id, rest),
  kind: 'call',
  workflow: id,
  args,
  body,
})

export const region = (nodes: readonly Node[], rest: { params?: readonly string[]; result?: Expr } = {}): Region => ({
  params: rest.params ?? [],
  nodes,
  result: rest.result ?? record(Object.fromEntries(nodes.map(node => [node.id, ref(node.id)]))),
})

export const item = (nodes: readonly Node[]): Region => region(nodes, { params: ['item', 'index'] })

export const graph = (root: Region | readonly Node[]): Graph => {
  const body = 'nodes' in root ? root : region(root)
  return {
    version: 1,
    name: 'g',
    params: body.params.map(name => ({ name, type: {}, required: true })),
    root: body,
    reads: [],
  }
}
