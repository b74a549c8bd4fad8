/**
 * Tracing: while a body runs, calls add nodes to the region that is being built, and refs stand for what they will give.
 * The trace is kept on `globalThis`, so that two copies of the package in one process build one graph.
 */
import type { Expr, Node, Path } from '../core/graph/graph.ts'
import { escapeKey } from '../core/engine/step-id.ts'
import type { Diagnostic, Position } from '../util/diagnostic.ts'
import { refuse } from '../util/diagnostic.ts'
import type { Claim, Definition } from './definition.ts'
import { unique } from './definition.ts'
import { currentSite, type Site } from './hooks.ts'
import type { Schema } from './types.ts'

/** A graph this large is a trace that does not end. */
const NODES_MAX = 500_000

type Writable<T> = { -readonly [K in keyof T]: T[K] }
export type Draft = Writable<Node>

/** A region that is being built. */
export interface Builder {
  readonly trace: Trace
  readonly parent: Builder | undefined
  /** Set where the region is closed (an undo's body): what it uses from around it is captured. */
  readonly boundary: Boundary | undefined
  /** The workflow whose body this is: a call of it from inside enters this region again. */
  readonly definition: Definition | undefined
  /** The node of the parent that this region belongs to; known once the region is finished, needed by `.after`. */
  readonly owner: { node: Draft | undefined; readonly after: string[] }
  readonly params: readonly string[]
  readonly nodes: Draft[]
  readonly ids: Map<string, number>
  /** Nodes that have got the name of a variable, which no later variable takes from them. */
  readonly named: Set<Draft>
  /** What `ensure` has said in this body. */
  readonly claims: Claim<Target>[]
}

/** Between a closed region and what is around it. */
export interface Boundary {
  readonly outer: Builder
  /** The node that the region is part of: its own value is there under the name `value`. */
  readonly node: Draft
  /** By the name of the parameter that has it inside; as seen from `outer`. */
  readonly captures: Map<string, Expr>
}

/** One workflow's trace. */
export interface Trace {
  readonly name: string
  readonly bindings: TracedBindings
  /** Of the ids of pure functions: what a flow calls is traced by itself, yet shares the run's bindings. */
  readonly prefix: string
  nodeCount: number
  /** How often each pure function's name has been given. */
  readonly pureCounts: Map<string, number>
  /** The workflows that are being traced, outermost first. */
  readonly open: Definition[]
  /** The one call of each workflow that is called once. */
  readonly once: Map<Definition, Target>
  /** `.undo()` on a ref: traces a region, which what makes refs cannot do itself. */
  readonly undo: (target: Target, body: unknown) => void
}

export interface TracedBindings {
  /** Definitions by the address that nodes have. */
  readonly definitions: Map<string, Definition>
  readonly addresses: Map<Definition, string>
  readonly pure: Map<string, (...args: unknown[]) => unknown>
  /** Validators of the signals that are waited for, by name; undefined for one that takes whatever is sent. */
  readonly signals: Map<string, Schema | undefined>
  /** What must be bound before it can run, of it and of the foreign workflows that it calls. */
  readonly missing: Diagnostic[]
}

const CURRENT = Symbol.for('tutti.trace')
const globals = globalThis as { [CURRENT]?: Builder | undefined }

export const currentBuilder = (): Builder | undefined => globals[CURRENT]

/** The region that is being built, or a refusal: `what` is only allowed there. */
export function mustBuild(what: string): Builder {
  const builder = globals[CURRENT]
  if (builder) return builder
  refuse('OUTSIDE_WORKFLOW', `${what} was called outside of a workflow's body`, {
    at: currentSite()?.at,
    hint: 'Call it inside workflow(() => …); in a flow, use plain TypeScript instead.',
  })
}

export const newBindings = (): TracedBindings => ({
  definitions: new Map(),
  addresses: new Map(),
  pure: new Map(),
  signals: new Map(),
  missing: [],
})

export const newTrace = (
  name: string,
  undo: Trace['undo'],
  bindings: TracedBindings = newBindings(),
  prefix = '',
): Trace => ({
  name,
  bindings,
  prefix,
  nodeCount: 0,
  pureCounts: new Map(),
  once: new Map(),
  open: [],
  undo,
})

/** What some regions have. */
export type Special = Partial<Pick<Builder, 'boundary' | 'definition'>>

/** A region that nothing has been added to. */
export const newBuilder = (
  trace: Trace,
  parent: Builder | undefined,
  params: readonly string[],
  { boundary, definition }: Special = {},
): Builder => ({
  trace,
  parent,
  boundary,
  definition,
  owner: { node: undefined, after: [] },
  params,
  nodes: [],
  ids: new Map(),
  named: new Set(),
  claims: [],
})

/** Runs `body` while its calls go into `builder`. */
export function building<T>(builder: Builder | undefined, body: () => T): T {
  const outer = globals[CURRENT]
  globals[CURRENT] = builder
  try {
    return body()
  } finally {
    globals[CURRENT] = outer
  }
}

type Own<N> = N extends Node
  ? Omit<N, 'id' | 'name' | 'at' | 'after' | 'policy' | 'undo'> & Partial<Pick<N, 'policy'>>
  : never

/** Adds a node; its id is its base name and how often that occurred in this region before. */
export function addNode(builder: Builder, base: string, node: Own<Node>, regions: readonly Builder[] = []): Draft {
  if (++builder.trace.nodeCount > NODES_MAX) {
    refuse('TRACE_TOO_LARGE', `Workflow ${builder.trace.name} has more than ${NODES_MAX} steps`, {
      at: currentSite()?.at,
      hint: 'A loop in the body does not end, or the items should be an each() over a value known at run time.',
    })
  }
  const stem = nodeStem(base)
  const count = (builder.ids.get(stem) ?? 0) + 1
  builder.ids.set(stem, count)
  const draft = {
    ...node,
    id: count === 1 ? stem : `${stem}~${count}`,
    name: base,
    at: currentSite()?.at,
    after: [] as string[],
    policy: node.policy ?? {},
  } as Draft
  for (const region of regions) {
    region.owner.node = draft
    ;(draft.after as string[]).push(...region.owner.after)
  }
  builder.nodes.push(draft)
  return draft
}

/** The variable, property or export that first holds what a node gives names it for display. */
export function nameNode(builder: Builder, node: Draft, name: string): void {
  if (builder.named.has(node)) return
  builder.named.add(node)
  node.name = name
}

/** Ends a region: from here on its nodes keep their names, and no two of them have one. */
export function closeNames(builder: Builder): void {
  const taken = new Set<string>()
  const counts = new Map<string, number>()
  for (const node of builder.nodes) {
    node.name = unique(node.name, taken, counts)
    taken.add(node.name)
    builder.named.add(node)
  }
}

/** What a pure function is called in the graph: its call's site, so that a `.to` elsewhere does not rename it. */
export function newPureId({ prefix, bindings, pureCounts }: Trace, site: Site | undefined): string {
  return unique(`${prefix}${site?.id ?? 'to'}`, bindings.pure, pureCounts)
}

/** Names become ids: what has a meaning in step ids is escaped, and `~` is ours. */
export const nodeStem = (name: string): string =>
  escapeKey(name).replace(/[.~]/g, character => (character === '.' ? '%2E' : '%7E')) || 'step'

/** What a ref stands for, independent of where it is used. */
export type Target =
  | { readonly kind: 'node'; readonly builder: Builder; readonly node: Draft; readonly path: Path }
  | { readonly kind: 'param'; readonly builder: Builder; readonly param: string; readonly path: Path }
  | {
      readonly kind: 'apply'
      readonly builder: Builder
      readonly fn: string
      readonly args: readonly Target[]
      readonly path: Path
    }

/** The region of the whole trace. */
export function outermost(builder: Builder): Builder {
  const around = builder.parent ?? builder.boundary?.outer
  return around ? outermost(around) : builder
}

/** How many regions up `owner` is from `builder`; undefined when it is not around it. */
export function hops(builder: Builder, owner: Builder): number | undefined {
  let up = 0
  for (let at: Builder | undefined = builder; at; at = at.parent, up++) if (at === owner) return up
  return undefined
}

/** How many regions up the body of `definition` is from `builder`; undefined when it is not being traced around it. */
export function hopsToBody(builder: Builder, definition: Definition): number | undefined {
  let up = 0
  for (let at: Builder | undefined = builder; at; at = at.parent, up++) if (at.definition === definition) return up
  return undefined
}

/** `from` waits for `to`, in whatever enclosing region both are. */
export function addAfter(from: Extract<Target, { kind: 'node' }>, to: Target, at: Position | undefined): void {
  if (to.kind === 'apply') {
    for (const arg of to.args) addAfter(from, arg, at)
    return
  }
  if (to.kind === 'param') return
  const up = hops(from.builder, to.builder)
  if (up === undefined) {
    refuse(
      'REF_OUT_OF_REGION',
      `${from.node.name} cannot wait for ${to.node.name}: it is inside another region or workflow`,
      {
        at,
        hint: 'Order against the when, match, each or workflow call that contains it.',
      },
    )
  }
  let inner = from.builder
  for (let i = 1; i < up; i++) inner = inner.parent ?? inner
  // From inside a region it is the region's node that waits; while the region is being built that node is not there yet.
  const waits =
    up === 0
      ? (from.node.after as string[])
      : inner.owner.node
        ? (inner.owner.node.after as string[])
        : inner.owner.after
  if (!waits.includes(to.node.id)) waits.push(to.node.id)
}
