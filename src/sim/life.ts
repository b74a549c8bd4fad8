/**
 * One life of a simulated process: its clock, and what it has begun. When it dies, all of that is gone; the agenda goes on.
 */
import type { Clock } from '../run/clock.ts'
import type { Agenda, Work } from './agenda.ts'
import { type Random, uuidOf } from './random.ts'

export interface Life {
  readonly clock: Clock
  /** Calls back at the instant if this life lasts so long. */
  at(instantMs: number, call: () => void): () => void
  work(what: string): Work
  /** Everything that this life has begun is forgotten. */
  end(): void
}

export interface LifeOptions {
  readonly agenda: Agenda
  /** What flows draw. */
  readonly chance: Random
  /** How late a timer may fire. */
  readonly lateness: () => number
}

export function newLife({ agenda, chance, lateness }: LifeOptions): Life {
  const undo = new Set<() => void>()
  let phase: 'alive' | 'over' = 'alive'

  const keep = (takeBack: () => void): (() => void) => {
    const forget = (): void => {
      undo.delete(forget)
      takeBack()
    }
    undo.add(forget)
    return forget
  }

  const at = (instantMs: number, call: () => void): (() => void) => {
    if (phase === 'over') return () => undefined
    const forget = keep(
      agenda.at(instantMs, () => {
        undo.delete(forget)
        call()
      }),
    )
    return forget
  }

  const every = (periodMs: number, call: () => void): (() => void) => {
    let lastMs = agenda.nowMs
    return keep(
      agenda.onJump(() => {
        if (agenda.nowMs - lastMs < periodMs) return
        lastMs = agenda.nowMs
        call()
      }),
    )
  }

  return {
    at,
    clock: {
      now: () => agenda.nowMs,
      at: (instantMs, call) => at(instantMs + lateness(), call),
      every,
      soon: call => agenda.soon(() => phase === 'alive' && call()),
      tie: agenda.tie,
      random: chance,
      uuid: () => uuidOf(chance),
    },
    work(what) {
      const work = agenda.work(what)
      if (phase === 'over') work.end()
      const end = keep(work.end)
      return { ...work, end }
    },
    end() {
      phase = 'over'
      for (const forget of [...undo]) forget()
    },
  }
}
