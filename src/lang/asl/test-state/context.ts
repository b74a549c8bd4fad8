/** The context object of a tested state: the one that is given, looked through, or that of a fresh execution. */
import type { Json } from '../../../util/json.ts'
import type { State } from '../machine.ts'
import type { World } from '../scope.ts'
import { hasToken, resourceOf } from '../task/index.ts'
import { isRecord, parsed, refuse } from './refuse.ts'

export type Context = { readonly [field: string]: Json }

/** Fields that may be given, and their types; `any`: every JSON. */
const FIELDS: { readonly [part: string]: { readonly [field: string]: 'string' | 'number' | 'any' } } = {
  Execution: {
    Id: 'string',
    Input: 'any',
    Name: 'string',
    RoleArn: 'string',
    StartTime: 'string',
    RedriveCount: 'number',
    RedriveTime: 'string',
  },
  State: { EnteredTime: 'string', Name: 'string', RetryCount: 'number' },
  StateMachine: { Id: 'string', Name: 'string' },
  Task: { Token: 'string' },
}

export function givenContext(text: string, state: State): Context {
  const context = parsed(text, () => invalid('must be valid JSON'))
  if (!isRecord(context)) return invalid('must be a JSON object')
  for (const [part, value] of Object.entries(context)) checkPart(part, value)
  if (context['Task'] !== undefined && !(state.Type === 'Task' && hasToken(resourceOf(state.Resource))))
    invalid(
      "Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' service integration pattern",
    )
  return context
}

function checkPart(part: string, value: Json): void {
  if (part === 'Map') invalid("'Map' field is not supported when mocking a Context object")
  const fields = FIELDS[part] ?? notAllowed(part)
  if (!isRecord(value)) return invalid(`${part} must be an object`)
  for (const [name, field] of Object.entries(value)) {
    const type = fields[name] ?? notAllowed(name)
    if (type !== 'any' && typeof field !== type) invalid(`${part}.${name} must be a ${type}`)
  }
}

const notAllowed = (field: string): never => invalid(`Field '${field}' is not allowed`)
const invalid = (words: string): never => refuse(`Invalid Context object provided: ${words}`)

/** As AWS makes it up: an express execution that has just begun. */
export function freshContext(of: { input: Json; stateName: string; retryCount: number; world: World }): Context {
  const { world } = of
  const time = new Date(world.now()).toISOString()
  const [machine, execution] = [world.uuid(), world.uuid()]
  return {
    Execution: {
      Id: `arn:aws:states:${REGION}:${ACCOUNT}:express:${machine}:${execution}`,
      Input: of.input,
      Name: execution,
      RoleArn: `arn:aws:iam::${ACCOUNT}:role/${machine}`,
      StartTime: time,
    },
    StateMachine: { Id: `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:${machine}`, Name: machine },
    State: { Name: of.stateName, EnteredTime: time, RetryCount: of.retryCount },
  }
}

const REGION = 'us-east-1'
const ACCOUNT = '111111111111'
