/**
 * The graph: what is meant. Every language ends here, and everything of value starts here.
 *
 * A graph is a tree: a region holds nodes, a structured node holds regions. Nodes refer to values by expressions, never by
 * values; a region that is entered becomes a scope (see ../engine). All of it is plain JSON.
 *
 *   G1. A node's id is unique in its region and stable: it does not depend on the order or the place of other nodes' text.
 *   G2. Expressions look up through enclosing regions: `up` counts how many.
 *   G3. Dependencies inside a region (data and `after`, those of nested regions included) have no cycle.
 *   G4. The hash of a graph is the hash of its canonical JSON without positions.
 */
import type { Position } from '../../util/diagnostic.ts'
import type { Json } from '../../util/json.ts'

export type { Position }

export interface Graph {
  readonly version: 1
  readonly name: string
  readonly params: readonly Param[]
  readonly root: Region
  /** What the file read while it was loaded and traced: a change there may change the graph. */
  readonly reads: readonly Read[]
}

export interface Param {
  readonly name: string
  /** JSON Schema; `{}` is unknown. */
  readonly type: Json
  readonly required: boolean
  /** JSON text form of the default, where the validator told it. */
  readonly default?: Json
}

export type Read =
  | { readonly kind: 'env'; readonly name: string; readonly value: string | null }
  | { readonly kind: 'file'; readonly path: string; readonly hash: string | null }
  | { readonly kind: 'folder'; readonly path: string; readonly hash: string | null }

export interface Region {
  /** Names that a scope of this region binds: a workflow's parameters, `item` and `index` of an each. */
  readonly params: readonly string[]
  readonly nodes: readonly Node[]
  readonly result: Expr
}

/** Keys of a path into a value: field names and indices. */
export type Path = readonly (string | number)[]

export type Expr =
  /** Tagged JSON (util/tagged.ts): dates, bigints, maps and the like in JSON clothes. */
  | { readonly kind: 'literal'; readonly value: Json }
  | { readonly kind: 'node'; readonly node: string; readonly up: number; readonly path: Path }
  | { readonly kind: 'param'; readonly param: string; readonly up: number; readonly path: Path }
  | { readonly kind: 'record'; readonly fields: { readonly [name: string]: Expr } }
  | { readonly kind: 'list'; readonly items: readonly Expr[] }
  /** A pure function of the language's bindings (`.to`), evaluated where its value is used. */
  | { readonly kind: 'apply'; readonly fn: string; readonly args: readonly Expr[]; readonly path: Path }
  /** What is given by name and opened by the executor: never data in an event. */
  | { readonly kind: 'resource'; readonly resource: Resource }

export type Resource =
  | { readonly kind: 'output'; readonly path: string }
  | { readonly kind: 'secret'; readonly name: string; readonly from: SecretOrigin }

export type SecretOrigin =
  | { readonly kind: 'env' }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'command'; readonly command: string }

/** What every node has. */
interface Common {
  readonly id: string
  /** For display: the variable, export or definition that it came from. */
  readonly name: string
  readonly at?: Position
  /** Order without data. */
  readonly after: readonly string[]
  readonly policy: Policy
}

export interface Policy {
  readonly retry?: Retry
  /** Of one attempt. */
  readonly timeoutMs?: number
  readonly pool?: { readonly name: string; readonly slots: number }
  /** Greater goes first. 0 when absent. */
  readonly priority?: number
  /** Names of environment variables that the step may see and whose values belong to its key. */
  readonly env?: readonly string[]
  readonly cache?: 'on' | 'off'
}

export interface Retry {
  /** Further attempts after the first failure. */
  readonly times: number
  readonly backoff: 'fixed' | 'exponential'
  readonly delayMs: number
  readonly delayMsMax: number
  readonly jitter: 'none' | 'full' | 'equal'
}

/** Where an attempt runs: a name that the shell's executors know. */
export type ExecutorName = 'inline' | 'thread' | 'process' | (string & {})

export type Node =
  /** A call of a plain function, addressed by its name in the bundle. */
  | (Common & {
      readonly kind: 'task'
      readonly task: string
      readonly args: readonly Expr[]
      readonly executor: ExecutorName
    })
  | (Common & {
      readonly kind: 'effect'
      readonly task: string
      readonly args: readonly Expr[]
      readonly executor: ExecutorName
    })
  /** A body whose calls are discovered while it runs. */
  | (Common & { readonly kind: 'flow'; readonly flow: string; readonly args: readonly Expr[] })
  /** Values from outside: files, an environment variable. */
  | (Common & { readonly kind: 'source'; readonly source: Source })
  | (Common & { readonly kind: 'when'; readonly condition: Expr; readonly then: Region; readonly otherwise: Region })
  /** Arms have one parameter `value`. `by`: the discriminant field. */
  | (Common & {
      readonly kind: 'match'
      readonly value: Expr
      readonly by?: string
      readonly arms: { readonly [label: string]: Region }
      readonly otherwise?: Region
    })
  /** The body has two parameters, `item` and `index`; `key` is an expression over them as seen from inside the body. */
  | (Common & {
      readonly kind: 'each'
      readonly items: Expr
      readonly body: Region
      readonly key?: Expr
      readonly concurrency?: number
    })
  /** A workflow called like a task; the body's parameters are the workflow's. */
  | (Common & {
      readonly kind: 'call'
      readonly workflow: string
      readonly args: { readonly [param: string]: Expr }
      readonly body: Region
    })
  // The behaviour of the kinds below comes later: the validator refuses them with NOT_YET.
  | (Common & { readonly kind: 'any'; readonly arms: readonly { readonly condition: Expr; readonly body: Region }[] })
  | (Common & {
      readonly kind: 'loop'
      readonly init: Expr
      readonly body: Region
      readonly condition: Expr
      readonly test: 'while' | 'until'
    })
  | (Common & { readonly kind: 'race'; readonly arms: { readonly [label: string]: Region } })
  | (Common & { readonly kind: 'some'; readonly count: number; readonly arms: readonly Region[] })
  | (Common & {
      readonly kind: 'attempt'
      readonly body: Region
      readonly handler?: Region
      readonly finalizer?: Region
    })
  | (Common & {
      readonly kind: 'wait'
      readonly on:
        | { readonly kind: 'timer'; readonly duration: Expr }
        | { readonly kind: 'signal'; readonly signal: string; readonly type: Json }
    })
  | (Common & { readonly kind: 'scope'; readonly body: Region })
  | (Common & { readonly kind: 'service'; readonly task: string; readonly args: readonly Expr[] })
  | (Common & {
      readonly kind: 'net'
      readonly places: readonly string[]
      readonly transitions: readonly {
        readonly id: string
        readonly consumes: readonly string[]
        readonly produces: readonly string[]
      }[]
    })

export type NodeKind = Node['kind']

export type Source =
  | { readonly kind: 'files'; readonly globs: readonly string[] }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'env'; readonly name: string; readonly default?: string }

/** The kinds whose behaviour this version has. */
export type LiveNode = Extract<
  Node,
  { kind: 'task' | 'effect' | 'flow' | 'source' | 'when' | 'match' | 'each' | 'call' }
>

/** The regions inside a node, each with the label under which a step path names it. */
export function regionsOf(node: Node): readonly (readonly [label: string, region: Region])[] {
  switch (node.kind) {
    case 'when':
      return [
        ['then', node.then],
        ['otherwise', node.otherwise],
      ]
    case 'match':
      return [...Object.entries(node.arms), ...(node.otherwise ? [['otherwise', node.otherwise] as const] : [])]
    case 'each':
    case 'call':
    case 'loop':
    case 'scope':
      return [['body', node.body]]
    case 'any':
      return node.arms.map((arm, index) => [String(index), arm.body] as const)
    case 'race':
      return Object.entries(node.arms)
    case 'some':
      return node.arms.map((arm, index) => [String(index), arm] as const)
    case 'attempt':
      return [
        ['body', node.body],
        ...(node.handler ? [['catch', node.handler] as const] : []),
        ...(node.finalizer ? [['finally', node.finalizer] as const] : []),
      ]
    case 'task':
    case 'effect':
    case 'flow':
    case 'source':
    case 'wait':
    case 'service':
    case 'net':
      return []
  }
}
