/** What nothing is bound to, told before a machine runs. */
import { expect, test } from 'vitest'
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
  ['a service', machine({ A: task('arn:aws:states:::aws-sdk:s3:listBuckets') }), {}, ['A']],
]

test.each(ROWS)('%s', (_, definition, bindings, found) => {
  const diagnostics = unbound(definition, bindings)
  expect(diagnostics.map(({ code, message }) => [code, /State "(\w+)"/.exec(message)?.[1]])).toEqual(
    found.map(name => ['ASL_UNBOUND', name]),
  )
})

test('what a test case answers needs no binding, and the rest has its place', () => {
  const at = (path: readonly (string | number)[]) => ({ file: path.join('/'), line: 1, column: 1 })
  const diagnostics = unbound(inside, {}, { mocked: new Set(['One']), at })
  expect(diagnostics.map(each => each.at?.file)).toEqual([
    'States/Both/Branches/1/States/Two/Resource',
    'States/Every/ItemProcessor/States/Three/Resource',
  ])
})
