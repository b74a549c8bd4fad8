/**
 * Whether what a run has recorded is what the new version takes: its arguments, results that are still used, signals that are
 * kept, and the calls of flows in the middle of their bodies.
 */
import {
  type Bound,
  type Event,
  type Graph,
  isThere,
  isWanted,
  type Node,
  placedNodes,
  type State,
  type StepId,
  type ValueRef,
} from '../../core/index.ts'
import { Refusal } from '../../util/diagnostic.ts'
import { canonicalJson, type Json } from '../../util/json.ts'
import { toTagged } from '../../util/tagged.ts'
import { unreachable } from '../../util/unreachable.ts'
import type { ValueStore } from '../../values/index.ts'
import { compareTypes, type Face } from '../../versions/index.ts'
import { fits } from '../../versions/fits.ts'
import { checkArguments } from '../arguments.ts'
import { nodeOfStep } from '../downstream.ts'
import type { Runnable } from '../runnable.ts'
import type { MoveObstacle } from './obstacles.ts'

/** What is known of the code of one side. */
export type Code = Pick<Face, 'code' | 'signatures'>

export interface Checking {
  readonly before: { readonly graph: Graph; readonly code: Code }
  readonly after: { readonly runnable: Runnable; readonly code: Code }
  /** Number of the version that the run is to move to. */
  readonly to: string
  /** Of the last life. */
  readonly events: readonly Event[]
  readonly args: { readonly [param: string]: Bound }
  readonly image: State
  readonly values: ValueStore
}

export async function valueObstacles(checking: Checking): Promise<readonly MoveObstacle[]> {
  return [
    ...(await argumentObstacles(checking)),
    ...(await resultObstacles(checking)),
    ...(await signalObstacles(checking)),
    ...flowObstacles(checking),
    ...functionObstacles(checking),
  ]
}

/** A parameter that was not there takes its default, which the graph must tell: nobody can be asked any more. */
async function argumentObstacles({ before, after, to, args, values }: Checking): Promise<readonly MoveObstacle[]> {
  const { definition, graph } = after.runnable
  const known = new Map(before.graph.params.map(param => [param.name, canonicalJson(param as unknown as Json)]))
  const changed = graph.params.filter(param => known.get(param.name) !== canonicalJson(param as unknown as Json))
  if (changed.length === 0) return []
  const given: Record<string, unknown> = {}
  for (const { name } of graph.params) {
    const bound = Object.hasOwn(args, name) ? args[name] : undefined
    if (bound?.kind === 'value') given[name] = await values.decode(bound.value, bound.path)
  }
  const checked = await checkArguments(definition, given).catch(problemsOf)
  if (Array.isArray(checked)) return checked.map(problem => ({ message: `${problem} (a parameter of ${to})` }))
  return changed.flatMap(({ name, default: fallback }) => {
    const was = Object.hasOwn(given, name) ? given[name] : undefined
    const expected = was === undefined && fallback !== undefined ? fallback : toTagged(was)
    const isSame = canonicalJson(toTagged((checked as Record<string, unknown>)[name])) === canonicalJson(expected)
    return isSame
      ? []
      : [
          {
            message: `${to} would make something else of the argument ${name} than what the run has`,
            hint: 'Start a new run.',
          },
        ]
  })
}

function problemsOf(error: unknown): readonly string[] {
  if (error instanceof Refusal) return error.diagnostics.map(({ message }) => message)
  throw error
}

async function resultObstacles(checking: Checking): Promise<readonly MoveObstacle[]> {
  const found: MoveObstacle[] = []
  for (const { step, value } of resultsOf(checking.events)) {
    const [old, now] = [checking.before.graph, checking.after.runnable.graph].map(graph => nodeOfStep(graph, step))
    if (!old || !now) continue
    const obstacle = await resultObstacle(checking, { step, value, old, now })
    if (obstacle) found.push(obstacle)
  }
  return found
}

interface Passed {
  readonly step: StepId
  readonly value: ValueRef
  readonly old: Node
  readonly now: Node
}

async function resultObstacle(
  { before, after, to, image, values }: Checking,
  { step, value, old, now }: Passed,
): Promise<MoveObstacle | undefined> {
  if (old.kind === 'source' && now.kind === 'source' && old.source.kind !== now.source.kind)
    return { step, message: `${step} has been read as ${old.source.kind}, and in ${to} it is ${now.source.kind}` }
  const [was, is] = [typeOf(old, before.code), typeOf(now, after.code)]
  const how = compareTypes(was, is)
  if (how === 'equal' || how === 'widened' || !isWanted(image, step)) return undefined
  if (await isOf(values, value, is)) return undefined
  return {
    step,
    message: `what ${step} gave is not of the type that it has in ${to} (${how}), and steps that have not run use it`,
  }
}

/** Outcomes with a value, by step: the last one of each. */
function resultsOf(events: readonly Event[]): Iterable<{ readonly step: StepId; readonly value: ValueRef }> {
  const found = new Map<StepId, { readonly step: StepId; readonly value: ValueRef }>()
  for (const event of events) {
    if (event.kind === 'step.settled' && !event.call && event.outcome.kind === 'succeeded')
      found.set(event.step, { step: event.step, value: event.outcome.output })
    if (event.kind === 'signal.received' && event.step !== undefined && isWhole(event.value))
      found.set(event.step, { step: event.step, value: event.value.value })
  }
  return found.values()
}

const isWhole = (bound: Bound): bound is Extract<Bound, { kind: 'value' }> =>
  bound.kind === 'value' && bound.path.length === 0

function typeOf(node: Node, { signatures }: Code): Json {
  if (node.kind === 'wait' && node.on.kind === 'signal') return node.on.type
  if (node.kind === 'each') return node.more?.type ?? {}
  const address = addressOf(node)
  return (address === undefined ? undefined : signatures[address]?.result) ?? {}
}

function addressOf(node: Node): string | undefined {
  switch (node.kind) {
    case 'task':
    case 'effect':
    case 'service':
      return node.task
    case 'flow':
      return node.flow
    case 'source':
      return node.source.kind === 'function' ? node.source.task : undefined
    default:
      return undefined
  }
}

async function isOf(values: ValueStore, value: ValueRef, type: Json): Promise<boolean> {
  try {
    return fits(exactType(toTagged(await values.decode(value))), type)
  } catch (error) {
    // A file, or what a codec of the user's makes: no type says what it is.
    if (error instanceof Refusal) return false
    throw error
  }
}

/** The type that only this value has. */
function exactType(value: Json): Json {
  if (typeof value !== 'object' || value === null) return { const: value }
  if (Array.isArray(value)) {
    const items = value as readonly Json[]
    return {
      type: 'array',
      prefixItems: items.map(exactType),
      items: false,
      minItems: items.length,
      maxItems: items.length,
    }
  }
  const fields = Object.entries(value as { readonly [name: string]: Json })
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map(([name, field]) => [name, exactType(field)])),
    required: fields.map(([name]) => name),
    additionalProperties: false,
  }
}

/** Those that nobody has taken yet. */
async function signalObstacles({ before, after, to, image, values }: Checking): Promise<readonly MoveObstacle[]> {
  const found: MoveObstacle[] = []
  for (const [signal, { kept }] of image.signals) {
    const [was, is] = [before.graph, after.runnable.graph].map(graph => signalType(graph, signal)) as [Json, Json]
    const how = compareTypes(was, is)
    if (how === 'equal' || how === 'widened') continue
    for (const bound of kept)
      if (!isWhole(bound) || !(await isOf(values, bound.value, is)))
        found.push({
          message: `the signal ${signal} is kept, and its value is not of the type that it has in ${to} (${how})`,
        })
  }
  return found
}

function signalType({ root }: Graph, signal: string): Json {
  for (const { node } of placedNodes(root)) {
    if (node.kind === 'wait' && node.on.kind === 'signal' && node.on.signal === signal) return node.on.type
    if (node.kind === 'each' && node.more?.signal === signal) return node.more.type
  }
  return {}
}

/** A body that has made calls makes them again from its top: the same code must answer to the same records. */
function flowObstacles({ before, after, to, events }: Checking): readonly MoveObstacle[] {
  const open = new Set<StepId>()
  for (const event of events) {
    if ('call' in event && event.call) open.add(event.call.flow)
    if (event.kind === 'value.recorded') open.add(event.step)
    if (event.kind === 'step.settled' && !event.call) open.delete(event.step)
  }
  const changed = [...open].filter(step => {
    const [old, now] = [before.graph, after.runnable.graph].map(graph => nodeOfStep(graph, step))
    return old?.kind === 'flow' && now?.kind === 'flow' && !isSameCode({ before, after }, old.flow, now.flow)
  })
  return changed.map(step => ({
    step,
    message: `the flow ${step} is in the middle of its body, and its code is not the same in ${to}`,
    hint: 'Move the run when the flow has ended.',
  }))
}

/** Items and states are recorded as they were bound: a small function in them is called again. */
function functionObstacles({ before, after, to, events, image }: Checking): readonly MoveObstacle[] {
  const used = new Set<string>()
  for (const event of events) {
    if (event.kind !== 'items.added' && event.kind !== 'chosen') continue
    const bound = event.kind === 'chosen' ? event.value : event.items
    if (bound && isThere(image, event.step)) for (const fn of functionsIn(bound)) used.add(fn)
  }
  return [...used]
    .filter(fn => !after.runnable.bindings.pure.has(fn) || !isSameCode({ before, after }, fn, fn))
    .map(fn => ({ message: `what the run goes through is computed by ${fn}, which is not the same in ${to}` }))
}

export function* functionsIn(bound: Bound): Generator<string> {
  switch (bound.kind) {
    case 'apply':
      yield bound.fn
      for (const arg of bound.args) yield* functionsIn(arg)
      return
    case 'list':
      for (const item of bound.items) yield* functionsIn(item)
      return
    case 'record':
      for (const field of Object.values(bound.fields)) yield* functionsIn(field)
      return
    case 'literal':
    case 'value':
    case 'resource':
      return
    default:
      return unreachable(bound)
  }
}

/** Of what closes over a variable nobody can tell. */
function isSameCode({ before, after }: Pick<Checking, 'before' | 'after'>, old: string, now: string): boolean {
  const hash = before.code.code[old]
  return typeof hash === 'string' && hash === after.code.code[now]
}
