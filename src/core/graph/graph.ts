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
import { unreachable } from '../../util/unreachable.ts'
import type { Property } from './property.ts'

export type { Position }

export interface Graph {
  readonly version: 1
  readonly name: string
  readonly params: readonly Param[]
  readonly root: Region
  /** Of the whole run, from its start. */
  readonly deadlineMs?: number
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
  /** What a failed step does to the others. Absent: `stop`, which interrupts them; `finish` lets them end first. */
  readonly onFailure?: 'stop' | 'finish'
  /** What is claimed of its runs, for the analysis to check. */
  readonly properties?: readonly Property[]
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
  /** `dir`: the folder of the project that it must lie in; absent: that of the run's file. */
  | { readonly kind: 'output'; readonly path: string; readonly dir?: Folder }
  | { readonly kind: 'secret'; readonly name: string; readonly from: SecretOrigin }
  /** A TCP port of this machine, of a service's own. Without `number`: the same at each start, another one in each folder. */
  | { readonly kind: 'port'; readonly name: string; readonly number?: number }

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
  /** What makes the step undone after it has succeeded, when the scope around it fails or is cancelled. */
  readonly undo?: Undo
}

/**
 * A compensation. Its region is closed: it outlives the scope in which it was written, so what it needs is bound when the
 * step succeeds. The body's parameters are `value` (what the step gave) and the names of `captures`.
 */
export interface Undo {
  /** As seen from the node's own region. */
  readonly captures: { readonly [param: string]: Expr }
  readonly body: Region
}

export interface Policy {
  /** The first rule that knows the error counts it; an error that no rule knows is final. Of an `attempt`: of its body. */
  readonly retry?: readonly Retry[]
  /** When no attempt is left: the step fails, or it is parked until somebody asks for another try. Absent: `fail`. */
  readonly exhausted?: 'fail' | 'park'
  /** Of one attempt. */
  readonly timeoutMs?: number
  /** Longest silence of one attempt: it must report that it is alive (`ctx.heartbeat()`). */
  readonly heartbeatMs?: number
  /** From the step's opening to its end: all attempts, waits and regions of it. */
  readonly deadlineMs?: number
  /** `weight`: slots that one attempt takes, 1 when absent. `across`: of this process, or of all runs of one store. */
  readonly pool?: {
    readonly name: string
    readonly slots: number
    readonly weight?: number
    readonly across?: 'process' | 'store'
  }
  /** Held from before the step begins until it has come to rest; all at once or none. */
  readonly locks?: readonly Lock[]
  /** Greater goes first. 0 when absent. */
  readonly priority?: number
  /** Names of environment variables that the step may see and whose values belong to its key. */
  readonly env?: readonly string[]
  /**
   * What the step hangs on beside its arguments: the files that it was seen to read, or those that a file of make rules
   * names, which it writes itself (`gcc -MD`; relative to the step's folder). Absent: its arguments are all.
   */
  readonly inputs?: { readonly kind: 'inferred' } | { readonly kind: 'depfile'; readonly path: string }
  readonly cache?: 'on' | 'off'
}

/** One holder at a time, in the whole run or in one scope of the region in which the node stands. */
export interface Lock {
  readonly name: string
  readonly of: 'run' | 'region'
}

/** One rule of retrying; it has a counter of its own. */
export interface Retry {
  /** Codes and class names of errors (`TIMEOUT`, `TypeError`). Absent: every error. */
  readonly errors?: readonly string[]
  /** Further attempts after the first failure. */
  readonly times: number
  readonly backoff: 'fixed' | 'exponential'
  /** Growth of an exponential back-off. 2 when absent. */
  readonly factor?: number
  readonly delayMs: number
  readonly delayMsMax: number
  readonly jitter: 'none' | 'full' | 'equal' | 'decorrelated'
}

/** What becomes of the instances that a join did not wait for: stopped, awaited without effect, or left to run on. */
export type Rest = 'cancel' | 'finish' | 'detach'

/** Where an attempt runs: a name that the shell's executors know. */
export type ExecutorName = 'inline' | 'thread' | 'process' | (string & {})

export type Node =
  /** A call of a plain function, addressed by its name in the bundle. */
  | (Common & {
      readonly kind: 'task'
      readonly task: string
      readonly args: readonly Expr[]
      readonly executor: ExecutorName
      readonly dir?: Folder
    })
  | (Common & {
      readonly kind: 'effect'
      readonly task: string
      readonly args: readonly Expr[]
      readonly executor: ExecutorName
      readonly dir?: Folder
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
  /** Every arm whose condition holds; `otherwise` when none does. The value is a record by label: undefined where not taken. */
  | (Common & {
      readonly kind: 'any'
      readonly arms: { readonly [label: string]: { readonly condition: Expr; readonly body: Region } }
      readonly otherwise?: Region
    })
  /**
   * The body has two parameters, `item` and `index`; `key` is an expression over them as seen from inside the body.
   * The value is the list of the results in the items' order: undefined for an item that failed or was not awaited.
   */
  | (Common & {
      readonly kind: 'each'
      readonly items: Expr
      readonly body: Region
      readonly key?: Expr
      readonly concurrency?: number
      /** An item is a list of so many items; the last may be shorter. */
      readonly batch?: number
      /** So many items may fail, as a count or as a share of all from 0 to 1. */
      readonly tolerate?: { readonly count: number } | { readonly share: number }
      /** What is only known when it runs, evaluated with the items: `{ concurrency?, tolerate? }`, counts, before those above. */
      readonly limits?: Expr
      /** Goes on after so many have succeeded. */
      readonly until?: { readonly count: number; readonly rest: Rest }
      /** A signal that adds its value as one more item, while any is unfinished. */
      readonly more?: { readonly signal: string; readonly type: Json }
    })
  /**
   * A workflow called like a task; the body's parameters are the workflow's.
   * `recurs`: the call enters again the region around it, so many regions up (0: the node's own); `body` is then empty.
   */
  | (Common & {
      readonly kind: 'call'
      readonly workflow: string
      readonly args: { readonly [param: string]: Expr }
      readonly body: Region
      readonly recurs?: number
    })
  /**
   * The body has the parameters `state` (what the turn before gave, at first `init`) and `turn` (from 0), and gives the next
   * state. `condition` is an expression over them as seen from inside the body. The value is the last state.
   * `while` tests before each turn, `until` after it. `limit`: most turns; absent: LOOP_TURNS_MAX; 0: none.
   */
  | (Common & {
      readonly kind: 'loop'
      readonly init: Expr
      readonly body: Region
      readonly condition: Expr
      readonly test: 'while' | 'until'
      readonly limit?: number
    })
  /** The first arm that succeeds wins, the others are cancelled; fails when all have failed. The value is `{ won, value }`. */
  | (Common & { readonly kind: 'race'; readonly arms: { readonly [label: string]: Region } })
  /** Goes on after `count` arms have succeeded; fails when too many have failed. The value is a record by label. */
  | (Common & {
      readonly kind: 'some'
      readonly count: number
      readonly rest: Rest
      readonly arms: { readonly [label: string]: Region }
    })
  /** The first handler that knows the error runs instead of the failed body; its parameter is `error`. `errors` empty: all. */
  | (Common & {
      readonly kind: 'attempt'
      readonly body: Region
      readonly handlers: readonly { readonly errors: readonly string[]; readonly body: Region }[]
      readonly finalizer?: Region
    })
  | (Common & {
      readonly kind: 'wait'
      readonly on: /** Milliseconds. */
        | { readonly kind: 'timer'; readonly duration: Expr }
        /** A Date, milliseconds since 1970, or ISO 8601 text. */
        | { readonly kind: 'instant'; readonly instant: Expr }
        /** `kept`: a signal that comes before anybody waits is kept for who will; `transient`: it is lost. */
        | {
            readonly kind: 'signal'
            readonly signal: string
            readonly type: Json
            readonly early: 'kept' | 'transient'
          }
    })
  /**
   * A region of its own: for deadlines, locks, cancelling. `join`: what depends on it waits for its end (absent), or goes on
   * at once (`detached`) while the scope around still waits for it. `until`: entered only while that sibling has
   * not begun, and left again with undefined when it begins before anything in here has.
   */
  | (Common & {
      readonly kind: 'scope'
      readonly body: Region
      readonly join?: 'awaited' | 'detached'
      readonly until?: string
    })
  /** Withdraws a step of this region or, `up` regions up, of one around it. Its dependents are skipped, or get undefined. */
  | (Common & {
      readonly kind: 'cancel'
      readonly target: { readonly node: string; readonly up: number }
      readonly dependents: 'skip' | 'run'
    })
  /**
   * Something that goes on while others use it: a process, or a function of this one. The step has succeeded when it is
   * ready; its value is its endpoint. It is stopped when nobody keeps it any more, after all that depends on it.
   */
  | (Common & {
      readonly kind: 'service'
      readonly task: string
      readonly args: readonly Expr[]
      readonly dir?: Folder
      readonly service: ServicePolicy
    })
  /**
   * A free-form place/transition net; every firing of a transition runs its body, whose parameters are named after the
   * transitions and hold what each gave last. Ends when nothing is enabled and nothing runs: with success when `end` is
   * marked. Of transitions in conflict, the first whose guard (an expression inside the body) holds goes.
   * The value is a record of what each transition gave last.
   *
   * With `init` it carries a state, as a loop does: the bodies' only parameter is `state`, what the firing that ended last
   * gave, at first `init`. The value is the last state. A choice is made about the state as a value, so it does not grow.
   */
  | (Common & {
      readonly kind: 'net'
      readonly places: readonly string[]
      readonly start: readonly string[]
      readonly end: string
      readonly init?: Expr
      readonly transitions: readonly NetTransition[]
    })

/** Relative to the folder of the run's file, with `/`: where the definition's own file lies. Absent: that very folder. */
export type Folder = string

export interface ServicePolicy {
  readonly ready: Probe
  /** Of one start. */
  readonly readyTimeoutMs: number
  /** Looked at again and again while it runs; so many failures in a row restart it. Absent: only its end does. */
  readonly live?: { readonly probe: Probe; readonly everyMs: number; readonly failures: number }
  /** After it was ready and has ended by itself: back-off as of a retry; after `times` in a row without a steady life it has failed. */
  readonly restart: {
    readonly times: number
    readonly delayMs: number
    readonly delayMsMax: number
    readonly factor: number
  }
  /** What is done instead of a restart when its arguments change but its code does not. */
  readonly reload?:
    | { readonly kind: 'signal'; readonly signal: string }
    | { readonly kind: 'function'; readonly fn: string }
  readonly stop: { readonly signal: string; readonly graceMs: number }
}

/** How to see that a service is up. `port`: the name of one of its ports; absent: its first. */
export type Probe =
  | { readonly kind: 'tcp'; readonly port?: string }
  | { readonly kind: 'http'; readonly path: string; readonly port?: string; readonly status?: number }
  /** A line of its output that the regular expression matches. */
  | { readonly kind: 'log'; readonly pattern: string; readonly flags: string }
  /** A path that is there. */
  | { readonly kind: 'file'; readonly path: string }
  /** It has ended with 0: a service that starts something else and leaves. */
  | { readonly kind: 'exit' }
  /** A function of the bundle, called with the endpoint until it gives true. */
  | { readonly kind: 'function'; readonly fn: string }
  /** Its function has returned, or its process has been started. */
  | { readonly kind: 'started' }

export interface NetTransition {
  readonly id: string
  readonly consumes: readonly string[]
  readonly produces: readonly string[]
  readonly guard?: Expr
  readonly body: Region
}

export type NodeKind = Node['kind']

/** What stands outside and may change. Paths are relative to the folder of the run's file. */
export type Source =
  /** `dir`: what the globs and the paths of the value are relative to; absent: the folder of the run's file. */
  | {
      readonly kind: 'files'
      readonly globs: readonly string[]
      readonly ignore?: 'gitignore' | 'none'
      readonly dir?: Folder
    }
  | { readonly kind: 'file'; readonly path: string }
  /** A folder with all that is in it. */
  | { readonly kind: 'dir'; readonly path: string }
  | { readonly kind: 'env'; readonly name: string; readonly default?: string }
  /** What an address gives, asked for again with ETag and Last-Modified; for `everyMs` after an answer it is not asked at all. */
  | {
      readonly kind: 'http'
      readonly url: string
      readonly headers?: { readonly [name: string]: string }
      readonly everyMs?: number
    }
  /** The last instant that is a multiple of `everyMs` since 1970. */
  | { readonly kind: 'time'; readonly everyMs: number }
  /** What the last succeeded run of a workflow of this store gave. */
  | { readonly kind: 'result'; readonly workflow: string }
  /** What a function gives (a command's output, say), called in every run that comes to it. */
  | { readonly kind: 'function'; readonly task: string; readonly dir?: Folder }

/** The regions inside a node, each with the label under which a step path names it. */
export function regionsOf(node: Node): readonly (readonly [label: string, region: Region])[] {
  const own = ownRegions(node)
  return node.undo ? [...own, ['undo', node.undo.body]] : own
}

const byLabel = new WeakMap<Node, ReadonlyMap<string, Region>>()

/** The region of a node under its label, in constant time: a net may have thousands, and is asked at each firing. */
export function regionUnder(node: Node, label: string): Region | undefined {
  const known = byLabel.get(node)
  if (known) return known.get(label)
  const regions = new Map([...regionsOf(node)].reverse())
  byLabel.set(node, regions)
  return regions.get(label)
}

function ownRegions(node: Node): readonly (readonly [label: string, region: Region])[] {
  switch (node.kind) {
    case 'when':
      return [
        ['then', node.then],
        ['otherwise', node.otherwise],
      ]
    case 'match':
      return [...Object.entries(node.arms), ...labelled('otherwise', node.otherwise)]
    case 'any':
      return [
        ...Object.entries(node.arms).map(([label, arm]) => [label, arm.body] as const),
        ...labelled('otherwise', node.otherwise),
      ]
    case 'each':
    case 'call':
    case 'loop':
    case 'scope':
      return [['body', node.body]]
    case 'race':
    case 'some':
      return Object.entries(node.arms)
    case 'attempt':
      return [
        ['body', node.body],
        ...node.handlers.map((handler, index) => [handlerLabel(index), handler.body] as const),
        ...labelled('finally', node.finalizer),
      ]
    case 'net':
      return node.transitions.map(transition => [transition.id, transition.body] as const)
    case 'task':
    case 'effect':
    case 'flow':
    case 'source':
    case 'wait':
    case 'cancel':
    case 'service':
      return []
    default:
      return unreachable(node)
  }
}

/** `catch`, `catch2`, … */
export const handlerLabel = (index: number): string => (index === 0 ? 'catch' : `catch${index + 1}`)

const labelled = (label: string, region: Region | undefined): readonly (readonly [string, Region])[] =>
  region ? [[label, region]] : []
