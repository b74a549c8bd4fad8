/** Runs of graphs that are written down as they are, without a language: each construct alone, in a real shell. */
import type { Event, Expr, Graph, Node, Policy, Region } from '../../src/core/index.ts'
import { definitionOf, type WorkflowDefinition } from '../../src/dsl/definition.ts'
import type { Schema } from '../../src/dsl/types.ts'
import { type Launched, redriveRun, resumeRun, startRun, type StartOptions } from '../../src/run/launch.ts'
import { type Local, type LocalOptions, openLocal } from '../../src/run/local.ts'
import { checkedGraph, type Runnable } from '../../src/run/runnable.ts'
import { ctx, task, workflow } from '../../src/index.ts'
import type { Store } from '../../src/store/index.ts'

type Own<N> = N extends Node ? Omit<N, 'id' | 'name' | 'after' | 'policy'> & { readonly kind: N['kind'] } : never
type Extra = Partial<Pick<Node, 'after' | 'policy' | 'undo'>>

export const node = (id: string, own: Own<Node>, extra: Extra = {}): Node =>
  ({ after: [], policy: {}, ...extra, ...own, id, name: id }) as Node // the union of kinds, put together again
export const step = (id: string, args: readonly Expr[] = [], extra: Extra = {}): Node =>
  node(id, { kind: 'effect', task: id.replace(/\d+$/, ''), args, executor: 'inline' }, extra)
export const sleep = (id: string, duration: Expr | number, extra: Extra = {}): Node =>
  node(
    id,
    { kind: 'wait', on: { kind: 'timer', duration: typeof duration === 'number' ? literal(duration) : duration } },
    extra,
  )
export const awaits = (
  id: string,
  signal: string,
  extra: Extra & { readonly early?: 'kept' | 'transient' } = {},
): Node => {
  const { early = 'kept', ...rest } = extra
  return node(id, { kind: 'wait', on: { kind: 'signal', signal, type: {}, early } }, rest)
}

export const literal = (value: unknown): Expr => ({ kind: 'literal', value: value as never }) // JSON in these tests
export const out = (id: string, up = 0, path: (string | number)[] = []): Expr => ({ kind: 'node', node: id, up, path })
export const param = (name: string, up = 0): Expr => ({ kind: 'param', param: name, up, path: [] })
export const apply = (fn: string, ...args: Expr[]): Expr => ({ kind: 'apply', fn, args, path: [] })
export const region = (
  nodes: readonly Node[],
  result: Expr = literal(null),
  params: readonly string[] = [],
): Region => ({
  params,
  nodes,
  result,
})
export const graphOf = (nodes: readonly Node[], result?: Expr, extra: Partial<Graph> = {}): Graph => ({
  version: 1,
  name: 'main',
  params: [],
  root: region(nodes, result),
  reads: [],
  ...extra,
})

type Functions = { readonly [name: string]: (...args: never[]) => unknown }

export interface Stage {
  readonly local: Local
  start(options?: StartOptions): Promise<Launched>
  resume(): Promise<Launched>
  redrive(from?: readonly string[]): Promise<Launched>
  /** Steps that ran, in order, over all lives. */
  readonly ran: string[]
}

export interface StageOptions extends Partial<LocalOptions> {
  readonly tasks?: Functions
  readonly pure?: Functions
  readonly signals?: { readonly [name: string]: Schema }
  readonly run?: string
}

export const RUN = 'run'

/** A process that can run the graph in `store`. Tasks without a function give their step's id. */
export function stage(store: Store, graph: Graph, options: StageOptions = {}): Stage {
  const ran: string[] = []
  return stageOf(
    store,
    runnableOf(graph, options, step => ran.push(step)),
    options,
    ran,
  )
}

/** The same for what is ready to be run. */
export function stageOf(
  store: Store,
  runnable: Runnable,
  { run = RUN, ...options }: StageOptions = {},
  ran: string[] = [],
): Stage {
  const local = openLocal(store, { cwd: process.cwd(), ...options })
  local.register(runnable)
  const row = () => store.runs.get(run) ?? refuse()
  return {
    local,
    ran,
    start: given => startRun(local, runnable, run, {}, given),
    resume: () => resumeRun(local, runnable, row()),
    redrive: (from = []) => redriveRun(local, runnable, row(), { from, accept: [] }),
  }
}

const refuse = (): never => {
  throw new Error('there is no run')
}

export function runnableOf(
  graph: Graph,
  { tasks = {}, pure = {}, signals = {} }: StageOptions,
  note: (step: string) => void,
): Runnable {
  const names = new Set(namesIn(graph.root))
  const definitions = new Map(
    [...names].map(name => {
      const fn = tasks[name] ?? (() => ctx().step)
      const noted = (...args: unknown[]) => {
        note(ctx().step)
        return (fn as (...args: unknown[]) => unknown)(...args)
      }
      return [name, definitionOf(task(noted, { name }))!]
    }),
  )
  return {
    name: graph.name,
    definition: definitionOf(workflow(() => 0)) as WorkflowDefinition,
    graph: checkedGraph(graph),
    bindings: {
      definitions,
      addresses: new Map(),
      pure: new Map(Object.entries(pure) as [string, (...args: unknown[]) => unknown][]),
      signals: new Map(Object.entries(signals)),
      missing: [],
    },
    cwd: process.cwd(),
    file: '',
    bundle: undefined,
    configurations: [],
    readContents: new Map(),
  }
}

function* namesIn(region: Region): Iterable<string> {
  const pending: unknown[] = [region]
  for (let each = pending.pop(); each !== undefined; each = pending.pop()) {
    if (typeof each !== 'object' || each === null) continue
    if ('task' in each && typeof each.task === 'string') yield each.task
    pending.push(...Object.values(each))
  }
}

export async function eventsOf(store: Store, run = RUN): Promise<readonly Event[]> {
  const events: Event[] = []
  for await (const { event } of store.read({ run })) events.push(event)
  return events
}

/** `kind step` of each event, but for what says nothing in most tests. */
export const told = (events: readonly Event[]): readonly string[] =>
  events.map(event => `${event.kind}${'step' in event && event.step ? ` ${event.step}` : ''}`)

export const policy = (given: Policy): Extra => ({ policy: given })

/** The value that the run gave. */
export async function outputOf({ session, values }: Launched): Promise<unknown> {
  const { phase } = session.state
  if (phase.kind !== 'ended') throw new Error(`the run is ${phase.kind}`)
  if (phase.status !== 'succeeded') throw new Error(`${phase.status}: ${JSON.stringify(phase.fault)}`)
  return phase.output && values.decode(phase.output)
}
