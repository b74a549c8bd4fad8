/**
 * Steps with several scopes side by side: each, any, race, some. They are one thing, a join that needs so many successes
 * and bears so many failures:
 *
 *              needs          bears
 *     any      all chosen     none
 *     race     1              all but one
 *     some     count          all but count
 *     each     all            what is tolerated; with `until`, all but its count
 *
 *     joining --enough passed--> decided --(rest: cancelled, finished, or left behind)--> passed
 *             --all ended, no more may come------------------------------------------> passed
 *             --too many failed--> failing --(the others have left)--> failed
 *
 *   E12. The value of a join is known when it is decided; what ends later changes nothing.
 */
import { invariant, unreachable } from '../../util/unreachable.ts'
import type { Node, Rest } from '../graph/graph.ts'
import { UNDEFINED } from './bind.ts'
import type { Turn } from './fire.ts'
import type { Bound, Event, Fault } from './protocol.ts'
import { enterRegion, type Left } from './scopes.ts'
import { childrenOf, closeScope, drainStep, endStopped, isShielded, passStep } from './settle.ts'
import { stopWaiting, waitForSignal } from './signals.ts'
import { type Cause, idOf, type ManyState, nodeOf, type Place, ScopeStatus, Status } from './state.ts'

export type ManyNode = Extract<Node, { kind: 'each' | 'any' | 'race' | 'some' }>

/** Causes that a fault of a join keeps: enough to see what happened, bounded for 100,000 items. */
const FAILURES_KEPT = 20

const newMany = (keys: readonly string[], items: Bound, count: number): ManyState => ({
  kind: 'many',
  keys: [...keys],
  items,
  added: [],
  count,
  results: [],
  failures: [],
  next: 0,
  open: 0,
  passed: 0,
  failed: 0,
  pending: [],
  winner: '',
  phase: 'joining',
  cause: undefined,
})

/** The arms of an any, race or some begin. */
export function enterArms(turn: Turn, place: Place, labels: readonly string[]): void {
  begin(turn, place, newMany(labels, UNDEFINED, labels.length))
}

/** The items of an each are known: as many scopes begin as its concurrency allows. */
export function enterItems(turn: Turn, place: Place, { keys, items, count = keys.length, limits }: Listed): void {
  const node = nodeOf(turn.state, place)
  if (node.kind === 'each' && node.more) waitForSignal(turn, place, node.more.signal)
  begin(turn, place, { ...newMany(keys, items, count), ...(limits ? { limits } : {}) })
}

type Listed = Pick<Extract<Event, { kind: 'items.added' }>, 'keys' | 'items' | 'count' | 'limits'>

function begin(turn: Turn, place: Place, many: ManyState): void {
  turn.state.steps.status[place.row] = Status.spawned
  turn.state.groups.set(place.row, many)
  enterMore(turn, place, many)
  advance(turn, place, many)
}

/** A signal brought a further item; its key is asked for. */
export function awaitItem(turn: Turn, place: Place, item: Bound): void {
  const many = mustMany(turn, place)
  many.pending.push(item)
  if (many.pending.length === 1) askKey(turn, place, many)
}

function askKey(turn: Turn, place: Place, many: ManyState): void {
  const [item] = many.pending
  if (item)
    turn.commands.push({
      kind: 'evaluateItems',
      step: idOf(turn.state, place),
      added: { item, index: many.keys.length },
    })
}

export function addItem(turn: Turn, place: Place, key: string, item: Bound): void {
  const many = mustMany(turn, place)
  many.pending.shift()
  // E12: it came too late to count. One that fails, or is stopped, has it among its items.
  if (many.phase === 'decided') return
  many.keys.push(key)
  many.added.push(item)
  askKey(turn, place, many)
  enterMore(turn, place, many)
  advance(turn, place, many)
}

function enterMore(turn: Turn, place: Place, many: ManyState): void {
  const node = manyNode(turn, place)
  const limit =
    many.limits?.concurrency ?? (node.kind === 'each' ? node.concurrency : undefined) ?? Number.POSITIVE_INFINITY
  noteHalt(turn, place, many)
  while (many.phase === 'joining' && many.next < many.keys.length && many.open < limit) {
    const index = many.next++
    const key = many.keys[index] ?? ''
    many.open += 1
    if (node.kind === 'each') enterRegion(turn, place, 'body', { kind: 'key', key }, index)
    else enterRegion(turn, place, key, { kind: 'branch', label: key }, index)
  }
}

/** One of its scopes has ended with a value. */
export function endOne(turn: Turn, place: Place, left: Left, result: Bound): void {
  const many = mustMany(turn, place)
  many.open -= 1
  if (many.phase === 'joining') {
    many.passed += 1
    many.results[left.item] = result
    if (many.passed === 1) many.winner = many.keys[left.item] ?? ''
  }
  // Decided before more begin: the success may be the last that was needed.
  noteHalt(turn, place, many)
  if (many.phase === 'joining') decideJoin(turn, place, manyNode(turn, place), many)
  enterMore(turn, place, many)
  advance(turn, place, many)
}

/** One of its scopes has left by `x`. */
export function exitOne(turn: Turn, place: Place, cause: Cause): void {
  const many = mustMany(turn, place)
  many.open -= 1
  noteHalt(turn, place, many)
  if (many.phase === 'joining') {
    many.failed += 1
    many.cause ??= cause
    if (many.failures.length < FAILURES_KEPT) many.failures.push(cause.fault)
  }
  // Decided before more begin: the failure may be one too many.
  if (many.phase === 'joining') decideJoin(turn, place, manyNode(turn, place), many)
  enterMore(turn, place, many)
  advance(turn, place, many)
}

/** Once its scope closes or it is stopped itself, it begins nothing and is worth nothing. */
function noteHalt({ state }: Turn, { scope, row }: Place, many: ManyState): void {
  if (many.phase !== 'joining') return
  if (state.scopes.status[scope] === ScopeStatus.open && !state.stops.has(row)) return
  many.phase = 'failing'
  many.cause = undefined
}

/** Looks whether the join is decided, and leaves when nothing holds it any more. */
function advance(turn: Turn, place: Place, many: ManyState): void {
  const { state } = turn
  const node = manyNode(turn, place)
  noteHalt(turn, place, many)
  if (many.phase === 'joining') decideJoin(turn, place, node, many)
  if (many.phase !== 'joining' && node.kind === 'each' && node.more) stopWaiting(state, place)
  switch (many.phase) {
    case 'joining':
      return
    case 'failing':
      if (many.open === 0) endStopped(turn, place, many.cause, joinedValue(node, many))
      return
    case 'decided': {
      const lingers = state.steps.status[place.row] === Status.lingering
      if (many.open === 0) return lingers ? drainStep(turn, place) : passStep(turn, place, joinedValue(node, many))
      if (restOf(node) === 'detach' && !lingers) passStep(turn, place, joinedValue(node, many))
      return
    }
    default:
      return unreachable(many.phase)
  }
}

function decideJoin(turn: Turn, place: Place, node: ManyNode, many: ManyState): void {
  if (many.failed > failuresBorne(node, many)) {
    many.phase = 'failing'
    if (!isOwnFault(node) || !many.cause)
      many.cause = { kind: 'failed', fault: joinFault(node, many, idOf(turn.state, place)) }
    closeRest(turn, place, many.cause)
  } else if (many.passed >= successesNeeded(node)) {
    many.phase = 'decided'
    if (restOf(node) === 'cancel') {
      const fault = { code: 'CANCELLED', message: `${node.name} has been decided`, step: idOf(turn.state, place) }
      closeRest(turn, place, { kind: 'cancelled', fault })
    }
  } else if (many.passed + many.failed === many.keys.length && many.pending.length === 0) many.phase = 'decided'
}

/** Where one failure is always one too many, it is the failure of the join itself. */
const isOwnFault = (node: ManyNode): boolean =>
  node.kind === 'any' || (node.kind === 'each' && !node.tolerate && !node.until)

function closeRest(turn: Turn, place: Place, cause: Cause): void {
  for (const child of childrenOf(turn.state, place)) if (!isShielded(turn.state, child)) closeScope(turn, child, cause)
}

function successesNeeded(node: ManyNode): number {
  switch (node.kind) {
    case 'race':
      return 1
    case 'some':
      return node.count
    case 'any':
      return Number.POSITIVE_INFINITY
    case 'each':
      return node.until?.count ?? Number.POSITIVE_INFINITY
  }
}

function failuresBorne(node: ManyNode, many: ManyState): number {
  const total = many.keys.length + many.pending.length
  switch (node.kind) {
    case 'race':
      return total - 1
    case 'some':
      return total - node.count
    case 'any':
      return 0
    case 'each': {
      const tolerated = many.limits?.tolerate ?? tolerance(node, total)
      // Of fewer items than are wanted all must do; more may still come where it can grow.
      return node.until ? Math.max(tolerated, total - node.until.count) : tolerated
    }
  }
}

function tolerance(node: Extract<Node, { kind: 'each' }>, total: number): number {
  if (!node.tolerate) return 0
  return 'count' in node.tolerate ? node.tolerate.count : Math.floor(node.tolerate.share * total)
}

function restOf(node: ManyNode): Rest {
  switch (node.kind) {
    case 'race':
      return 'cancel'
    case 'some':
      return node.rest
    case 'any':
      return 'finish'
    case 'each':
      return node.until?.rest ?? 'finish'
  }
}

function joinFault(node: ManyNode, many: ManyState, step: string): Fault {
  const causes = [...many.failures]
  switch (node.kind) {
    case 'race':
      return { code: 'RACE_FAILED', message: `all ${many.keys.length} arms of ${node.name} failed`, step, causes }
    case 'some':
      return {
        code: 'SOME_FAILED',
        message: `${many.failed} of ${many.keys.length} arms of ${node.name} failed, so ${node.count} can no longer succeed`,
        step,
        causes,
      }
    case 'any':
    case 'each':
      return {
        code: 'TOLERANCE_EXCEEDED',
        message: `${many.failed} of ${many.keys.length} items of ${node.name} failed, more than it bears`,
        step,
        causes,
      }
  }
}

/** What it is worth with what has passed by now. */
function joinedValue(node: ManyNode, many: ManyState): Bound {
  const at = (index: number): Bound => many.results[index] ?? UNDEFINED
  switch (node.kind) {
    case 'each':
      return { kind: 'list', items: many.keys.map((_, index) => at(index)) }
    case 'race': {
      const index = many.keys.indexOf(many.winner)
      return { kind: 'record', fields: { won: { kind: 'literal', value: many.winner }, value: at(index) } }
    }
    case 'any':
    case 'some': {
      const labels = [...Object.keys(node.arms), ...(node.kind === 'any' && node.otherwise ? ['otherwise'] : [])]
      return {
        kind: 'record',
        fields: Object.fromEntries(labels.map(label => [label, at(many.keys.indexOf(label))])),
      }
    }
  }
}

/** The labels of the arms that begin without anything to be evaluated. */
export const armLabels = (node: Extract<Node, { kind: 'race' | 'some' }>): readonly string[] => Object.keys(node.arms)

function mustMany({ state }: Turn, place: Place): ManyState {
  const group = state.groups.get(place.row)
  invariant(group?.kind === 'many', 'E1: a scope of a join belongs to a join')
  return group
}

function manyNode({ state }: Turn, place: Place): ManyNode {
  const node = nodeOf(state, place)
  switch (node.kind) {
    case 'each':
    case 'any':
    case 'race':
    case 'some':
      return node
    default:
      throw new Error(`defect: E1: ${node.kind} is no join`)
  }
}
