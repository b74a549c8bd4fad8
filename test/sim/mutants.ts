/** Ways in which the engine could be wrong, each a replacement of a piece of its text. What is not found there any more fails loudly. */
export interface Mutant {
  readonly name: string
  /** Below src/core. */
  readonly file: string
  readonly from: string
  readonly to: string
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'the last token of a join is lost',
    file: 'engine/fire.ts',
    from: 'for (let arc = net.postStart[transition]!; arc < net.postStart[transition + 1]!; arc++)\n    putToken',
    to: 'for (let arc = net.postStart[transition]!; arc < Math.max(net.postStart[transition]! + 1, net.postStart[transition + 1]! - 1); arc++)\n    putToken',
  },
  {
    name: 'a superseded attempt completes its step',
    file: 'engine/decide.ts',
    from: "case 'attempt.finished':\n      if (status !== Status.running || attempt !== input.attempt)",
    to: "case 'attempt.finished':\n      if (status !== Status.running)",
  },
  {
    name: 'a back-off is forgotten at recovery',
    file: 'engine/outstanding.ts',
    from: "commands.push({ kind: 'armTimer', step, timer: 'retry', atMs: state.steps.retryAtMs[row]! })",
    to: '',
  },
  {
    name: 'a deadline is not armed again after recovery',
    file: 'engine/outstanding.ts',
    from: 'if (deadlineAtMs > 0 && !isStopping(state, place))',
    to: 'if (deadlineAtMs < 0 && !isStopping(state, place))',
  },
  {
    name: 'a stop is not repeated after recovery',
    file: 'engine/outstanding.ts',
    from: "if (isStopping(state, place)) commands.push({ kind: 'stopAttempt', step, attempt })",
    to: "if (isStopping(state, place)) commands.push({ kind: 'startAttempt', step, notBeforeMs: 0, supersedes: attempt })",
  },
  {
    name: 'a lock is not released',
    file: 'engine/locks.ts',
    from: 'if (lock.holder === place.row) lock.holder = NONE',
    to: '',
  },
  {
    name: 'a freed lock is offered to nobody',
    file: 'engine/locks.ts',
    from: "for (const step of new Set(next.map(each => idOf(state, each)))) turn.commands.push({ kind: 'proposeGrant', step })",
    to: 'void next',
  },
  {
    name: 'what is undone is undone in the order of doing',
    file: 'engine/undo.ts',
    from: 'state.undos.get(scope)?.pop()',
    to: 'state.undos.get(scope)?.shift()',
  },
  {
    name: 'what a scope did is forgotten when it ends',
    file: 'engine/undo.ts',
    from: 'else for (const record of records) stack.push(record)',
    to: '',
  },
  {
    name: 'finally is interrupted when the scope around it closes',
    file: 'engine/settle.ts',
    from: "return group?.kind === 'attempt' && group.part === 'finally'",
    to: 'return false',
  },
  {
    name: 'finally is left out when the scope around it closes',
    file: 'engine/attempt.ts',
    from: 'if (!attemptNode(turn, place).finalizer) return conclude',
    to: 'if (!attemptNode(turn, place).finalizer || turn.state.scopes.status[place.scope] !== ScopeStatus.open) return conclude',
  },
  {
    name: 'the losers of a race run on',
    file: 'engine/many.ts',
    from: "case 'race':\n      return 'cancel'",
    to: "case 'race':\n      return 'finish'",
  },
  {
    name: 'a loop makes one turn more than its limit',
    file: 'engine/loop.ts',
    from: 'loop.turn < limit',
    to: 'loop.turn <= limit',
  },
  {
    name: 'the turn of a loop is lost in a snapshot',
    file: 'engine/snapshot-copy.ts',
    from: '{ ...group, state: copy(group.state) }',
    to: '{ ...group, turn: 0, state: copy(group.state) }',
  },
  {
    name: 'a step is tried once more than its rule says',
    file: 'engine/retry.ts',
    from: 'count >= retry.times',
    to: 'count > retry.times',
  },
  {
    name: 'all rules of retrying share a counter',
    file: 'engine/counters.ts',
    from: 'if (rule === 0) {',
    to: 'if (rule >= 0) {',
  },
  {
    name: 'a kept signal is taken twice',
    file: 'engine/signals.ts',
    from: 'signal.kept.shift()',
    to: '',
  },
  {
    name: 'a signal that comes early is lost',
    file: 'engine/signals.ts',
    from: 'void signalState(state, name).kept.push(value)',
    to: 'void signalState(state, name)',
  },
  {
    name: 'a repeated signal is taken for a new one',
    file: 'engine/apply.ts',
    from: 'if (event.id !== undefined) state.signalIds.add(event.id)',
    to: '',
  },
  {
    name: 'the void token of a withdrawn step is lost',
    file: 'engine/settle.ts',
    from: "if (dependents === 'skip') fire(turn, scope, voidTransition(net, node))",
    to: "if (dependents === 'skip') void voidTransition(net, node)",
  },
  {
    name: 'the last item is dropped',
    file: 'engine/many.ts',
    from: 'many.next < many.keys.length && many.open < limit',
    to: 'many.next < many.keys.length - (many.keys.length > 2 ? 1 : 0) && many.open < limit',
  },
  {
    name: 'one item more than allowed runs at a time',
    file: 'engine/many.ts',
    from: 'many.open < limit',
    to: 'many.open <= limit',
  },
  {
    name: 'one failure more than tolerated is borne',
    file: 'engine/many.ts',
    from: 'if (many.failed > failuresBorne(node, many))',
    to: 'if (many.failed > failuresBorne(node, many) + 1)',
  },
  {
    name: 'a detached scope is not awaited',
    file: 'engine/settle.ts',
    from: 'const stays = lingers(node) && hasChildren(state, place)',
    to: 'const stays = false',
  },
  {
    name: 'of a region that finishes the last failure is told, not the first',
    file: 'engine/settle.ts',
    from: 'if (!state.causes.has(scope)) state.causes.set(scope, cause)',
    to: 'state.causes.set(scope, cause)',
  },
  {
    name: 'a timer fires before its instant',
    file: 'engine/decide.ts',
    from: "if (atMs < due) return refused('NOT_DUE'",
    to: "if (atMs < due - 20) return refused('NOT_DUE'",
  },
  {
    name: 'a milestone is entered after it has ended',
    file: 'engine/open.ts',
    from: "if (node.kind === 'scope' && hasBegun(turn.state, place, node.until)) return passStep(turn, place, UNDEFINED)\n  beginStep",
    to: 'beginStep',
  },
  {
    name: 'a join takes a void token for a real one',
    file: 'net/compile.ts',
    from: '[sum.ok, next.void, both.void]',
    to: '[sum.ok, next.void, both.ok]',
  },
  {
    name: 'who waits for a lock is lost in a snapshot',
    file: 'engine/snapshot.ts',
    from: 'locks: mapped(state.locks, ([name, lock]) => [name, copyLock(lock)] as const),',
    to: 'locks: [],',
  },
  {
    name: 'a stopped step is tried again',
    file: 'engine/decide.ts',
    from: "if (outcome.kind !== 'failed' || !isOpen(state, place.scope) || state.stops.has(place.row)) return accept(settled)",
    to: "if (outcome.kind !== 'failed' || !isOpen(state, place.scope)) return accept(settled)",
  },
]
