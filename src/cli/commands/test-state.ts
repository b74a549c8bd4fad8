/** `tutti test-state`: one state of a state machine, run by itself, answered as AWS's TestState answers. */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { readSource } from '../../lang/asl/parse/read.ts'
import { type Bindings, checkBindings, newPerformer, type Performer } from '../../lang/asl/task/index.ts'
import type { InspectionLevel, TaskCall, TestStateRequest, TestStateResult } from '../../lang/asl/test-state/index.ts'
import { testState } from '../../lang/asl/test-state/index.ts'
import { diagnosticsOf } from '../../lang/asl/validate/validate.ts'
import { REAL } from '../../lang/asl/work/host.ts'
import { refuse, Refusal } from '../../util/diagnostic.ts'
import type { Json } from '../../util/json.ts'
import { nearestName } from '../../util/nearest.ts'
import { EXIT } from '../exit.ts'
import { boundValues } from '../foreign/bound-values.ts'
import type { Io } from '../io.ts'
import { parseJson } from '../parameters.ts'

export interface TestStateFlags {
  readonly state?: string
  readonly input?: string
  readonly inspectionLevel?: InspectionLevel
  readonly mock?: string
  readonly config?: string
  readonly context?: string
  readonly variables?: string
  readonly bind?: string
}

export async function testStateCommand(io: Io, file: string, flags: TestStateFlags): Promise<number> {
  const path = resolve(io.cwd, file)
  const definition = definitionIn(file, path, flags.state)
  const performer = performerFor(path, io.cwd, flags)
  const answer = await testState(definition, requestOf(flags), {
    world: REAL,
    perform: async call => performed(await performer(), call),
  })
  if (!answer.ok)
    return refuse('STATE_NOT_TESTED', `${answer.error.error}: ${answer.error.cause}`, {
      hint: hintFor(definition, flags),
    })
  io.out(`${JSON.stringify(awsShape(answer.value), undefined, 2)}\n`)
  return answer.value.status === 'FAILED' ? EXIT.failed : EXIT.succeeded
}

/** With positions where the whole is a machine; of a state alone TestState says what is wrong with it. */
function definitionIn(file: string, path: string, stateName: string | undefined): Json {
  const source = readSource({ path: file, text: textOf(file, path) })
  if (!source.ok) throw new Refusal([...source.error])
  const wrong = stateName === undefined ? [] : diagnosticsOf(source.value).filter(each => each.severity === 'error')
  if (wrong.length > 0) throw new Refusal(wrong)
  return source.value.value as Json // what a text of JSON or YAML holds
}

function textOf(file: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return refuse('FILE_NOT_FOUND', `There is no file ${file}`, {
      hint: 'Correct the path; it is relative to this folder.',
    })
  }
}

function hintFor(definition: Json, { state }: TestStateFlags): string {
  const names = statesIn(definition)
  if (state === undefined && names.length > 0)
    return 'This is a whole machine: name the state to test with --state NAME.'
  const near = state === undefined || names.includes(state) ? undefined : nearestName(state, names)
  return near === undefined ? 'docs/asl.md shows what can be tested, and how to mock it.' : `Did you mean ${near}?`
}

/** Names, however deep they are nested. */
function statesIn(value: Json | undefined): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return (value as readonly Json[]).flatMap(statesIn)
  return Object.entries(value).flatMap(([field, inner]) => [
    ...(field === 'States' && typeof inner === 'object' && inner !== null ? Object.keys(inner) : []),
    ...statesIn(inner),
  ])
}

function requestOf(flags: TestStateFlags): TestStateRequest {
  const json = (text: string | undefined, flag: string): string | undefined =>
    text === undefined ? undefined : JSON.stringify(parseJson(text, flag))
  return {
    stateName: flags.state,
    input: json(flags.input, '--input'),
    inspectionLevel: flags.inspectionLevel,
    context: json(flags.context, '--context'),
    variables: json(flags.variables, '--variables'),
    mock: flags.mock === undefined ? undefined : withTexts(parseJson(flags.mock, '--mock'), ['result']),
    stateConfiguration:
      flags.config === undefined ? undefined : withTexts(parseJson(flags.config, '--config'), ['mapItemReaderData']),
  }
}

/** AWS takes these fields as JSON text; here the JSON itself does as well. */
function withTexts(value: unknown, fields: readonly string[]): { readonly [field: string]: never } {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return refuse('INPUT_INVALID', '--mock and --config take a JSON object', {
      hint: `For example --mock '{"result": {"StatusCode": 200}}'`,
    })
  const entries = Object.entries(value).map(([name, field]) =>
    fields.includes(name) && typeof field !== 'string' ? [name, JSON.stringify(field)] : [name, field],
  )
  return Object.fromEntries(entries) // checked by TestState
}

/** Bindings are loaded when the state's task has no mock. */
function performerFor(path: string, cwd: string, { bind }: TestStateFlags): () => Promise<Performer> {
  return async () => {
    const bindings = await boundValues(path, cwd, bind)
    const wrong = checkBindings(bindings)
    if (wrong.length > 0) throw new Refusal([...wrong])
    return newPerformer({ bindings: bindings as Bindings, folder: dirname(path) })
  }
}

async function performed(performer: Performer, call: TaskCall): Promise<Json> {
  const execution = randomUUID()
  const done = await performer.perform({
    state: call.name,
    resource: call.state.Resource,
    argument: call.argument,
    retryCount: 0,
    execution: { id: execution, name: execution, input: call.argument, startTime: new Date().toISOString() },
    enteredId: 0,
    ...(call.timeoutSeconds === undefined ? {} : { timeoutSeconds: call.timeoutSeconds }),
    world: REAL,
    signal: new AbortController().signal,
    heartbeat: () => undefined,
  })
  if (done.kind === 'result') return done.result
  const waits = done.kind === 'waiting' ? 'for its token' : 'for another machine'
  return refuse('STATE_NOT_TESTED', `The task '${call.name}' waits ${waits}`, { hint: 'Give its result with --mock.' })
}

/** Values as JSON text, where AWS's API has text. */
function awsShape({ output, inspectionData, ...rest }: TestStateResult): { readonly [field: string]: unknown } {
  return {
    ...(output === undefined ? {} : { output: JSON.stringify(output) }),
    ...rest,
    ...(inspectionData === undefined
      ? {}
      : {
          inspectionData: Object.fromEntries(
            Object.entries(inspectionData).map(([stage, value]) =>
              PLAIN.has(stage) ? [stage, value] : [stage, JSON.stringify(value)],
            ),
          ),
        }),
  }
}

const PLAIN: ReadonlySet<string> = new Set([
  'maxConcurrency',
  'toleratedFailureCount',
  'toleratedFailurePercentage',
  'errorDetails',
  'request',
  'response',
])
