/** What keeps a run from being moved, in sentences. */
import type { Event, Image, Obstacle } from '../../core/index.ts'
import { unreachable } from '../../util/unreachable.ts'

export interface MoveObstacle {
  /** The step that is in the way, as the run has it. */
  readonly step?: string
  readonly message: string
  readonly hint?: string
}

type None = Extract<Image, { kind: 'none' }>

/** `to`: the version's number. `likely`: by the id of a step that is gone, the path of one that it may be. */
export function imageObstacle(
  image: None,
  events: readonly Event[],
  to: string,
  likely: ReadonlyMap<string, string>,
): MoveObstacle {
  const { reason } = image
  const step = 'step' in reason ? reason.step : image.step
  const hint = hintOf(reason, likely)
  return {
    ...(step === undefined ? {} : { step }),
    message: sentence({ ...image, event: endOf(image, events) }, to),
    ...(hint === undefined ? {} : { hint }),
  }
}

/** What has begun may have ended since, which says more. */
const endOf = ({ event, at }: None, events: readonly Event[]): Event =>
  event.kind === 'attempt.started'
    ? (events.find((each, index) => index > at && each.kind === 'step.settled' && each.step === event.step) ?? event)
    : event

function hintOf(reason: Obstacle, likely: ReadonlyMap<string, string>): string | undefined {
  if (reason.kind !== 'gone') return undefined
  const path = likely.get(reason.step)
  return path === undefined ? undefined : `If it is ${path} there: --rename ${reason.step}=${path}`
}

function sentence({ reason, event, step }: None, to: string): string {
  const what = factOf(event, step)
  switch (reason.kind) {
    case 'gone':
      return reason.step === step
        ? `${what}, and ${to} has no step ${reason.step}`
        : `${what}, and ${to} has no ${reason.step} that it would be in`
    case 'no-branch':
      return `${what}, and in ${to} ${reason.step} has no branch ${reason.branch}`
    case 'other-kind':
      return `${what}, and in ${to} it is no ${reason.before} but a ${reason.after}`
    case 'other-batches':
      return `${what}, and in ${to} it groups its items otherwise`
    case 'waits': {
      const [first, ...chain] = reason.chain
      const waits = chain.map(each => `waits for ${each}`).join(', which ')
      const who = first === step ? 'it' : first
      return `${what}, but in ${to} ${who} ${waits}, which has not ${reason.begun ? 'ended' : 'run'}`
    }
    case 'not-entered':
      return `${what}, but in ${to} ${reason.step} would not have begun that by then`
    case 'queued':
      return reason.locks.length > 0
        ? `${what}, but in ${to} it first waits for ${reason.locks.map(lock => `the lock ${lock}`).join(' and ')}`
        : `${what}, but in ${to} it first waits for its turn`
    case 'at-rest':
      return `${what}, but in ${to} ${reason.step === step ? 'it' : reason.step} would have ${REST[reason.how]} before`
    case 'closing':
      return `${what}, but in ${to} it would have been stopped before: ${reason.cause}`
    case 'signal-taken':
      return `${what}, but in ${to} ${reason.step} would have taken it`
    case 'signal-lost':
      return `${what}, and ${to} has nobody who takes it`
    case 'over':
      return `${what}, but in ${to} the run would have ended before`
    case 'other':
      return `${what}, which could not be in ${to}: ${reason.message}`
    default:
      return unreachable(reason)
  }
}

const REST = { passed: 'passed', failed: 'failed', cancelled: 'been cancelled', skipped: 'been skipped' } as const

function factOf(event: Event, step: string | undefined): string {
  switch (event.kind) {
    case 'attempt.started':
      return `${step} has begun`
    case 'attempt.failed':
    case 'step.parked':
      return `${step} has failed an attempt`
    case 'step.settled':
      return event.outcome.kind === 'succeeded'
        ? `${step} has been done`
        : event.outcome.kind === 'failed'
          ? `${step} has failed`
          : `${step} was cancelled`
    case 'chosen':
    case 'chosen.none':
      return `${step} has chosen`
    case 'items.added':
      return `${step} has its items`
    case 'call.added':
      return `the flow ${step} has made a call`
    case 'value.recorded':
      return `${step} has recorded ${event.name}`
    case 'scope.closed':
      return event.scope === '' ? 'the run was stopped' : `${event.scope.replace(/\/$/, '')} was stopped`
    case 'step.stopped':
      return `${step} was stopped`
    case 'timer.set':
      return `${step} knows when it ends`
    case 'timer.fired':
      return step === undefined ? 'the run has reached its deadline' : `the time of ${step} has come`
    case 'signal.received':
      return `the signal ${event.signal} has come${step === undefined ? ' and was kept' : ` for ${step}`}`
    case 'granted':
      return `${step} got what it waited for`
    case 'step.retried':
      return `${step} got another try`
    case 'run.started':
    case 'run.redriven':
    case 'run.moved':
      return 'the run has begun'
    case 'run.ended':
      return 'the run has ended'
    default:
      return unreachable(event)
  }
}
