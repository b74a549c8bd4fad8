/** Lambda handlers as AWS runs them: JavaScript in this process, Python as one of its own. */
import { rmSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import type { LambdaBinding } from '../../../src/lang/asl/task/binding.ts'
import { folderWith, perform, REQUEST_ID } from './task-rig.ts'

const INVOKE = 'arn:aws:states:::lambda:invoke'

const folder = folderWith({
  'good.mjs': `
    export const handler = async (event, context) => ({ event, name: context.functionName, id: context.awsRequestId, left: context.getRemainingTimeInMillis() > 0 })
    export const fails = async () => { throw new TypeError('boom') }
    export const custom = async () => { const e = new Error('no money'); e.name = 'CardDeclined'; throw e }
    export const text = async () => { throw 'a text' }
    export const back = (event, context, callback) => { setImmediate(() => callback(null, { event })) }
    export const backFails = (event, context, callback) => callback(new RangeError('far'))
    export const nothing = () => {}
    export const circle = async () => { const a = {}; a.a = a; return a }
    export const slow = () => new Promise(() => {})
    export const deep = { inner: async () => 'in' }`,
  'old.cjs': `exports.handler = async event => ['old', event]`,
  'broken.mjs': 'export const handler = (',
  'good.py': `
import json, sys, time
class CardDeclined(Exception):
    pass
def handler(event, context):
    print('printed')
    return {'event': event, 'name': context.function_name, 'id': context.aws_request_id, 'left': context.get_remaining_time_in_millis() > 0}
def fails(event, context):
    raise CardDeclined('no "money"')
def deep(event, context):
    return fails(event, context)
def raw(event, context):
    return b'"raw"'
def number(event, context):
    return 0.0
def marshal(event, context):
    return {1, 2}
def leaves(event, context):
    sys.exit(3)
def variable(event, context):
    import os
    return [os.environ['A'], os.environ['AWS_LAMBDA_FUNCTION_NAME']]
def slow(event, context):
    time.sleep(60)
`,
  'lambda_function.py': 'def lambda_handler(event, context):\n    return [event]\n',
  'broken.py': 'def handler(event, context)\n    return 1\n',
  'import.py': 'import no_such_module_here\ndef handler(event, context): pass\n',
})
afterAll(() => rmSync(folder, { recursive: true }))

type Row = readonly [what: string, binding: LambdaBinding, came: unknown]

const failed = (error: string, body: unknown) => ({ error, cause: body })
const result = (value: unknown) => ({ kind: 'result', result: value })
const jsonWith = (fields: object): unknown => ({
  asymmetricMatch: (text: unknown) => {
    expect(JSON.parse(String(text))).toMatchObject(fields)
    return true
  },
})

const whole = { event: { id: 1 }, name: 'charge', id: REQUEST_ID, left: true }

const ROWS: readonly Row[] = [
  ['an ES module', { lambda: './good.mjs' }, result(whole)],
  ['CommonJS', { lambda: './old.cjs' }, result(['old', { id: 1 }])],
  ['a handler of another name', { lambda: './good.mjs', handler: 'deep.inner' }, result('in')],
  ['a callback', { lambda: './good.mjs', handler: 'back' }, result({ event: { id: 1 } })],
  [
    'a callback with an error',
    { lambda: './good.mjs', handler: 'backFails' },
    failed('RangeError', jsonWith({ errorType: 'RangeError', errorMessage: 'far' })),
  ],
  ['neither promise nor callback', { lambda: './good.mjs', handler: 'nothing' }, result(null)],
  [
    'an error of its own name',
    { lambda: './good.mjs', handler: 'custom' },
    failed('CardDeclined', jsonWith({ errorType: 'CardDeclined', errorMessage: 'no money' })),
  ],
  [
    'an error of a class',
    { lambda: './good.mjs', handler: 'fails' },
    failed(
      'TypeError',
      jsonWith({ trace: ['TypeError: boom', expect.stringMatching(/^ {4}at .*\/var\/task\/good.mjs:3:\d+\)?$/)] }),
    ),
  ],
  [
    'something thrown that is no error',
    { lambda: './good.mjs', handler: 'text' },
    failed('string', '{"errorType":"string","errorMessage":"a text","trace":[]}'),
  ],
  [
    'a result that is no JSON',
    { lambda: './good.mjs', handler: 'circle' },
    failed('Error', jsonWith({ errorMessage: 'Unable to stringify response body' })),
  ],
  [
    'out of time',
    { lambda: './good.mjs', handler: 'slow', timeoutSeconds: 0.02 },
    failed(
      'Sandbox.Timedout',
      `{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: ${REQUEST_ID} Error: Task timed out after 0.02 seconds"}`,
    ),
  ],
  ['no such file', { lambda: './none.mjs' }, expect.objectContaining({ refused: 'ASL_HANDLER_MISSING' })],
  [
    'no such export',
    { lambda: './good.mjs', handler: 'none' },
    expect.objectContaining({ refused: 'ASL_HANDLER_MISSING', hint: expect.stringContaining('It exports back, ') }),
  ],
  [
    'variables of its own',
    { lambda: './good.mjs', env: { A: 'b' } },
    expect.objectContaining({ refused: 'ASL_BINDING_BAD', hint: expect.stringContaining('A=… tutti run') }),
  ],
  ['a file that does not load', { lambda: './broken.mjs' }, expect.objectContaining({ refused: 'ASL_HANDLER_BROKEN' })],
  ['Python', { lambda: './good.py' }, result(whole)],
  ["Python's other name", { lambda: './lambda_function.py' }, result([{ id: 1 }])],
  ["Python's variables", { lambda: './good.py', handler: 'variable', env: { A: 'b' } }, result(['b', 'charge'])],
  ['bytes are the answer itself', { lambda: './good.py', handler: 'raw' }, result('raw')],
  [
    'an exception, written as the runtime does, its folder that of AWS',
    { lambda: './good.py', handler: 'deep' },
    failed(
      'CardDeclined',
      `{"errorMessage": "no \\"money\\"", "errorType": "CardDeclined", "requestId": "${REQUEST_ID}", "stackTrace": [` +
        '"  File \\"/var/task/good.py\\", line 11, in deep\\n    return fails(event, context)\\n", ' +
        '"  File \\"/var/task/good.py\\", line 9, in fails\\n    raise CardDeclined(\'no \\"money\\"\')\\n"]}',
    ),
  ],
  [
    'a set',
    { lambda: './good.py', handler: 'marshal' },
    failed(
      'Runtime.MarshalError',
      jsonWith({ errorMessage: 'Unable to marshal response: Object of type set is not JSON serializable' }),
    ),
  ],
  [
    'it leaves',
    { lambda: './good.py', handler: 'leaves' },
    failed(
      'Runtime.ExitError',
      jsonWith({ errorMessage: `RequestId: ${REQUEST_ID} Error: Runtime exited with error: exit status 3` }),
    ),
  ],
  [
    'Python out of time',
    { lambda: './good.py', handler: 'slow', timeoutSeconds: 0.3 },
    failed('Sandbox.Timedout', expect.any(String)),
  ],
  [
    'no such handler',
    { lambda: './good.py', handler: 'none' },
    failed('Runtime.HandlerNotFound', jsonWith({ errorMessage: "Handler 'none' missing on module 'good'" })),
  ],
  [
    'a syntax error',
    { lambda: './broken.py' },
    failed(
      'Runtime.UserCodeSyntaxError',
      jsonWith({ errorMessage: expect.stringContaining("Syntax error in module 'broken'") }),
    ),
  ],
  [
    'a module that is not there',
    { lambda: './import.py' },
    failed(
      'Runtime.ImportModuleError',
      jsonWith({ errorMessage: "Unable to import module 'import': No module named 'no_such_module_here'" }),
    ),
  ],
  [
    'no Python',
    { lambda: './good.py', python: 'python3-that-is-not-here' },
    expect.objectContaining({ refused: 'ASL_NO_PYTHON' }),
  ],
]

describe('a handler', () => {
  test.concurrent.each(ROWS)('%s', async (_, binding, came) => {
    expect(await perform({ bindings: { charge: binding }, folder })).toEqual(came)
  })
})

describe('by lambda:invoke', () => {
  const invoke = (handler: string) =>
    perform(
      { bindings: { charge: { lambda: './good.py', handler } }, folder },
      { resource: INVOKE, argument: { FunctionName: 'charge', Payload: {} } },
    )

  test('the length of the answer is that of its text', async () => {
    expect(await invoke('number')).toMatchObject({
      result: { Payload: 0, SdkHttpMetadata: { HttpHeaders: { 'Content-Length': '3' } } },
    })
  })

  test('a cause has no space that JSON does not need', async () => {
    expect(await invoke('fails')).toMatchObject({
      error: 'CardDeclined',
      cause: expect.stringMatching(/^\{"errorMessage":"no \\"money\\"","errorType":"CardDeclined","requestId":"/),
    })
  })
})

test('a file that has changed is loaded anew', async () => {
  const changing = folderWith({ 'h.mjs': 'export const handler = async () => 1' })
  const call = () => perform({ bindings: { charge: { lambda: 'h.mjs' } }, folder: changing })
  expect(await call()).toEqual(result(1))
  const { utimesSync, writeFileSync } = await import('node:fs')
  writeFileSync(`${changing}/h.mjs`, 'export const handler = async () => 2')
  utimesSync(`${changing}/h.mjs`, 5, 5)
  expect(await call()).toEqual(result(2))
  rmSync(changing, { recursive: true })
})
