/**
 * The node `net`: a free-form place/transition net whose transitions run regions.
 *
 *   E14. A transition that shares no input place with another and has no guard fires at once; which of the others fires is
 *        asked, and its answer is an event. The net ends when nothing of it runs and nothing can fire.
 *        A net with a state hands it on like a loop: whoever chooses gives it back as a value.
 *   E19. An event ends: a net that fires on and on without anything that takes time fails.
 */
import { invariant } from '../../util/unreachable.ts'
import { bind, UNDEFINED } from './bind.ts'
import type { Turn } from './fire.ts'
import type { Bound } from './protocol.ts'
import { type NetNode, type NetTable, tableOf } from './net-table.ts'
import { enterRegion, type Left } from './scopes.ts'
import { childrenOf, closeScope, endStopped, failStep, isShielded, passStep } from './settle.ts'
import { type Cause, idOf, type NetState, nodeOf, type Place, ScopeStatus, Status } from './state.ts'

/** Of all nets in one event: as many as a loop may have turns. */
const FIRINGS_MAX = 100_000

export function openNet(turn: Turn, place: Place, node: NetNode): void {
  const marking = startMarking(node)
  const net: NetState = {
    kind: 'net',
    marking,
    marked: new Set(marking.flatMap((tokens, at) => (tokens > 0 ? [at] : []))),
    fired: node.transitions.map(() => 0),
    outputs: node.init ? [bind(turn.state, place.scope, node.init)] : node.transitions.map(() => undefined),
    found: new Map(),
    open: 0,
    asking: false,
    isStale: false,
    cause: undefined,
  }
  turn.state.steps.status[place.row] = Status.spawned
  turn.state.groups.set(place.row, net)
  playNet(turn, place, node, net)
}

function startMarking({ places, start }: NetNode): number[] {
  const counts = new Map<string, number>()
  for (const name of start) counts.set(name, (counts.get(name) ?? 0) + 1)
  return places.map(name => counts.get(name) ?? 0)
}

/** The transition that the shell chose among those that were enabled; `none`: no guard holds now. */
export function chooseTransition(turn: Turn, place: Place, node: NetNode, choice: Choice): void {
  const net = mustNet(turn, place)
  net.asking = false
  const index = choice === 'none' ? undefined : tableOf(node).index.get(choice.branch)
  if (index === undefined && net.isStale) return playNet(turn, place, node, net)
  if (index === undefined) return rest(turn, place, node, net)
  if (choice !== 'none' && choice.value && node.init) net.outputs[0] = choice.value
  fireTransition(turn, place, node, net, index)
  playNet(turn, place, node, net)
}

/** `value`: the net's state, as it was when it was chosen. */
export type Choice = { readonly branch: string; readonly value?: Bound } | 'none'

/** A firing has ended: its tokens are there. */
export function endFiring(turn: Turn, place: Place, node: NetNode, left: Left, result: Bound): void {
  const net = mustNet(turn, place)
  net.open -= 1
  net.found.delete(left.path)
  net.outputs[node.init ? 0 : left.item] = result
  if (net.cause || isHalted(turn, place)) return haltNet(turn, place, net)
  for (const at of tableOf(node).gives[left.item] ?? []) addTokens(net, at, 1)
  playNet(turn, place, node, net)
}

/** A firing has left by `x`: the others are interrupted, and the net fails when the last of them has left. */
export function exitFiring(turn: Turn, place: Place, left: Left, cause: Cause): void {
  const net = mustNet(turn, place)
  net.open -= 1
  net.found.delete(left.path)
  if (net.cause === undefined && !isHalted(turn, place)) {
    net.cause = cause
    for (const child of childrenOf(turn.state, place))
      if (!isShielded(turn.state, child)) closeScope(turn, child, cause)
  }
  haltNet(turn, place, net)
}

const isHalted = ({ state }: Turn, { scope, row }: Place): boolean =>
  state.scopes.status[scope] !== ScopeStatus.open || state.stops.has(row)

function haltNet(turn: Turn, place: Place, net: NetState): void {
  if (net.open === 0) endStopped(turn, place, net.cause)
}

/** Fires what may fire at once, then asks about the rest. */
function playNet(turn: Turn, place: Place, node: NetNode, net: NetState): void {
  const table = tableOf(node)
  for (let again = table.free.length > 0; again; ) {
    again = false
    for (const index of table.free)
      while (turn.firings < FIRINGS_MAX && isEnabled(table, net, index)) {
        fireTransition(turn, place, node, net, index)
        again = true
      }
  }
  if (turn.firings >= FIRINGS_MAX) return endless(turn, place, node, net)
  const enabled = enabledTransitions(node, net)
  if (enabled.length === 0) return rest(turn, place, node, net)
  net.isStale = net.asking
  if (net.asking) return
  net.asking = true
  turn.commands.push({ kind: 'evaluateBranch', step: idOf(turn.state, place), branches: enabled })
}

/** E19. */
function endless(turn: Turn, place: Place, node: NetNode, net: NetState): void {
  const message = `${node.name} has fired ${FIRINGS_MAX} times, and nothing that takes time was among it`
  net.cause = { kind: 'failed', fault: { code: 'NET_ENDLESS', message, step: idOf(turn.state, place) } }
  for (const child of childrenOf(turn.state, place))
    if (!isShielded(turn.state, child)) closeScope(turn, child, net.cause)
  haltNet(turn, place, net)
}

/** Nothing can fire now: what runs may change that, or it is the end. */
function rest(turn: Turn, place: Place, node: NetNode, net: NetState): void {
  if (net.open > 0 || net.asking) return
  if ((net.marking[tableOf(node).end] ?? 0) > 0) return passStep(turn, place, netValue(node, net))
  const where = node.places.filter((_, index) => (net.marking[index] ?? 0) > 0)
  failStep(turn, place, {
    kind: 'failed',
    fault: {
      code: 'NET_STUCK',
      message: `${node.name} cannot go on: nothing is enabled, with tokens on ${where.join(', ') || 'no place'}, none on ${node.end}`,
      step: idOf(turn.state, place),
    },
  })
}

function fireTransition(turn: Turn, place: Place, node: NetNode, net: NetState, index: number): void {
  const table = tableOf(node)
  const id = node.transitions[index]?.id
  invariant(id !== undefined && isEnabled(table, net, index), 'E14: only an enabled transition fires')
  for (const [at, count] of table.takes[index] ?? []) addTokens(net, at, -count)
  const turns = net.fired[index] ?? 0
  net.fired[index] = turns + 1
  turn.firings += 1
  net.open += 1
  const scope = enterRegion(turn, place, id, { kind: 'turn', label: id, turn: turns }, index)
  net.found.set(turn.state.scopes.path[scope] ?? '', [...net.outputs])
}

function addTokens(net: NetState, place: number, count: number): void {
  const tokens = (net.marking[place] ?? 0) + count
  net.marking[place] = tokens
  if (tokens > 0) net.marked.add(place)
  else net.marked.delete(place)
}

/** What takes nothing would never stop firing. */
function isEnabled({ takes }: NetTable, { marking }: NetState, transition: number): boolean {
  const taken = takes[transition] ?? []
  return taken.length > 0 && taken.every(([place, count]) => (marking[place] ?? 0) >= count)
}

/** The enabled transitions that are to be chosen among, in the order of the net. */
export function enabledTransitions(node: NetNode, net: NetState): readonly string[] {
  const table = tableOf(node)
  const found = new Set<number>()
  for (const place of net.marked)
    for (const taker of table.takers[place] ?? []) if (isEnabled(table, net, taker)) found.add(taker)
  return [...found].sort((a, b) => a - b).map(index => node.transitions[index]?.id ?? '')
}

const netValue = (node: NetNode, net: NetState): Bound =>
  node.init
    ? (net.outputs[0] ?? UNDEFINED)
    : {
        kind: 'record',
        fields: Object.fromEntries(node.transitions.map(({ id }, index) => [id, net.outputs[index] ?? UNDEFINED])),
      }

function mustNet({ state }: Turn, place: Place): NetState {
  const group = state.groups.get(place.row)
  invariant(group?.kind === 'net', 'E1: a firing belongs to a net')
  return group
}

/** The net that a step plays; undefined for any other step. */
export function netAt({ state }: Pick<Turn, 'state'>, place: Place): { node: NetNode; net: NetState } | undefined {
  const node = nodeOf(state, place)
  const group = state.groups.get(place.row)
  return node.kind === 'net' && group?.kind === 'net' ? { node, net: group } : undefined
}
