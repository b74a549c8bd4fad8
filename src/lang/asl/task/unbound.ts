/** What a machine calls and nothing is bound to, told before it runs, with the line that would bind it. */
import type { Diagnostic, Position } from '../../../util/diagnostic.ts'
import type { Json } from '../../../util/json.ts'
import { type Machine, processorOf, type State, type TaskState } from '../machine.ts'
import type { Bindings } from './binding.ts'
import { checkBindings } from './check.ts'
import { findBinding, targetOf } from './find.ts'
import { isRecord } from './parameters.ts'
import { nameIn, type Resource, resourceOf, waitsForToken } from './resource.ts'

export interface UnboundOptions {
  /** States that mocks answer for. */
  readonly mocked?: ReadonlySet<string>
  /** Where a part of the definition stands. */
  readonly at?: (path: readonly (string | number)[]) => Position | undefined
}

/** Bindings that are none, and every state whose resource is known beforehand and bound to nothing. What is only named by data is refused when it is called. */
export function unbound(machine: Machine, bindings: Bindings, options: UnboundOptions = {}): readonly Diagnostic[] {
  const found: Diagnostic[] = [...checkBindings(bindings)]
  for (const { name, state, path } of tasksIn(machine, [])) {
    const resource = resourceOf(state.Resource)
    const argument = literalArgument(state)
    const bound = options.mocked?.has(name) || findBinding(bindings, { state: name, resource, argument }) !== undefined
    if (bound || waitsForToken(resource) || isNamedByData(resource, state)) continue
    const at = options.at?.([...path, 'Resource'])
    const [message, rest] = unboundCall({ state: name, resource, target: targetOf(resource, argument), file: at?.file })
    found.push({ code: 'ASL_UNBOUND', severity: 'error', message, ...rest, ...(at === undefined ? {} : { at }) })
  }
  return found
}

interface Task {
  readonly name: string
  readonly state: TaskState
  readonly path: readonly (string | number)[]
}

function* tasksIn(machine: Machine, above: readonly (string | number)[]): Generator<Task> {
  for (const [name, state] of Object.entries(machine.States)) yield* tasksOf(name, state, [...above, 'States', name])
}

function* tasksOf(name: string, state: State, path: readonly (string | number)[]): Generator<Task> {
  if (state.Type === 'Task') yield { name, state, path }
  if (state.Type === 'Parallel')
    for (const [index, branch] of state.Branches.entries()) yield* tasksIn(branch, [...path, 'Branches', index])
  if (state.Type === 'Map')
    yield* tasksIn(processorOf(state), [...path, state.ItemProcessor ? 'ItemProcessor' : 'Iterator'])
}

/** The fields that are written out. */
function literalArgument({ Parameters, Arguments }: TaskState): Json {
  const given = Parameters ?? Arguments
  if (!isRecord(given)) return {}
  return Object.fromEntries(Object.entries(given).filter(([, value]) => !isExpression(value)))
}

const isExpression = (value: unknown): boolean => typeof value === 'string' && value.startsWith('{%')

/** Whom it calls stands in its data: then nothing is known, unless nothing of that kind is named at all. */
function isNamedByData(resource: Resource, state: TaskState): boolean {
  if (resource.kind !== 'service') return false
  const field =
    resource.service === 'lambda' ? 'FunctionName' : resource.service === 'states' ? 'StateMachineArn' : undefined
  if (field === undefined) return false
  return targetOf(resource, literalArgument(state)) === undefined
}

interface Unbound {
  readonly state: string
  readonly resource: Resource
  readonly target: string | undefined
  /** The definition's. */
  readonly file?: string | undefined
}

/** Sentence and hint. */
export function unboundCall({
  state,
  resource,
  target,
  file,
}: Unbound): [message: string, rest: { readonly hint: string }] {
  const called = target !== undefined && target !== resource.arn ? `${target} by ${resource.arn}` : resource.arn
  const where =
    file === undefined
      ? 'the binding file'
      : `${file.replace(/(?:\.asl)?\.[^./]+$/, '')}.bind.mjs, or what --bind names`
  return [
    `State ${JSON.stringify(state)} calls ${called}, which is bound to nothing`,
    { hint: `Add to ${where}: ${lineFor(state, resource, target)}` },
  ]
}

function lineFor(state: string, resource: Resource, target: string | undefined): string {
  const mock = `or ${quoted(state)}: { mock: { output: {} } }`
  const name = target === undefined ? undefined : nameIn(target)
  if (resource.kind === 'lambda' || (resource.kind === 'service' && resource.service === 'lambda'))
    return `${quoted(name ?? state)}: { lambda: './${fileName(name ?? state)}.mjs' }, ${mock}`
  if (resource.kind === 'service' && resource.service === 'states')
    return `${quoted(name ?? state)}: { machine: './${fileName(name ?? state)}.asl.json' }, ${mock}`
  if (resource.kind === 'service' && (resource.service === 'http' || resource.service === 'apigateway'))
    return `${quoted(resource.arn)}: { http: 'http://localhost:3000' }, ${mock}`
  const plain = resource.arn.replace(/\.(sync(:2)?|waitForTaskToken)$/, '')
  return `${quoted(plain)}: { command: './${fileName(state)}.sh' }, ${mock}`
}

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
const fileName = (text: string): string => text.replace(/[^\w-]+/g, '-').replace(/^-+|-+$/g, '') || 'handler'
