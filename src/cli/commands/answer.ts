/** How a request to a run is told: done, or kept until somebody runs it. */
import type { Delivery } from '../../run/requests.ts'
import type { RunRow } from '../../store/index.ts'
import { refuse } from '../../util/diagnostic.ts'
import type { Io } from '../io.ts'

interface Answered {
  readonly run: string
  /** `ended`: there was nothing left to ask. */
  readonly delivery: Delivery | 'ended'
  /** For `--json`. */
  readonly asked: Readonly<Record<string, string>>
  /** What has happened, for people. */
  readonly done: string
}

export function answer(io: Io, flags: { readonly json?: boolean }, { run, delivery, asked, done }: Answered): void {
  if (flags.json) io.out(`${JSON.stringify({ run, ...asked, delivery })}\n`)
  io.err(
    delivery !== 'kept'
      ? `${done}\n`
      : `nobody runs ${run} now: it is kept, and done when it goes on: tutti resume ${run}\n`,
  )
}

export function refuseEnded(row: RunRow, hint: string): void {
  if (row.endedAtMs !== undefined) refuse('RUN_ENDED', `Run ${row.run} has ended: ${row.status}`, { hint })
}
