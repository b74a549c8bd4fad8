/** What a Map works on: its items, how many at a time, and how many may fail. */
import type { Json } from '../../../util/json.ts'
import { isDistributed, type MapState } from '../machine.ts'
import { readReference } from '../path/index.ts'
import type { Scope, Soon } from '../scope.ts'
import { batchesOf } from './batch.ts'
import { effectiveInput } from './data.ts'
import { numberOf } from './numbers.ts'
import { expected, fillExpressions, fillPaths, pathScope } from './query.ts'
import { andThen, inTurn } from './soon.ts'
import { evaluationError, runtimeError } from './words.ts'

export interface MapWork {
  /** Batches, where the state makes them. */
  readonly items: readonly Json[]
  /** At least 1; absent: as many as there are. */
  readonly concurrency?: number
  /** Absent: none may fail. Where both are there, either ends the map. */
  readonly tolerated?: { readonly count?: number; readonly percentage?: number }
}

/** What an ItemReader has read. */
export interface Read {
  readonly items: readonly Json[]
  /** Where from: all of them, or one by one. */
  readonly source: string | readonly string[]
}

export function mapOf(state: MapState, scope: Scope, read?: Read): Soon<MapWork> {
  const input = scope.language === 'JSONata' ? scope.input : effectiveInput(state, scope)
  return andThen(read?.items ?? itemsOf(state, scope, input), found =>
    andThen(state.ItemBatcher === undefined ? found : batched(state, scope, found, read), items =>
      andThen(limitsOf(state, scope, input), limits => ({ items, ...limits })),
    ),
  )
}

/** What the iteration of `item` gets; `index` counts from 0. */
export function itemOf(state: MapState, scope: Scope, item: Json, index: number, read?: Read): Soon<Json> {
  return state.ItemBatcher === undefined ? selected(state, scope, item, index, read) : item
}

const batched = (
  state: MapState,
  scope: Scope,
  found: readonly Json[],
  read: Read | undefined,
): Soon<readonly Json[]> =>
  andThen(
    inTurn(found, (item, index) => selected(state, scope, item, index, read)),
    items => {
      if (selectorOf(state) !== undefined) scope.inspect?.('afterItemSelector', items)
      return batchesOf(state, scope, items)
    },
  )

/** ItemSelector, under whichever of its names. */
const selectorOf = (state: MapState): Json | undefined => state.ItemSelector ?? state.Parameters

function selected(state: MapState, scope: Scope, item: Json, index: number, read: Read | undefined): Soon<Json> {
  const template = selectorOf(state)
  if (template === undefined) return item
  const Item = { Index: index, Value: item, ...(isDistributed(state) ? { Source: sourceOf(read, index) } : {}) }
  const inside = { ...scope, context: { ...scope.context, Map: { Item } } }
  if (scope.language === 'JSONata') return fillExpressions(template, inside, 'ItemSelector')
  return fillPaths(template, inside, effectiveInput(state, { ...inside, inspect: undefined }))
}

/** As AWS names where an item comes from. */
function sourceOf(read: Read | undefined, index: number): string {
  const source = read?.source ?? 'STATE_DATA'
  return typeof source === 'string' ? source : (source[index] ?? '')
}

function itemsOf(state: MapState, scope: Scope, input: Json): Soon<readonly Json[]> {
  if (scope.language === 'JSONata') return jsonataItems(state, scope)
  const path = state.ItemsPath ?? '$'
  const items = pathItems(
    path,
    path === '$' ? input : readReference(path, pathScope(scope, input), scope),
    state,
    scope,
  )
  scope.inspect?.('afterItemsPath', items)
  return items
}

function pathItems(path: string, value: Json, state: MapState, scope: Scope): readonly Json[] {
  const items = listOf(value, state)
  // AWS names the path inside of the context object.
  if (!items) throw runtimeError(scope, `Reference path "${path.replace(/^\$\$/, '$')}" must point to array.`)
  return items
}

function jsonataItems(state: MapState, scope: Scope): Soon<readonly Json[]> {
  if (state.Items === undefined) return inputItems(state, scope)
  const text = state.Items
  if (typeof text !== 'string')
    return andThen(fillExpressions(text, scope, 'Items'), value => listOf(value, state) ?? [])
  return andThen(isDistributed(state) ? fillExpressions(text, scope, 'Items') : null, value => {
    const items = isDistributed(state) ? listOf(value, state) : undefined
    return items ?? andThen(expected(text, scope, 'Items', 'array'), list => list as readonly Json[])
  })
}

function inputItems(state: MapState, scope: Scope): readonly Json[] {
  const items = listOf(scope.input, state)
  if (!items) throw evaluationError(scope, `Map state input must be an array but was: ${JSON.stringify(scope.input)}`)
  return items
}

/** A distributed map takes an object as well, field by field. */
function listOf(value: Json, state: MapState): readonly Json[] | undefined {
  if (Array.isArray(value)) return value as readonly Json[]
  if (value === null || typeof value !== 'object' || !isDistributed(state)) return undefined
  return Object.entries(value).map(([key, field]) => ({ Key: key, Value: field }))
}

function limitsOf(state: MapState, scope: Scope, input: Json): Soon<Omit<MapWork, 'items'>> {
  const number = (
    field: 'MaxConcurrency' | 'ToleratedFailureCount' | 'ToleratedFailurePercentage',
    form: 'integer' | 'float',
    most?: number,
  ) =>
    numberOf(
      {
        field,
        value: state[field],
        path: state[`${field}Path`],
        form,
        least: 0,
        ...(most === undefined ? {} : { most }),
      },
      scope,
      input,
    )
  return andThen(number('MaxConcurrency', 'integer'), concurrency =>
    andThen(number('ToleratedFailureCount', 'integer'), count =>
      andThen(number('ToleratedFailurePercentage', 'float', 100), percentage => ({
        ...(concurrency ? { concurrency } : {}),
        ...(count === undefined && percentage === undefined ? {} : { tolerated: toleratedOf(count, percentage) }),
      })),
    ),
  )
}

const toleratedOf = (count: number | undefined, percentage: number | undefined): NonNullable<MapWork['tolerated']> => ({
  ...(count === undefined ? {} : { count }),
  ...(percentage === undefined ? {} : { percentage }),
})
