/** What a machine is run with: who performs its tasks, and what it takes for time and names. */
import type { World } from '../scope.ts'
import type { Bindings, Performer } from '../task/index.ts'
import type { Execution } from './context.ts'
import type { Limits } from './frames.ts'

export interface Host {
  readonly world: World
  readonly performer: Performer
  readonly bindings: Bindings
  /** Where the paths of bindings start. */
  readonly folder: string
  readonly limits: Limits
  readonly execution: (run: string) => Execution
}

/** As ARNs name it. */
export interface Account {
  readonly partition: string
  readonly region: string
  readonly account: string
}

/** An account that nobody has. */
export const NOWHERE: Account = { partition: 'aws', region: 'us-east-1', account: '000000000000' }

export const REAL: World = { now: Date.now, random: Math.random, uuid: () => globalThis.crypto.randomUUID() }

export function executionOf(
  run: string,
  { name, type }: { readonly name: string; readonly type: 'STANDARD' | 'EXPRESS' },
  { partition, region, account }: Account,
  world: World,
): Execution {
  const prefix = `arn:${partition}:states:${region}:${account}`
  return {
    id: type === 'EXPRESS' ? `${prefix}:express:${name}:${run}:${world.uuid()}` : `${prefix}:execution:${name}:${run}`,
    name: run,
    startTime: new Date(world.now()).toISOString(),
    roleArn: `arn:${partition}:iam::${account}:role/tutti`,
    machineArn: `${prefix}:stateMachine:${name}`,
    machineName: name,
  }
}
