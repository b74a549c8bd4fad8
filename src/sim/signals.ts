/**
 * What the world tells a run, and what a run waits for that nobody tells. A signal is told until the run has taken it: a process
 * that dies in between loses none.
 */
import type { ValueRef, Wait as EngineWait } from '../core/index.ts'
import type { Receive } from '../run/letters.ts'
import type { Mail } from '../store/store.ts'
import { type Duration, durationMs } from '../util/duration.ts'
import type { Agenda } from './agenda.ts'

/** A signal that is sent once. */
export interface SentSignal {
  readonly name: string
  readonly value?: unknown
  /** Since the start of the run, or an instant. Absent: as soon as somebody waits for it. */
  readonly at?: Duration | Date
}

/** A step that waits for a signal. */
export interface SignalWait {
  readonly signal: string
  readonly step: string
  /** Milliseconds since the start of the run. */
  readonly sinceMs: number
}

/** What a wait is answered with, and after how long. */
export interface SignalAnswer {
  readonly value?: unknown
  readonly after?: Duration
}

/** Signals, or a function that is asked once for each wait; without an answer it goes unanswered. */
export type Signals = readonly SentSignal[] | ((wait: SignalWait) => SignalAnswer | undefined)

/** What somebody asks of the run at an instant: to stop, as a whole or one step; to try a parked step again. */
export type SimulatedRequest =
  | { readonly kind: 'cancel'; readonly at: Duration | Date; readonly step?: string; readonly reason?: string }
  | { readonly kind: 'retry'; readonly at: Duration | Date; readonly step: string }

/** Why a run does not go on. */
export type Wait = Exclude<EngineWait, { kind: 'timer' }> & { readonly sinceMs?: number }

export interface Mouth {
  /** A step has begun to wait. */
  hear(wait: SignalWait): void
  /** A new life: what the last one had not taken is told again. */
  tell(receive: Receive): void
}

export interface MouthOptions {
  readonly agenda: Agenda
  readonly startMs: number
  readonly signals: Signals
  readonly requests: readonly SimulatedRequest[]
  readonly encode: (name: string, value: unknown) => Promise<ValueRef>
  /** When a signal comes a second time; undefined: it does not. */
  readonly duplicateMs: () => number | undefined
  /** `what`: the signal or the request. */
  readonly onRefused: (what: string, refusal: { readonly code: string; readonly message: string }) => void
}

interface Due {
  readonly id: string
  readonly what: string
  readonly mail: (id: string) => Promise<Mail>
}

export function newMouth(options: MouthOptions): Mouth {
  const { agenda, startMs, signals, encode } = options
  /** Due, and not known to be taken. */
  const untaken = new Set<Due>()
  const onDemand: SentSignal[] = []
  let receive: Receive | undefined
  let count = 0

  const say = async (due: Due): Promise<void> => {
    const { id, what, mail } = due
    const reply = await receive?.(await mail(id), id)
    // The process died before it was durable: the next one hears it again.
    if (!reply) return
    untaken.delete(due)
    if (reply.kind === 'refused') options.onRefused(what, reply)
  }

  const post = (what: string, mail: Due['mail'], atMs: number): void => {
    const due: Due = { id: `simulated-${(count += 1)}`, what, mail }
    agenda.at(atMs, () => {
      untaken.add(due)
      void say(due)
      const againMs = options.duplicateMs()
      if (againMs !== undefined) agenda.at(agenda.nowMs + againMs, () => void say(due))
    })
  }

  const send = (signal: string, value: unknown, atMs: number): void =>
    post(`signal ${signal}`, async id => ({ kind: 'signal', signal, value: await encode(signal, value), id }), atMs)

  const instantOf = (at: Duration | Date): number => (at instanceof Date ? at.getTime() : startMs + durationMs(at))

  for (const request of options.requests)
    post(`the request to ${request.kind}`, async () => mailOf(request), instantOf(request.at))
  if (typeof signals !== 'function')
    for (const each of signals) {
      if (each.at === undefined) onDemand.push(each)
      else send(each.name, each.value, instantOf(each.at))
    }

  return {
    hear(wait) {
      if (typeof signals === 'function') {
        const answer = signals(wait)
        if (answer) send(wait.signal, answer.value, agenda.nowMs + durationMs(answer.after ?? 0))
        return
      }
      const index = onDemand.findIndex(each => each.name === wait.signal)
      const [next] = index < 0 ? [] : onDemand.splice(index, 1)
      if (next) send(next.name, next.value, agenda.nowMs)
    },
    tell(next) {
      receive = next
      for (const due of untaken) void say(due)
    },
  }
}

function mailOf(request: SimulatedRequest): Mail {
  if (request.kind === 'retry') return { kind: 'retry', step: request.step }
  const { reason = 'cancelled by the simulation', step } = request
  return { kind: 'cancel', reason, ...(step === undefined ? {} : { step }) }
}
