/** ItemBatcher: items of a distributed map put together, so that one child execution works on several. */
import type { Json } from '../../../util/json.ts'
import type { MapState } from '../machine.ts'
import type { Scope, Soon } from '../scope.ts'
import { numberOf } from './numbers.ts'
import { fillExpressions, fillPaths, throughPath } from './query.ts'
import { andThen } from './soon.ts'

export function batchesOf(state: MapState, scope: Scope, items: readonly Json[]): Soon<readonly Json[]> {
  const batcher = state.ItemBatcher ?? {}
  const input = scope.language === 'JSONata' ? scope.input : throughPath(state.InputPath, scope, scope.input)
  const number = (field: 'MaxItemsPerBatch' | 'MaxInputBytesPerBatch') =>
    numberOf(
      {
        field: `ItemBatcher/${field}`,
        value: batcher[field],
        path: batcher[`${field}Path`],
        form: 'integer',
        least: 1,
      },
      scope,
      input,
    )
  return andThen(number('MaxItemsPerBatch'), most =>
    andThen(number('MaxInputBytesPerBatch'), bytes =>
      andThen(batchInput(batcher.BatchInput, scope, input), shared => {
        const batches = grouped(items, { most: most ?? Infinity, bytes: bytes ?? Infinity }, shared)
        scope.inspect?.('afterItemBatcher', batches)
        return batches
      }),
    ),
  )
}

function batchInput(template: Json | undefined, scope: Scope, input: Json): Soon<Json | undefined> {
  if (template === undefined) return undefined
  if (scope.language === 'JSONata') return fillExpressions(template, scope, 'ItemBatcher/BatchInput')
  return fillPaths(template, scope, input)
}

/** An item that is larger than a batch may be stands alone. */
function grouped(items: readonly Json[], limit: { most: number; bytes: number }, shared: Json | undefined): Json[] {
  const batch = (list: readonly Json[]): Json => ({
    ...(shared === undefined ? {} : { BatchInput: shared }),
    Items: list,
  })
  const empty = bytesOf(batch([]))
  const batches: Json[] = []
  let list: Json[] = []
  let size = empty
  for (const item of items) {
    const more = bytesOf(item) + 1
    if (list.length > 0 && (list.length >= limit.most || size + more > limit.bytes)) {
      batches.push(batch(list))
      list = []
      size = empty
    }
    list.push(item)
    size += more
  }
  return list.length === 0 ? batches : [...batches, batch(list)]
}

const bytesOf = (value: Json): number => Buffer.byteLength(JSON.stringify(value))
