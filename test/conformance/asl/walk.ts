/** INTERIM: one state after another, until machines are compiled. */
import { randomUUID } from 'node:crypto'
import type { Json } from '../../../src/util/json.ts'
import type { Machine, State } from '../../../src/lang/asl/machine.ts'
import { languageOf } from '../../../src/lang/asl/machine.ts'
import type { Exit, Scope, Vars } from '../../../src/lang/asl/scope.ts'
import { StateError } from '../../../src/lang/asl/state-error.ts'
import * as S from '../../../src/lang/asl/state/index.ts'
import type { Actual, Case } from './case.ts'

export async function walk(of: Case): Promise<Actual> {
  const machine = of.definition as unknown as Machine
  const input = of.inputText === undefined ? of.input : JSON.parse(of.inputText)
  const nowMs = of.clock ? Date.parse(of.clock) : Date.UTC(2030, 0, 1)
  const world = { now: () => nowMs, random: Math.random, uuid: randomUUID }
  const events: Record<string, Json>[] = [{ type: 'ExecutionStarted', id: 1, previousEventId: 0, input }]
  const add = (type: string, more: Record<string, Json>) => {
    const id = events.length + 1
    events.push({ type, id, previousEventId: id === 2 ? 0 : id - 1, ...more })
  }
  let at: string | undefined = machine.StartAt
  let data: Json = input
  let vars: Vars = {}
  try {
    while (at !== undefined) {
      const state: State = machine.States[at]!
      const kind = state.Type
      add(`${kind}StateEntered`, { name: at, input: data })
      const scope: Scope = {
        name: at,
        language: languageOf(state, machine.QueryLanguage ?? 'JSONPath'),
        input: data,
        vars,
        enteredId: events.length,
        world,
        context: {
          Execution: {
            Id: 'arn:aws:states:us-east-1:111111111111:execution:machine:run',
            Name: 'run',
            Input: input,
            StartTime: new Date(nowMs).toISOString(),
            RoleArn: 'arn:aws:iam::111111111111:role/role',
            RedriveCount: 0,
          },
          State: { Name: at, EnteredTime: new Date(nowMs).toISOString(), RetryCount: 0 },
          StateMachine: { Id: 'arn:aws:states:us-east-1:111111111111:stateMachine:machine', Name: 'machine' },
        },
      }
      const [exit, next] = await step(state, scope)
      const assigned = Object.fromEntries(exit.assigned.map(n => [n, exit.vars[n]!]))
      add(`${kind}StateExited`, { name: at, output: exit.output, ...(exit.assigned.length ? { assigned } : {}) })
      data = exit.output
      vars = exit.vars
      at = next
    }
    add('ExecutionSucceeded', { output: data })
    return { status: 'SUCCEEDED', output: data, events }
  } catch (error) {
    if (!(error instanceof StateError)) throw error
    add('ExecutionFailed', {
      ...(error.error === undefined ? {} : { error: error.error }),
      ...(error.reason === undefined ? {} : { cause: error.reason }),
    })
    return {
      status: 'FAILED',
      ...(error.error === undefined ? {} : { error: error.error }),
      ...(error.reason === undefined ? {} : { cause: error.reason }),
      events,
    }
  }
}

async function step(state: State, scope: Scope): Promise<[Exit, string | undefined]> {
  switch (state.Type) {
    case 'Pass':
      return [await S.passExit(state, scope), state.Next]
    case 'Succeed':
      return [await S.succeedExit(state, scope), undefined]
    case 'Wait':
      await S.waitOf(state, scope)
      return [await S.waitExit(state, scope), state.Next]
    case 'Fail': {
      const { error, cause } = await S.failureOf(state, scope)
      throw new StateError(error, cause)
    }
    case 'Choice': {
      for (const [index, rule] of state.Choices.entries())
        if (await S.holds(state, index, scope)) return [await S.exitOfChoice(state, index, scope), rule.Next]
      if (state.Default === undefined) throw S.noChoice(state, scope)
      return [await S.exitOfChoice(state, 'default', scope), state.Default]
    }
    default:
      throw new Error(`interim: ${state.Type}`)
  }
}
