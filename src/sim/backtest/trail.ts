/** What a run did, as far as two runs are compared: what it chose, what began, how steps ended, and how it ended itself. */
import type { Event, FlowCall, Outcome, StepId } from '../../core/index.ts'
import { unreachable } from '../../util/unreachable.ts'

export type Fact =
  /** A branch, the arms of an any, the keys of an each. `nth` choice of this step. */
  | { readonly kind: 'chose'; readonly step: StepId; readonly what: string; readonly nth: number }
  /** Its first attempt, or an outcome that was known. */
  | { readonly kind: 'began'; readonly step: StepId }
  | { readonly kind: 'ended'; readonly step: StepId; readonly how: End }
  /** A step, or the run (''), reached its deadline. */
  | { readonly kind: 'expired'; readonly step: StepId }

export interface End {
  readonly kind: Outcome['kind']
  /** Of a failure. */
  readonly code?: string
  /** Of a value: its codec and hash. */
  readonly value?: string
}

export interface Trail {
  readonly facts: readonly Fact[]
  readonly choices: ReadonlyMap<StepId, readonly string[]>
  readonly began: ReadonlySet<StepId>
  readonly ends: ReadonlyMap<StepId, End>
  readonly expired: ReadonlySet<StepId>
  /** Of flows, by the step or the scope that they are. */
  readonly calls: ReadonlyMap<StepId, FlowCall>
  add(event: Event): void
}

export function newTrail(): Trail {
  const facts: Fact[] = []
  const choices = new Map<StepId, string[]>()
  const began = new Set<StepId>()
  const ends = new Map<StepId, End>()
  const expired = new Set<StepId>()
  const calls = new Map<StepId, FlowCall>()

  const chose = (step: StepId, what: string): void => {
    const before = choices.get(step)
    facts.push({ kind: 'chose', step, what, nth: before?.length ?? 0 })
    if (before) before.push(what)
    else choices.set(step, [what])
  }

  const begin = (step: StepId, call: FlowCall | undefined): void => {
    if (call) calls.set(step, call)
    if (began.has(step)) return
    began.add(step)
    facts.push({ kind: 'began', step })
  }

  return {
    facts,
    choices,
    began,
    ends,
    expired,
    calls,
    add(event) {
      switch (event.kind) {
        case 'chosen':
        case 'items.added':
          return chose(event.step, choiceOf(event))
        case 'attempt.started':
          return begin(event.step, event.call)
        case 'step.settled': {
          if (event.attempt === 0 && event.outcome.kind === 'succeeded') begin(event.step, event.call)
          const how = endOf(event.outcome)
          ends.set(event.step, how)
          facts.push({ kind: 'ended', step: event.step, how })
          return
        }
        case 'timer.fired':
          if (event.timer !== 'deadline') return
          expired.add(event.step)
          facts.push({ kind: 'expired', step: event.step })
          return
        default:
          return
      }
    },
  }
}

export const choiceOf = (event: Extract<Event, { kind: 'chosen' | 'items.added' }>): string =>
  event.kind === 'chosen' ? (event.branches ?? [event.branch]).join(', ') : keysText(event.keys)

const KEYS_SHOWN = 5
const keysText = (keys: readonly string[]): string =>
  `${keys.length} ${keys.length === 1 ? 'item' : 'items'}${keys.length === 0 ? '' : `: ${keys.slice(0, KEYS_SHOWN).join(', ')}${keys.length > KEYS_SHOWN ? ', …' : ''}`}`

function endOf(outcome: Outcome): End {
  switch (outcome.kind) {
    case 'succeeded':
      return { kind: 'succeeded', value: `${outcome.output.codec} ${outcome.output.hash}` }
    case 'failed':
      return { kind: 'failed', code: outcome.fault.code }
    case 'cancelled':
      return { kind: 'cancelled' }
    default:
      return unreachable(outcome)
  }
}
