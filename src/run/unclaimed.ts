/**
 * Calls of flows that an earlier process made and that were in flight when it died. What they owe waits until the flow's body,
 * which runs again from its top, asks for them again: before that their code may not be known, and the body may never ask.
 */
import { type Command, enclosingCall, isThere, type State } from '../core/index.ts'

export interface UnclaimedCalls {
  /** Keeps the command if it belongs to such a call. */
  hold(command: Command): boolean
  /** The flow has asked: what its call owes, in order. */
  claim(path: string): readonly Command[]
}

/** `state`: as it was recovered. */
export function unclaimedCalls(state: State): UnclaimedCalls {
  /** By the scope path of the call. */
  const calls = new Map<string, Command[]>()
  for (const flow of state.flows.values()) for (const [path, { answer }] of flow.calls) if (!answer) calls.set(path, [])
  return {
    hold(command) {
      if (calls.size === 0 || !('step' in command) || command.kind === 'stopAttempt') return false
      if (command.step === '' || !isThere(state, command.step)) return false
      const call = enclosingCall(state, command.step)
      const held = call === undefined ? undefined : calls.get(call)
      held?.push(command)
      return held !== undefined
    },
    claim(path) {
      const held = calls.get(path) ?? []
      calls.delete(path)
      return held
    },
  }
}
