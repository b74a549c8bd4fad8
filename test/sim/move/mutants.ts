/** Ways in which moving a run could be wrong, each a replacement of a piece of the engine's text. */
import type { Mutant } from '../mutants.ts'

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'nothing stands in the way of a move',
    file: 'engine/image.ts',
    from: "if (reason) return { kind: 'none', at, event, step: stepOf(event), reason }",
    to: 'void reason',
  },
  {
    name: 'the moved run has the state that it had',
    file: 'engine/image.ts',
    from: "return { kind: 'image', state }",
    to: "return { kind: 'image', state: was }",
  },
  {
    name: 'a step may be of another kind',
    file: 'engine/image.ts',
    from: 'if (old.kind !== now.kind)',
    to: "if (old.kind === 'wait' && old.kind !== now.kind)",
  },
  {
    name: 'items may be grouped otherwise',
    file: 'engine/image.ts',
    from: "if (event.kind === 'items.added' && batchOf(old) !== batchOf(now))",
    to: "if (event.kind === 'items.added' && batchOf(old) === undefined && batchOf(now) !== undefined && batchOf(old) === batchOf(now))",
  },
  {
    name: 'the last event is not asked about',
    file: 'engine/image.ts',
    from: 'const reason = obstacleTo(was, state, library, event)',
    to: 'const reason = at === events.length - 1 ? undefined : obstacleTo(was, state, library, event)',
  },
  {
    name: 'what the engine would answer otherwise is borne',
    file: 'engine/past.ts',
    from: 'return isAlike(state, given, event) ? undefined : `${given.kind} would have come of it`',
    to: 'void isAlike\n  return undefined',
  },
  {
    name: 'what the engine would not answer at all is borne',
    file: 'engine/past.ts',
    from: "if (given === undefined) return 'nothing would have come of it'",
    to: 'if (given === undefined) return undefined',
  },
  {
    name: 'how often a failed step may be tried stands in the way',
    file: 'engine/past.ts',
    from: 'return isEndOfAttempt(given) && mayTryAgainAt(state, event.step)',
    to: 'return given.kind === event.kind && mayTryAgainAt(state, event.step)',
  },
  {
    name: 'a step that is being stopped may have been tried again',
    file: 'engine/past.ts',
    from: 'return isEndOfAttempt(given) && mayTryAgainAt(state, event.step)',
    to: 'void mayTryAgainAt\n      return isEndOfAttempt(given)',
  },
  {
    name: 'a signal goes to who has waited longest, not to who took it',
    file: 'engine/past.ts',
    from: '...(id === undefined ? {} : { id }), ...(step === undefined ? {} : { step })',
    to: '...(id === undefined ? {} : { id })',
  },
  {
    name: 'a kept signal may be taken by somebody else',
    file: 'engine/past.ts',
    from: 'given.signal === event.signal &&\n        given.step === event.step &&',
    to: 'given.signal === event.signal &&',
  },
  {
    name: 'an attempt that took the place of another stands in the way',
    file: 'engine/past.ts',
    from: 'const supersedes = isRunning ?',
    to: 'const supersedes = isRunning && state.attemptMax > 99 ?',
  },
  {
    name: 'what was chosen from is forgotten',
    file: 'engine/past.ts',
    from: "const result = branches\n        ? ({ kind: 'several', branches } as const)",
    to: "const result = branches?.length === 1\n        ? ({ kind: 'several', branches } as const)",
  },
  {
    name: 'an event that is not due yet is believed',
    file: 'engine/past.ts',
    from: "return { kind: 'timer.fired', step: event.step, timer: event.timer, atMs }",
    to: "return { kind: 'timer.fired', step: event.step, timer: event.timer, atMs: atMs + 1e6 }",
  },
  {
    name: 'a run that was moved cannot be moved again',
    file: 'engine/decide.ts',
    from: "if (state.phase.kind === 'new' || state.phase.kind === 'ended')\n        return refused('RUN_ENDED'",
    to: "if (state.phase.kind !== 'running')\n        return refused('RUN_ENDED'",
  },
  {
    name: 'a new parameter has no default',
    file: 'engine/bind.ts',
    from: 'own(state.args, param) ?? defaultOf(state, param)',
    to: 'own(state.args, param) ?? (defaultOf(state, param) && UNDEFINED)',
  },
  {
    name: 'a guard keeps the old name of a step',
    file: 'graph/rename.ts',
    from: '...(transition.guard ? { guard: seen(transition.guard, transition.id) } : {}),',
    to: '',
  },
  {
    name: 'a milestone keeps the old name of its end',
    file: 'graph/rename.ts',
    from: '{ until: renamed(path, each.until) }',
    to: '{ until: each.until }',
  },
  {
    name: 'a cancel keeps the old name of its target',
    file: 'graph/rename.ts',
    from: 'node: renamed(around.at(-1 - each.target.up), each.target.node)',
    to: 'node: each.target.node',
  },
]
