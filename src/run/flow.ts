/**
 * Runs flows: a body whose calls become steps, and that is run again from the top after a crash.
 *
 *   F1. A call is matched to a record by site, definition and arguments; a task's record whose arguments differ is passed
 *       over, and the task computed.
 *   F2. An effect that matches no record waits while records are unclaimed. When nothing else can move, the flow has
 *       diverged: nothing is executed.
 *   F3. Answers are given one by one, in the order of the log, a macrotask apart: Promise.all and Promise.race come out
 *       the same after a crash at any event.
 *   F4. The body's end waits for the calls that it made: nothing of a flow runs on after it. It does not wait for waits:
 *       what still waits then has lost a race, or nobody asks for it.
 *   F5. No failure is lost: a call that failed and that the body never looked at fails the flow, unless the body itself threw.
 */
import type { Answer, Bound, Expr, Fault, FlowCall, FlowRecord, Input, Node, Outcome, StepId } from '../core/index.ts'
import { calledStep } from '../core/index.ts'
import type { Definition, WorkflowDefinition } from '../dsl/definition.ts'
import type { FlowHost, FlowWait } from '../dsl/flow-host.ts'
import type { Site } from '../dsl/hooks.ts'
import type { Schema } from '../dsl/types.ts'
import { hashText } from '../util/hash.ts'
import { canonicalJson, type Json } from '../util/json.ts'
import { showPosition } from '../util/diagnostic.ts'
import { unreachable } from '../util/unreachable.ts'
import type { Clock } from './clock.ts'
import { durationOf, instantOf } from './evaluate/instant.ts'

/** What a flow needs of the session that runs it. */
export interface FlowSession {
  /** The step of the flow, and what it called in this life of the run. */
  readonly step: StepId
  readonly records: readonly FlowRecord[]
  /** Calls of an earlier life, with the outcomes that are known of them. */
  readonly past: readonly PastCall[]
  encode(value: unknown, where: string): Promise<Bound>
  decode(bound: Bound): Promise<unknown>
  /** An error as the body catches it. */
  error(fault: Fault): Promise<unknown>
  /** The workflow's region, kept with the run, under its hash. */
  keepRegion(definition: WorkflowDefinition): Promise<{
    readonly hash: string
    readonly params: readonly string[]
    args(given: readonly unknown[]): readonly unknown[]
  }>
  submit(input: Input): void
  /** Queues a call for a slot. */
  enqueue(call: FlowCall): void
  /** A call that was in flight when the process died may go on: the body has asked for it again. */
  revive(call: FlowCall): void
  /** Its body can only go on when a call is answered. */
  rest(): void
  /** A flow waits for a signal of this name. */
  declareSignal(signal: string, schema: Schema | undefined): void
  /** The body did not ask again for a call that was in flight. */
  abandon(call: FlowCall): void
  addressOf(definition: Definition): string
  readonly clock: Clock
  readonly signal: AbortSignal
}

export interface PastCall {
  readonly call: FlowCall
  readonly outcome: Extract<Outcome, { kind: 'succeeded' }>
  readonly step: StepId
}

export interface FlowRunner {
  readonly host: FlowHost
  answer(key: string, answer: Answer): void
  /** F4. */
  drained(): Promise<void>
  /** Whether nothing can happen before another call is answered. */
  readonly isResting: boolean
}

/** A record that no call has claimed yet. */
type Unclaimed =
  | { readonly kind: 'record'; readonly record: FlowRecord }
  | { readonly kind: 'past'; readonly past: PastCall }

interface Waiter {
  readonly key: string
  readonly of: 'call' | 'wait'
  resolve(value: unknown): void
  reject(error: unknown): void
}

type Settling = Pick<Waiter, 'resolve' | 'reject'>

interface Held {
  readonly call: FlowCall
  readonly waiter: Settling
}

export function newFlowRunner(session: FlowSession): FlowRunner {
  const unclaimed: Unclaimed[] = [
    ...session.past.map(past => ({ kind: 'past', past }) as const),
    ...session.records.map(record => ({ kind: 'record', record }) as const),
  ]
  // Of equal calls each claims its own: the first that is made, the first that was made, whichever was answered first.
  unclaimed.sort((a, b) => ordinalOf(callOf(a)) - ordinalOf(callOf(b)))
  /** Answered, in the order of the log; given out from the front once claimed. */
  const answers = new Map<string, { readonly answer: Answer; readonly order: number }>()
  const waiters = new Map<string, Waiter>()
  /** Claimed and answered, in the order of the answers. */
  const deliverable: Deliverable[] = []
  const held: Held[] = []
  const ordinals = new Map<string, number>()
  const drains: (() => void)[] = []
  let pumping = false
  let order = 0
  let over = false
  /** Calls whose arguments are being encoded. */
  let encoding = 0

  for (const record of inAnswerOrder(session.records)) {
    if (record.answer) answers.set(record.call.key, { answer: record.answer, order: order++ })
  }
  for (const { call } of [...session.records, ...session.past]) noteOrdinal(ordinals, call)

  const pump = (): void => {
    if (pumping || over) return
    pumping = true
    session.clock.soon(async () => {
      const next = over ? undefined : deliverable.shift()
      // F3: a value that takes long to load is not overtaken by the next.
      if (next) await deliver(next.key)
      pumping = false
      if (over) return
      // The body goes on in microtasks; what it does next is seen in the next macrotask.
      if (next) return pump()
      if (held.length > 0) releaseHeld()
      if (drains.length > 0 && isDrained()) for (const drained of drains.splice(0)) drained()
      if (deliverable.length > 0) return pump()
      if (isResting()) session.rest()
    })
  }

  /** F4. */
  const isDrained = (): boolean => {
    for (const { of } of waiters.values()) if (of === 'call') return false
    return held.length === 0
  }

  const isResting = (): boolean =>
    !over && !pumping && encoding === 0 && waiters.size > 0 && held.length === 0 && deliverable.length === 0

  /** A call is waited for, or an answer has come: when both are there, its turn comes. */
  const match = (key: string): void => {
    const found = answers.get(key)
    if (found && waiters.has(key)) insertInOrder(deliverable, { key, order: found.order })
    pump()
  }

  const deliver = async (key: string): Promise<void> => {
    const waiter = waiters.get(key)
    const found = answers.get(key)
    if (!waiter || !found) return
    waiters.delete(key)
    answers.delete(key)
    const { answer } = found
    if (answer.kind === 'succeeded') await session.decode(answer.result).then(waiter.resolve, waiter.reject)
    else if (answer.kind === 'failed') await session.error(answer.fault).then(waiter.reject, waiter.reject)
    else waiter.reject(new Error('cancelled'))
  }

  /** F2: nothing can be delivered. While answers are still to come, the effects wait for them. */
  const releaseHeld = (): void => {
    if (waiters.size > 0 && [...waiters.keys()].some(key => !answers.has(key))) return
    if (unclaimed.length === 0) {
      for (const { call, waiter } of held.splice(0)) start(call, waiter)
      return
    }
    const [first] = held
    const [record] = unclaimed
    if (first && record) diverge(first.call, callOf(record))
  }

  const diverge = (call: FlowCall, recorded: FlowCall): void => {
    over = true
    const fault: Fault = {
      code: 'DIVERGED',
      message: `the flow now calls the effect ${show(call)}, but ${show(recorded)} is recorded and was not called again (step ${calledStep(recorded)})`,
      step: session.step,
    }
    session.submit({ kind: 'flow.diverged', step: session.step, fault, atMs: session.clock.now() })
    stop(Object.assign(new Error(fault.message), { code: fault.code }))
  }

  const stop = (error: unknown): void => {
    over = true
    for (const waiter of [...waiters.values(), ...held.map(each => each.waiter)]) waiter.reject(error)
    waiters.clear()
    held.length = 0
    for (const drained of drains.splice(0)) drained()
  }
  session.signal.addEventListener('abort', () => stop(session.signal.reason ?? new Error('cancelled')), { once: true })

  const start = (call: FlowCall, waiter: Settling): void => {
    waiters.set(call.key, { ...waiter, key: call.key, of: call.target.kind === 'wait' ? 'wait' : 'call' })
    if (call.target.kind !== 'node') session.submit({ kind: 'call.made', call, atMs: session.clock.now() })
    else session.enqueue(call)
  }

  const claim = (found: Unclaimed, waiter: Settling): void => {
    unclaimed.splice(unclaimed.indexOf(found), 1)
    const { call } = found.kind === 'record' ? found.record : found.past
    waiters.set(call.key, { ...waiter, key: call.key, of: call.target.kind === 'wait' ? 'wait' : 'call' })
    if (found.kind === 'past') {
      const { outcome, step } = found.past
      session.submit({ kind: 'call.known', call, outcome, origin: { kind: 'given', step }, atMs: session.clock.now() })
    }
    if (found.kind === 'record' && !found.record.answer) session.revive(call)
    match(call.key)
  }

  /** F1. */
  const make = (draft: Omit<FlowCall, 'key'>): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (over) return reject(new Error('the flow has been stopped'))
      const waiter = { resolve, reject }
      const exact = unclaimed.find(each => isSame(callOf(each), draft) && callOf(each).argsHash === draft.argsHash)
      if (exact) return claim(exact, waiter)
      const call: FlowCall = { ...draft, key: nextKey(ordinals, draft) }
      if (isEffect(draft) && unclaimed.length > 0) {
        held.push({ call, waiter })
        return pump()
      }
      // A task at the same place with other arguments: its record has been asked for, and does not fit.
      const stale = unclaimed.find(each => isSame(callOf(each), draft))
      if (stale) passOver(stale)
      start(call, waiter)
      pump()
    })

  const passOver = (stale: Unclaimed): void => {
    unclaimed.splice(unclaimed.indexOf(stale), 1)
    // What is still in flight would keep the flow from ending.
    if (stale.kind === 'record' && !stale.record.answer) session.abandon(stale.record.call)
  }

  const encodeAll = async (args: readonly unknown[], where: (index: number) => string): Promise<readonly Bound[]> => {
    encoding += 1
    try {
      return await Promise.all(args.map((arg, index) => session.encode(arg, where(index))))
    } finally {
      encoding -= 1
    }
  }

  const call = async (definition: Definition, args: readonly unknown[], site: Site | undefined): Promise<unknown> => {
    const siteId = site?.id ?? definition.name
    if (definition.kind === 'service') throw new Error(`defect: the service ${definition.name} was called in a flow`)
    if (definition.kind === 'workflow') return callWorkflow(definition, args, siteId)
    const bound = await encodeAll(args, index => `argument ${index + 1} of ${definition.name}`)
    return make({
      flow: session.step,
      site: siteId,
      args: bound,
      argsHash: hashArgs(bound),
      target: {
        kind: 'node',
        node: {
          kind: definition.kind,
          name: definition.name,
          task: session.addressOf(definition),
          policy: definition.policy,
          executor: 'executor' in definition ? definition.executor : 'inline',
          ...('dir' in definition && definition.dir ? { dir: definition.dir } : {}),
          ...(site ? { at: site.at } : {}),
        },
      },
    })
  }

  const callWorkflow = async (
    definition: WorkflowDefinition,
    args: readonly unknown[],
    site: string,
  ): Promise<unknown> => {
    const kept = await session.keepRegion(definition)
    const bound = await encodeAll(
      kept.args(args),
      index => `argument ${kept.params[index] ?? index + 1} of ${definition.name}`,
    )
    return make({
      flow: session.step,
      site,
      args: bound,
      argsHash: hashArgs(bound),
      target: { kind: 'workflow', workflow: definition.name, params: kept.params, region: kept.hash },
    })
  }

  const wait = async ({ name, policy, on }: FlowWait, site: Site | undefined): Promise<unknown> => {
    if (on.kind === 'signal') session.declareSignal(on.signal, on.schema)
    const args = waitArgs(on, session.clock.now())
    return make({
      flow: session.step,
      site: site?.id ?? name,
      args,
      argsHash: hashArgs(args),
      target: { kind: 'wait', node: { name, policy, on: waitNode(on), ...(site ? { at: site.at } : {}) } },
    })
  }

  const recorded = async (kind: 'now' | 'random' | 'uuid', site: Site | undefined): Promise<unknown> => {
    const draft: Omit<FlowCall, 'key'> = {
      flow: session.step,
      site: site?.id ?? kind,
      args: [],
      argsHash: hashArgs([]),
      target: {
        kind: 'node',
        node: { kind: 'task', name: kind, task: `tutti.${kind}`, policy: {}, executor: 'inline' },
      },
    }
    return new Promise((resolve, reject) => {
      if (over) return reject(new Error('the flow has been stopped'))
      const exact = unclaimed.find(each => isSame(callOf(each), draft))
      if (exact) return claim(exact, { resolve, reject })
      const made: FlowCall = { ...draft, key: nextKey(ordinals, draft) }
      waiters.set(made.key, { key: made.key, of: 'call', resolve, reject })
      session.encode(session.clock[kind](), kind).then(bound => {
        if (bound.kind !== 'value') throw new Error('defect: a recorded value is encoded')
        session.submit({
          kind: 'call.known',
          call: made,
          outcome: { kind: 'succeeded', output: bound.value },
          origin: { kind: 'given' },
          atMs: session.clock.now(),
        })
      }, reject)
    })
  }

  const host: FlowHost = { call, wait, recorded, open: new Set(), failures: [] }
  return {
    host,
    get isResting() {
      return isResting()
    },
    answer(key, answer) {
      answers.set(key, { answer, order: order++ })
      match(key)
    },
    drained: async () => {
      // A call whose arguments were just being awaited may make others.
      while (host.open.size > 0) await Promise.allSettled(host.open)
      for (const each of unclaimed.splice(0))
        if (each.kind === 'record' && !each.record.answer) session.abandon(each.record.call)
      if (over || isDrained()) return
      await new Promise<void>(resolve => {
        drains.push(resolve)
        pump()
      })
    },
  }
}

const callOf = (unclaimed: Unclaimed): FlowCall =>
  unclaimed.kind === 'record' ? unclaimed.record.call : unclaimed.past.call
function definitionNameOf({ target }: Pick<FlowCall, 'target'>): string {
  switch (target.kind) {
    case 'node':
      return target.node.task
    case 'wait':
      return target.node.on.kind === 'signal' ? `signal ${target.node.on.signal}` : target.node.on.kind
    case 'workflow':
      return target.workflow
    default:
      return unreachable(target)
  }
}

/** The call's argument is what a wait for time waits for; a signal has none. Refuses BAD_DURATION and BAD_INSTANT. */
function waitArgs(on: FlowWait['on'], nowMs: number): readonly Bound[] {
  switch (on.kind) {
    case 'timer':
      return [{ kind: 'literal', value: durationOf(on.duration) }]
    case 'instant':
      return [{ kind: 'literal', value: instantOf(on.instant, nowMs) }]
    case 'signal':
      return []
    default:
      return unreachable(on)
  }
}

const FROM_ARGUMENT: Expr = { kind: 'literal', value: null }

function waitNode(on: FlowWait['on']): Extract<Node, { kind: 'wait' }>['on'] {
  switch (on.kind) {
    case 'timer':
      return { kind: 'timer', duration: FROM_ARGUMENT }
    case 'instant':
      return { kind: 'instant', instant: FROM_ARGUMENT }
    case 'signal':
      return { kind: 'signal', signal: on.signal, type: on.type, early: on.early }
    default:
      return unreachable(on)
  }
}

const isSame = (a: Pick<FlowCall, 'site' | 'target'>, b: Pick<FlowCall, 'site' | 'target'>): boolean =>
  a.site === b.site && definitionNameOf(a) === definitionNameOf(b)
const isEffect = ({ target }: Pick<FlowCall, 'target'>): boolean =>
  target.kind === 'node' && target.node.kind === 'effect'
const hashArgs = (args: readonly Bound[]): string => hashText(canonicalJson(args as unknown as Json))
const inAnswerOrder = (records: readonly FlowRecord[]): readonly FlowRecord[] =>
  [...records].sort(
    (a, b) => (a.answer ? a.order : Number.POSITIVE_INFINITY) - (b.answer ? b.order : Number.POSITIVE_INFINITY) || 0,
  )

interface Deliverable {
  readonly key: string
  readonly order: number
}

/** Answers mostly come in order, so the place is found from the end. */
function insertInOrder(list: Deliverable[], next: Deliverable): void {
  let at = list.length
  while (at > 0 && (list[at - 1]?.order ?? 0) > next.order) at--
  list.splice(at, 0, next)
}

/** `site~order`, each new for its flow. */
function nextKey(ordinals: Map<string, number>, call: Pick<FlowCall, 'site' | 'target'>): string {
  const stem = call.site.replaceAll('/', '.')
  const ordinal = ordinals.get(stem) ?? 0
  ordinals.set(stem, ordinal + 1)
  return `${stem}~${ordinal}`
}

function noteOrdinal(ordinals: Map<string, number>, call: FlowCall): void {
  const stem = call.key.slice(0, call.key.lastIndexOf('~'))
  ordinals.set(stem, Math.max(ordinals.get(stem) ?? 0, ordinalOf(call) + 1))
}

const ordinalOf = ({ key }: FlowCall): number => Number(key.slice(key.lastIndexOf('~') + 1))

function show(call: FlowCall): string {
  const { target } = call
  const at = target.kind !== 'workflow' && target.node.at ? ` at ${showPosition(target.node.at)}` : ''
  const name = target.kind === 'workflow' ? target.workflow : target.node.name
  return `${name}(${call.args.map(showArg).join(', ')})${at}`
}

function showArg(arg: Bound): string {
  const text =
    arg.kind === 'value' ? (arg.value.inline ?? `${arg.value.codec} of ${arg.value.sizeBytes} bytes`) : arg.kind
  return text.length <= 80 ? text : `${text.slice(0, 77)}…`
}
