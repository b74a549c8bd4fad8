/**
 * Who uses a service that has failed for good is told: an attempt that was given its endpoint fails with SERVICE_FAILED
 * instead of finding out, in its own words and time, that nobody answers.
 *
 * By the value: an attempt's arguments are named by hash, and no two services of a machine have one endpoint, since none
 * two have one port. Services without a port are not told apart, so nobody is told of them.
 */
import type { Bound, Outcome, StepId } from '../core/index.ts'
import { type Attempt, type Executor, isOutcome } from '../exec/attempt.ts'
import type { ServiceHost } from '../exec/service.ts'
import type { Hash } from '../util/hash.ts'

interface Open {
  readonly attempt: Attempt
  readonly abort: AbortController
}

export interface Telling {
  readonly executor: Executor
  close(): void
}

export function tellingUsers(executor: Executor, services: ServiceHost): Telling {
  /** Of each service that has been ready, by run and step. */
  const endpoints = new Map<string, Hash>()
  /** What befell those that have failed. */
  const failed = new Map<Hash, string>()
  const open = new Set<Open>()

  const unwatch = services.onFailed?.(({ run, step, message }) => {
    const hash = endpoints.get(keyOf(run, step))
    if (hash === undefined) return
    failed.set(hash, message)
    for (const { attempt, abort } of open) if (uses(attempt, hash)) abort.abort(new Error(message))
  })

  const started = (attempt: Attempt, outcome: Outcome): Outcome => {
    if (outcome.kind !== 'succeeded') return outcome
    endpoints.set(keyOf(attempt.run, attempt.step), outcome.output.hash)
    failed.delete(outcome.output.hash)
    return outcome
  }

  const failureOf = (attempt: Attempt): Outcome | undefined => {
    for (const [hash, message] of failed)
      if (uses(attempt, hash))
        return {
          kind: 'failed',
          fault: { code: 'SERVICE_FAILED', message: `${attempt.name} uses a service: ${message}` },
        }
    return undefined
  }

  const watched: Executor = async (attempt, signal, reports) => {
    const mine = { attempt, abort: new AbortController() }
    open.add(mine)
    try {
      const outcome = await executor(attempt, AbortSignal.any([signal, mine.abort.signal]), reports)
      return outcome.kind === 'succeeded' || signal.aborted ? outcome : (failureOf(attempt) ?? outcome)
    } finally {
      open.delete(mine)
    }
  }

  const telling: Executor = (attempt, signal, reports) => {
    if (attempt.work.kind === 'service') {
      const outcome = executor(attempt, signal, reports)
      return isOutcome(outcome) ? started(attempt, outcome) : outcome.then(end => started(attempt, end))
    }
    // Most runs have no services: their attempts cost nothing here.
    if (endpoints.size === 0 || attempt.work.kind === 'source') return executor(attempt, signal, reports)
    return failureOf(attempt) ?? watched(attempt, signal, reports)
  }

  return { executor: telling, close: () => unwatch?.() }
}

const keyOf = (run: string, step: StepId): string => `${run} ${step}`

const uses = ({ args }: Attempt, endpoint: Hash): boolean => args.some(arg => holds(arg, endpoint))

function holds(bound: Bound, hash: Hash): boolean {
  switch (bound.kind) {
    case 'value':
      return bound.value.hash === hash
    case 'record':
      return Object.values(bound.fields).some(field => holds(field, hash))
    case 'list':
      return bound.items.some(item => holds(item, hash))
    case 'apply':
      return bound.args.some(arg => holds(arg, hash))
    default:
      return false
  }
}
