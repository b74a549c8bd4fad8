/** Machines in programs: run by themselves, as steps of workflows, and called by flows. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { flow, type Ref, run, type RunResult, task, workflow } from '../../src/index.ts'
import { asl } from '../../src/lang/asl/index.ts'
import { Refusal } from '../../src/util/diagnostic.ts'

const folder = mkdtempSync(join(tmpdir(), 'tutti-lang-'))
afterAll(() => rmSync(folder, { recursive: true }))

const double = asl(
  { StartAt: 'Double', States: { Double: { Type: 'Task', Resource: 'double', End: true } } },
  { double: (n: number) => n * 2 },
  { name: 'double' },
)
const plusOne = task((n: number) => n + 1)
const store = join(folder, 'store')

function output<T>(result: RunResult<T>): T {
  if (result.kind === 'ended' && result.status === 'succeeded') return result.output
  throw new Error(JSON.stringify(result))
}

test('by itself', async () => {
  expect(output(await run(double, { store, args: { input: 21 } }))).toBe(42)
})

test('as a step, twice, among others', async () => {
  const both = workflow((n: Ref<number>) => ({ a: plusOne(double(n) as Ref<number>), b: double(plusOne(n)) }))
  expect(output(await run(both, { store, args: { n: 10 } }))).toEqual({ a: 21, b: 22 })
})

test('called by a flow', async () => {
  const until = flow(async (n: number) => {
    let value = n
    while (value < 100) value = (await double(value)) as number
    return value
  })
  expect(output(await run(until, { store, args: { n: 7 } }))).toBe(112)
})

describe('machines that start machines', () => {
  const starting = (name: string) => ({
    StartAt: `To ${name}`,
    States: {
      [`To ${name}`]: {
        Type: 'Task',
        Resource: 'arn:aws:states:::states:startExecution.sync:2',
        Parameters: { StateMachineArn: `arn:aws:states:us-east-1:123456789012:stateMachine:${name}`, 'Input.$': '$' },
        OutputPath: '$.Output',
        End: true,
      },
    },
  })
  const last = { StartAt: 'Last', States: { Last: { Type: 'Pass', Parameters: { 'deep.$': '$' }, End: true } } }

  test('one in another', async () => {
    const bindings = { b: { machine: starting('c') }, c: { machine: last } }
    const outer = asl(starting('b'), bindings, { name: 'outer' })
    expect(output(await run(outer, { store, args: { input: { n: 1 } } }))).toEqual({ deep: { n: 1 } })
  })

  test('that is running around it already is refused by name', async () => {
    const outer = asl(starting('b'), { b: { machine: starting('b') } }, { name: 'round' })
    const result = await run(outer, { store, args: { input: {} } })
    expect(result).toMatchObject({ kind: 'ended', status: 'failed' })
    expect(JSON.stringify(result)).toContain('To b')
  })
})

describe('what is not bound is refused before the run', () => {
  const unbound = asl(
    { StartAt: 'A', States: { A: { Type: 'Task', Resource: 'a', End: true } } },
    {},
    { name: 'unbound' },
  )

  test.each([
    ['of the machine itself', unbound, { input: {} }],
    ['of one that a workflow calls, once', workflow(() => [unbound({}), unbound({})]), {}],
  ])('%s', async (_, machine, args) => {
    const refused = await run(machine as () => unknown as never, { store, args } as never).catch(
      (error: unknown) => error,
    )
    expect(refused).toBeInstanceOf(Refusal)
    expect((refused as Refusal).diagnostics.map(({ code }) => code)).toEqual(['ASL_UNBOUND'])
  })
})
