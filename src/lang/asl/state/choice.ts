/** Which rule of a Choice holds. */
import type { Json } from '../../../util/json.ts'
import { unreachable } from '../../../util/unreachable.ts'
import type { ChoiceState, Test } from '../machine.ts'
import { seekPath } from '../path/index.ts'
import type { Scope, Soon } from '../scope.ts'
import type { StateError } from '../state-error.ts'
import { effectiveInput } from './data.ts'
import { type Operator, operatorOf } from './operators.ts'
import { expected, pathScope } from './query.ts'
import { andThen } from './soon.ts'
import { runtimeError } from './words.ts'

/** Whether the rule at `index` (from 0) holds. Earlier ones are not asked. */
export function holds(state: ChoiceState, index: number, scope: Scope): Soon<boolean> {
  const rule = state.Choices[index]
  if (!rule) throw new Error(`defect: no choice ${index}`)
  if (scope.language === 'JSONPath') return testHolds(rule, scope, effectiveInput(state, scope))
  return andThen(
    expected(rule.Condition ?? null, scope, `Choices[${index}]/Condition`, 'boolean'),
    value => value === true,
  )
}

/** What a Choice ends with where no rule holds and it has no Default: documented as States.NoChoiceMatched, and yet this is what AWS gives. */
export const noChoice = (_state: ChoiceState, scope: Scope): StateError =>
  runtimeError(scope, 'Failed to transition out of the state. The state does not point to a next state.')

function testHolds(test: Test, scope: Scope, input: Json): boolean {
  if (test.And) return test.And.every(each => testHolds(each, scope, input))
  if (test.Or) return test.Or.some(each => testHolds(each, scope, input))
  if (test.Not) return !testHolds(test.Not, scope, input)
  for (const name of Object.keys(test)) {
    const operator = operatorOf(name)
    if (operator) return operatorHolds(operator, test, test[name] as Json, scope, input)
  }
  throw new Error('defect: a rule without an operator is refused before')
}

function operatorHolds(operator: Operator, test: Test, comparand: Json, scope: Scope, input: Json): boolean {
  const variable = test.Variable ?? '$'
  switch (operator.kind) {
    case 'present':
      return (seekPath(variable, pathScope(scope, input)).kind === 'found') === comparand
    case 'is':
      return operator.is(conditionValue(variable, scope, input)) === comparand
    case 'compares': {
      const value = conditionValue(variable, scope, input)
      const other = operator.by === 'value' ? comparand : conditionValue(comparand as string, scope, input)
      return operator.holds(value, other)
    }
    default:
      return unreachable(operator)
  }
}

/** Every path of a condition leads to something, but for those that ask just that. */
function conditionValue(path: string, scope: Scope, input: Json): Json {
  const sought = seekPath(path, pathScope(scope, input))
  if (sought.kind === 'found') return sought.value
  throw runtimeError(scope, `Invalid path '${path}': The choice state's condition path references an invalid value.`)
}
