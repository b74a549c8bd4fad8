/** States that do work of their own: what a mock, or the task itself, makes of them. */
import type { Json } from '../../../util/json.ts'
import { unreachable } from '../../../util/unreachable.ts'
import type { MapState, ParallelState, TaskState } from '../machine.ts'
import type { Scope } from '../scope.ts'
import {
  argumentOf,
  exitOf,
  itemOf,
  type MapWork,
  mapOf,
  readerOf,
  timeoutsOf,
  type WorkState,
} from '../state/index.ts'
import { StateError } from '../state-error.ts'
import { type Handled, succeeded } from './handle.ts'
import type { Mocked } from './mock.ts'
import { parsed, refuse } from './refuse.ts'
import type { InspectionData, StateConfiguration, Surroundings } from './request.ts'
import { requestOf, responseOf } from './trace.ts'

export interface Work {
  readonly scope: Scope
  readonly mocked: Mocked
  readonly configuration: StateConfiguration
  readonly surroundings: Surroundings
  /** Told what a map's numbers came to. */
  readonly note: (data: Partial<InspectionData>) => void
  /** Told what goes over the wire; only TRACE shows it. */
  readonly trace: (data: Partial<InspectionData>) => void
}

/** Throws the StateError that the state ends with. */
export async function worked(state: WorkState, work: Work): Promise<Handled> {
  const result = await resultOf(state, work)
  const exit = await exitOf(state, work.scope, result)
  return succeeded(exit.output, state.Next)
}

function resultOf(state: WorkState, work: Work): Promise<Json> {
  switch (state.Type) {
    case 'Task':
      return taskResult(state, work)
    case 'Parallel':
      return parallelResult(state, work)
    case 'Map':
      return mapResult(state, work)
    default:
      return unreachable(state)
  }
}

async function taskResult(state: TaskState, work: Work): Promise<Json> {
  const { scope, mocked, surroundings } = work
  const argument = await argumentOf(state, scope)
  const timeouts = await timeoutsOf(state, scope)
  if (mocked.kind !== 'none') return outcome(mocked)
  if (!surroundings.perform) return refuse(`The task '${scope.name}' needs a mock, or a binding of ${state.Resource}.`)
  const isHttp = state.Resource.endsWith(':http:invoke')
  if (isHttp) work.trace({ request: requestOf(argument) })
  const result = await surroundings.perform({ name: scope.name, state, argument, context: scope.context, ...timeouts })
  if (isHttp) work.trace({ response: responseOf(argument, result) })
  return result
}

async function parallelResult(state: ParallelState, { scope, mocked }: Work): Promise<Json> {
  await argumentOf(state, scope)
  return outcome(mocked)
}

async function mapResult(state: MapState, work: Work): Promise<Json> {
  const { scope, mocked, configuration, note } = work
  const items = await readItems(state, work)
  const map = await mapOf(state, scope, items && { items, source: 'STATE_DATA' })
  const { count, percentage } = map.tolerated ?? {}
  note({
    maxConcurrency: map.concurrency ?? 0,
    ...(count === undefined ? {} : { toleratedFailureCount: count }),
    ...(percentage === undefined ? {} : { toleratedFailurePercentage: percentage }),
  })
  if (selects(state)) await selectItems(state, scope, map.items)
  if (mocked.kind === 'result' && isExceeded(map, configuration.mapIterationFailureCount ?? 0))
    throw new StateError(
      'States.ExceedToleratedFailureThreshold',
      'The specified tolerated failure threshold was exceeded',
    )
  return outcome(mocked)
}

async function readItems(state: MapState, { scope, configuration }: Work): Promise<readonly Json[] | undefined> {
  const reader = await readerOf(state, { ...scope, inspect: undefined })
  if (!reader) return undefined
  if (configuration.mapItemReaderData === undefined)
    return refuse('ItemReader data must be specified when testing a Map state with ItemReader specified.')
  const data = parsed(configuration.mapItemReaderData, () => refuse('MapItemReaderData must be valid JSON'))
  const items = Array.isArray(data) ? (data as readonly Json[]) : refuse('MapItemReaderData must be an array.')
  return items.slice(0, reader.maxItems)
}

/** Of batches, the items were selected before. */
const selects = (state: MapState): boolean =>
  state.ItemBatcher === undefined && (state.ItemSelector ?? state.Parameters) !== undefined

async function selectItems(state: MapState, scope: Scope, items: readonly Json[]): Promise<void> {
  const selected: Json[] = []
  for (const [index, item] of items.entries()) selected.push(await itemOf(state, scope, item, index))
  scope.inspect?.('afterItemSelector', selected)
}

/** A map that names no threshold is tested as if all of its iterations might fail. */
function isExceeded({ items, tolerated }: MapWork, failures: number): boolean {
  if (!tolerated) return false
  const { count = Infinity, percentage = 100 } = tolerated
  return failures > count || (items.length > 0 && (failures / items.length) * 100 > percentage)
}

function outcome(mocked: Mocked): Json {
  if (mocked.kind === 'result') return mocked.result
  throw mocked.kind === 'error' ? new StateError(mocked.error, mocked.cause) : new Error('defect: no mock')
}
