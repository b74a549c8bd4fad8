/** The items of an each and their keys: all at the beginning, one batch for each key, or one more that a signal brought. */
import {
  type Bound,
  boundKey,
  describeStep,
  type Fault,
  type Input,
  type State,
  type StepId,
  type ValueRef,
} from '../../core/index.ts'
import { allSoon, evaluateSoon, whenHere } from '../../values/index.ts'
import { type Evaluation, failed, guarded, type Soon } from './evaluation.ts'

export type ItemsResult = Extract<Input, { kind: 'items.evaluated' }>['result']

export function evaluateItems(evaluation: Evaluation, state: State, step: StepId): Soon<ItemsResult> {
  const { node, args } = describeStep(state, step)
  const [given = NO_ITEMS, limits] = args
  const list = (items: Bound): Soon<ItemsResult> =>
    whenHere<ItemsResult, Soon<ItemsResult>>(listItems(evaluation, state, step, items), listed =>
      limits && listed.kind === 'listed' ? limited(evaluation, limits, listed, node.name) : listed,
    ) as Soon<ItemsResult>
  return guarded<ItemsResult>(
    evaluation.values,
    node.name,
    () => whenHere<Bound, Soon<ItemsResult>>(kept(evaluation, given, node.name), list) as Soon<ItemsResult>,
  )
}

function listItems(evaluation: Evaluation, state: State, step: StepId, items: Bound): Soon<ItemsResult> {
  const { node } = describeStep(state, step)
  const batch = node.kind === 'each' ? node.batch : undefined
  return whenHere<number | Fault, Soon<ItemsResult>>(countOf(evaluation, items, node.name), count => {
    if (typeof count !== 'number') return { kind: 'failed', fault: count }
    // Every key is bound before the first is evaluated: the state may go on meanwhile.
    const bound = Array.from(
      { length: batch === undefined ? count : Math.ceil(count / batch) },
      (_, index) => boundKey(state, step, { items, index, count }) ?? { kind: 'literal' as const, value: index },
    )
    return whenHere<unknown[], ItemsResult>(allSoon(bound, evaluation.environment), values => {
      const keys = values.map(String)
      const twice = firstDuplicate(keys)
      if (twice !== undefined)
        return failed('DUPLICATE_KEY', `${node.name}: two items have the key ${JSON.stringify(twice)}`)
      return { kind: 'listed', keys, items, ...(batch === undefined ? {} : { count }) }
    })
  }) as Soon<ItemsResult>
}

type Listed = Extract<ItemsResult, { kind: 'listed' }>

/** What a function gives is kept: each item would else be looked up in what it gives when it is called once more. */
const kept = ({ environment, values }: Evaluation, items: Bound, name: string): Soon<Bound> =>
  items.kind !== 'apply'
    ? items
    : (whenHere<unknown, Soon<Bound>>(evaluateSoon(items, environment), value =>
        whenHere<ValueRef, Bound>(values.encodeSoon(value, { task: name, root: 'items' }), ref => ({
          kind: 'value',
          value: ref,
          path: [],
        })),
      ) as Soon<Bound>)

const limited = (evaluation: Evaluation, limits: Bound, listed: Listed, name: string): Soon<ItemsResult> =>
  whenHere<unknown, ItemsResult>(evaluateSoon(limits, evaluation.environment), value => {
    const { concurrency, tolerate } = (value ?? {}) as { readonly [limit: string]: unknown }
    const wrong = [concurrency, tolerate].some(each => each !== undefined && !isCount(each)) || concurrency === 0
    if (wrong) return failed('BAD_LIMIT', `${name} has limits that are no counts: ${JSON.stringify(value)}`)
    return {
      ...listed,
      limits: {
        ...(concurrency === undefined ? {} : { concurrency: Number(concurrency) }),
        ...(tolerate === undefined ? {} : { tolerate: Number(tolerate) }),
      },
    }
  })

const isCount = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 0

/** The key of one more item. */
export function evaluateAdded(
  evaluation: Evaluation,
  state: State,
  step: StepId,
  { item, index }: { readonly item: Bound; readonly index: number },
): Soon<ItemsResult> {
  const { node } = describeStep(state, step)
  return guarded<ItemsResult>(evaluation.values, node.name, () => {
    const bound = boundKey(state, step, { items: NO_ITEMS, index, count: index, added: item }) ?? {
      kind: 'literal' as const,
      value: index,
    }
    return whenHere<unknown, ItemsResult>(evaluateSoon(bound, evaluation.environment), key => ({
      kind: 'added',
      key: String(key),
      item,
    }))
  })
}

const NO_ITEMS: Bound = { kind: 'list', items: [] }

function countOf({ environment }: Evaluation, items: Bound, name: string): Soon<number | Fault> {
  if (items.kind === 'list') return items.items.length
  return whenHere<unknown, number | Fault>(evaluateSoon(items, environment), value =>
    Array.isArray(value)
      ? value.length
      : {
          code: 'NOT_A_LIST',
          message: `${name} needs a list of items, but got ${value === null ? 'null' : typeof value}`,
        },
  )
}

function firstDuplicate(keys: readonly string[]): string | undefined {
  const seen = new Set<string>()
  return keys.find(key => seen.size === seen.add(key).size)
}
