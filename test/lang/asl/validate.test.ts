/** Each rule of the language by what breaks it: one state (or one machine) a row, and all that is said of it. */
import { describe, expect, test } from 'vitest'
import { showPath } from '../../../src/lang/asl/source.ts'
import type { Problem } from '../../../src/lang/asl/validate/place.ts'
import { problemsOf, type ValidateOptions, validateDefinition } from '../../../src/lang/asl/validate/validate.ts'

const shown = ({ severity, code, message, location }: Problem): string =>
  `${severity === 'warning' ? '(warning) ' : ''}${code === 'SCHEMA_VALIDATION_FAILED' ? '' : `${code}: `}${message.trim()} at ${location ? showPath(location) : 'null'}`

const said = (definition: unknown, options?: ValidateOptions): readonly string[] =>
  problemsOf(definition, options).map(shown)

/** A machine of this one state, `S`, and of `T` where it leads to it. */
const around = (state: object, whole: object = {}) => {
  const others = /"(?:Next|Default)":"T"/.test(JSON.stringify(state)) ? { T: { Type: 'Succeed' } } : {}
  return { ...whole, StartAt: 'S', States: { S: state, ...others } }
}

const pass = { Type: 'Pass', End: true }
const task = { Type: 'Task', Resource: 'arn:aws:lambda:us-east-1:123456789012:function:f', End: true }
const inner = (states: object = { I: pass }) => ({ StartAt: Object.keys(states)[0], States: states })
const map = { Type: 'Map', ItemProcessor: inner(), End: true }
const choice = (rule: object) => ({ Type: 'Choice', Choices: [{ Next: 'T', ...rule }] })
const distributed = (more: object = {}, config: object = { ExecutionType: 'STANDARD' }) => ({
  ...map,
  ItemProcessor: { ...inner(), ProcessorConfig: { Mode: 'DISTRIBUTED', ...config } },
  ...more,
})
const reader = (config: object) =>
  distributed({ ItemReader: { Resource: 'arn:aws:states:::s3:getObject', ReaderConfig: config } })
const jsonata = { QueryLanguage: 'JSONata' }
const RULES = { one: 'of the following fields: ' }

type Row = readonly [state: object, ...said: string[]]

const check = (title: string, rows: readonly Row[], whole: object = {}) =>
  describe(title, () => {
    test.each(rows.map(([state, ...found]) => [JSON.stringify(state).slice(0, 110), state, found] as const))(
      '%s',
      (_, state, found) => {
        expect(said(around(state, whole))).toEqual(found)
      },
    )
  })

check('states are left by Next or End', [
  [{ Type: 'Pass', Next: 'T' }],
  [{ Type: 'Pass', Next: 'T', End: false }],
  [
    { Type: 'Pass' },
    `This object should have only one ${RULES.one}[Next, End] at /States/S`,
    'MISSING_END_STATE: Workflow has no terminal state at null',
  ],
  [{ Type: 'Wait', Seconds: 1, Next: 'T', End: true }, `There should only be one ${RULES.one}[Next, End] at /States/S`],
  [{ Type: 'Succeed', Next: 'T' }, "Field 'Next' is not supported at /States/S"],
  [{ Type: 'Fail', End: true }, "Field 'End' is not supported at /States/S"],
  [{ Type: 'Choice', Choices: [], Default: 'T' }, 'Value cannot be empty at /States/S/Choices'],
  [
    { Type: 'Pass', Next: 7 },
    'Expected value of type [STRING] at /States/S/Next',
    'MISSING_END_STATE: Workflow has no terminal state at null',
  ],
])

check('a state is of one of the types', [
  [
    { End: true },
    "The field 'Type' is required at /States/S",
    'MISSING_END_STATE: Workflow has no terminal state at null',
  ],
  [
    { Type: 'pass', End: true },
    "The field 'Type' should have one of these values: [Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map] at /States/S/Type",
    'MISSING_END_STATE: Workflow has no terminal state at null',
  ],
  [
    ['Pass'],
    'Expected value of type [OBJECT] at /States/S',
    'MISSING_END_STATE: Workflow has no terminal state at null',
  ],
])

check('a state has the fields of its type alone', [
  [{ ...pass, TimeoutSeconds: 5 }, "Field 'TimeoutSeconds' is not supported at /States/S"],
  [{ ...pass, Catch: [] }, "Field 'Catch' is not supported at /States/S"],
  [{ ...pass, ResultSelector: {} }, "Field 'ResultSelector' is not supported at /States/S"],
  [{ ...map, TimeoutSeconds: 5 }, "Field 'TimeoutSeconds' is not supported at /States/S"],
  [{ ...pass, comment: 'lower case' }, "Field 'comment' is not supported at /States/S"],
  [{ ...pass, Comment: 7 }, 'Expected value of type [STRING] at /States/S/Comment'],
])

check('fields of the other language are refused', [
  [
    { ...pass, Output: 1 },
    "The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the 'JSONata' QueryLanguage at /States/S",
  ],
  [
    { ...task, Arguments: {} },
    "The QueryLanguage is set to 'JSONPath', but field 'Arguments' is only supported for the 'JSONata' QueryLanguage at /States/S",
  ],
  [
    { ...pass, ...jsonata, InputPath: '$.a' },
    "The QueryLanguage is set to 'JSONata', but field 'InputPath' is only supported for the 'JSONPath' QueryLanguage at /States/S",
  ],
  [{ ...pass, ...jsonata, Output: '{% 1 %}' }],
  [
    { ...pass, QueryLanguage: 'jsonata', Output: 1 },
    'Value should be one of the following: [JSONPath, JSONata] at /States/S/QueryLanguage',
  ],
  [
    choice({ Condition: true }),
    "The QueryLanguage is set to 'JSONPath', but field 'Condition' is only supported for the 'JSONata' QueryLanguage at /States/S/Choices[0]",
  ],
])

check(
  'a machine that speaks JSONata is not left state by state',
  [
    [
      { ...pass, QueryLanguage: 'JSONPath', Output: 1 },
      "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine at /States/S",
    ],
    [
      { ...map, ItemProcessor: inner({ I: { ...pass, QueryLanguage: 'JSONPath', InputPath: '$' } }) },
      "(warning) 'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine at /States/S/ItemProcessor/States/I",
    ],
    [
      choice({ Variable: '$.a', IsNull: true }),
      "The QueryLanguage is set to 'JSONata', but field 'Variable' is only supported for the 'JSONPath' QueryLanguage at /States/S/Choices[0]",
      "The QueryLanguage is set to 'JSONata', but field 'IsNull' is only supported for the 'JSONPath' QueryLanguage at /States/S/Choices[0]",
    ],
    [choice({}), 'The object must have only one of the following fields, [Condition] at /States/S/Choices[0]'],
    [choice({ Condition: 'yes' }), 'Expected value of type [BOOLEAN] at /States/S/Choices[0]/Condition'],
    [choice({ Condition: '{% $x > 1 %}', Output: { a: '{% $states.input %}' } })],
  ],
  jsonata,
)

check(
  'expressions are JSONata between its own brackets',
  [
    [
      { ...pass, Output: { a: ['{% 1 + %}'] } },
      'INVALID_JSONATA_EXPRESSION: Unexpected end of expression at /States/S/Output/a[0]',
    ],
    [{ ...pass, Output: '{% 10 %' }, 'JSONata string must start with {% and end with %} at /States/S/Output'],
    [{ ...pass, Output: '10 %}' }, 'JSONata string must start with {% and end with %} at /States/S/Output'],
    [{ ...pass, Output: '{%10%}' }, 'JSONata string must start with {% and end with %} at /States/S/Output'],
    [{ ...pass, Output: "{%$uppercase('a') %}" }],
    [{ ...pass, Output: '{%\n  1\n%}' }],
    [{ ...pass, Output: 'no {% expression %} at all' }],
    [{ ...pass, Comment: '{% not one either' }],
    [
      { ...pass, Output: '{% phone %}' },
      "UNSUPPORTED_JSONATA_EXPRESSION: Reference to 'phone' at the top level is not supported. at /States/S/Output",
    ],
    [
      { ...pass, Output: '{% $states.result %}' },
      "UNSUPPORTED_JSONATA_EXPRESSION: Field '$states.result' does not exist. at /States/S/Output",
    ],
    [{ ...task, Output: '{% $states.result %}', Assign: { a: '{% $states.result %}' } }],
    [{ ...task, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'T', Output: '{% $states.errorOutput %}' }] }],
    [{ ...task, TimeoutSeconds: '{% $states.input.seconds %}' }],
    [{ ...task, TimeoutSeconds: '5' }, 'Expected value of type Integer at /States/S/TimeoutSeconds'],
    [{ ...map, Items: '{% [1, 2] %}', MaxConcurrency: '{% 3 %}', ToleratedFailurePercentage: '{% 3 %}' }],
    [{ ...map, Items: [1, '{% 2 %}'] }],
    [{ ...map, Items: { a: 1 } }],
    [{ ...map, Items: 7 }, 'Expected value of type [ARRAY] at /States/S/Items'],
    [
      { ...pass, Output: `{% ${'('.repeat(1_000)} %}` },
      'INVALID_JSONATA_EXPRESSION: More than 300 brackets deep at /States/S/Output',
    ],
  ],
  jsonata,
)

check('paths, templates and calls can be read', [
  [{ ...pass, InputPath: null, OutputPath: null, ResultPath: null }],
  [{ ...pass, InputPath: '$$.Execution.Id', OutputPath: '$variable.a', ResultPath: '$.a[0].b' }],
  [{ ...pass, InputPath: 'a' }, 'Value must be a valid JSONPath. at /States/S/InputPath'],
  [{ ...pass, InputPath: '$.a[' }, 'Value must be a valid JSONPath. at /States/S/InputPath'],
  [{ ...pass, InputPath: "States.Format('{}', $.a)" }, 'Value must be a valid JSONPath. at /States/S/InputPath'],
  [{ ...pass, ResultPath: '$variable' }, 'Value is not a Reference Path at /States/S/ResultPath'],
  [{ ...pass, ResultPath: '$.a[*]' }, 'Value is not a Reference Path at /States/S/ResultPath'],
  [
    { ...pass, ResultPath: 'a' },
    "Value is not a Reference Path: Reference path didn't start with '$' at /States/S/ResultPath",
  ],
  [
    { ...pass, Parameters: { a: { 'b.$': 'c' } } },
    "The value for the field 'b.$' must be a valid JSONPath or a valid intrinsic function call at /States/S/Parameters/a",
  ],
  [
    { ...pass, Parameters: { 'a.$': "States.MathAdd(1, '-1')" } },
    "The value for the field 'a.$' must be a valid JSONPath or a valid intrinsic function call at /States/S/Parameters",
  ],
  [{ ...pass, Parameters: { a: 1, 'a.$': '$' } }, "Fields 'a' and 'a.$' are one and the same at /States/S/Parameters"],
  [{ ...pass, Parameters: ['abc', { 'a.$': '$[0]' }] }],
  [{ ...pass, Result: { 'a.$': 'not looked at' } }],
  [{ Type: 'Fail', ErrorPath: '$.error', CausePath: "States.Format('{}', $.a)" }],
  [
    { Type: 'Fail', CausePath: 'States.MathAdd($.a, 1)' },
    'Value must be a valid JSONPath or a valid intrinsic function call at /States/S/CausePath',
  ],
  [
    { Type: 'Fail', Cause: 'a', CausePath: '$.a' },
    `There should only be one ${RULES.one}[Cause, CausePath] at /States/S`,
  ],
])

check('texts that look like paths are pointed out', [
  [
    { ...pass, Parameters: { a: { b: '$.a' } } },
    '(warning) NO_DOLLAR: This is a text, not what it leads to at /States/S/Parameters/a/b',
  ],
  [
    { ...pass, Parameters: { a: 'States.UUID()', b: '$5', c: 'States of mind' } },
    '(warning) NO_DOLLAR: This is a text, not what it leads to at /States/S/Parameters/a',
  ],
  [
    { ...pass, Result: [{ 'a.$': '$$.b' }] },
    '(warning) PASS_RESULT_IS_STATIC: Result is given as it stands at /States/S/Result[0]/a.$',
  ],
  [
    choice({ Variable: '$.a', StringEquals: '$.b' }),
    '(warning) NO_PATH: This is a text, not what it leads to at /States/S/Choices[0]/StringEquals',
  ],
  [{ Type: 'Fail', Cause: '$.cause' }, '(warning) NO_PATH: This is a text, not what it leads to at /States/S/Cause'],
  [{ ...pass, ...jsonata, Output: { a: '$.a' } }],
])

check('variables have names', [
  [{ ...pass, Assign: { a_1: 1, 'ünï.$': '$.a' } }],
  [{ ...pass, Assign: [] }, 'Expected value of type [OBJECT] at /States/S/Assign'],
  [
    { ...pass, Assign: { states: 1 } },
    "RESERVED_VARIABLE_NAME: Cannot assign to reserved variable '$states'. at /States/S/Assign/states",
  ],
  [
    { ...pass, Assign: { '1a': 1 } },
    "INVALID_VARIABLE_NAME: Invalid variable name '1a': the variable name contains invalid characters. at /States/S/Assign/1a",
  ],
  [
    { ...pass, Assign: { 'a-b': 1 } },
    "(warning) Invalid variable name 'a-b': the variable name contains invalid characters. at /States/S/Assign/a-b",
  ],
])

check('a Wait waits in one way', [
  [{ Type: 'Wait', Seconds: 0, End: true }],
  [{ Type: 'Wait', Timestamp: '2024-02-29T23:59:59.123456789+01:00', End: true }],
  [
    { Type: 'Wait', End: true },
    `This object should have only one ${RULES.one}[SecondsPath, Seconds, TimestampPath, Timestamp] at /States/S`,
  ],
  [
    { Type: 'Wait', Seconds: 1, SecondsPath: '$.a', End: true },
    `There should only be one ${RULES.one}[SecondsPath, Seconds, TimestampPath, Timestamp] at /States/S`,
  ],
  [{ Type: 'Wait', Seconds: -1, End: true }, 'Minimum value is 0 at /States/S/Seconds'],
  [{ Type: 'Wait', Seconds: 1.5, End: true }, 'Expected value of type Integer at /States/S/Seconds'],
  [{ Type: 'Wait', Seconds: 100_000_000, End: true }, 'Maximum value is 99999999 at /States/S/Seconds'],
  [
    { Type: 'Wait', Seconds: '${Delay}', End: true },
    '(warning) A placeholder is not filled in here: this is a text when the state runs at /States/S/Seconds',
  ],
  ...[
    '2024-02-30T00:00:00Z',
    '2024-01-01 00:00:00Z',
    '2024-01-01T00:00:00',
    '2024-01-01t00:00:00z',
    '2024-01-01T25:00:00Z',
    'soon',
  ].map(
    (Timestamp): Row => [
      { Type: 'Wait', Timestamp, End: true },
      'String does not match RFC3339 timestamp at /States/S/Timestamp',
    ],
  ),
])

check('a Choice tests in one way', [
  [choice({ Variable: '$.a', StringEquals: 'x' })],
  [choice({ Variable: '$$.Execution.Name', StringMatches: 'x*' })],
  [choice({ And: [{ Or: [{ Not: { Variable: '$.a', IsNull: true } }] }], Comment: 'deep', Assign: { a: 1 } })],
  [
    { Type: 'Choice', Choices: [{ Variable: '$.a', IsNull: true }], Default: 'T' },
    'These fields are required: [Next] at /States/S/Choices[0]',
  ],
  [
    choice({}),
    'The object must have only one of the following fields, [And, Or, Not, Variable] at /States/S/Choices[0]',
  ],
  [choice({ And: [] }), 'Value cannot be empty at /States/S/Choices[0]/And'],
  [choice({ Not: { Or: [] } }), 'Value cannot be empty at /States/S/Choices[0]/Not/Or'],
  [
    choice({ Not: { Variable: '$.a', IsNull: true, Next: 'T' } }),
    "Field 'Next' is not supported at /States/S/Choices[0]/Not",
  ],
  [
    choice({ Variable: 'a', IsNull: true }),
    "Value is not a Reference Path: Reference path didn't start with '$' at /States/S/Choices[0]/Variable",
  ],
  [
    choice({ Variable: '$.a', NumericEquals: '1' }),
    'Expected value of type [NUMBER] at /States/S/Choices[0]/NumericEquals',
  ],
  [choice({ Variable: '$.a', IsPresent: 'yes' }), 'Expected value of type [BOOLEAN] at /States/S/Choices[0]/IsPresent'],
  [
    choice({ Variable: '$.a', TimestampEquals: 'now' }),
    'String does not match RFC3339 timestamp at /States/S/Choices[0]/TimestampEquals',
  ],
  [
    choice({ Variable: '$.a', StringEqualsPath: 'b' }),
    "Value is not a Reference Path: Reference path didn't start with '$' at /States/S/Choices[0]/StringEqualsPath",
  ],
  [choice({ Variable: '$.a', IsNull: true, End: true }), "Field 'End' is not supported at /States/S/Choices[0]"],
])

test('a Choice compares by one operator', () => {
  const found = (rule: object) => said(around(choice({ Variable: '$.a', ...rule }))).map(each => each.slice(0, 46))
  expect(found({})).toEqual(['This object should have only one of the follow'])
  expect(found({ IsNull: true, IsString: true })).toEqual(['There should only be one of the following fiel'])
})

const failing = (more: object) => ({ ...task, Retry: [{ ErrorEquals: ['A'], ...more }] })
const ALL = 'States.ALL must appear alone and at end of list'

check('retriers and catchers', [
  [
    failing({
      IntervalSeconds: 0,
      MaxAttempts: 0,
      BackoffRate: 1.5,
      MaxDelaySeconds: 9,
      JitterStrategy: 'FULL',
      Comment: 'all',
    }),
  ],
  [{ ...task, Retry: [{ ErrorEquals: ['States.Timeout', 'B'] }, { ErrorEquals: ['States.ALL'] }] }],
  [{ ...task, Retry: {} }, 'Expected value of type [ARRAY] at /States/S/Retry'],
  [{ ...task, Retry: [{}] }, 'These fields are required: [ErrorEquals] at /States/S/Retry[0]'],
  [{ ...task, Retry: ['A'] }, 'Expected value of type [OBJECT] at /States/S/Retry[0]'],
  [failing({ ErrorEquals: [] }), 'Value cannot be empty at /States/S/Retry[0]/ErrorEquals'],
  [failing({ ErrorEquals: [true] }), 'Expected value of type [STRING] at /States/S/Retry[0]/ErrorEquals[0]'],
  [failing({ ErrorEquals: ['States.ALL', 'A'] }), `${ALL} at /States/S/Retry[0]/ErrorEquals`],
  [
    { ...task, Retry: [{ ErrorEquals: ['States.ALL'] }, { ErrorEquals: ['A'] }] },
    `${ALL} at /States/S/Retry[0]/ErrorEquals`,
  ],
  [failing({ BackoffRate: 0.5 }), 'Minimum value is 1.0 at /States/S/Retry[0]/BackoffRate'],
  [failing({ MaxAttempts: -1 }), 'Minimum value is 0 at /States/S/Retry[0]/MaxAttempts'],
  [failing({ MaxDelaySeconds: 0 }), 'Minimum value is 1 at /States/S/Retry[0]/MaxDelaySeconds'],
  [failing({ MaxDelaySeconds: 31_622_401 }), 'Maximum value is 31622400 at /States/S/Retry[0]/MaxDelaySeconds'],
  [
    failing({ JitterStrategy: 'SOME' }),
    'Value should be one of the following: [NONE, FULL] at /States/S/Retry[0]/JitterStrategy',
  ],
  [failing({ Next: 'S' }), "Field 'Next' is not supported at /States/S/Retry[0]"],
  [{ ...task, Catch: [{ ErrorEquals: ['A'] }] }, 'These fields are required: [Next] at /States/S/Catch[0]'],
  [
    { ...task, Catch: [{ ErrorEquals: ['A'], Next: 'T', ResultPath: '$.a[*]' }] },
    'Value is not a Reference Path at /States/S/Catch[0]/ResultPath',
  ],
])

const resource = (Resource: unknown, more: object = {}) => ({ ...task, Resource, ...more })
const NO_ARN = 'Value is not a valid resource ARN at /States/S/Resource'

check('a Task names a resource', [
  [{ Type: 'Task', End: true }, 'These fields are required: [Resource] at /States/S'],
  [resource('arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST')],
  [resource('arn:aws-cn:states:cn-north-1:123456789012:activity:a')],
  [resource('arn:aws:states:::aws-sdk:s3:getObject', { Parameters: {} })],
  [resource('${Function}')],
  [resource('arn:aws:lambda:#{AWS::Region}:#{AWS::AccountId}:function:f')],
  [resource('arn:aws:lambda:us-east-1:1:function:f:'), NO_ARN],
  [resource('arn:aws:lambda:us-east-1:1:function:f:$*#$7485'), NO_ARN],
  [resource('arn:aws'), NO_ARN],
  [resource('${Function'), NO_ARN],
  [resource('charge'), `(warning) ${NO_ARN}`],
  [resource('https://example.com/charge'), `(warning) ${NO_ARN}`],
  [resource({ 'Fn::GetAtt': ['f', 'Arn'] }), '(warning) Expected value of type [STRING] at /States/S/Resource'],
  [resource(7), 'Expected value of type [STRING] at /States/S/Resource'],
  [
    resource('arn:aws:states:::lambda:invoke'),
    'Parameters field is required for resource ARN: arn:aws:states:::lambda:invoke at /States/S',
  ],
  [
    resource('arn:aws:states:::sqs:sendMessage', { Parameters: { 'QueueUrl.$': '$' } }),
    "The field 'MessageBody' is required but was missing at /States/S/Parameters",
  ],
  [
    resource('arn:aws:states:::lambda:invoke.sync', { Parameters: { FunctionName: 'f' } }),
    'The resource provided arn:aws:states:::lambda:invoke.sync is not recognized. The value is not a valid resource ARN, or the resource is not available in this region. at /States/S/Resource',
  ],
  [resource('arn:aws:states:::states:startExecution.sync:2', { Parameters: { StateMachineArn: 'a' } })],
  [
    resource('arn:aws:states:us-east-1:1:activity:a', { Credentials: { RoleArn: 'a' } }),
    "The field 'Credentials' is not supported for activities at /States/S",
  ],
  [{ ...task, Credentials: { 'RoleArn.$': '$.role' } }],
  [{ ...task, Credentials: {} }, "The field 'RoleArn' is required but was missing at /States/S/Credentials"],
  [{ ...task, Credentials: null }, 'Expected value of type [OBJECT] at /States/S/Credentials'],
  [{ ...task, TimeoutSeconds: 0 }, 'Minimum value is 1 at /States/S/TimeoutSeconds'],
  [
    { ...task, TimeoutSeconds: 1, TimeoutSecondsPath: '$.a' },
    `There should only be one ${RULES.one}[TimeoutSeconds, TimeoutSecondsPath] at /States/S`,
  ],
  [
    { ...task, TimeoutSeconds: 10, HeartbeatSeconds: 10 },
    'HeartbeatSeconds must be smaller than TimeoutSeconds at /States/S/HeartbeatSeconds',
  ],
])

const nested = { I: { ...pass, Next: undefined } }

check('a Map and a Parallel hold machines', [
  [map],
  [{ Type: 'Map', End: true, Iterator: inner() }],
  [{ Type: 'Map', End: true }, `This object should have only one ${RULES.one}[ItemProcessor, Iterator] at /States/S`],
  [
    { ...map, Iterator: inner() },
    `There should only be one ${RULES.one}[ItemProcessor, Iterator] at /States/S`,
    'DUPLICATE_STATE_NAME: Duplicate State name: I at /States/S/Iterator/States/I',
  ],
  [
    { ...map, ItemProcessor: { ...inner(), QueryLanguage: 'JSONata' } },
    "Field 'QueryLanguage' is not supported at /States/S/ItemProcessor",
  ],
  [
    { ...map, ItemProcessor: { ...inner(nested), StartAt: 'X' } },
    "MISSING_TRANSITION_TARGET: Missing 'Next' target: X at /States/S/ItemProcessor/StartAt",
    'MISSING_TRANSITION_TARGET: State "I" is not reachable. at /States/S/ItemProcessor/States/I',
  ],
  // AWS asks for an end of the whole machine alone.
  [{ ...map, ItemProcessor: inner({ I: { Type: 'Pass', Next: 'J' }, J: { Type: 'Pass', Next: 'I' } }) }],
  [
    { ...map, Parameters: {}, ItemSelector: {} },
    `There should only be one ${RULES.one}[ItemSelector, Parameters] at /States/S`,
  ],
  [{ ...map, MaxConcurrency: -1 }, 'Minimum value is 0 at /States/S/MaxConcurrency'],
  [{ ...map, ToleratedFailurePercentage: 105 }, 'Maximum value is 100.0 at /States/S/ToleratedFailurePercentage'],
  [
    { ...map, ToleratedFailureCount: 1, ToleratedFailureCountPath: '$.a' },
    `There should only be one ${RULES.one}[ToleratedFailureCount, ToleratedFailureCountPath] at /States/S`,
  ],
  [{ ...map, ItemsPath: '$$.Execution.Input.a', MaxConcurrencyPath: '$variable' }],
  [
    { ...map, MaxConcurrencyPath: '$$.Execution.Input.a' },
    'Value is not a Reference Path at /States/S/MaxConcurrencyPath',
  ],
  [{ ...map, ItemsPath: null }, 'Expected value of type [STRING] at /States/S/ItemsPath'],
  [{ Type: 'Parallel', End: true }, 'These fields are required: [Branches] at /States/S'],
  [{ Type: 'Parallel', End: true, Branches: [] }, 'Value cannot be empty at /States/S/Branches'],
  [{ Type: 'Parallel', End: true, Branches: [[inner()]] }, 'Expected value of type [OBJECT] at /States/S/Branches[0]'],
  [
    { Type: 'Parallel', End: true, Branches: [inner({ I: { Type: 'Pass', Next: 'S' } })] },
    "MISSING_TRANSITION_TARGET: Missing 'Next' target: S at /States/S/Branches[0]/States/I/Next",
  ],
  [
    { Type: 'Parallel', End: true, Branches: [inner(), { ...inner({ J: pass }), Version: '1.0' }] },
    "Field 'Version' is not supported at /States/S/Branches[1]",
  ],
])

check('a distributed Map reads, batches and writes', [
  [distributed({ Label: 'orders', ItemBatcher: { MaxItemsPerBatch: 10, BatchInput: { 'a.$': '$.a' } } })],
  [distributed({}, {}), 'These fields are required: [ExecutionType] at /States/S/ItemProcessor/ProcessorConfig'],
  [
    { ...map, ItemProcessor: { ...inner(), ProcessorConfig: { Mode: 'INLINE', ExecutionType: 'STANDARD' } } },
    "Field 'ExecutionType' is not supported at /States/S/ItemProcessor/ProcessorConfig",
  ],
  [distributed({ ItemReader: { Resource: 'arn:aws:states:::s3:listObjectsV2', Parameters: { Bucket: 'b' } } })],
  [
    distributed({ ItemReader: { Resource: 'arn:aws:states:::s3:headObject' } }),
    "The field 'Resource' does not match any of the allowed values at /States/S/ItemReader/Resource",
  ],
  [distributed({ ItemReader: {} }), 'These fields are required: [Resource] at /States/S/ItemReader'],
  [reader({ InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW', CSVDelimiter: 'PIPE', MaxItems: 9 })],
  [reader({ InputType: 'CSV' }), "The field 'CSVHeaderLocation' is required at /States/S/ItemReader/ReaderConfig"],
  [
    reader({ InputType: 'CSV', CSVHeaderLocation: 'GIVEN' }),
    'These fields are required: [CSVHeaders] at /States/S/ItemReader/ReaderConfig',
  ],
  [
    reader({ InputType: 'JSON', CSVHeaderLocation: 'FIRST_ROW' }),
    "Field 'CSVHeaderLocation' is not supported at /States/S/ItemReader/ReaderConfig",
  ],
  [
    reader({ InputType: 'JSON', ManifestType: 'ATHENA_DATA' }),
    "Field 'ManifestType' is not supported at /States/S/ItemReader/ReaderConfig",
  ],
  [
    reader({ InputType: 'JSON', ItemsPointer: 'a/b' }),
    'Invalid input: JSON Pointer expression must start with \'/\': "a/b" at /States/S/ItemReader/ReaderConfig/ItemsPointer',
  ],
  [reader({ InputType: 'JSON', ItemsPointer: '/a/b' })],
  [
    reader({ Transformation: 'LOAD_AND_FLATTEN' }),
    "The field 'InputType' is required at /States/S/ItemReader/ReaderConfig",
  ],
  [
    reader({ InputType: 'JSON', MaxItems: 1, MaxItemsPath: '$.a' }),
    `There should only be one ${RULES.one}[MaxItems, MaxItemsPath] at /States/S/ItemReader/ReaderConfig`,
  ],
  [
    reader({ InputType: 'JSON', MaxItems: 100_000_001 }),
    'Maximum value is 100000000 at /States/S/ItemReader/ReaderConfig/MaxItems',
  ],
  [
    distributed({ ItemBatcher: { MaxItemsPerBatch: -1 } }),
    'Minimum value is 0 at /States/S/ItemBatcher/MaxItemsPerBatch',
  ],
  [
    distributed({ ItemBatcher: { MaxInputBytesPerBatch: 300_000 } }),
    'Maximum value is 262144 at /States/S/ItemBatcher/MaxInputBytesPerBatch',
  ],
  [distributed({ ResultWriter: { WriterConfig: { Transformation: 'COMPACT', OutputType: 'JSONL' } } })],
  [
    distributed({ ResultWriter: { WriterConfig: { Transformation: 'COMPACT' } } }),
    'These fields are required: [OutputType] at /States/S/ResultWriter/WriterConfig',
  ],
  [
    distributed({ ResultWriter: {} }),
    `This object should have only one ${RULES.one}[Resource, WriterConfig] at /States/S/ResultWriter`,
  ],
  [distributed({ Label: 'a b' }), 'INVALID_LABEL_NAME: Label contains invalid character: " " at /States/S/Label'],
  [
    distributed({ Label: 'x'.repeat(41) }),
    `INVALID_LABEL_NAME: Label '${'x'.repeat(41)}' exceeds the 40-character limit allowed by the service at /States/S/Label`,
  ],
])

describe('a machine', () => {
  test.each<[string, unknown, readonly string[]]>([
    [
      'of the whole of its fields',
      { ...inner(), Comment: 'c', Version: '1.0', TimeoutSeconds: 0, QueryLanguage: 'JSONPath' },
      [],
    ],
    ['that is none', [], ['Definition must be a valid JSON object at /']],
    ['without anything', {}, ['These fields are required: [StartAt, States] at /']],
    ['without a start', { States: { A: pass } }, ['These fields are required: [StartAt] at /']],
    [
      'without a state',
      { StartAt: 'A', States: {} },
      [
        'Value cannot be empty at /States',
        "MISSING_TRANSITION_TARGET: Missing 'Next' target: A at /StartAt",
        'MISSING_END_STATE: Workflow has no terminal state at null',
      ],
    ],
    ['of another version', { ...inner(), Version: '2.0' }, ['Value should be one of the following: [1.0] at /Version']],
    ['with a field of its own', { ...inner(), StartsAt: 'A' }, ["Field 'StartsAt' is not supported at /"]],
    [
      'that leads to nowhere',
      inner({ A: { Type: 'Pass', Next: 'B' } }),
      [
        "MISSING_TRANSITION_TARGET: Missing 'Next' target: B at /States/A/Next",
        'MISSING_END_STATE: Workflow has no terminal state at null',
      ],
    ],
    [
      'that goes on for ever',
      inner({ A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Pass', Next: 'A' }, C: { Type: 'Pass', Next: 'A' } }),
      ['MISSING_END_STATE: Workflow has no terminal state at null'],
    ],
    [
      'with a state that nothing leads to',
      inner({ A: pass, 'b/c': pass }),
      ['MISSING_TRANSITION_TARGET: State "b/c" is not reachable. at /States/b/c'],
    ],
    [
      'with states that lead to themselves alone',
      inner({ A: pass, B: { Type: 'Pass', Next: 'C' }, C: { Type: 'Pass', Next: 'B' } }),
      [
        'MISSING_TRANSITION_TARGET: State "B" is not reachable. at /States/B',
        'MISSING_TRANSITION_TARGET: State "C" is not reachable. at /States/C',
      ],
    ],
    [
      'with a name that is too long',
      inner({ ['a'.repeat(81)]: pass }),
      [
        `INVALID_STATE_NAME: State name '${'a'.repeat(81)}' exceeds the 80-character limit allowed by the service at /States/${'a'.repeat(81)}`,
      ],
    ],
    ['with a name of 80 signs of any length', inner({ ['🎼'.repeat(80)]: pass }), []],
    [
      'with labels that are alike',
      inner({
        A: { ...distributed({ Label: 'L' }), End: undefined, Next: 'B' },
        B: {
          ...distributed({ Label: 'L' }),
          ItemProcessor: { ...inner({ J: pass }), ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' } },
        },
      }),
      ['DUPLICATE_LABEL_NAME: Duplicate Label name: L at /States/B/Label'],
    ],
  ])('%s', (_, definition, found) => {
    expect(said(definition)).toEqual(found)
  })
})

describe('an express workflow', () => {
  const sync = resource('arn:aws:states:::states:startExecution.sync', { Parameters: { StateMachineArn: 'a' } })
  const express = { type: 'EXPRESS' } as const

  test.each<[string, object, readonly string[]]>([
    [
      'waits for no job',
      sync,
      ["Express state machine does not support '.sync' service integration at /States/S/Resource"],
    ],
    [
      'waits for no token',
      resource('arn:aws:states:::sqs:sendMessage.waitForTaskToken', {
        Parameters: { QueueUrl: 'a', MessageBody: 'b' },
      }),
      ["Express state machine does not support '.waitForTaskToken' service integration at /States/S/Resource"],
    ],
    [
      'asks no worker',
      resource('arn:aws:states:us-east-1:1:activity:a'),
      ['Express state machine does not support Activity ARN at /States/S/Resource'],
    ],
    [
      'has no distributed map',
      distributed(),
      [
        "The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines at /States/S/ItemProcessor/ProcessorConfig",
      ],
    ],
    ['calls functions', task, []],
  ])('%s', (_, state, found) => {
    expect(said(around(state), express)).toEqual(found)
  })

  test('is also what a distributed map starts for each item', () => {
    const started = (ExecutionType: string) =>
      said(
        around({
          ...distributed({}, { ExecutionType }),
          ItemProcessor: { ...inner({ I: sync }), ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType } },
        }),
      )
    expect(started('STANDARD')).toEqual([])
    expect(started('EXPRESS')).toEqual([
      "Express state machine does not support '.sync' service integration at /States/S/ItemProcessor/States/I/Resource",
    ])
  })
})

test('V1: what could be run after all is given with warnings', () => {
  expect(validateDefinition(around(resource('charge')))).toEqual({ ok: true, value: around(resource('charge')) })
})

describe('an object that code gives is JSON, too', () => {
  const self: { [name: string]: unknown } = { ...pass }
  self['Parameters'] = { self }

  test.each<[string, unknown, string]>([
    ['no function', inner({ A: { ...pass, Result: [() => 1] } }), 'INVALID_JSON_DESCRIPTION'],
    ['no date', inner({ A: { Type: 'Wait', Timestamp: new Date(0), End: true } }), 'INVALID_JSON_DESCRIPTION'],
    ['no number that is none', inner({ A: { ...pass, Result: Number.NaN } }), 'INVALID_JSON_DESCRIPTION'],
    ['nothing that holds itself', inner({ A: self }), 'DEFINITION_TOO_DEEP'],
    ['not undefined', undefined, 'INVALID_JSON_DESCRIPTION'],
  ])('%s', (_, definition, code) => {
    expect(validateDefinition(definition)).toMatchObject({ ok: false, error: [{ code }] })
  })

  test('a field that is undefined is not there', () => {
    expect(validateDefinition(inner({ A: { ...pass, Comment: undefined } }))).toMatchObject({ ok: true })
  })
})

test('a template of CloudFormation is told from a machine', () => {
  const template = {
    AWSTemplateFormatVersion: '2010-09-09',
    Resources: { Machine: { Properties: { Definition: inner() } } },
  }
  expect(problemsOf(template).map(each => each.hint)).toEqual([expect.stringContaining('CloudFormation')])
})

test('that nothing leads to a state is not told when a name was misspelt', () => {
  const misspelt = inner({
    Alpha: { Type: 'Pass', Next: 'Beat' },
    Beta: { Type: 'Pass', Next: 'Gamma' },
    Gamma: { Type: 'Succeed' },
  })
  expect(problemsOf(misspelt)).toHaveLength(3)
  expect(validateDefinition(misspelt)).toMatchObject({
    error: [{ message: "Missing 'Next' target: Beat at /States/Alpha/Next" }],
  })
})

test('a hint names what was meant', () => {
  const hints = (definition: unknown) => problemsOf(definition).map(each => each.hint)
  expect(hints(inner({ Alpha: { Type: 'Pass', Next: 'Beat' }, Beta: { Type: 'Succeed' } }))).toContain(
    'Did you mean `Beta`?',
  )
  expect(hints(around({ ...task, TimeOutSeconds: 5 }))).toEqual(['Did you mean `TimeoutSeconds`?'])
})
