/** The context object, `$$` or `$states.context`: what a state may know of its execution and of itself. */
import type { Json } from '../../../util/json.ts'
import type { StateOf } from '../compile/state-text.ts'
import type { Frame, Scope, World } from '../scope.ts'

/** What the start of an execution gives, once and for all of it. */
export interface Execution {
  /** Its ARN. */
  readonly id: string
  readonly name: string
  /** ISO 8601. */
  readonly startTime: string
  readonly roleArn: string
  readonly machineArn: string
  readonly machineName: string
}

/** As the graph hands it to those who may ask. `item`, `index`: of the innermost map. */
export interface GivenContext {
  readonly execution: Execution
  readonly input: Json
  readonly item?: Json
  readonly index?: number
}

/** Of one attempt of a task. */
export interface Trying {
  readonly retryCount: number
  readonly token?: string
}

/** `given` is null where the state cannot see it (../compile/around.ts): then nothing is made. */
export function contextOf(name: string, given: GivenContext | null, world: World, trying?: Trying): Scope['context'] {
  if (!given) return NOTHING
  const state = {
    Name: name,
    EnteredTime: new Date(world.now()).toISOString(),
    ...(trying ? { RetryCount: trying.retryCount } : {}),
  }
  const { execution, input, item, index } = given
  return {
    Execution: {
      Id: execution.id,
      Input: input,
      StartTime: execution.startTime,
      Name: execution.name,
      RoleArn: execution.roleArn,
      RedriveCount: 0,
    },
    StateMachine: { Id: execution.machineArn, Name: execution.machineName },
    State: state,
    ...(index === undefined ? {} : { Map: { Item: { Index: index, Value: item ?? null } } }),
    ...(trying?.token === undefined ? {} : { Task: { Token: trying.token } }),
  }
}

const NOTHING: Scope['context'] = {}

export function scopeOf(
  { name, language }: StateOf,
  { input, vars, events }: Frame,
  given: GivenContext | null,
  world: World,
  trying?: Trying,
): Scope {
  return {
    name,
    language,
    input,
    vars,
    context: contextOf(name, given, world, trying),
    enteredId: events + 1,
    world,
  }
}
