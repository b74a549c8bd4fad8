/** A difference as one line for people. */
import type { Expr, Resource } from '../core/graph/graph.ts'
import type { Json } from '../util/json.ts'
import { unreachable } from '../util/unreachable.ts'
import type { Change, StepName, TypeChange } from './change.ts'
import { isExpr } from './places.ts'
import type { Package } from './version.ts'

export function changeText(change: Change): string {
  switch (change.kind) {
    case 'parameter.added':
      return `parameter ${change.name} added, ${change.required ? 'to be given' : 'with a default'}`
    case 'parameter.removed':
      return `parameter ${change.name} removed`
    case 'parameter.changed':
      return `parameter ${change.name} ${parameterText(change)}`
    case 'result.added':
      return `result ${change.path} added`
    case 'result.removed':
      return `result ${change.path} removed`
    case 'result.changed':
      return `result${change.path === '' ? '' : ` ${change.path}`} ${GIVES[change.how]}: ${fromTo(change)}`
    case 'signal.added':
      return `signal ${change.name} added`
    case 'signal.removed':
      return `signal ${change.name} removed`
    case 'signal.changed':
      return `signal ${change.name} ${signalText(change)}`
    case 'step.added':
      return `${change.is} ${change.step.shown} added`
    case 'step.removed':
      return `${change.is} ${change.step.shown} removed`
    case 'step.renamed':
      return renameText(change)
    case 'step.moved':
      return `${change.before.shown} moved to ${change.step.shown}`
    case 'step.changed':
      return `${change.step.shown}: ${change.field} ${fromTo(change)}`
    case 'edge.added':
      return `${change.to.shown} ${change.carries === 'value' ? 'takes from' : 'waits for'} ${change.from.shown} now`
    case 'edge.removed':
      return `${change.to.shown} no longer ${change.carries === 'value' ? 'takes from' : 'waits for'} ${change.from.shown}`
    case 'code.changed':
      return `code of ${change.address} changed${callersText(change)}`
    case 'signature.changed':
      return `${change.part} of ${change.address} ${(change.part === 'result' ? GIVES : TAKES)[change.how]}: ${fromTo(change)}`
    case 'package.changed':
      return packageText(change.before, change.after)
    case 'workflow.changed':
      return `${change.field} of the workflow ${fromTo(change)}`
    default:
      return unreachable(change)
  }
}

type Texts = { readonly [how in TypeChange | 'extended']: string }

const TAKES: Texts = {
  widened: 'takes more',
  narrowed: 'takes less',
  changed: 'has another type',
  extended: 'has more fields',
}
const GIVES: Texts = {
  widened: 'may be more',
  narrowed: 'is narrower',
  changed: 'has another type',
  extended: 'has more fields',
}

function parameterText(change: Extract<Change, { kind: 'parameter.changed' }>): string {
  switch (change.how) {
    case 'required':
      return 'must be given now'
    case 'optional':
      return 'need not be given any more'
    case 'default':
      return `has another default: ${fromTo(change)}`
    default:
      return `${TAKES[change.how]}: ${fromTo(change)}`
  }
}

function signalText(change: Extract<Change, { kind: 'signal.changed' }>): string {
  switch (change.how) {
    case 'kept':
      return 'is kept when it comes early'
    case 'transient':
      return 'is lost when it comes early'
    default:
      return `${TAKES[change.how]}: ${fromTo(change)}`
  }
}

function renameText({ before, step, by }: Extract<Change, { kind: 'step.renamed' }>): string {
  if (before.shown === step.shown) return `${step.shown} has another id: ${lastOf(before)} → ${lastOf(step)}`
  const how = by === 'content' ? ', found by its content' : by === 'declared' ? ', as declared' : ''
  return `${before.shown} is called ${step.shown} now${how}`
}

const lastOf = ({ path }: StepName): string => path.slice(path.lastIndexOf('/') + 1)

/** Not those that are called the same. */
function callersText({ address, steps }: Extract<Change, { kind: 'code.changed' }>): string {
  const names = steps.map(({ shown }) => shown).filter(name => name !== address)
  const shown = names.slice(0, CALLERS_MAX).join(', ')
  return shown === '' ? '' : ` (${shown}${names.length > CALLERS_MAX ? ` and ${names.length - CALLERS_MAX} more` : ''})`
}
const CALLERS_MAX = 3

function packageText(before: Package | undefined, after: Package | undefined): string {
  const name = before?.name ?? after?.name ?? ''
  if (!before) return `package ${name} ${after?.version} added`
  if (!after) return `package ${name} ${before.version} removed`
  return before.version === after.version
    ? `package ${name} ${after.version} has other content`
    : `package ${name} ${before.version} → ${after.version}`
}

const fromTo = ({ before, after }: { readonly before?: Json | undefined; readonly after?: Json | undefined }): string =>
  `${valueText(before)} → ${valueText(after)}`

/** A value of a field in a line: short, and expressions as they are written. */
export function valueText(value: Json | undefined): string {
  if (value === undefined) return 'none'
  const text = shortText(value)
  return text.length > VALUE_MAX ? `${text.slice(0, VALUE_MAX - 1)}…` : text
}
const VALUE_MAX = 60

function shortText(value: Json): string {
  if (typeof value === 'object' && value !== null) {
    if (isExpr(value)) return exprText(value as unknown as Expr)
    if (!Array.isArray(value))
      return `{${Object.entries(value)
        .map(([key, field]) => `${key}: ${shortText(field ?? null)}`)
        .join(', ')}}`
    return `[${(value as readonly Json[]).map(shortText).join(', ')}]`
  }
  return JSON.stringify(value)
}

function exprText(expr: Expr): string {
  switch (expr.kind) {
    case 'literal':
      return shortText(expr.value)
    case 'node':
      return expr.node + pathText(expr.path)
    case 'param':
      return expr.param + pathText(expr.path)
    case 'record':
      return `{${Object.entries(expr.fields)
        .map(([name, field]) => `${name}: ${exprText(field)}`)
        .join(', ')}}`
    case 'list':
      return `[${expr.items.map(exprText).join(', ')}]`
    case 'apply':
      return `${expr.args.map(exprText).join(', ')}.to(…)${pathText(expr.path)}`
    case 'resource':
      return resourceText(expr.resource)
  }
}

const resourceText = (resource: Resource): string =>
  `${resource.kind}(${JSON.stringify(resource.kind === 'output' ? resource.path : resource.name)})`

const pathText = (path: readonly (string | number)[]): string =>
  path.map(key => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join('')
