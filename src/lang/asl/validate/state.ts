/** Each type of state: its fields, and which of them go together. */
import type { QueryLanguage, StateType } from '../machine.ts'
import { assign } from './assign.ts'
import { choices } from './choice.ts'
import { catchers, retriers } from './failures.ts'
import {
  atMostOne,
  checkFields,
  either,
  exactlyOne,
  type FieldTable,
  fieldTable,
  jsonata,
  jsonPath,
  require,
} from './fields.ts'
import { checkIntegration } from './integration.ts'
import { itemBatcher, itemReader, label, resultWriter } from './map.ts'
import { hintOf, into, type Place, pathOf, refuse, refuseField, warn } from './place.ts'
import {
  constant,
  jsonataIn,
  literal,
  numberPath,
  orJsonata,
  orNull,
  path,
  textPath,
  reference,
  resultPath,
  template,
  templateIn,
} from './query.ts'
import { resource } from './resource.ts'
import {
  boolean,
  type Check,
  decimal,
  type Fields,
  fieldOf,
  filledListOf,
  has,
  integer,
  isObject,
  oneOf,
  text,
  timestamp,
} from './values.ts'

const SECONDS_MAX = 99_999_999

const COMMON = { Type: either(text), Comment: either(text), QueryLanguage: either(oneOf('JSONPath', 'JSONata')) }

const PATHS = { InputPath: jsonPath(orNull(path)), OutputPath: jsonPath(orNull(path)) }

const ONWARD = { Next: either(text), End: either(boolean) }

const PARAMETERS = { Parameters: jsonPath(template), ResultPath: jsonPath(orNull(resultPath)) }

/** Of a state that has a result. */
const RESULT = {
  ResultSelector: jsonPath(template),
  Assign: either(assign('input', 'context', 'result')),
  Output: jsonata(jsonataIn('input', 'context', 'result')),
  Retry: either(retriers),
  Catch: either(catchers),
}

const ASSIGN = { Assign: either(assign('input', 'context')) }
const OUTPUT = { Output: jsonata(jsonataIn('input', 'context')) }
const ARGUMENTS = { Arguments: jsonata(jsonataIn('input', 'context')) }

const seconds = (least: number): Check => orJsonata(integer({ least, most: SECONDS_MAX }), 'input', 'context')

const machine =
  (kind: 'branch' | 'processor'): Check =>
  (value, place) =>
    void place.whole.inner.push({ value, kind, place })

const TABLES: { readonly [Type in StateType]: FieldTable } = {
  Pass: fieldTable(COMMON, PATHS, ONWARD, PARAMETERS, ASSIGN, OUTPUT, { Result: jsonPath(constant) }),
  Task: fieldTable(COMMON, PATHS, ONWARD, PARAMETERS, RESULT, ARGUMENTS, {
    Resource: either(resource),
    TimeoutSeconds: either(seconds(1)),
    TimeoutSecondsPath: jsonPath(reference),
    HeartbeatSeconds: either(seconds(1)),
    HeartbeatSecondsPath: jsonPath(reference),
    Credentials: either(credentials),
  }),
  Choice: fieldTable(COMMON, PATHS, ASSIGN, OUTPUT, { Choices: either(choices), Default: either(text) }),
  Wait: fieldTable(COMMON, PATHS, ONWARD, ASSIGN, OUTPUT, {
    Seconds: either(seconds(0)),
    SecondsPath: jsonPath(reference),
    Timestamp: either(orJsonata(timestamp, 'input', 'context')),
    TimestampPath: jsonPath(reference),
  }),
  Succeed: fieldTable(COMMON, PATHS, OUTPUT),
  Fail: fieldTable(COMMON, {
    Error: either(orJsonata(literal(text), 'input', 'context')),
    ErrorPath: jsonPath(textPath),
    Cause: either(orJsonata(literal(text), 'input', 'context')),
    CausePath: jsonPath(textPath),
  }),
  Parallel: fieldTable(COMMON, PATHS, ONWARD, PARAMETERS, RESULT, ARGUMENTS, {
    Branches: either(filledListOf(machine('branch'))),
  }),
  Map: fieldTable(COMMON, PATHS, ONWARD, PARAMETERS, RESULT, {
    ItemProcessor: either(machine('processor')),
    Iterator: either(machine('processor')),
    ItemsPath: jsonPath(reference),
    Items: jsonata(items),
    ItemSelector: either(templateIn('input', 'context')),
    ItemReader: either(itemReader),
    ItemBatcher: either(itemBatcher),
    ResultWriter: either(resultWriter),
    MaxConcurrency: either(orJsonata(integer({ least: 0 }), 'input', 'context')),
    MaxConcurrencyPath: jsonPath(numberPath),
    ToleratedFailureCount: either(orJsonata(integer({ least: 0 }), 'input', 'context')),
    ToleratedFailureCountPath: jsonPath(numberPath),
    ToleratedFailurePercentage: either(orJsonata(decimal({ least: 0, most: 100 }), 'input', 'context')),
    ToleratedFailurePercentagePath: jsonPath(numberPath),
    Label: either(label),
  }),
}

/** Fields that go together, beside each one's own check. */
const RULES: { readonly [Type in StateType]: (state: Fields, place: Place) => void } = {
  Pass: nextOrEnd,
  Task: (state, place) => {
    nextOrEnd(state, place)
    require(state, ['Resource'], place)
    atMostOne(state, ['TimeoutSeconds', 'TimeoutSecondsPath'], place)
    atMostOne(state, ['HeartbeatSeconds', 'HeartbeatSecondsPath'], place)
    heartbeatWithin(state, place)
    checkIntegration(state, place)
  },
  Choice: (state, place) => require(state, ['Choices'], place),
  Wait: (state, place) => {
    nextOrEnd(state, place)
    exactlyOne(state, ['SecondsPath', 'Seconds', 'TimestampPath', 'Timestamp'], place)
  },
  Succeed: () => {},
  Fail: (state, place) => {
    atMostOne(state, ['Error', 'ErrorPath'], place)
    atMostOne(state, ['Cause', 'CausePath'], place)
  },
  Parallel: (state, place) => {
    nextOrEnd(state, place)
    require(state, ['Branches'], place)
  },
  Map: (state, place) => {
    nextOrEnd(state, place)
    exactlyOne(state, ['ItemProcessor', 'Iterator'], place)
    atMostOne(state, ['ItemSelector', 'Parameters'], place)
    for (const field of ['MaxConcurrency', 'ToleratedFailureCount', 'ToleratedFailurePercentage']) {
      atMostOne(state, [field, `${field}Path`], place)
    }
  },
}

export function checkState(value: unknown, place: Place): void {
  if (!isObject(value)) return refuse(place, 'Expected value of type [OBJECT]')
  const type = fieldOf(value, 'Type')
  if (type === undefined) return refuse(place, "The field 'Type' is required")
  if (typeof type !== 'string') return refuse(into(place, 'Type'), 'Expected value of type [STRING]')
  if (!isStateType(type)) {
    return refuse(
      into(place, 'Type'),
      `The field 'Type' should have one of these values: [${TYPES.join(', ')}]`,
      hintOf(type, TYPES, place),
    )
  }
  const here = { ...place, language: languageIn(value, place) }
  checkFields(value, TABLES[type], here)
  RULES[type](value, here)
}

const TYPES: readonly StateType[] = ['Task', 'Wait', 'Pass', 'Succeed', 'Fail', 'Choice', 'Parallel', 'Map']

export const isStateType = (type: unknown): type is StateType => (TYPES as readonly unknown[]).includes(type)

/** AWS takes any other word than JSONPath for JSONata (and refuses it). */
function languageIn(state: Fields, place: Place): QueryLanguage | undefined {
  const named = fieldOf(state, 'QueryLanguage')
  if (named === undefined) return place.whole.language
  if (named !== 'JSONPath') return 'JSONata'
  if (place.whole.language === 'JSONPath') return 'JSONPath'
  const words = "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine"
  // AWS has been seen to refuse it of states of the whole machine; of those within others a published validator takes it.
  if (isNested(place)) {
    warn(place, words)
    return 'JSONPath'
  }
  refuseField(place, 'QueryLanguage', words)
  return undefined
}

/** Within `/States/X` there is more than the state. */
const isNested = (place: Place): boolean => pathOf(place).length > 2

function nextOrEnd(state: Fields, place: Place): void {
  const next = has(state, 'Next')
  const end = has(state, 'End') && fieldOf(state, 'End') !== false
  if (next && end) atMostOne(state, ['Next', 'End'], place)
  if (!next && !end) {
    refuse(
      place,
      'This object should have only one of the following fields: [Next, End]',
      'Name the state that follows, or write `"End": true`.',
    )
  }
}

function heartbeatWithin(state: Fields, place: Place): void {
  const heartbeat = fieldOf(state, 'HeartbeatSeconds')
  const timeout = fieldOf(state, 'TimeoutSeconds')
  if (typeof heartbeat !== 'number' || typeof timeout !== 'number' || heartbeat < timeout) return
  refuse(into(place, 'HeartbeatSeconds'), 'HeartbeatSeconds must be smaller than TimeoutSeconds')
}

function items(value: unknown, place: Place): void {
  if (Array.isArray(value) || isObject(value)) jsonataIn('input', 'context')(value, place)
  else orJsonata((_, here) => refuse(here, 'Expected value of type [ARRAY]'), 'input', 'context')(value, place)
}

function credentials(value: unknown, place: Place): void {
  if (!isObject(value)) return refuse(place, 'Expected value of type [OBJECT]')
  const hasRole = has(value, 'RoleArn') || (place.language !== 'JSONata' && has(value, 'RoleArn.$'))
  const words = "The field 'RoleArn' is required but was missing"
  if (Object.keys(value).length === 0) refuse(place, words)
  // The specification leaves to the interpreter what credentials are; nothing here looks at them.
  else if (!hasRole) warn(place, words)
  templateIn('input', 'context')(value, place)
}
