/** Who waits to hear what became of an input: a refusal at once, an acceptance when what follows is durable. */
import type { Decision, Input } from '../core/index.ts'

export type Answered =
  | { readonly kind: 'accepted' }
  | Extract<Decision, { kind: 'refused' }>
  /** The session ended before; nothing of it is in the log. */
  | { readonly kind: 'dropped' }

export interface Askers {
  /** Resolves with what becomes of the input, which is to be queued next. */
  ask(input: Input): Promise<Answered>
  /** The input has been decided. Costs nothing while nobody asks. */
  note(input: Input, decision: Decision): void
  /** What was accepted is durable now. */
  committed(): void
  /** Nothing will be decided any more. */
  drop(): void
}

export function newAskers(): Askers {
  const asking = new Map<Input, (answered: Answered) => void>()
  let accepted: ((answered: Answered) => void)[] = []
  return {
    ask: input => new Promise(resolve => void asking.set(input, resolve)),
    note(input, decision) {
      if (asking.size === 0) return
      const tell = asking.get(input)
      if (!tell) return
      asking.delete(input)
      if (decision.kind === 'refused') tell(decision)
      else accepted.push(tell)
    },
    committed() {
      if (accepted.length === 0) return
      const told = accepted
      accepted = []
      for (const tell of told) tell({ kind: 'accepted' })
    },
    drop() {
      for (const tell of [...asking.values(), ...accepted]) tell({ kind: 'dropped' })
      asking.clear()
      accepted = []
    },
  }
}
