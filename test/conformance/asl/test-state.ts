/** A case of TestState: its request as AWS's API takes it, its tasks as the case describes them. */
import { randomUUID } from 'node:crypto'
import type { Json } from '../../../src/util/json.ts'
import type { World } from '../../../src/lang/asl/scope.ts'
import { newPerformer } from '../../../src/lang/asl/task/index.ts'
import { type TaskCall, type TestStateRequest, testState } from '../../../src/lang/asl/test-state/index.ts'
import { bindingsOf } from './bindings.ts'
import type { Actual, Case } from './case.ts'

export async function performTestState(of: Case, folder: string): Promise<Actual> {
  const performer = newPerformer({ bindings: bindingsOf(of, folder, new Map()), folder, limits: 'aws' })
  const perform = async (call: TaskCall): Promise<Json> => {
    const done = await performer.perform({
      state: call.name,
      resource: call.state.Resource,
      argument: call.argument,
      retryCount: 0,
      execution: EXECUTION,
      enteredId: 0,
      world,
      signal: new AbortController().signal,
      heartbeat: () => undefined,
    })
    if (done.kind === 'result') return done.result
    throw new Error(`a ${done.kind} task has no result of its own`)
  }
  const answer = await testState(of.definition, requestOf(of), { world, perform })
  return answer.ok
    ? (answer.value as Actual)
    : { status: 'INVALID', error: answer.error.error, cause: answer.error.cause }
}

/** The case holds the input apart, as a value. */
const requestOf = ({ request, input, inputText }: Case): TestStateRequest => ({
  ...(inputText === undefined && input === null ? {} : { input: inputText ?? JSON.stringify(input) }),
  ...(request as TestStateRequest | undefined),
})

const EXECUTION = {
  id: 'arn:aws:states:us-east-1:111111111111:express:test:test',
  name: 'test',
  input: {},
  startTime: '2030-01-01T00:00:00.000Z',
}

const world: World = { now: () => Date.UTC(2030, 0, 1), random: Math.random, uuid: randomUUID }
