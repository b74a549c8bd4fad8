/**
 * A simulated run as people read it: moments counted from its start, what became of each step, and what it waits for. Folds the
 * log beside the run, so it knows what follows from an event without being one.
 */
import {
  apply,
  compile,
  describeStep,
  emptyState,
  type Event,
  type Fault,
  type Graph,
  isThere,
  type Origin,
  type Region,
  type State,
} from '../core/index.ts'
import type { Note } from '../core/engine/note.ts'
import { showMs } from '../exec/middleware/timeout.ts'
import type { Hash } from '../util/hash.ts'
import { unreachable } from '../util/unreachable.ts'
import type { SignalWait } from './signals.ts'

export interface Moment {
  /** Milliseconds since the start of the run. */
  readonly atMs: number
  /** An event, that a step begins to wait or is skipped, that the process died, or that a signal or a request was in vain. */
  readonly kind: Event['kind'] | 'waits' | 'skipped' | 'crashed' | 'refused'
  readonly step?: string
  readonly text: string
}

export interface SimulatedStep {
  readonly step: string
  readonly state: 'running' | 'waiting' | 'succeeded' | 'failed' | 'cancelled' | 'skipped' | 'parked'
  /** Attempts that were started. */
  readonly attempts: number
  /** Milliseconds since the start of the run. */
  readonly startedAtMs: number
  readonly endedAtMs?: number
  readonly fault?: Fault
  /** It needed no attempt. */
  readonly origin?: Origin
}

export interface Chronicle {
  readonly events: readonly Event[]
  readonly moments: readonly Moment[]
  /** Tasks, effects, flows, sources and waits, in the order of their beginning. */
  readonly steps: readonly SimulatedStep[]
  /** Waits for signals that still last, or failed without one. */
  readonly unanswered: readonly SignalWait[]
  add(event: Event): void
  note(moment: Omit<Moment, 'atMs'> & { readonly nowMs: number }): void
}

export interface ChronicleOptions {
  readonly graph: Graph
  /** A region that a flow called. */
  readonly regionOf: (hash: Hash) => Region
  /** A step begins to wait for a signal. */
  readonly onWait: (wait: SignalWait) => void
}

export function newChronicle({ graph, regionOf, onWait }: ChronicleOptions): Chronicle {
  const library = new Map<Hash, Region>()
  const state = emptyState(compile(graph, library))
  const events: Event[] = []
  const moments: Moment[] = []
  const steps = new Map<string, SimulatedStep>()
  const unanswered = new Map<string, SignalWait>()
  let startMs: number | undefined

  const change = (step: string, atMs: number, to: Partial<SimulatedStep>): void => {
    const before = steps.get(step) ?? { step, state: 'running', attempts: 0, startedAtMs: atMs }
    steps.set(step, { ...before, ...to })
  }

  /** An event of its own tells it better. */
  const tell = (note: Note, atMs: number): void => {
    switch (note.kind) {
      case 'waits': {
        const what = waitOf(state, note.step)
        if (!what) return
        change(note.step, atMs, { state: 'waiting' })
        moments.push({ atMs, kind: 'waits', step: note.step, text: `${note.step} waits${what.text}` })
        if (what.signal === undefined) return
        const wait: SignalWait = { signal: what.signal, step: note.step, sinceMs: atMs }
        unanswered.set(note.step, wait)
        return onWait(wait)
      }
      case 'rested': {
        if (note.how === 'skipped')
          moments.push({ atMs, kind: 'skipped', step: note.step, text: `${note.step} is skipped` })
        if (note.how !== 'failed') unanswered.delete(note.step)
        const known = steps.get(note.step)
        if (!known && note.how !== 'skipped') return
        const ended = { state: stateOf(note.how), endedAtMs: atMs }
        change(note.step, atMs, { ...ended, ...(note.fault ? { fault: note.fault } : {}) })
        return
      }
      case 'entered':
      case 'left':
        return
      default:
        unreachable(note)
    }
  }

  /** An each that may be added to takes any number of signals. */
  const hearMore = (step: string, atMs: number): void => {
    if (!isThere(state, step)) return
    const { node } = describeStep(state, step)
    if (node.kind === 'each' && node.more) onWait({ signal: node.more.signal, step, sinceMs: atMs })
  }

  const count = (event: Event, atMs: number): void => {
    switch (event.kind) {
      case 'attempt.started':
        return change(event.step, atMs, { state: 'running', attempts: (steps.get(event.step)?.attempts ?? 0) + 1 })
      case 'step.settled':
        return change(event.step, atMs, {
          state: event.outcome.kind,
          endedAtMs: atMs,
          ...(event.outcome.kind === 'failed' ? { fault: event.outcome.fault } : {}),
          ...(event.origin ? { origin: event.origin } : {}),
        })
      case 'step.parked':
        return change(event.step, atMs, { state: 'parked', fault: event.fault })
      default:
        return
    }
  }

  return {
    events,
    moments,
    get steps() {
      return [...steps.values()]
    },
    get unanswered() {
      return [...unanswered.values()]
    },
    add(event) {
      startMs ??= event.atMs
      const atMs = event.atMs - startMs
      const call = 'call' in event ? event.call : undefined
      if (call?.target.kind === 'workflow') library.set(call.target.region, regionOf(call.target.region))
      const notes: Note[] = []
      apply(state, event, notes)
      events.push(event)
      moments.push({ atMs, kind: event.kind, ...stepIn(event), text: momentText(event) })
      count(event, atMs)
      for (const note of notes) tell(note, atMs)
      if (event.kind === 'items.added' && !event.closed) hearMore(event.step, atMs)
    },
    note({ nowMs, ...moment }) {
      moments.push({ atMs: nowMs - (startMs ?? nowMs), ...moment })
    },
  }
}

function stateOf(how: Extract<Note, { kind: 'rested' }>['how']): SimulatedStep['state'] {
  switch (how) {
    case 'passed':
      return 'succeeded'
    case 'lingers':
      return 'running'
    case 'failed':
    case 'cancelled':
    case 'skipped':
      return how
    default:
      return unreachable(how)
  }
}

/** Of a node that waits by its nature; what waits for a slot or a next try is told by other events. */
function waitOf(state: State, step: string): { readonly text: string; readonly signal?: string } | undefined {
  if (!isThere(state, step)) return undefined
  const { node } = describeStep(state, step)
  if (node.kind !== 'wait') return undefined
  return node.on.kind === 'signal' ? { text: ` for signal ${node.on.signal}`, signal: node.on.signal } : { text: '' }
}

const stepIn = (event: Event): { readonly step?: string } =>
  'step' in event && event.step !== undefined && event.step !== '' ? { step: event.step } : {}

function momentText(event: Event): string {
  switch (event.kind) {
    case 'run.started':
      return 'the run starts'
    case 'attempt.started':
      return event.attempt === 1 ? `${event.step} starts` : `${event.step} starts, attempt ${event.attempt}`
    case 'attempt.failed':
      return event.counts
        ? `${event.step} failed: ${faultText(event.fault)}; again in ${showMs(Math.max(0, event.retryAtMs - event.atMs))}`
        : `${event.step} was lost with its process`
    case 'step.settled':
      return settledText(event)
    case 'chosen':
      return `${event.step} goes on with ${event.branches?.join(', ') ?? event.branch}`
    case 'chosen.none':
      return `${event.step} has no transition that may fire now`
    case 'items.added':
      return event.added ? `${event.step} gets one more item` : `${event.step} has ${event.keys.length} items`
    case 'call.added': {
      const { target, flow } = event.call
      return `${flow} calls ${target.kind === 'workflow' ? target.workflow : target.node.name}`
    }
    case 'value.recorded':
      return `${event.step} records ${event.name}`
    case 'scope.closed':
      return `${event.scope === '' ? 'the run' : event.scope} is closed: ${faultText(event.fault)}`
    case 'step.stopped':
      return `${event.step} is stopped: ${faultText(event.fault)}`
    case 'timer.set':
      return `${event.step} waits for ${showMs(Math.max(0, event.dueAtMs - event.atMs))}`
    case 'timer.fired':
      return TIMER_TEXTS[event.timer](event.step === '' ? 'the run' : event.step)
    case 'signal.received':
      return `signal ${event.signal} ${event.step === undefined ? 'is kept' : `received by ${event.step}`}${valueText(event)}`
    case 'granted':
      return `${event.step} may go on`
    case 'step.parked':
      return `${event.step} is parked: ${faultText(event.fault)}`
    case 'step.retried':
      return `${event.step} gets another try`
    case 'run.redriven':
      return 'the run is redriven'
    case 'run.moved':
      return `the run is moved${event.version === undefined ? '' : ` to ${event.version}`}`
    case 'run.ended':
      return event.fault ? `the run ended ${event.status}: ${faultText(event.fault)}` : `the run ended ${event.status}`
    default:
      return unreachable(event)
  }
}

const TIMER_TEXTS = {
  wake: (step: string) => `${step} wakes`,
  retry: (step: string) => `${step} tries again`,
  deadline: (step: string) => `${step} is out of time`,
} as const

function settledText({ step, outcome, origin }: Extract<Event, { kind: 'step.settled' }>): string {
  switch (outcome.kind) {
    case 'succeeded':
      return origin ? `${step} is known` : `${step} succeeded`
    case 'failed':
      return `${step} failed: ${faultText(outcome.fault)}`
    case 'cancelled':
      return `${step} was cancelled`
    default:
      return unreachable(outcome)
  }
}

/** Longer values are in the log. */
const VALUE_CHARS_MAX = 80

function valueText({ value }: Extract<Event, { kind: 'signal.received' }>): string {
  const text = value.kind === 'value' ? value.value.inline : undefined
  return text === undefined || text.length > VALUE_CHARS_MAX || text.startsWith('{"$undefined"') ? '' : ` ${text}`
}

const faultText = ({ code, message }: Fault): string =>
  message.startsWith(`${code}:`) ? message : `${code}: ${message}`
