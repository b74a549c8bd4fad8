/**
 * Whether a run may be moved, tried before anything is written: its log has an image in the new graph, what it has recorded is
 * what the new version takes, and what the image then owes can be bound with the new code.
 */
import {
  type Bound,
  type Command,
  describeStep,
  type Event,
  type Graph,
  imageOf,
  outstanding,
  type Region,
  type State,
  type StepId,
} from '../../core/index.ts'
import type { Store } from '../../store/store.ts'
import type { ValueStore } from '../../values/index.ts'
import { nodeOfStep } from '../downstream.ts'
import { decodeGraph, loadRegion } from '../kept-graph.ts'
import type { Runnable } from '../runnable.ts'
import { imageObstacle, type MoveObstacle } from './obstacles.ts'
import { type Code, functionsIn, valueObstacles } from './past-values.ts'

/** A run as its log has it. */
export interface Log {
  readonly graph: Graph
  readonly library: ReadonlyMap<string, Region>
  readonly events: readonly Event[]
}

export interface Target {
  /** Its graph has the ids of the run. */
  readonly runnable: Runnable
  readonly code: Code
  /** Number of the version. */
  readonly to: string
  /** By the id of a step of the run, the path of one of the version that it may be, beside those that are sure. */
  readonly likely: ReadonlyMap<string, string>
}

export type Trial =
  /** `next`: the steps that go on, or wait for something. */
  | { readonly kind: 'fits'; readonly state: State; readonly next: readonly StepId[] }
  | { readonly kind: 'stuck'; readonly obstacles: readonly MoveObstacle[] }

export async function readLog(store: Store, run: string, graph: string): Promise<Log> {
  const library = new Map<string, Region>()
  const events: Event[] = []
  for await (const { event } of store.read({ run })) {
    if ('call' in event && event.call) await loadRegion(store, library, event.call.target)
    events.push(event)
  }
  return { graph: decodeGraph(await store.blobs.get(graph)), library, events }
}

/** `before`: what is known of the code that the run has now. */
export async function tryMove(log: Log, before: Code, target: Target, values: ValueStore): Promise<Trial> {
  const { runnable, code, to, likely } = target
  const image = imageOf({ before: log.graph, after: runnable.graph, library: log.library, events: log.events })
  const mistaken = mistakenSteps(log.events, target)
  if (mistaken.length > 0) return { kind: 'stuck', obstacles: mistaken }
  if (image.kind === 'none') return { kind: 'stuck', obstacles: [imageObstacle(image, log.events, to, likely)] }
  const obstacles = await valueObstacles({
    before: { graph: log.graph, code: before },
    after: { runnable, code },
    to,
    events: lastLife(log.events),
    args: image.state.args,
    image: image.state,
    values,
  })
  if (obstacles.length > 0) return { kind: 'stuck', obstacles }
  return rehearsed(image.state, target)
}

/** Steps that something has happened to, and whose id another step seems to have there. */
function mistakenSteps(events: readonly Event[], { runnable, to, likely }: Target): readonly MoveObstacle[] {
  if (likely.size === 0) return []
  const steps = new Set(
    lastLife(events).flatMap(event => ('step' in event && event.step !== undefined ? [event.step] : [])),
  )
  return [...steps].flatMap(step => {
    const path = step.replace(/\[[^\]]*\]/g, '[*]')
    const other = likely.get(path)
    if (other === undefined || !nodeOfStep(runnable.graph, step)) return []
    return [
      {
        step,
        message: `${step} has begun, and in ${to} it seems to be ${other}: ${path} is another step there`,
        hint: `Say so: --rename ${path}=${other}; or that it is the same: --rename ${path}=${path}`,
      },
    ]
  })
}

function lastLife(events: readonly Event[]): readonly Event[] {
  const start = events.findLastIndex(event => event.kind === 'run.redriven')
  return events.slice(Math.max(0, start))
}

/** What the image owes is bound as it will be when the run goes on. */
function rehearsed(state: State, { runnable, to }: Target): Trial {
  const owed = outstanding(state)
  const missing = new Set(owed.flatMap(command => boundsOf(state, command).flatMap(bound => [...functionsIn(bound)])))
  for (const fn of runnable.bindings.pure.keys()) missing.delete(fn)
  if (missing.size > 0)
    return {
      kind: 'stuck',
      obstacles: [...missing].map(fn => ({ message: `${to} has no function ${fn}, which the run needs next` })),
    }
  const steps = owed.flatMap(command => ('step' in command && command.step !== '' ? [command.step] : []))
  return { kind: 'fits', state, next: [...new Set(steps)] }
}

function boundsOf(state: State, command: Command): readonly Bound[] {
  switch (command.kind) {
    case 'startAttempt':
    case 'evaluateBranch':
    case 'evaluateItems':
    case 'evaluateTimer':
      return describeStep(state, command.step).args
    case 'evaluateResult':
      return command.result ? [command.result] : []
    default:
      return []
  }
}
