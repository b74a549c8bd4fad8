/** What a Map works on: its items, batches, limits, and the calls of its reader and writer. */
import { describe, expect, it } from 'vitest'
import type { MapState, ProcessorConfig } from '../../../src/lang/asl/machine.ts'
import { itemOf, mapOf, readerOf, writerOf } from '../../../src/lang/asl/state/index.ts'
import type { Json } from '../../../src/util/json.ts'
import { outcome, type Setting, scopeOf } from './state-rig.ts'

const map = (fields: Partial<MapState> = {}, Mode: ProcessorConfig['Mode'] = 'INLINE'): MapState => ({
  Type: 'Map',
  ItemProcessor: { ProcessorConfig: { Mode }, StartAt: 'P', States: { P: { Type: 'Pass', End: true } } },
  End: true,
  ...fields,
})
const work = (state: MapState, setting: Setting = {}, read?: readonly Json[]) =>
  outcome(() => mapOf(state, scopeOf(setting), read && { items: read, source: 's3://b/k' }))
const input = { list: [1, 2, 3], record: { a: 1, b: [2] }, n: 2, text: '2', no: 'NoNumber', less: -1, all: 101 }

describe('the items', () => {
  it.each<[Partial<MapState>, ProcessorConfig['Mode'], Json]>([
    [{ ItemsPath: '$.list' }, 'INLINE', { items: [1, 2, 3] }],
    [{ InputPath: '$.list' }, 'INLINE', { items: [1, 2, 3] }],
    [{ ItemsPath: '$v' }, 'INLINE', { items: ['v'] }],
    [{ ItemsPath: '$.n' }, 'INLINE', 'States.Runtime: Reference path "$.n" must point to array.'],
    [{ ItemsPath: '$$.Execution' }, 'INLINE', 'States.Runtime: Reference path "$.Execution" must point to array.'],
    [
      { ItemsPath: '$.x' },
      'INLINE',
      expect.stringMatching(/^States.ReferencePathConflict: Unable to apply step "x" to input /),
    ],
    [{ ItemsPath: '$.record' }, 'INLINE', 'States.Runtime: Reference path "$.record" must point to array.'],
    [
      { ItemsPath: '$.record' },
      'DISTRIBUTED',
      {
        items: [
          { Key: 'a', Value: 1 },
          { Key: 'b', Value: [2] },
        ],
      },
    ],
  ])('%j, %s', async (fields, mode, expected) => {
    expect(await work(map(fields, mode), { input, vars: { v: ['v'] } })).toEqual(expected)
  })

  it.each<[Partial<MapState>, Json, Json]>([
    [{}, [1], { items: [1] }],
    [{}, null, 'States.QueryEvaluationError: Map state input must be an array but was: null'],
    [{ Items: '{% $states.input.list %}' }, input, { items: [1, 2, 3] }],
    [{ Items: [1, '{% $states.input.n %}'] }, input, { items: [1, 2] }],
    [
      { Items: '{% $states.input.n %}' },
      input,
      "States.QueryEvaluationError: The JSONata expression '$states.input.n' specified for the field 'Items' returned an unexpected result type. Expected 'array', but was 'number' for value: 2",
    ],
  ])('%j of %j in JSONata', async (fields, of, expected) => {
    expect(await work(map(fields), { input: of, language: 'JSONata' })).toEqual(expected)
  })

  it('are those that were read', async () => {
    expect(await work(map({}, 'DISTRIBUTED'), { input: {} }, ['x'])).toEqual({ items: ['x'] })
  })
})

describe('where an item of a distributed map comes from', () => {
  const from = (read?: Parameters<typeof itemOf>[4]) => {
    const state = map({ ItemSelector: { 'from.$': '$$.Map.Item.Source' } }, 'DISTRIBUTED')
    return outcome(() => itemOf(state, scopeOf({ input }), 'item', 1, read))
  }
  it.each([
    [undefined, 'STATE_DATA'],
    [{ items: ['a', 'b'], source: 's3://b/k' }, 's3://b/k'],
    [{ items: ['a', 'b'], source: ['s3://b/1', 's3://b/2'] }, 's3://b/2'],
  ])('%j', async (read, expected) => {
    expect(await from(read)).toEqual({ from: expected })
  })
})

describe('one item', () => {
  const of = (fields: Partial<MapState>, setting: Setting = {}) =>
    outcome(() => itemOf(map(fields), scopeOf({ input, ...setting }), 'item', 1))
  it('is as it is, or as the selector has it', async () => {
    expect(await of({})).toBe('item')
    const template = {
      'i.$': '$$.Map.Item.Index',
      'v.$': '$$.Map.Item.Value',
      'n.$': '$.n',
      'run.$': '$$.Execution.Name',
    }
    const expected = { i: 1, v: 'item', n: 2, run: 'run' }
    expect(await of({ ItemSelector: template })).toEqual(expected)
    expect(await of({ Parameters: template })).toEqual(expected)
    const ItemSelector = '{% [$states.context.Map.Item.Index, $states.context.Map.Item.Value, $states.input.n] %}'
    expect(await of({ ItemSelector }, { language: 'JSONata' })).toEqual([1, 'item', 2])
  })
})

describe('batches', () => {
  const batches = (ItemBatcher: MapState['ItemBatcher'], fields: Partial<MapState> = {}, setting: Setting = {}) =>
    work(map({ ItemsPath: '$.list', ItemBatcher, ...fields }, 'DISTRIBUTED'), { input, ...setting })
  it('hold as many items as they may', async () => {
    expect(await batches({ MaxItemsPerBatch: 2 })).toEqual({ items: [{ Items: [1, 2] }, { Items: [3] }] })
    expect(await batches({ MaxItemsPerBatchPath: '$.text' })).toEqual({ items: [{ Items: [1, 2] }, { Items: [3] }] })
  })
  it('hold as many bytes as they may, and at least one item', async () => {
    const bytes = JSON.stringify({ Items: [1, 2] }).length + 1
    expect(await batches({ MaxInputBytesPerBatch: bytes })).toEqual({ items: [{ Items: [1, 2] }, { Items: [3] }] })
    expect(await batches({ MaxInputBytesPerBatch: 1 })).toEqual({ items: [1, 2, 3].map(each => ({ Items: [each] })) })
  })
  it('hold selected items beside what they share, and are not selected again', async () => {
    const state = { ItemSelector: { 'v.$': '$$.Map.Item.Value' } }
    const batcher = { MaxItemsPerBatch: 3, BatchInput: { 'n.$': '$.n' } }
    const batch = { BatchInput: { n: 2 }, Items: [{ v: 1 }, { v: 2 }, { v: 3 }] }
    expect(await batches(batcher, state)).toEqual({ items: [batch] })
    expect(await outcome(() => itemOf(map({ ...state, ItemBatcher: batcher }), scopeOf({ input }), batch, 0))).toBe(
      batch,
    )
  })
})

describe('the limits', () => {
  const limits = (fields: Partial<MapState>, setting: Setting = {}) =>
    work(map({ ItemsPath: '$.list', ...fields }), { input, ...setting })
  it.each<[Partial<MapState>, Json]>([
    [{ MaxConcurrency: 0 }, { items: [1, 2, 3] }],
    [{ MaxConcurrency: 4 }, { items: [1, 2, 3], concurrency: 4 }],
    [{ MaxConcurrencyPath: '$.text' }, { items: [1, 2, 3], concurrency: 2 }],
    [
      { MaxConcurrencyPath: '$.record' },
      'States.Runtime: The MaxConcurrencyPath field refers to value "{"a":1,"b":[2]}" which is not a valid integer: $.record',
    ],
    [{ ToleratedFailureCountPath: '$.n' }, { items: [1, 2, 3], tolerated: { count: 2 } }],
    [{ ToleratedFailureCountPath: '$.less' }, 'States.Runtime: ToleratedFailureCount cannot be negative.'],
    [
      { ToleratedFailureCount: 1, ToleratedFailurePercentage: 0.5 },
      { items: [1, 2, 3], tolerated: { count: 1, percentage: 0.5 } },
    ],
    [
      { ToleratedFailurePercentagePath: '$.no' },
      'States.Runtime: The ToleratedFailurePercentagePath field refers to value "NoNumber" which is not a valid float: $.no',
    ],
    [
      { ToleratedFailurePercentagePath: '$.all' },
      'States.Runtime: ToleratedFailurePercentage cannot be greater than 100.',
    ],
  ])('%j', async (fields, expected) => {
    expect(await limits(fields)).toEqual(expected)
  })
  it('may be expressions', async () => {
    const fields = { Items: [1], MaxConcurrency: '{% $states.input.n %}', ToleratedFailureCount: '{% 1 + 2 %}' }
    expect(await work(map(fields), { input, language: 'JSONata' })).toEqual({
      items: [1],
      concurrency: 2,
      tolerated: { count: 3 },
    })
  })
})

describe('the reader and the writer', () => {
  it('are called with their fields filled', async () => {
    const reader = {
      Resource: 'arn:aws:states:::s3:getObject',
      Parameters: { Bucket: 'b', 'Key.$': '$.text' },
      ReaderConfig: { InputType: 'JSON', MaxItemsPath: '$.text' },
    }
    expect(await outcome(() => readerOf(map({ ItemReader: reader }), scopeOf({ input })))).toEqual({
      resource: reader.Resource,
      argument: { Bucket: 'b', Key: '2' },
      config: reader.ReaderConfig,
      maxItems: 2,
    })
    const less = { ...reader, ReaderConfig: { MaxItemsPath: '$.less' } }
    expect(await outcome(() => readerOf(map({ ItemReader: less }), scopeOf({ input })))).toBe(
      'States.ItemReaderFailed: field MaxItems must be positive',
    )
    const writer = { Resource: 'arn:aws:states:::s3:putObject', Arguments: { Bucket: '{% $states.input.no %}' } }
    expect(
      await outcome(() => writerOf(map({ ResultWriter: writer }), scopeOf({ input, language: 'JSONata' }))),
    ).toEqual({
      resource: writer.Resource,
      argument: { Bucket: 'NoNumber' },
      config: {},
    })
    expect(await outcome(() => readerOf(map(), scopeOf()))).toBeUndefined()
    expect(await outcome(() => writerOf(map(), scopeOf()))).toBeUndefined()
  })
})
