/** `workflow` (traced) and `flow` (runs): bodies that call tasks. `traceWorkflow` turns a workflow into its graph. */
import type { Expr, Graph, Param, Region } from '../core/graph/graph.ts'
import { Refusal, refuse } from '../util/diagnostic.ts'
import type { Json } from '../util/json.ts'
import { toTagged } from '../util/tagged.ts'
import { addressIn } from './address.ts'
import { type AnyFunction, define, type WorkflowDefinition, type WorkflowParams } from './definition.ts'
import { toExpr } from './expr.ts'
import { callInFlow } from './flow-host.ts'
import { currentSite, plainMessage, positionOfError, withoutSilence } from './hooks.ts'
import { parameterNames } from './parameter-names.ts'
import { makeRef, nodeRef, paramRef } from './ref.ts'
import { traceRegion } from './region.ts'
import { absentIn, checkSchemas, jsonSchemaOf } from './schema.ts'
import { addNode, type Builder, currentBuilder, newTrace, type Trace, type TracedBindings } from './trace.ts'
import type { ArgumentList, NotAsync, Out, ParamRefs, ParamValues, Ref, RefCore, Schemas, Workflow } from './types.ts'

// biome-ignore lint/suspicious/noExplicitAny: a ref of anything.
type AnyRef = RefCore<any> | undefined
/** Called with one record of arguments, checked by the validators. */
export type SchemaWorkflow<S, R> = (...args: ArgumentList<S>) => Ref<Out<R>>

/**
 * A traced body: its parameters are refs, it runs once, and the whole graph is known before anything runs.
 * Parameters that come from outside pass validators: `workflow({ channel: z.string() }, ({ channel }) => …)`.
 */
export function workflow<A extends AnyRef[], R>(body: (...args: A) => NotAsync<R>): Workflow<A, R>
export function workflow<S extends Schemas, R>(
  params: S,
  body: (args: ParamRefs<S>) => NotAsync<R>,
): SchemaWorkflow<S, R>
export function workflow(first: Schemas | AnyFunction, second?: AnyFunction): AnyFunction {
  return defineWorkflow('workflow', first, second)
}

/**
 * A body that runs: its parameters are values, it branches in plain TypeScript, and its graph is discovered as it goes.
 * After a crash it is run again from the top; what it called before is answered from the log.
 */
export function flow<A extends unknown[], R>(body: (...args: A) => Promise<R>): Workflow<A, R>
export function flow<S extends Schemas, R>(params: S, body: (args: ParamValues<S>) => Promise<R>): SchemaWorkflow<S, R>
export function flow(first: Schemas | AnyFunction, second?: AnyFunction): AnyFunction {
  return defineWorkflow('flow', first, second)
}

function defineWorkflow(
  kind: 'workflow' | 'flow',
  first: Schemas | AnyFunction,
  second: AnyFunction | undefined,
): AnyFunction {
  const body = second ?? first
  if (typeof body !== 'function')
    refuse('BAD_ARGUMENT', `${kind}() takes a function`, {
      at: currentSite()?.at,
      hint: `For example ${kind}(() => …) or ${kind}({ name: z.string() }, ({ name }) => …).`,
    })
  if (typeof first !== 'function') checkSchemas(first, kind)
  const definition: WorkflowDefinition = {
    kind,
    name: body.name || kind,
    pinned: false,
    at: undefined,
    address: undefined,
    params:
      typeof first === 'function'
        ? { kind: 'positional', names: parameterNames(first) }
        : { kind: 'schemas', schemas: first },
    body,
    policy: {},
  }
  return define(definition, (...args: unknown[]): Ref<unknown> => {
    const builder = currentBuilder()
    if (!builder) return callInFlow(definition, args)
    return kind === 'flow' ? addFlow(builder, definition, args) : addCall(builder, definition, args)
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

function addCall(builder: Builder, definition: WorkflowDefinition, args: readonly unknown[]): Ref<unknown> {
  const { trace } = builder
  if (trace.open.includes(definition)) {
    refuse('NOT_YET', `${definition.name} calls itself: a workflow that recurs comes with a later version`, {
      at: currentSite()?.at,
      hint: 'Use a flow(async …), which may call itself.',
    })
  }
  trace.open.push(definition)
  try {
    const bound = argumentsByName(definition, args)
    const { region, builder: inner } = traceRegion(trace, builder, paramNames(definition.params), inside =>
      runBody(definition, inside),
    )
    const node = addNode(
      builder,
      definition.name,
      {
        kind: 'call',
        workflow: definition.name,
        args: Object.fromEntries(
          bound.map(([name, value]) => [name, toExpr(builder, value, `argument ${name} of ${definition.name}`)]),
        ),
        body: region,
      },
      [inner],
    )
    return nodeRef(builder, node)
  } finally {
    trace.open.pop()
  }
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
  const trace = newTrace(definition.name)
  trace.open.push(definition)
  const root = withoutSilence(() => traceRoot(trace, definition))
  const params: readonly Param[] = describeParams(definition.params).map(({ name, type, required, fallback }) => ({
    name,
    type,
    required,
    ...(required || fallback === undefined ? {} : { default: toTagged(fallback) }),
  }))
  return { graph: { version: 1, name: definition.name, params, root, reads: [] }, bindings: trace.bindings }
}

/** The region of a workflow that a flow calls; what it refers to is added to the run's bindings. */
export function traceCalled(definition: WorkflowDefinition, bindings: TracedBindings): Region {
  const trace = newTrace(definition.name, bindings, `${addressIn(bindings, definition)}/`)
  trace.open.push(definition)
  return withoutSilence(() => traceRoot(trace, definition))
}

function traceRoot(trace: Trace, definition: WorkflowDefinition): Region {
  const names = paramNames(definition.params)
  return traceRegion(trace, undefined, names, builder => {
    if (definition.kind === 'workflow') return runBody(definition, builder)
    const args: readonly Expr[] =
      definition.params.kind === 'positional'
        ? names.map(param => ({ kind: 'param', param, up: 0, path: [] }))
        : [
            {
              kind: 'record',
              fields: Object.fromEntries(names.map(param => [param, { kind: 'param', param, up: 0, path: [] }])),
            },
          ]
    const node = addNode(builder, definition.name, {
      kind: 'flow',
      flow: addressIn(builder.trace.bindings, definition),
      args,
      policy: definition.policy,
    })
    return makeRef({ kind: 'node', builder, node, path: [] })
  }).region
}
