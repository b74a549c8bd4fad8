/**
 * A plan as a definition. What goes from state to state is always an object with a number `n`; each machine has a variable of its
 * own, by its depth, and each loop a counter. All errors inside of a Parallel or a Map have one name: which of two comes first
 * is nobody's business.
 */
import type { Json } from '../../../../src/util/json.ts'
import type { Block, Handling, Language, Plan, Whole } from './plan.ts'

export const FUNCTION = 'arn:aws:lambda:us-east-1:123456789012:function:work'

type States = { [name: string]: Json }
/** Absent fields are undefined, and no JSON. */
type Fields = { readonly [field: string]: Json | undefined }

interface Making {
  readonly states: States
  readonly standard: Language
  readonly depth: number
  readonly error: string | undefined
  readonly number: () => number
}

export function definitionOf({ language, plan }: Whole): Fields {
  let count = 0
  const number = (): number => (count += 1)
  return { QueryLanguage: language, ...machineOf(plan, { standard: language, depth: 0, error: undefined, number }) }
}

function machineOf(plan: Plan, given: Omit<Making, 'states'>): Fields {
  const states: States = {}
  const making: Making = { ...given, states }
  const last = `End${given.number()}`
  const first = blocks(plan, making, last)
  const start = `Start${given.number()}`
  put(making, start, { language: given.standard }, { Type: 'Pass', Assign: { [variable(making)]: 0 }, Next: first })
  put(making, last, { language: given.standard }, { Type: 'Succeed' })
  return { StartAt: start, States: states }
}

const variable = ({ depth }: Making): string => `x${depth}`

/** Gives the name of the first state. */
function blocks(plan: Plan, making: Making, end: string): string {
  const starts: string[] = plan.map(({ kind }) => `${kind[0]?.toUpperCase()}${kind.slice(1)}${making.number()}`)
  const at = (index: number): string => starts[index] ?? end
  plan.forEach((block, index) => {
    block satisfies Block
    render(block, making, { name: at(index), next: at(index + 1), after: skip => at(index + 1 + skip) })
  })
  return at(0)
}

interface Place {
  readonly name: string
  readonly next: string
  readonly after: (skip: number) => string
}

function put(
  { states, standard }: Making,
  name: string,
  { language }: { readonly language: Language },
  fields: Fields,
): void {
  states[name] = { ...fields, ...(language === standard ? {} : { QueryLanguage: language }) } as Json
}

function render(block: Block, making: Making, { name, next, after }: Place): void {
  // Nothing may go from JSONata back to JSONPath: the language of a machine that is JSONata is that of all in it.
  const language: Language = making.standard === 'JSONata' ? 'JSONata' : block.language
  const paths = language === 'JSONPath'
  const spoken = { language }
  const x = variable(making)
  switch (block.kind) {
    case 'pass': {
      const key = `k${block.value}`
      const read = paths
        ? { 'v.$': block.reads ? `$${x}` : 'States.MathAdd($.n, 1)' }
        : { v: block.reads ? `{% $${x} %}` : '{% $states.input.n + 1 %}' }
      const assign = block.assigns ? { Assign: { [x]: block.value } } : {}
      return put(making, name, spoken, {
        Type: 'Pass',
        ...(paths ? { Parameters: read, ResultPath: `$.${key}` } : { Output: merged(key, `{"v": ${bare(read)}}`) }),
        ...assign,
        Next: next,
      })
    }
    case 'wait': {
      const until = {
        seconds: { Seconds: 2 },
        path: paths ? { SecondsPath: '$.n' } : { Seconds: '{% $states.input.n %}' },
        past: { Timestamp: '2001-01-01T00:00:00Z' },
      }
      return put(making, name, spoken, { Type: 'Wait', ...until[block.form], Next: next })
    }
    case 'skip': {
      const rule = equals(paths, block.of === 'n' ? '$.n' : `$${x}`, block.is)
      return put(making, name, spoken, {
        Type: 'Choice',
        Choices: [{ ...rule, Next: after(block.skip), ...(block.of === 'x' ? { Assign: { [x]: 2 } } : {}) }],
        Default: next,
      })
    }
    case 'stop': {
      const stop = `${name}Stop`
      if (block.how === 'nothing')
        return put(making, name, spoken, {
          Type: 'Choice',
          Choices: [{ ...equals(paths, '$.n', block.is), Next: next }],
        })
      put(making, name, spoken, {
        Type: 'Choice',
        Choices: [{ ...equals(paths, '$.n', block.is), Next: stop }],
        Default: next,
      })
      const end =
        block.how === 'succeed'
          ? { Type: 'Succeed' }
          : { Type: 'Fail', Error: making.error ?? block.error, Cause: 'stopped' }
      return put(making, stop, spoken, end)
    }
    case 'loop': {
      const turn = `i${making.number()}`
      const [test, more] = [`${name}Test`, `${name}More`]
      put(making, name, spoken, { Type: 'Pass', Assign: { [turn]: 0 }, Next: test })
      const first = blocks(block.body, making, more)
      const less = paths
        ? { Variable: `$${turn}`, NumericLessThan: block.times }
        : { Condition: `{% $${turn} < ${block.times} %}` }
      put(making, test, spoken, { Type: 'Choice', Choices: [{ ...less, Next: first }], Default: next })
      const added = paths ? { [`${turn}.$`]: `States.MathAdd($${turn}, 1)` } : { [turn]: `{% $${turn} + 1 %}` }
      return put(making, more, spoken, { Type: 'Pass', Assign: added, Next: test })
    }
    case 'task': {
      const told = { fails: block.fails, error: making.error ?? block.error, value: name }
      return put(making, name, spoken, {
        Type: 'Task',
        Resource: FUNCTION,
        ...(paths
          ? {
              Parameters: { ...told, 'tries.$': '$$.State.RetryCount' },
              ...(block.placed ? { ResultSelector: { 'got.$': '$.value' } } : {}),
              ResultPath: '$.r',
            }
          : {
              Arguments: { ...told, tries: '{% $states.context.State.RetryCount %}' },
              Output: merged('r', '$states.result'),
            }),
        ...(block.timed
          ? paths
            ? { TimeoutSecondsPath: '$$.Execution.Input.limit' }
            : { TimeoutSeconds: '{% 60 %}' }
          : {}),
        ...handlers(block, paths, after),
        Next: next,
      })
    }
    case 'parallel': {
      const inner = { ...making, error: making.error ?? block.error, depth: making.depth + 1 }
      const argument = block.made
        ? paths
          ? { Parameters: { 'n.$': '$.n' } }
          : { Arguments: { n: '{% $states.input.n %}' } }
        : {}
      return put(making, name, spoken, {
        Type: 'Parallel',
        Branches: block.branches.map(branch => machineOf(branch, inner)) as Json,
        ...argument,
        ...(paths ? { ResultPath: '$.p' } : { Output: merged('p', '$states.result') }),
        ...handlers(block, paths, after),
        Next: next,
      })
    }
    case 'map': {
      const inner = { ...making, error: making.error ?? block.error, depth: making.depth + 1 }
      const distributed = block.tolerated !== undefined
      const items = block.items.map(n => ({ n }))
      const before = `${name}Items`
      put(making, name, spoken, {
        Type: 'Pass',
        ...(paths ? { Result: items, ResultPath: '$.items' } : { Output: merged('items', JSON.stringify(items)) }),
        Next: before,
      })
      const selector = paths
        ? { 'n.$': '$$.Map.Item.Value.n', 'at.$': '$$.Map.Item.Index' }
        : { n: '{% $states.context.Map.Item.Value.n %}', at: '{% $states.context.Map.Item.Index %}' }
      return put(making, before, spoken, {
        Type: 'Map',
        ...(paths ? { ItemsPath: '$.items' } : { Items: '{% $states.input.items %}' }),
        ...(block.selects ? { ItemSelector: selector } : {}),
        ...(block.concurrency > 0 ? { MaxConcurrency: block.concurrency } : {}),
        ...(distributed ? { ToleratedFailureCount: block.tolerated } : {}),
        ItemProcessor: {
          ...(distributed ? { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } } : {}),
          ...machineOf(block.body, inner),
        } as Json,
        ...(paths ? { ResultPath: '$.m' } : { Output: merged('m', '$states.result') }),
        ...handlers(block, paths, after),
        Next: next,
      })
    }
  }
}

const bare = ({ v }: Fields): string => String(v).slice(2, -2)
const merged = (key: string, text: string): string => `{% $merge([$states.input, {"${key}": ${text}}]) %}`

const equals = (paths: boolean, variable: string, is: number): Fields =>
  paths
    ? { Variable: variable, NumericEquals: is }
    : { Condition: `{% ${variable.replace('$.', '$states.input.')} = ${is} %}` }

function handlers({ retry, catch: catchers }: Handling, paths: boolean, after: Place['after']): Fields {
  const caught = paths
    ? { ResultPath: '$.caught' }
    : { Output: '{% $merge([$states.input, {"caught": $states.errorOutput}]) %}' }
  return {
    ...(retry.length > 0
      ? {
          Retry: retry.map(({ errors, attempts }) => ({
            ErrorEquals: errors,
            MaxAttempts: attempts,
            IntervalSeconds: 1,
          })),
        }
      : {}),
    ...(catchers.length > 0
      ? { Catch: catchers.map(({ errors, skip }) => ({ ErrorEquals: errors, ...caught, Next: after(skip) })) }
      : {}),
  }
}
