/** A history as `GetExecutionHistory` answers it: details under the name of the event's kind, values as JSON texts. */
import type { Json } from '../../../util/json.ts'
import type { HappeningType, HistoryEvent } from './event.ts'

export interface AwsHistory {
  readonly events: readonly { readonly [field: string]: Json }[]
}

/** What an execution is one of, beside its events. */
export interface Execution {
  readonly roleArn?: string
  readonly region?: string
  /** Of a published version, and of the alias by which it was started. */
  readonly stateMachineVersionArn?: string
  readonly stateMachineAliasArn?: string
}

type Fields = { readonly [field: string]: Json }

export const awsShape = (history: readonly HistoryEvent[], execution: Execution = {}): AwsHistory => ({
  events: history.map(event => shaped(event, execution)),
})

function shaped(event: HistoryEvent, execution: Execution): Fields {
  const { type, id, previousEventId, atMs, ...given } = event
  const key = detailsKey(type)
  const details = { ...detailsOf(given as unknown as Fields), ...beside(type, execution) }
  return {
    timestamp: new Date(atMs).toISOString(),
    type,
    id,
    previousEventId,
    ...(key === undefined ? {} : { [key]: details }),
  }
}

/** States share a record, whatever their type; events that say nothing more than that they happened have none. */
function detailsKey(type: HappeningType): string | undefined {
  if (BARE.test(type)) return undefined
  if (type.endsWith('StateEntered')) return 'stateEnteredEventDetails'
  if (type.endsWith('StateExited')) return 'stateExitedEventDetails'
  return `${type.charAt(0).toLowerCase()}${type.slice(1)}EventDetails`
}

const BARE =
  /^(?:LambdaFunctionStarted|(?:Map|Parallel)State(?:Succeeded|Failed)|ParallelStateStarted|\w+StateAborted|MapRun(?:Succeeded|Aborted))$/

/** Values become texts, each with whether it was cut short: ours never are. */
function detailsOf(given: Fields): Fields {
  const details: { [field: string]: Json } = {}
  for (const [field, value] of Object.entries(given)) {
    switch (field) {
      case 'input':
      case 'output':
        details[field] = JSON.stringify(value)
        details[`${field}Details`] = WHOLE
        break
      case 'parameters':
        details[field] = JSON.stringify(value)
        break
      case 'assigned':
        details['assignedVariables'] = Object.fromEntries(
          Object.entries(value as Fields).map(([name, each]) => [name, JSON.stringify(each)]),
        )
        details['assignedVariablesDetails'] = WHOLE
        break
      case 'role':
        details['taskCredentials'] = { roleArn: value }
        break
      default:
        if (value !== undefined) details[field] = value
    }
  }
  return details
}

const WHOLE = { truncated: false }

function beside(type: HappeningType, { roleArn, region, ...machine }: Execution): Fields {
  if (type === 'ExecutionStarted') return { roleArn: roleArn ?? NO_ROLE, ...machine }
  return type === 'TaskScheduled' ? { region: region ?? 'us-east-1' } : {}
}

/** Nobody's: the run has the rights of who started it. */
const NO_ROLE = 'arn:aws:iam::123456789012:role/tutti'
