/** The items of an each and their keys: all at the beginning, one batch for each key, or one more that a signal brought. */
import {
  type Bound,
  boundKey,
  describeStep,
  type Fault,
  type Input,
  type State,
  type StepId,
} from '../../core/index.ts'
import { allSoon, evaluateSoon, whenHere } from '../../values/index.ts'
import { type Evaluation, failed, guarded, type Soon } from './evaluation.ts'

export type ItemsResult = Extract<Input, { kind: 'items.evaluated' }>['result']

export function evaluateItems(evaluation: Evaluation, state: State, step: StepId): Soon<ItemsResult> {
  const { node, args } = describeStep(state, step)
  const items = args[0] ?? NO_ITEMS
  const batch = node.kind === 'each' ? node.batch : undefined
  return guarded<ItemsResult>(
    evaluation.values,
    node.name,
    () =>
      whenHere<number | Fault, Soon<ItemsResult>>(countOf(evaluation, items, node.name), count => {
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
      }) as Soon<ItemsResult>,
  )
}

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
