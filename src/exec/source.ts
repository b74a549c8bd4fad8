/** Sources in an attempt: looked at where the run's file lies, with what the process knows about files and runs. */
import type { ValueRef } from '../core/engine/protocol.ts'
import type { Source } from '../core/graph/graph.ts'
import type { Seen } from '../values/seen.ts'
import { lookAt } from '../values/sources.ts'
import type { Stamps } from '../values/stamps.ts'
import type { ValueStore } from '../values/store.ts'
import type { Attempt, Reports } from './attempt.ts'

/** What a process knows that looks at sources. */
export interface SourceHost {
  readonly stamps?: Stamps
  readonly now?: () => number
  /** What the last succeeded run of a workflow gave. */
  readonly latestResult?: (workflow: string) => Promise<ValueRef | undefined>
  /** Told what each look hung on. */
  readonly onLook?: (attempt: Attempt, seen: Seen) => void
}

interface Looking {
  readonly host: SourceHost
  readonly values: ValueStore
  readonly reports: Reports
  readonly signal: AbortSignal
}

export async function openSource(
  attempt: Attempt,
  source: Source,
  { host, values, reports, signal }: Looking,
): Promise<unknown> {
  const { value, seen } = await lookAt(source, attempt.root ?? attempt.cwd, {
    signal,
    warn: ({ code, message }) => reports.line('stderr', `warning: ${code}: ${message}`),
    ...(host.stamps ? { stamps: host.stamps } : {}),
    ...(host.now ? { now: host.now } : {}),
    latestResult: async workflow => {
      const ref = await host.latestResult?.(workflow)
      return ref && { value: await values.decode(ref) }
    },
  })
  host.onLook?.(attempt, seen)
  return value
}
