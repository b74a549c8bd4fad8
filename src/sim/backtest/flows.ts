/**
 * Flows of a replay: their bodies are run, as after a crash, and their calls answered from the record by site and order.
 * Nothing is quiet while a body can still go on by itself.
 */
import {
  type Bound,
  type Command,
  callScopePath,
  calledStep,
  type FlowCall,
  type FlowRecord,
  type Input,
  type Node,
  type Outcome,
  type Region,
  type StepId,
} from '../../core/index.ts'
import type { WorkflowDefinition } from '../../dsl/definition.ts'
import { inline } from '../../exec/index.ts'
import type { Reports } from '../../exec/attempt.ts'
import { faultOf } from '../../exec/fault.ts'
import { executorBindings } from '../../run/bindings.ts'
import { realClock } from '../../run/clock.ts'
import type { Evaluation } from '../../run/evaluate/evaluation.ts'
import { newDesk } from '../../run/flow-desk.ts'
import type { Runnable } from '../../run/runnable.ts'
import type { Blobs } from '../../store/store.ts'
import { type Hash, hashText } from '../../util/hash.ts'
import { evaluate } from '../../values/index.ts'
import { newRandom, uuidOf } from '../random.ts'
import type { Instant, PastAttempt } from './past.ts'
import type { RunRecord } from './record.ts'
import type { Call, Timetable } from './timetable.ts'
import type { Unknown } from './unknown.ts'

type FlowNode = Extract<Node, { kind: 'flow' }>

export interface FlowsOptions {
  readonly run: string
  readonly runnable: Runnable
  readonly evaluation: Evaluation
  readonly library: Map<Hash, Region>
  readonly blobs: Blobs
  readonly traced: Map<WorkflowDefinition, Region>
  readonly records: (step: StepId) => readonly FlowRecord[]
  readonly times: Timetable
  readonly record: RunRecord
  readonly accept: (input: Input) => boolean
  readonly finish: (step: StepId, attempt: number, outcome: Outcome) => Call
  /** When a call to a workflow or a wait, by the path of its scope, was made then. */
  readonly madeAt: (path: string) => Instant | undefined
  /** The next attempt of this step is that of the record. */
  readonly startsAs: (step: StepId, record: PastAttempt | undefined) => void
  /** Whether these may be the same arguments. */
  readonly isLike: (then: readonly Bound[], now: readonly Bound[]) => boolean
  readonly unknown: (step: StepId, why: Unknown) => void
}

export interface Flows {
  begin(
    step: StepId,
    attempt: number,
    described: { readonly node: FlowNode; readonly args: readonly Bound[] },
    record: FlowRecording | undefined,
  ): void
  answer(command: Extract<Command, { kind: 'answerCall' }>, then: Instant | undefined): void
  /** Whether the step is a flow that runs. */
  stop(step: StepId): boolean
  /** Whether a body may go on by itself. */
  readonly isMoving: boolean
  /** Waits for one round of the event loop; the step of a flow that has not moved for long. */
  settle(): Promise<StepId | undefined>
  /** What still runs is stopped. */
  close(): void
}

/** `cut`: its process had died, and its body had not come so far again when it was stopped. */
export type FlowRecording = PastAttempt & { readonly progress: 'whole' | 'cut' }

interface Active {
  readonly attempt: number
  readonly controller: AbortController
  readonly progress: FlowRecording['progress']
  /** By how much its facts come later than they did. */
  shiftMs: number
}

const PATIENCE_MS = 10_000

export function newFlows(options: FlowsOptions): Flows {
  const { run, evaluation, times, accept, record } = options
  const desk = newDesk()
  const side = desk.deskOf(run)
  const active = new Map<StepId, Active>()
  const random = newRandom(Number.parseInt(hashText(run).slice(0, 8), 16), 'flows')
  const execute = inline(executorBindings(options.runnable.bindings, desk.runFlow))
  let movedAtMs = performance.now()

  const shiftOf = (flow: StepId): number => active.get(flow)?.shiftMs ?? 0
  const isCut = (flow: StepId): boolean => active.get(flow)?.progress === 'cut'
  const putLike = (at: Instant | undefined, flow: StepId, call: Call): void =>
    void (at ? times.at(at, shiftOf(flow), call) : times.soon(call))

  /** A call to a definition: known, as it was, or without a record. */
  const enqueueCall = (call: FlowCall): void => {
    const step = calledStep(call)
    const known = record.next(step, 'known')
    if (known)
      return void times.at(known.at, shiftOf(call.flow), atMs => {
        if (!options.isLike(known.args, call.args)) return options.unknown(step, 'arguments')
        const origin = { kind: 'run', run, step } as const
        accept({ kind: 'call.known', call, outcome: known.outcome, origin, atMs })
      })
    const next = record.next(step, 'attempts')
    if (!next && isCut(call.flow)) return
    putLike(next?.at, call.flow, atMs => {
      options.startsAs(step, next)
      accept({ kind: 'call.granted', call, worker: 'backtest', atMs })
    })
  }

  const submit = (input: Input): void => {
    if (input.kind === 'call.made') {
      const made = options.madeAt(callScopePath(input.call))
      if (!made && isCut(input.call.flow)) return
      return putLike(made, input.call.flow, atMs => void accept({ ...input, atMs }))
    }
    if (input.kind !== 'call.known') return void times.soon(atMs => void accept({ ...input, atMs } as Input)) // all have an instant
    const { call } = input
    const step = calledStep(call)
    const known = record.next(step, 'known')
    putLike(known?.at, call.flow, atMs => {
      if (!known && isDrawn(call)) options.unknown(step, 'new')
      accept({ ...input, outcome: known?.outcome ?? input.outcome, atMs })
    })
  }

  desk.add(run, {
    session: { submit, enqueueCall, reviveCall: () => undefined, noteRest: () => undefined },
    records: options.records,
    evaluation,
    bindings: options.runnable.bindings,
    past: new Map(),
    library: options.library,
    traced: options.traced,
    blobs: options.blobs,
    clock: { ...realClock, now: () => times.now.atMs, random, uuid: () => uuidOf(random) },
    warn: () => undefined,
  })

  const body = async (
    step: StepId,
    attempt: number,
    { node, args }: Parameters<Flows['begin']>[2],
  ): Promise<Outcome> => {
    const flow = active.get(step)
    if (!flow) return { kind: 'cancelled' }
    const { values, environment } = evaluation
    const where = { task: node.flow }
    try {
      const opened = {
        args: await Promise.all(args.map(arg => evaluate(arg, environment))),
        keep: (value: unknown) => values.encodeSoon(value, where),
        fault: (error: unknown, code?: string) => faultOf(error, values, node.flow, code),
      }
      const { signal } = flow.controller
      return await execute(
        {
          run,
          step,
          attempt,
          name: node.name,
          idempotencyKey: `${run}/${step}`,
          work: { kind: 'task', bundle: '', task: node.flow, executor: 'inline' },
          args,
          policy: node.policy,
          cwd: options.runnable.cwd,
          opened,
        },
        signal,
        SILENT,
      )
    } catch (error) {
      return { kind: 'failed', fault: await faultOf(error, values, node.flow, 'ARGUMENT_FAILED') }
    }
  }

  return {
    begin(step, attempt, described, recording) {
      const flow: Active = {
        attempt,
        controller: new AbortController(),
        progress: recording?.progress ?? 'whole',
        shiftMs: recording ? times.now.ms - recording.at.ms : 0,
      }
      active.set(step, flow)
      movedAtMs = performance.now()
      const over = recording?.end?.kind === 'ended' ? recording.end : undefined
      const isGivenUp = over?.outcome.kind === 'failed' && GIVEN_UP.has(over.outcome.fault.code)
      if (over && isGivenUp)
        times.at(over.at, flow.shiftMs, atMs => {
          if (active.get(step) !== flow) return
          active.delete(step)
          flow.controller.abort(new Error('out of time'))
          options.finish(step, attempt, over.outcome)(atMs)
        })
      void body(step, attempt, described).then(outcome => {
        if (active.get(step) !== flow) return
        active.delete(step)
        const finish = options.finish(step, attempt, outcome)
        // Stopped now, and not then.
        const isEarly = flow.controller.signal.aborted && recording?.stopped === undefined
        if (!flow.controller.signal.aborted && flow.progress === 'cut') return
        if (over && !isEarly) times.at(over.at, flow.shiftMs, finish)
        else times.soon(finish)
      })
    },
    answer({ flow, key, answer }, then) {
      movedAtMs = performance.now()
      const mine = active.get(flow)
      if (mine && then) mine.shiftMs = times.now.ms - then.ms
      side.answer(flow, key, answer)
    },
    stop(step) {
      const flow = active.get(step)
      flow?.controller.abort(new Error('cancelled'))
      movedAtMs = performance.now()
      return flow !== undefined
    },
    get isMoving() {
      for (const step of active.keys()) if (!side.isResting(step)) return true
      return false
    },
    async settle() {
      await new Promise<void>(resolve => setImmediate(resolve))
      if (performance.now() - movedAtMs < PATIENCE_MS) return undefined
      for (const step of active.keys()) if (!side.isResting(step)) return step
      return undefined
    },
    close() {
      for (const { controller } of active.values()) controller.abort(new Error('the replay is over'))
      active.clear()
      desk.remove(run)
    },
  }
}

/** Their bodies went on when the attempt was over. */
const GIVEN_UP: ReadonlySet<string> = new Set(['TIMEOUT', 'HEARTBEAT_TIMEOUT'])

/** What chance gave is in no record. */
const isDrawn = ({ target }: FlowCall): boolean =>
  target.kind === 'node' && (target.node.task === 'tutti.random' || target.node.task === 'tutti.uuid')

const SILENT: Reports = { line: () => undefined, record: () => undefined, alive: () => undefined, saw: () => undefined }
