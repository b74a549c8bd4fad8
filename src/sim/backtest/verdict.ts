/** What the replay of a run says: whether it would have ended as it did, and where it would first have been different. */
import type { Event, Expr, Bound, Graph, Node, Position, StepId, ValueRef } from '../../core/index.ts'
import { nodeOfStep } from '../../run/downstream.ts'
import { unreachable } from '../../util/unreachable.ts'
import type { ValueStore } from '../../values/index.ts'
import type { Ids } from './ids.ts'
import type { Past } from './past.ts'
import type { Decided, Replayed } from './replay.ts'
import type { End, Trail } from './trail.ts'
import type { Unknown, UnknownStep } from './unknown.ts'

/** In what a run would have been different. `way`: only in choices or outcomes on the way. */
export type How = 'status' | 'output' | 'effects' | 'way'

/** Where, for people and programs. */
export interface Place {
  /** The step as the new version calls it; that of the run, when the new version has none. '' is the run itself. */
  readonly step: StepId
  /** For display. */
  readonly name: string
  readonly at?: Position
  /** What was, and what would be. */
  readonly then?: string
  readonly now?: string
  /** The values that decided it. */
  readonly values?: readonly { readonly name: string; readonly value: unknown }[]
  /** One line; the same for all runs that are different in the same way. */
  readonly text: string
}

export type Verdict =
  | { readonly kind: 'same' }
  /** `how`: in what. `open`: what would come after the first difference is not known. */
  | { readonly kind: 'differs'; readonly how: readonly How[]; readonly where: Place; readonly open: boolean }
  | { readonly kind: 'unknown'; readonly why: Unknown; readonly where: Place }

interface Difference {
  readonly how: How
  /** How many facts of the replay come before it. */
  readonly after: number
  readonly place: () => Place | Promise<Place>
}

export interface Comparing {
  readonly past: Past
  readonly graph: Graph
  readonly ids: Ids
  readonly values: ValueStore
}

export async function verdictOf(comparing: Comparing, replayed: Replayed): Promise<Verdict> {
  const guess = replayed.unknown.find(({ why }) => why === 'retried')
  const differences = [...(await differencesOf(comparing, replayed))]
    .filter(({ after }) => guess === undefined || after <= guess.after)
    .sort((a, b) => a.after - b.after)
  const [first] = differences
  const [unknown] = replayed.unknown
  if (first)
    return {
      kind: 'differs',
      how: HOWS.filter(how => differences.some(each => each.how === how)),
      where: await first.place(),
      open: unknown !== undefined,
    }
  return unknown ? { kind: 'unknown', why: unknown.why, where: unknownPlace(unknown) } : { kind: 'same' }
}

const HOWS: readonly How[] = ['status', 'output', 'effects', 'way']

async function differencesOf(comparing: Comparing, replayed: Replayed): Promise<readonly Difference[]> {
  const { past, ids } = comparing
  const { trail, end } = replayed
  const found: Difference[] = []
  const steps = (step: StepId): Steps => stepsOf(comparing, trail, step)
  for (const [after, fact] of trail.facts.entries()) {
    const then = ids.then(fact.step)
    switch (fact.kind) {
      case 'chose': {
        const before = past.trail.choices.get(then)?.[fact.nth]
        if (before !== undefined && before !== fact.what)
          found.push({
            how: 'way',
            after,
            place: () => choicePlace(comparing, replayed, steps(fact.step), before, fact.what),
          })
        break
      }
      case 'began':
        if (!past.trail.began.has(then) && steps(fact.step).kind === 'effect')
          found.push({ how: 'effects', after, place: () => runPlace(steps(fact.step), 'now') })
        break
      case 'ended': {
        const before = past.trail.ends.get(then)
        if (before && !isSameEnd(before, fact.how) && trail.ends.get(fact.step) === fact.how)
          found.push({
            how: 'way',
            after,
            place: () => placed(steps(fact.step), endText(before), endText(fact.how), isSameKind(before, fact.how)),
          })
        break
      }
      case 'expired':
        if (!past.trail.expired.has(then))
          found.push({ how: 'way', after, place: () => expiredPlace(steps(fact.step)) })
        break
      default:
        unreachable(fact)
    }
  }
  for (const { step, after } of replayed.otherArguments)
    found.push({
      how: 'effects',
      after,
      place: () => ({ ...placed(steps(step)), text: `${steps(step).name} would be called with other arguments` }),
    })
  const after = trail.facts.length
  if (end) {
    found.push(...effectDifferences(comparing, trail))
    found.push(...(await endDifferences(comparing, end, after)))
  } else if (replayed.unknown.length === 0 && past.ended)
    found.push({ how: 'status', after, place: () => waitingPlace(comparing, replayed) })
  return found
}

/** Effects that would be left out, or come in another order. */
function* effectDifferences(comparing: Comparing, trail: Trail): Iterable<Difference> {
  const { past, ids } = comparing
  const after = trail.facts.length
  const isEffect = (graph: Graph, of: Trail) => (step: StepId) => kindOf(graph, of, step) === 'effect'
  const before = [...past.trail.began].filter(isEffect(past.graph, past.trail))
  const now = [...trail.began].filter(isEffect(comparing.graph, trail)).map(ids.then)
  for (const step of before)
    if (!trail.began.has(ids.now(step)))
      yield { how: 'effects', after, place: () => runPlace(stepsThen(comparing, step), 'then') }
  const common = before.filter(step => now.includes(step))
  const order = now.filter(step => common.includes(step))
  const index = common.findIndex((step, at) => order[at] !== step)
  const [then, other] = [common[index], order[index]]
  if (then === undefined || other === undefined) return
  const other2 = stepsOf(comparing, trail, ids.now(other))
  const text = `${other2.name} would be run before ${stepsOf(comparing, trail, ids.now(then)).name}`
  yield { how: 'effects', after, place: () => ({ ...placed(other2), text }) }
}

async function endDifferences(
  { past, graph, values }: Comparing,
  end: Extract<Event, { kind: 'run.ended' }>,
  after: number,
): Promise<readonly Difference[]> {
  const then = past.ended?.event
  if (!then) return []
  const run = { step: '', name: graph.name } as const
  if (then.status !== end.status) {
    const text = `the run would be ${statusText(end)}, where it was ${statusText(then)}`
    return [{ how: 'status', after, place: () => ({ ...run, then: then.status, now: end.status, text }) }]
  }
  if (end.status !== 'succeeded')
    return then.fault?.code === end.fault?.code
      ? []
      : [
          {
            how: 'status',
            after,
            place: () => ({
              ...run,
              then: then.fault?.code ?? '',
              now: end.fault?.code ?? '',
              text: `the run would be ${statusText(end)}, where it was ${statusText(then)}`,
            }),
          },
        ]
  if (await isSameValue(values, then.output, end.output)) return []
  return [
    {
      how: 'output',
      after,
      place: async () => {
        const [before, now] = [await valueText(values, then.output), await valueText(values, end.output)]
        return { ...run, then: before, now, text: 'the result would be another' }
      },
    },
  ]
}

const statusText = ({ status, fault }: Extract<Event, { kind: 'run.ended' }>): string =>
  fault && status !== 'succeeded' ? `${status} (${fault.code})` : status

/** What was kept by a route or an older codec is compared as a value. */
async function isSameValue(values: ValueStore, a: ValueRef | undefined, b: ValueRef | undefined): Promise<boolean> {
  if (!a || !b) return a === b
  if (a.codec === b.codec) return a.hash === b.hash
  const [left, right] = await Promise.all(
    [a, b].map(async ref => values.encode(await values.decode(ref), { task: 'the result' })),
  )
  return left?.hash === right?.hash && left?.codec === right?.codec
}

const TEXT_MAX = 60

async function valueText(values: ValueStore, ref: ValueRef | undefined): Promise<string> {
  if (!ref) return 'nothing'
  try {
    return shortText(await values.decode(ref))
  } catch {
    return `${ref.codec} ${ref.hash.slice(0, 12)}`
  }
}

export function shortText(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length <= TEXT_MAX ? text : `${text.slice(0, TEXT_MAX - 1)}…`
}

const isSameKind = (a: End, b: End): boolean => a.kind === b.kind && a.code === b.code
const isSameEnd = (a: End, b: End): boolean => isSameKind(a, b) && a.value === b.value

function endText({ kind, code }: End): string {
  switch (kind) {
    case 'failed':
      return `failed (${code ?? 'FAILED'})`
    case 'succeeded':
    case 'cancelled':
      return kind
    default:
      return unreachable(kind)
  }
}

// ---- places

interface Steps {
  readonly step: StepId
  readonly kind: Node['kind'] | undefined
  readonly name: string
  readonly at: Position | undefined
}

const kindOf = (graph: Graph, { calls }: Trail, step: StepId): Node['kind'] | undefined => {
  const call = calls.get(step)
  if (call) return call.target.kind === 'node' ? call.target.node.kind : 'call'
  return nodeOfStep(graph, step)?.kind
}

function stepsOf({ graph }: Comparing, trail: Trail, step: StepId): Steps {
  const call = trail.calls.get(step)
  if (call?.target.kind === 'node') {
    const { kind, name, at } = call.target.node
    return { step, kind, name: `${name} (${step})`, at }
  }
  const node = nodeOfStep(graph, step)
  return { step, kind: node?.kind, name: named(step, node), at: node?.at }
}

function stepsThen({ past }: Comparing, step: StepId): Steps {
  const node = nodeOfStep(past.graph, step)
  return { step, kind: node?.kind, name: named(step, node), at: node?.at }
}

/** The id says which of several it is, the name what people call it. */
const named = (step: StepId, node: Node | undefined): string =>
  node === undefined || node.name === node.id ? step : step === node.id ? node.name : `${node.name} (${step})`

function placed({ step, name, at }: Steps, then?: string, now?: string, isValue = false): Place {
  const common = { step, name, ...(at ? { at } : {}) }
  if (then === undefined || now === undefined) return { ...common, text: name }
  if (isValue) return { ...common, text: `${name} would give another value` }
  return { ...common, then, now, text: `${name} would be ${now}, where it was ${then}` }
}

/** An effect that is only run in one of them. */
function runPlace(steps: Steps, when: 'then' | 'now'): Place {
  const text =
    when === 'now' ? `${steps.name} would be run, where it was not` : `${steps.name} would not be run, where it was`
  return { ...placed(steps), text }
}

function expiredPlace(steps: Steps): Place {
  const name = steps.step === '' ? 'the run' : steps.name
  return { ...placed(steps), name, text: `${name} would reach its deadline` }
}

async function choicePlace(
  comparing: Comparing,
  { decided }: Replayed,
  steps: Steps,
  then: string,
  now: string,
): Promise<Place> {
  const values = decided?.step === steps.step ? await decidingValues(comparing, decided) : []
  return {
    ...placed(steps),
    then,
    now,
    ...(values.length > 0 ? { values } : {}),
    text:
      steps.kind === 'each'
        ? `${steps.name} would go over other items`
        : `${steps.name} would choose ${now}, where it chose ${then}`,
  }
}

function waitingPlace(comparing: Comparing, { waits, trail }: Replayed): Place {
  const [wait] = waits
  if (!wait) return { step: '', name: comparing.graph.name, text: 'the run would not end' }
  const steps = stepsOf(comparing, trail, wait.step)
  const what = wait.kind === 'signal' ? `wait for signal ${wait.signal}` : wait.kind === 'parked' ? 'be parked' : 'wait'
  return {
    ...placed(steps),
    then: comparing.past.ended?.event.status ?? '',
    now: 'waiting',
    text: `${steps.name} would still ${what}, where the run ${comparing.past.ended?.event.status ?? 'ended'}`,
  }
}

const UNKNOWN_TEXT: { readonly [K in Unknown]: string } = {
  new: 'is new',
  'not-run': 'was not run then',
  arguments: 'would be called with other arguments',
  source: 'takes in something else',
  retried: 'would be tried again',
  'more-time': 'would have more time',
  stopped: 'was stopped before its end, and would not be',
  hangs: 'does not go on by itself',
  endless: 'does not come to an end',
}

function unknownPlace({ step, why, node }: UnknownStep): Place {
  const name = step === '' ? 'the run' : named(step, node)
  const at = node?.at
  return { step, name, ...(at ? { at } : {}), text: `${name} ${UNKNOWN_TEXT[why]}` }
}

// ---- what decided

/** The values that a choice hangs on, by what they are called in the workflow. */
async function decidingValues(
  { graph, values }: Comparing,
  { step, node, args }: Decided,
): Promise<readonly { readonly name: string; readonly value: unknown }[]> {
  const leaves = conditionsOf(node).flatMap((expr, index) => {
    const bound = args[index]
    return bound ? leavesOf(expr, bound, up => namesAround(graph, step, up)) : []
  })
  const named = new Map<string, Bound>(leaves.map(({ name, bound }) => [name, bound]))
  const found: { name: string; value: unknown }[] = []
  for (const [name, bound] of [...named].slice(0, VALUES_MAX)) {
    if (bound.kind === 'literal') found.push({ name, value: bound.value })
    if (bound.kind === 'value')
      found.push({ name, value: await values.decode(bound.value, bound.path).catch(() => 'unreadable') })
  }
  return found
}

const VALUES_MAX = 5

function conditionsOf(node: Node): readonly Expr[] {
  switch (node.kind) {
    case 'when':
    case 'loop':
      return [node.condition]
    case 'match':
      return [node.value]
    case 'each':
      return [node.items]
    case 'any':
      return Object.values(node.arms).map(({ condition }) => condition)
    default:
      return []
  }
}

type Names = (up: number) => (id: string) => string

function leavesOf(expr: Expr, bound: Bound, names: Names): readonly { readonly name: string; readonly bound: Bound }[] {
  switch (expr.kind) {
    case 'node':
      return [{ name: [names(expr.up)(expr.node), ...expr.path].join('.'), bound }]
    case 'param':
      return [{ name: [expr.param, ...expr.path].join('.'), bound }]
    case 'apply':
      return bound.kind === 'apply' ? pairs(expr.args, bound.args, names) : []
    case 'list':
      return bound.kind === 'list' ? pairs(expr.items, bound.items, names) : []
    case 'record':
      return bound.kind === 'record'
        ? Object.entries(expr.fields).flatMap(([name, field]) => {
            const value = bound.fields[name]
            return value ? leavesOf(field, value, names) : []
          })
        : []
    case 'literal':
    case 'resource':
      return []
    default:
      return unreachable(expr)
  }
}

const pairs = (exprs: readonly Expr[], bounds: readonly Bound[], names: Names) =>
  exprs.flatMap((expr, index) => {
    const bound = bounds[index]
    return bound ? leavesOf(expr, bound, names) : []
  })

/** What people call the nodes of the region around a step, or of one further up. */
function namesAround(graph: Graph, step: StepId, up: number): (id: string) => string {
  const scopes = step.split('/').slice(0, -1)
  const around = scopes.slice(0, scopes.length - up)
  return id => nodeOfStep(graph, [...around, id].join('/'))?.name ?? id
}
