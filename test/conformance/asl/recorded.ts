/**
 * What the services and functions of a case answered where the case has no list of it: the recorded history holds each answer,
 * and a tested state's inspection its result.
 */
import { type Case, isObject, type JsonObject, type MockOutcome } from './case.ts'

/** By state, one for each attempt. */
export function recordedOf(of: Case): Case['mocks'] {
  return of.kind === 'teststate' ? ofTest(of) : { ...ofHistory(of), ...of.mocks }
}

/** Of the one state, under any name: AWS's own for a state without one is `StateName`. */
function ofTest({ expect, request, mocks }: Case): Case['mocks'] {
  const { inspectionData, output } = expect
  const result = isObject(inspectionData) ? (inspectionData['result'] ?? inspectionData['afterResultSelector']) : output
  const name = typeof request?.['stateName'] === 'string' ? request['stateName'] : 'StateName'
  return { ...(result === undefined ? {} : { [name]: [{ output: result }] }), ...mocks }
}

const SUCCEEDED = /^(Task|LambdaFunction|Activity)Succeeded$/
const FAILED = /^(Task|LambdaFunction|Activity)(Failed|ScheduleFailed|StartFailed|SubmitFailed)$/
const TIMED_OUT = /^(Task|LambdaFunction|Activity)TimedOut$/

function ofHistory({ expect }: Case): Case['mocks'] {
  const events = eventsOf(expect)
  const byId = new Map(events.map(event => [event['id'], event]))
  const only = onlyTask(events)
  const found: Record<string, MockOutcome[]> = {}
  for (const event of events) {
    const outcome = outcomeOf(event)
    const state = outcome && (stateOf(event, byId) ?? only)
    if (state !== undefined) found[state] = [...(found[state] ?? []), outcome!]
  }
  return found
}

const eventsOf = (expect: JsonObject): readonly JsonObject[] =>
  Array.isArray(expect['events']) ? expect['events'].filter(isObject) : []

/** Where ids were lost, only a single task that was entered can be told from others. */
function onlyTask(events: readonly JsonObject[]): string | undefined {
  const entered = new Set(events.flatMap(({ type, name }) => (type === 'TaskStateEntered' ? [String(name)] : [])))
  const [first] = entered
  return entered.size === 1 ? first : undefined
}

function outcomeOf({ type, output, error, cause }: JsonObject): MockOutcome | undefined {
  const kind = String(type)
  if (SUCCEEDED.test(kind)) return { output: output ?? null }
  const name = typeof error === 'string' ? { error } : {}
  if (TIMED_OUT.test(kind)) return { timedOut: true, ...name }
  return FAILED.test(kind) ? { ...name, ...(cause === undefined ? {} : { cause }) } : undefined
}

/** The state that an event belongs to: the last that was entered on its way. */
function stateOf(event: JsonObject, byId: ReadonlyMap<unknown, JsonObject>): string | undefined {
  let at: JsonObject | undefined = event
  for (let steps = 0; at && steps <= byId.size; steps += 1) {
    if (at['type'] === 'TaskStateEntered') return typeof at['name'] === 'string' ? at['name'] : undefined
    at = byId.get(at['previousEventId'])
  }
  return undefined
}
