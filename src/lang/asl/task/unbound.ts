/** What a machine calls and nothing is bound to, told before it runs, with the line that would bind it. */
import type { Diagnostic, Position } from '../../../util/diagnostic.ts'
import type { Json } from '../../../util/json.ts'
import { isDoneHere } from '../items/objects.ts'
import { type Machine, processorOf, type State, type TaskState } from '../machine.ts'
import type { Path } from '../source.ts'
import type { Bindings } from './binding.ts'
import { checkBindings } from './check.ts'
import { type Called, findBinding, targetField, targetOf } from './find.ts'
import { isRecord } from './parameters.ts'
import { nameIn, needsBinding, requestArn, type Resource, resourceOf } from './resource.ts'

/** A machine, and where the parts of its text stand. */
interface Source {
  readonly machine: Machine
  readonly at?: (path: Path) => Position | undefined
}

/**
 * Bindings that are none, and every state whose resource is known beforehand and bound to nothing, in a machine and in those
 * that it may start. What is only named by data is refused when it is called. `mocked`: states that are answered for.
 */
export function unbound(
  sources: readonly Source[],
  bindings: Bindings,
  mocked: ReadonlySet<string> = new Set(),
): readonly Diagnostic[] {
  // One file binds what all of them call: that of the first.
  const file = sources[0]?.at?.([])?.file
  const isBound = (called: Called): boolean =>
    mocked.has(called.state) || findBinding(bindings, called) !== undefined || isOnFolder(bindings, called)
  return [...checkBindings(bindings), ...sources.flatMap(source => unboundIn(source, isBound, file))]
}

/** A call on a bucket that a folder stands for, or may: which bucket is known when it is called. */
function isOnFolder(bindings: Bindings, { resource, argument }: Called): boolean {
  if (resource.kind !== 'service' || resource.service !== 'aws-sdk:s3' || !isDoneHere(resource.action)) return false
  const bucket = isRecord(argument) ? argument['Bucket'] : undefined
  if (typeof bucket === 'string') return Object.hasOwn(bindings, `s3://${bucket}`)
  return Object.keys(bindings).some(key => key.startsWith('s3://'))
}

function unboundIn(
  { machine, at = () => undefined }: Source,
  isBound: (called: Called) => boolean,
  file: string | undefined,
): readonly Diagnostic[] {
  const found: Diagnostic[] = []
  for (const { name, state, path } of tasksIn(machine, [])) {
    const resource = resourceOf(state.Resource)
    const argument = literalArgument(state)
    if (isBound({ state: name, resource, argument }) || !needsBinding(resource) || isNamedByData(resource, state))
      continue
    const target = targetOf(resource, argument)
    const [message, rest] = unboundCall({ state: name, resource, target, file })
    const place = at([...path, 'Resource'])
    found.push({ code: 'ASL_UNBOUND', severity: 'error', message, ...rest, ...(place ? { at: place } : {}) })
  }
  return found
}

interface Task {
  readonly name: string
  readonly state: TaskState
  readonly path: Path
}

function* tasksIn(machine: Machine, above: Path): Generator<Task> {
  for (const [name, state] of Object.entries(machine.States)) yield* tasksOf(name, state, [...above, 'States', name])
}

function* tasksOf(name: string, state: State, path: Path): Generator<Task> {
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
  return targetField(resource) !== undefined && targetOf(resource, literalArgument(state)) === undefined
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
  if (resource.kind !== 'service' || resource.service === 'lambda')
    return `${quoted(name ?? state)}: { lambda: './${fileName(name ?? state)}.mjs' }, ${mock}`
  if (resource.service === 'states')
    return `${quoted(name ?? state)}: { machine: './${fileName(name ?? state)}.asl.json' }, ${mock}`
  if (resource.service === 'http' || resource.service === 'apigateway')
    return `${quoted(resource.arn)}: { http: 'http://localhost:3000' }, ${mock}`
  if (resource.service === 'aws-sdk:s3' && isDoneHere(resource.action)) return `'s3://BUCKET': './folder', ${mock}`
  return `${quoted(requestArn(resource))}: { command: './${fileName(state)}.sh' }, ${mock}`
}

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
const fileName = (text: string): string => text.replace(/[^\w-]+/g, '-').replace(/^-+|-+$/g, '') || 'handler'
