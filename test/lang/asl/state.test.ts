/** The way of data through each type of state, in both query languages. */
import { describe, expect, it } from 'vitest'
import type { MapState, ParallelState, PassState, TaskState } from '../../../src/lang/asl/machine.ts'
import type { Stage } from '../../../src/lang/asl/scope.ts'
import {
  argumentOf,
  catcherOf,
  credentialsOf,
  exitOf,
  exitOfCatch,
  failureOf,
  HEARTBEAT,
  passExit,
  retrierOf,
  succeedExit,
  timeoutsOf,
  waitExit,
  waitOf,
} from '../../../src/lang/asl/state/index.ts'
import type { Json } from '../../../src/util/json.ts'
import { outcome, type Setting, scopeOf } from './state-rig.ts'

const task = (fields: Partial<TaskState> = {}): TaskState => ({ Type: 'Task', Resource: 'work', End: true, ...fields })
const pass = (fields: Partial<PassState> = {}): PassState => ({ Type: 'Pass', End: true, ...fields })

const left = (state: PassState, setting: Setting = {}) => outcome(() => passExit(state, scopeOf(setting)))
const done = (state: TaskState, result: Json, setting: Setting = {}) =>
  outcome(() => exitOf(state, scopeOf(setting), result))
const input = { a: { b: 1 }, c: 2 }

describe('a task in JSONPath', () => {
  it.each<[Partial<TaskState>, Json]>([
    [{}, input],
    [{ InputPath: '$.a' }, { b: 1 }],
    [{ InputPath: null }, {}],
    [{ InputPath: '$v' }, 'old'],
    [{ InputPath: '$$.Execution.Name' }, 'run'],
    [
      { InputPath: '$.a', Parameters: { 'x.$': '$.b', y: '$.b', 'v.$': '$v' } },
      { x: 1, y: '$.b', v: 'old' },
    ],
  ])('is called with what %j leaves', async (fields, expected) => {
    expect(await outcome(() => argumentOf(task(fields), scopeOf({ input, vars: { v: 'old' } })))).toEqual(expected)
  })

  it.each<[Partial<TaskState>, Json]>([
    [{}, { r: 9 }],
    [{ ResultPath: '$.a.r' }, { a: { b: 1, r: { r: 9 } }, c: 2 }],
    [{ ResultPath: null }, input],
    [{ ResultSelector: { 'only.$': '$.r' } }, { only: 9 }],
    [{ ResultSelector: { 'only.$': '$.r' }, ResultPath: '$.r', OutputPath: '$.r.only' }, 9],
    [{ OutputPath: null }, {}],
    // D2
    [
      { InputPath: '$.a', ResultPath: '$.r' },
      { ...input, r: { r: 9 } },
    ],
  ])('gives what %j makes of its result', async (fields, output) => {
    expect(await done(task(fields), { r: 9 }, { input })).toMatchObject({ output, assigned: [] })
  })

  it('assigns from its raw result, and all at once (D1)', async () => {
    const state = task({
      ResultSelector: { shaped: true },
      OutputPath: '$v',
      Assign: { v: 'new', 'was.$': '$v', 'r.$': '$.r' },
    })
    expect(await done(state, { r: 9 }, { input, vars: { v: 'old', other: 1 } })).toEqual({
      output: 'old',
      vars: { v: 'new', was: 'old', r: 9, other: 1 },
      assigned: ['v', 'was', 'r'],
    })
  })

  it.each<[Partial<TaskState>, string]>([
    [{ InputPath: '$.x' }, "States.Runtime: Invalid path '$.x' : No results for path: $['x']"],
    [
      { Parameters: { 'v.$': '$.x' } },
      `States.Runtime: The JSONPath '$.x' specified for the field 'v.$' could not be found in the input '${JSON.stringify(input)}'`,
    ],
  ])('fails for a path to nothing: %j', async (fields, words) => {
    expect(await outcome(() => argumentOf(task(fields), scopeOf({ input })))).toBe(words)
  })

  it('names whose rights it asks for', async () => {
    const state = task({ Credentials: { 'RoleArn.$': '$.role' } })
    expect(await outcome(() => credentialsOf(state, scopeOf({ input: { role: 'r' } })))).toEqual({ RoleArn: 'r' })
    expect(await outcome(() => credentialsOf(task(), scopeOf()))).toBeUndefined()
  })
})

describe('a task in JSONata', () => {
  const language = 'JSONata'

  it('is called with its arguments, or with its input', async () => {
    const called = (fields: Partial<TaskState>) => outcome(() => argumentOf(task(fields), scopeOf({ input, language })))
    expect(await called({})).toEqual(input)
    expect(await called({ Arguments: { x: '{% $states.input.a.b + 1 %}', y: '$.a' } })).toEqual({ x: 2, y: '$.a' })
  })

  it('gives its result, or its output, and assigns beside it (D1)', async () => {
    expect(await done(task(), { r: 9 }, { input, language })).toMatchObject({ output: { r: 9 } })
    const state = task({
      Assign: { v: '{% $states.result.r %}', was: '{% $v %}' },
      Output: '{% [$v, $states.result.r, $states.input.c] %}',
    })
    expect(await done(state, { r: 9 }, { input, language, vars: { v: 'old' } })).toEqual({
      output: ['old', 9, 2],
      vars: { v: 9, was: 'old' },
      assigned: ['v', 'was'],
    })
  })
})

describe('a Pass', () => {
  it.each<[Partial<PassState>, Json]>([
    [{}, input],
    [{ Result: 7 }, 7],
    [{ Result: { 'x.$': '$.c' } }, { 'x.$': '$.c' }],
    [
      { Parameters: { 'x.$': '$.c' }, ResultPath: '$.p' },
      { ...input, p: { x: 2 } },
    ],
    [
      { Parameters: { 'x.$': '$.c' }, Result: 7, ResultPath: '$.p' },
      { ...input, p: 7 },
    ],
    [{ InputPath: '$v', ResultPath: '$.theAnswer', OutputPath: '$v', Assign: { v: 0 } }, 42],
  ])('%j', async (fields, output) => {
    expect(await left(pass(fields), { input, vars: { v: 42 } })).toMatchObject({ output })
  })

  it('assigns from what it passes on', async () => {
    expect(await left(pass({ Result: { q: 1 }, Assign: { 'q.$': '$.q' }, ResultPath: null }), { input })).toEqual({
      output: input,
      vars: { q: 1 },
      assigned: ['q'],
    })
  })

  it('says in JSONata where an expression that gives nothing stands', async () => {
    const state = pass({ Output: { list: [1, '{% $nothing %}'] } })
    expect(await left(state, { language: 'JSONata' })).toBe(
      "States.QueryEvaluationError: The JSONata expression '$nothing' specified for the field 'Output/list[1]' returned nothing (undefined).",
    )
  })
})

describe('a Succeed and a Wait', () => {
  it('pass on what their paths leave', async () => {
    const paths = { InputPath: '$.a', OutputPath: '$.b' } as const
    expect(await succeedExit({ Type: 'Succeed', ...paths }, scopeOf({ input }))).toMatchObject({ output: 1 })
    const wait = { Type: 'Wait', Seconds: 1, End: true, ...paths, Assign: { 'all.$': '$' } } as const
    expect(await waitExit(wait, scopeOf({ input }))).toMatchObject({ output: 1, vars: { all: { b: 1 } } })
  })
})

describe('a catcher', () => {
  const caught = (fields: object, error: { Error?: string; Cause?: string }, setting: Setting = {}) =>
    outcome(() =>
      exitOfCatch(
        task({ OutputPath: '$.nowhere', Catch: [{ ErrorEquals: ['States.ALL'], Next: 'N', ...fields }] }),
        0,
        scopeOf({ input, ...setting }),
        error,
      ),
    )
  const error = { Error: 'E', Cause: 'c' }

  it('hands on the error, in the raw input or in its place, and nothing through OutputPath (D3)', async () => {
    expect(await caught({}, error)).toMatchObject({ output: error })
    expect(await caught({ ResultPath: '$.e' }, error)).toMatchObject({ output: { ...input, e: error } })
    expect(await caught({ ResultPath: null }, error)).toMatchObject({ output: input })
    expect(await caught({ Assign: { 'e.$': '$.Error' } }, error)).toMatchObject({ vars: { e: 'E' } })
  })

  it('has null for what nobody named, but a text for the cause of a timeout', async () => {
    expect(await caught({}, {})).toMatchObject({ output: { Error: null, Cause: null } })
    expect(await caught({}, { Error: 'States.Timeout' })).toMatchObject({
      output: { Error: 'States.Timeout', Cause: '' },
    })
  })

  it('sees the error in JSONata as errorOutput', async () => {
    const fields = {
      Output: '{% $states.errorOutput.Cause & $states.input.c %}',
      Assign: { e: '{% $states.errorOutput %}' },
    }
    expect(await caught(fields, error, { language: 'JSONata' })).toMatchObject({ output: 'c2', vars: { e: error } })
    expect(await caught({}, error, { language: 'JSONata' })).toMatchObject({ output: error })
  })
})

describe('which retrier and which catcher an error is for', () => {
  const handlers = (...names: string[][]) => ({
    Retry: names.map(ErrorEquals => ({ ErrorEquals })),
    Catch: names.map(ErrorEquals => ({ ErrorEquals, Next: 'N' })),
  })
  it.each<[string | undefined, string[][], number | undefined]>([
    ['A', [['B'], ['C', 'A'], ['A']], 1],
    ['A', [['B']], undefined],
    ['A', [['State.ALL'], ['States.ALL']], 1],
    [undefined, [['States.Runtime'], ['States.ALL']], 1],
    ['A', [['States.Timeout'], ['States.TaskFailed']], 1],
    ['States.Timeout', [['States.TaskFailed'], ['States.ALL']], 1],
    ['States.HeartbeatTimeout', [['States.TaskFailed'], ['States.Timeout']], 1],
    ['States.HeartbeatTimeout', [['States.HeartbeatTimeout']], 0],
    ['States.Timeout', [['States.HeartbeatTimeout']], undefined],
    ['States.Runtime', [['States.Runtime'], ['States.ALL']], undefined],
    ['States.DataLimitExceeded', [['States.ALL']], 0],
    ['States.QueryEvaluationError', [['States.TaskFailed']], 0],
  ])('%s of %j: %s', (error, names, expected) => {
    expect(retrierOf(handlers(...names), { error })).toBe(expected)
    expect(catcherOf(handlers(...names), { error })).toBe(expected)
  })
  it('tells a missed heartbeat from another timeout by where it comes from', () => {
    const missed = { error: 'States.Timeout', location: HEARTBEAT }
    expect(catcherOf(handlers(['States.TaskFailed'], ['States.HeartbeatTimeout'], ['States.ALL']), missed)).toBe(1)
    expect(catcherOf(handlers(['States.Timeout'], ['States.HeartbeatTimeout']), missed)).toBe(0)
  })
})

describe('how long a Wait waits', () => {
  const waits = (fields: object, setting: Setting = {}) =>
    outcome(() =>
      waitOf(
        { Type: 'Wait', End: true, ...fields },
        scopeOf({ input: { s: 3, t: '3', f: 1.5, at: '2027-01-01T00:00:00Z', no: 'now' }, ...setting }),
      ),
    )
  it.each<[object, Json]>([
    [{ Seconds: 4 }, { kind: 'seconds', seconds: 4 }],
    [{ SecondsPath: '$.s' }, { kind: 'seconds', seconds: 3 }],
    [{ SecondsPath: '$.t' }, { kind: 'seconds', seconds: 3 }],
    [{ SecondsPath: '$.f' }, 'States.Runtime: The SecondsPath parameter cannot be parsed as a long value: $.f == 1.5'],
    [{ SecondsPath: '$.x' }, 'States.Runtime: The SecondsPath parameter does not reference an input value: $.x'],
    [{ Timestamp: '2026-12-01T00:00:00Z' }, { kind: 'until', instant: '2026-12-01T00:00:00Z' }],
    [{ TimestampPath: '$.at' }, { kind: 'until', instant: '2027-01-01T00:00:00Z' }],
    [
      { TimestampPath: '$.no' },
      'States.Runtime: The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: $.no == now',
    ],
    [{ TimestampPath: '$.x' }, 'States.Runtime: The TimestampPath parameter does not reference an input value: $.x'],
    [{ Timestamp: '2094-12-12T14:38:07.000Z' }, 'States.Runtime: Wait state delay is too long.'],
  ])('%j', async (fields, expected) => {
    expect(await waits(fields)).toEqual(expected)
  })
  it.each<[object, Json]>([
    [{ Seconds: '{% $states.input.s * 2 %}' }, { kind: 'seconds', seconds: 6 }],
    [{ Timestamp: '{% $states.input.at %}' }, { kind: 'until', instant: '2027-01-01T00:00:00Z' }],
    [
      { Timestamp: '{% $states.input.no %}' },
      'States.QueryEvaluationError: The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: now',
    ],
  ])('%j in JSONata', async (fields, expected) => {
    expect(await waits(fields, { language: 'JSONata' })).toEqual(expected)
  })
})

describe('what a Fail fails with', () => {
  const fails = (fields: object, setting: Setting = {}) =>
    outcome(() =>
      failureOf({ Type: 'Fail', ...fields }, scopeOf({ input: { e: 'E', c: 'c' }, vars: { v: 'V' }, ...setting })),
    )
  it.each<[object, Json]>([
    [{}, {}],
    [
      { Error: 'E', Cause: 'c' },
      { error: 'E', cause: 'c' },
    ],
    [
      { ErrorPath: '$.e', CausePath: '$v' },
      { error: 'E', cause: 'V' },
    ],
    [{ ErrorPath: "States.Format('{}!', $.e)" }, { error: 'E!' }],
    [
      { CausePath: '$.x' },
      `States.Runtime: The JSONPath '$.x' specified for the field 'CausePath' could not be found in the input '{"e":"E","c":"c"}'`,
    ],
  ])('%j', async (fields, expected) => {
    expect(await fails(fields)).toEqual(expected)
  })
  it('is text in JSONata', async () => {
    expect(await fails({ Error: '{% $states.input.e & "!" %}', Cause: 'plain' }, { language: 'JSONata' })).toEqual({
      error: 'E!',
      cause: 'plain',
    })
  })
})

describe('how long a task may take', () => {
  it.each<[Partial<TaskState>, Json]>([
    [{}, {}],
    [
      { TimeoutSeconds: 5, HeartbeatSeconds: 2 },
      { timeoutSeconds: 5, heartbeatSeconds: 2 },
    ],
    [
      { TimeoutSecondsPath: '$.t', HeartbeatSecondsPath: '$.h' },
      { timeoutSeconds: 9, heartbeatSeconds: 3 },
    ],
    [{ TimeoutSecondsPath: '$.x' }, "States.Runtime: Invalid path '$.x' : No results for path: $['x']"],
  ])('%j', async (fields, expected) => {
    expect(await outcome(() => timeoutsOf(task(fields), scopeOf({ input: { t: 9, h: '3' } })))).toEqual(expected)
  })
  it('may be an expression that gives a number in range', async () => {
    const timed = (TimeoutSeconds: string) =>
      outcome(() => timeoutsOf(task({ TimeoutSeconds }), scopeOf({ language: 'JSONata' })))
    expect(await timed('{% -1 %}')).toBe(
      'States.QueryEvaluationError: TimeoutSeconds must be between 0 and 99999999 but was: -1',
    )
    expect(await timed('{% 1.6 %}')).toBe(
      'States.QueryEvaluationError: The TimeoutSeconds field cannot be parsed as an integer: 1.6',
    )
    const state = task({ TimeoutSeconds: '{% $states.input.t + 1 %}' })
    expect(await outcome(() => timeoutsOf(state, scopeOf({ input: { t: 9 }, language: 'JSONata' })))).toEqual({
      timeoutSeconds: 10,
    })
  })
})

describe('what is told of the way', () => {
  const told = async (work: (setting: Setting) => unknown): Promise<readonly string[]> => {
    const stages: Stage[] = []
    await work({ input, inspect: stage => stages.push(stage) })
    return stages
  }
  it('names each stage once it is reached', async () => {
    const parallel: ParallelState = { Type: 'Parallel', Branches: [], End: true }
    const map: MapState = { Type: 'Map', End: true }
    expect(await told(setting => argumentOf(task(), scopeOf(setting)))).toEqual(['afterInputPath', 'afterParameters'])
    expect(await told(setting => exitOf(task(), scopeOf(setting), 1))).toEqual([
      'result',
      'afterResultSelector',
      'afterResultPath',
    ])
    expect(await told(setting => exitOf(map, scopeOf(setting), []))).toEqual(['afterResultSelector', 'afterResultPath'])
    expect(await told(setting => argumentOf(parallel, scopeOf(setting)))).toEqual(['afterInputPath'])
    expect(await told(setting => passExit(pass({ Result: 1 }), scopeOf(setting)))).toEqual([
      'result',
      'afterResultSelector',
      'afterResultPath',
    ])
    const jsonata = (setting: Setting) => scopeOf({ ...setting, language: 'JSONata' })
    expect(await told(setting => argumentOf(task({ Arguments: {} }), jsonata(setting)))).toEqual(['afterArguments'])
    expect(await told(setting => argumentOf({ ...parallel, Arguments: {} }, jsonata(setting)))).toEqual([])
    expect(await told(setting => exitOf(task(), jsonata(setting), 1))).toEqual(['result'])
  })
})
