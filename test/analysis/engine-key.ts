/**
 * What a state of the engine is to the search: all that decides what may happen next, and nothing else. No values, no instants,
 * no rows: two states that differ only in the order of what led to them are one.
 */
import {
  type Cause,
  type Group,
  idOf,
  NONE,
  placeAt,
  ScopeStatus,
  type State,
  unitOf,
} from '../../src/core/engine/state.ts'

export function keyOf(state: State): string {
  const { phase } = state
  if (phase.kind !== 'running') return `${phase.kind} ${'status' in phase ? phase.status : ''}`
  const root = state.byPath.get('')
  if (root === undefined) throw new Error('a run that is running has a scope')
  const deadline = state.deadlineAtMs > 0 ? '!' : ''
  return deadline + scopeKey(state, root)
}

/** Scopes of one step are a set, the firings of a net a multiset: their keys are sorted. */
function scopeKey(state: State, scope: number): string {
  const { scopes, marks } = state
  const unit = unitOf(state, scope)
  const token = scopes.token[scope]!
  const tokens = marks.tokens.subarray(token, token + unit.net.placeCount).join('')
  const steps: string[] = []
  for (let node = 0; node < unit.region.nodes.length; node++) steps.push(stepKey(state, scope, node))
  const children: string[] = []
  for (let child = scopes.firstChild[scope]!; child !== NONE; child = scopes.next[child]!)
    children.push(scopeKey(state, child))
  const cause = state.causes.get(scope)
  const undos = state.undos.get(scope)?.map(({ step }) => withoutTurns(step)) ?? []
  return [
    '(',
    markOf(state, scope),
    scopes.status[scope] === ScopeStatus.closing ? '#' : '',
    cause ? causeKey(cause) : '',
    ' ',
    tokens,
    ' ',
    steps.join(','),
    undos.length > 0 ? ` undo ${undos.join(' ')}` : '',
    children.sort().join(''),
    ')',
  ].join('')
}

/** The last part of the scope's path. How often a net's transition has fired decides nothing. */
function markOf(state: State, scope: number): string {
  const path = state.scopes.path[scope] ?? ''
  const own = path.slice(path.lastIndexOf('/', path.length - 2) + 1)
  return withoutTurns(own)
}

const withoutTurns = (path: string): string => path.replaceAll(/(\.[^/[\]]*)\[\d+\]/g, '$1')

const causeKey = ({ kind, fault }: Cause): string => `${kind[0]}:${fault.code}`

function stepKey(state: State, scope: number, node: number): string {
  const place = placeAt(state, scope, node)
  const { row } = place
  const { steps } = state
  const parts = [String(steps.status[row]), steps.attempt[row]! > 0 ? '+' : '']
  const stop = state.stops.get(row)
  if (stop) parts.push(stop.kind === 'withdrawn' ? `w${stop.dependents}` : `s${stop.cause}`)
  const timers = state.timers.get(row)
  if (timers && timers.deadlineAtMs > 0) parts.push('d')
  if (state.unbegun.has(row)) parts.push('u')
  for (const [name, { holder }] of state.locks) if (holder === row) parts.push(`holds ${nameOf(name)}`)
  const group = state.groups.get(row)
  if (group) parts.push(groupKey(group))
  return parts.join('')
}

/** The scope of a region's lock is that of the step. */
const nameOf = (lock: string): string => lock.slice(lock.indexOf('#') + 1)

function groupKey(group: Group): string {
  switch (group.kind) {
    case 'many': {
      const { keys, next, open, passed, failed, pending, phase, cause } = group
      return `{${keys.length} ${next} ${open} ${passed} ${failed} ${pending.length} ${phase} ${cause ? causeKey(cause) : ''}}`
    }
    case 'loop':
      return `{${group.turn}}`
    case 'attempt': {
      const end = group.end === undefined ? '' : group.end.kind === 'passed' ? 'p' : causeKey(group.end.cause)
      return `{${group.part} ${group.caught?.code ?? ''} ${end}}`
    }
    case 'net':
      return `{${group.marking.join(' ')} ${group.open} ${group.asking ? '?' : ''}${group.isStale ? '~' : ''} ${group.cause ? causeKey(group.cause) : ''}}`
  }
}

/** Steps that are somewhere between their opening and their rest, for messages. */
export function openSteps(state: State): readonly string[] {
  const found: string[] = []
  for (let scope = 0; scope < state.scopeCount; scope++) {
    if (state.scopes.status[scope] === ScopeStatus.free) continue
    const count = unitOf(state, scope).region.nodes.length
    for (let node = 0; node < count; node++) {
      const status = state.steps.status[placeAt(state, scope, node).row]!
      if (status !== 0 && ![5, 6, 7, 14].includes(status))
        found.push(`${idOf(state, placeAt(state, scope, node))}:${status}`)
    }
  }
  return found
}
