/** What a distributed map's ItemReader reads, and where its ResultWriter writes: the calls, their fields filled. */
import type { Json } from '../../../util/json.ts'
import type { ItemReader, MapState, ResultWriter } from '../machine.ts'
import type { Scope, Soon } from '../scope.ts'
import { StateError } from '../state-error.ts'
import { numberOf } from './numbers.ts'
import { fillExpressions, fillPaths, throughPath } from './query.ts'
import { andThen } from './soon.ts'

export interface Reading {
  readonly resource: string
  readonly argument: Json
  readonly config: NonNullable<ItemReader['ReaderConfig']>
  /** Absent: all. */
  readonly maxItems?: number
}

export interface Writing {
  readonly resource?: string
  readonly argument?: Json
  readonly config: NonNullable<ResultWriter['WriterConfig']>
}

/** Undefined: the items are in the state's input. */
export function readerOf(state: MapState, scope: Scope): Soon<Reading | undefined> {
  const reader = state.ItemReader
  if (!reader) return undefined
  const input = inputOf(state, scope)
  const config = reader.ReaderConfig ?? {}
  const maxItems = numberOf(
    {
      field: 'ItemReader/ReaderConfig/MaxItems',
      value: config.MaxItems,
      path: config.MaxItemsPath,
      form: 'integer',
      least: -Infinity,
    },
    scope,
    input,
  )
  return andThen(maxItems, most => {
    // Found out when the reader is asked, so that the map run fails and a catcher may go on.
    if ((most ?? 0) < 0) throw new StateError('States.ItemReaderFailed', 'field MaxItems must be positive')
    return andThen(argumentOf('ItemReader', reader, scope, input), argument => ({
      resource: reader.Resource,
      argument: argument ?? {},
      config,
      ...(most ? { maxItems: most } : {}),
    }))
  })
}

/** Undefined: the results are the state's result. */
export function writerOf(state: MapState, scope: Scope): Soon<Writing | undefined> {
  const writer = state.ResultWriter
  if (!writer) return undefined
  return andThen(argumentOf('ResultWriter', writer, scope, inputOf(state, scope)), argument => ({
    ...(writer.Resource === undefined ? {} : { resource: writer.Resource }),
    ...(argument === undefined ? {} : { argument }),
    config: writer.WriterConfig ?? {},
  }))
}

const inputOf = (state: MapState, scope: Scope): Json =>
  scope.language === 'JSONata' ? scope.input : throughPath(state.InputPath, scope, scope.input)

function argumentOf(
  field: 'ItemReader' | 'ResultWriter',
  call: Pick<ItemReader, 'Arguments' | 'Parameters'>,
  scope: Scope,
  input: Json,
): Soon<Json | undefined> {
  if (scope.language === 'JSONata')
    return call.Arguments === undefined ? undefined : fillExpressions(call.Arguments, scope, `${field}/Arguments`)
  return call.Parameters === undefined ? undefined : fillPaths(call.Parameters, scope, input)
}
