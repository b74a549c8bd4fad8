/**
 * A run told as a few words a line, and what the engine asks for in answer.
 *
 *     go a, pass a, fail a, lost a, stop a     an attempt starts; it succeeds, fails, is lost with its worker, is cancelled
 *     choose w then    items e x y             what the shell evaluated
 *     call f k task    call f k flow           a flow's call starts; `made` instead: it waits, `known`: it is answered
 *     cancel           cancel f[k]/            the run, or a scope; `halt a`: one step
 *     several a x y    none n                  arms of an any; no guard of a net holds
 *     add e k          due w 5000              the key of an item that was added; the instant of a wait
 *     grant c          fire w wake             what was asked for may be there; a timer has come
 *     signal s         signal s id             with the value `s!`
 *     retry a                                  of a parked step
 *
 * `@5000 …` says when; else it is 1000.
 */
import { apply } from '../../src/core/engine/apply.ts'
import { decide } from '../../src/core/engine/decide.ts'
import { compile } from '../../src/core/engine/program.ts'
import type { Bound, Command, Event, FlowCall, Input, Library, Timer } from '../../src/core/engine/protocol.ts'
import { emptyState, locate, type State } from '../../src/core/engine/state.ts'
import type { Graph } from '../../src/core/graph/graph.ts'
import { evaluated, failed, fault, keep, literalValue } from '../sim/values.ts'

export interface Timeline {
  readonly state: State
  /** What one line brought: commands, or the code of the refusal. */
  tell(line: string): string
}

export function timeline(
  graph: Graph,
  library: Library = new Map(),
  state: State = emptyState(compile(graph, library)),
  watch: (event: Event) => void = () => undefined,
): Timeline {
  const submit = (input: Input): string => {
    const decision = decide(state, input)
    if (decision.kind === 'refused') return decision.code
    for (const event of decision.events) watch(event)
    return decision.events.flatMap(event => apply(state, event).map(showCommand)).join(', ')
  }
  return {
    state,
    tell: line => {
      const [, at, words = line] = /^@(\d+) (.*)$/.exec(line) ?? []
      return submit({ ...inputOf(state, words.split(' ')), atMs: Number(at ?? AT_MS) })
    },
  }
}

/** Each line with what it brought. */
export function played(graph: Graph, lines: readonly string[], library?: Library): readonly string[] {
  const { tell } = timeline(graph, library)
  return ['begin', ...lines].map(line => `${line} > ${tell(line)}`)
}

const AT_MS = 1_000
const atMs = AT_MS

function inputOf(state: State, [verb = '', step = '', ...rest]: readonly string[]): Input {
  const place = locate(state, step)
  const current = place ? state.steps.attempt[place.row]! : 0
  const finished = (outcome: Extract<Input, { kind: 'attempt.finished' }>['outcome'], attempt = current): Input => ({
    kind: 'attempt.finished',
    step,
    attempt,
    outcome,
    atMs,
  })
  switch (verb) {
    case 'begin':
      return { kind: 'run.requested', run: 'r', graph: 'g', args: { p: literalValue({ of: [1, 2] }) }, atMs }
    case 'redrive':
      return { kind: 'redrive.requested', from: step === '' ? [] : [step], accept: [], atMs }
    case 'go':
      return { kind: 'attempt.granted', step, worker: 'w', atMs }
    case 'again':
      return { kind: 'attempt.granted', step, worker: 'w', supersedes: Number(rest[0]), atMs }
    case 'pass':
      return finished({ kind: 'succeeded', output: keep(step) }, Number(rest[0] ?? current))
    case 'fail':
      return finished(failed('BOOM'), Number(rest[0] ?? current))
    case 'lost':
      return finished(failed('WORKER_LOST'))
    case 'stop':
      return finished({ kind: 'cancelled' })
    case 'know':
      return {
        kind: 'step.known',
        step,
        outcome: { kind: 'succeeded', output: keep(step) },
        origin: { kind: 'given' },
        atMs,
      }
    case 'choose':
      return { kind: 'branch.evaluated', step, result: { kind: 'chosen', branch: rest[0]! }, atMs }
    case 'misjudge':
      return { kind: 'branch.evaluated', step, result: { kind: 'failed', fault: fault('BOOM') }, atMs }
    case 'items':
      return { kind: 'items.evaluated', step, result: { kind: 'listed', keys: rest, items: literalValue(rest) }, atMs }
    case 'call': {
      const call = callOf(step, rest[0]!, rest[1]!)
      if (rest[2] === 'made' || call.target.kind === 'workflow') return { kind: 'call.made', call, atMs }
      if (rest[2] === 'known')
        return {
          kind: 'call.known',
          call,
          outcome: { kind: 'succeeded', output: keep(rest[0]!) },
          origin: { kind: 'given' },
          atMs,
        }
      return { kind: 'call.granted', call, worker: 'w', atMs }
    }
    case 'cancel':
      return { kind: 'cancel.requested', reason: 'enough', ...(step ? { scope: step } : {}), atMs }
    case 'halt':
      return { kind: 'cancel.requested', reason: 'enough', step, atMs }
    case 'several':
      return { kind: 'branch.evaluated', step, result: { kind: 'several', branches: rest }, atMs }
    case 'none':
      return { kind: 'branch.evaluated', step, result: { kind: 'none' }, atMs }
    case 'add':
      return {
        kind: 'items.evaluated',
        step,
        result: { kind: 'added', key: rest[0]!, item: literalValue(rest[0]!) },
        atMs,
      }
    case 'due':
      return { kind: 'timer.evaluated', step, result: { kind: 'due', dueAtMs: Number(rest[0]) }, atMs }
    case 'grant':
      return { kind: 'grant.proposed', step, atMs }
    case 'fire':
      return { kind: 'timer.fired', step: step === '.' ? '' : step, timer: rest[0] as Timer, atMs }
    case 'signal':
      return {
        kind: 'signal.sent',
        signal: step,
        value: literalValue(`${step}!`),
        ...(rest[0] ? { id: rest[0] } : {}),
        atMs,
      }
    case 'retry':
      return { kind: 'retry.requested', step, atMs }
    case 'diverge':
      return { kind: 'flow.diverged', step, fault: fault('DIVERGED'), atMs }
    case 'record':
      return { kind: 'value.recorded', step, attempt: Number(rest[0]), name: 'n', value: 1, atMs }
    case 'end':
      return { kind: 'result.evaluated', status: 'succeeded', atMs }
    default:
      throw new Error(`no verb ${verb}`)
  }
}

/** `kind` is that of a definition, or the hash of a workflow's region. */
function callOf(flow: string, key: string, kind: string): FlowCall {
  const args: readonly Bound[] = [literalValue(key)]
  const isNode = kind === 'task' || kind === 'effect' || kind === 'flow'
  return {
    flow,
    key,
    site: 's',
    argsHash: 'h',
    args,
    target: isNode
      ? { kind: 'node', node: { kind, name: 'called', task: 't', executor: 'inline', policy: {} } }
      : { kind: 'workflow', workflow: 'w', params: ['a'], region: kind },
  }
}

function showCommand(command: Command): string {
  switch (command.kind) {
    case 'startAttempt':
      return `start ${command.step}${command.notBeforeMs ? ` at ${command.notBeforeMs}` : ''}`
    case 'stopAttempt':
      return `stop ${command.step}#${command.attempt}`
    case 'evaluateBranch':
      return `evaluate ${command.step}${command.branches ? ` of ${command.branches.join(' ')}` : ''}`
    case 'evaluateItems':
      return `evaluate ${command.step}${command.added ? ` #${command.added.index}` : ''}`
    case 'evaluateTimer':
      return `evaluate ${command.step}`
    case 'armTimer':
      return `arm ${command.step || 'the run'} ${command.timer} ${command.atMs}`
    case 'proposeGrant':
      return `propose ${command.step}`
    case 'awaitSignal':
      return `await ${command.step} ${command.signal}`
    case 'answerCall':
      return `answer ${command.flow} ${command.key}: ${command.answer.kind}`
    case 'evaluateResult':
      return `${command.status}${command.result ? ` ${JSON.stringify(evaluated(command.result))}` : ''}${command.fault ? ` by ${command.fault.code} of ${command.fault.step ?? 'a user'}` : ''}`
  }
}
