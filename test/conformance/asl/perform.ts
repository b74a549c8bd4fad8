/** One case, run as its kind says. What goes wrong in our own code is a result too: an end must be told for each case. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { awsAnswer } from '../../../src/lang/asl/validate/answer.ts'
import { unreachable } from '../../../src/util/unreachable.ts'
import type { Json } from '../../../src/util/json.ts'
import type { Actual, Case } from './case.ts'
import { CALM, execute, type Weather } from './execution.ts'
import { performTestState } from './test-state.ts'

export async function perform(of: Case, weather: Weather = CALM): Promise<Actual> {
  const folder = mkdtempSync(join(tmpdir(), 'tutti-case-'))
  try {
    return await performIn(of, folder, weather)
  } catch (error) {
    return { status: 'BROKEN', cause: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function performIn(of: Case, folder: string, weather: Weather): Promise<Actual> {
  switch (of.kind) {
    case 'invalid':
    case 'valid':
      return answered(of)
    case 'teststate':
      return performTestState(of, folder)
    case 'choice':
    case 'execution':
      return execute(of, folder, weather)
    default:
      return unreachable(of.kind)
  }
}

function answered({ definition, definitionText, api, type }: Case): Actual {
  const text = definitionText ?? JSON.stringify(definition)
  const called = api === 'ValidateStateMachineDefinition' ? api : 'CreateStateMachine'
  const { status, error, cause, diagnostics } = awsAnswer(text, { api: called, type })
  return {
    status,
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause }),
    diagnostics: diagnostics as unknown as Json,
  }
}
