/** Guards, lists of items and results: what the engine asks the shell to evaluate, with the user's pure functions. */
import {
  type Bound,
  boundKey,
  type Command,
  describeStep,
  type Fault,
  type Input,
  type Node,
  type State,
  type StepId,
} from '../core/index.ts'
import { faultOf } from '../exec/fault.ts'
import { allNow, type Environment, evaluate, type ValueStore } from '../values/index.ts'

export interface Evaluation {
  readonly values: ValueStore
  readonly environment: Environment
}

type BranchResult = Extract<Input, { kind: 'branch.evaluated' }>['result']
type ItemsResult = Extract<Input, { kind: 'items.evaluated' }>['result']
type RunResult = Omit<Extract<Input, { kind: 'result.evaluated' }>, 'kind' | 'atMs'>

/** Which way a when or match goes. */
export function evaluateBranch(evaluation: Evaluation, node: Node, args: readonly Bound[]): Promise<BranchResult> {
  return guarded<BranchResult>(evaluation, node.name, async () => {
    const value = await evaluate(args[0] ?? { kind: 'list', items: [] }, evaluation.environment)
    if (node.kind === 'when') return { kind: 'chosen', branch: value ? 'then' : 'otherwise' }
    if (node.kind !== 'match') throw new Error(`defect: ${node.kind} has no branches`)
    const label = String(node.by === undefined ? value : (value as Record<string, unknown> | undefined)?.[node.by])
    if (Object.hasOwn(node.arms, label)) return { kind: 'chosen', branch: label }
    if (node.otherwise) return { kind: 'chosen', branch: 'otherwise' }
    return {
      kind: 'failed',
      fault: {
        code: 'NO_BRANCH',
        message: `${node.name} has no arm for ${JSON.stringify(label)}, only for ${Object.keys(node.arms).join(', ')}`,
      },
    }
  })
}

/** The items of an each and their keys. */
export function evaluateItems(evaluation: Evaluation, state: State, step: StepId): Promise<ItemsResult> {
  const { node, args } = describeStep(state, step)
  const items = args[0] ?? { kind: 'list' as const, items: [] }
  return guarded<ItemsResult>(evaluation, node.name, async () => {
    const count = await countOf(evaluation, items, node.name)
    if (typeof count !== 'number') return { kind: 'failed', fault: count }
    // Every key is bound before the first is evaluated: the state may go on meanwhile.
    const bound = Array.from(
      { length: count },
      (_, index) => boundKey(state, step, items, index) ?? { kind: 'literal' as const, value: index },
    )
    const keys = (await evaluateAll(bound, evaluation.environment)).map(String)
    const twice = firstDuplicate(keys)
    if (twice !== undefined)
      return {
        kind: 'failed',
        fault: { code: 'DUPLICATE_KEY', message: `${node.name}: two items have the key ${JSON.stringify(twice)}` },
      }
    return { kind: 'listed', keys, items }
  })
}

/** Without a promise for each where all are at hand: 10,000 keys are parts of one list that was just read. */
const evaluateAll = async (bounds: readonly Bound[], environment: Environment): Promise<readonly unknown[]> =>
  allNow(bounds, environment) ?? Promise.all(bounds.map(bound => evaluate(bound, environment)))

async function countOf({ environment }: Evaluation, items: Bound, name: string): Promise<number | Fault> {
  if (items.kind === 'list') return items.items.length
  const value = await evaluate(items, environment)
  return Array.isArray(value)
    ? value.length
    : {
        code: 'NOT_A_LIST',
        message: `${name} needs a list of items, but got ${value === null ? 'null' : typeof value}`,
      }
}

function firstDuplicate(keys: readonly string[]): string | undefined {
  const seen = new Set<string>()
  return keys.find(key => seen.size === seen.add(key).size)
}

/** The run's output, or that it could not be had. */
export async function evaluateResult(
  evaluation: Evaluation,
  command: Extract<Command, { kind: 'evaluateResult' }>,
): Promise<RunResult> {
  const { status, result, fault } = command
  if (!result) return { status, fault }
  const evaluated = await guarded<{ kind: 'kept'; output: NonNullable<RunResult['output']> }>(
    evaluation,
    'the result',
    async () => {
      if (result.kind === 'value' && result.path.length === 0) return { kind: 'kept', output: result.value }
      const value = await evaluate(result, evaluation.environment)
      return { kind: 'kept', output: await evaluation.values.encode(value, { task: 'the workflow', root: 'result' }) }
    },
  )
  return evaluated.kind === 'kept' ? { status, output: evaluated.output } : { status: 'failed', fault: evaluated.fault }
}

/** What user code throws here fails the step, not the shell. */
async function guarded<T>(
  evaluation: Evaluation,
  name: string,
  body: () => Promise<T>,
): Promise<T | { readonly kind: 'failed'; readonly fault: Fault }> {
  try {
    return await body()
  } catch (error) {
    return { kind: 'failed', fault: await faultOf(error, evaluation.values, name) }
  }
}
