/** `outstanding(state)`: the commands that a recovered run still owes, in the order of its rows. */
import type { Command } from './protocol.ts'
import { nodeAt } from './program.ts'
import { NONE, ScopeStatus, type State, Status, stepAt, unitOf } from './state.ts'

export function outstanding(state: State): readonly Command[] {
  const { phase } = state
  if (phase.kind === 'ending') return [{ ...phase, kind: 'evaluateResult' }]
  if (phase.kind !== 'running') return []
  const commands: Command[] = []
  for (const scope of openScopes(state)) {
    const first = state.scopes.step[scope]!
    unitOf(state, scope).region.nodes.forEach((_, index) => {
      const command = owed(state, scope, index, first + index)
      if (command) commands.push(command)
    })
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

function owed(state: State, scope: number, index: number, row: number): Command | undefined {
  const step = stepAt(state, scope, index)
  const attempt = state.steps.attempt[row]!
  switch (state.steps.status[row]) {
    case Status.waiting:
      return { kind: 'startAttempt', step, notBeforeMs: state.steps.retryAtMs[row]! }
    case Status.running:
      if (state.scopes.status[scope] === ScopeStatus.closing) return { kind: 'stopAttempt', step, attempt }
      return { kind: 'startAttempt', step, notBeforeMs: 0, supersedes: attempt }
    case Status.evaluating:
      return nodeAt(unitOf(state, scope), index).kind === 'each'
        ? { kind: 'evaluateItems', step }
        : { kind: 'evaluateBranch', step }
    default:
      return undefined
  }
}
