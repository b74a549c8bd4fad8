/** Steps that do something themselves, as states: tasks, effects and waits. */
import { unreachable } from '../../../util/unreachable.ts'
import { retryOf, secondsOf, timesOf } from './policy.ts'
import { expression, NULL, type Term, templateOf, textOf } from './term.ts'
import { type At, checkPolicy, holding, onward, pathOf, termAt, unsayableOf, type Writer } from './writer.ts'

/** The function gets one record whose `args` are the arguments in their order. */
export function writeTask(writer: Writer, here: At<'task' | 'effect'>): Term {
  const { node, spot } = here
  checkPolicy(writer, node, ['retry', 'timeoutMs', 'heartbeatMs'])
  const args = node.args.map(arg => templateOf(termAt(writer, node, arg, spot.view)))
  const { term, fields } = holding(writer, here, '$states.result')
  const state = writer.names.state(pathOf(spot, node.name))
  const resource = writer.names.resource(node.task)
  spot.entry.place = state
  spot.draft.add(state, () => ({
    Type: 'Task',
    Resource: resource,
    Arguments: { args },
    ...timesOf(node.policy),
    ...retryOf(node.policy),
    ...fields,
    ...onward(spot.next),
  }))
  return term
}

export function writeWait(writer: Writer, here: At<'wait'>): Term {
  const { node, spot } = here
  const { on } = node
  switch (on.kind) {
    case 'timer':
      return writePause(writer, here, secondsField(termAt(writer, node, on.duration, spot.view)))
    case 'instant':
      return writePause(writer, here, { Timestamp: templateOf(termAt(writer, node, on.instant, spot.view)) })
    case 'signal':
      return writeSignal(writer, here, on.signal)
    default:
      return unreachable(on)
  }
}

function secondsField(duration: Term): { readonly Seconds: number | string } {
  if (duration.kind === 'literal' && typeof duration.value === 'number')
    return { Seconds: duration.value <= 0 ? 0 : secondsOf(duration.value) }
  return { Seconds: expression(`$ceil(${textOf(duration) ?? 'null'} / 1000)`) }
}

function writePause(
  writer: Writer,
  { node, spot }: At<'wait'>,
  fields: ReturnType<typeof secondsField> | { readonly Timestamp: ReturnType<typeof templateOf> },
): Term {
  checkPolicy(writer, node)
  const state = writer.names.state(pathOf(spot, node.name))
  spot.entry.place = state
  spot.draft.add(state, () => ({ Type: 'Wait', ...fields, ...onward(spot.next) }))
  return NULL
}

/** Who sends the signal is given a token by a function that stands for it, and answers with it. */
function writeSignal(writer: Writer, here: At<'wait'>, signal: string): Term {
  const { node, spot } = here
  checkPolicy(writer, node, ['deadlineMs', 'timeoutMs'])
  const { term, fields } = holding(writer, here, '$states.result')
  const state = writer.names.state(pathOf(spot, node.name))
  const resource = writer.names.resource(`signal-${signal}`)
  const limit = node.policy.deadlineMs ?? node.policy.timeoutMs
  spot.entry.place = state
  spot.draft.add(state, () => ({
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
    Arguments: { FunctionName: resource, Payload: { signal, token: expression('$states.context.Task.Token') } },
    ...(limit === undefined ? {} : { TimeoutSeconds: secondsOf(limit) }),
    ...fields,
    ...onward(spot.next),
  }))
  return term
}

/** Steps that no state stands for. */
export function refuseStep(
  writer: Writer,
  { node, spot }: At<'flow' | 'source' | 'service' | 'race' | 'some' | 'cancel' | 'net'>,
): Term {
  const unsayable = unsayableOf(writer, node)
  spot.entry.place = spot.next
  switch (node.kind) {
    case 'flow':
      unsayable('a flow, whose steps are known only while it runs', 'Make it a workflow, or one task.')
      break
    case 'source':
      unsayable(`a source (${node.source.kind})`, 'Make it a parameter of the workflow.')
      break
    case 'service':
      unsayable('a service, which goes on while others use it', 'Start and stop it by tasks.')
      break
    case 'race':
    case 'some':
      unsayable(`${node.kind}(), since a Parallel waits for all of its branches`)
      break
    case 'cancel':
      unsayable('cancel(), since a machine cannot stop one of its own states')
      break
    case 'net':
      unsayable('a net', 'A machine that was written in the Amazon States Language is its own definition.')
      break
    default:
      return unreachable(node)
  }
  return NULL
}
