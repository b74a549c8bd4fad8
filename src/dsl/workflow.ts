/** `workflow` (traced) and `flow` (runs): bodies that call tasks. `traceWorkflow` turns a workflow into its graph. */
import type { Expr, Graph, Node, Param, Region } from '../core/graph/graph.ts'
import { Refusal, refuse } from '../util/diagnostic.ts'
import type { Json } from '../util/json.ts'
import { toTagged } from '../util/tagged.ts'
import { addressIn } from './address.ts'
import { type AnyFunction, define, type WorkflowDefinition, type WorkflowParams } from './definition.ts'
import { toExpr } from './expr.ts'
import { callInFlow } from './flow-host.ts'
import { adoptRegion } from './foreign.ts'
import { currentSite, plainMessage, positionOfError, withoutSilence } from './hooks.ts'
import { parameterNames } from './parameter-names.ts'
import { checkOptions, duration, msOf, oneOf, type Rule, yesOrNo } from './options.ts'
import { makeRef, nodeRef, paramRef, targetOf } from './ref.ts'
import { type TracedRegion, traceRegion } from './region.ts'
import { absentIn, checkSchemas, jsonSchemaOf } from './schema.ts'
import {
  addNode,
  type Builder,
  building,
  currentBuilder,
  hopsToBody,
  newBuilder,
  newTrace,
  nodeStem,
  outermost,
  type Trace,
  type TracedBindings,
} from './trace.ts'
import type {
  ArgumentList,
  NotAsync,
  Out,
  ParamRefs,
  ParamValues,
  Ref,
  RefCore,
  Schemas,
  Workflow,
  WorkflowOptions,
} from './types.ts'
import { traceUndo } from './undo.ts'

// biome-ignore lint/suspicious/noExplicitAny: a ref of anything.
type AnyRef = RefCore<any> | undefined
/** Called with one record of arguments, checked by the validators. */
export type SchemaWorkflow<S, R> = (...args: ArgumentList<S>) => Ref<Out<R>>

/**
 * A traced body: its parameters are refs, it runs once, and the whole graph is known before anything runs.
 * Parameters that come from outside pass validators: `workflow({ channel: z.string() }, ({ channel }) => …)`.
 */
export function workflow<A extends AnyRef[], R>(
  body: (...args: A) => NotAsync<R>,
  options?: WorkflowOptions,
): Workflow<A, R>
export function workflow<S extends Schemas, R>(
  params: S,
  body: (args: ParamRefs<S>) => NotAsync<R>,
  options?: WorkflowOptions,
): SchemaWorkflow<S, R>
export function workflow(...given: DefinitionArguments): AnyFunction {
  return defineWorkflow('workflow', given, {
    deadline: duration,
    onFailure: oneOf('stop', 'finish'),
    once: yesOrNo,
  })
}

type FlowOptions = Omit<WorkflowOptions, 'onFailure' | 'once'>

/**
 * A body that runs: its parameters are values, it branches in plain TypeScript, and its graph is discovered as it goes.
 * After a crash it is run again from the top; what it called before is answered from the log.
 */
export function flow<A extends unknown[], R>(body: (...args: A) => Promise<R>, options?: FlowOptions): Workflow<A, R>
export function flow<S extends Schemas, R>(
  params: S,
  body: (args: ParamValues<S>) => Promise<R>,
  options?: FlowOptions,
): SchemaWorkflow<S, R>
export function flow(...given: DefinitionArguments): AnyFunction {
  return defineWorkflow('flow', given, { deadline: duration })
}

/** The body comes first, or second after the parameters. */
type DefinitionArguments = readonly (Schemas | AnyFunction | WorkflowOptions | undefined)[]

function defineWorkflow(
  kind: WorkflowDefinition['kind'],
  given: DefinitionArguments,
  rules: { readonly [option: string]: Rule },
): AnyFunction {
  const [schemas, body, options = {}] = typeof given[0] === 'function' ? [undefined, ...given] : given
  if (typeof body !== 'function')
    refuse('BAD_ARGUMENT', `${kind}() takes a function`, {
      at: currentSite()?.at,
      hint: `For example ${kind}(() => …) or ${kind}({ name: z.string() }, ({ name }) => …).`,
    })
  if (schemas) checkSchemas(schemas as Schemas, kind)
  checkOptions(options, rules)
  const { deadline, onFailure, once = false } = options as WorkflowOptions
  const definition: WorkflowDefinition = {
    kind,
    name: body.name || kind,
    pinned: false,
    at: undefined,
    address: undefined,
    params: schemas
      ? { kind: 'schemas', schemas: schemas as Schemas }
      : { kind: 'positional', names: parameterNames(body) },
    body,
    policy: deadline === undefined ? {} : { deadlineMs: msOf(deadline) },
    onFailure,
    ...(once ? { once } : {}),
  }
  if (once && paramNames(definition.params).length > 0) refuseOnce(definition)
  return callableOf(definition)
}

/** What is called to add a step, or in a flow to run. */
export function callableOf(definition: WorkflowDefinition): AnyFunction {
  return define(definition, (...args: unknown[]): Ref<unknown> => {
    const builder = currentBuilder()
    if (!builder) return callInFlow(definition, args)
    if (definition.kind === 'flow') return addFlow(builder, definition, args)
    return definition.once ? callOnce(builder, definition) : addCall(builder, definition, args)
  })
}

function addFlow(builder: Builder, definition: WorkflowDefinition, args: readonly unknown[]): Ref<unknown> {
  const node = addNode(builder, definition.name, {
    kind: 'flow',
    flow: addressIn(builder.trace.bindings, definition),
    args: args.map((arg, index) => toExpr(builder, arg, `argument ${index + 1} of ${definition.name}`)),
    policy: definition.policy,
  })
  return nodeRef(builder, node)
}

/** Its step stands outermost, where every other step of the graph can see it. */
function callOnce(builder: Builder, definition: WorkflowDefinition): Ref<unknown> {
  const { once, open } = builder.trace
  const known = once.get(definition)
  if (known) return makeRef(known)
  if (open.includes(definition)) return addCall(builder, definition, [])
  const root = outermost(builder)
  const call = building(root, () => addCall(root, definition, []))
  const target = targetOf(call)
  if (target) once.set(definition, target)
  return call
}

const refuseOnce = ({ name }: WorkflowDefinition): never =>
  refuse('BAD_OPTION', `once is for a workflow without parameters, and ${name} has some`, {
    at: currentSite()?.at,
    hint: 'Pass what it gives to those who need it, or take its parameters from env() and files().',
  })

function addCall(builder: Builder, definition: WorkflowDefinition, args: readonly unknown[]): Ref<unknown> {
  const { trace } = builder
  const { name, policy } = definition
  const bound = Object.fromEntries(
    argumentsByName(definition, args).map(([param, value]) => [
      param,
      toExpr(builder, value, `argument ${param} of ${name}`),
    ]),
  )
  const call = { kind: 'call', workflow: name, args: bound, policy } as const
  if (trace.open.includes(definition)) {
    const recurs = hopsToBody(builder, definition) ?? refuseOpen(definition)
    return nodeRef(builder, addNode(builder, name, { ...call, body: NOTHING, recurs }))
  }
  trace.open.push(definition)
  try {
    const { region, builder: inner } = traceBody(trace, builder, definition)
    return nodeRef(builder, addNode(builder, name, { ...call, body: region }, [inner]))
  } finally {
    trace.open.pop()
  }
}

/** A call that enters a region again has none of its own. */
const NOTHING: Region = { params: [], nodes: [], result: { kind: 'literal', value: toTagged(undefined) } }

const refuseOpen = ({ name }: WorkflowDefinition): never =>
  refuse('RECURSION_OPEN', `The undo of a step in ${name} calls ${name} itself`, {
    at: currentSite()?.at,
    hint: 'An undo outlives the body that it stands in: give it a workflow of its own.',
  })

/** The region of a workflow's body, which a call of it from inside enters again. */
function traceBody(trace: Trace, parent: Builder | undefined, definition: WorkflowDefinition): TracedRegion {
  const params = paramNames(definition.params)
  if (definition.foreign) {
    trace.bindings.missing.push(...(definition.missing ?? []))
    return {
      region: adoptRegion(trace, definition.foreign),
      builder: newBuilder(trace, parent, params, { definition }),
    }
  }
  const traced = traceRegion(trace, parent, params, inside => runBody(definition, inside), { definition })
  const { onFailure } = definition
  return onFailure === undefined ? traced : { ...traced, region: { ...traced.region, onFailure } }
}

/** What the body returns. What it throws is refused with BODY_THREW where it was thrown. */
function runBody(definition: WorkflowDefinition, builder: Builder): unknown {
  try {
    return definition.body(...bodyArguments(builder, definition.params))
  } catch (cause) {
    if (cause instanceof Refusal) throw cause
    const at = positionOfError(cause) ?? definition.at
    const thrown =
      cause instanceof Error
        ? `${cause.name}: ${plainMessage(cause.message)}`
        : typeof cause === 'string'
          ? JSON.stringify(cause)
          : typeof cause
    const message = `The body of ${definition.name} threw ${thrown} while it was traced`
    throw new Refusal(
      {
        code: 'BODY_THREW',
        severity: 'error',
        message,
        ...(at ? { at } : {}),
        hint: 'A body only wires steps together; what may fail belongs into a task.',
      },
      { cause },
    )
  }
}

function argumentsByName(
  definition: WorkflowDefinition,
  args: readonly unknown[],
): readonly (readonly [string, unknown])[] {
  const { params } = definition
  if (params.kind === 'positional') {
    if (args.length > params.names.length) {
      refuse('PARAMETER_UNKNOWN', `${definition.name} takes ${params.names.length} arguments, not ${args.length}`, {
        at: currentSite()?.at,
        hint: `Its parameters: ${params.names.join(', ') || 'none'}.`,
      })
    }
    return params.names.map((name, index) => [name, args[index]] as const)
  }
  const given = (args[0] ?? {}) as Record<string, unknown>
  for (const name of Object.keys(given)) if (!Object.hasOwn(params.schemas, name)) unknownParameter(definition, name)
  return describeParams(params).map(param => {
    const value = given[param.name]
    if (value !== undefined) return [param.name, value] as const
    if (!param.required) return [param.name, param.fallback] as const
    return refuse('PARAMETER_MISSING', `${definition.name} needs the parameter ${param.name}`, {
      at: currentSite()?.at,
      hint: `Pass { ${param.name}: … }.`,
    })
  })
}

function unknownParameter(definition: WorkflowDefinition, name: string): never {
  const known = paramNames(definition.params).join(', ') || 'none'
  refuse('PARAMETER_UNKNOWN', `${definition.name} has no parameter ${name}`, {
    at: currentSite()?.at,
    hint: `Its parameters: ${known}.`,
  })
}

export const paramNames = (params: WorkflowParams): readonly string[] =>
  params.kind === 'positional' ? params.names : Object.keys(params.schemas)

const bodyArguments = (builder: Builder, params: WorkflowParams): readonly unknown[] =>
  params.kind === 'positional'
    ? params.names.map(name => paramRef(builder, name))
    : [Object.fromEntries(Object.keys(params.schemas).map(name => [name, paramRef(builder, name)]))]

/** What a workflow's parameters accept, as far as their validators say. */
export interface ParamDescription {
  readonly name: string
  readonly type: Json
  readonly required: boolean
  /** What an absent argument becomes. */
  readonly fallback: unknown
}

export function describeParams(params: WorkflowParams): readonly ParamDescription[] {
  if (params.kind === 'positional')
    return params.names.map(name => ({ name, type: {}, required: true, fallback: undefined }))
  return Object.entries(params.schemas).map(([name, schema]) => {
    const absent = absentIn(schema)
    const type = jsonSchemaOf(schema)
    return absent.kind === 'accepted'
      ? { name, type, required: false, fallback: absent.value }
      : { name, type, required: true, fallback: undefined }
  })
}

export interface TracedWorkflow {
  readonly graph: Graph
  readonly bindings: TracedBindings
}

/** The graph of a workflow; that of a flow has one opaque step. */
export function traceWorkflow(definition: WorkflowDefinition): TracedWorkflow {
  const trace = newTrace(definition.name, traceUndo)
  trace.open.push(definition)
  const root = withoutSilence(() => traceRoot(trace, definition))
  const params: readonly Param[] = describeParams(definition.params).map(({ name, type, required, fallback }) => ({
    name,
    type,
    required,
    ...(required || fallback === undefined ? {} : { default: toTagged(fallback) }),
  }))
  const { deadlineMs } = definition.policy
  const deadline = deadlineMs === undefined ? {} : { deadlineMs }
  return {
    graph: { version: 1, name: definition.name, params, root, ...deadline, reads: [] },
    bindings: trace.bindings,
  }
}

/** The region of a workflow that a flow calls; what it refers to is added to the run's bindings. */
export function traceCalled(definition: WorkflowDefinition, bindings: TracedBindings): Region {
  const trace = newTrace(definition.name, traceUndo, bindings, `${addressIn(bindings, definition)}/`)
  trace.open.push(definition)
  const region = withoutSilence(() => traceRoot(trace, definition))
  return definition.policy.deadlineMs === undefined ? region : withDeadline(definition, region)
}

/** A region cannot have a deadline; a call of it can. */
function withDeadline({ name, policy, at }: WorkflowDefinition, body: Region): Region {
  const args = Object.fromEntries(body.params.map(param => [param, { kind: 'param', param, up: 0, path: [] } as const]))
  const id = nodeStem(name)
  const call: Node = { id, name, after: [], policy, kind: 'call', workflow: name, args, body, ...(at ? { at } : {}) }
  return { params: body.params, nodes: [call], result: { kind: 'node', node: id, up: 0, path: [] } }
}

function traceRoot(trace: Trace, definition: WorkflowDefinition): Region {
  if (definition.kind === 'workflow') return traceBody(trace, undefined, definition).region
  const names = paramNames(definition.params)
  return traceRegion(trace, undefined, names, builder => {
    const args: readonly Expr[] =
      definition.params.kind === 'positional'
        ? names.map(param => ({ kind: 'param', param, up: 0, path: [] }))
        : [
            {
              kind: 'record',
              fields: Object.fromEntries(names.map(param => [param, { kind: 'param', param, up: 0, path: [] }])),
            },
          ]
    // Its deadline is the run's.
    const { deadlineMs: _, ...policy } = definition.policy
    const flow = addressIn(builder.trace.bindings, definition)
    return nodeRef(builder, addNode(builder, definition.name, { kind: 'flow', flow, args, policy }))
  }).region
}
