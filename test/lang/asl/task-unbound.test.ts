/** What nothing is bound to, told before a machine runs. */
import { expect, test } from 'vitest'
import { effect, workflow } from '../../../src/index.ts'
import type { Machine } from '../../../src/lang/asl/machine.ts'
import type { Bindings } from '../../../src/lang/asl/task/index.ts'
import { unbound } from '../../../src/lang/asl/task/index.ts'

const task = (Resource: string, rest: object = {}) => ({ Type: 'Task', Resource, End: true, ...rest }) as const
const machine = (States: object): Machine => ({ StartAt: Object.keys(States)[0] ?? '', States }) as Machine

const INVOKE = 'arn:aws:states:::lambda:invoke'
const ARN = 'arn:aws:lambda:us-east-1:1:function:charge'

const inside = machine({
  Both: { Type: 'Parallel', End: true, Branches: [machine({ One: task(ARN) }), machine({ Two: task(ARN) })] },
  Every: { Type: 'Map', End: true, ItemProcessor: machine({ Three: task(ARN) }) },
})

const ROWS: readonly (readonly [what: string, machine: Machine, bindings: Bindings, found: readonly string[]])[] = [
  ['a function', machine({ A: task(ARN) }), {}, ['A']],
  ['a function that is bound', machine({ A: task(ARN) }), { charge: () => 1 }, []],
  ['a function whose state is bound', machine({ A: task(ARN) }), { A: { mock: { output: 1 } } }, []],
  ['in branches and iterations', inside, {}, ['One', 'Two', 'Three']],
  ['named in Parameters', machine({ A: task(INVOKE, { Parameters: { FunctionName: 'charge' } }) }), {}, ['A']],
  [
    'named in Arguments, bound',
    machine({ A: task(INVOKE, { Arguments: { FunctionName: ARN } }) }),
    { charge: () => 1 },
    [],
  ],
  ['named by data', machine({ A: task(INVOKE, { Parameters: { 'FunctionName.$': '$.f' } }) }), {}, []],
  ['named by an expression', machine({ A: task(INVOKE, { Arguments: { FunctionName: '{% $f %}' } }) }), {}, []],
  ['waiting for a token', machine({ A: task('arn:aws:states:::sqs:sendMessage.waitForTaskToken') }), {}, []],
  ['an activity', machine({ A: task('arn:aws:states:us-east-1:1:activity:approve') }), {}, []],
  ['a word that is no ARN', machine({ A: task('charge') }), {}, ['A']],
  [
    'a bucket that a folder stands for',
    machine({
      A: task('arn:aws:states:::aws-sdk:s3:getObject', { Parameters: { Bucket: 'b', Key: 'k' } }),
      B: task('arn:aws:states:::aws-sdk:s3:putObject', { Parameters: { 'Bucket.$': '$.b', Key: 'k' } }),
      C: task('arn:aws:states:::aws-sdk:s3:getObject', { Parameters: { Bucket: 'other', Key: 'k' } }),
      D: task('arn:aws:states:::aws-sdk:s3:copyObject', { Parameters: { Bucket: 'b', Key: 'k' } }),
    }),
    { 's3://b': './b' },
    ['C', 'D'],
  ],
  ['a service', machine({ A: task('arn:aws:states:::aws-sdk:s3:listBuckets') }), {}, ['A']],
]

test.each(ROWS)('%s', (_, definition, bindings, found) => {
  const diagnostics = unbound([{ machine: definition }], bindings)
  expect(diagnostics.map(({ code, message }) => [code, /State "(\w+)"/.exec(message)?.[1]])).toEqual(
    found.map(name => ['ASL_UNBOUND', name]),
  )
})

test('what a test case answers needs no binding, and the rest has its place', () => {
  const at = (path: readonly (string | number)[]) => ({ file: path.join('/'), line: 1, column: 1 })
  const diagnostics = unbound([{ machine: inside, at }], {}, new Set(['One']))
  expect(diagnostics.map(each => each.at?.file)).toEqual([
    'States/Both/Branches/1/States/Two/Resource',
    'States/Every/ItemProcessor/States/Three/Resource',
  ])
})

const BAD: readonly (readonly [
  what: string,
  bindings: { readonly [key: string]: unknown },
  told: string | undefined,
])[] = [
  ['a function', { f: () => 1 }, undefined],
  ['an effect', { f: effect(() => 1) }, undefined],
  ['a workflow', { f: workflow(() => 1) }, "'f' is bound to the workflow "],
  ['a command of words', { f: { command: ['cat'], cwd: '.', env: { A: 'b' } } }, undefined],
  ['a callback of a mock', { f: { callback: { mock: [{ output: null }, { timedOut: true }] } } }, undefined],
  ['nothing', { f: null }, "'f' is bound to null / A binding is a function, { command }"],
  ['a text', { f: './f.mjs' }, '\'f\' is bound to "./f.mjs" / A binding is'],
  ['a folder', { 's3://b': './b' }, undefined],
  [
    'a bucket that is no folder',
    { 's3://b': { folder: 1 } },
    "'s3://b' is bound to no folder / For example 's3://b': './data'.",
  ],
  ['a slip', { f: { lamda: './f.mjs' } }, "'f' is bound to { lamda } / Did you mean lambda?"],
  ['two kinds', { f: { lambda: './f.mjs', http: 'http://a' } }, "'f' is bound to both http and lambda / Keep one"],
  [
    'a file of another kind',
    { f: { lambda: './f.rb' } },
    'The lambda of \'f\' is "./f.rb" / It is the path of a file that ends in',
  ],
  ['no address', { f: { http: 'localhost:1' } }, 'The http of \'f\' is "localhost:1" / It is an address'],
  ['no words', { f: { command: [] } }, "The command of 'f' is [] / It is a text for the shell"],
  [
    'a field that it does not have',
    { f: { lambda: './f.py', handlr: 'x' } },
    "'f' has a field handlr, which no lambda has / Did you mean handler?",
  ],
  [
    'a field that is wrong',
    { f: { lambda: './f.py', timeoutSeconds: '3' } },
    'The timeoutSeconds of \'f\' cannot be "3"',
  ],
  ['an outcome that is none', { f: { mock: [1] } }, "The mock of 'f' is [1] / It is { output }"],
]

test.each(BAD)('a binding: %s', (_, bindings, told) => {
  const [first, ...others] = unbound([{ machine: machine({ A: { Type: 'Succeed' } }) }], bindings as Bindings)
  expect(others).toEqual([])
  if (told === undefined) expect(first).toBeUndefined()
  else expect(`${first?.message} / ${first?.hint}`).toContain(told)
})

test('the line that binds it is for the file of bindings beside the definition', () => {
  const at = () => ({ file: 'order.asl.json', line: 1, column: 1 })
  const other = { machine: machine({ B: task(ARN) }), at: () => ({ file: 'refund.asl.json', line: 1, column: 1 }) }
  const found = unbound([{ machine: machine({ A: task(ARN) }), at }, other], {})
  expect(found.map(each => each.at?.file)).toEqual(['order.asl.json', 'refund.asl.json'])
  for (const { hint } of found)
    expect(hint).toMatch(/^Add to order\.bind\.mjs, or what --bind names: 'charge': \{ lambda: /)
})
