/** Bindings as users write them, also in JSON: what is none of the known kinds is told before anything runs. */
import { definitionOf } from '../../../dsl/definition.ts'
import type { Diagnostic } from '../../../util/diagnostic.ts'
import { nearestName } from '../../../util/nearest.ts'
import { isRecord } from './parameters.ts'

type Check = (value: unknown) => boolean

const isText: Check = value => typeof value === 'string' && value !== ''
const isTexts: Check = value =>
  Array.isArray(value) && value.length > 0 && value.every(each => typeof each === 'string')
const isTextRecord: Check = value => isRecord(value) && Object.values(value).every(each => typeof each === 'string')
const isPositive: Check = value => typeof value === 'number' && value > 0
const isAddress: Check = value => typeof value === 'string' && URL.canParse(value) && /^https?:/.test(value)

interface Kind {
  /** The field that makes it one. */
  readonly field: string
  readonly is: Check
  /** What it must be, for people. */
  readonly what: string
  readonly others: { readonly [field: string]: Check }
}

const KINDS: readonly Kind[] = [
  {
    field: 'command',
    is: value => isText(value) || isTexts(value),
    what: 'a text for the shell, or a list of words',
    others: { cwd: isText, env: isTextRecord },
  },
  {
    field: 'http',
    is: isAddress,
    what: 'an address that begins with http:// or https://',
    others: { method: isText, headers: isTextRecord },
  },
  {
    field: 'lambda',
    is: value => typeof value === 'string' && /\.(?:[cm]?[jt]s|py)$/.test(value),
    what: 'the path of a file that ends in .mjs, .js, .cjs, .ts or .py',
    others: { handler: isText, timeoutSeconds: isPositive, memoryMb: isPositive, env: isTextRecord, python: isText },
  },
  {
    field: 'machine',
    is: value => isText(value) || isRecord(value),
    what: 'the path of a definition, or one',
    others: { type: value => value === 'STANDARD' || value === 'EXPRESS' },
  },
  { field: 'callback', is: () => true, what: 'a binding', others: {} },
  {
    field: 'mock',
    is: value => (Array.isArray(value) ? value.length > 0 && value.every(isOutcome) : isOutcome(value)),
    what: '{ output }, { error, cause } or { timedOut: true }, or a list of them',
    others: {},
  },
]

function isOutcome(value: unknown): boolean {
  return isRecord(value) && ['output', 'error', 'cause', 'timedOut'].some(field => Object.hasOwn(value, field))
}

export function checkBindings(bindings: { readonly [key: string]: unknown }): readonly Diagnostic[] {
  return Object.entries(bindings).flatMap(([key, binding]) => {
    const problem = problemOf(key, binding)
    return problem ? [{ code: 'ASL_BINDING_BAD', severity: 'error' as const, ...problem }] : []
  })
}

type Problem = Pick<Diagnostic, 'message' | 'hint'>

function problemOf(key: string, binding: unknown): Problem | undefined {
  if (key.startsWith('s3://'))
    return isText(binding)
      ? undefined
      : { message: `'${key}' is bound to no folder`, hint: `For example '${key}': './data'.` }
  if (typeof binding === 'function') return functionProblem(key, binding)
  if (!isRecord(binding)) return { message: `'${key}' is bound to ${shown(binding)}`, hint: HINT }
  const kinds = KINDS.filter(({ field }) => Object.hasOwn(binding, field))
  const [kind, other] = kinds
  if (!kind) return unknownKind(key, Object.keys(binding))
  if (other) return { message: `'${key}' is bound to both ${kind.field} and ${other.field}`, hint: 'Keep one of them.' }
  if (!kind.is(binding[kind.field]))
    return { message: `The ${kind.field} of '${key}' is ${shown(binding[kind.field])}`, hint: `It is ${kind.what}.` }
  return kind.field === 'callback' ? problemOf(key, binding['callback']) : problemInFields(key, kind, binding)
}

function functionProblem(key: string, bound: unknown): Problem | undefined {
  const definition = definitionOf(bound)
  if (definition === undefined || definition.kind === 'task' || definition.kind === 'effect') return undefined
  return {
    message: `'${key}' is bound to the ${definition.kind} ${definition.name}`,
    hint: 'Bind a function, a task or an effect.',
  }
}

function problemInFields(
  key: string,
  { field, others }: Kind,
  binding: { readonly [name: string]: unknown },
): Problem | undefined {
  for (const [name, value] of Object.entries(binding)) {
    if (name === field || value === undefined) continue
    const check = Object.hasOwn(others, name) ? others[name] : undefined
    if (!check)
      return { message: `'${key}' has a field ${name}, which no ${field} has`, hint: known(name, Object.keys(others)) }
    if (!check(value)) return { message: `The ${name} of '${key}' cannot be ${shown(value)}`, hint: HINT }
  }
  return undefined
}

const HINT = 'A binding is a function, { command }, { http }, { lambda }, { machine }, { callback } or { mock }.'

function unknownKind(key: string, fields: readonly string[]): Problem {
  const near = fields
    .map(field =>
      nearestName(
        field,
        KINDS.map(kind => kind.field),
      ),
    )
    .find(name => name !== undefined)
  return { message: `'${key}' is bound to { ${fields.join(', ')} }`, hint: near ? `Did you mean ${near}?` : HINT }
}

function known(name: string, others: readonly string[]): string {
  const near = nearestName(name, others)
  if (near) return `Did you mean ${near}?`
  return others.length > 0 ? `It may have ${others.join(', ')}.` : 'It has no other field.'
}

const shown = (value: unknown): string => JSON.stringify(value) ?? String(value)
