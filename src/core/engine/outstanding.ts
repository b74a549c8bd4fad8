/** `outstanding(state)`: the commands that a recovered run still owes, in the order of its rows. */
import { enabledTransitions, netAt } from './free-net.ts'
import type { Command } from './protocol.ts'
import { canBeGranted } from './grants.ts'
import { hasKept, isTaking, signalOf } from './signals.ts'
import { idOf, NONE, nodeOf, type Place, placeAt, ScopeStatus, type State, Status, unitOf } from './state.ts'

export function outstanding(state: State): readonly Command[] {
  const { phase } = state
  if (phase.kind === 'ending') return [{ ...phase, kind: 'evaluateResult' }]
  if (phase.kind !== 'running') return []
  const commands: Command[] = []
  if (state.deadlineAtMs > 0) commands.push({ kind: 'armTimer', step: '', timer: 'deadline', atMs: state.deadlineAtMs })
  for (const scope of openScopes(state)) {
    const count = unitOf(state, scope).region.nodes.length
    for (let node = 0; node < count; node++) addOwed(commands, state, placeAt(state, scope, node))
  }
  return commands
}

/** Parents before children, in the order of entering: a flow is heard of before its calls. */
function openScopes(state: State): readonly number[] {
  const found: number[] = []
  const root = state.byPath.get('')
  const pending = root === undefined ? [] : [root]
  for (let scope = pending.pop(); scope !== undefined; scope = pending.pop()) {
    found.push(scope)
    for (let child = state.scopes.firstChild[scope]!; child !== NONE; child = state.scopes.next[child]!)
      pending.push(child)
  }
  return found
}

function addOwed(commands: Command[], state: State, place: Place): void {
  const { row } = place
  const status = state.steps.status[row]!
  if (!isOwing(status)) return
  const step = idOf(state, place)
  const deadlineAtMs = state.timers.get(row)?.deadlineAtMs ?? 0
  if (deadlineAtMs > 0 && !isStopping(state, place))
    commands.push({ kind: 'armTimer', step, timer: 'deadline', atMs: deadlineAtMs })
  switch (status) {
    case Status.waiting:
      commands.push({ kind: 'startAttempt', step, notBeforeMs: state.steps.retryAtMs[row]! })
      return
    case Status.running: {
      const attempt = state.steps.attempt[row]!
      if (isStopping(state, place)) commands.push({ kind: 'stopAttempt', step, attempt })
      else commands.push({ kind: 'startAttempt', step, notBeforeMs: 0, supersedes: attempt })
      return
    }
    case Status.evaluating:
      commands.push(evaluation(state, place))
      return
    case Status.queued:
      if (canBeGranted(state, place)) commands.push({ kind: 'proposeGrant', step })
      return
    case Status.backingOff:
      commands.push({ kind: 'armTimer', step, timer: 'retry', atMs: state.steps.retryAtMs[row]! })
      return
    case Status.sleeping:
      if (nodeOf(state, place).kind === 'wait' && signalOf(nodeOf(state, place)) === undefined)
        commands.push({ kind: 'armTimer', step, timer: 'wake', atMs: state.timers.get(row)?.wakeAtMs ?? 0 })
      break
    case Status.spawned:
      addGroupOwed(commands, state, place)
      break
    default:
      return
  }
  const signal = signalOf(nodeOf(state, place))
  if (signal === undefined || !isTaking(state, place, signal)) return
  commands.push({ kind: 'awaitSignal', step, signal })
  if (hasKept(state, signal)) commands.push({ kind: 'proposeGrant', step })
}

const isOwing = (status: number): boolean =>
  status !== Status.idle &&
  status !== Status.passed &&
  status !== Status.failed &&
  status !== Status.cancelled &&
  status !== Status.skipped

const isStopping = (state: State, { scope, row }: Place): boolean =>
  state.scopes.status[scope] === ScopeStatus.closing || state.stops.has(row)

function evaluation(state: State, place: Place): Command {
  const step = idOf(state, place)
  switch (nodeOf(state, place).kind) {
    case 'each':
      return { kind: 'evaluateItems', step }
    case 'wait':
      return { kind: 'evaluateTimer', step }
    default:
      return { kind: 'evaluateBranch', step }
  }
}

function addGroupOwed(commands: Command[], state: State, place: Place): void {
  const group = state.groups.get(place.row)
  const step = idOf(state, place)
  if (group?.kind === 'many') {
    const [item] = group.pending
    if (item) commands.push({ kind: 'evaluateItems', step, added: { item, index: group.keys.length } })
  }
  const played = netAt({ state }, place)
  if (played?.net.asking)
    commands.push({ kind: 'evaluateBranch', step, branches: enabledTransitions(played.node, played.net) })
}
