/** Small words for graphs: expressions, nodes and regions, as the compiler writes them. */
import type { Expr, Node, Policy, Region } from '../../../core/graph/graph.ts'
import { nodeStem } from '../../../dsl/trace.ts'
import type { Json } from '../../../util/json.ts'
import type { Position } from '../../../util/diagnostic.ts'

/** An expression for whoever stands so many regions deep: the root's region is 0. */
export type Look = (depth: number) => Expr

const WHOLE = [] as const

export const literal = (value: Json): Expr => ({ kind: 'literal', value })
export const node = (id: string, path: readonly (string | number)[] = WHOLE): Expr => ({
  kind: 'node',
  node: id,
  up: 0,
  path,
})
export const apply = (fn: string, args: readonly Expr[], path: readonly string[] = WHOLE): Expr => ({
  kind: 'apply',
  fn,
  args,
  path,
})
export const list = (items: readonly Expr[]): Expr => ({ kind: 'list', items })
export const record = (fields: { readonly [name: string]: Expr }): Expr => ({ kind: 'record', fields })

/** The parameter of the region at `at`. */
export const paramAt =
  (at: number, param: string, path: readonly string[] = WHOLE): Look =>
  depth => ({ kind: 'param', param, up: depth - at, path })
/** What a node of the region at `at` gave. */
export const nodeAt =
  (at: number, id: string): Look =>
  depth => ({ kind: 'node', node: id, up: depth - at, path: WHOLE })

export const region = (nodes: readonly Node[], result: Expr, params: readonly string[] = []): Region => ({
  params,
  nodes,
  result,
})

/** A state's name as an id: what has a meaning in ids is escaped, and `#` is ours. */
export const idOf = (name: string): string => nodeStem(name).replaceAll('#', '%23')

export interface Named {
  readonly id: string
  readonly name: string
  readonly at?: Position
  readonly after?: readonly string[]
  readonly policy?: Policy
}

const common = ({ id, name, at, after = [], policy = {} }: Named) => ({
  id,
  name,
  after,
  policy,
  ...(at === undefined ? {} : { at }),
})

/** Acts on the world. */
export const effect = (named: Named, task: string, args: readonly Expr[]): Node => ({
  ...common(named),
  kind: 'effect',
  task,
  args,
  executor: 'inline',
})

/** A part of the machine's own work: it touches nothing, and is no other run's business. */
export const own = (named: Named, task: string, args: readonly Expr[]): Node => ({
  ...common({ ...named, policy: { ...named.policy, cache: 'off' } }),
  kind: 'task',
  task,
  args,
  executor: 'inline',
})

type Own<K extends Node['kind']> = Omit<Extract<Node, { kind: K }>, 'id' | 'name' | 'at' | 'after' | 'policy' | 'kind'>

/** Any other node. */
export const step = <K extends Node['kind']>(kind: K, named: Named, own: Own<K>): Node =>
  ({ ...common(named), kind, ...own }) as unknown as Node
