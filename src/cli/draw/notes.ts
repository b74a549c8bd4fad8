/** The second line of a box: what a step reads, chooses by, waits for or is held to. Only what the graph itself says. */
import type { Expr, Lock, Node, Policy, Probe, Rest, Retry } from '../../core/graph/graph.ts'
import { unreachable } from '../../util/unreachable.ts'
import { clip, showDuration } from '../render/text.ts'

const DOT = ' · '
const LITERAL_COLUMNS = 24

/** The display name of a node, `up` regions around who asks. */
export type NameOf = (id: string, up: number) => string

/** As seen from inside a body of the node: its own region is one further out. */
export const insideOf =
  (nameOf: NameOf): NameOf =>
  (id, up) =>
    up === 0 ? id : nameOf(id, up - 1)

/** What is particular to the node, then what it is held to. */
export const noteOf = (node: Node, nameOf: NameOf): string =>
  [...ownNotes(node, nameOf), ...policyNotes(node.policy)].join(DOT)

function ownNotes(node: Node, nameOf: NameOf): readonly string[] {
  switch (node.kind) {
    case 'source':
      return [sourceNote(node.source)]
    case 'call':
      return node.recurs === undefined ? otherName(node.workflow, node.name) : [`again ${node.workflow}`]
    case 'task':
    case 'effect':
      return otherName(node.task, node.name)
    case 'service':
      return [...otherName(node.task, node.name), ...readyNote(node.service.ready)]
    case 'flow':
      return otherName(node.flow, node.name)
    case 'when':
      return [`if ${exprText(node.condition, nameOf)}`]
    case 'match':
      return [node.by ? `${exprText(node.value, nameOf)} by ${node.by}` : exprText(node.value, nameOf)]
    case 'any':
      return ['all that hold']
    case 'race':
      return ['the first wins']
    case 'some':
      return [`${node.count} of ${Object.keys(node.arms).length}`, ...restNote(node.rest)]
    case 'each':
      return eachNotes(node, nameOf)
    case 'loop':
      return [`${node.test} ${exprText(node.condition, insideOf(nameOf))}`, ...limitNote(node.limit)]
    case 'wait':
      return [waitNote(node.on, nameOf)]
    case 'scope':
      return [
        ...(node.until === undefined ? [] : [`only before ${nameOf(node.until, 0)}`]),
        ...(node.join === 'detached' ? ['detached'] : []),
      ]
    case 'cancel':
      return [
        `cancels ${nameOf(node.target.node, node.target.up)}`,
        ...(node.dependents === 'run' ? ['what follows runs'] : []),
      ]
    case 'net':
      return [`${node.places.length} places`, `${node.transitions.length} transitions`]
    case 'attempt':
      return []
  }
}

const otherName = (name: string, shown: string): readonly string[] => (name === shown ? [] : [name])

/** How it is seen that a service is ready, where that is not the usual way. */
function readyNote(ready: Probe): readonly string[] {
  switch (ready.kind) {
    case 'tcp':
    case 'started':
      return []
    case 'http':
      return [`ready by GET ${ready.path}`]
    case 'log':
      return [`ready by /${ready.pattern}/${ready.flags}`]
    case 'file':
      return [`ready by ${ready.path}`]
    case 'exit':
      return ['ready when it has ended']
    case 'function':
      return [`ready by ${ready.fn}`]
    default:
      return unreachable(ready)
  }
}

function sourceNote(source: Extract<Node, { kind: 'source' }>['source']): string {
  switch (source.kind) {
    case 'files':
      return source.globs.join(', ') + (source.ignore === 'gitignore' ? `${DOT}without ignored ones` : '')
    case 'file':
    case 'dir':
      return source.path
    case 'env':
      return `$${source.name}`
    case 'http':
      return source.url + (source.everyMs === undefined ? '' : `${DOT}every ${shortDuration(source.everyMs)}`)
    case 'time':
      return `every ${shortDuration(source.everyMs)}`
    case 'result':
      return `the result of ${source.workflow}`
    case 'function':
      return source.task
  }
}

function eachNotes(node: Extract<Node, { kind: 'each' }>, nameOf: NameOf): readonly string[] {
  const { tolerate, until } = node
  return [
    `of ${exprText(node.items, nameOf)}`,
    ...(node.concurrency === undefined ? [] : [`at most ${node.concurrency} at once`]),
    ...(node.batch === undefined ? [] : [`batches of ${node.batch}`]),
    ...(tolerate === undefined
      ? []
      : [`${'count' in tolerate ? tolerate.count : `${Math.round(tolerate.share * 100)} %`} may fail`]),
    ...(until === undefined ? [] : [`until ${until.count} succeed`, ...restNote(until.rest)]),
    ...(node.more === undefined ? [] : [`grows by signal ${node.more.signal}`]),
  ]
}

function restNote(rest: Rest): readonly string[] {
  switch (rest) {
    case 'cancel':
      return ['the rest is cancelled']
    case 'finish':
      return ['the rest ends first']
    case 'detach':
      return ['the rest runs on']
  }
}

const limitNote = (limit: number | undefined): readonly string[] =>
  limit === undefined ? [] : [limit === 0 ? 'no limit' : `at most ${limit} turns`]

function waitNote(on: Extract<Node, { kind: 'wait' }>['on'], nameOf: NameOf): string {
  switch (on.kind) {
    case 'signal':
      return `signal ${on.signal}`
    case 'instant':
      return `until ${exprText(on.instant, nameOf)}`
    case 'timer':
      return on.duration.kind === 'literal' && typeof on.duration.value === 'number'
        ? `for ${shortDuration(on.duration.value)}`
        : `for ${exprText(on.duration, nameOf)}`
  }
}

function policyNotes(policy: Policy): readonly string[] {
  return [
    ...lockNote(policy.locks ?? []),
    ...(policy.pool === undefined ? [] : [`pool ${policy.pool.name}`]),
    ...retryNote(policy.retry ?? []),
    ...(policy.exhausted === 'park' ? ['parks'] : []),
    ...(policy.timeoutMs === undefined ? [] : [`timeout ${shortDuration(policy.timeoutMs)}`]),
    ...(policy.heartbeatMs === undefined ? [] : [`heartbeat ${shortDuration(policy.heartbeatMs)}`]),
    ...(policy.deadlineMs === undefined ? [] : [`deadline ${shortDuration(policy.deadlineMs)}`]),
  ]
}

const lockNote = (locks: readonly Lock[]): readonly string[] =>
  locks.length === 0 ? [] : [`lock ${locks.map(lock => lock.name).join(', ')}`]

function retryNote(rules: readonly Retry[]): readonly string[] {
  return rules.length === 0 ? [] : [`retry ${rules.map(rule => rule.times).join('+')}`]
}

/** `3d`, `1h30m`, `5s`: what people write, where a measured `1h00m` would be too exact. */
export const shortDuration = (ms: number): string =>
  showDuration(ms)
    .replace(/\.0s$/, 's')
    .replace(/(?<=\D)0(\d)/, '$1')
    .replace(/(?<=[hmd])0[hms]$/, '')

/** What another language wrote down as a text is too long to be read here. */
const argumentText = (expr: Expr, nameOf: NameOf): string =>
  expr.kind === 'literal' && typeof expr.value === 'string' && expr.value.length > LITERAL_COLUMNS
    ? '…'
    : exprText(expr, nameOf)

/** An expression in few words: names and fields as they are, functions as ƒ. */
export function exprText(expr: Expr, nameOf: NameOf): string {
  switch (expr.kind) {
    case 'literal':
      return clip(JSON.stringify(expr.value), LITERAL_COLUMNS)
    case 'node':
      return [nameOf(expr.node, expr.up), ...expr.path].join('.')
    case 'param':
      return [expr.param, ...expr.path].join('.')
    case 'apply':
      return [`ƒ(${expr.args.map(arg => argumentText(arg, nameOf)).join(', ')})`, ...expr.path].join('.')
    case 'record':
      return '{…}'
    case 'list':
      return `[${expr.items.length}]`
    case 'resource':
      return expr.resource.kind === 'output' ? expr.resource.path : `${expr.resource.kind} ${expr.resource.name}`
  }
}
