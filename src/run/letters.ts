/**
 * The owner's side of a run's mailbox: letters become inputs, and their senders hear what became of them once that is
 * durable. A letter that is delivered twice, because the process died in between, changes nothing the second time.
 */
import type { Input } from '../core/index.ts'
import type { TracedBindings } from '../dsl/trace.ts'
import type { SchemaResult } from '../dsl/types.ts'
import type { Mail, Reply, Store } from '../store/store.ts'
import { Refusal } from '../util/diagnostic.ts'
import { unreachable } from '../util/unreachable.ts'
import type { ValueStore } from '../values/index.ts'
import type { Answered } from './askers.ts'
import type { Session } from './session.ts'

/** Does what a letter asks for; undefined when the session ended before, so that the letter waits for the next one. */
export type Receive = (mail: Mail, id: string) => Promise<Reply | undefined>

interface ReceiverOptions {
  readonly session: Session
  readonly values: ValueStore
  readonly bindings: TracedBindings
  readonly now: () => number
  /** Tells the run's own people of what was refused: the sender of a letter that was kept does not wait to hear it. */
  readonly warn: (text: string) => void
}

export function newReceiver({ session, values, bindings, now, warn }: ReceiverOptions): Receive {
  const ask = async (input: Input): Promise<Reply | undefined> => replyOf(await session.ask(input))

  const receive: Receive = async (mail, id) => {
    switch (mail.kind) {
      case 'cancel': {
        const { reason, scope, step } = mail
        return ask({
          kind: 'cancel.requested',
          reason,
          ...(scope === undefined ? {} : { scope }),
          ...(step === undefined ? {} : { step }),
          atMs: now(),
        })
      }
      case 'retry':
        return ask({ kind: 'retry.requested', step: mail.step, atMs: now() })
      case 'yield':
        return yielded(session, mail.withinMs)
      case 'signal': {
        const checked = await checkedSignal(mail, values, bindings)
        if (checked.kind === 'refused') return checked
        const { signal, step } = mail
        return ask({
          kind: 'signal.sent',
          signal,
          value: checked.value,
          id: mail.id ?? id,
          ...(step === undefined ? {} : { step }),
          atMs: now(),
        })
      }
      default:
        return unreachable(mail)
    }
  }

  // One after the other: signals are taken in the order in which they were sent, however long one's validator takes.
  let before: Promise<unknown> = Promise.resolve()
  return (mail, id) => {
    // Waits for what runs, and nobody else waits for it.
    if (mail.kind === 'yield') return receive(mail, id)
    const done = session.expect()
    const reply = before.then(() => receive(mail, id)).catch(refusedBy)
    before = reply.then(tell).finally(done)
    return reply
  }

  function tell(reply: Reply | undefined): void {
    if (reply?.kind === 'refused') warn(`warning: ${reply.code}: ${reply.message}`)
  }
}

/** Answered when it has happened: who asked may then take the run's lease. */
async function yielded(session: Session, withinMs: number): Promise<Reply | undefined> {
  const { run } = session
  const end = await session.yield(withinMs)
  if (end === 'kept')
    return {
      kind: 'refused',
      code: 'RUN_OWNED',
      message: `run '${run}' is driven by a process that does not let go of its runs`,
      hint: 'A workflow that tutti up keeps is taken to another version by tutti rewind.',
    }
  if (end === 'busy')
    return {
      kind: 'refused',
      code: 'RUN_OWNED',
      message: `run '${run}' is still busy after ${withinMs / 1_000} s; nothing was changed`,
      hint: 'Wait longer for what runs in it: --timeout.',
    }
  return end.kind === 'ended'
    ? { kind: 'refused', code: 'RUN_ENDED', message: `run '${run}' has ended` }
    : { kind: 'done' }
}

type Checked =
  | { readonly kind: 'accepted'; readonly value: Extract<Input, { kind: 'signal.sent' }>['value'] }
  | Extract<Reply, { kind: 'refused' }>

/** The value as the signal's validator gives it. */
async function checkedSignal(
  { signal, value }: Extract<Mail, { kind: 'signal' }>,
  values: ValueStore,
  bindings: TracedBindings,
): Promise<Checked> {
  const schema = bindings.signals.get(signal)
  if (!schema) return { kind: 'accepted', value: { kind: 'value', value, path: [] } }
  const result = await schema['~standard'].validate(await values.decode(value))
  if (result.issues) return { kind: 'refused', code: 'SIGNAL_INVALID', message: issuesText(signal, result.issues) }
  const kept = await values.encode(result.value, { task: signal, root: 'signal' })
  return { kind: 'accepted', value: { kind: 'value', value: kept, path: [] } }
}

/** What is wrong with a value, each issue behind the path that it is about. */
export const issuesText = (signal: string, issues: NonNullable<SchemaResult['issues']>): string =>
  issues
    .map(({ path = [], message }) => {
      const keys = path.map(part => String(typeof part === 'object' ? part.key : part))
      return `${[signal, ...keys].join('.')}: ${message}`
    })
    .join('; ')

function replyOf(answered: Answered): Reply | undefined {
  switch (answered.kind) {
    case 'accepted':
      return { kind: 'done' }
    case 'dropped':
      return undefined
    case 'refused':
      return refusalOf(answered)
    default:
      return unreachable(answered)
  }
}

function refusalOf({ code, message }: Extract<Answered, { kind: 'refused' }>): Reply {
  switch (code) {
    // The same letter again, or the same id: it has been done.
    case 'SIGNAL_REPEATED':
      return { kind: 'done' }
    case 'NOT_WAITING':
      return { kind: 'refused', code: 'STEP_NOT_PARKED', message, hint: 'Only a parked step takes another try.' }
    case 'UNKNOWN_STEP':
      return { kind: 'refused', code: 'STEP_UNKNOWN', message, hint: '`tutti show` lists the steps of a run.' }
    case 'SIGNAL_LOST':
      return { kind: 'refused', code, message, hint: 'Send it when the run waits for it.' }
    default:
      return { kind: 'refused', code, message }
  }
}

/** What cannot be read or kept: the sender's value, or the store. */
const refusedBy = (error: unknown): Reply => {
  const first = error instanceof Refusal ? error.diagnostics[0] : undefined
  return {
    kind: 'refused',
    code: first?.code ?? 'SIGNAL_INVALID',
    message: first?.message ?? String(error),
    ...(first?.hint === undefined ? {} : { hint: first.hint }),
  }
}

const RECEIVERS = new WeakMap<Store, Map<string, Receive>>()

/** Runs of this process, by the store that they are in. */
export function receiversOf(store: Store): Map<string, Receive> {
  const known = RECEIVERS.get(store) ?? new Map<string, Receive>()
  RECEIVERS.set(store, known)
  return known
}

export interface Postman {
  add(run: string, receive: Receive): void
  /** `ended`: the run takes no more letters, and their senders are told. */
  remove(run: string, why: 'ended' | 'stopped'): void
  /** Delivers what has come. */
  collect(): void
}

export function newPostman(store: Store): Postman {
  const receivers = receiversOf(store)
  const underWay = new Set<string>()

  const deliver = async (id: string, receive: Receive, mail: Mail): Promise<void> => {
    underWay.add(id)
    const reply = await receive(mail, id)
    if (reply) keep(() => [{ id, reply }])
    underWay.delete(id)
  }

  const keep = (replies: () => Parameters<Store['mailbox']['reply']>[0]): void => {
    try {
      store.mailbox.reply(replies())
    } catch (error) {
      // Closed or full meanwhile: the letters are still there, and will be delivered or refused again.
      if (!(error instanceof Refusal)) throw error
    }
  }

  return {
    add: (run, receive) => void receivers.set(run, receive),
    remove(run, why) {
      receivers.delete(run)
      if (why === 'stopped') return
      const message = `run '${run}' has ended`
      const reply = { kind: 'refused', code: 'RUN_ENDED', message } as const
      // What is under way may be why it has ended: that is answered by what became of it.
      const late = () => store.mailbox.open(new Set([run])).filter(({ id }) => !underWay.has(id))
      keep(() => late().map(({ id }) => ({ id, reply })))
    },
    collect() {
      for (const { id, run, mail } of store.mailbox.open(receivers)) {
        const receive = receivers.get(run)
        if (receive && !underWay.has(id)) void deliver(id, receive, mail)
      }
    },
  }
}
